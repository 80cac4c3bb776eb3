"""Goals about what is out, end to end: comments nobody answered, and numbers; judged by the sandbox's own log."""

import re
import time
from pathlib import Path

import pytest

from agent.report import RunReport
from tests.house import Home
from tests.planner.goals import FEW, NOTHING_THERE, arguments, bodies, carry_out, nothing_done, post_called, shop, world

pytestmark = pytest.mark.anyio

TWO_OUT = (
    NOTHING_THERE
    + """
posts:
  - workspace: fern-and-clay
    text: One
    accounts: [linkedin]
    status: published
    at: -1d 09:00
    metrics: {impressions: 1000, likes: 10, comments: 1, shares: 2, quotes: 0, saves: 0}
  - workspace: fern-and-clay
    text: Two
    accounts: [linkedin]
    status: published
    at: -1d 10:00
    metrics: {impressions: 500, likes: 30, comments: 0, shares: 0, quotes: 0, saves: 4}
"""
)


# -- replies -----------------------------------------------------------------------------------------------------------


def replied_to(told: RunReport) -> list[int]:
    """The comments that cards reply to, one card each."""
    assert all(len(card.calls) == 1 and card.operation == "CreateComment" for card in told.cards)
    return sorted(arguments(card)[0]["parent_comment_id"] for card in told.cards)


def comments_of(home: Home, *posts: int) -> dict[int, str]:
    """Texts of the social comments without reply that are not resolved, by their ids."""
    return {
        comment["id"]: comment["text"]
        for post in home.box.export()["posts"]
        if post["id"] in posts
        for comment in post.get("comments", ())
        if not comment.get("resolved") and not comment.get("replies")
    }


async def test_replies_go_to_every_unanswered_comment_of_the_last_seven_days(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Reply to the unanswered comments")
        recent = [post_called(home, words) for words in ("The spring glazes", "Watch a bowl", "Cold brew season")]
        assert told.outcome == "held" and home.operations() == []
        assert replied_to(told) == sorted(comments_of(home, *recent))
        assert {arguments(card)[0]["content"] for card in told.cards} == {"Thank you for your comment."}
        assert "1 with a reply and 1 resolved" in told.said and not told.denied
        # Listing, reading, replying, finishing: everything of a kind in one turn.
        assert told.turns == 4


async def test_an_approved_reply_is_sent_below_its_comment_and_then_counts_as_answered(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        goal = f"Reply to the unanswered comments on post {post_called(home, 'The spring glazes')}"
        first = await carry_out(home, goal)
        for card in first.cards:
            await home.reviewer().approve(card.number, "", ())
        sent = bodies(home, "CreateComment")
        assert sorted(body["parent_comment_id"] for body in sent) == replied_to(first) and len(sent) == 3
        again = await carry_out(home, goal)
        assert again.outcome == "done" and not again.cards and not again.denied
        assert "4 with a reply" in again.said and len(bodies(home, "CreateComment")) == 3


async def test_quoted_words_are_the_reply_and_the_post_is_the_named_one(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        post = post_called(home, "Cold brew season")
        told = await carry_out(
            home, f'Reply "Thank you, we write back by mail." to the unanswered comments on post {post}'
        )
        assert replied_to(told) == sorted(comments_of(home, post)) and len(told.cards) == 4
        assert {arguments(card)[0]["content"] for card in told.cards} == {"Thank you, we write back by mail."}


async def test_replies_of_one_workspace_and_of_a_post_by_its_words(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Answer the unanswered comments at Fern & Clay")
        fern = [post_called(home, words) for words in ("The spring glazes", "Watch a bowl")]
        assert {arguments(card)[0]["post_id"] for card in told.cards} == set(fern)
        again = await carry_out(home, 'Answer the unanswered comments on the post "The spring glazes"')
        assert not again.cards and "whose reply waits" in again.said, (
            "what waits for a person is not put before them twice"
        )
    async with shop(tmp_path / "other") as home:
        told = await carry_out(home, 'Answer the unanswered comments on the post "The spring glazes"')
        assert {arguments(card)[0]["post_id"] for card in told.cards} == {post_called(home, "The spring glazes")}


async def test_a_hostile_comment_is_only_text(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        hiring = post_called(home, "We are hiring")
        told = await carry_out(home, f"Reply to the unanswered comments on post {hiring}")
        assert home.operations() == [] and told.outcome == "held"
        [card] = told.cards
        assert arguments(card) == [
            {
                "post_id": hiring,
                "parent_comment_id": next(key for key, text in comments_of(home, hiring).items() if "SYSTEM" in text),
                "content": "Thank you for your comment.",
            }
        ]
        assert told.said == "Skipped comments: 1 resolved. 1 reply waits as card 1, to comment 5002."


async def test_where_nothing_waits_nothing_is_replied(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        gift_cards = post_called(home, "Gift cards are back")
        told = await carry_out(home, f"Reply to the unanswered comments on post {gift_cards}")
        assert nothing_done(home, told, f"No comment on {gift_cards} waits for a reply.") and told.outcome == "done"
        told = await carry_out(home, "Reply to the unanswered comments on post 999")
        assert nothing_done(home, told, "Post 999 could not be read: not found") and told.outcome == "refused"
        told = await carry_out(home, 'Reply to the unanswered comments on the post "No such words"')
        assert nothing_done(home, told, 'There is no published post that contains "No such words".')
    async with world(tmp_path / "empty", NOTHING_THERE) as home:
        told = await carry_out(home, "Reply to the unanswered comments")
        assert nothing_done(home, told, "Nothing was published from 2026-11-17 to 2026-11-24")


async def test_more_comments_than_cards_are_left_for_another_goal(tmp_path: Path) -> None:
    row = "\n      - {{author: Jo {0}, platform: linkedin, text: Number {0}}}"
    many = "".join(row.format(number) for number in range(30))
    post = "  - workspace: fern-and-clay\n    text: Much asked\n    accounts: [linkedin]\n    status: published\n"
    async with shop(tmp_path, posts=f"{post}    at: -1d 09:00\n    comments:{many}\n") as home:
        told = await carry_out(home, f"Reply to the unanswered comments on post {post_called(home, 'Much asked')}")
        assert told.outcome == "held" and len(replied_to(told)) == 20
        assert told.refused == "10 more comments wait: ask again once these replies are decided."


# -- numbers -----------------------------------------------------------------------------------------------------------


def refreshed(home: Home) -> list[int]:
    """The posts whose numbers were refreshed, in order."""
    return [int(effect["path"].split("/")[3]) for effect in home.writes()]


@pytest.mark.parametrize(
    "goal", ["How did last week go?", "Report on last week's posts", "How did our posts do over the last 7 days?"]
)
async def test_a_week_is_told_after_one_refresh_of_what_is_stale(goal: str, tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, goal)
        week = [post_called(home, words) for words in ("The spring glazes", "Watch a bowl", "Cold brew season")]
        assert told.outcome == "done" and set(home.operations()) == {"SyncPostAnalytics"}
        assert sorted(refreshed(home)) == sorted(week) and not told.denied and not told.cards
        assert "3 posts went out from 2026-11-1" in told.said and "Together: " in told.said
        assert f"{week[1]} (“Watch a bowl grow out of a lump of clay…”) did best" in told.said
        # Finding, numbers, refresh, numbers again, telling.
        assert told.turns == 5


def figures(said: str, name: str) -> list[int]:
    """All figures of a name that a report tells, in order."""
    return [int(count.replace(",", "")) for count in re.findall(rf"([\d,]+) {name}s?\b", said)]


async def test_totals_are_the_sum_of_the_posts_and_the_best_has_most_reactions(tmp_path: Path) -> None:
    async with world(tmp_path, TWO_OUT) as home:
        told = await carry_out(home, "How did yesterday go?")
        assert told.said.startswith("2 posts went out on 2026-11-23. Together: ")
        for name in ("impression", "like", "share", "save"):
            total, *each = figures(told.said, name)
            assert total == sum(each) > 0 and len(each) == 2
        best = max(figures(told.said, "reaction"))
        assert best >= 34 and f"(“Two”) did best, with {best} reactions." in told.said


async def test_what_was_refreshed_lately_is_not_refreshed_again(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        await carry_out(home, "How did last week go?")
        before = refreshed(home)
        told = await carry_out(home, "How did last week go?")
        assert refreshed(home) == before and not told.denied and "did best" in told.said
        assert told.turns == 3


async def test_the_numbers_of_named_posts(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        kiln = post_called(home, "Opening the kiln")
        told = await carry_out(home, f"Show the numbers of post {kiln}")
        assert refreshed(home) == [kiln]
        assert re.fullmatch(
            rf"Post {kiln}: 4,3\d\d impressions, \d+ likes, \d+ comments, \d+ shares and \d+ saves.", told.said
        )
        told = await carry_out(home, 'Show the numbers of the post "The spring glazes"')
        assert refreshed(home) == [kiln, post_called(home, "The spring glazes")]


async def test_one_post_that_is_not_there_spoils_no_other(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        kiln = post_called(home, "Opening the kiln")
        told = await carry_out(home, f"Show the numbers of posts {kiln} and 999")
        assert told.said.startswith(f"Post {kiln}: 4,3")
        assert told.refused.startswith("The numbers of 999 could not be read: not found") and refreshed(home) == [kiln]


async def test_a_report_without_posts_or_numbers_says_so(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "How did yesterday go?")
        assert nothing_done(home, told, "Nothing was published on 2026-11-23.") and told.outcome == "done"
        told = await carry_out(home, "How is this week going?")
        assert nothing_done(home, told, "Nothing was published from 2026-11-23 to 2026-11-24.")
        told = await carry_out(home, "Show the numbers of post 999")
        assert nothing_done(home, told, "The numbers of 999 could not be read") and told.outcome == "refused"
        draft = post_called(home, "test post please")
        told = await carry_out(home, f"Show the numbers of post {draft}")
        assert nothing_done(home, told, f"{draft} is not out: there are no numbers.")
        told = await carry_out(home, "How did our posts do?")
        assert nothing_done(home, told) and told.outcome == "refused"


async def test_a_service_that_refreshes_nothing_is_told(tmp_path: Path) -> None:
    async with world(tmp_path, "subscribed: false\n" + FEW) as home:
        told = await carry_out(home, "How did yesterday go?")
        assert home.writes() == [] and "1 post went out on 2026-11-23." in told.said
        assert told.refused == "PostSyncer does not refresh the numbers of 1001 now."


@pytest.mark.parametrize("goal", ["Reply to the unanswered comments", "How did last week go?"])
async def test_a_goal_ends_soon(goal: str, tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        began = time.perf_counter()
        told = await carry_out(home, goal)
        assert told.outcome in {"done", "held"} and time.perf_counter() - began < 2
