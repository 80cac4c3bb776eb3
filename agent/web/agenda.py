"""What a calendar shows: each time a post went out, goes out, or would go out once a card is approved. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from agent.api.types import read_time
from agent.journal.mirror import MirrorPost
from agent.policy.mirror import Kept
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


def state_of(status: str) -> tuple[Kind, str]:
    """The kind of a post's status, and the word for it; what is neither a draft nor settled is on its way out."""
    kind = _KIND.get(status, "scheduled")
    return kind, _STATUS.get(status, KINDS[kind][0] if kind != "scheduled" else "being published")


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


class Slot(NamedTuple):
    """One time of a post, before it is told: `at` is None for a draft without one."""

    at: datetime | None
    post: MirrorPost
    card: int
    again: bool


@dataclass(frozen=True)
class Agenda:
    """All posts, and what would come out once a card is approved, with the card's number."""

    posts: Mapping[int, Kept]
    waiting: Sequence[tuple[int, Kept]]
    places: Places
    whose: Filter = field(default_factory=Filter)

    def between(self, since: datetime, until: datetime) -> list[Slot]:
        """What lies in a span of time, in order."""
        found = (one for one in self._all() if one.at is not None and since <= one.at < until)
        return sorted(filter(self._is_taken, found), key=lambda one: (one.at or since, one.post.id))

    def of(self, post: int) -> list[Entry]:
        """All times of one post, in order; a draft without one first."""
        found = [self.entry(one) for one in self._all(only=post)]
        return sorted(found, key=lambda one: (one.at or datetime.min.replace(tzinfo=UTC), one.kind))

    def undated(self) -> list[Slot]:
        """Drafts without a time that no card would bring out, the newest first."""
        found = (one for one in self._all() if one.at is None and not one.card)
        return sorted(filter(self._is_taken, found), key=lambda one: -one.post.id)

    def _is_taken(self, slot: Slot) -> bool:
        return self.whose.takes(slot.post, self.places)

    def _all(self, only: int = 0) -> Iterator[Slot]:
        cards = {row.post.id: card for card, row in self.waiting}
        rows: Iterable[Kept] = self.posts.values()
        if only:
            rows = [self.posts[only]] if only in self.posts else []
        for row in rows:
            card = cards.get(row.post.id, 0)
            if row.post.status == "DRAFT":
                yield Slot(_due(row.post, self.places), row.post, card, again=False)
            yield from _times(row, card)
        for card, row in self.waiting:
            if not only or row.post.id == only:
                yield from _times(row, card)

    def entry(self, slot: Slot) -> Entry:
        """A time as it is told."""
        post = slot.post
        kind, word = state_of(post.status)
        source = self.posts[post.id].post if kind == "waiting" and post.id in self.posts else post
        accounts = [self.places.accounts.get(one) for one in (*post.accounts, *post.failed)]
        known = [one for one in accounts if one is not None]
        networks = dict.fromkeys((*(one.platform for one in known), *post.networks))
        return Entry(
            at=slot.at,
            post=post.id,
            kind=kind,
            word=word,
            head=one_line(source.head or source.text, 140) or "(no text)",
            workspace=post.workspace,
            zone=self.places.zone(post.workspace),
            on=tuple(self.places.network(one) for one in networks),
            names=tuple(f"{self.places.network(one.platform)} · {one_line(one.label, 40)}" for one in known),
            card=slot.card,
            again=slot.again,
        )


def _times(row: Kept, card: int) -> Iterator[Slot]:
    yield from (Slot(at, row.post, card, again=False) for at in row.first)
    yield from (Slot(at, row.post, card, again=True) for at in row.later)


def _due(post: MirrorPost, places: Places) -> datetime | None:
    try:
        return read_time(post.due, places.zone(post.workspace)) if post.due else None
    except ValueError:
        return None


def by_day(slots: Iterable[Slot], zone: tzinfo) -> dict[date, list[Slot]]:
    """Times by the day they lie on in a zone."""
    found: dict[date, list[Slot]] = defaultdict(list)
    for one in slots:
        if one.at is not None:
            found[one.at.astimezone(zone).date()].append(one)
    return found
