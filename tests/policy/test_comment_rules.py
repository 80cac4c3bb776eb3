"""Nobody is answered twice: not by two runs, not by a nightly job that finds the same comments again."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.api.comments import CreateComment
from agent.api.types import Account, Comment
from agent.planner.scripted import Step
from agent.policy.authors import by_us
from agent.policy.engine import decide
from tests.house import Home, call, finish, home_in
from tests.policy.helpers import ACCOUNT, FACTS, PACK

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


def test_an_account_with_a_limit_of_its_own_has_it_for_comments_too() -> None:
    usual = PACK.networks.linkedin
    assert usual.comment is not None
    more = usual.model_copy(update={"comment": usual.comment.model_copy(update={"value": 2000})})
    own = replace(PACK, own_limits={ACCOUNT["linkedin"]: {"linkedin": more}})
    reply = CreateComment(post_id=502, content="a" * 2001)
    shorter = CreateComment(post_id=502, content="a" * 2000)
    for call_made, pack, over in ((reply, PACK, "751"), (reply, own, "1"), (shorter, own, "")):
        found = [one.says for one in decide(call_made, FACTS, pack).findings if one.rule == "comments.length"]
        assert [f"The comment is {over} over on linkedin" in one for one in found] == ([True] if over else [])


def test_the_network_of_a_comment_is_known_however_it_is_spelled() -> None:
    ours = Account(id=101, platform="twitter", workspace_id=11, username="kilnhouse")
    facts = replace(FACTS, accounts={**FACTS.accounts, 101: ours})
    said = Comment.model_validate({"id": 40, "platform": "Twitter", "user": {"username": "@KilnHouse"}})
    assert by_us(said, facts.accounts)


async def test_a_reply_is_carried_out_although_its_own_card_waited(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        post, comment = await first_comment(home)
        read = [call("list_comments", post=post)]
        run = await home.run(GOAL, [read, [call("reply_to_comment", comment=comment, text="They do.")], finish()])
        await home.reviewer().approve(run.state.open_cards[0].card.number, "", ())
        assert home.operations() == ["CreateComment"]
