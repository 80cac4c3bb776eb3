"""A long text of the model's own, end to end: a thread where there are threads, whole where it fits, told exactly."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.journal.run import Run
from tests.house import call, finish, home_in
from tests.planner.goals import BLUESKY, LINKEDIN, X, accounts, drafts, texts

pytestmark = pytest.mark.anyio

LONG = "We open the kiln at nine. " * 12 + "Come by."
TWO = ["We open the kiln at nine. " * 9 + "We open the kiln at nine.", "We open the kiln at nine. " * 2 + "Come by."]
GOAL = "Draft a longer post about the kiln"


def answer(run: Run, turn: int = 0) -> Any:
    return json.loads(run.state.turns[turn].answers[0])


async def test_a_long_draft_becomes_a_thread_and_says_so(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run(GOAL, [[call("draft_post", workspace_id=11, accounts=[X, BLUESKY], text=LONG)], finish()])
        [body] = drafts(home)
        assert texts(body) == TWO and accounts(body) == [X, BLUESKY]
        [changed] = answer(run)["changed_before_sending"]
        assert "40 over on twitter (320 of 280 weighted characters): it becomes 2 parts" in changed
        assert TWO[1] in changed and "[post.split]" in changed


async def test_only_the_networks_that_need_it_get_a_thread(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        wanted = call("draft_post", workspace_id=11, accounts=[LINKEDIN, X], text=LONG)
        run = await home.run(GOAL, [[wanted], finish()])
        assert [(accounts(body), texts(body)) for body in drafts(home)] == [([LINKEDIN], [LONG]), ([X], TWO)]
        told = answer(run)
        assert len(told["results"]) == 2 and "to_mend_before_it_goes_out" not in json.dumps(told)
        assert told["notes"] == ["The text is too long for twitter: there it gets a draft of its own, as a thread."]


async def test_a_long_text_nobody_can_cut_is_told_exactly_and_mended_in_one_turn(tmp_path: Path) -> None:
    word = "a" * 281
    async with home_in(tmp_path) as home:
        run = await home.run(
            "Schedule a post for X tomorrow at 9:00",
            [
                [call("draft_post", workspace_id=11, accounts=[X], text=word)],
                [call("schedule_post", post=1023, at="2026-11-25 09:00")],
                [call("edit_post", post=1023, text=word[1:])],
                [call("schedule_post", post=1023, at="2026-11-25 09:00")],
                finish(),
            ],
        )
        reason = "The text is 1 over on twitter: 281 of 280 weighted characters. What would pass: take 1 weighted"
        assert answer(run)["to_mend_before_it_goes_out"][0].startswith(reason)
        assert answer(run, 1)["why"][0].startswith(reason)
        assert "waiting" in answer(run, 3)


async def test_the_persons_words_stay_whole_and_wait(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run(
            f'Schedule "{LONG}" for LinkedIn and X tomorrow at 9:00',
            [
                [call("draft_post", workspace_id=11, accounts=[LINKEDIN, X], text=LONG)],
                [call("schedule_post", post=1023, at="2026-11-25 09:00")],
                finish(),
            ],
        )
        [body] = drafts(home)
        assert texts(body) == [LONG]
        assert any("40 over on twitter" in reason for reason in answer(run, 1)["why"])
        assert answer(run, 1)["waiting"]


async def test_words_quoted_earlier_in_a_conversation_are_not_rewritten_when_they_are_promoted(tmp_path: Path) -> None:
    words = "New mugs. #one #two #three"
    async with home_in(tmp_path) as home:
        await home.run(
            f'Draft "{words}" for X', [[call("draft_post", workspace_id=11, accounts=[X], text=words)], finish()]
        )
        run = await home.run(
            "Schedule draft 1023 for tomorrow at 9:00",
            [[call("schedule_post", post=1023, at="2026-11-25 09:00")], finish()],
        )
        assert answer(run)["waiting"] and any("3 hashtags for twitter" in reason for reason in answer(run)["why"])
        [card] = [view.card for view in run.state.cards.values()]
        assert words in card.parts[0].arguments
