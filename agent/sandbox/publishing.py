"""What the clock does to a post: a due one is queued, a queued one goes out or fails, a repeating one comes again."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.sandbox.invent import appearance, expected_counts
from agent.sandbox.rows import (
    AccountRow,
    Content,
    Counts,
    MediaRow,
    Numbers,
    PostRow,
    Repeat,
    Target,
    WorkspaceRow,
)
from agent.sandbox.store import Tx
from agent.sandbox.times import add_gap
from agent.sandbox.world import Rules

#: Networks that take no post without a file, and how they say so.
NEED_MEDIA = {
    "tiktok": "TikTok requires media",
    "instagram": "Instagram requires media",
    "youtube": "YouTube requires media",
}


def wake(tx: Tx, post: PostRow, rules: Rules) -> None:
    """Do what is next for a post at its time: queue it, wait for its files, or publish it."""
    at = post.wake_at or tx.now
    ready = _files_ready(tx, post)
    if post.status == "SCHEDULED":
        enqueue(post, at, rules)
    elif ready is not None and ready > at:
        post.wake_at = ready
    else:
        _publish(tx, post, at, rules)
    tx.put(post)


def enqueue(post: PostRow, at: datetime, rules: Rules) -> None:
    """Hand a post to the networks: it is queued, and comes out some seconds later."""
    post.status = "IN_QUEUE"
    post.wake_at = at + timedelta(seconds=rules.publish_seconds)
    for target in _current(post):
        target.status, target.error = "IN_QUEUE", None


def plan(post: PostRow, status: str, at: datetime | None) -> None:
    """Make a post a draft, or schedule it for an instant."""
    post.status = status
    post.scheduled_at = post.wake_at = at
    for target in post.targets:
        target.status, target.error = status, None


def failure(account: AccountRow | None) -> str | None:
    """Why a publication on an account fails, or None if it works."""
    if account is None:
        return "The account was disconnected."
    if account.has_expired:
        return "The account's connection has expired. Please reconnect it."
    return account.fails


def outcome(post: PostRow) -> str:
    """The status of a post from those of its accounts."""
    worked = {target.status == "PUBLISHED" for target in post.targets}
    if worked == {True}:
        return "PUBLISHED"
    return "PARTIALLY_FAILED" if True in worked else "FAILED"


def _files(tx: Tx, item: Content) -> list[MediaRow]:
    return [row for row in (tx.get(MediaRow, media_id) for media_id in item.media) if row is not None]


def _files_ready(tx: Tx, post: PostRow) -> datetime | None:
    """When the last of a post's files is processed; None without files."""
    return max((row.ready_at for item in post.content for row in _files(tx, item)), default=None)


def _current(post: PostRow) -> list[Target]:
    """The accounts that this round goes out on: all at first, then those to repeat on."""
    if post.repeat is None or not post.posted_on or not post.repeat.accounts:
        return post.targets
    return [target for target in post.targets if target.account_id in post.repeat.accounts]


def _publish(tx: Tx, post: PostRow, at: datetime, rules: Rules) -> None:
    has_media = bool(_files(tx, post.content[0]))
    for target in _current(post):
        account = tx.get(AccountRow, target.account_id)
        target.error = failure(account) or (None if has_media else NEED_MEDIA.get(target.platform))
        if account is None or target.error:
            target.status = "FAILED"
            continue
        target.status = "PUBLISHED"
        target.publications.append(appearance(rules.seed, target.id, len(target.publications) + 1, account, at))
        if target.numbers is None:
            target.numbers = Numbers(base=Counts(), since=at, more=expected_counts(rules.seed, target.id), seen_at=at)
    post.status = outcome(post)
    post.wake_at = None
    post.updated_at = at
    if post.status != "FAILED":
        post.posted_on.append(at)
    if post.repeat is not None:
        _repeat(tx, post, post.repeat)


def _repeat(tx: Tx, post: PostRow, repeat: Repeat) -> None:
    repeat.remaining = max(0, repeat.remaining - 1)
    workspace = tx.get(WorkspaceRow, post.workspace_id)
    if repeat.remaining == 0 or workspace is None:
        return
    last = post.scheduled_at or post.updated_at
    post.status = "SCHEDULED"
    post.scheduled_at = post.wake_at = add_gap(last, repeat.gap, repeat.unit, ZoneInfo(workspace.timezone))
    for target in _current(post):
        target.status = "SCHEDULED"
