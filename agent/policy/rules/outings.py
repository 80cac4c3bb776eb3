"""When a call brings a post out: its time, now, or every date of a repeat; what rules of time and cadence share."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import MISSING

from agent.api.posts import PostFields, ScheduleFor
from agent.policy.occurrences import Occurrence, Shift, further, read_wall
from agent.policy.rules.case import Case

#: Outside these years instants can overflow.
_YEARS = (1970, 9998)


@dataclass(frozen=True)
class Outing:
    """One time it goes out; `again` says that it is a repeat, which may be for some of the accounts only."""

    at: datetime
    shift: Shift = ""
    again: bool = False


def outings(case: Case) -> tuple[Outing, ...]:
    """All times, in order; none for a draft, and none where a time cannot be told (the next free slot).

    A time that has two readings counts by the earlier one. Whether the number of repeats counts the first time is not
    documented: the last of these may be one too many.
    """
    fields = case.going_out
    if fields is None:
        return ()
    zone = zone_of(case)
    if fields.schedule_type == "publish_now":
        first, wall = Occurrence(case.facts.now.astimezone(UTC)), None
        if zone is not None:
            wall = first.at.astimezone(zone).replace(tzinfo=None)
    else:
        when = time_of(fields)
        wall = wall_of(when) if when is not None else None
        if wall is None or zone is None:
            return ()
        first = read_wall(wall, zone)
    found = [Outing(first.at, first.shift)]
    times, gap, unit = fields.repeatable_times, fields.repeatable_gap, fields.repeatable_gap_unit
    repeats = isinstance(times, int) and isinstance(gap, int) and isinstance(unit, str)
    if fields.repeatable is True and repeats and wall is not None and zone is not None:
        found += [Outing(one.at, one.shift, again=True) for one in further(wall, times, gap, unit, zone)]  # type: ignore[arg-type]
    return tuple(found)


def repeats_on(case: Case) -> frozenset[int] | None:
    """The accounts that a repeat goes out on; None for all of them."""
    fields = case.going_out
    if fields is None or fields.repeatable_accounts is MISSING or not fields.repeatable_accounts:
        return None
    return frozenset(fields.repeatable_accounts)


def scheduled(case: Case) -> PostFields | None:
    """The body of a post that this call schedules, or None."""
    fields = case.going_out
    return fields if fields is not None and fields.schedule_type == "schedule" else None


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


def zone_of(case: Case) -> ZoneInfo | None:
    """The zone of the workspace that a post's body names; None where it is not known."""
    fields = case.fields
    try:
        return case.facts.zone(fields.workspace_id) if fields is not None else None
    except (KeyError, ValueError, OSError):
        return None
