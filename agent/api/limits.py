"""The rate budget: one per token, shared by every process of this user.

The service allows 60 requests per fixed minute, counted per user. We never send more than 60 in *any* 60 seconds, which
no fixed window can see as more, and leave the last 10 to people's own commands and decisions. A reservation is a slot
in time, first come, first served; whoever holds it sleeps until then. What counts is when requests reach the service,
which is later than planned on a busy machine or network: a slot is taken when its request is sent, looked at anew then,
and booked for the time of the answer. Source: DESIGN section 5, API.md 1.2.
"""

import hashlib
import sqlite3
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.errors import SettingsError
from agent.locked import holder, locked

WINDOW_S = 60.0
#: Reservations lie this far apart from a full window's edge, for clocks that differ a little.
MARGIN_S = 0.05
LIMIT = 60
FOR_PEOPLE = 10
#: No 429 closes the budget for longer.
LONGEST_CLOSING_S = 900.0


@dataclass(frozen=True)
class Headers:
    """What an answer says of the limit: figures are None where a header is missing; `reset` in local Unix seconds."""

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None


class RateBudget(Protocol):
    """Who may send when."""

    def reserve(self, now: float, *, person: bool) -> float:
        """Take the next free slot; returns its Unix time (now or later)."""
        ...

    def take(self, at: float, now: float, *, person: bool) -> float:
        """The request of a reserved slot is about to leave: moves the slot to `now`, or to when there is room again.

        Returns that time; where it is not `now`, wait for it and ask again.
        """
        ...

    def arrived(self, at: float, now: float, *, person: bool) -> None:
        """The answer to the request of a taken slot is there: it reached the service no later than `now`."""
        ...

    def observe(self, now: float, headers: Headers) -> None:
        """Learn from an answer that another client spends the same budget."""
        ...

    def exhausted(self, until: float) -> None:
        """A 429 came: nobody sends before `until`."""
        ...

    def closed_until(self, *, person: bool) -> float:
        """When sending is allowed again (in the past while it is): a slot taken earlier is void until then."""
        ...

    def left(self, now: float) -> int:
        """Requests that a person could send right now."""
        ...


def next_slot(taken: list[float], now: float, limit: int) -> float:
    """The earliest time from `now` at which one more keeps every 60-second window at or under `limit`.

    `taken` is sorted and may reach into the future.
    """
    at = now
    while True:
        crowd = _worst_window(taken, at, limit)
        if crowd is None:
            return at
        at = crowd + WINDOW_S + MARGIN_S


def _worst_window(taken: list[float], at: float, limit: int) -> float | None:
    """First entry of a window that one more at `at` would overfill, or None."""
    near = taken[bisect_left(taken, at - WINDOW_S) : bisect_right(taken, at + WINDOW_S)]
    insort(near, at)
    for start in range(len(near) - limit):
        if near[start + limit] - near[start] < WINDOW_S and near[start] <= at <= near[start + limit]:
            return near[start] if near[start] < at else near[start + 1]
    return None


def room_at(taken: list[float], now: float, limit: int) -> int:
    """How many more could go at `now` with every 60-second window at or under `limit`; `taken` as in `next_slot`."""
    near = taken[bisect_right(taken, now - WINDOW_S) : bisect_left(taken, now + WINDOW_S)]
    starts = [at for at in near if at <= now] + [now]
    fullest = max(bisect_left(near, start + WINDOW_S) - bisect_left(near, start) for start in starts)
    return max(0, limit - fullest)


def agents_share(limit: int, for_people: int) -> int:
    """What is left to agents of `limit`: at least one, however small the limit."""
    return max(1, limit - for_people)


def furthest(now: float, taken: int, share: int) -> float:
    """No queue of `taken` slots reaches further than this; what does was written by a clock that ran ahead."""
    return now + WINDOW_S * (taken / share + 3)


def due_by(taken: list[float], now: float) -> list[float]:
    """The slots that are due: sent, or about to be. Later ones look anew when their time comes, so they bar nobody."""
    return taken[: bisect_right(taken, now)]


def _closing(until: float, now: float) -> float:
    """When a closed budget opens; what lies further ahead than a service asks was written by a wrong clock."""
    return until if until <= now + LONGEST_CLOSING_S else 0.0


def closures(now: float, headers: Headers, kept: int) -> tuple[float, float]:
    """Until when an answer's headers close the budget for everyone, and for agents; 0 where they do not."""
    if headers.remaining is None or headers.reset is None or headers.remaining > kept:
        return 0.0, 0.0
    until = min(headers.reset, now + WINDOW_S)
    return (until if headers.remaining <= 0 else 0.0), until


class MemoryBudget:
    """A budget inside one process, for tests and benches."""

    def __init__(self, limit: int = LIMIT, for_people: int = FOR_PEOPLE) -> None:
        self.limit = limit
        self.share = agents_share(limit, for_people)
        self._taken: list[float] = []
        self._last_agent = 0.0
        self._closed = (0.0, 0.0)

    def reserve(self, now: float, *, person: bool) -> float:
        reach = furthest(now, len(self._taken), self.share)
        self._taken = [at for at in self._taken if now - WINDOW_S < at <= reach]
        floor = max(now, _closing(self.closed_until(person=person), now))
        if not person and self._last_agent <= reach:
            floor = max(floor, self._last_agent)
        at = next_slot(self._taken, floor, self.limit if person else self.share)
        insort(self._taken, at)
        if not person:
            self._last_agent = at
        return at

    def take(self, at: float, now: float, *, person: bool) -> float:
        if at in self._taken:
            self._taken.remove(at)
        floor = max(now, _closing(self.closed_until(person=person), now))
        at = next_slot(due_by(self._taken, now), floor, self.limit if person else self.share)
        insort(self._taken, at)
        return at

    def arrived(self, at: float, now: float, *, person: bool) -> None:
        if at in self._taken and now > at:
            self._taken.remove(at)
            insort(self._taken, now)

    def observe(self, now: float, headers: Headers) -> None:
        self._close(*closures(now, headers, self.limit - self.share))

    def exhausted(self, until: float) -> None:
        self._close(until, until)

    def _close(self, everyone: float, agents: float) -> None:
        self._closed = (max(self._closed[0], everyone), max(self._closed[1], agents))

    def closed_until(self, *, person: bool) -> float:
        return self._closed[0] if person else self._closed[1]

    def left(self, now: float) -> int:
        return 0 if _closing(self._closed[0], now) > now else room_at(self._taken, now, self.limit)


_SCHEMA = """
CREATE TABLE IF NOT EXISTS slots (token TEXT NOT NULL, at REAL NOT NULL, person INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS slots_at ON slots (token, at);
CREATE TABLE IF NOT EXISTS closed (token TEXT PRIMARY KEY, everyone REAL NOT NULL, agents REAL NOT NULL);
"""


def fingerprint(service: str, token: str) -> str:
    """Names a token's budget without showing the token."""
    return hashlib.sha256(f"{service}\n{token}".encode()).hexdigest()[:16]


class SqliteBudget:
    """A budget shared by all processes of this user through one small SQLite file."""

    def __init__(
        self, path: Path, key: str, *, limit: int = LIMIT, for_people: int = FOR_PEOPLE, patience: float = 10.0
    ) -> None:
        """Opens or makes the file; others are waited for `patience` seconds. Raises SettingsError."""
        self.limit = limit
        self.share = agents_share(limit, for_people)
        self._key = key
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=patience)
            # Not WAL: switching to it fails when two processes make the file at once. And a power cut may cost slots.
            self._db.execute("PRAGMA journal_mode=PERSIST")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            if locked(error):
                raise self._busy() from error
            raise SettingsError(
                f"The rate budget {path} cannot be used: {error}.",
                hint="Check its folder's permissions; if the file is damaged, delete it: it is made anew.",
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _busy(self) -> SettingsError:
        return SettingsError(
            f"The rate budget {self._path} is busy: {holder(self._path)} holds it.",
            hint="Nothing was sent. Try again once that is done, or end that process.",
        )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        """One transaction. Raises SettingsError where the file cannot be written."""
        try:
            with closing(self._db.cursor()) as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                try:
                    yield cursor
                    cursor.execute("COMMIT")
                except BaseException:
                    cursor.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            if locked(error):
                raise self._busy() from error
            raise SettingsError(
                f"The rate budget {self._path} cannot be written: {error}.",
                hint="Nothing was sent. Free some disk space.",
            ) from error

    def reserve(self, now: float, *, person: bool) -> float:
        with self._writing() as cursor:
            return self._reserve(cursor, now, person)

    def take(self, at: float, now: float, *, person: bool) -> float:
        with self._writing() as cursor:
            self._drop(cursor, at, person)
            floor = max(now, _closing(self.closed_until(person=person), now))
            at = next_slot(due_by(self._taken(now), now), floor, self.limit if person else self.share)
            cursor.execute("INSERT INTO slots VALUES (?, ?, ?)", (self._key, at, int(person)))
        return at

    def arrived(self, at: float, now: float, *, person: bool) -> None:
        if now > at:
            with self._writing() as cursor:
                if self._drop(cursor, at, person):
                    cursor.execute("INSERT INTO slots VALUES (?, ?, ?)", (self._key, now, int(person)))

    def _drop(self, cursor: sqlite3.Cursor, at: float, person: bool) -> bool:
        """Take out one slot of that time; several of one time are as good as each other."""
        one = "SELECT rowid FROM slots WHERE token = ? AND at = ? AND person = ? LIMIT 1"
        cursor.execute(f"DELETE FROM slots WHERE rowid = ({one})", (self._key, at, int(person)))  # noqa: S608 - ours
        return cursor.rowcount > 0

    def _reserve(self, cursor: sqlite3.Cursor, now: float, person: bool) -> float:
        (count,) = cursor.execute("SELECT count(*) FROM slots WHERE token = ?", (self._key,)).fetchone()
        cursor.execute(
            "DELETE FROM slots WHERE token = ? AND (at < ? OR at > ?)",
            (self._key, now - 2 * WINDOW_S, furthest(now, count, self.share)),
        )
        floor = max(now, _closing(self.closed_until(person=person), now))
        if not person:
            last = cursor.execute(
                "SELECT at FROM slots WHERE token = ? AND NOT person ORDER BY at DESC LIMIT 1", (self._key,)
            ).fetchone()
            floor = max(floor, *last) if last else floor
        at = next_slot(self._taken(floor), floor, self.limit if person else self.share)
        cursor.execute("INSERT INTO slots VALUES (?, ?, ?)", (self._key, at, int(person)))
        return at

    def _taken(self, now: float) -> list[float]:
        """The slots that matter from `now` on, sorted."""
        rows = self._db.execute(
            "SELECT at FROM slots WHERE token = ? AND at > ? ORDER BY at", (self._key, now - WINDOW_S)
        )
        return [at for (at,) in rows]

    def observe(self, now: float, headers: Headers) -> None:
        self._close(*closures(now, headers, self.limit - self.share))

    def exhausted(self, until: float) -> None:
        self._close(until, until)

    def _close(self, everyone: float, agents: float) -> None:
        if agents:
            self._db.execute(
                "INSERT INTO closed VALUES (?1, ?2, ?3) ON CONFLICT (token) DO UPDATE"
                " SET everyone = max(everyone, ?2), agents = max(agents, ?3)",
                (self._key, everyone, agents),
            )

    def closed_until(self, *, person: bool) -> float:
        row = self._db.execute("SELECT everyone, agents FROM closed WHERE token = ?", (self._key,)).fetchone()
        return float(row[0 if person else 1]) if row else 0.0

    def left(self, now: float) -> int:
        return 0 if _closing(self.closed_until(person=True), now) > now else room_at(self._taken(now), now, self.limit)
