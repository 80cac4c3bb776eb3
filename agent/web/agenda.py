"""What a calendar shows: each time a post went out, goes out, or would go out once a card is approved. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from agent.api.types import read_time
from agent.journal.mirror import MirrorPost
from agent.policy.mirror import Kept, kept
from agent.text import one_line
from agent.web.places import Places

Kind = Literal["draft", "waiting", "scheduled", "published", "failed"]

#: How each kind is told: its word, and its icon, which is a shape of its own.
KINDS: Mapping[Kind, tuple[str, str]] = {
    "draft": ("draft", "circle-dashed"),
    "waiting": ("waits for you", "inbox"),
    "scheduled": ("scheduled", "clock"),
    "published": ("published", "circle-check"),
    "failed": ("failed", "triangle-alert"),
}
_KIND: Mapping[str, Kind] = {
    "DRAFT": "draft",
    "PLANNED": "waiting",
    "PUBLISHED": "published",
    "FAILED": "failed",
    "PARTIALLY_FAILED": "failed",
}
_STATUS = {"PARTIALLY_FAILED": "failed on some accounts", "SCHEDULED": "scheduled"}


@dataclass(frozen=True)
class Entry:
    """One time of a post: `at` in UTC (None: a draft without one), `zone` of its workspace, `card` where one waits.

    `word` tells its state, `on` the networks, `again` that it is a repeat, `names` the accounts.
    """

    at: datetime | None
    post: int
    kind: Kind
    word: str
    head: str
    workspace: int | None
    zone: ZoneInfo
    on: tuple[str, ...]
    names: tuple[str, ...]
    card: int = 0
    again: bool = False

    @property
    def movable(self) -> bool:
        """Whether another time can be asked for: a draft or a scheduled post about which nothing waits."""
        return self.kind in {"draft", "scheduled"} and not self.card and not self.again

    @property
    def icon(self) -> str:
        """The shape of its kind."""
        return KINDS[self.kind][1]

    def there(self, zone: tzinfo) -> datetime:
        """When it is, in a zone. It has a time."""
        assert self.at is not None
        return self.at.astimezone(zone)


@dataclass(frozen=True)
class Filter:
    """Whose posts: of one workspace or account, 0 for all."""

    workspace: int = 0
    account: int = 0

    def takes(self, post: MirrorPost, places: Places) -> bool:
        """Whether a post is among them. A row that names no account may mean any of its network there."""
        if self.workspace and post.workspace != self.workspace:
            return False
        if not self.account or self.account in post.accounts or self.account in post.failed:
            return True
        account = places.accounts.get(self.account)
        return (
            account is not None and account.platform in post.networks and post.workspace in (None, account.workspace_id)
        )


@dataclass(frozen=True)
class Agenda:
    """All posts with what waits on cards, by card."""

    posts: Mapping[int, Kept]
    waiting: Sequence[tuple[int, MirrorPost]]
    places: Places
    now: datetime
    whose: Filter = field(default_factory=Filter)

    def between(self, since: datetime, until: datetime) -> list[Entry]:
        """What lies in a span of time, in order."""
        found = self._all(lambda at: at is not None and since <= at < until)
        return sorted(found, key=lambda one: (one.at or self.now, one.post))

    def of(self, post: int) -> list[Entry]:
        """All times of one post, in order; a draft without one first."""
        found = self._all(lambda _: True, only=post)
        return sorted(found, key=lambda one: (one.at or datetime.min.replace(tzinfo=UTC), one.kind))

    def undated(self) -> list[Entry]:
        """Drafts without a time that no card would bring out, the newest first."""
        return sorted((one for one in self._all(lambda at: at is None) if not one.card), key=lambda one: -one.post)

    def _all(self, wanted: Callable[[datetime | None], bool], only: int = 0) -> Iterator[Entry]:
        cards = {post.id: card for card, post in self.waiting}
        rows: Iterable[Kept] = self.posts.values()
        if only:
            rows = [self.posts[only]] if only in self.posts else []
        for row in rows:
            yield from self._entries(row, cards.get(row.post.id, 0), wanted)
        for card, post in self.waiting:
            if not only or post.id == only:
                yield from self._entries(kept(post, self.places.zone(post.workspace), self.now), card, wanted)

    def _entries(self, row: Kept, card: int, wanted: Callable[[datetime | None], bool]) -> Iterator[Entry]:
        post = row.post
        first: Sequence[datetime | None] = row.first
        if post.status == "DRAFT":
            first = (_due(post, self.places.zone(post.workspace)),)
        times = [(at, False) for at in first if wanted(at)] + [(at, True) for at in row.later if wanted(at)]
        if times and self.whose.takes(post, self.places):
            made = self._entry(post, card)
            yield from (made(at, again=again) for at, again in times)

    def _entry(self, post: MirrorPost, card: int) -> "_Maker":
        kind = _KIND.get(post.status, "scheduled")
        source = self.posts[post.id].post if kind == "waiting" and post.id in self.posts else post
        word = _STATUS.get(post.status, KINDS[kind][0] if kind != "scheduled" else "being published")
        accounts = [self.places.accounts.get(one) for one in (*post.accounts, *post.failed)]
        known = [one for one in accounts if one is not None]
        networks = dict.fromkeys((*(one.platform for one in known), *post.networks))
        return _Maker(
            post=post.id,
            kind=kind,
            word=word,
            head=one_line(source.head or source.text, 140) or "(no text)",
            workspace=post.workspace,
            zone=self.places.zone(post.workspace),
            on=tuple(self.places.network(one) for one in networks),
            names=tuple(f"{self.places.network(one.platform)} · {one_line(one.label, 40)}" for one in known),
            card=card,
        )


@dataclass(frozen=True)
class _Maker:
    """All of an entry but its time."""

    post: int
    kind: Kind
    word: str
    head: str
    workspace: int | None
    zone: ZoneInfo
    on: tuple[str, ...]
    names: tuple[str, ...]
    card: int

    def __call__(self, at: datetime | None, *, again: bool) -> Entry:
        return Entry(at=at, again=again, **vars(self))


def _due(post: MirrorPost, zone: ZoneInfo) -> datetime | None:
    try:
        return read_time(post.due, zone) if post.due else None
    except ValueError:
        return None


def by_day(entries: Iterable[Entry], zone: tzinfo) -> dict[date, list[Entry]]:
    """Entries by the day they lie on in a zone."""
    found: dict[date, list[Entry]] = defaultdict(list)
    for one in entries:
        found[one.there(zone).date()].append(one)
    return found
