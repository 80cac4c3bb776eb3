"""When a job is due: one date after the other, each once, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.night.due import clock_changes, latest_due, next_due
from agent.night.jobs import Job

ZONES = (
    *("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland"),
    *("Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "UTC", "Asia/Kathmandu"),
)


def job(at: str = "22:00", **values: Any) -> Job:
    return Job(name="hours", goal="Draft it", workspace="11", at=at, **values)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "days", "zone", "now", "date", "due"),
    [
        ("22:00", (), "Europe/Berlin", "2026-11-24 20:59", "2026-11-23", "2026-11-23 21:00"),
        ("22:00", (), "Europe/Berlin", "2026-11-24 21:00", "2026-11-24", "2026-11-24 21:00"),
        # After midnight the night still belongs to the evening before.
        ("22:00", (), "Europe/Berlin", "2026-11-25 03:00", "2026-11-24", "2026-11-24 21:00"),
        ("22:00", (), "Pacific/Auckland", "2026-11-24 08:59", "2026-11-23", "2026-11-23 09:00"),
        ("22:00", (), "Pacific/Auckland", "2026-11-24 09:00", "2026-11-24", "2026-11-24 09:00"),
        ("06:15", (), "Asia/Kathmandu", "2026-11-24 00:30", "2026-11-24", "2026-11-24 00:30"),
        ("22:00", ("monday",), "Europe/Berlin", "2026-11-29 12:00", "2026-11-23", "2026-11-23 21:00"),
        ("22:00", ("tuesday", "sunday"), "Europe/Berlin", "2026-11-29 22:00", "2026-11-29", "2026-11-29 21:00"),
        # 02:30 exists twice: it is due the first time. It does not exist: it is due when it would have been.
        ("02:30", (), "Europe/Berlin", "2026-10-25 00:30", "2026-10-25", "2026-10-25 00:30"),
        ("02:30", (), "Europe/Berlin", "2027-03-28 01:30", "2027-03-28", "2027-03-28 01:30"),
    ],
)
def test_the_latest_due_date(at: str, days: Any, zone: str, now: str, date: str, due: str) -> None:
    found = latest_due(job(at, days=days), ZoneInfo(zone), utc(now))
    assert (found.date, found.at) == (date, utc(due))


@given(
    st.integers(1_704_067_200, 1_924_992_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(ZONES),
    st.times(),
    st.sets(st.sampled_from(["monday", "wednesday", "sunday"])),
)
def test_now_lies_between_the_latest_and_the_next(now: datetime, zone: str, at: Any, days: set[Any]) -> None:
    one = job(f"{at:%H:%M}", days=tuple(sorted(days)))
    latest, following = latest_due(one, ZoneInfo(zone), now), next_due(one, ZoneInfo(zone), now)
    assert latest.at <= now < following.at and latest.date < following.date
    assert latest_due(one, ZoneInfo(zone), following.at) == following
    assert next_due(one, ZoneInfo(zone), latest.at) == following


@pytest.mark.parametrize("at", ["01:59", "02:00", "02:30", "02:59", "03:00", "00:00", "23:59"])
@pytest.mark.parametrize(("zone", "around"), [("Europe/Berlin", "2026-10-25"), ("Europe/Berlin", "2027-03-28")])
def test_over_a_clock_change_each_date_comes_once_and_in_order(at: str, zone: str, around: str) -> None:
    start = utc(f"{around} 12:00") - timedelta(days=2)
    seen = [latest_due(job(at), ZoneInfo(zone), start + timedelta(minutes=5 * step)).date for step in range(4 * 288)]
    changes = [date for before, date in pairwise(seen) if before != date]
    assert changes == sorted(set(changes)) and len(changes) == 4


def test_a_date_that_a_zone_leapt_over_is_harmless() -> None:
    """Apia had no 30 December 2011: its jobs go on with the 31st."""
    found = latest_due(job("12:00"), ZoneInfo("Pacific/Apia"), utc("2011-12-31 00:00"))
    assert found.at <= utc("2011-12-31 00:00") and found.date in {"2011-12-30", "2011-12-31"}


def test_clock_changes_ahead_name_zone_instant_and_whom_they_hit() -> None:
    changes = clock_changes(["America/New_York", "Europe/Berlin", "UTC"], utc("2026-10-24 12:00"), timedelta(hours=36))
    assert [(change.zone, change.at) for change in changes] == [("Europe/Berlin", utc("2026-10-25 01:00"))]
    assert changes[0].hits(job("02:30")) and not changes[0].hits(job("03:00")) and not changes[0].hits(job("22:00"))
    assert clock_changes(["Europe/Berlin"], utc("2026-11-24 12:00"), timedelta(hours=36)) == []
