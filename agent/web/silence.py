"""When the policy in force lets nothing out by itself: quiet hours and blackout days, for a calendar. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from agent.policy.layers import Scope
from agent.policy.pack import Pack
from agent.policy.rules.calendar import BlackoutParams, QuietParams, Span, span
from agent.policy.rules.rule import Params
from agent.web.agenda import Filter
from agent.web.places import Places

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """Quiet hours on a workspace's clock."""

    start: time
    end: time
    zone: ZoneInfo

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Those that begin on a day."""
        last = day if self.start < self.end else day + _DAY
        return datetime.combine(day, self.start, self.zone), datetime.combine(last, self.end, self.zone)

    def hold(self, at: datetime) -> bool:
        """Whether an instant lies in them."""
        moment = at.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True)
class Silence:
    """`hours` are the quiet ones where all accounts that are shown have the same, else None.

    Where they have not, `differ` says how, in words: the same hours on different clocks, or others.
    `days` are blackout days with their reasons; `partly` those of some accounts alone. `crisis`: nothing goes out.
    """

    hours: Hours | None = None
    differ: str = ""
    spans: tuple[Span, ...] = ()
    partly: tuple[Span, ...] = ()
    crisis: bool = False

    def reasons(self, day: date) -> str:
        """Why nothing goes out on a day; empty where something may."""
        whole = [one.reason for one in self.spans if one.first <= day <= one.last]
        some = [f"{one.reason} (some accounts)" for one in self.partly if one.first <= day <= one.last]
        return "; ".join((*whole, *some))

    def shaded(self, first: date, end: date, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """The quiet hours of days, as a clock in a zone shows them."""
        if self.hours is None:
            return
        day = first - 2 * _DAY
        while day < end + _DAY:
            since, until = self.hours.on(day)
            yield since.astimezone(zone), until.astimezone(zone)
            day += _DAY


@dataclass
class _Found:
    hours: set[Hours | None] = field(default_factory=set)
    spans: list[frozenset[Span]] = field(default_factory=list)
    crisis: list[bool] = field(default_factory=list)


def silence(pack: Pack, places: Places, whose: Filter) -> Silence:
    """What the policy says of the accounts that are shown, with the figures of each."""
    found = _Found()
    for workspace, account in _shown(places, whose):
        scopes: tuple[Scope, ...] = (("workspace", workspace), *((("account", account),) if account else ()))
        quiet, black = (_params(pack, name, scopes) for name in ("time.quiet", "time.blackout"))
        found.hours.add(_hours(quiet, places.zone(workspace)))
        dates = black.dates if isinstance(black, BlackoutParams) else ()
        found.spans.append(frozenset(span(text) for text in dates))
        found.crisis.append(isinstance(black, BlackoutParams) and black.crisis)
    everywhere = frozenset.intersection(*found.spans) if found.spans else frozenset()
    some = frozenset[Span]().union(*found.spans) - everywhere
    return Silence(
        hours=next(iter(found.hours)) if len(found.hours) == 1 else None,
        differ=_differ(found.hours),
        spans=_in_order(everywhere),
        partly=_in_order(some),
        crisis=any(found.crisis),
    )


def _differ(hours: set[Hours | None]) -> str:
    if len(hours) < 2:
        return ""
    clocks = {(one.start, one.end) if one else None for one in hours}
    if len(clocks) == 1 and (clock := clocks.pop()) is not None:
        return f"Quiet hours {clock[0]:%H:%M} to {clock[1]:%H:%M} on the clock of each workspace"
    return "Quiet hours differ between these accounts"


def _in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda one: (one.first, one.last, one.reason)))


def _shown(places: Places, whose: Filter) -> list[tuple[int, int]]:
    """Workspaces and accounts; a workspace without accounts stands for itself."""
    if whose.account and whose.account in places.accounts:
        return [(places.accounts[whose.account].workspace_id or whose.workspace, whose.account)]
    homes = [whose.workspace] if whose.workspace else list(places.workspaces)
    found = [(home, account.id) for home in homes for account in places.accounts_of(home)]
    return found or [(home, 0) for home in homes]


def _params(pack: Pack, rule_id: str, scopes: tuple[Scope, ...]) -> Params | None:
    """The figures of a rule that are in force; None where it is off."""
    rule = pack.rule(rule_id)
    if rule is None:
        return None
    own = pack.rule_in(rule, scopes)
    return own.params if own.on else None


def _hours(params: Params | None, zone: ZoneInfo) -> Hours | None:
    if not isinstance(params, QuietParams) or params.start == params.end:
        return None
    return Hours(time.fromisoformat(params.start), time.fromisoformat(params.end), zone)
