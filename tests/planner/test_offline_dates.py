"""Days and times of a goal, as wall-clock moments."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.planner.offline.dates import Day, When, days_meant, moments, take_when
from agent.planner.offline.words import CannotDo, Scanner

BERLIN = ZoneInfo("Europe/Berlin")
#: A Tuesday.
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)


def meant(words: str, now: datetime = NOW, count: int = 1) -> list[str]:
    scan = Scanner(words)
    when = take_when(scan)
    assert when is not None and scan.leftover() == ""
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in moments(when, now, count)]


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("tomorrow at 9", "2026-11-25 09:00"),
        ("tomorrow 9:00", "2026-11-25 09:00"),
        ("for tomorrow at 9 am", "2026-11-25 09:00"),
        ("tomorrow at 9am", "2026-11-25 09:00"),
        ("tomorrow at 9:30 p.m.", "2026-11-25 21:30"),
        ("tomorrow at 12 am", "2026-11-25 00:00"),
        ("tomorrow at 12 pm", "2026-11-25 12:00"),
        ("tomorrow at 9 o'clock", "2026-11-25 09:00"),
        ("tomorrow at 17.30", "2026-11-25 17:30"),
        ("tomorrow at noon", "2026-11-25 12:00"),
        ("tomorrow morning", "2026-11-25 09:00"),
        ("tomorrow afternoon", "2026-11-25 15:00"),
        ("tomorrow in the evening", "2026-11-25 18:00"),
        ("today at 17:30", "2026-11-24 17:30"),
        ("the day after tomorrow at 8:15", "2026-11-26 08:15"),
        ("Tuesday 9:00", "2026-12-01 09:00"),
        ("next Tuesday 9:00", "2026-12-01 09:00"),
        ("this Tuesday 17:00", "2026-11-24 17:00"),
        ("on Friday, at 9:00", "2026-11-27 09:00"),
        ("this Friday at 9:00", "2026-11-27 09:00"),
        ("next Friday at 9:00", "2026-11-27 09:00"),
        ("Friday next week at 9:00", "2026-12-04 09:00"),
        ("next week on Monday at 9:00", "2026-11-30 09:00"),
        ("in 3 days at noon", "2026-11-27 12:00"),
        ("in three days at noon", "2026-11-27 12:00"),
        ("in a week at noon", "2026-12-01 12:00"),
        ("in 2 weeks at noon", "2026-12-08 12:00"),
        ("on 2026-12-01 at 9:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00", "2026-12-01 09:00"),
        ("1 December at 9", "2026-12-01 09:00"),
        ("the 1st of December, 9:00", "2026-12-01 09:00"),
        ("December 1st, 2027 at 9:00", "2027-12-01 09:00"),
        ("Dec 1 at 9:00", "2026-12-01 09:00"),
        ("3 January at 9:00", "2027-01-03 09:00"),
        ("29 February at 9:00", "2028-02-29 09:00"),
        ("Tuesday, 1 December at 9:00", "2026-12-01 09:00"),
        ("at 17:30", "2026-11-24 17:30"),
        ("at 9:00", "2026-11-25 09:00"),
        ("in 30 minutes", "2026-11-24 10:30"),
        ("in half an hour", "2026-11-24 10:30"),
        ("in two hours", "2026-11-24 12:00"),
    ],
)
def test_a_time_is_read(words: str, moment: str) -> None:
    assert meant(words) == [moment]


@pytest.mark.parametrize("words", ["the next free slot", "in the next slot", "next available slot"])
def test_the_next_free_slot(words: str) -> None:
    assert take_when(Scanner(words)) == When(slot=True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("tomorrow at 25:00", "no time of day"),
        ("tomorrow at 13 pm", "no time of day"),
        ("30 February at 9:00", "no day 30"),
        ("2026-02-29 at 9:00", "no day 29"),
        ("today at 9:00", "has passed"),
        ("2020-01-01 at 9:00", "has passed"),
        ("Monday, 1 December at 9:00", "is a Tuesday, not a Monday"),
    ],
)
def test_what_is_no_time_or_has_passed_is_refused(words: str, says: str) -> None:
    with pytest.raises(CannotDo, match=says):
        meant(words)


def test_posts_spread_over_a_span() -> None:
    assert meant("over next week at 9:00", count=3) == ["2026-11-30 09:00", "2026-12-02 09:00", "2026-12-04 09:00"]
    assert meant("during this week at 9:00", count=2) == ["2026-11-25 09:00", "2026-11-27 09:00"]
    assert meant("over the next 10 days at 9:00", count=2) == ["2026-11-25 09:00", "2026-11-30 09:00"]
    assert meant("tomorrow at 9:00", count=2) == ["2026-11-25 09:00"] * 2
    with pytest.raises(CannotDo, match="do not fit"):
        meant("over next week at 9:00", count=8)


def test_days_asked_about() -> None:
    def days(words: str) -> tuple[str, str]:
        when = take_when(Scanner(words))
        assert when is not None
        first, last = days_meant(when, NOW)
        return f"{first}", f"{last}"

    assert days("this week") == ("2026-11-24", "2026-11-29")
    assert days("next week") == ("2026-11-30", "2026-12-06")
    assert days("tomorrow") == ("2026-11-25", "2026-11-25")
    assert days("in the next 7 days") == ("2026-11-24", "2026-12-01")


def test_a_delay_is_real_time_across_a_change_of_clocks() -> None:
    before = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    assert meant("in 3 hours", before) == ["2026-10-25 03:30"]


@given(
    now=st.datetimes(timezones=st.just(BERLIN)).map(lambda moment: moment.replace(year=2025 + moment.year % 5, day=9)),
    weekday=st.integers(0, 6),
    hour=st.integers(0, 23),
)
def test_a_weekday_is_one_of_the_next_seven_days(now: datetime, weekday: int, hour: int) -> None:
    (moment,) = moments(When(day=Day("weekday", weekday), clock=time(hour)), now)
    assert moment.weekday() == weekday
    assert 1 <= (moment.date() - now.date()).days <= 7


@given(st.text(max_size=80))
def test_no_words_break_it(words: str) -> None:
    try:
        when = take_when(Scanner(words))
        if when is not None and when.complete and not when.slot:
            assert all(moment > NOW for moment in moments(when, NOW))
    except CannotDo:
        pass
