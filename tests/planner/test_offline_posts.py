"""Goals that make posts: what the offline planner calls, and what it says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.planner.offline.conversation import Digest
from agent.planner.offline.reading import read_goal
from agent.planner.offline.wishes import PostWish
from tests.planner.offline_talk import Desk, Talk, draft

pytestmark = pytest.mark.anyio


async def test_quoted_words_become_one_draft_for_two_networks() -> None:
    talk = Talk('Draft "We open at nine on Saturday." for LinkedIn and X')
    said = await talk.finish()
    assert talk.calls == [
        ("draft_post", {"workspace_id": 11, "accounts": [101, 102], "text": "We open at nine on Saturday."})
    ]
    assert said == {"said": "Draft 301 is ready for LinkedIn and X.", "refused": ""}


@pytest.mark.parametrize(
    ("words", "accounts"),
    [
        ("for LinkedIn", [101]),
        ("for linkedin and x", [101, 102]),
        ("on Twitter", [102]),
        ("on X/Twitter", [102]),
        ("for our LinkedIn page and our X account, please", [101, 102]),
        ("to Bluesky, X & LinkedIn", [103, 102, 101]),
        ("on Instagram", [104]),
        ("for account 103", [103]),
        ("for Facebook", [107]),
        ("on Mastodon at Harbour Coffee", [109]),
    ],
)
async def test_networks_choose_accounts(words: str, accounts: list[int]) -> None:
    assert (await draft(f'Draft "Hello there." {words}'))["accounts"] == accounts


@pytest.mark.parametrize(
    "goal",
    [
        'Please draft "Hello there." for X',
        "Could you write a post saying “Hello there.” for X?",
        'Make a draft for X: "Hello there."',
        'A post for X: "Hello there."',
        "I'd like to create a new draft 'Hello there.' on X",
        "Let’s prepare «Hello there.» for X, but do not publish it.",
        'Draft "Hello there." for X and never schedule or publish it',
        'Draft a post about our opening hours: "Hello there." for X',
    ],
)
async def test_the_same_goal_in_other_words(goal: str) -> None:
    talk = Talk(goal)
    await talk.finish()
    assert talk.calls == [("draft_post", {"workspace_id": 11, "accounts": [102], "text": "Hello there."})]


QUOTABLE = st.text(min_size=2, max_size=200).filter(lambda text: not re.search("[\"“”„«»'\ud800-\udfff]", text))


@given(QUOTABLE)
def test_quoted_words_are_never_changed(text: str) -> None:
    wish = read_goal(f'Schedule "{text}" on LinkedIn for next Friday 9:00', Digest())
    assert isinstance(wish, PostWish)
    assert [piece.texts for piece in wish.pieces] == [(text,)] or wish.media


async def test_two_workspaces_get_a_draft_each() -> None:
    talk = Talk('Draft "Hello there." for LinkedIn and Facebook')
    said = await talk.finish()
    assert [(made["workspace_id"], made["accounts"]) for made in talk.made("draft_post")] == [(11, [101]), (12, [107])]
    assert talk.turns == [["draft_post", "draft_post"], ["finish"]]
    assert said["said"] == "Draft 301 is ready for LinkedIn. Draft 302 is ready for Facebook."


async def test_everywhere_leaves_out_what_cannot_be_and_says_so() -> None:
    talk = Talk('Draft "Hello there." everywhere')
    said = await talk.finish()
    assert [made["accounts"] for made in talk.made("draft_post")] == [[101, 102, 103], [107, 109]]
    assert "Instagram is left out: it needs a picture or video." in said["refused"]
    assert "Pinterest 111" in said["refused"] and "expired" in said["refused"]


async def test_words_of_their_own_for_each_network() -> None:
    talk = Talk('Draft "A long text." for LinkedIn and "A short one." for X')
    await talk.finish()
    assert [(made["accounts"], made["text"]) for made in talk.made("draft_post")] == [
        ([101], "A long text."),
        ([102], "A short one."),
    ]


async def test_several_quotations_are_several_drafts() -> None:
    talk = Talk('Draft "One.", "Two." and "Three." for LinkedIn')
    await talk.finish()
    assert [made["text"] for made in talk.made("draft_post")] == ["One.", "Two.", "Three."]


async def test_three_drafts_about_a_subject_differ_and_get_no_time() -> None:
    talk = Talk("Make three drafts about spring mugs over next week for LinkedIn")
    said = await talk.finish()
    texts = [made["text"] for made in talk.made("draft_post")]
    assert len(set(texts)) == 3 and all("spring mugs" in text for text in texts)
    assert {name for name, _ in talk.calls} == {"draft_post"}
    assert "No time is set" in said["said"]


@pytest.mark.parametrize(
    ("goal", "text"),
    [
        ("Write a post about our opening hours for X", "A note about our opening hours."),
        ("Write a post for X about the v2.0 release.", "A note about the v2.0 release."),
        ("Draft a post on the subject of tomorrow's market for X", "A note about tomorrow's market."),
        ("Announce the beta on X", "We are announcing the beta."),
        (
            "Draft a post about the market with the link https://a.example/m for X",
            "A note about the market. https://a.example/m",
        ),
    ],
)
async def test_a_plain_sentence_where_no_words_are_quoted(goal: str, text: str) -> None:
    assert (await draft(goal))["text"] == text


async def test_a_link_follows_the_quoted_words() -> None:
    made = await draft('Draft "Visit us." for LinkedIn with the link https://a.example/x')
    assert made["text"] == "Visit us. https://a.example/x"


# -- scheduling and publishing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goal", "at"),
    [
        ('Schedule "Hello." for next Tuesday 9:00 on LinkedIn', "2026-12-01 09:00"),
        ('Schedule "Hello." on LinkedIn for tomorrow at 9 am', "2026-11-25 09:00"),
        ('Draft "Hello." for LinkedIn and schedule it for 1 December at 17:30', "2026-12-01 17:30"),
        ('Post "Hello." on LinkedIn in 3 days at noon', "2026-11-27 12:00"),
        ('Write a post "Hello." for LinkedIn, scheduled for Friday at 9:00', "2026-11-27 09:00"),
        ("Announce the beta on LinkedIn next Tuesday morning", "2026-12-01 09:00"),
        ("Schedule a post about the market on Saturday at 8:00 on LinkedIn", "2026-11-28 08:00"),
    ],
)
async def test_scheduling_drafts_first(goal: str, at: str) -> None:
    talk = Talk(goal)
    said = await talk.finish()
    assert talk.turns == [["draft_post"], ["schedule_post"], ["finish"]]
    assert talk.made("schedule_post") == [{"post": 301, "at": at}]
    assert said["said"] == f"Draft 301 is ready for LinkedIn. Scheduling 301 for {at} (Europe/Berlin) waits as card 1."


async def test_the_next_free_slot_is_left_to_the_service() -> None:
    talk = Talk('Schedule "Hello." on X for the next free slot')
    await talk.finish()
    assert talk.made("schedule_post") == [{"post": 301, "next_slot": True}]


async def test_each_workspace_keeps_its_own_clock() -> None:
    talk = Talk('Schedule "Hello." for LinkedIn and Facebook today at 9:00')
    said = await talk.finish()
    assert said["refused"].startswith("2026-11-24 09:00 has passed")
    assert talk.calls == []
    talk = Talk('Schedule "Hello." for LinkedIn and Facebook at 9:00')
    await talk.finish()
    assert [made["at"] for made in talk.made("schedule_post")] == ["2026-11-25 09:00", "2026-11-24 09:00"]


async def test_posts_spread_over_a_week() -> None:
    talk = Talk("Schedule three posts about spring mugs over next week at 9:00 for LinkedIn")
    await talk.finish()
    assert [(made["post"], made["at"]) for made in talk.made("schedule_post")] == [
        (301, "2026-11-30 09:00"),
        (302, "2026-12-02 09:00"),
        (303, "2026-12-04 09:00"),
    ]


@pytest.mark.parametrize(
    "goal",
    [
        'Publish "We are open." on X now',
        'Post "We are open." to X right away',
        'Draft "We are open." for X and publish it',
        'Share "We are open." on X',
    ],
)
async def test_publishing_now(goal: str) -> None:
    talk = Talk(goal)
    said = await talk.finish()
    assert talk.calls[1:] == [("publish_post", {"post": 301})]
    assert said["said"] == "Draft 301 is ready for X. Publishing 301 waits as card 1."


async def test_an_applied_promotion_is_told_as_done() -> None:
    desk = Desk(publish_post=lambda _: {"done": "Publish", "result": {"id": 301}})
    said = await Talk('Publish "We are open." on X', desk=desk).finish()
    assert said["said"].endswith("301 is being published.")
