"""Numbers: totals only, no date ranges."""

from agent.api.endpoint import Effect, Endpoint, Id, endpoint
from agent.api.types import AccountNumbers, PostNumbers, SyncedAnalytics, Totals, WorkspaceTotal


@endpoint("GET", "/analytics", ability="posts", effect=Effect.READ, source="docs")
class GetAnalyticsSummary(Endpoint[Totals]):
    """Totals over all workspaces."""


@endpoint("GET", "/analytics/workspaces/{workspace}", ability="posts", effect=Effect.READ, source="docs")
class GetAnalyticsWorkspace(Endpoint[WorkspaceTotal]):
    """Totals of one workspace."""

    workspace: Id


@endpoint("GET", "/analytics/posts/{post}", ability="posts", effect=Effect.READ, source="docs")
class GetAnalyticsPost(Endpoint[PostNumbers]):
    """Totals and per-account rows of one post."""

    post: Id


@endpoint("POST", "/analytics/posts/{post}/sync", ability="posts", effect=Effect.SYNC, source="docs")
class SyncPostAnalytics(Endpoint[SyncedAnalytics]):
    """Queue a refresh of a post's numbers."""

    post: Id


@endpoint("GET", "/analytics/accounts/{account}", ability="posts", effect=Effect.READ, source="docs")
class GetAnalyticsAccount(Endpoint[AccountNumbers]):
    """Totals and publications of one account."""

    account: Id
