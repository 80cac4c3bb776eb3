"""What is connected, as any run last read it: workspaces and accounts. No request is made for it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from agent.api.answers import read_text
from agent.api.catalogue import OPERATIONS
from agent.api.networks import NETWORK_NAMES
from agent.api.types import Account, Page, Workspace
from agent.clock import zone_named
from agent.errors import JournalError
from agent.journal.store import SqliteStore


@dataclass(frozen=True)
class Connected:
    """Workspaces and accounts by id; `at` is when accounts were last read, None where no run has read any."""

    workspaces: dict[int, Workspace] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    at: datetime | None = None

    def of(self, workspace: int) -> list[Account]:
        """The accounts of a workspace, by network and name."""
        mine = [one for one in self.accounts.values() if one.workspace_id == workspace]
        return sorted(mine, key=lambda one: (network(one), one.label.casefold(), one.id))

    @cached_property
    def choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """For a list to choose from: by workspace, `workspace-11` and `account-101` with what each is called."""
        told = []
        for key in self.workspaces:
            mine = [(f"account-{one.id}", named(one, one.id)) for one in self.of(key)]
            told.append((self.name(key), [(f"workspace-{key}", f"All of {self.name(key)}"), *mine]))
        return told

    def name(self, workspace: int) -> str:
        """What a workspace is called."""
        found = self.workspaces.get(workspace)
        return found.name if found and found.name else f"workspace {workspace}"

    def zone(self, workspace: int) -> ZoneInfo:
        """The zone of a workspace; UTC where it was not read."""
        found = self.workspaces.get(workspace)
        return _zone(found.timezone if found else "UTC")


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    """A zone that is kept: Python itself keeps eight, and reads the others from the disk each time."""
    return zone_named(name)


def network(account: Account) -> str:
    """An account's network as people write it."""
    return NETWORK_NAMES.get(account.platform, account.platform)


def connected(store: SqliteStore, service: str) -> Connected:
    """What runs on this service last read."""
    workspaces, _ = _newest(store, service, "ListWorkspaces")
    accounts, at = _newest(store, service, "ListAccounts")
    return Connected({one.id: one for one in workspaces}, {one.id: one for one in accounts}, at)


def _newest(store: SqliteStore, service: str, operation: str) -> tuple[tuple[Any, ...], datetime | None]:
    found = store.shown.newest(service, operation)
    if found is None:
        return (), None
    try:
        return _items(operation, store.load(found.record.body)), found.at
    except (ValueError, JournalError):
        return (), None


def named(account: Account | None, key: int) -> str:
    """An account as network and name."""
    return f"{network(account)} · {account.label}" if account else f"account {key}"


@lru_cache(maxsize=8)
def _items(operation: str, text: str) -> tuple[Any, ...]:
    answer = read_text(OPERATIONS[operation].route, text)
    return answer.data if isinstance(answer, Page) else ()
