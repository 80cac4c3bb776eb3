"""All posts of the service as rules see them: dated in UTC, found by account. Plain data, indexed once."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from agent.api.types import OUT, Account, read_time
from agent.journal.mirror import MirrorPost
from agent.policy.occurrences import further

#: An account, or a workspace (where it is known) and a network.
Key = int | tuple[int | None, str]
#: Times, ids and words of posts, side by side in order of time.
Worded = tuple[list[datetime], list[int], list[str | None]]
#: Above every post's id.
_ANY = 1 << 62
#: Statuses of posts that wait for a time.
_WAITS = OUT - {"PUBLISHED", "PARTIALLY_FAILED", "FAILED"} | {"SCHEDULED"}


@dataclass(frozen=True)
class Dated:
    """One time at which a post goes out, or went out."""

    at: datetime
    post: int


@dataclass(frozen=True)
class Kept:
    """A post of the mirror with its times in UTC; `made` is None where nobody says when it was made.

    `times` are all times at which it went or goes out, `first` those that count for all its accounts; the rest is for
    the accounts that it repeats on.
    """

    post: MirrorPost
    first: tuple[datetime, ...] = ()
    later: tuple[datetime, ...] = ()
    made: datetime | None = None

    @property
    def times(self) -> tuple[datetime, ...]:
        """All of them."""
        return (*self.first, *self.later)

    def times_on(self, account: int) -> tuple[datetime, ...]:
        """Those on one of its accounts."""
        return self.times if not self.post.again or account in self.post.again else self.first


def kept(post: MirrorPost, zone: ZoneInfo, now: datetime | None = None) -> Kept:
    """A post with its times, read in its workspace's zone; `now` is for a call that would publish at once."""
    due = _instant(post.due, zone) or (now if post.status == "PLANNED" else None)
    first = [moment for text in post.out if (moment := _instant(text, zone)) is not None]
    if due is not None and (post.status in {"SCHEDULED", "PLANNED"} or (post.status in OUT and not first)):
        first.append(due)
    later: tuple[datetime, ...] = ()
    if post.repeats is not None and due is not None and post.status in {*_WAITS, "PLANNED"}:
        later = tuple(one.at for one in further(due.astimezone(zone).replace(tzinfo=None), *post.repeats, zone))
    return Kept(post, tuple(first), later, _instant(post.made, zone))


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return read_time(text, zone) if text else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Shelf:
    """The posts by id, sorted by account once they are asked for. A row that names no account may mean any there."""

    posts: Mapping[int, Kept] = field(default_factory=dict)

    def keys_of(self, account: Account) -> tuple[Key, ...]:
        """Under which keys an account's posts may stand."""
        homes = dict.fromkeys((account.workspace_id, None))
        return (account.id, *((home, account.platform) for home in homes))

    @cached_property
    def by_account(self) -> dict[Key, list[Kept]]:
        """By account, or by workspace and network where none is named."""
        found: dict[Key, list[Kept]] = defaultdict(list)
        for one in self.posts.values():
            for account in one.post.accounts:
                found[account].append(one)
            for network in one.post.networks:
                found[one.post.workspace, network].append(one)
        return dict(found)

    @cached_property
    def dated(self) -> dict[Key, list[tuple[datetime, int]]]:
        """Their times in order, by the same keys."""
        return {
            key: sorted(
                (at, one.post.id) for one in rows for at in (one.times_on(key) if isinstance(key, int) else one.times)
            )
            for key, rows in self.by_account.items()
        }

    @cached_property
    def _worded(self) -> dict[tuple[Key, str], Worded]:
        return {}

    def worded(self, key: Key, network: str) -> Worded:
        """The words on a network of what goes out under a key, in order of time; worked out when first asked for."""
        found = self._worded.get((key, network))
        if found is None:
            rows = self.dated.get(key, [])
            words = [self.posts[post].post.text_on(network) or None for _, post in rows]
            found = self._worded[key, network] = ([at for at, _ in rows], [post for _, post in rows], words)
        return found

    @cached_property
    def drafts(self) -> dict[Key, list[Kept]]:
        """The drafts, by the same keys."""
        return {key: [one for one in rows if one.post.status == "DRAFT"] for key, rows in self.by_account.items()}


@dataclass(frozen=True)
class Mirror:
    """All posts, what waits on cards, and when all posts were last read (None: never). `hidden` posts do not count."""

    shelf: Shelf = field(default_factory=Shelf)
    planned: tuple[Kept, ...] = ()
    scanned: datetime | None = None
    hidden: frozenset[int] = frozenset()

    def without(self, posts: frozenset[int]) -> "Mirror":
        """The same without these posts, and without what waits on cards."""
        return replace(self, planned=(), hidden=self.hidden | posts)

    def drafts(self, account: Account) -> Iterator[Kept]:
        """The drafts for an account."""
        for key in self.shelf.keys_of(account):
            yield from (one for one in self.shelf.drafts.get(key, ()) if one.post.id not in self.hidden)

    def words(self, account: Account, since: datetime, until: datetime) -> Iterator[tuple[list[int], list[str | None]]]:
        """Ids and words, None for none, of what goes out on an account from one instant to another, both included."""
        for key in self.shelf.keys_of(account):
            times, ids, words = self.shelf.worded(key, account.platform)
            first, last = bisect_left(times, since), bisect_right(times, until)
            if first < last:
                yield ids[first:last], words[first:last]

    def times(self, account: Account, since: datetime, until: datetime) -> Iterator[Dated]:
        """What goes out on an account from one instant to another, both included; cards that wait count, too."""
        for key in self.shelf.keys_of(account):
            rows = self.shelf.dated.get(key, [])
            for at, post in rows[bisect_left(rows, (since, 0)) : bisect_right(rows, (until, _ANY))]:
                if post not in self.hidden:
                    yield Dated(at, post)
        for one in self.planned:
            if account.id in one.post.accounts:
                yield from (Dated(at, one.post.id) for at in one.times_on(account.id) if since <= at <= until)


def mirror_of(posts: Iterable[MirrorPost], zones: Mapping[int, str], scanned: datetime | None, now: datetime) -> Mirror:
    """A mirror from posts as they are kept; those with status PLANNED are what waits on cards."""
    dated = [kept(one, zone_of(one, zones), now) for one in posts]
    return Mirror(
        Shelf({one.post.id: one for one in dated if one.post.status != "PLANNED"}),
        planned=tuple(one for one in dated if one.post.status == "PLANNED"),
        scanned=scanned,
    )


def zone_of(post: MirrorPost, zones: Mapping[int, str]) -> ZoneInfo:
    """The zone of a post's workspace; UTC where it is not known."""
    try:
        return ZoneInfo(zones.get(post.workspace or 0, "UTC"))
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
