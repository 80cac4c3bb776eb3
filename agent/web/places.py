"""The workspaces and accounts of the service as the journal last saw them: pages name posts by these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from agent.api.types import Account, Workspace
from agent.gate.titles import NETWORK_NAMES
from agent.journal.known import Known
from agent.journal.store import SqliteStore
from agent.text import one_line

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Places:
    """Workspaces and accounts by id; empty where no run has read any."""

    workspaces: Mapping[int, Workspace] = field(default_factory=dict)
    accounts: Mapping[int, Account] = field(default_factory=dict)

    def zone(self, workspace: int | None) -> ZoneInfo:
        """A workspace's zone; UTC where it is not known."""
        found = self.workspaces.get(workspace or 0)
        try:
            return ZoneInfo(found.timezone) if found else _UTC
        except (KeyError, ValueError, OSError):
            return _UTC

    def name(self, workspace: int | None) -> str:
        """What a workspace is called."""
        found = self.workspaces.get(workspace or 0)
        return one_line(found.name, 60) if found and found.name else f"workspace {workspace}"

    def network(self, platform: str) -> str:
        """What a network is called."""
        return NETWORK_NAMES.get(platform, platform.capitalize())

    def accounts_of(self, workspace: int | None) -> list[Account]:
        """The accounts of a workspace, or all, by network and name."""
        found = [one for one in self.accounts.values() if workspace in (None, one.workspace_id)]
        return sorted(found, key=lambda one: (one.platform, one.label.casefold(), one.id))


def places(store: SqliteStore, service: str) -> Places:
    """What the newest answers showed."""
    known = Known()
    for operation in ("ListWorkspaces", "ListAccounts"):
        found = store.shown.newest(service, operation)
        if found is not None:
            known.learn(operation, store.load(found.record.body))
    return Places(known.workspaces, known.accounts)
