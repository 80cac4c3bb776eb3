"""What a post that should be out by now reads like: published, partly failed, failed, late, gone, taken back. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent.api.networks import NETWORK_NAMES
from agent.api.types import PlatformRow, Post
from agent.gate.titles import account_name
from agent.journal import records as r
from agent.policy.facts import Facts
from agent.text import one_line

#: Publishing takes a while: a post is read back this long after its due time, and late after the second figure.
LOOK_AFTER, LATE_AFTER = timedelta(minutes=5), timedelta(minutes=15)
#: Where a failed row may tell its reason; the service documents none of them (API.md, unknown 3).
_REASONS = ("error", "error_message", "failure_reason", "message")


@dataclass(frozen=True)
class Seen:
    """What reading showed: a state to record, in words, or None where it is too early to tell."""

    state: r.WatchState | None
    says: str = ""
    failed: tuple[int, ...] = ()
    due: datetime | None = None


def look_at(expected: r.Expected, due: datetime, post: Post | None, facts: Facts) -> Seen:
    """What became of a post, at `facts.now`. `due` is when it should be out, `post` None where it is not there."""
    if post is None:
        return Seen("gone", f"Post {expected.post} is no longer in PostSyncer.")
    name = f"Post {post.id} “{one_line(post.text, 60)}”"
    came_out = [row for row in post.platforms if is_out(row, post)]
    failed = [row for row in post.platforms if row.status == "FAILED"]
    if post.status in {"PUBLISHED", "PARTIALLY_FAILED", "FAILED"} or (post.repeatable and came_out):
        return _final(name, expected, came_out, failed, post, facts)
    if post.status == "DRAFT":
        return Seen("withdrawn", f"{name} is a draft again: somebody took it off its schedule.")
    return _waiting(name, expected, due, post, facts)


def _final(
    name: str, expected: r.Expected, out: list[PlatformRow], failed: list[PlatformRow], post: Post, facts: Facts
) -> Seen:
    shown = {row.shown_account_id for row in post.platforms}
    missing = () if None in shown else tuple(account for account in expected.accounts if account not in shown)
    where = _together([row_name(row, facts) for row in out])
    if not failed and not missing and (out or post.status == "PUBLISHED"):
        bare = [row_name(row, facts) for row in out if not row.post_url]
        link = f" PostSyncer shows no link for {_together(bare)}." if bare else ""
        return Seen("published", f"{name} is out on {where or 'its accounts'}.{link}")
    reasons = [f"{row_name(row, facts)}: {reason_of(row)}" for row in failed]
    reasons += [f"{account_name(account, facts)}: not listed with the post" for account in missing]
    ids = (*(row.shown_account_id for row in failed if row.shown_account_id is not None), *missing)
    why = "; ".join(reasons) or "PostSyncer gives no reason"
    if out:
        return Seen("partly", f"{name} is out on {where}, but not everywhere: {why}.", ids)
    return Seen("failed", f"{name} did not go out: {why}.", ids)


def _waiting(name: str, expected: r.Expected, due: datetime, post: Post, facts: Facts) -> Seen:
    """Neither out nor given up by the service: moved by somebody, late, or not yet to be expected."""
    zone = ZoneInfo(expected.zone)
    shown = None
    if post.status == "SCHEDULED":
        try:
            shown = post.due(zone)
        except ValueError:
            shown = None
    if shown is not None and shown > due:
        there = f"{shown.astimezone(zone):%a %d %b %Y %H:%M} {expected.zone}"
        return Seen("moved", f"{name} was moved to {there} by somebody else.", due=shown)
    if facts.now < due + LATE_AFTER:
        return Seen(None)
    was = f"{due.astimezone(zone):%a %d %b %Y %H:%M} {expected.zone}"
    return Seen("late", f"{name} should be out since {was} and is still {post.status.lower().replace('_', ' ')}.")


def is_out(row: PlatformRow, post: Post) -> bool:
    """Whether a row went out; a repeating post waits for its next time again, and lists when it was out."""
    return row.status == "PUBLISHED" or bool(post.repeatable and row.posted_on and row.status != "FAILED")


def row_name(row: PlatformRow, facts: Facts) -> str:
    """The account of a row by name, or its network where no account is shown."""
    account = row.shown_account_id
    return account_name(account, facts) if account is not None else NETWORK_NAMES.get(row.platform, row.platform)


def reason_of(row: PlatformRow) -> str:
    """Why a row did not go out, in the words of the service, cut to a line."""
    extra: dict[str, Any] = row.model_extra or {}
    told = next((extra[name] for name in _REASONS if isinstance(extra.get(name), str) and extra[name]), "")
    return one_line(told, 200).rstrip(".") or "PostSyncer gives no reason"


def _together(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
