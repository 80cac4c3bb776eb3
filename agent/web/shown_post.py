"""A post in full, as PostSyncer last showed it: its words, and what became of it on each account. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.api.networks import NETWORK_NAMES
from agent.api.types import Media, PlatformRow, Post, read_time
from agent.gate.watching import is_out, reason_of, row_name
from agent.policy.facts import Facts
from agent.policy.pack import Pack
from agent.policy.provenance import host_of
from agent.text import one_line
from agent.tools.body import put_body
from agent.tools.desk import Desk, Unfit
from agent.web.agenda import KINDS, Kind, state_of
from agent.web.previews import Preview, previews_of

#: The most times of a repeating post that are told.
_MOST_TIMES = 12


@dataclass(frozen=True)
class RowTold:
    """A post on one account: its state with the sign of it, when it went out, why it did not, and where it stands.

    `unread` are times that nobody can read; `link` is empty where none is shown or where it is no web address.
    """

    name: str
    network: str
    kind: Kind
    word: str
    icon: str
    at: tuple[datetime, ...] = ()
    unread: tuple[str, ...] = ()
    why: str = ""
    link: str = ""
    host: str = ""


@dataclass(frozen=True)
class PostTold:
    """A post for a page. `texts` are its words by name where its accounts cannot be told one by one."""

    kind: Kind
    word: str
    icon: str
    zone: ZoneInfo
    due: datetime | None
    rows: tuple[RowTold, ...]
    previews: tuple[Preview, ...]
    texts: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    repeats: str

    @property
    def failed(self) -> bool:
        """Whether it did not go out somewhere."""
        return any(row.kind == "failed" for row in self.rows) or self.kind == "failed"


def told_post(post: Post, facts: Facts, pack: Pack, zone: ZoneInfo, texts: tuple[tuple[str, str], ...]) -> PostTold:
    """What is known of a post. `zone` is its workspace's, `texts` its words by name."""
    kind, word = state_of(post.status)
    try:
        due = post.due(zone)
    except ValueError:
        due = None
    previews = _previews(post, facts, pack)
    return PostTold(
        kind=kind,
        word=word,
        icon=KINDS[kind][1],
        zone=zone,
        due=due,
        rows=tuple(_row(row, post, facts, zone) for row in post.platforms),
        previews=previews,
        texts=() if previews else texts,
        labels=tuple(one_line(label.name, 40) for label in post.labels),
        repeats=_repeats(post),
    )


def _row(row: PlatformRow, post: Post, facts: Facts, zone: ZoneInfo) -> RowTold:
    kind, word = state_of("PUBLISHED" if is_out(row, post) else row.status or post.status)
    dates = list(_dates(row, post, zone))
    address = row.post_url or ""
    safe = address.startswith(("https://", "http://"))
    return RowTold(
        name=row_name(row, facts),
        network=NETWORK_NAMES.get(row.platform, row.platform),
        kind=kind,
        word=word,
        icon=KINDS[kind][1],
        at=tuple(one for one in dates if isinstance(one, datetime))[-_MOST_TIMES:],
        unread=tuple(one for one in dates if isinstance(one, str)),
        why=reason_of(row) if kind == "failed" else "",
        link=address if safe else "",
        host=host_of(address) or one_line(address, 60) if safe else "",
    )


def _dates(row: PlatformRow, post: Post, zone: ZoneInfo) -> Iterator[datetime | str]:
    """When it went out there; the post's own times where the only account that is out names none."""
    alone = is_out(row, post) and len(post.platforms) == 1
    for raw in row.posted_on or (post.posted_on if alone else ()):
        try:
            yield read_time(raw, zone)
        except ValueError:
            yield one_line(raw, 40)


def _previews(post: Post, facts: Facts, pack: Pack) -> tuple[Preview, ...]:
    """The post on each account; none where something needed for it is not shown."""
    try:
        # Only its words are wanted, and those of a post that is out can be read like those of a draft.
        body, _ = put_body(post.model_copy(update={"status": "DRAFT"}), Desk(facts))
    except Unfit:
        return ()
    shown = [media for item in post.content for media in item.media]
    media = {one.id: Media(id=one.id, name=one.name, type=one.type, size=one.size) for one in shown if one.id}
    found = previews_of(body, replace(facts, media={**media, **facts.media}), pack)
    if post.status in {"DRAFT", "SCHEDULED"}:
        return found
    return tuple(
        replace(one, blocks=tuple(replace(block, counters=()) for block in one.blocks), expired=False) for one in found
    )


def _repeats(post: Post) -> str:
    left = post.remaining_posts if post.remaining_posts is not None else post.repeatable_times
    if not post.repeatable or left is None:
        return ""
    return f"{left} more, every {post.repeatable_gap} {post.repeatable_gap_unit}"
