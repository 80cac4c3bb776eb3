"""The living state of a box: one SQLite file that several processes share, one transaction per request."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from agent.errors import SettingsError
from agent.sandbox.behind import edit_now_or_later
from agent.sandbox.edits import Edit
from agent.sandbox.exporting import export
from agent.sandbox.faults import Fault
from agent.sandbox.refusal import Refusal
from agent.sandbox.seeding import fill
from agent.sandbox.store import SCHEMA, TABLES, Tx
from agent.sandbox.timeline import advance
from agent.sandbox.world import Rules, World

#: Seconds to wait for another process that is writing.
_PATIENCE = 30.0


class State:
    """A box's world, clock, faults and logs. Safe to use from several threads and processes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path | None, world: World, now: datetime) -> "State":
        """A new box, in a file or (None) in memory, whose clock starts at `now` and runs.

        Raises SettingsError if the file already holds a box, or if the world names something that is not there.
        """
        state = cls(_connect(path))
        try:
            with state._writing():
                if state._holds_a_box():
                    raise SettingsError(f"{path} already holds a sandbox.", hint="Open it, reset it, or name another.")
                for statement in SCHEMA.split(";"):
                    state._db.execute(statement)
                state._fill(world, now)
        except SettingsError:
            state.close()
            raise
        return state

    @staticmethod
    def is_there(path: Path) -> bool:
        """Whether a file holds anything; one whose making was cut off holds nothing, and `create` makes it anew."""
        if not path.exists():
            return False
        db = _connect(path)
        try:
            return db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
        finally:
            db.close()

    @classmethod
    def open(cls, path: Path) -> "State":
        """A box that exists. Raises SettingsError if the file holds none."""
        if not path.exists():
            raise SettingsError(f"There is no sandbox in {path}.", hint="Create one first.")
        state = cls(_connect(path))
        if not state._holds_a_box():
            state.close()
            raise SettingsError(f"{path} is not a sandbox's state.", hint="Delete it, or name another file.")
        return state

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One transaction at the clock's time, with all that is due done first."""
        with self._writing():
            tx = Tx(self._db, self._now())
            advance(tx, rules_of(tx))
            yield tx

    def world_now(self) -> datetime:
        """The time inside the box, in UTC."""
        with self._lock:
            return self._now()

    def is_frozen(self) -> bool:
        """Whether the clock stands still."""
        with self._lock:
            return self._clock()[0] is not None

    def freeze(self, instant: datetime | None = None) -> None:
        """Stop the clock, at an instant or where it is."""
        with self._writing():
            self._set_clock(instant or self._now(), frozen=True)

    def advance(self, seconds: float) -> None:
        """Move the clock forward, frozen or not."""
        with self._writing():
            self._set_clock(self._now() + timedelta(seconds=max(0.0, seconds)), frozen=self._clock()[0] is not None)

    def thaw(self) -> None:
        """Let the clock run on from where it stands."""
        with self._writing():
            self._set_clock(self._now(), frozen=False)

    def reset(self, world: World | None = None, now: datetime | None = None) -> None:
        """Start over, with another world if given, at an instant if given; a frozen clock stays frozen. Faults go."""
        with self._writing():
            frozen = self._clock()[0] is not None
            again = world or World.model_validate_json(Tx(self._db, self._now()).meta("origin"))
            start = now or self._now()
            for table in (*TABLES, "sqlite_sequence"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names
            self._fill(again, start, frozen=frozen)

    def export(self) -> dict[str, Any]:
        """What the box holds now, as a world that `World` reads and `create` takes, with absolute times and ids."""
        with self.transaction() as tx:
            return export(tx, rules_of(tx))

    def rules(self) -> Rules:
        """How the box behaves."""
        with self._lock:
            return rules_of(Tx(self._db, self._now()))

    def effects(self) -> list[dict[str, Any]]:
        """Every accepted write, oldest first: seq, at, operation, verb, path, body, ids, user.

        `was` holds the status that each changed post had before.
        """
        return self._log("SELECT seq, doc FROM effects ORDER BY seq")

    def requests(self) -> list[dict[str, Any]]:
        """Every request, oldest first: seq, at, verb, target, status (0: no answer), user."""
        return self._log("SELECT seq, doc FROM requests ORDER BY seq")

    def faults(self) -> list[Fault]:
        """The faults that are set."""
        with self._lock:
            found = self._db.execute("SELECT doc FROM faults ORDER BY place").fetchall()
        return [Fault.model_validate_json(doc) for (doc,) in found]

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace all faults; their counts start anew."""
        with self._writing():
            self._db.execute("DELETE FROM faults")
            rows = [(place, fault.model_dump_json()) for place, fault in enumerate(faults)]
            self._db.executemany("INSERT INTO faults VALUES (?, ?, 0, 0)", rows)

    def edit(self, edit: Edit) -> None:
        """What another person does in PostSyncer's own pages, in no log; it may be for later.

        Raises SettingsError where the post's state does not allow it.
        """
        with self.transaction() as tx:
            try:
                edit_now_or_later(tx, rules_of(tx), edit)
            except Refusal as refusal:
                raise SettingsError(f"Post {edit.post} cannot be edited so: {refusal}") from None
            tx.settle(None)

    def edit_behind(self, post_id: int, text: str) -> None:
        """Another person's new text of a post, the edit that is wanted most. Raises SettingsError as `edit`."""
        self.edit(Edit(post=post_id, text=text))

    def _holds_a_box(self) -> bool:
        found = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return set(TABLES) <= {name for (name,) in found}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction. A file that cannot be written is an OSError, as a service that dies is to its clients."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.OperationalError as error:
                raise OSError(f"the sandbox's file cannot be written: {error}") from error

    def _fill(self, world: World, now: datetime, *, frozen: bool = False) -> None:
        tx = Tx(self._db, now.astimezone(UTC))
        fill(tx, world)
        self._set_clock(tx.now, frozen=frozen)

    def _log(self, query: str) -> list[dict[str, Any]]:
        with self._lock:
            found = self._db.execute(query).fetchall()
        return [{"seq": seq, **json.loads(doc)} for seq, doc in found]

    def _clock(self) -> tuple[datetime | None, float]:
        """Where it is frozen, or None; how many seconds it is ahead of the true time."""
        found = self._db.execute("SELECT value FROM meta WHERE name = 'clock'").fetchone()
        return _parsed_clock(found[0])

    def _now(self) -> datetime:
        frozen, offset = self._clock()
        return frozen if frozen is not None else datetime.now(UTC) + timedelta(seconds=offset)

    def _set_clock(self, now: datetime, *, frozen: bool) -> None:
        now = now.astimezone(UTC)
        clock = {
            "frozen": now.isoformat() if frozen else None,
            "offset": 0 if frozen else (now - datetime.now(UTC)).total_seconds(),
        }
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('clock', ?)", (json.dumps(clock),))


def rules_of(tx: Tx) -> Rules:
    """How the box behaves."""
    return _parsed_rules(tx.meta("world"))


@lru_cache(maxsize=8)
def _parsed_clock(text: str) -> tuple[datetime | None, float]:
    clock = json.loads(text)
    return datetime.fromisoformat(clock["frozen"]) if clock["frozen"] is not None else None, clock["offset"]


@lru_cache(maxsize=8)
def _parsed_rules(text: str) -> Rules:
    return Rules.model_validate_json(text)


def _connect(path: Path | None) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(
            str(path) if path else ":memory:", timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        db.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing; only a power cut could, and a box may be lost then.
        db.execute("PRAGMA synchronous = OFF")
    except sqlite3.Error as error:
        raise SettingsError(f"{path} cannot be opened: {error}.", hint="Check the path and its permissions.") from error
    return db
