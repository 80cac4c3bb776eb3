"""A conversation is one run: goals one after the other, each with its own budget; decisions are told with the next."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import ModelRefused, ModelUnavailable
from agent.gate.decisions import Person, approve, reject
from agent.journal import records as r
from agent.journal.fold import outcome_of
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.sandbox.faults import Fault
from tests.house import NOW, Home, call, finish, home_in

pytestmark = pytest.mark.anyio

DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")
ANA = Person("ana", "owner", "test")


async def say(home: Home, run: Run, goal: str, *steps: Step) -> ScriptedModel:
    run.add(r.Goal(number=len(run.state.goals) + 1, text=goal, by="ana"))
    run.flush()
    model = ScriptedModel(steps)
    await home.house.planner(model).advance(run)
    model.assert_complete()
    return model


def newest(home: Home) -> int:
    return max(int(one["id"]) for one in home.box.export()["posts"])


async def test_what_was_decided_is_told_with_the_next_goal(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana", channel="chat")
        await say(home, run, "Draft “The kiln is warm again.” for LinkedIn", [DRAFT], finish())
        post = newest(home)
        steps: list[Step] = [[call("schedule_post", post=post, at="2026-12-01 09:00")], finish()]
        await say(home, run, "Schedule it for next Tuesday at 9:00", *steps)
        [card] = run.state.open_cards
        approve(home.house.gate, run, card.card.number, ANA)
        assert await home.house.planner(ScriptedModel([])).advance(run) == "done"
        model = await say(home, run, "What is scheduled?", finish())
        told = model.requests[0]["messages"][-1]["content"]
        assert f"card {card.card.number}" in told and "approved; it is applied" in told
        assert home.operations() == ["CreatePost", "UpdatePost"]


async def test_a_rejection_reaches_the_next_goal_with_its_reason(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana", channel="chat")
        steps: list[Step] = [[call("delete_posts", posts=[1004])], finish()]
        await say(home, run, "Delete post 1004", *steps)
        reject(home.house.gate, run, run.state.open_cards[0].card.number, ANA, "keep it for spring")
        model = await say(home, run, "Then leave it", finish())
        assert "rejected: keep it for spring" in model.requests[0]["messages"][-1]["content"]


async def test_publishing_words_are_those_of_the_current_goal(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana", channel="chat")
        await say(home, run, "Draft “The kiln is warm again.” and publish it on LinkedIn", [DRAFT], finish())
        post = newest(home)
        await say(home, run, "Thank you", [call("publish_post", post=post)], finish("I tried."))
        assert not run.state.open_cards and outcome_of(run.state) == "refused"


async def test_each_goal_has_its_own_budget_and_outcome(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana", channel="chat", limits=r.Limits(turns=2))
        await say(home, run, "Draft “The kiln is warm again.” for LinkedIn", [DRAFT], finish())
        await say(home, run, "Look at 1004", [call("get_post", post=1004)], finish())
        assert outcome_of(run.state) == "done" and run.state.spent.turns == 2
        await say(home, run, "Do something else", finish("No.", refused="I cannot do that."))
        assert outcome_of(run.state) == "refused"


@pytest.mark.slow
async def test_a_long_conversation_keeps_scope_goals_ids_and_what_is_left(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        limits = r.Limits(turns=200, tokens=10**9, requests=10**6, seconds=10**6)
        run = home.house.open_run("attended", "ana", channel="chat", limits=limits)
        await say(
            home, run, "Draft “The kiln is warm again.” for LinkedIn, never anything for TikTok", [DRAFT], finish()
        )
        post = newest(home)
        look: list[Step] = [[call("find_posts", contains="e", limit=20 + turn % 30)] for turn in range(60)]
        model = await say(home, run, "Look at everything", *look, finish())
        last = model.requests[-1]["messages"]
        text = json.dumps(last, ensure_ascii=False)
        assert run.state.compacted is not None and len(text) < 100_000
        assert 'Workspace 11 \\"Fern & Clay\\"' in text and "never anything for TikTok" in text
        assert f"CreatePost {post}: applied" in text and "The goal is still: Look at everything" in text
        assert "turns left for this goal" in text
        later = await say(home, run, "And now?", finish())
        assert later.requests[0]["messages"][-1]["content"].endswith("Goal, from ana:\nAnd now?")


async def test_at_night_a_model_that_is_gone_puts_the_run_off(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("unattended", "ana")
        run.add(r.Goal(number=1, text="Draft “The kiln is warm again.” for LinkedIn", by="ana"))
        gone = ScriptedModel([[DRAFT], ModelUnavailable("The model is gone.")])
        assert await home.house.planner(gone).advance(run) == "deferred"
        home.box.advance(600)
        assert await home.house.planner(ScriptedModel([finish()])).advance(run) == "done"
        assert home.operations() == ["CreatePost"]


async def test_at_night_a_refused_key_is_no_reason_to_try_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("unattended", "ana")
        run.add(r.Goal(number=1, text="Draft it", by="ana"))
        assert await home.house.planner(ScriptedModel([ModelRefused("no")])).advance(run) == "failed_safe"


async def test_winding_down_settles_what_was_begun_and_asks_no_model(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        home.box.set_faults(
            [
                Fault(kind="drop_after", operations=("CreatePost",)),
                Fault(kind="drop_before", operations=("ListPosts",), nth=2, times=60),
            ]
        )
        run = home.house.open_run("unattended", "ana")
        run.add(r.Goal(number=1, text="Draft “The kiln is warm again.” for LinkedIn", by="ana"))
        assert await home.house.planner(ScriptedModel([[DRAFT]])).advance(run) == "deferred"
        assert run.state.in_doubt
        home.box.set_faults([])
        assert await home.house.planner(ScriptedModel([])).wind_down(run, "a later night took over") == "failed_safe"
        assert [view.state for view in run.state.effects.values()] == ["applied"]
        assert home.operations() == ["CreatePost"] and len(run.state.drafts) == 1


async def test_numbers_that_were_just_synced_are_waited_for(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        synced = [call("sync_numbers", posts=[1001])]
        run = await home.run("How did post 1001 do?", [synced, [call("get_numbers", posts=[1001])], finish()])
        at = {entry.record.kind: entry.at for entry in home.house.store.read(run.id)}
        assert at["closed"] - NOW >= timedelta(seconds=5)
