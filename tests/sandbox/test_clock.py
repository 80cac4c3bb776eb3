"""A clock that stands still is moved by waiting: to one end after the other, once nobody has anything else to do."""

import asyncio
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from agent.sandbox.clock import SandboxClock
from agent.sandbox.state import State
from agent.sandbox.world import load_world

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def frozen() -> State:
    state = State.create(None, load_world("shop"), NOW)
    state.freeze(NOW)
    return state


async def test_waits_side_by_side_end_in_order_each_at_its_time(frozen: State) -> None:
    clock, seen = SandboxClock(frozen), []

    async def wait(seconds: float) -> None:
        await clock.sleep(seconds)
        seen.append((seconds, clock.now() - NOW))

    await asyncio.gather(wait(60), wait(5), wait(0), wait(60))
    assert seen == [(seconds, timedelta(seconds=seconds)) for seconds in (0, 5, 60, 60)]


async def test_work_under_way_goes_on_before_the_clock_moves(frozen: State) -> None:
    clock = SandboxClock(frozen)

    async def work() -> datetime:
        for _ in range(20):
            await asyncio.sleep(0)
        return clock.now()

    _, at = await asyncio.gather(clock.sleep(60), work())
    assert at == NOW and clock.now() == NOW + timedelta(seconds=60)


async def test_a_wait_that_is_given_up_moves_nothing(frozen: State) -> None:
    clock = SandboxClock(frozen)
    waiting = asyncio.ensure_future(clock.sleep(3600))
    await asyncio.sleep(0)
    waiting.cancel()
    await clock.sleep(5)
    assert clock.now() == NOW + timedelta(seconds=5)


async def test_where_the_clock_cannot_be_moved_nobody_waits_for_ever(frozen: State) -> None:
    """The box's disk is full, for example: every wait ends, the first one too."""
    clock = SandboxClock(frozen)
    with patch.object(frozen, "advance", side_effect=OSError("no room")):
        await asyncio.wait_for(asyncio.gather(clock.sleep(5), clock.sleep(60)), 10)
    assert clock.now() == NOW
    await clock.sleep(5)
    assert clock.now() == NOW + timedelta(seconds=5)
