"""The numbers that a night reads, once and after its jobs."""

from pathlib import Path

import pytest

from agent.sandbox.faults import Fault
from tests.house import home_in
from tests.night.nights import jobs_text, night, outcomes


@pytest.mark.anyio
async def test_a_night_reads_the_numbers_once_a_day(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        overview, service = home.house.store.ledger.overview, home.house.service
        await night(home, jobs_text("one"))
        [first] = overview.measured(service, "all")
        await night(home, jobs_text("one"))
        assert overview.measured(service, "all") == [first]
        home.box.advance(24 * 3600)
        await night(home, jobs_text("one"))
        assert len(overview.days(service, "all", 0, first.at.date())) == 2


@pytest.mark.anyio
async def test_numbers_that_cannot_be_read_spoil_no_night(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        home.box.set_faults([Fault(kind="status", status=503, operations=("GetAnalyticsSummary",), times=None)])
        told = await night(home, jobs_text("one"))
        assert outcomes(told) == {"one": "done"} and not told.put_off
        assert home.house.store.ledger.overview.measured(home.house.service, "all") == []
        assert [row.outcome for row in home.house.store.ledger.runs() if row.channel == "numbers"] == ["failed_safe"]
