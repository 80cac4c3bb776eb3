"""The box's clock, for everybody who works with the box."""

import asyncio
from datetime import datetime

from agent.sandbox.state import State


class SandboxClock:
    """The clock in a box's state, as an `agent.clock.Clock`: while it is frozen, waiting moves it instead."""

    def __init__(self, state: State) -> None:
        self._state = state

    def now(self) -> datetime:
        return self._state.world_now()

    async def sleep(self, seconds: float, why: str = "") -> None:
        if self._state.is_frozen():
            self._state.advance(seconds)
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(max(0.0, seconds))
