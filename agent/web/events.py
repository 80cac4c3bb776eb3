"""What happened in the journal, told to every open page at once: by whatever process, within a fraction of a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from agent import logs
from agent.errors import JournalError
from agent.journal.store import SqliteStore

#: The journal is looked at this often while a page listens.
LOOKS_S = 0.1
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
class Change:
    """A record that was written: its run, its place there and its kind.

    Without a run: `stop`, the home's flag moved, `again`, so much happened that the page draws itself anew, or `woken`,
    which is nothing to tell.
    """

    run: str
    seq: int
    kind: str

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
        self._log = logs.get("events")

    @property
    def listening(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    async def stream(self) -> AsyncIterator[Change | None]:
        """Changes from now on as they are written; None where nothing came for a while."""
        waiting: asyncio.Queue[Change] = asyncio.Queue(MOST_WAITING)
        self._streams.add(waiting)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            while True:
                try:
                    yield await asyncio.wait_for(waiting.get(), SILENT_S)
                except TimeoutError:
                    yield None
        finally:
            self._streams.discard(waiting)

    def wake(self) -> None:
        """Let every stream look whether whoever reads it is still logged in."""
        self._tell(Change("", 0, "woken"))

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self) -> None:
        """Look while somebody listens."""
        last, stopped = self._store.last_row, self._store.stopped
        while self._streams:
            await asyncio.sleep(LOOKS_S)
            try:
                for row, run, seq, kind in self._store.rows_after(last):
                    last = row
                    self._tell(Change(run, seq, kind))
                if self._store.stopped != stopped:
                    stopped = not stopped
                    self._tell(Change("", 0, "stop"))
            except JournalError as error:
                self._log.warning("the journal cannot be read", error=str(error))

    def _tell(self, change: Change) -> None:
        for waiting in self._streams:
            if waiting.full():
                while not waiting.empty():
                    waiting.get_nowait()
                waiting.put_nowait(Change("", 0, "again"))
            waiting.put_nowait(change)
