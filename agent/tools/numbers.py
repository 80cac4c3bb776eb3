"""Tools for numbers: totals only, the service has no date ranges."""

from agent.api.analytics import (
    GetAnalyticsAccount,
    GetAnalyticsPost,
    GetAnalyticsSummary,
    GetAnalyticsWorkspace,
    SyncPostAnalytics,
)
from agent.tools.args import AccountId, Ids, WorkspaceId
from agent.tools.desk import Desk, Parts, Unfit
from agent.tools.lookup import account_of, workspace_of
from agent.tools.schema import View


class GetNumbers(View):
    """Totals (likes, impressions ...) of each post, of an account or a workspace; of all without any."""

    tool = "get_numbers"

    posts: Ids | None = None
    account: AccountId | None = None
    workspace: WorkspaceId | None = None

    def complete(self, desk: Desk) -> Parts:
        given = [name for name, value in self if value is not None]
        if len(given) > 1:
            raise Unfit(f"get_numbers takes one of posts, account and workspace, not {' and '.join(given)}.")
        if self.posts is not None:
            return Parts(tuple(GetAnalyticsPost(post=post) for post in dict.fromkeys(self.posts)))
        if self.account is not None:
            account_of(self.account, desk.facts)
            return Parts((GetAnalyticsAccount(account=self.account),))
        if self.workspace is not None:
            workspace_of(self.workspace, desk.facts)
            return Parts((GetAnalyticsWorkspace(workspace=self.workspace),))
        return _everything(desk)


class FetchNumbers(View):
    """Have PostSyncer refresh stale numbers of posts, once; then get_numbers again, which waits for them."""

    tool = "sync_numbers"

    posts: Ids

    def complete(self, desk: Desk) -> Parts:
        return Parts(tuple(SyncPostAnalytics(post=post) for post in dict.fromkeys(self.posts)))


def _everything(desk: Desk) -> Parts:
    """All workspaces in one read, or those in scope one by one."""
    facts = desk.facts
    if not facts.scope or facts.scope >= set(facts.workspaces):
        return Parts((GetAnalyticsSummary(),))
    return Parts(tuple(GetAnalyticsWorkspace(workspace=key) for key in sorted(facts.scope)))
