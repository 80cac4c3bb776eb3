"""Connected social accounts."""

from pydantic import MISSING

from agent.api.endpoint import Effect, Endpoint, Id, endpoint
from agent.api.types import Account, Message, Page


@endpoint("GET", "/accounts", ability="accounts", effect=Effect.READ, source="docs")
class ListAccounts(Endpoint[Page[Account]]):
    """Accounts of all workspaces; one client sends a filter that the service may ignore."""

    workspace_id: Id | MISSING = MISSING


@endpoint("DELETE", "/accounts/{id}", ability="accounts", effect=Effect.DESTRUCTIVE, source="docs")
class DeleteAccount(Endpoint[Message]):
    """Disconnect an account for good; it leaves all future posts."""

    id: Id
