"""The workspaces and accounts of the service as the journal last saw them: pages name posts by these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from agent.api.networks import NETWORK_NAMES
from agent.api.types import Account, Workspace
from agent.journal.known import Known
from agent.text import one_line
from agent.web.site import Site

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


@dataclass
class _Room:
    """What is kept between requests: the places, and up to which row of the journal they were looked for."""

    places: Places = field(default_factory=Places)
    looked: int = -1


def places(site: Site) -> Places:
    """What the newest answers showed; the same object as long as none came in."""
    store, service = site.house.store, site.house.service
    room: _Room = site.rooms.setdefault("places", _Room())
    last = store.last_row
    if last != room.looked:
        answers = [store.shown.newest(service, name, room.looked) for name in ("ListWorkspaces", "ListAccounts")]
        if any(answers):
            known = Known()
            for workspace in room.places.workspaces.values():
                known.take(workspace)
            for account in room.places.accounts.values():
                known.take(account)
            known = _learnt(known, [(one.record.operation, store.load(one.record.body)) for one in answers if one])
            room.places = Places(known.workspaces, known.accounts)
        room.looked = last
    return room.places


def _learnt(known: Known, answers: list[tuple[str, str]]) -> Known:
    """What is known after these answers: a list tells all there are, what it does not name is gone."""
    for operation, body in answers:
        if operation == "ListWorkspaces":
            known.workspaces.clear()
        else:
            known.accounts.clear()
        known.learn(operation, body)
    return known
