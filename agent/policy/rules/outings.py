"""When a post's body brings it out: at its time, now, or at every date of a repeat."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import MISSING

from agent.api.posts import PostFields, ScheduleFor
from agent.policy.occurrences import Shift, further, read_wall

#: Outside these years instants can overflow.
_YEARS = (1970, 9998)


@dataclass(frozen=True)
class Outing:
    """One time it goes out; `again` says that it is a repeat, which may be for some of the accounts only."""

    at: datetime
    shift: Shift = ""
    again: bool = False


def outings(fields: PostFields, zone: ZoneInfo, now: datetime) -> tuple[Outing, ...]:
    """All times, in order; none for a draft, and none where a time cannot be told (the next free slot).

    A time that has two readings counts by the earlier one. Whether the number of repeats counts the first time is not
    documented: the last of these may be one too many.
    """
    if fields.schedule_type == "publish_now":
        first = Outing(now.astimezone(UTC))
        wall = first.at.astimezone(zone).replace(tzinfo=None)
    else:
        when = time_of(fields) if fields.schedule_type == "schedule" else None
        named = wall_of(when) if when is not None else None
        if named is None:
            return ()
        wall, read = named, read_wall(named, zone)
        first = Outing(read.at, read.shift)
    times, gap, unit = fields.repeatable_times, fields.repeatable_gap, fields.repeatable_gap_unit
    if fields.repeatable is not True or not isinstance(times, int) or not isinstance(gap, int):
        return (first,)
    later = further(wall, times, gap, unit, zone) if isinstance(unit, str) else ()
    return (first, *(Outing(one.at, one.shift, again=True) for one in later))


def repeats_on(fields: PostFields) -> frozenset[int] | None:
    """The accounts that a repeat goes out on; None for all of them."""
    named = () if fields.repeatable_accounts is MISSING else fields.repeatable_accounts
    return frozenset(named) or None


def time_of(fields: PostFields) -> ScheduleFor | None:
    """The time that is named, or None."""
    return None if fields.schedule_for is MISSING else fields.schedule_for


def wall_of(when: ScheduleFor) -> datetime | None:
    """The wall-clock time, without a zone; None for a date or time that no calendar has, or no plan reaches."""
    try:
        wall = datetime.fromisoformat(f"{when.date}T{when.time}")
    except ValueError:
        return None
    return wall if _YEARS[0] <= wall.year <= _YEARS[1] else None
