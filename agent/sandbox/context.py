"""What a handler of one request works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from agent.sandbox.refusal import not_found, wrong
from agent.sandbox.rows import Row, TokenRow, WorkspaceRow
from agent.sandbox.store import Tx
from agent.sandbox.times import zone_named
from agent.sandbox.world import Rules

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Upload:
    """A received file; its bytes are gone."""

    name: str
    sha256: str
    size: int
    head: bytes


@dataclass(frozen=True)
class Reply:
    """A successful answer."""

    payload: Any
    status: int = 200


@dataclass
class Context:
    """One request inside its transaction: `target` is its address without query, `sent` its body or query as data."""

    tx: Tx
    rules: Rules
    token: TokenRow
    target: str = ""
    sent: Mapping[str, Any] = field(default_factory=dict)
    upload: Upload | None = None

    @property
    def now(self) -> datetime:
        """The instant of the request."""
        return self.tx.now

    @cached_property
    def workspaces(self) -> list[WorkspaceRow]:
        """The workspaces the token sees, by id."""
        rows = self.tx.every(WorkspaceRow)
        return rows if self.token.workspaces is None else [row for row in rows if row.id in self.token.workspaces]

    @cached_property
    def visible(self) -> tuple[int, ...]:
        """Ids of the workspaces the token sees."""
        return tuple(row.id for row in self.workspaces)

    def owned(self, cls: type[R], row_id: int) -> R:
        """An object by its id. Raises Refusal 404 if absent or in a workspace the token cannot see."""
        row = self.tx.get(cls, row_id)
        if row is None or row.workspace_id not in self.visible:
            raise not_found()
        return row

    def workspace(self, workspace_id: int) -> WorkspaceRow:
        """A workspace of the body. Raises Refusal 422 if the token cannot see it."""
        for row in self.workspaces:
            if row.id == workspace_id:
                return row
        raise wrong("workspace_id", "The selected {} is invalid.")

    def inside(self, cls: type[R], row_id: int, workspace_id: int, where: str) -> R:
        """An object that a body refers to. Raises Refusal 422 unless it lies in the workspace."""
        row = self.tx.get(cls, row_id)
        if row is None or row.workspace_id != workspace_id:
            raise wrong(where, "The selected {} is invalid.")
        return row

    def zone(self, workspace_id: int) -> ZoneInfo:
        """The time zone of a workspace."""
        row = self.tx.get(WorkspaceRow, workspace_id)
        return zone_named(row.timezone if row else "UTC") or ZoneInfo("UTC")
