"""Times: relative ones of a world, wall-clock times of requests, posting slots, and the service's date texts."""

import calendar
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXACT = re.compile(r"^([+-])(\d{1,5})([smh])$")
_DAYS = re.compile(r"^([+-])(\d{1,4})([dw])$")
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_HINT = 'write "-3d 09:00", "+2h", "tomorrow 08:30", "next friday 10:00", "now" or an ISO date'

#: The next free slot is at least this far ahead, and at most a year.
_SLOT_LEAD = timedelta(minutes=5)
_SLOT_DAYS = 366


def _as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


#: A relative or absolute time, see `resolve`; YAML's own dates are texts again.
When = Annotated[str, BeforeValidator(_as_text)]


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """The IANA time zone of that name, or None. Kept: zoneinfo itself keeps eight."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def resolve(when: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) that a world's time means at `now`, read on a wall clock in `zone`.

    `now`; `+90m`, `-2h`, `-30s` (exact); `-3d 09:00`, `+2w 10:00`; `today`, `tomorrow`, `yesterday`, a weekday,
    `next friday` (the first one after today) or `last friday` (before today), each with `HH:MM`; ISO 8601, in the zone
    unless it names an offset. Raises ValueError.
    """
    words = when.strip().lower().split()
    if words == ["now"]:
        return now
    exact = _EXACT.match(words[0]) if len(words) == 1 else None
    if exact:
        return now + _span(exact)
    clock = _CLOCK.match(words[-1]) if len(words) > 1 else None
    day = _day(words[:-1], now.astimezone(zone).date()) if clock else None
    if clock and day:
        return at_wall_clock(day, time(int(clock[1]), int(clock[2])), zone)
    try:
        moment = datetime.fromisoformat(when.strip())
    except ValueError:
        raise ValueError(f'"{when}" is no time this file knows: {_HINT}') from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def at_wall_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time: one that does not exist moves on by the gap, of two the first is meant."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def next_slot(now: datetime, zone: ZoneInfo, slots: Iterable[str], taken: Iterable[datetime]) -> datetime | None:
    """The first slot at least five minutes ahead at which no post is scheduled; None if a year is full."""
    busy = set(taken)
    clocks = sorted(time.fromisoformat(slot) for slot in slots)
    today = now.astimezone(zone).date()
    for ahead in range(_SLOT_DAYS):
        for clock in clocks:
            slot = at_wall_clock(today + timedelta(days=ahead), clock, zone)
            if slot >= now + _SLOT_LEAD and slot not in busy:
                return slot
    return None


def add_gap(moment: datetime, gap: int, unit: str, zone: ZoneInfo) -> datetime:
    """A moment moved by a repeat gap: minutes and hours exactly, days, weeks and months on the wall clock of the zone.

    A month from the 31st ends on the last day of a shorter month.
    """
    if unit in {"minutes", "hours"}:
        return moment + timedelta(**{unit: gap})
    local = moment.astimezone(zone)
    if unit == "months":
        months = local.year * 12 + local.month - 1 + gap
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        day = date(year, month + 1, min(local.day, last))
    else:
        day = local.date() + timedelta(**{unit: gap})
    return at_wall_clock(day, local.time(), zone)


def as_written(moment: datetime, zone: ZoneInfo) -> str:
    """The date text of create and update answers: a 24-hour clock with AM or PM behind it."""
    local = moment.astimezone(zone)
    return f"{str(local)[:16]} {'AM' if local.hour < 12 else 'PM'}"


def as_read(moment: datetime, zone: ZoneInfo) -> str:
    """The date text of get and list answers."""
    return str(moment.astimezone(zone))[:16]


def _span(match: re.Match[str]) -> timedelta:
    return timedelta(**{_UNITS[match[3]]: int(match[1] + match[2])})


def _day(words: list[str], today: date) -> date | None:
    named = {"today": 0, "tomorrow": 1, "yesterday": -1}
    if len(words) == 1 and words[0] in named:
        return today + timedelta(days=named[words[0]])
    days = _DAYS.match(words[0]) if len(words) == 1 else None
    if days:
        return today + _span(days)
    if words[-1] not in _WEEKDAYS or words[:-1] not in ([], ["next"], ["last"]):
        return None
    ahead = (_WEEKDAYS.index(words[-1]) - today.weekday()) % 7
    if words[0] == "last":
        return today + timedelta(days=ahead - 7)
    return today + timedelta(days=ahead or 7)
