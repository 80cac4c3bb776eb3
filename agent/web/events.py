"""What happened in the journal, told to every open page at once: by whatever process, within a fraction of a second."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass

from agent import logs
from agent.errors import JournalError
from agent.journal.store import SqliteStore

#: The journal is looked at this often while a page listens.
LOOKS_S = 0.05
#: A stream that is silent this long sends a comment, so that nothing between takes it for dead.
SILENT_S = 15.0
#: What one stream may lag behind; a page that lags more is told to draw itself anew.
MOST_WAITING = 200

#: Records after which the queue looks otherwise.
OF_THE_QUEUE = frozenset(
    {
        *("card", "decided", "voided", "task", "task_closed", "draft_left", "draft_gone", "asked", "replied"),
        *("intent", "outcome", "closed"),
    }
)


@dataclass(frozen=True)
class Cursor:
    """How far somebody has seen: the journal's last row, and whether everything was stopped. Written `1204.0`."""

    row: int
    stopped: bool

    def __str__(self) -> str:
        return f"{self.row}.{int(self.stopped)}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """A cursor as it was written; None for anything else."""
        row, _, stopped = text.partition(".")
        fits = row.isascii() and row.isdigit() and len(row) <= 18 and stopped in {"0", "1"}
        return cls(int(row), stopped == "1") if fits else None


@dataclass(frozen=True)
class Change:
    """A record that was written: its run, its place there and its kind. `at` is how far one has seen with it.

    Without a run: `stop`, the home's flag moved, `again`, so much happened that the page draws itself anew, or `woken`,
    which is nothing to tell.
    """

    run: str
    seq: int
    kind: str
    at: Cursor

    @property
    def queue(self) -> bool:
        """Whether the review queue may look otherwise now."""
        return self.kind in OF_THE_QUEUE


class Events:
    """One look at the journal for all streams; streams hold nothing but what is new for them."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._streams: set[asyncio.Queue[Change]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._seen = Cursor(0, stopped=False)
        self._log = logs.get("events")

    @property
    def listening(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    @property
    def now(self) -> Cursor:
        """How far somebody has seen who looks now. Raises JournalError."""
        return Cursor(self._store.last_row, self._store.stopped)

    async def stream(self, after: Cursor | None = None) -> AsyncGenerator[Change | None]:
        """Changes as they are written, those since `after` first; None once it listens and where all is silent.

        Whoever leaves off closes it: `aclosing` around it.
        """
        waiting: asyncio.Queue[Change] = asyncio.Queue(MOST_WAITING)
        self._listen(waiting, after)
        try:
            yield None
            while True:
                try:
                    yield await asyncio.wait_for(waiting.get(), SILENT_S)
                except TimeoutError:
                    yield None
        finally:
            self._streams.discard(waiting)

    def wake(self) -> None:
        """Let every stream look whether whoever reads it is still logged in."""
        self._tell(Change("", 0, "woken", self._seen))

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    def _listen(self, waiting: asyncio.Queue[Change], after: Cursor | None) -> None:
        """Add a stream, with what it has missed up to where the looking stands."""
        if self._looking is None or self._looking.done():
            self._seen = self.now
            self._looking = asyncio.create_task(self._look())
        self._streams.add(waiting)
        if after is None:
            return
        missed = [row for row in self._store.rows_after(after.row, MOST_WAITING) if row[0] <= self._seen.row]
        if len(missed) >= MOST_WAITING or after.row > self._store.last_row:
            waiting.put_nowait(Change("", 0, "again", self._seen))
            return
        for row, run, seq, kind in missed:
            waiting.put_nowait(Change(run, seq, kind, Cursor(row, after.stopped)))
        if after.stopped != self._seen.stopped:
            waiting.put_nowait(Change("", 0, "stop", self._seen))

    async def _look(self) -> None:
        """Look while somebody listens."""
        while self._streams:
            await asyncio.sleep(LOOKS_S)
            try:
                for row, run, seq, kind in self._store.rows_after(self._seen.row):
                    self._seen = Cursor(row, self._seen.stopped)
                    self._tell(Change(run, seq, kind, self._seen))
                if self._store.stopped != self._seen.stopped:
                    self._seen = Cursor(self._seen.row, not self._seen.stopped)
                    self._tell(Change("", 0, "stop", self._seen))
            except JournalError as error:
                self._log.warning("the journal cannot be read", error=str(error))

    def _tell(self, change: Change) -> None:
        for waiting in self._streams:
            if waiting.full():
                while not waiting.empty():
                    waiting.get_nowait()
                waiting.put_nowait(Change("", 0, "again", change.at))
            waiting.put_nowait(change)
