"""The box's clock, for everybody who works with the box."""

import asyncio
import heapq
from contextlib import suppress
from datetime import datetime, timedelta

from agent.sandbox.state import State

#: Rounds of the event loop after which everything that can go on has gone on.
_ROUNDS = 100


class SandboxClock:
    """The clock in a box's state, as an `agent.clock.Clock`: while it is frozen, waiting moves it instead.

    It moves to the earliest end of a wait, and only once nothing else in this process has anything to do: work that
    goes side by side sees the same order of things as under a running clock.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._waits: list[tuple[datetime, int, asyncio.Event]] = []
        self._count = 0
        self._mover: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        return self._state.world_now()

    async def sleep(self, seconds: float, why: str = "") -> None:
        if not self._state.is_frozen():
            await asyncio.sleep(max(0.0, seconds))
            return
        over = asyncio.Event()
        self._count += 1
        wait = (self.now() + timedelta(seconds=max(0.0, seconds)), self._count, over)
        heapq.heappush(self._waits, wait)
        if self._mover is None or self._mover.done():
            self._mover = asyncio.ensure_future(self._move())
        try:
            await over.wait()
        finally:
            if not over.is_set():
                self._waits.remove(wait)
                heapq.heapify(self._waits)

    async def _move(self) -> None:
        """Let one wait after the other end, the earliest first; where the clock cannot be moved, all of them end."""
        try:
            with suppress(OSError):  # the next request tells that the box cannot be written
                await self._one_after_the_other()
        finally:
            for _, _, over in self._waits:
                over.set()
            self._waits.clear()

    async def _one_after_the_other(self) -> None:
        while self._waits:
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
            if not self._waits:
                return
            # Taken out only when the clock has moved: whoever waits must not be forgotten where it cannot.
            end, _, over = self._waits[0]
            self._state.advance((end - self.now()).total_seconds())
            heapq.heappop(self._waits)
            over.set()
