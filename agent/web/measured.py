"""The numbers that the page of performance shows, from what runs have read. Pure but for its questions."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from agent.api.types import Account, read_time
from agent.journal.ledger import Ledger
from agent.journal.mirror import MirrorPost
from agent.journal.numbers import METRICS
from agent.journal.overview import Kind, Numbers
from agent.reports.words import change
from agent.web.connected import Connected, named
from agent.web.figures import Figure, columns, lines, share

NAMES = {
    "impressions": "Impressions",
    "likes": "Likes",
    "comments": "Comments",
    "shares": "Shares",
    "saves": "Saves",
    "quotes": "Quotes",
    "engagement_rate": "Engagement rate",
}
DAYS = (7, 30, 90)
PER_PAGE = 50
#: Rows of the best and of the worst posts.
BEST = 5


def shown(metric: str, value: float | None) -> str:
    """A number of a kind as people read it; a dash for what was not shown."""
    if value is None:
        return "–"
    return f"{value:,.2f} %" if metric == "engagement_rate" else f"{round(value):,}"


@dataclass(frozen=True)
class Scope:
    """What is looked at: one account, one workspace, or everything."""

    kind: Kind = "all"
    key: int = 0

    def has(self, account: int, accounts: Mapping[int, Account]) -> bool:
        """Whether an account lies in it."""
        if self.kind == "all":
            return True
        if self.kind == "account":
            return account == self.key
        found = accounts.get(account)
        return found is not None and found.workspace_id == self.key


@dataclass(frozen=True)
class Publication:
    """A post on one account with its numbers; `out` is when it last went out, as far as that was read."""

    numbers: Numbers
    account: Account | None
    words: str
    out: datetime | None
    home: int

    @property
    def post(self) -> int:
        """The post's id."""
        return self.numbers.object

    @property
    def figures(self) -> list[str]:
        """All its numbers as people read them."""
        return [shown(name, self.numbers.get(name)) for name in NAMES]

    @property
    def name(self) -> str:
        """Network and account."""
        return named(self.account, self.numbers.account)


@dataclass
class Seen:
    """The posts of the mirror, taken in as they change: when each last went out, and its workspace."""

    change: int = 0
    posts: dict[int, MirrorPost] = field(default_factory=dict)

    def catch_up(self, ledger: Ledger, service: str) -> None:
        """Take in what changed since the last look."""
        now = ledger.mirror_state(service).change
        if now == self.change:
            return
        for key, post in ledger.mirrored(service, self.change).items():
            if post is not None:
                self.posts[key] = post
        self.change = now


def publications(ledger: Ledger, service: str, known: Connected, seen: Seen, scope: Scope) -> list[Publication]:
    """Every publication in a scope that has numbers."""
    seen.catch_up(ledger, service)
    words = ledger.overview.words(service)
    found = []
    for one in ledger.overview.measured(service, "publication"):
        if not scope.has(one.account, known.accounts):
            continue
        account, post = known.accounts.get(one.account), seen.posts.get(one.object)
        home = (post.workspace if post else None) or (account.workspace_id if account else None) or 0
        found.append(Publication(one, account, words.get(one.object, ""), _out(post, known, home), home))
    return found


def _out(post: MirrorPost | None, known: Connected, home: int) -> datetime | None:
    return _last_of(post.out, known.zone(home)) if post else None


@lru_cache(maxsize=8192)
def _last_of(times: tuple[str, ...], zone: ZoneInfo) -> datetime | None:
    """The last of some times as the service wrote them; one that cannot be read is left out."""
    found = []
    for raw in times:
        with suppress(ValueError, OverflowError):
            found.append(read_time(raw, zone))
    return max(found, default=None)


def elsewhere(one: Publication, known: Connected, zone: tzinfo) -> bool:
    """Whether a reader in this zone has another clock than the workspace had when the post went out."""
    return (
        one.out is not None
        and one.out.astimezone(zone).utcoffset() != one.out.astimezone(known.zone(one.home)).utcoffset()
    )


def by_metric(found: Iterable[Publication], metric: str) -> list[Publication]:
    """Those that have the number, the highest first."""
    have = [one for one in found if one.numbers.get(metric) is not None]
    return sorted(have, key=lambda one: (-(one.numbers.get(metric) or 0), -one.post))


def weakest(ranked: Sequence[Publication]) -> list[Publication]:
    """The last of those that are ranked and are no best ones; all zeros is what nobody has counted yet."""
    counted = [one for one in ranked[BEST:] if any(one.numbers.counts.values())]
    return counted[::-1][:BEST]


@dataclass(frozen=True)
class Tile:
    """One total with its change since the first reading of the span."""

    name: str
    value: str
    change: str


def tiles(days: Sequence[tuple[date, Numbers]], last: Numbers | None) -> list[Tile]:
    """The totals of a scope as last read."""
    if last is None:
        return []
    first = days[0][1] if len(days) > 1 else None
    return [
        Tile(NAMES[name], shown(name, value), change(first.get(name), value) if first else "")
        for name in METRICS
        if (value := last.get(name)) is not None
    ]


def over_time(days: Sequence[tuple[date, Numbers]], metric: str, span: int, today: date) -> Figure | None:
    """A line over the last days; None where no day has the number."""
    values = [(day, float(value)) for day, one in days if (value := one.get(metric)) is not None]
    if not values:
        return None
    return lines(
        f"{NAMES[metric]} by day", values, (today - timedelta(days=span), today), lambda one: shown(metric, one)
    )


def by_hour(found: Sequence[Publication], metric: str, known: Connected) -> Figure | None:
    """The average of a number by the hour a post went out, on its workspace's clock."""
    hours: list[list[float]] = [[] for _ in range(24)]
    for one in found:
        value = one.numbers.get(metric)
        if one.out is not None and value is not None:
            hours[one.out.astimezone(known.zone(one.home)).hour].append(float(value))
    if not any(hours):
        return None
    values = [sum(some) / len(some) if some else None for some in hours]
    says = [
        f"{at:02}:00 to {at + 1:02}:00: {shown(metric, values[at])} on average of {len(hours[at])}" for at in range(24)
    ]
    along = [f"{at:02}:00" for at in range(0, 25, 6)]
    return columns(f"{NAMES[metric]} by hour of posting", values, says, along, lambda one: shown(metric, one))


@dataclass(frozen=True)
class AccountRow:
    """An account in the table: its number, and how much of the bar that fills."""

    key: int
    name: str
    home: str
    at: datetime | None
    counts: Numbers | None
    share: float


def account_rows(ledger: Ledger, service: str, known: Connected, scope: Scope, metric: str) -> list[AccountRow]:
    """The accounts of a scope, the highest first; those without numbers last."""
    read = {one.object: one for one in ledger.overview.measured(service, "account")}
    keys = [key for key in {**known.accounts, **read} if scope.has(key, known.accounts)]
    longest = max((float(read[key].get(metric) or 0) for key in keys if key in read), default=0.0)
    rows = []
    for key in keys:
        account, numbers = known.accounts.get(key), read.get(key)
        home = known.name(account.workspace_id) if account and account.workspace_id else ""
        filled = share(numbers.get(metric) if numbers else None, longest)
        rows.append(AccountRow(key, named(account, key), home, numbers.at if numbers else None, numbers, filled))
    return sorted(rows, key=lambda row: (-_height(row.counts, metric), row.name.casefold()))


def _height(numbers: Numbers | None, metric: str) -> float:
    value = numbers.get(metric) if numbers else None
    return -1.0 if value is None else float(value)


# -- for a spreadsheet -------------------------------------------------------------------------------------------------


def csv_of(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV; nothing in them is taken for a formula."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return kept.getvalue()


def _cell(value: Any) -> Any:
    """Text that a spreadsheet would reckon with gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.lstrip()[:1] in {"=", "+", "-", "@"} else value


def post_cells(found: Iterable[Publication], known: Connected) -> Iterator[list[Any]]:
    """A row for each publication; when it went out is told in UTC and in its workspace's zone."""
    for one in found:
        zone = known.zone(one.home)
        there = f"{one.out.astimezone(zone):%Y-%m-%d %H:%M}" if one.out else ""
        out = f"{one.out.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if one.out else ""
        counts = [one.numbers.get(name) for name in METRICS]
        read = f"{one.numbers.at:%Y-%m-%dT%H:%MZ}"
        yield [
            one.post,
            one.words,
            one.numbers.account,
            one.name,
            known.name(one.home),
            out,
            there,
            zone.key,
            *counts,
            read,
        ]


POST_HEAD = (
    *("post", "text", "account", "account_name", "workspace", "out_utc", "out_there", "zone"),
    *METRICS,
    "read_utc",
)


def account_cells(rows: Iterable[AccountRow]) -> Iterator[list[Any]]:
    """A row for each account."""
    for row in rows:
        counts = [row.counts.get(name) if row.counts else None for name in METRICS]
        yield [row.key, row.name, row.home, *counts, f"{row.at:%Y-%m-%dT%H:%MZ}" if row.at else ""]


ACCOUNT_HEAD = ("account", "account_name", "workspace", *METRICS, "read_utc")


def day_cells(days: Iterable[tuple[date, Numbers]]) -> Iterator[list[Any]]:
    """A row for each day with a reading."""
    for day, one in days:
        yield [day.isoformat(), *(one.get(name) for name in METRICS), f"{one.at:%Y-%m-%dT%H:%MZ}"]


DAY_HEAD = ("day_utc", *METRICS, "read_utc")
