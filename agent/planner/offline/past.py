"""Days gone by: what a goal about posts that are out means by yesterday, last week and the like."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from agent.planner.offline.words import NUMBER, Scanner, count_of

_LEAD = r"\b(?:(?:over|during|in|within|of|from|for|on|the) ){0,4}"
_OWN = r"\b(?:['’]s?)?"
_PERIODS = (
    rf"{_LEAD}(?P<named>yesterday|today|this week|last week){_OWN}",
    rf"{_LEAD}(?:last|past) (?P<amount>{NUMBER}) days{_OWN}",
)


@dataclass(frozen=True)
class Period:
    """Days gone by, today as far as it goes.

    `today` and `yesterday`. `last week`: Monday to Sunday before this week. `this week`: from Monday on. `days`: today
    and the `number` days before it.
    """

    kind: Literal["today", "yesterday", "last week", "this week", "days"]
    number: int = 0


#: What is looked at where a goal names no days.
LATELY = Period("days", 7)


def take_period(scan: Scanner) -> Period | None:
    """The days gone by that the words name, taken out of them; None where they name none."""
    for pattern in _PERIODS:
        if match := scan.take(pattern):
            return _read(match)
    return None


def _read(match: re.Match[str]) -> Period:
    found = match.groupdict()
    if found.get("amount"):
        return Period("days", count_of(found["amount"]))
    match found["named"].casefold():
        case "yesterday":
            return Period("yesterday")
        case "today":
            return Period("today")
        case "this week":
            return Period("this week")
        case _:
            return Period("last week")


def days_of(period: Period, now: datetime) -> tuple[date, date]:
    """First and last day of a period, on the clock of `now`."""
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    match period.kind:
        case "today":
            return today, today
        case "yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        case "this week":
            return monday, today
        case "last week":
            return monday - timedelta(days=7), monday - timedelta(days=1)
        case _:
            return today - timedelta(days=period.number), today
