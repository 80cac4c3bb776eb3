"""Documents with looked-up keys in SQLite: what one transaction reads and writes, and what it changed."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from agent.sandbox.rows import KINDS, Key, PostRow, Row, Target

T = TypeVar("T", bound=Row)
Value = int | float | str

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (kind TEXT, id INTEGER, doc TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE keys (kind TEXT, name TEXT, value, id INTEGER, PRIMARY KEY (kind, name, value, id)) WITHOUT ROWID;
CREATE INDEX keys_of ON keys (kind, id);
CREATE TABLE counters (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE effects (seq INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT NOT NULL);
CREATE TABLE undo (effect INTEGER, step INTEGER, kind TEXT, id INTEGER, doc TEXT, PRIMARY KEY (effect, step));
CREATE TABLE requests (seq INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT NOT NULL);
CREATE TABLE windows (user TEXT PRIMARY KEY, minute INTEGER NOT NULL, spent INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE faults (place INTEGER PRIMARY KEY, doc TEXT NOT NULL, seen INTEGER NOT NULL, hit INTEGER NOT NULL);
"""
TABLES = ("meta", "rows", "keys", "counters", "effects", "undo", "requests", "windows", "faults")

#: Before-images are kept for this many effects, so that reads can be answered as before them.
_UNDO_KEPT = 100
#: The largest number SQLite takes.
_MOST = 2**63 - 1


class Tx:
    """One transaction at one instant of the box's clock."""

    def __init__(self, db: sqlite3.Connection, now: datetime) -> None:
        self.db = db
        self.now = now
        self._read: dict[tuple[str, int], Row] = {}
        self._before: list[tuple[str, int, str | None]] = []

    @contextmanager
    def savepoint(self, *, keep: bool) -> Iterator[None]:
        """A part that is undone if it raises, or in any case unless `keep`."""
        noted = len(self._before)
        self.db.execute("SAVEPOINT part")
        done = False
        try:
            yield
            done = True
        finally:
            if not (done and keep):
                self.db.execute("ROLLBACK TO part")
                del self._before[noted:]
                self._read.clear()
            self.db.execute("RELEASE part")

    def meta(self, name: str) -> str:
        """A named text of the box itself."""
        found = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(found[0])

    def set_meta(self, name: str, value: str) -> None:
        """Set a named text of the box itself."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def get(self, cls: type[T], row_id: int) -> T | None:
        """The object of that id, or None."""
        if row_id > _MOST:
            return None
        known = self._read.get((cls.kind, row_id))
        if isinstance(known, cls):
            return known
        doc = self._doc(cls.kind, row_id)
        return self._parse(cls, row_id, doc) if doc is not None else None

    def every(self, cls: type[T]) -> list[T]:
        """All objects of a kind, by id."""
        found = self.db.execute("SELECT id, doc FROM rows WHERE kind = ? ORDER BY id", (cls.kind,))
        return [self._parse(cls, row_id, doc) for row_id, doc in found.fetchall()]

    def find(
        self,
        cls: type[T],
        name: str,
        values: Iterable[Value],
        *,
        newest: bool = False,
        limit: int = -1,
        offset: int = 0,
    ) -> list[T]:
        """Objects with one of the values under a key name, by id."""
        wanted = tuple(values)
        order = "DESC" if newest else "ASC"
        found = self.db.execute(
            # The ids are found first: what a page passes over is not loaded.
            f"SELECT id, doc FROM rows WHERE kind = ? AND id IN (SELECT id FROM keys "  # noqa: S608 - marks only
            f"WHERE kind = ? AND name = ? AND value IN ({_marks(wanted)}) ORDER BY id {order} LIMIT ? OFFSET ?) "
            f"ORDER BY id {order}",
            (cls.kind, cls.kind, name, *wanted, limit, min(offset, _MOST)),
        )
        return [self._parse(cls, row_id, doc) for row_id, doc in found.fetchall()]

    def count(self, cls: type[Row], name: str, values: Iterable[Value]) -> int:
        """How many objects have one of the values under a key name."""
        wanted = tuple(values)
        found = self.db.execute(
            f"SELECT count(*) FROM keys WHERE kind = ? AND name = ? AND value IN ({_marks(wanted)})",  # noqa: S608 - marks only
            (cls.kind, name, *wanted),
        )
        return int(found.fetchone()[0])

    def earliest(self, cls: type[T], name: str, until: float) -> T | None:
        """The object with the smallest value under a key name, if that is at most `until`."""
        found = self.db.execute(
            "SELECT id FROM keys WHERE kind = ? AND name = ? AND value <= ? ORDER BY value, id LIMIT 1",
            (cls.kind, name, until),
        ).fetchone()
        return self.get(cls, found[0]) if found else None

    def values_from(self, cls: type[Row], name: str, least: float) -> list[tuple[float, int]]:
        """The values under a key name that are at least `least`, each with its object's id, smallest first."""
        found = self.db.execute(
            "SELECT value, id FROM keys WHERE kind = ? AND name = ? AND value >= ? ORDER BY value",
            (cls.kind, name, least),
        )
        return [(float(value), row_id) for value, row_id in found.fetchall()]

    def new_id(self, cls: type[Row] | type[Target]) -> int:
        """The next id of a kind; ids are never used twice."""
        last = self.last_id(cls)
        number = last + 1 if last else cls.first_id
        self.db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (cls.kind, number))
        return number

    def last_id(self, cls: type[Row] | type[Target]) -> int:
        """The highest id of a kind that was ever given out; 0 if none was."""
        found = self.db.execute("SELECT last FROM counters WHERE kind = ?", (cls.kind,)).fetchone()
        return int(found[0]) if found else 0

    def raise_counter(self, cls: type[Row] | type[Target], last: int) -> None:
        """Make ids of a kind go on above one that was given by hand."""
        self.db.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
            (cls.kind, last),
        )

    def put(self, row: Row) -> None:
        """Store an object; storing what is there already changes nothing."""
        before = self._doc(row.kind, row.id)
        doc = row.model_dump_json(exclude_defaults=True)
        self._read[row.kind, row.id] = row
        if doc == before:
            return
        self._before.append((row.kind, row.id, before))
        self._write(row.kind, row.id, doc, row.lookups())

    def remove(self, row: Row) -> None:
        """Delete an object."""
        before = self._doc(row.kind, row.id)
        if before is None:
            return
        self._before.append((row.kind, row.id, before))
        self._write(row.kind, row.id, None)

    def changed(self) -> dict[str, list[int]]:
        """Ids of what this transaction changed since the last `settle`, per kind."""
        ids: dict[str, set[int]] = {}
        for kind, row_id, _ in self._before:
            ids.setdefault(kind, set()).add(row_id)
        return {kind: sorted(found) for kind, found in sorted(ids.items())}

    def statuses(self) -> dict[str, str]:
        """The status that each changed post had before, by id, for what is not settled; new posts had none."""
        found: dict[str, str] = {}
        for kind, row_id, doc in self._before:
            if kind == PostRow.kind and doc is not None:
                found.setdefault(str(row_id), PostRow.model_validate_json(doc).status)
        return found

    def settle(self, effect: int | None) -> None:
        """Book the changes so far to an effect, so that they can be undone for stale reads, or to nobody."""
        if effect is not None:
            images = [(effect, step, *image) for step, image in enumerate(self._before)]
            self.db.executemany("INSERT INTO undo VALUES (?, ?, ?, ?, ?)", images)
            self.db.execute("DELETE FROM undo WHERE effect <= ?", (effect - _UNDO_KEPT,))
        self._before.clear()

    def undo_last(self, effects: int) -> None:
        """Put back what the last effects changed; only inside a savepoint that is not kept."""
        classes = {cls.kind: cls for cls in KINDS}
        images = self.db.execute(
            "SELECT kind, id, doc FROM undo WHERE effect IN "
            "(SELECT seq FROM effects ORDER BY seq DESC LIMIT ?) ORDER BY effect DESC, step DESC",
            (effects,),
        ).fetchall()
        for kind, row_id, doc in images:
            keys = classes[kind].model_validate_json(doc).lookups() if doc is not None else ()
            self._write(kind, row_id, doc, keys)
        self._read.clear()

    def _doc(self, kind: str, row_id: int) -> str | None:
        found = self.db.execute("SELECT doc FROM rows WHERE kind = ? AND id = ?", (kind, row_id)).fetchone()
        return str(found[0]) if found else None

    def _parse(self, cls: type[T], row_id: int, doc: str) -> T:
        row = cls.model_validate_json(doc)
        self._read[cls.kind, row_id] = row
        return row

    def _write(self, kind: str, row_id: int, doc: str | None, keys: Iterable[Key] = ()) -> None:
        self.db.execute("DELETE FROM keys WHERE kind = ? AND id = ?", (kind, row_id))
        if doc is None:
            self.db.execute("DELETE FROM rows WHERE kind = ? AND id = ?", (kind, row_id))
            self._read.pop((kind, row_id), None)
            return
        self.db.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", (kind, row_id, doc))
        rows = [(kind, name, value, row_id) for name, value in keys]
        self.db.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?)", rows)


def _marks(values: Sequence[Value]) -> str:
    return ",".join("?" * len(values))
