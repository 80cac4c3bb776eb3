"""Numbers: totals, rows of posts and accounts, refreshes."""

from typing import Any

from agent.api.analytics import (
    GetAnalyticsAccount,
    GetAnalyticsPost,
    GetAnalyticsSummary,
    GetAnalyticsWorkspace,
    SyncPostAnalytics,
)
from agent.sandbox.context import Context, Reply
from agent.sandbox.metrics import metrics_of, refresh, shown_numbers, total
from agent.sandbox.refusal import not_found
from agent.sandbox.rows import AccountRow, PostRow, Target

_LAPSED = "post_owner_subscription_inactive"


def get_analytics_summary(ctx: Context, _: GetAnalyticsSummary) -> Reply:
    """Totals over everything, and of each workspace that has posts on accounts."""
    by_workspace = {home: _targets(ctx, home) for home in sorted(ctx.visible)}
    numbers = {home: shown_numbers(targets, ctx.now) for home, targets in by_workspace.items() if targets}
    rows = [{"workspace_id": home, "total": total(shown)} for home, shown in numbers.items()]
    return Reply({"total": total([one for shown in numbers.values() for one in shown]), "workspaces": rows})


def get_analytics_workspace(ctx: Context, call: GetAnalyticsWorkspace) -> Reply:
    """Totals of one workspace."""
    if call.workspace not in ctx.visible:
        raise not_found()
    shown = shown_numbers(_targets(ctx, call.workspace), ctx.now)
    return Reply({"workspace_id": call.workspace, "total": total(shown)})


def get_analytics_post(ctx: Context, call: GetAnalyticsPost) -> Reply:
    """Totals and one row per account of a post."""
    post = ctx.owned(PostRow, call.post)
    rows = [{"account_id": target.account_id} | _row(ctx, post, target) for target in post.targets]
    sums = total(shown_numbers(post.targets, ctx.now))
    return Reply({"post_id": post.id, "total": sums, "accounts": rows})


def get_analytics_account(ctx: Context, call: GetAnalyticsAccount) -> Reply:
    """Totals and publications of one account, newest row first."""
    account = ctx.owned(AccountRow, call.account)
    found = [
        (post, target)
        for post in ctx.tx.find(PostRow, "account", [account.id])
        for target in post.targets
        if target.account_id == account.id
    ]
    found.sort(key=lambda pair: pair[1].id, reverse=True)
    rows = [_row(ctx, post, target) for post, target in found]
    sums = total(shown_numbers((target for _, target in found), ctx.now))
    return Reply({"account_id": account.id, "total": sums, "platform_posts": rows})


def sync_post_analytics(ctx: Context, call: SyncPostAnalytics) -> Reply:
    """Order a refresh of every publication of a post; the new numbers show some seconds later."""
    post = ctx.owned(PostRow, call.post)
    if not ctx.rules.subscribed:
        return Reply({"post_id": post.id, "jobs_dispatched": 0, "skipped": True, "skip_reason": _LAPSED})
    jobs = 0
    for target in post.targets:
        if target.status == "PUBLISHED" and target.numbers is not None:
            refresh(target.numbers, ctx.now, ctx.rules.refresh_seconds)
            jobs += 1
    ctx.tx.put(post)
    return Reply({"post_id": post.id, "jobs_dispatched": jobs, "skipped": False, "skip_reason": None})


def _targets(ctx: Context, workspace_id: int) -> list[Target]:
    return [target for post in ctx.tx.find(PostRow, "workspace", [workspace_id]) for target in post.targets]


def _row(ctx: Context, post: PostRow, target: Target) -> dict[str, Any]:
    last = target.publications[-1] if target.publications else None
    return {
        "platform_post_id": target.id,
        "post_id": post.id,
        "platform": target.platform,
        "status": target.status,
        "post_url": last.url if last else None,
        "analytics": metrics_of(target, ctx.now) if target.status == "PUBLISHED" else {},
    }
