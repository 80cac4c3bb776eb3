"""The clock: the one place that reads time or waits."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time in UTC, and waiting."""

    def now(self) -> datetime:
        """The time now, timezone-aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long; a frozen clock moves instead."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class FrozenClock:
    """A clock that stands still and that waiting moves; for tests and reproducible runs."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Put the clock to an instant."""
        self._now = now.astimezone(UTC)

    async def sleep(self, seconds: float) -> None:
        self._now = datetime.fromtimestamp(self._now.timestamp() + max(0.0, seconds), UTC)
        await asyncio.sleep(0)


def boot_seconds() -> float:
    """Seconds that pass through a suspended laptop too (CLOCK_BOOTTIME), for durations and leases."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
