"""The store: one SQLite file per home, appended to in transactions, with a hash chain per run.

`Store` is the protocol that a second store (PostgreSQL, for many machines) will meet; `SqliteStore` is the one module
of SQL for records. Every append either fits behind the record the caller has seen or raises `Conflict`.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from agent.errors import Conflict, Corrupt, Declined, Halted, JournalError
from agent.journal import ledger_tables
from agent.journal import records as r
from agent.journal.files import append_lines
from agent.journal.ledger import Ledger
from agent.journal.mirror import BLOB
from agent.journal.shown import Shown
from agent.locked import holder, locked

SCHEMA_VERSION = 7
#: Longer texts are kept once, by hash.
INLINE_BYTES = 16 * 1024
#: Seconds to wait for another process that is writing; longer would hold up a stop.
PATIENCE_S = 5.0
GENESIS = "0" * 64
_RESTORE = "Nothing guarded is sent from this run. Restore runs/journal.db from a backup."

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE records (run TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  hash TEXT NOT NULL, PRIMARY KEY (run, seq)) STRICT;
CREATE TABLE blobs (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE leases (run TEXT PRIMARY KEY, owner TEXT NOT NULL, until TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True)
class Entry:
    """A record in its place; `hash` covers the place, the record and the entry before."""

    run: str
    seq: int
    at: datetime
    record: r.AnyRecord
    hash: str
    #: Its line in the mirror, where it was just written; empty for one that was read.
    line: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True)
class Row:
    """A record as it is kept: `body` is its JSON text, `hash` covers it, its place and the row before."""

    run: str
    seq: int
    at: str
    record: r.AnyRecord
    body: str
    hash: str


class Store(Protocol):
    """Where records live."""

    ledger: Ledger

    def new_run(self) -> str:
        """The next run's id: r1, r2, …"""
        ...

    def new_items(self, count: int) -> int:
        """Take `count` numbers of the review queue; returns the first. Numbers may be left out, never used twice."""
        ...

    def append(
        self, run: str, after: int, records: Sequence[r.AnyRecord], at: datetime, *, unless_stopped: bool = False
    ) -> list[Entry]:
        """Append behind `after`, all or nothing. Raises Conflict, or Halted where the home is stopped."""
        ...

    def append_anyway(self, run: str, records: Sequence[r.AnyRecord], at: datetime) -> list[Entry]:
        """Append behind whatever is last: for outcomes, which are facts whoever wrote meanwhile."""
        ...

    def read(self, run: str, after: int = 0, *, checked: bool = False) -> Iterator[Entry]:
        """Entries in order; all of them, each `checked` like `verify` before it is told."""
        ...

    def verify(self, run: str) -> int:
        """Re-derive a run's chain; returns how many records fit. Raises Corrupt that names the first bad one."""
        ...

    def keep(self, text: str) -> str:
        """The text itself, or where it is long a `blob:` name under which it is kept once."""
        ...

    def load(self, text: str) -> str:
        """The reverse of `keep`."""
        ...

    def lease(self, run: str, owner: str, now: datetime, until: datetime) -> str:
        """Take or renew the right to advance a run; returns the owner in force."""
        ...

    def release(self, run: str, owner: str) -> None:
        """Give the lease back."""
        ...

    def holder(self, run: str, now: datetime) -> str:
        """The owner of the lease in force; empty where there is none."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether a person stopped every run of the home."""
        ...


def line_of(run: str, seq: int, at: str, body: str) -> str:
    """The canonical text that a hash covers and the JSONL mirror shows."""
    return f'{{"run":{_quoted(run)},"seq":{seq},"at":{_quoted(at)},"record":{body}}}'


#: A run's name and a moment stand in many lines, one after the other.
_quoted = lru_cache(maxsize=256)(json.dumps)


def chain(previous: str, line: str) -> str:
    """Hash of an entry from the hash before and its line."""
    return hashlib.sha256(f"{previous}\n{line}".encode()).hexdigest()


class SqliteStore:
    """The journal of one home."""

    def __init__(self, path: Path) -> None:
        self._path, self._folder = path, path.parent
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_S)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._migrate(path)
        except (*ledger_tables.UNREADABLE, OSError) as error:
            if locked(error):
                raise self._busy() from error
            raise JournalError(
                f"The journal {path} cannot be opened: {error}.",
                hint="Check that the folder is writable and the disk has room, or set PSA_HOME to another folder.",
            ) from error
        self.ledger = Ledger(self._db)
        self.shown = Shown(self._db)
        self._heads: dict[str, tuple[int, str]] = {}

    def _migrate(self, path: Path) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise JournalError(
                f"The journal {path} has schema {version}; this version knows {SCHEMA_VERSION}.",
                hint="Upgrade postsyncer-agent.",
            )
        if version < SCHEMA_VERSION:
            with self._transaction():
                self._upgrade(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _upgrade(self, version: int) -> None:
        """Make the tables, or those that older versions made otherwise: the ledger is derived from the records."""
        if version == SCHEMA_VERSION:
            return  # another process was first
        for table in ledger_tables.TABLES:
            self._db.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in ((_SCHEMA if version == 0 else "") + ledger_tables.SCHEMA).split(";"):
            if statement.strip():
                self._db.execute(statement)
        ledger_tables.rebuild(self._db, self._readable())
        self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _readable(self) -> Iterator[tuple[str, int, str, r.AnyRecord]]:
        """All records in the order they were written; one that cannot be read is left to `verify`, which names it."""
        for run, seq, at, body in self._db.execute("SELECT run, seq, at, body FROM records ORDER BY rowid"):
            with suppress(ValueError):
                yield run, seq, at, r.READER.validate_json(body)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _readable_file(self) -> Iterator[None]:
        try:
            yield
        except ledger_tables.UNREADABLE as error:
            raise ledger_tables.unreadable(error) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.IntegrityError as error:
            raise Conflict("Another process wrote to the journal first.", hint="Try again.") from error
        except sqlite3.Error as error:
            if locked(error):
                raise self._busy() from error
            raise JournalError(
                f"The journal could not be written: {error}.",
                hint="Nothing was sent after this. Free some disk space, then `psa runs resume`.",
            ) from error

    def _busy(self) -> JournalError:
        return JournalError(
            f"The journal {self._path} is busy: {PATIENCE_S:.0f} seconds were waited for {holder(self._path)}.",
            hint="Nothing was sent after this. Try again once that is done; `psa runs resume` goes on with a run.",
        )

    def _counter(self, key: str, step: int) -> int:
        with self._transaction():
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            last = int(row[0]) if row else 0
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(last + step)))
        return last + 1

    def new_run(self) -> str:
        return f"r{self._counter('last_run', 1)}"

    def new_items(self, count: int) -> int:
        return self._counter("last_item", count)

    def append(
        self, run: str, after: int, records: Sequence[r.AnyRecord], at: datetime, *, unless_stopped: bool = False
    ) -> list[Entry]:
        with self._transaction():
            if unless_stopped and self.stopped:
                raise Halted
            seq, previous = self._head(run, after)
            if seq != after:
                raise Conflict(f"Run {run} went on meanwhile (record {seq}, expected {after}).", hint="Try again.")
            for record in records:
                if isinstance(record, r.Intent) and record.standing is not None:
                    refused = ledger_tables.refuse_standing(self._db, run, record.standing, record.key)
                    if refused:
                        raise Conflict(refused, hint="It waits on a card instead.")
            entries = self._insert(run, seq, previous, records, at)
        self._written(run, entries)
        return entries

    def append_anyway(self, run: str, records: Sequence[r.AnyRecord], at: datetime) -> list[Entry]:
        with self._transaction():
            seq, previous = self._last(run)
            entries = self._insert(run, seq, previous, records, at)
        self._written(run, entries)
        return entries

    def _head(self, run: str, after: int) -> tuple[int, str]:
        cached = self._heads.get(run)
        if cached and cached[0] == after:
            row = self._db.execute("SELECT 1 FROM records WHERE run = ? AND seq = ?", (run, after + 1)).fetchone()
            if row is None:
                return cached
        return self._last(run)

    def _last(self, run: str) -> tuple[int, str]:
        row = self._db.execute(
            "SELECT seq, hash FROM records WHERE run = ? ORDER BY seq DESC LIMIT 1", (run,)
        ).fetchone()
        return (row[0], row[1]) if row else (0, GENESIS)

    def _insert(self, run: str, seq: int, previous: str, records: Sequence[r.AnyRecord], at: datetime) -> list[Entry]:
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        entries = []
        for record in records:
            seq += 1
            body = record.model_dump_json()
            line = line_of(run, seq, moment, body)
            previous = chain(previous, line)
            row = (run, seq, moment, record.kind, body, previous)
            self._db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", row)
            ledger_tables.project(self._db, run, seq, moment, record)
            entries.append(Entry(run, seq, at, record, previous, _mirrored(line, previous)))
        return entries

    def _written(self, run: str, entries: list[Entry]) -> None:
        """After the commit: remember the head and mirror the lines. The mirror may lag; `verify` rebuilds it."""
        if entries:
            self._heads[run] = (entries[-1].seq, entries[-1].hash)
            append_lines(self._folder, run, [entry.line for entry in entries])

    def _rows(self, run: str, after: int = 0) -> Iterator[tuple[int, str, str, str]]:
        """The records of a run as they are kept. Raises Corrupt where the file cannot be read any more."""
        last = after
        try:
            for row in self._db.execute(
                "SELECT seq, at, body, hash FROM records WHERE run = ? AND seq > ? ORDER BY seq", (run, after)
            ):
                last = row[0]
                yield row
        except ledger_tables.UNREADABLE as error:
            raise Corrupt(
                f"Run {run}: record {last + 1} cannot be read: {str(error).partition(' with text')[0]}.", hint=_RESTORE
            ) from error

    def read(self, run: str, after: int = 0, *, checked: bool = False) -> Iterator[Entry]:
        for seq, at, body, digest in self._checked(run) if checked else self._rows(run, after):
            try:
                entry = Entry(run, seq, datetime.fromisoformat(at), _read(body), digest)
            except (ValueError, TypeError) as error:
                raise Corrupt(
                    f"Record {seq} of run {run} cannot be read: {str(error).splitlines()[0]}.",
                    hint=f"`psa runs verify {run}` names the first bad record.",
                ) from error
            yield entry

    def verify(self, run: str) -> int:
        return sum(1 for _ in self._checked(run))

    def _checked(self, run: str) -> Iterator[tuple[int, str, str, str]]:
        """The records of a run, each after its place in the chain was looked at."""
        previous, expected = GENESIS, 1
        for row in self._rows(run):
            seq, at, body, digest = row
            previous = chain(previous, line_of(run, seq, at, body))
            if seq != expected or previous != digest:
                raise Corrupt(
                    f"Run {run}: record {seq} does not fit the chain: it, or one before it, was changed or is missing.",
                    hint=_RESTORE,
                )
            expected += 1
            yield row

    def damage(self) -> str:
        """What SQLite finds wrong with the file; empty where it is whole."""
        try:
            found = str(self._db.execute("PRAGMA quick_check(1)").fetchone()[0])
        except ledger_tables.UNREADABLE as error:
            found = str(error)
        return "" if found == "ok" else found.splitlines()[-1]

    def keep(self, text: str) -> str:
        if len(text) <= INLINE_BYTES and not text.startswith(BLOB):
            return text
        digest = hashlib.sha256(text.encode()).hexdigest()
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (digest, text))
        return BLOB + digest

    def load(self, text: str) -> str:
        if not text.startswith(BLOB):
            return text
        with self._readable_file():
            row = self._db.execute("SELECT body FROM blobs WHERE hash = ?", (text[len(BLOB) :],)).fetchone()
        if row is None or hashlib.sha256(row[0].encode()).hexdigest() != text[len(BLOB) :]:
            raise Corrupt(f"A kept text ({text[:17]}…) is missing or changed.", hint="Restore runs/ from a backup.")
        return str(row[0])

    def lease(self, run: str, owner: str, now: datetime, until: datetime) -> str:
        with self._transaction():
            row = self._db.execute("SELECT owner, until FROM leases WHERE run = ?", (run,)).fetchone()
            if row and row[0] != owner and datetime.fromisoformat(row[1]) > now:
                return str(row[0])
            self._db.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?)", (run, owner, until.isoformat()))
        return owner

    def take_over(self, run: str, dead: str) -> None:
        """Drop the lease of an owner that is proven dead."""
        self.release(run, dead)

    def release(self, run: str, owner: str) -> None:
        with suppress(sqlite3.Error):  # a lease that stays is taken over once its owner is gone
            self._db.execute("DELETE FROM leases WHERE run = ? AND owner = ?", (run, owner))

    def holder(self, run: str, now: datetime) -> str:
        with self._readable_file():
            row = self._db.execute("SELECT owner, until FROM leases WHERE run = ?", (run,)).fetchone()
        return str(row[0]) if row and datetime.fromisoformat(row[1]) > now else ""

    @property
    def last_row(self) -> int:
        """Counts up with every record of any run."""
        with self._readable_file():
            return int(self._db.execute("SELECT ifnull(max(rowid), 0) FROM records").fetchone()[0])

    def rows_after(self, row: int, most: int = 1000) -> list[tuple[int, str, int, str]]:
        """Row, run, place and kind of what was written after a row, in the order of writing."""
        with self._readable_file():
            return self._db.execute(
                "SELECT rowid, run, seq, kind FROM records WHERE rowid > ? ORDER BY rowid LIMIT ?", (row, most)
            ).fetchall()

    @property
    def stopped(self) -> bool:
        with self._readable_file():
            row = self._db.execute("SELECT value FROM meta WHERE key = 'stopped'").fetchone()
        return row is not None and row[0] == "1"

    def set_stopped(self, stopped: bool) -> None:
        """Stop every run of the home before its next effect, or let them go on."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('stopped', ?)", ("1" if stopped else "0",))

    def adopt(self, runs: Mapping[str, Sequence[Row]], blobs: Mapping[str, str]) -> dict[str, int]:
        """Take in whole runs whose hashes were checked; returns how many records of each were new. All or nothing.

        A run that is here already may only go on as it does in `runs`. Raises Declined where it goes on otherwise, or
        where another run holds the same numbers of the review queue.
        """
        with self._transaction():
            # Texts first: the mirror is made from the answers that records name.
            self._db.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?)", list(blobs.items()))
            added = {run: self._adopt(run, rows) for run, rows in runs.items()}
            for key, query in _COUNTED.items():
                last = self._db.execute(query).fetchone()[0] or 0
                row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
                most = max(int(row[0]) if row else 0, last)
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(most)))
        self._heads.clear()
        return added

    def _adopt(self, run: str, rows: Sequence[Row]) -> int:
        seq, last = self._last(run)
        if seq and (seq > len(rows) or rows[seq - 1].hash != last):
            raise Declined(
                f"Run {run} is here already and went on otherwise.", hint="Import into an empty folder (PSA_HOME)."
            )
        for row in rows[seq:]:
            values = (row.run, row.seq, row.at, row.record.kind, row.body, row.hash)
            self._db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", values)
            try:
                ledger_tables.project(self._db, run, row.seq, row.at, row.record)
            except sqlite3.IntegrityError as error:
                raise Declined(
                    f"Run {run} holds numbers of the review queue that other runs have here.",
                    hint="Import into an empty folder (PSA_HOME).",
                ) from error
        return len(rows) - seq

    def mirror(self, run: str) -> list[str]:
        """The JSONL lines of a run, from the records as they were written."""
        return list(self.lines(run))

    def lines(self, run: str, after: int = 0) -> Iterator[str]:
        """The JSONL lines of a run behind a record, one after the other."""
        for seq, at, body, digest in self._rows(run, after):
            yield _mirrored(line_of(run, seq, at, body), digest)

    def outline(self, run: str, after: int, most: int) -> list[tuple[int, datetime, str]]:
        """Place, time and kind of the records of a run behind one, at most so many."""
        with self._readable_file():
            rows = self._db.execute(
                "SELECT seq, at, kind FROM records WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?", (run, after, most)
            ).fetchall()
        return [(seq, datetime.fromisoformat(at), kind) for seq, at, kind in rows]


#: The counters, and the highest number of each that is taken.
_COUNTED = {"last_run": "SELECT max(ordinal) FROM runs", "last_item": "SELECT max(number) FROM items"}


@lru_cache(maxsize=2048)
def _read(body: str) -> r.AnyRecord:
    """A record from its text. Records are frozen, and runs are read again and again: the last ones are kept."""
    return r.READER.validate_json(body)


def _mirrored(line: str, digest: str) -> str:
    return f'{line[:-1]},"hash":"{digest}"}}'


def open_store(home: Path) -> SqliteStore:
    """The journal of a home, made when it is not there."""
    return SqliteStore(home / "runs" / "journal.db")
