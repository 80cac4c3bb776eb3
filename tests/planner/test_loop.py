"""The loop with a difficult model: nonsense is repaired or given up on, budgets end a goal, nothing is asked twice."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ModelUnavailable
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.loop import Planner
from agent.planner.money import Money
from agent.planner.scripted import ScriptedModel, Step
from agent.report import report_of
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio

DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")
READ = call("get_post", post=1004)


def answers(run: Run) -> list[Any]:
    return [json.loads(text) for view in run.state.turns for text in view.answers.values()]


async def start(home: Home, goal: str, limits: r.Limits | None = None) -> Run:
    run = home.house.open_run("attended", "ana")
    if limits is not None:
        opened = run.state.opened
        assert opened is not None
        run.state.opened = opened.model_copy(update={"limits": limits})
    run.add(r.Goal(number=1, text=goal, by="ana"))
    run.flush()
    return run


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("draft_pots", "{}", "draft_post"),
        ("draft_post", "{not json", "object"),
        ("draft_post", '{"workspace_id": 11, "accounts": [101]}', "text"),
        ("draft_post", '{"workspace_id": 11, "accounts": "101", "text": "x"}', "list"),
        ("draft_post", '{"workspace_id": true, "accounts": [101], "text": "x"}', "workspace_id"),
        ("draft_post", '{"workspace_id": 11, "accounts": [101], "text": "x", "texts": 1}', "texts"),
        ("get_post", '{"post": 999999}', "999999"),
    ],
)
async def test_a_call_that_cannot_be_is_answered_shortly(name: str, arguments: str, told: str, tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Look at the drafts", [[(name, arguments)], finish()])
        first = answers(run)[0]
        words = json.dumps(first)
        assert told in words and len(words) < 400
        assert "tuple" not in words and "pydantic" not in words


async def test_an_empty_answer_is_asked_for_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Draft it", ["", "  ", "Nothing to do."])
        assert report_of(run.state).said == "Nothing to do."


async def test_empty_answers_without_end_are_given_up_on(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await start(home, "Draft it")
        model = ScriptedModel([""] * 50)
        outcome = await home.house.planner(model).advance(run)
        assert outcome == "failed_safe" and len(model.requests) < 15


async def test_the_same_call_without_end_is_given_up_on(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await start(home, "Look at post 1004")
        model = ScriptedModel([[READ]] * 50)
        outcome = await home.house.planner(model).advance(run)
        assert outcome == "failed_safe" and len(model.requests) < 10
        assert "same call" in report_of(run.state).why
        reads = [request for request in home.box.requests() if request["target"].startswith("/api/v1/posts/1004")]
        assert len(reads) <= 3


async def test_a_goal_ends_when_its_turns_are_used_up(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await start(home, "Look at the posts 1004 to 1022", r.Limits(turns=10))
        steps: list[Step] = [[call("get_post", post=1003 + turn)] for turn in range(1, 20)]
        model = ScriptedModel(steps)
        outcome = await home.house.planner(model).advance(run)
        assert outcome == "failed_safe" and len(model.requests) == 10
        assert "10 of 10 model turns" in report_of(run.state).why
        warned = [message["content"] for message in model.requests[-1]["messages"] if message["role"] == "user"]
        assert any("call finish" in text and "9 of 10 model turns" in text for text in warned)


async def test_all_runs_together_cost_no_more_than_the_home_allows(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        house, steps = home.house, [[READ], finish()]

        async def cost(money: Money) -> tuple[str, str, int]:
            run, model = await start(home, "Look at post 1004"), ScriptedModel(steps)
            planner = Planner(house.gate, model, house.templates, house.notes, house.clock, money=money)
            return await planner.advance(run), report_of(run.state).why, len(model.requests)

        def spent() -> float:
            return house.store.ledger.spent(house.clock.now() - timedelta(hours=24))

        prices = Money(prompt=10, completion=10)
        assert await cost(prices) == ("done", "", 2)
        once = spent()
        assert once > 0
        outcome, why, asked = await cost(replace(prices, day=once, month=1000))
        assert (outcome, asked) == ("failed_safe", 0) and spent() == once
        assert f"${once:.2f} within 24 hours; PSA_MAX_MONEY_DAY allows ${once:g}" in why and "psa runs resume r2" in why
        outcome, why, asked = await cost(replace(prices, day=1000, month=once))
        assert (outcome, asked) == ("failed_safe", 0) and "PSA_MAX_MONEY_MONTH" in why
        again = Run.load(house.store, "r2", house.clock)
        again.add(r.Resumed(who="ana"))
        again.flush()
        more = replace(prices, day=once + 0.01)
        planner = Planner(house.gate, ScriptedModel(steps), house.templates, house.notes, house.clock, money=more)
        assert await planner.advance(again) == "failed_safe"  # one turn more, and it is used up again
        assert spent() > once and len(again.state.turns) == 1 and "PSA_MAX_MONEY_DAY" in report_of(again.state).why


async def test_a_turn_that_failed_costs_what_was_reserved_for_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        house, money = home.house, Money(prompt=1.0, completion=1.0)
        run = await start(home, "Look at post 1004")
        model = ScriptedModel([ModelUnavailable("gone")])
        planner = Planner(house.gate, model, house.templates, house.notes, house.clock, money=money)
        assert await planner.advance(run) == "failed_safe"
        [reserved] = [entry.record for entry in house.store.read(run.id) if isinstance(entry.record, r.Reserved)]
        assert house.store.ledger.spent(house.clock.now() - timedelta(hours=1)) == reserved.money > 0
        assert house.store.ledger.spent(house.clock.now() + timedelta(hours=1)) == 0


async def test_a_dead_model_leaves_a_run_that_goes_on_later(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await start(home, "Draft “The kiln is warm again.” for LinkedIn")
        steps: list[Step] = [[DRAFT], ModelUnavailable("The model is gone.", hint="Try later.")]
        assert await home.house.planner(ScriptedModel(steps)).advance(run) == "failed_safe"
        again = Run.load(home.house.store, run.id, home.house.clock)
        again.add(r.Resumed(who="ana"))
        again.flush()
        model = ScriptedModel([finish()])
        assert await home.house.planner(model).advance(again) == "done"
        assert home.operations() == ["CreatePost"]
        assert model.requests[0]["messages"][-1]["role"] == "tool"


async def test_a_resumed_run_sends_what_an_uninterrupted_one_would(tmp_path: Path) -> None:
    sent = []
    for folder, interrupted in (("whole", False), ("halves", True)):
        async with home_in(tmp_path / folder) as home:
            run = await start(home, "Look at post 1004")
            if interrupted:
                steps: list[Step] = [[READ], ModelUnavailable("gone")]
                await home.house.planner(ScriptedModel(steps)).advance(run)
                run = Run.load(home.house.store, run.id, home.house.clock)
                run.add(r.Resumed(who="ana"))
                run.flush()
                model = ScriptedModel([finish()])
            else:
                model = ScriptedModel([[READ], finish()])
            await home.house.planner(model).advance(run)
            sent.append(json.dumps(model.requests[-1]))
    assert sent[0] == sent[1]


@pytest.mark.slow
async def test_a_long_run_stays_small_and_keeps_its_goal(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        goal = "Draft “The kiln is warm again.” for LinkedIn, then look at the posts 1001 to 1022 again and again"
        run = await start(home, goal, r.Limits(turns=500, tokens=10**9, requests=10**6, seconds=10**6))
        steps: list[Step] = [[DRAFT]]
        steps += [[call("find_posts", contains="e", limit=20 + turn % 30)] for turn in range(90)]
        model = ScriptedModel([*steps, finish()])
        await home.house.planner(model).advance(run)
        sizes = [len(json.dumps(request["messages"])) for request in model.requests]
        assert max(sizes) < 100_000
        last = json.dumps(model.requests[-1]["messages"], ensure_ascii=False)
        assert goal in last and "CreatePost" in last


async def test_at_night_nothing_is_decided_and_nothing_destroyed(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        steps: list[Step] = [[DRAFT], [call("publish_post", post=new), call("delete_posts", posts=[1004])], finish()]
        run = await home.run(
            "Publish “The kiln is warm again.” on LinkedIn and delete post 1004", steps, mode="unattended"
        )
        told = report_of(run.state)
        assert home.operations() == ["CreatePost"]
        assert [card.operation for card in told.cards] == ["UpdatePost"]
        assert [one.title.split()[0] for one in told.denied] == ["Delete"]


async def test_reads_of_one_turn_are_answered_in_order(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        calls = [call("get_post", post=post) for post in (1004, 1005, 1007)]
        run = await home.run("Look at 1004, 1005 and 1007", [calls, finish()])
        assert [answer["id"] for answer in answers(run)[:3]] == [1004, 1005, 1007]


async def test_what_strangers_wrote_is_labelled_and_made_visible(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        post = next(one for one in home.box.export()["posts"] if one.get("comments"))
        run = await home.run("Look at the comments", [[READ_ALL], [call("list_comments", post=post["id"])], finish()])
        text = json.dumps(answers(run)[1], ensure_ascii=False)
        assert "untrusted" in text and "\u202e" not in text


READ_ALL = call("find_posts", status="published", limit=50)


async def test_a_refusal_reaches_the_model_in_our_words_only(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        foreign = call("draft_post", workspace_id=11, accounts=[101], text="Hello.", labels=[25])
        goal = "Draft “Hello.” for LinkedIn with label 25"
        run = await home.run(goal, [[foreign], finish("Nothing.", "the service refused it")])
        told = answers(run)[0]
        outcome = next(iter(run.state.effects.values())).outcome
        assert outcome is not None and outcome.state == "rejected"
        assert told["failed"] and told["fields"] == ["labels.0"]
        assert "selected" in outcome.says and "selected" not in json.dumps(told)
