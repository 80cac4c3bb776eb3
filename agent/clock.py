"""The clock: the one place that reads time or waits."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

#: A wait that is over sooner is nobody's business.
TOLD_AFTER_S = 0.8


class Clock(Protocol):
    """Wall-clock time in UTC, and waiting."""

    def now(self) -> datetime:
        """The time now, timezone-aware, in UTC."""
        ...

    async def sleep(self, seconds: float, why: str = "") -> None:
        """Wait that long; a frozen clock moves instead. `why` is told to people who wait too."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float, why: str = "") -> None:
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

    async def sleep(self, seconds: float, why: str = "") -> None:
        self._now = datetime.fromtimestamp(self._now.timestamp() + max(0.0, seconds), UTC)
        await asyncio.sleep(0)


class TellingClock:
    """A clock whose waits are told once they last: `tell` gets one line."""

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        self._clock = clock
        self._tell = tell

    def now(self) -> datetime:
        return self._clock.now()

    async def sleep(self, seconds: float, why: str = "") -> None:
        waiting = asyncio.ensure_future(self._clock.sleep(seconds, why))
        try:
            done, _ = await asyncio.wait({waiting}, timeout=TOLD_AFTER_S)
            if not done:
                self._tell(f"waiting {seconds:.0f} s{' ' + why if why else ''}")
            await waiting
        except asyncio.CancelledError:
            waiting.cancel()
            raise


def local(moment: datetime) -> str:
    """An instant in this machine's zone, with the zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}"


def zone_named(name: str) -> ZoneInfo:
    """The zone, or UTC where the name is none: times are told in some zone that exists."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def moment(instant: datetime, zone: str) -> str:
    """`Tue 1 Dec 2026 09:00 Europe/Berlin`."""
    there = zone_named(zone)
    wall = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(there)
    return f"{wall:%a} {wall.day} {wall:%b %Y %H:%M} {there.key}"


def moment_or_local(instant: datetime, zone: str) -> str:
    """In the zone of what it is about, where that is known, else in this machine's; the zone is always named."""
    return moment(instant, zone) if zone else local(instant)


def boot_seconds() -> float:
    """Seconds that pass through a suspended laptop too (CLOCK_BOOTTIME), for durations and leases."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
