"""Runs as their journal tells them, for judging again: what a call could know then, and no way to send anything."""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

from agent.api.client import Client
from agent.api.limits import MemoryBudget
from agent.clock import FrozenClock
from agent.gate.judge import Judge, Surroundings
from agent.journal.run import Run
from agent.journal.store import Entry, SqliteStore
from agent.policy.facts import Facts
from agent.policy.pack import Packs

#: Facts that a run's own records and today's settings give again. All others are as if nothing was known.
REBUILT = frozenset(
    {
        "now",
        "mode",
        "goal",
        "language",
        "scope",
        "workspaces",
        "accounts",
        "posts",
        "media",
        "comments",
        "labels",
        "folders",
        "campaigns",
        "ours",
        "posts_shown",
        "quoted",
        "synced_here",
        "decided",
        "asked_by",
        "sources",
        "folders_allowed",
        "features",
        "secrets",
    }
)
#: Those of them that come from today's settings.
OF_TODAY = ("language", "folders_allowed", "features", "secrets")


def not_rebuilt() -> tuple[str, ...]:
    """Names of the facts that no journal gives again: what lay between runs at that moment."""
    return tuple(field.name for field in fields(Facts) if field.name not in REBUILT)


@dataclass(frozen=True)
class _Nowhere:
    """In the place of a client: it has an address, and nothing to send with."""

    origin: str


class Past:
    """The facts of runs of one service, at any point of their journals. It never makes a request."""

    def __init__(
        self, store: SqliteStore, packs: Packs, surroundings: Surroundings, service: str, now: datetime
    ) -> None:
        self.store = store
        self.service = service
        self.clock = FrozenClock(now)
        client = cast(Client, _Nowhere(service))
        self._judge = Judge(client, store.ledger, packs, self.clock, MemoryBudget(), surroundings)

    def walk(self, run_id: str) -> Iterator[tuple[Run, Entry]]:
        """Each record of a run with the run as it stood before it. Raises Corrupt."""
        run = Run(self.store, run_id, self.clock)
        for entry in self.store.read(run_id):
            yield run, entry
            run.state.apply(entry.seq, entry.at, entry.record)

    def whole(self, run_id: str) -> Run:
        """A run as it stands now. Raises Corrupt."""
        run = Run(self.store, run_id, self.clock)
        run.reload()
        return run

    def today(self, run: Run) -> Facts:
        """What a call could know that this run made now, with the home's other runs as they stand today."""
        return self._judge.facts(run)

    def facts(self, run: Run, at: datetime) -> Facts:
        """What a call in this run could know, with the clock at an instant."""
        self.clock.set(at)
        facts = self._judge.facts(run)
        unknown: dict[str, Any] = {}
        for field in fields(Facts):
            if field.name not in REBUILT:
                unknown[field.name] = field.default if field.default_factory is MISSING else field.default_factory()
        return replace(facts, **unknown)
