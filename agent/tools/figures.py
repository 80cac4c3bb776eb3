"""Numbers as short rows for a model: when they were last refreshed, and whether that is too long ago."""

from collections.abc import Iterable, Mapping
from typing import Any

from agent.api.analytics import SyncPostAnalytics
from agent.api.types import AccountNumbers, PostNumbers, SyncedAnalytics, Totals, WorkspaceTotal
from agent.policy.facts import Facts
from agent.text import seen_line
from agent.tools.rows import Row, filled, listing, metrics_row, numbers_of, shown_zone, state_word

_OUT = "PUBLISHED"


def numbers_row(answer: object, facts: Facts) -> Row | None:
    """Numbers of a post, an account or workspaces, or the answer to a refresh; None for any other answer."""
    match answer:
        case PostNumbers():
            return _post(answer, facts)
        case AccountNumbers():
            return _account(answer, facts)
        case WorkspaceTotal():
            return {"workspace": answer.workspace_id, "total": metrics_row(answer.total)}
        case Totals():
            workspaces = ({"workspace": one.workspace_id} | metrics_row(one.total) for one in answer.workspaces)
            return {"total": metrics_row(answer.total)} | listing("workspaces", workspaces)
        case SyncedAnalytics():
            return _refresh(answer)
        case _:
            return None


def _post(answer: PostNumbers, facts: Facts) -> Row:
    states = [(_status(one), bool(one.get("analytics"))) for one in answer.accounts]
    accounts = (_account_row(one, status) for one, (status, _) in zip(answer.accounts, states, strict=True))
    head = {
        "post": answer.post_id,
        "refreshed": _refreshed(answer.post_id, _home(answer, facts), facts),
        "stale": _stale(answer.post_id, states, facts) or None,
    }
    return filled(head) | {"total": metrics_row(answer.total)} | listing("accounts", accounts)


def _account_row(one: Mapping[str, Any], status: str) -> Row:
    """The numbers of a post on one account; its state where it is not out there."""
    return filled(
        {
            "account": _account_id(one),
            "platform": seen_line(str(one.get("platform") or ""), 20),
            "status": state_word(status) if status != _OUT else None,
            **numbers_of(one.get("analytics")),
        }
    )


def _account(answer: AccountNumbers, facts: Facts) -> Row:
    posts = (
        filled(
            {
                "post": one.post_id,
                "status": state_word(one.status),
                "stale": _stale(one.post_id, [(one.status, bool(one.analytics))], facts) or None,
                **numbers_of(one.analytics),
            }
        )
        for one in answer.platform_posts
    )
    return {"account": answer.account_id, "total": metrics_row(answer.total)} | listing("posts", posts)


def _refresh(answer: SyncedAnalytics) -> Row:
    told: Row = {"post": answer.post_id, "jobs": answer.jobs_dispatched, "skipped": answer.skipped or None}
    if answer.jobs_dispatched:
        told["note"] = "the numbers arrive later"
    return filled(told)


def _stale(post_id: int | None, states: Iterable[tuple[str, bool]], facts: Facts) -> bool:
    """Whether a refresh may bring news: none in the last day, or a publication without any numbers.

    `states` are status and "has numbers" of each row; a status that is not shown may mean "out". What is out nowhere
    has no numbers to wait for.
    """
    rows = list(states)
    if rows and not any(status in {_OUT, ""} for status, _ in rows):
        return False
    synced = (SyncPostAnalytics.route.name, post_id or 0) in facts.syncs
    return not synced or any(status == _OUT and not known for status, known in rows)


def _refreshed(post_id: int, workspace_id: int | None, facts: Facts) -> str | None:
    """When we last had a post's numbers refreshed, if that was within the time that syncs are remembered."""
    at = facts.syncs.get((SyncPostAnalytics.route.name, post_id))
    zone = shown_zone(workspace_id, facts)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}" if at else None


def _home(answer: PostNumbers, facts: Facts) -> int | None:
    """The workspace of a post: as it was read, else that of its accounts."""
    post = facts.posts.get(answer.post_id)
    known = [facts.accounts.get(_account_id(one) or 0) for one in answer.accounts]
    return post.home if post else next((account.workspace_id for account in known if account), None)


def _account_id(one: Mapping[str, Any]) -> int | None:
    found = one.get("account_id")
    return found if isinstance(found, int) else None


def _status(one: Mapping[str, Any]) -> str:
    found = one.get("status")
    return found.upper() if isinstance(found, str) else ""
