"""A time for a post as people read it: where the workspace is and where the reader is, and what clocks do. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from agent.policy.occurrences import beside, read_wall
from agent.templates import when


@dataclass(frozen=True)
class TimeTold:
    """A wall-clock time told in full. `trouble` is what is wrong with it, `choices` the times to take instead."""

    there: str = ""
    here: str = ""
    ago: datetime | None = None
    notes: tuple[str, ...] = ()
    trouble: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def wall_of(at: str) -> datetime | None:
    """What a date-time field says, without a zone; None where it says no time."""
    try:
        return datetime.strptime(at.strip().replace("T", " ")[:16], "%Y-%m-%d %H:%M")  # noqa: DTZ007 - wall time
    except ValueError:
        return None


def field_of(moment: datetime, zone: tzinfo) -> str:
    """An instant as a date-time field takes it."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"


def time_told(at: str, zone: ZoneInfo, reader: tzinfo, now: datetime) -> TimeTold:
    """What a date-time field means in both zones."""
    wall = wall_of(at)
    if wall is None:
        return TimeTold(trouble="Choose a day and a time." if not at.strip() else "There is no such day or time.")
    try:
        read = read_wall(wall, zone)
        reader_at = read.at.astimezone(reader)
    except (OverflowError, ValueError):
        return TimeTold(trouble="No calendar reaches that far.")
    if read.shift:
        return _twice(wall, zone, reader, gap=read.shift == "gap")
    return TimeTold(
        there=f"{when(read.at, zone)} ({zone.key})",
        here=when(read.at, reader) if reader_at.utcoffset() != read.at.astimezone(zone).utcoffset() else "",
        ago=read.at,
        notes=tuple(_changes(read.at, zone, reader, now)),
    )


def _changes(at: datetime, zone: ZoneInfo, reader: tzinfo, now: datetime) -> list[str]:
    """What clock changes between now and then make of the hour."""
    then, today = (moment.astimezone(zone) for moment in (at, now))
    notes = []
    if then.utcoffset() != today.utcoffset():
        notes.append(
            f"Clocks change in {zone.key} before then: it is {_offset(then)} at that time, {_offset(today)} today."
        )
    apart_then, apart_now = (
        (moment.astimezone(zone).utcoffset() or timedelta()) - (moment.astimezone(reader).utcoffset() or timedelta())
        for moment in (at, now)
    )
    if apart_then != apart_now:
        notes.append(f"By then you are {_hours(apart_then)} apart from there, not {_hours(apart_now)} as today.")
    return notes


def _twice(wall: datetime, zone: ZoneInfo, reader: tzinfo, *, gap: bool) -> TimeTold:
    """A time that a clock change leaves out or shows twice, with both readings and what can be chosen."""
    first, second = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    readings = " or ".join(f"{_clock(moment, zone)}, {when(moment, reader)} for you" for moment in (first, second))
    if gap:
        says = f"{wall:%H:%M} does not exist on {wall.day} {wall:%B %Y} in {zone.key}: clocks go forward over it."
        walls = [moment.astimezone(zone).replace(tzinfo=None) for moment in (first, second)]
    else:
        says = f"{wall:%H:%M} comes twice on {wall.day} {wall:%B %Y} in {zone.key}: clocks go back through it."
        walls = list(beside(wall, zone))
    choices = tuple((f"{one:%Y-%m-%dT%H:%M}", f"{one:%a} {one.day} {one:%b %H:%M}") for one in walls)
    more = "" if gap else " PostSyncer cannot be told which, so that none in that hour is sent."
    return TimeTold(trouble=f"{says} Meant may be {readings}.{more}", choices=choices)


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%H:%M} ({_offset(local)})"


def _offset(local: datetime) -> str:
    text = f"{local:%z}"
    return f"UTC{text[:3]}:{text[3:5]}"


def _hours(span: timedelta) -> str:
    hours = abs(span.total_seconds()) / 3600
    return f"{hours:g} h"
