"""Workspaces."""

from agent.api.endpoint import Effect, Endpoint, endpoint
from agent.api.types import Page, Workspace


@endpoint("GET", "/workspaces", ability="workspaces", effect=Effect.READ, source="docs")
class ListWorkspaces(Endpoint[Page[Workspace]]):
    """Workspaces of the token's user, with their accounts."""
