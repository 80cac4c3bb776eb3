"""When: days and times of day in a goal, and the wall-clock moments they mean.

"next" and a bare weekday mean the first such day after today, "this" may be today; "next week" starts on Monday. A time
without a day is the next such time. "morning" is 9:00, "noon" 12:00, "afternoon" 15:00, "evening" 18:00.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from agent.planner.offline.words import NUMBER, CannotDo, Scanner, count_of

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})\b"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)}|{'|'.join(month[:3] for month in _MONTHS)}|sept)\b\.?"
_DAY_OF_MONTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>\d{4})\b)?"
_LEAD = r"\b(?:(?:on|for|by|over|during|across|throughout|from|the|coming) ){0,5}"

_SLOT = r"\b(?:(?:in|into|at|for|on|to) )?(?:the )?next (?:free |open |available )?(?:slot|posting time|free time)\b"
_DELAY = rf"\bin (?P<delay>{NUMBER}|an?|half an) (?P<unit>minutes?|hours?)\b"

_CLOCKS = (
    r"\b(?:at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::00)?(?: ?(?P<half>[ap])\.?m\b\.?)?(?: ?h\b)?",
    r"\b(?:at )?(?P<hour>\d{1,2}) ?(?P<half>[ap])\.?m\b\.?",
    r"\bat (?P<hour>\d{1,2})\.(?P<minute>\d{2})\b",
    r"\bat (?P<hour>\d{1,2})(?: o['’]clock\b)?(?![\w%:-])",
    r"\b(?:at |in the |around )?(?P<named>noon|midday|morning|afternoon|evening)\b",
)
_NAMED = {"noon": time(12), "midday": time(12), "morning": time(9), "afternoon": time(15), "evening": time(18)}


@dataclass(frozen=True)
class Day:
    """A day, or days to choose from.

    `ahead`: `number` days from today. `weekday`: the first one after today, or, where `this`, from today on. `week`:
    that weekday of the next week. `date`: `year` 0 is the next such date. `span`: `number` days from tomorrow on, or
    the `next` week, or the rest of `this` one.
    """

    kind: Literal["ahead", "weekday", "week", "date", "span"]
    number: int = 0
    month: int = 0
    year: int = 0
    which: Literal["", "this", "next"] = ""


@dataclass(frozen=True)
class When:
    """What a goal says about time: the next free slot, a delay in minutes, or a day and a time of day."""

    slot: bool = False
    delay: int | None = None
    day: Day | None = None
    clock: time | None = None
    #: A weekday named beside a date: it has to agree.
    weekday: int | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing has to be asked."""
        return self.slot or self.delay is not None or self.clock is not None


def take_when(scan: Scanner) -> When | None:
    """What the words say about time, taken out of them; None where they say nothing. Raises CannotDo."""
    if scan.take(_SLOT):
        return When(slot=True)
    if delay := scan.take(_DELAY):
        return When(delay=_minutes(delay["delay"], delay["unit"]))
    day = _take_day(scan)
    weekday = None
    if day and day.kind == "date":
        named = scan.take(_LEAD + _WEEKDAY)
        weekday = _WEEKDAYS.index(named["weekday"].casefold()) if named else None
    clock = _take_clock(scan)
    return When(day=day, clock=clock, weekday=weekday) if day or clock else None


def _minutes(amount: str, unit: str) -> int:
    minutes = 60 if unit.casefold().startswith("hour") else 1
    if amount.casefold() == "half an":
        return minutes // 2 or 1
    return minutes if amount.casefold() in {"a", "an"} else minutes * count_of(amount)


def _ahead(number: int) -> Callable[[re.Match[str]], Day]:
    return lambda _: Day("ahead", number)


def _in_days(match: re.Match[str]) -> Day:
    amount = 1 if match["amount"].casefold() in {"a", "an"} else count_of(match["amount"])
    return Day("ahead", amount * (7 if match["unit"].casefold().startswith("week") else 1))


def _iso(match: re.Match[str]) -> Day:
    return _date(int(match["year"]), int(match["number"]), int(match["day"]))


def _written_date(match: re.Match[str]) -> Day:
    month = next(at for at, name in enumerate(_MONTHS, start=1) if name.startswith(match["month"].casefold()[:3]))
    return _date(int(match["year"] or 0), month, int(match["day"]))


def _date(year: int, month: int, day: int) -> Day:
    try:
        date(year or 2000, month, day)
    except ValueError:
        raise CannotDo(f"There is no day {day} in month {month}{f' of {year}' if year else ''}.") from None
    return Day("date", day, month, year)


def _weekday(match: re.Match[str]) -> Day:
    number = _WEEKDAYS.index(match["weekday"].casefold())
    return Day("weekday", number, which="this" if (match["which"] or "").casefold() == "this" else "")


def _weekday_of_next(match: re.Match[str]) -> Day:
    return Day("week", _WEEKDAYS.index(match["weekday"].casefold()))


def _week(match: re.Match[str]) -> Day:
    return Day("span", which="this" if match["which"].casefold() == "this" else "next")


def _next_days(match: re.Match[str]) -> Day:
    return Day("span", count_of(match["amount"]))


_DAYS: Sequence[tuple[str, Callable[[re.Match[str]], Day]]] = (
    (_LEAD + r"(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})(?!\d)T?", _iso),
    (_LEAD + _DAY_OF_MONTH + r"(?: of)? " + _MONTH + _YEAR, _written_date),
    (_LEAD + _MONTH + " (?:the )?" + _DAY_OF_MONTH + r"(?![\d:])" + _YEAR, _written_date),
    (_LEAD + r"day after tomorrow\b", _ahead(2)),
    (_LEAD + r"tomorrow\b(?!['’])", _ahead(1)),
    (_LEAD + r"today\b(?!['’])", _ahead(0)),
    (rf"\bin (?P<amount>{NUMBER}|an?) (?P<unit>days?|weeks?)\b", _in_days),
    (_LEAD + _WEEKDAY + r",?(?: of)? next week\b", _weekday_of_next),
    (_LEAD + r"next week,? (?:on )?" + _WEEKDAY, _weekday_of_next),
    (_LEAD + rf"next (?P<amount>{NUMBER}) days\b", _next_days),
    (_LEAD + r"(?P<which>next|this|coming) week\b", _week),
    (_LEAD + r"(?:(?P<which>this|next) )?" + _WEEKDAY + r"(?!['’])", _weekday),
)

#: Where a subject ends because a time follows.
TIME_FOLLOWS = "|".join(
    (
        r"\s+(?:(?:on|for|by|over|during|across|throughout) (?:the )?)?(?:next|this|coming) \w",
        rf"\s+(?:on|for|by) (?:the )?(?:{'|'.join(_WEEKDAYS)}|\d)",
        r"\s+(?:(?:on|for) )?(?:tomorrow|today)\b(?!['’])",
        rf"\s+in (?:{NUMBER}|an?|half an) (?:minute|hour|day|week)",
        r"\s+(?:at|in) (?:the )?(?:\d|noon|midday|morning|afternoon|evening|next)",
    )
)


def _take_day(scan: Scanner) -> Day | None:
    for pattern, read in _DAYS:
        if match := scan.take(pattern):
            return read(match)
    return None


def _take_clock(scan: Scanner) -> time | None:
    for pattern in _CLOCKS:
        if match := scan.take(pattern):
            return _clock(match)
    return None


def _clock(match: re.Match[str]) -> time:
    found = match.groupdict()
    if found.get("named"):
        return _NAMED[found["named"].casefold()]
    hour, half = int(found["hour"]), (found.get("half") or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            raise CannotDo(f'"{match.group().strip()}" is no time of day.')
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(found.get("minute") or 0))
    except ValueError:
        raise CannotDo(f'"{match.group().strip()}" is no time of day.') from None


def moments(when: When, now: datetime, count: int = 1) -> list[datetime]:
    """The wall-clock moments meant, in the zone of `now`: one for each of `count` posts.

    Over a span of days the posts are spread evenly; a single day holds all of them. Raises CannotDo for what has passed
    or does not fit.
    """
    if when.delay is not None:
        return [(now.astimezone(UTC) + timedelta(minutes=when.delay)).astimezone(now.tzinfo)] * count
    clock = when.clock or time()
    found = [datetime.combine(day, clock, now.tzinfo) for day in _days(when, now, count)]
    for moment in found:
        if moment <= now:
            raise CannotDo(f"{moment:%Y-%m-%d %H:%M} has passed: it is {now:%Y-%m-%d %H:%M} there.")
    return found


def days_meant(when: When, now: datetime) -> tuple[date, date]:
    """First and last day of what a goal asks about; this week begins today."""
    if when.day is None or when.slot or when.delay is not None:
        raise CannotDo("Which days are meant is not clear.")
    if when.day.kind == "span":
        days = _span(when.day, now.date())
        return (days[0] if when.day.which == "next" else now.date()), days[-1] if days else now.date()
    found = _days(when, now, 1)[0]
    return found, found


def exact_day(day: date) -> Day:
    """A calendar day as a goal could name it."""
    return Day("date", day.day, day.month, day.year)


def _days(when: When, now: datetime, count: int) -> list[date]:
    today, day = now.date(), when.day
    if day is None:
        return [today + timedelta(days=0 if when.clock and when.clock > now.time() else 1)] * count
    if day.kind == "span":
        return _spread(_span(day, today), count)
    if day.kind == "ahead":
        return [today + timedelta(days=day.number)] * count
    if day.kind == "week":
        return [today + timedelta(days=7 - today.weekday() + day.number)] * count
    if day.kind == "weekday":
        ahead = (day.number - today.weekday()) % 7
        return [today + timedelta(days=ahead if ahead or day.which == "this" else 7)] * count
    found = _next_date(day, today)
    if when.weekday is not None and found.weekday() != when.weekday:
        named = _WEEKDAYS[when.weekday].capitalize()
        raise CannotDo(f"{found:%Y-%m-%d} is a {found:%A}, not a {named}.")
    return [found] * count


def _next_date(day: Day, today: date) -> date:
    for year in [day.year] if day.year else range(today.year, today.year + 9):
        try:
            found = date(year, day.month, day.number)
        except ValueError:
            continue  # 29 February of a common year
        if day.year or found >= today:
            return found
    raise CannotDo(f"There is no day {day.number} in month {day.month}{f' of {day.year}' if day.year else ''}.")


def _span(day: Day, today: date) -> list[date]:
    if day.number:
        return [today + timedelta(days=ahead) for ahead in range(1, day.number + 1)]
    monday = today - timedelta(days=today.weekday())
    if day.which == "next":
        return [monday + timedelta(days=ahead) for ahead in range(7, 14)]
    return [one for ahead in range(7) if (one := monday + timedelta(days=ahead)) > today]


def _spread(days: Sequence[date], count: int) -> list[date]:
    if count > len(days):
        raise CannotDo(f"{count} posts do not fit on {len(days)} days, one a day.")
    return [days[at * len(days) // count] for at in range(count)]
