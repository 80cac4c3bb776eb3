"""Runs that go on behind the pages: decided twice at once, stopped, held by another process, ended with the server."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.planner.wire import ModelReply, OnText
from agent.web.work import Work
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio

ANA = Person("ana", "owner", "web")
POST = {"text": "The kiln is warm again.", "accounts": [101], "workspace_id": 11}


class Patient(ScriptedModel):
    """A model that answers once it is let."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__(steps)
        self.asked, self.may = asyncio.Event(), asyncio.Event()

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        self.asked.set()
        await self.may.wait()
        return await super().complete(body, on_text)


@asynccontextmanager
async def at_work(folder: Path, model: ScriptedModel) -> AsyncIterator[tuple[Home, Work]]:
    async with home_in(folder) as home:
        work = Work(lambda: home.house.planner(model), home.house.templates, home.house.runs)
        yield home, work
        await work.close()


def begin(home: Home, goal: str = "Draft it") -> Run:
    run = home.house.open_run("attended", "ana")
    run.add(r.Goal(number=1, text=goal, by="ana"))
    run.flush()
    return run


def now(home: Home, run: Run) -> Run:
    return Run.load(home.house.store, run.id, home.house.clock)


async def test_a_run_goes_on_by_itself_and_leaves_its_report(tmp_path: Path) -> None:
    async with at_work(tmp_path, ScriptedModel([finish("Nothing to do.")])) as (home, work):
        run = begin(home)
        await work.carry_on(run, wait=5)
        assert not work.going(run.id)
        assert work.trouble(run.id) == ""
        assert now(home, run).state.closed is not None
        assert (home.house.runs / run.id / "report.md").is_file()


async def test_stopping_a_run_does_not_wait_for_the_model(tmp_path: Path) -> None:
    model = Patient([finish()])
    async with at_work(tmp_path, model) as (home, work):
        run = begin(home)
        await work.carry_on(run)
        await asyncio.wait_for(model.asked.wait(), 5)
        await asyncio.wait_for(work.stop(now(home, run), ANA), 5)
        state = now(home, run).state
        assert not work.going(run.id)
        assert state.stopped is not None
        assert state.closed is not None
        assert state.closed.outcome == "stopped"


async def test_a_run_that_has_not_even_begun_can_be_stopped_and_goes_on_later(tmp_path: Path) -> None:
    async with at_work(tmp_path, ScriptedModel([finish()])) as (home, work):
        run = begin(home)
        await work.carry_on(run)
        await work.stop(now(home, run), ANA)
        assert now(home, run).state.closed == r.Closed(outcome="stopped")
        again = now(home, run)
        again.add(r.Resumed(who="ana"))
        again.flush()
        await work.carry_on(again, wait=5)
        assert now(home, run).state.closed == r.Closed(outcome="done")


async def test_the_end_of_the_server_leaves_a_run_that_says_so(tmp_path: Path) -> None:
    model = Patient([finish()])
    async with at_work(tmp_path, model) as (home, work):
        run = begin(home)
        await work.carry_on(run)
        await asyncio.wait_for(model.asked.wait(), 5)
        await work.close()
        state = now(home, run).state
        assert state.stopped is not None
        assert state.stopped.says == "psa serve was ended"
        await work.carry_on(run, wait=1)
        assert not work.going(run.id)


async def test_two_decisions_at_once_are_both_carried_out(tmp_path: Path) -> None:
    steps: list[Step] = [
        [call("draft_post", **POST), call("draft_post", **{**POST, "text": "Six new mugs stand in the window."})],
        [
            call("schedule_post", post=1023, at="2026-12-01 09:00"),
            call("schedule_post", post=1024, at="2026-12-02 09:00"),
        ],
        finish("Both wait."),
    ]
    async with home_in(tmp_path) as home:
        run = await home.run("Publish both now", steps)
        first, second = sorted(run.state.cards)
        work = Work(lambda: home.house.planner(ScriptedModel([])), home.house.templates, home.house.runs)
        reviewer = home.reviewer()
        runs = [await reviewer.approve(number, "", (), advance=False) for number in (first, second)]
        await asyncio.gather(*(work.carry_on(one, wait=5) for one in runs))
        cards = now(home, run).state.cards
        assert {cards[first].state, cards[second].state} == {"done"}
        assert home.operations().count("UpdatePost") == 2
        await work.close()


async def test_what_everything_stopped_holds_up_is_told(tmp_path: Path) -> None:
    async with at_work(tmp_path, ScriptedModel([finish()])) as (home, work):
        run = begin(home)
        home.house.store.set_stopped(True)
        await work.carry_on(run, wait=5)
        assert "Everything is stopped" in work.trouble(run.id)
        home.house.store.set_stopped(False)
        await work.carry_on(now(home, run), wait=5)
        assert work.trouble(run.id) == ""
        assert now(home, run).state.closed is not None


HOLDER = """
import os, sys
from pathlib import Path
from agent.journal.lease import lease
from agent.journal.store import open_store
with lease(open_store(Path(sys.argv[1])), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
    os._exit(1)
"""


@contextmanager
def held_elsewhere(home: Path, run: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process advances the run, and dies at the end."""
    command = [sys.executable, "-c", HOLDER, str(home), run]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield other
        other.kill()


@pytest.mark.slow
async def test_another_process_that_dies_is_taken_over(tmp_path: Path) -> None:
    async with at_work(tmp_path, ScriptedModel([finish()])) as (home, work):
        run = begin(home)
        with held_elsewhere(tmp_path, run.id) as other:
            await work.carry_on(run, wait=0.7)
            assert work.going(run.id)
            assert f"is being advanced by process {other.pid}" in work.trouble(run.id)
        await work.carry_on(run, wait=5)
        assert now(home, run).state.closed is not None
        assert work.trouble(run.id) == ""


@pytest.mark.slow
async def test_what_another_process_brings_to_rest_is_left_alone(tmp_path: Path) -> None:
    async with at_work(tmp_path, ScriptedModel([])) as (home, work):
        run = begin(home)
        moment = datetime.now(UTC)
        home.house.store.lease(run.id, "elsewhere 1 0 x", moment, moment + timedelta(minutes=5))
        await work.carry_on(run, wait=0.1)
        other = now(home, run)
        other.add(r.Said(goal=1, text="Done."), r.Closed(outcome="done"))
        other.flush()
        await work.carry_on(run, wait=5)
        assert not work.going(run.id)
        assert [json.loads(line)["record"]["kind"] for line in home.house.store.mirror(run.id)][-1] == "closed"
