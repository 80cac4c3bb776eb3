"""Rows F12, F29 and F32 of the fault matrix, each a way further than the table plays it."""

import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from agent.errors import PsaError
from tests.house import NOW
from tests.torture.bench import Bench, Handle, begin, between, carded, go_on
from tests.torture.fault_checks_service import ALONE
from tests.torture.test_journal_damage import psa

pytestmark = pytest.mark.anyio


def test_f12_a_decision_in_a_stopped_home(tmp_path: Path) -> None:
    """Nothing is sent, the exit code says stopped, and it goes on after `resume-all`."""
    home = tmp_path / "home"
    home.mkdir()
    now = ["--now", "2026-11-24T09:00Z"]
    goal = 'Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn'
    assert psa(home, "run", goal, *now)[0] == 0
    assert psa(home, "stop")[0] == 0
    code, told = psa(home, "review", "approve", "2", *now)
    assert code == 5 and "resume-all" in told, (code, told)


async def test_f29_another_time_was_stored(tmp_path: Path) -> None:
    async def handle(request: httpx.Request, inner: Handle) -> httpx.Response:
        answer = await inner(request)
        if request.method != "PUT":
            return answer
        body = json.loads(await answer.aread())
        post = body.get("data", body)
        post["scheduled_at"] = post["scheduled_at"].replace("09:00", "19:00").replace("AM", "PM")
        return httpx.Response(answer.status_code, json=body)

    bench = Bench(tmp_path)
    async with bench.home(seams=between(handle)) as home:
        run, number = await carded(home)
        await home.reviewer().approve(number, "", ())
        tasks = [one.title for one in home.house.store.ledger.items() if one.kind == "task"]
        assert (
            len(tasks) == 1 and "approved was 2026-12-01 08:00 UTC, the service says 2026-12-01 18:00 UTC" in tasks[0]
        )
        assert home.report(run).outcome == "held"


async def test_f32_the_clock_jumps_back_behind_the_last_record(tmp_path: Path) -> None:
    """Behind what the journal says has been, no decision is carried out: it may have expired long ago."""
    bench = Bench(tmp_path)
    async with bench.home() as home:
        _, number = await carded(home)
        await home.reviewer().approve(number, "", (), advance=False)
        home.box.freeze(NOW - timedelta(hours=2))
        with pytest.raises(PsaError):
            await go_on(home, [])
        assert home.operations() == ["CreatePost"]


async def test_f32_a_free_effect_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with bench.home() as home:
        await begin(home)
        home.box.freeze(NOW - timedelta(hours=2))
        with pytest.raises(PsaError):
            await go_on(home, ALONE)
        assert home.operations() == []
