"""The numbers a run read, as the report tells them: what is empty stays empty, what was not shown is not 0."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from agent.api.networks import NETWORK_NAMES
from agent.api.types import AccountNumbers, Metrics, Post, PostNumbers, WorkspaceTotal, read_time
from agent.clock import zone_named
from agent.gate.titles import account_name
from agent.journal.fold import RunState
from agent.journal.numbers import Reading, shown, shown_total
from agent.policy.facts import Facts
from agent.reports.times import zone_of
from agent.reports.told import (
    AccountMeasured,
    Counts,
    Performance,
    PostMeasured,
    Publication,
    WorkspaceMeasured,
)
from agent.text import one_line

MOST_TEXT = 120


def performance_of(state: RunState, facts: Facts) -> Performance:
    """All numbers the run read; of each object the last reading."""
    numbers = state.known.numbers
    workspaces = [_workspace(reading, facts) for _, reading in sorted(numbers.workspaces.items())]
    if numbers.everything is not None:
        workspaces.append(_everything(state))
    return Performance(
        posts=tuple(_post(state, reading, facts) for reading in numbers.posts.values()),
        accounts=tuple(_account(reading, facts) for _, reading in sorted(numbers.accounts.items())),
        workspaces=tuple(workspaces),
    )


def _timed(reading: Reading[Any], first: Counts | None, last: Counts | None) -> dict[str, Any]:
    """The fields that all measured things share."""
    again = reading.times > 1
    return {
        "now": last,
        "before": first if again else None,
        "read_at": reading.last_at,
        "before_at": reading.first_at if again else None,
    }


def _post(state: RunState, reading: Reading[PostNumbers], facts: Facts) -> PostMeasured:
    key = reading.last.post_id
    post = facts.posts.get(key)
    zone = (zone_of(post.home or 0, facts) if post else "") or "UTC"
    out = _went_out(post, zone) if post else ()
    refresh, refreshed = _refresh(state, key, reading.times)
    return PostMeasured(
        **_timed(reading, _of_post(reading.first), _of_post(reading.last)),
        post=key,
        text=one_line(post.text, MOST_TEXT) if post else "",
        networks=_networks(post, reading.last, facts),
        status=post.status.lower() if post else "",
        out=out[-1] if out else None,
        times_out=len(out),
        zone=zone,
        refresh=refresh,
        refresh_at=refreshed,
    )


RefreshState = Literal["no", "before", "after", "nothing", "skipped", "failed"]


def _refresh(state: RunState, post: int, readings: int) -> tuple[RefreshState, datetime | None]:
    """What the run's last refresh of a post was, as seen from the last reading."""
    asked = state.known.numbers.refreshes.get(post, [])
    before = [refresh for refresh in asked if refresh.readings < readings]
    if before:
        last = before[-1]
        return ("skipped" if last.skipped else "before" if last.jobs else "nothing"), last.at
    if asked:
        return "after", asked[-1].at
    failed = any(key == ("SyncPostAnalytics", f'{{"post":{post}}}') for key in state.failed_reads)
    return ("failed" if failed else "no"), None


def _networks(post: Post | None, numbers: PostNumbers, facts: Facts) -> tuple[str, ...]:
    """The post's networks: as the post was read, else as its numbers name them, each once."""
    named: list[str] = [row.platform for row in post.platforms] if post else []
    for row in () if named else numbers.accounts:
        platform, key = row.get("platform"), row.get("account_id")
        account = facts.accounts.get(key) if isinstance(key, int) else None
        named.append(str(platform or (account.platform if account else "")).lower())
    return tuple(dict.fromkeys(NETWORK_NAMES.get(name, one_line(name, 20)) for name in named if name))


def _went_out(post: Post, zone: str) -> tuple[datetime, ...]:
    """When the post went out, oldest first; dates that cannot be read are left out."""
    found = set()
    for raw in post.posted_on or [raw for row in post.platforms for raw in row.posted_on]:
        try:
            found.add(read_time(raw, zone_named(zone)))
        except (ValueError, OverflowError):
            continue
    return tuple(sorted(found))


def _account(reading: Reading[AccountNumbers], facts: Facts) -> AccountMeasured:
    last = reading.last
    posts = [
        Publication(post=row.post_id, text=_text(row.post_id, facts), now=counts)
        for row in last.platform_posts
        if row.post_id is not None and (counts := counts_of(row.analytics)) is not None
    ]
    return AccountMeasured(
        **_timed(reading, _of_account(reading.first), _of_account(last)),
        account=last.account_id,
        name=account_name(last.account_id, facts),
        posts=tuple(sorted(posts, key=lambda one: -(one.now.impressions or 0))),
    )


def _text(post: int, facts: Facts) -> str:
    found = facts.posts.get(post)
    return one_line(found.text, MOST_TEXT) if found else ""


def _workspace(reading: Reading[WorkspaceTotal], facts: Facts) -> WorkspaceMeasured:
    key = reading.last.workspace_id
    found = facts.workspaces.get(key)
    return WorkspaceMeasured(
        **_timed(reading, _total(reading.first.total), _total(reading.last.total)),
        workspace=key,
        name=one_line(found.name, 60) if found and found.name else f"workspace {key}",
    )


def _everything(state: RunState) -> WorkspaceMeasured:
    reading = state.known.numbers.everything
    assert reading is not None, "asked for only where it was read"
    return WorkspaceMeasured(
        **_timed(reading, _total(reading.first.total), _total(reading.last.total)),
        workspace=None,
        name="all workspaces",
    )


def _of_post(numbers: PostNumbers) -> Counts | None:
    return _total(numbers.total, [row.get("analytics") for row in numbers.accounts])


def _of_account(numbers: AccountNumbers) -> Counts | None:
    return _total(numbers.total, [row.analytics for row in numbers.platform_posts])


def _total(metrics: Metrics, publications: Iterable[object] = ()) -> Counts | None:
    """A total, unless nothing under it has numbers yet: the service then shows zeros that mean nothing."""
    counts: dict[str, Any] = shown_total(metrics, publications)
    return Counts(**counts) if counts else None


def counts_of(analytics: object) -> Counts | None:
    """Numbers of one publication, in whatever shape they came; None where there are none."""
    counts: dict[str, Any] = shown(analytics)
    return Counts(**counts) if counts else None
