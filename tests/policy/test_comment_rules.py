"""Nobody is answered twice: not by two runs, not by a nightly job that finds the same comments again."""

from pathlib import Path

import pytest

from agent.planner.scripted import Step
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio

GOAL = "Answer the comments of post 1014"


async def first_comment(home: Home) -> tuple[int, int]:
    post = next(one for one in home.box.export()["posts"] if "spring glazes" in str(one))
    comment = next(one for one in post["comments"] if "dishwasher" in str(one))
    return int(post["id"]), int(comment["id"])


async def test_a_comment_with_a_waiting_reply_is_not_answered_by_another_run(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        post, comment = await first_comment(home)
        read = [call("list_comments", post=post, unanswered_only=True)]
        steps: list[Step] = [read, [call("reply_to_comment", comment=comment, text="They do.")], finish()]
        first = await home.run(GOAL, steps)
        [card] = first.state.open_cards
        other: list[Step] = [[call("reply_to_comment", comment=comment, text="Yes, they do!")], finish()]
        second = await home.run(GOAL, [read, *other])
        assert not second.state.open_cards
        [denied] = home.report(second).denied
        assert f"Card {card.card.number} already answers comment {comment}" in denied.findings[0].says
        listed = second.state.turns[0].answers[0]
        assert '"a card waits":1' in listed and f'"id":{comment},' not in listed
        await home.reviewer().reject(card.card.number, "no", delete_draft=False)
        third = await home.run(GOAL, [read, *other])
        assert '"reply turned down":1' in third.state.turns[0].answers[0]
        [held] = third.state.open_cards
        says = [finding.says for finding in held.card.parts[0].findings]
        assert f"A reply to comment {comment} was rejected before (card {card.card.number})." in says


async def test_a_reply_is_carried_out_although_its_own_card_waited(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        post, comment = await first_comment(home)
        read = [call("list_comments", post=post)]
        run = await home.run(GOAL, [read, [call("reply_to_comment", comment=comment, text="They do.")], finish()])
        await home.reviewer().approve(run.state.open_cards[0].card.number, "", ())
        assert home.operations() == ["CreateComment"]
