"""What part of the calendar is looked at: which days, whose posts, in which zone; read from an address and made one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal
from urllib.parse import parse_qsl, urlencode

View = Literal["month", "week", "list", "drafts"]
VIEWS: tuple[tuple[View, str], ...] = (("month", "Month"), ("week", "Week"), ("list", "List"), ("drafts", "Drafts"))

#: Days of a list.
LIST_DAYS = 28
_WEEK = timedelta(days=7)
#: Pages of a list.
_MOST_PAGES = 1000
_ID = 10**15
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Look:
    """`day` lies in what is shown. `workspace` and `account` 0 are all. `own_zone`: times in the reader's zone.

    `days` is how many a list shows, `page` which fifty of it.
    """

    view: View
    day: date
    workspace: int = 0
    account: int = 0
    own_zone: bool = False
    days: int = LIST_DAYS
    page: int = 1

    @property
    def whose(self) -> str:
        """The workspace or account as a form names it: `w11`, `a101`."""
        return f"a{self.account}" if self.account else f"w{self.workspace}" if self.workspace else ""

    @property
    def first(self) -> date:
        """The first day that is shown."""
        if self.view == "month":
            first = self.day.replace(day=1)
            return first - timedelta(days=first.weekday())
        return self.day - timedelta(days=self.day.weekday()) if self.view == "week" else self.day

    @property
    def end(self) -> date:
        """The day after the last one."""
        if self.view == "month":
            after = _next_month(self.day)
            return after + timedelta(days=-after.weekday() % 7)
        return self.first + (_WEEK if self.view == "week" else timedelta(days=self.days))

    @property
    def weeks(self) -> list[list[date]]:
        """The days in rows of a week."""
        count = (self.end - self.first).days
        days = [self.first + timedelta(days=at) for at in range(count)]
        return [days[at : at + 7] for at in range(0, count, 7)]

    def span(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """From when until when, in a zone."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.end, time(), zone)

    @property
    def title(self) -> str:
        """Which days these are."""
        if self.view == "month":
            return f"{self.day:%B %Y}"
        last = self.end - timedelta(days=1)
        if last == self.first:
            return f"{self.first:%A} {_short(self.first)} {self.first.year}"
        return f"{_short(self.first)} to {_short(last)} {last.year}"

    def moved(self, steps: int) -> "Look":
        """The next such days, or those before."""
        if self.view == "month":
            first = self.day.replace(day=1)
            other = _next_month(first) if steps > 0 else (first - timedelta(days=1)).replace(day=1)
            return replace(self, day=_within(other), page=1)
        days = 7 if self.view == "week" else self.days
        return replace(self, day=_within(self.day + timedelta(days=steps * days)), page=1)

    @property
    def query(self) -> str:
        """As it stands in an address."""
        values: dict[str, object] = {"view": self.view, "day": self.day.isoformat()}
        if self.whose:
            values["whose"] = self.whose
        if self.own_zone:
            values["zone"] = "mine"
        if self.days != LIST_DAYS and self.view == "list":
            values["days"] = self.days
        if self.page > 1:
            values["page"] = self.page
        return urlencode(values)

    def link(self, **changes: object) -> str:
        """The address of this look, changed."""
        fresh = {"page": 1, **changes}
        return "/calendar?" + replace(self, **fresh).query  # type: ignore[arg-type]  # names are our templates' own


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _within(day: date) -> date:
    return min(max(day, _FIRST), _LAST)


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def read_look(values: Mapping[str, str], today: date) -> Look:
    """The look that an address asks for; what it says wrong counts as not said."""
    views = {view: view for view, _ in VIEWS}
    try:
        day = date.fromisoformat(values.get("day", ""))
    except ValueError:
        day = today
    whose = values.get("whose", "")
    return Look(
        view=views.get(values.get("view", "month"), "month"),  # type: ignore[call-overload]  # any text may be asked for
        day=_within(day),
        workspace=_number(whose[1:], _ID) if whose.startswith("w") else 0,
        account=_number(whose[1:], _ID) if whose.startswith("a") else 0,
        own_zone=values.get("zone") == "mine",
        days=min(max(1, _number(values.get("days", ""), 31) or LIST_DAYS), 31),
        page=max(1, _number(values.get("page", ""), _MOST_PAGES)),
    )


def read_query(query: str, today: date) -> Look:
    """The look that a form sends along to come back to."""
    return read_look(dict(parse_qsl(query[:500])), today)


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) <= 15 else 0
