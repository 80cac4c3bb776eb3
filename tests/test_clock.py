"""Waits that last are told, with why; short ones and those of a clock that stands still are not."""

import asyncio
from datetime import UTC, datetime

import pytest

from agent.clock import FrozenClock, SystemClock, TellingClock

pytestmark = pytest.mark.anyio


@pytest.mark.slow
async def test_a_wait_that_lasts_is_told_with_why_while_it_lasts() -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    clock = TellingClock(SystemClock(), told.put_nowait)
    waiting = asyncio.ensure_future(clock.sleep(30, "for the numbers to arrive"))
    assert await asyncio.wait_for(told.get(), 10) == "waiting 30 s for the numbers to arrive" and not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_wait_that_is_over_at_once_is_not_told() -> None:
    told: list[str] = []
    clock = TellingClock(FrozenClock(datetime(2026, 11, 24, 9, tzinfo=UTC)), told.append)
    await clock.sleep(3600, "for a long time")
    assert told == [] and clock.now() == datetime(2026, 11, 24, 10, tzinfo=UTC)
