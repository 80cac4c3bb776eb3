"""Relative times, wall clocks, slots and gaps."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sandbox.times import add_gap, as_read, as_written, at_wall_clock, next_slot, resolve

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
#: A Tuesday, 10:00 in Berlin.
NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
ZONES = [BERLIN, NEW_YORK, ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Kiritimati")]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("now", "2026-03-03 10:00"),
        ("today 12:00", "2026-03-03 12:00"),
        ("tomorrow 08:30", "2026-03-04 08:30"),
        ("Yesterday 8:05", "2026-03-02 08:05"),
        ("-3d 09:00", "2026-02-28 09:00"),
        ("+2w 10:00", "2026-03-17 10:00"),
        ("next friday 10:00", "2026-03-06 10:00"),
        ("friday 10:00", "2026-03-06 10:00"),
        ("next tuesday 10:00", "2026-03-10 10:00"),
        ("last tuesday 10:00", "2026-02-24 10:00"),
        ("last monday 23:59", "2026-03-02 23:59"),
        ("-2h", "2026-03-03 08:00"),
        ("+90m", "2026-03-03 11:30"),
        ("+30s", "2026-03-03 10:00"),
        ("+30d 09:00", "2026-04-02 09:00"),
        ("2026-05-01T07:00", "2026-05-01 07:00"),
        ("2026-05-01 07:00", "2026-05-01 07:00"),
        ("2026-05-01T07:00Z", "2026-05-01 09:00"),
    ],
)
def test_relative_times(when: str, expected: str) -> None:
    assert as_read(resolve(when, NOW, BERLIN), BERLIN) == expected


@pytest.mark.parametrize("when", ["", "soon", "next week 10:00", "friday", "25:00", "tomorrow", "today 25:00", "-3d"])
def test_unknown_times_are_refused(when: str) -> None:
    with pytest.raises(ValueError):
        resolve(when, NOW, BERLIN)


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(["monday", "friday", "sunday"]))
def test_next_and_last_weekday_lie_within_a_week_on_either_side(now: datetime, zone: ZoneInfo, day: str) -> None:
    today = now.astimezone(zone).date()
    ahead = resolve(f"next {day} 12:00", now, zone).astimezone(zone).date()
    back = resolve(f"last {day} 12:00", now, zone).astimezone(zone).date()
    assert 1 <= (ahead - today).days <= 7
    assert 1 <= (today - back).days <= 7
    assert f"{ahead:%A}".lower() == f"{back:%A}".lower() == day


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        ("2026-03-29", "02:30", BERLIN, "2026-03-29T01:30+00:00"),  # the hour does not exist: 03:30 on the clock
        ("2026-10-25", "02:30", BERLIN, "2026-10-25T00:30+00:00"),  # it exists twice: the first
        ("2026-03-08", "02:30", NEW_YORK, "2026-03-08T07:30+00:00"),
        ("2026-11-01", "01:30", NEW_YORK, "2026-11-01T05:30+00:00"),
    ],
)
def test_gap_and_fold(day: str, clock: str, zone: ZoneInfo, expected: str) -> None:
    found = at_wall_clock(date.fromisoformat(day), time.fromisoformat(clock), zone)
    assert found == datetime.fromisoformat(expected)


def test_dates_are_written_with_a_useless_meridiem_and_read_without() -> None:
    evening = datetime(2026, 3, 3, 22, 5, tzinfo=UTC)
    assert as_written(evening, BERLIN) == "2026-03-03 23:05 PM"
    assert as_written(NOW, BERLIN) == "2026-03-03 10:00 AM"
    assert as_read(evening, BERLIN) == "2026-03-03 23:05"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], "2026-03-03 12:00"),
        (["2026-03-03 12:00"], "2026-03-03 18:00"),
        (["2026-03-03 12:00", "2026-03-03 18:00"], "2026-03-04 09:00"),
    ],
)
def test_next_slot(taken: list[str], expected: str) -> None:
    busy = [resolve(when, NOW, BERLIN) for when in taken]
    slot = next_slot(NOW, BERLIN, ["18:00", "09:00", "12:00"], busy)
    assert slot is not None
    assert as_read(slot, BERLIN) == expected


def test_a_slot_in_less_than_five_minutes_is_not_taken() -> None:
    slot = next_slot(NOW, BERLIN, ["10:04", "10:05"], [])
    assert slot is not None
    assert as_read(slot, BERLIN) == "2026-03-03 10:05"


def test_no_slot_in_a_full_year() -> None:
    assert next_slot(NOW, BERLIN, [], []) is None


@pytest.mark.parametrize(
    ("start", "gap", "unit", "expected"),
    [
        ("2026-01-31 09:00", 1, "months", "2026-02-28 09:00"),
        ("2026-12-15 09:00", 2, "months", "2027-02-15 09:00"),
        ("2026-03-28 09:00", 1, "days", "2026-03-29 09:00"),  # over the start of summer time: same wall clock
        ("2026-03-28 09:00", 24, "hours", "2026-03-29 10:00"),  # exactly 24 hours: another wall clock
        ("2026-03-24 09:00", 1, "weeks", "2026-03-31 09:00"),
        ("2026-03-24 09:00", 45, "minutes", "2026-03-24 09:45"),
    ],
)
def test_repeat_gaps(start: str, gap: int, unit: str, expected: str) -> None:
    assert as_read(add_gap(resolve(start, NOW, BERLIN), gap, unit, BERLIN), BERLIN) == expected


@given(MOMENTS, st.integers(1, 30), st.sampled_from(["minutes", "hours", "days", "weeks", "months"]))
def test_a_gap_always_moves_forward(moment: datetime, gap: int, unit: str) -> None:
    moved = add_gap(moment, gap, unit, BERLIN)
    assert moved > moment - timedelta(hours=1)
    assert moved != moment
