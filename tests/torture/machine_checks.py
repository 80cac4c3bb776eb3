"""What else holds of a home once it has settled, and what is counted of it."""

import sqlite3
from contextlib import closing
from datetime import UTC
from pathlib import Path

from agent.journal import ledger_tables
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.store import SqliteStore
from tests.contract import RunRecords, all_records
from tests.torture.machine_process import HAPPENED


def check_home(store: SqliteStore, home: Path) -> None:
    """Every run rests, nothing approved was forgotten, and the ledger says what the records say."""
    journals = all_records(store)
    for journal in journals:
        state = RunState(journal.run, store.load).fold(journal.entries)
        if not state.goals:
            continue  # cut off before it had a goal: it asks for one
        assert state.closed is not None and state.deferred is None, f"{journal.run} does not rest"
        assert not state.unsent(), f"{journal.run} rests, approved and unsent: {state.unsent()}"
        _nothing_forgotten(journal, state)
    _ledger_agrees(home / "runs" / "journal.db", journals)


def _nothing_forgotten(journal: RunRecords, state: RunState) -> None:
    """What was approved came to something: applied, rejected, unknown with its task or a person's word, or void."""
    for view in state.cards.values():
        if view.decision is None or view.decision.decision == "reject" or view.state == "void":
            continue
        for part in view.parts:
            effect = state.effects.get(part.key)
            told = f"{journal.run}, card {view.card.number}, {part.key}"
            assert effect is not None, f"{told}: approved and never sent"
            asked = any(task.key == part.key for task in state.tasks.values())
            settled = effect.state in {"applied", "rejected"} or effect.settled_by_person or asked
            assert settled, f"{told}: {effect.state} and nobody was asked"


def _ledger_agrees(path: Path, journals: list[RunRecords]) -> None:
    """The tables beside the records are what the records give when they are read again."""
    # The order over runs is that of their ledger rows; what hangs on it between runs is left out below.
    with closing(sqlite3.connect(path)) as kept, closing(sqlite3.connect(":memory:", isolation_level=None)) as again:
        again.executescript(ledger_tables.SCHEMA)
        again.execute("CREATE TABLE blobs (hash TEXT PRIMARY KEY, body TEXT NOT NULL)")  # long answers of the mirror
        again.executemany("INSERT INTO blobs VALUES (?, ?)", kept.execute("SELECT hash, body FROM blobs"))
        for journal in sorted(journals, key=lambda one: int(one.run.lstrip("r"))):
            for seq, at, record in journal.entries:
                moment = at.astimezone(UTC).isoformat(timespec="microseconds")
                ledger_tables.project(again, journal.run, seq, moment, record)
        for query in (
            "SELECT run, mode, service, goal, opened, updated, outcome FROM runs ORDER BY run",
            "SELECT number, run, kind, state, title, parts FROM items WHERE kind != 'draft' ORDER BY number",
            "SELECT key, run, operation, state, object_id, card FROM effects ORDER BY key",
        ):
            assert kept.execute(query).fetchall() == again.execute(query).fetchall(), query


def count_records(store: SqliteStore) -> None:
    """Outcomes, voids, expiries and tasks of a home."""
    for journal in all_records(store):
        for _, _, outcome in journal.of_kind(r.Outcome):
            HAPPENED[f"outcome {outcome.state}"] += 1
        for _, _, void in journal.of_kind(r.Voided):
            HAPPENED["expiries" if "in time" in void.says or "expired" in void.says else "voids"] += 1
        HAPPENED["tasks"] += len(journal.of_kind(r.Task))
        HAPPENED["repeated attempts"] += sum(intent.attempt > 1 for _, _, intent in journal.of_kind(r.Intent))
