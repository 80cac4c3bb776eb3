"""What the offline planner makes of answers: of a person to its questions, of tools to its calls."""

import json
from typing import Any

import pytest

from agent.planner.offline.answers import read_answer
from tests.planner.offline_talk import SHOP, TWO_LINKEDIN, Desk, Talk, draft, found

pytestmark = pytest.mark.anyio

LABELS = found("labels", {"id": 21, "name": "Launch"}, {"id": 22, "name": "Spring"})


async def test_no_network_is_asked_for() -> None:
    talk = Talk('Draft "Hello." at Fern & Clay')
    assert "Connected are Bluesky, Instagram, LinkedIn, X and YouTube" in await talk.question()
    talk.reply("LinkedIn and X, please")
    await talk.finish()
    assert talk.made("draft_post")[0]["accounts"] == [101, 102]


async def test_the_only_account_is_taken() -> None:
    alone = [SHOP[0] | {"accounts": SHOP[0]["accounts"][:1]}]
    assert (await draft('Draft "Hello."', digest=alone))["accounts"] == [101]


@pytest.mark.parametrize(
    ("reply", "accounts"),
    [
        ("120", [120]),
        ("the one of Fern & Clay", [101]),
        ("Café", [120]),
        ("both", [101, 120]),
        ("All of them.", [101, 120]),
    ],
)
async def test_of_two_accounts_one_is_asked_for(reply: str, accounts: list[int]) -> None:
    talk = Talk('Draft "Hello." for LinkedIn', digest=TWO_LINKEDIN)
    assert "LinkedIn 101 Fern & Clay (Fern & Clay); LinkedIn 120 Café (Harbour Coffee)" in await talk.question()
    talk.reply(reply)
    await talk.finish()
    assert [key for made in talk.made("draft_post") for key in made["accounts"]] == accounts


async def test_a_named_workspace_spares_the_question() -> None:
    made = await draft('Draft "Hello." for LinkedIn in Harbour Coffee', digest=TWO_LINKEDIN)
    assert (made["workspace_id"], made["accounts"]) == (12, [120])


@pytest.mark.parametrize(
    ("goal", "replies", "call"),
    [
        ('Schedule "Hello." on X', ["Friday 9:00"], {"post": 301, "at": "2026-11-27 09:00"}),
        ('Schedule "Hello." on X for Friday', ["at 9"], {"post": 301, "at": "2026-11-27 09:00"}),
        ('Schedule "Hello." on X', ["on Friday", "noon"], {"post": 301, "at": "2026-11-27 12:00"}),
        ('Schedule "Hello." on X', ["the next free slot"], {"post": 301, "next_slot": True}),
    ],
)
async def test_a_missing_time_is_asked_for(goal: str, replies: list[str], call: dict[str, Any]) -> None:
    talk = Talk(goal)
    for reply in replies:
        await talk.question()
        talk.reply(reply)
    await talk.finish()
    assert talk.made("schedule_post") == [call]


@pytest.mark.parametrize(
    ("goal", "reply"),
    [
        ('Schedule "Hello." on X', "whenever"),
        ('Schedule "Hello." on X for Friday', "you decide"),
        ('Draft "Hello."', "the good ones"),
        ('Draft "Hello." for LinkedIn', "neither"),
    ],
)
async def test_an_answer_that_is_not_understood_ends_the_goal(goal: str, reply: str) -> None:
    talk = Talk(goal, digest=TWO_LINKEDIN if "LinkedIn" in goal else SHOP)
    await talk.question()
    talk.reply(reply)
    said = await talk.finish()
    assert reply in said["refused"] and said["said"] == "Nothing was done."
    assert {name for name, _ in talk.calls} == {"ask"}


# -- refusals ----------------------------------------------------------------------------------------------------


def denies_first(why: str) -> Desk:
    """Tools whose first draft is denied for this reason."""
    left = [{"denied": "Draft", "why": [why]}]
    return Desk(draft_post=lambda _: left.pop() if left else {"done": "Draft", "result": {"id": 400}})


@pytest.mark.parametrize(
    ("goal", "why", "without"),
    [
        (
            'Draft "Hi all." for LinkedIn and X',
            "The connection of account 102 is gone. [target.accounts]",
            "account 102",
        ),
        (
            'Draft "Hi all." for LinkedIn with first comment "Ask us."',
            "A first comment is too long. [post.x]",
            "the first comment",
        ),
        (
            'Draft "Hi all." for LinkedIn with the label "Spring"',
            "Label 22 is not of this workspace. [x]",
            "the labels",
        ),
    ],
)
async def test_a_denied_draft_is_mended_once_where_the_reason_names_what_can_go(
    goal: str, why: str, without: str
) -> None:
    desk = denies_first(why)
    desk_with_labels = Desk(draft_post=lambda given: desk.answer("draft_post", given), list_labels=LABELS)
    talk = Talk(goal, desk=desk_with_labels)
    said = await talk.finish()
    assert talk.turns[-3:] == [["draft_post"], ["draft_post"], ["finish"]]
    first, second = talk.made("draft_post")
    assert first != second and second.items() <= {**first, "accounts": second["accounts"]}.items()
    assert said["said"].startswith("Draft 400 is ready")
    assert said["refused"] == f"Left out {without}: {why}"


async def test_a_denied_draft_without_a_way_out_is_told() -> None:
    desk = Desk(draft_post=lambda _: {"denied": "Draft", "why": ["The text holds a secret. [text.secret]"]})
    talk = Talk('Publish "Hi all." on X', desk=desk)
    said = await talk.finish()
    assert talk.turns == [["draft_post"], ["finish"]]
    assert said == {
        "said": "Nothing was done.",
        "refused": "The draft for X was not saved: The text holds a secret. [text.secret]",
    }


async def test_a_denied_promotion_leaves_the_draft_and_says_why() -> None:
    desk = Desk(schedule_post=lambda _: {"denied": "Schedule", "why": ["Nothing goes out at night. [time.quiet]"]})
    said = await Talk('Schedule "Hi all." on X for tomorrow at 3:00', desk=desk).finish()
    assert said["said"] == "Draft 301 is ready for X."
    assert said["refused"].endswith("was not possible: Nothing goes out at night. [time.quiet]")


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "no answer", "says": "No answer came back."},
        {"unknown": "Draft", "next": "A person looks after it."},
        {"failed": "Draft", "why": "It broke."},
    ],
)
async def test_a_lost_draft_is_not_repeated(answer: dict[str, Any]) -> None:
    talk = Talk('Publish "Hi all." on X', desk=Desk(draft_post=lambda _: answer))
    said = await talk.finish()
    assert talk.turns == [["draft_post"], ["finish"]]
    assert said["refused"].startswith("The draft for X was not saved: ")
    assert all(str(words) in said["refused"] for words in answer.values())


async def test_what_a_draft_lacks_is_told() -> None:
    why = "when it is scheduled or published: instagram needs a picture. [post.media]"
    desk = Desk(draft_post=lambda _: {"done": "Draft", "result": {"id": 301}, "why": [why]})
    said = await Talk('Draft "Hi all." for Instagram', desk=desk).finish()
    assert said == {"said": f"Draft 301 is ready for Instagram. Draft 301: {why}", "refused": ""}


async def test_a_held_draft_is_not_promoted() -> None:
    talk = Talk('Publish "Hi all." on X', desk=Desk(draft_post=lambda _: {"waiting": "card 9", "call": "Draft"}))
    said = await talk.finish()
    assert [name for name, _ in talk.calls] == ["draft_post"]
    assert said["said"] == "The draft for X waits as card 9."


async def test_a_network_that_is_not_connected_is_told() -> None:
    talk = Talk('Draft "Hi all." for X and Telegram')
    said = await talk.finish()
    assert [made["accounts"] for made in talk.made("draft_post")] == [[102]]
    assert said["refused"].startswith("No account for Telegram is connected there")
    said = await Talk('Draft "Hi all." for Telegram').finish()
    assert said["said"] == "Nothing was done."


def test_one_answer_may_hold_rows_and_failures() -> None:
    rows = [{"post": 1001, "total": {"likes": 1}}, {"failed": "Numbers of 99", "error": "not found", "says": "Gone."}]
    answer = read_answer(json.dumps({"results": rows}))
    assert list(answer.keyed) == [1001] and answer.problems == ("not found: Gone.",)
    assert list(read_answer(json.dumps(rows[0])).keyed) == [1001]


def test_what_was_skipped_is_counted_by_its_reason() -> None:
    answer = read_answer(json.dumps({"comments": [{"id": 5}], "skipped": {"resolved": 2, "odd": "x"}}))
    assert answer.skipped == {"resolved": 2} and list(answer.keyed) == [5]
    assert read_answer(json.dumps({"comments": [], "skipped": "many"})).skipped == {}
