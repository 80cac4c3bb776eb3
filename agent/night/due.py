"""When a job is due: pure calendar, on the wall clock of its workspace.

A job's date is that of its latest due time: missed nights are caught up once, not once each. Across a clock change the
date counts, never the hour: an hour that does not exist is due when it would have been, one that exists twice is due
the first time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from agent.night.jobs import Job

#: Every weekday occurs within these days.
_WEEK = 8


@dataclass(frozen=True)
class Due:
    """A date of a job, and the instant (UTC) from which it is due."""

    date: str
    at: datetime


def latest_due(job: Job, zone: ZoneInfo, now: datetime) -> Due:
    """The newest date of the job whose due time is not after `now`."""
    return max((due for due in _around(job, zone, now) if due.at <= now), key=lambda due: due.at)


def next_due(job: Job, zone: ZoneInfo, now: datetime) -> Due:
    """The first date of the job whose due time lies after `now`."""
    return min((due for due in _around(job, zone, now) if due.at > now), key=lambda due: due.at)


def _around(job: Job, zone: ZoneInfo, now: datetime) -> Iterator[Due]:
    today = now.astimezone(zone).date()
    for ahead in range(-_WEEK, _WEEK + 1):
        day = today + timedelta(days=ahead)
        if job.due_on(day.weekday()):
            yield Due(day.isoformat(), _instant(job, day, zone))


def _instant(job: Job, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, job.time, zone).astimezone(UTC)


@dataclass(frozen=True)
class ClockChange:
    """A change of the clocks: before and after are offsets from UTC."""

    zone: str
    at: datetime
    before: timedelta
    after: timedelta

    def hits(self, job: Job) -> bool:
        """Whether the job's time of day does not exist, or exists twice, on that day."""
        local = datetime.combine(self.at.astimezone(ZoneInfo(self.zone)).date(), job.time)
        first, second = (local.replace(tzinfo=ZoneInfo(self.zone), fold=fold).utcoffset() for fold in (0, 1))
        return first != second


def clock_changes(zones: Iterable[str], now: datetime, within: timedelta) -> list[ClockChange]:
    """Clock changes of these zones from `now` on, in order."""
    found = []
    for name in sorted(set(zones)):
        zone = ZoneInfo(name)
        hours = [now + timedelta(hours=hour) for hour in range(int(within / timedelta(hours=1)) + 1)]
        for start, end in pairwise(hours):
            before, after = _offset(start, zone), _offset(end, zone)
            if before != after:
                found.append(ClockChange(name, _when(start, end, zone), before, after))
    return sorted(found, key=lambda change: change.at)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _when(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The first minute with the new offset."""
    moment = start.replace(second=0, microsecond=0)
    while moment < end and _offset(moment, zone) == _offset(start, zone):
        moment += timedelta(minutes=1)
    return moment
