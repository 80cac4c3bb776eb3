"""`psa stop`, and clocks that cannot be believed: nothing is sent, nothing is lost, and the words say what to do."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ClockWrong, Exit, Halted
from agent.gate.door import Gate
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel
from agent.planner.wire import ModelReply
from tests.contract import assert_contract
from tests.house import NOW, Home, call, finish, home_in

pytestmark = pytest.mark.anyio

GOAL = "Schedule “The kiln is warm again.” for next Tuesday 9:00 on LinkedIn"
DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")


async def scheduled(home: Home) -> tuple[Run, int, int]:
    """A run with a card to schedule its draft: run, post, card."""
    new = max(one["id"] for one in home.box.export()["posts"]) + 1
    run = await home.run(GOAL, [[DRAFT], [call("schedule_post", post=new, at="2026-12-01 09:00")], finish()])
    return run, new, home.report(run).cards[0].number


class Hangs(ScriptedModel):
    """A model that never answers; `asked` is set once it was asked."""

    def __init__(self) -> None:
        super().__init__([])
        self.asked = asyncio.Event()

    async def complete(self, body: bytes, on_text: Any = None) -> ModelReply:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


async def test_a_stop_does_not_wait_for_the_model(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana")
        run.add(r.Goal(number=1, text=GOAL, by="ana"))
        run.flush()
        model = Hangs()
        moving = asyncio.ensure_future(home.house.planner(model).advance(run))
        await model.asked.wait()
        home.house.store.set_stopped(True)
        with pytest.raises(Halted, match="resume-all") as halted:
            await asyncio.wait_for(moving, 2)
        assert halted.value.exit_code == Exit.STOPPED
        home.house.store.set_stopped(False)
        again = Run.load(home.house.store, run.id, home.house.clock)
        assert await home.house.planner(ScriptedModel([[DRAFT], finish()])).advance(again) == "done"
        assert_contract(home.box, home.house.store)


async def test_a_stopped_home_reads_nothing(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        _, _, card = await scheduled(home)
        before = len(home.box.requests())
        home.house.store.set_stopped(True)
        with pytest.raises(Halted):
            await home.reviewer().approve(card, "", ())
        assert len(home.box.requests()) == before


async def test_a_clock_far_from_the_services_sends_nothing_that_was_approved(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _, card = await scheduled(home)
        gate: Gate = home.house.gate
        gate.surroundings = gate.surroundings.__class__(**{**gate.surroundings.__dict__, "clock_matters": True})
        ahead = Ahead(home, timedelta(minutes=11))
        for part in (home.house, gate, home.house.client):
            setattr(part, "_clock" if part is home.house.client else "clock", ahead)
        with pytest.raises(ClockWrong, match="11 minutes ahead of PostSyncer's"):
            await home.reviewer().approve(card, "", ())
        assert home.operations() == ["CreatePost"]
        ahead.by = timedelta()
        again = Run.load(home.house.store, run.id, home.house.clock)
        with pytest.raises(ClockWrong, match="--trust-clock"):
            await home.house.planner(ScriptedModel([])).advance(again)
        again.add(r.Resumed(who="ana", trusts_clock=True))
        again.flush()
        await home.house.planner(ScriptedModel([])).advance(again)
        assert again.state.cards[card].state == "void" and "the clock was wrong then" in again.state.cards[card].says
        assert home.operations() == ["CreatePost"]


class Ahead:
    """The sandbox's clock, seen from a machine whose own is `by` ahead."""

    def __init__(self, home: Home, by: timedelta) -> None:
        self._clock = home.house.clock
        self.by = by

    def now(self) -> Any:
        return self._clock.now() + self.by

    async def sleep(self, seconds: float, why: str = "") -> None:
        await self._clock.sleep(seconds, why)


async def test_a_clock_that_jumped_back_a_day_decides_and_sends_nothing(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _, card = await scheduled(home)
        home.box.freeze(NOW - timedelta(days=1))
        with pytest.raises(ClockWrong, match=f"{run.id} has records up to"):
            await home.reviewer().approve(card, "", ())
        with pytest.raises(ClockWrong, match="Set it right"):
            await home.house.planner(ScriptedModel([])).advance(Run.load(home.house.store, run.id, home.house.clock))
        assert home.operations() == ["CreatePost"]
        home.box.freeze(NOW)
        await home.reviewer().approve(card, "", ())
        assert home.operations() == ["CreatePost", "UpdatePost"]
