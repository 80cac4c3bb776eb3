"""When a repeating post goes out: dates on the wall clock of its workspace, across clock changes. Pure.

The service documents no arithmetic. Minutes and hours are taken as exact; days, weeks and months as the same time on
the wall clock, a month from the 31st as the last day of a shorter one. A time that the clocks leave out, or show twice,
is read as the earlier of its two readings and marked: nobody knows what the service makes of it.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

#: No plan is followed further than this many times, or beyond this year.
MOST, LAST_YEAR = 1000, 9997
_MINUTE = timedelta(minutes=1)

Shift = Literal["", "gap", "fold"]


_UNITS = frozenset({"minutes", "hours", "days", "weeks", "months"})


@dataclass(frozen=True)
class Occurrence:
    """One time it goes out: the instant in UTC, and whether its wall-clock time is left out or comes twice."""

    at: datetime
    shift: Shift = ""


def further(first: datetime, times: int, gap: int, unit: str, zone: ZoneInfo) -> Iterator[Occurrence]:
    """The times after the first, so many; `first` is a wall-clock time without a zone. None for an unknown unit."""
    if unit not in _UNITS:
        return
    start = first.replace(tzinfo=zone).astimezone(UTC)
    for count in range(1, min(times, MOST) + 1):
        try:
            if unit in {"minutes", "hours"}:
                found = Occurrence(start + timedelta(**{unit: gap * count}))
            else:
                found = read_wall(_moved(first, gap * count, unit), zone)
        except (OverflowError, ValueError):
            return
        if found.at.year > LAST_YEAR:
            return
        yield found


def read_wall(wall: datetime, zone: ZoneInfo) -> Occurrence:
    """The instant of a wall-clock time: the earlier one where it has two."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return Occurrence(first)
    return Occurrence(min(first, second), "gap" if first > second else "fold")


def beside(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The last wall-clock time before, and the first after the hour that a clock change leaves out or shows twice."""
    before = after = wall
    while read_wall(before, zone).shift:
        before -= _MINUTE
    while read_wall(after, zone).shift:
        after += _MINUTE
    return before, after


def told(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-12-01 09:00 (UTC+01:00)`."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d} {clock(moment, zone)}"


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """`09:00 (UTC+01:00)`."""
    local = moment.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%H:%M} (UTC{offset[:3]}:{offset[3:5]})"


def _moved(wall: datetime, count: int, unit: str) -> datetime:
    if unit != "months":
        return wall + timedelta(**{unit: count})
    year, month = divmod(wall.year * 12 + wall.month - 1 + count, 12)
    return wall.replace(year=year, month=month + 1, day=min(wall.day, calendar.monthrange(year, month + 1)[1]))
