"""Dates of a repeating post, held against an independent reading: minute by minute from UTC, never the other way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.policy.occurrences import MOST, further, read_wall, told

#: With clock changes of an hour, of half an hour, over midnight, a day that was left out, and none.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Pacific/Apia",
)
#: Wall-clock times, without a zone.
WALL = st.datetimes(datetime.fromisoformat("2011-01-01"), datetime.fromisoformat("2035-01-01"))


def wall_at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows at an instant."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def readings(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """All instants at which the clock shows this, found by looking at every quarter of an hour around."""
    start = wall.replace(tzinfo=UTC) - timedelta(hours=26)
    start -= timedelta(minutes=start.minute % 15 - wall.minute % 15)
    steps = (start + timedelta(minutes=15 * step) for step in range(4 * 52))
    return [at for at in steps if shown(at, zone) == wall]


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(ZONES),
    WALL,
    st.integers(1, 12),
    st.integers(1, 60),
    st.sampled_from(["days", "weeks"]),
)
def test_days_and_weeks_keep_the_time_of_day(name: str, first: datetime, times: int, gap: int, unit: str) -> None:
    zone = ZoneInfo(name)
    first = first.replace(second=0, microsecond=0, minute=first.minute - first.minute % 15)
    found = list(further(first, times, gap, unit, zone))
    assert len(found) == times
    for count, one in enumerate(found, 1):
        wall = first + timedelta(days=count * gap * (7 if unit == "weeks" else 1))
        there = readings(wall, zone)
        assert one.shift == {0: "gap", 1: "", 2: "fold"}[len(there)]
        if there:
            assert one.at == min(there)
        else:  # by the clock as it was before the change: the same distance before the gap as it stands behind it
            assert abs(shown(one.at, zone) - wall) <= timedelta(days=1) and readings(shown(one.at, zone), zone)


@settings(deadline=None)
@given(
    st.sampled_from(ZONES),
    WALL,
    st.integers(1, 20),
    st.integers(1, 500),
    st.sampled_from([("minutes", 60), ("hours", 3600)]),
)
def test_minutes_and_hours_are_exact(name: str, first: datetime, times: int, gap: int, unit: tuple[str, int]) -> None:
    zone = ZoneInfo(name)
    start = first.replace(tzinfo=zone).astimezone(UTC).timestamp()
    found = [one.at.timestamp() for one in further(first, times, gap, unit[0], zone)]
    assert found == pytest.approx([start + count * gap * unit[1] for count in range(1, times + 1)])


def test_a_month_from_the_last_day_ends_on_the_last_of_a_shorter_one() -> None:
    zone = ZoneInfo("Europe/Berlin")
    found = [told(one.at, zone) for one in further(wall_at("2027-01-31 09:00"), 3, 1, "months", zone)]
    assert found == ["2027-02-28 09:00 (UTC+01:00)", "2027-03-31 09:00 (UTC+02:00)", "2027-04-30 09:00 (UTC+02:00)"]


def test_a_plan_without_end_ends() -> None:
    zone = ZoneInfo("UTC")
    assert len(list(further(wall_at("2027-01-01"), 10**6, 1, "minutes", zone))) == MOST
    assert len(list(further(wall_at("2027-01-01"), 1000, 1000, "months", zone))) < 100
    assert list(further(wall_at("2027-01-01"), 5, 10**9, "weeks", zone)) == []


def test_a_unit_that_the_service_has_added_repeats_nothing() -> None:
    first = wall_at("2026-12-01 09:00")
    assert list(further(first, 3, 1, "quarters", ZoneInfo("UTC"))) == []
    assert len(list(further(first, 3, 1, "weeks", ZoneInfo("UTC")))) == 3


def test_the_two_readings() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert read_wall(wall_at("2027-03-28 02:30"), zone).shift == "gap"
    assert told(read_wall(wall_at("2027-10-31 02:30"), zone).at, zone) == "2027-10-31 02:30 (UTC+02:00)"
