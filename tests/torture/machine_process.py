"""One process of the state machine: a home opened by it, and a trap at one of its journal writes or requests.

A trap springs once, at its n-th boundary. What it does is told by the machine: kill this process, or let somebody else
act in the middle. A process that was killed writes and sends nothing any more.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from agent.assembly import Choices, House, Seams, open_house
from agent.errors import Conflict
from agent.journal.records import AnyRecord
from agent.journal.store import Entry, SqliteStore
from tests.house import settings

#: What has happened over all machines of this test process.
HAPPENED: Counter[str] = Counter()
#: Inside the ASGI transport nothing tells when the request's first bytes leave; over a network this does.
LEAVES = "http11.send_request_headers.started"


class Killed(BaseException):
    """The process is gone. Not an Exception: nothing in it may catch this."""


@dataclass(frozen=True)
class Trap:
    """What happens at the `nth` boundary of a kind, before or after the act itself."""

    where: str  # journal, network or model
    nth: int
    after: bool
    what: str


class Process:
    """A home as one process has it open."""

    def __init__(self, folder: Path, springs: Callable[["Process", str], Coroutine[Any, Any, None]]) -> None:
        """`springs` does what a trap says, in the middle of whatever this process does."""
        self.folder = folder
        self.trap: Trap | None = None
        self.dead = False
        #: The run that is being advanced.
        self.moving = ""
        self._springs = springs
        self._seen = 0
        self._opened: tuple[AbstractAsyncContextManager[House], House] | None = None

    @property
    def house(self) -> House:
        assert self._opened is not None
        return self._opened[1]

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    async def open(self, now: datetime | None = None) -> None:
        """Open the home as a new process does."""
        self.dead, self.trap, self.moving = False, None, ""
        seams = Seams(transport=lambda inner: TrappedTransport(inner, self), store=lambda home: self._store(home))
        opening = open_house(settings(), self.folder, Choices(now=now), seams)
        self._opened = (opening, await opening.__aenter__())

    def _store(self, home: Path) -> "TrappedStore":
        store = TrappedStore(home / "runs" / "journal.db")
        store.process = self
        return store

    async def close(self) -> None:
        """Let go of the home; what the process still does afterwards comes to nothing."""
        self.dead = True
        if self._opened is not None:
            opening, _ = self._opened
            self._opened = None
            await opening.__aexit__(None, None, None)

    def set(self, trap: Trap) -> None:
        """Replace the trap."""
        self.trap, self._seen = trap, 0

    async def reaches(self, where: str, after: bool) -> None:
        """A boundary. Raises Killed where the trap kills this process, or where it is dead already."""
        if self.dead:
            raise Killed
        trap = self.trap
        if trap is None or (trap.where, trap.after) != (where, after):
            return
        self._seen += 1
        if self._seen == trap.nth:
            self.trap = None
            await self._springs(self, trap.what)
        if self.dead:
            raise Killed


def at_once(doing: Coroutine[Any, Any, None]) -> None:
    """Run to its end something that waits for nothing: a journal write is no place to wait."""
    try:
        doing.send(None)
    except StopIteration:
        return
    doing.close()
    raise AssertionError("something waited inside a journal write")


class TrappedStore(SqliteStore):
    """The journal, with a boundary before and after all that it commits."""

    process: Process | None = None

    def _act(self, act: Callable[[], Any]) -> Any:
        if self.process is None:  # still being opened
            return act()
        at_once(self.process.reaches("journal", after=False))
        done = act()
        at_once(self.process.reaches("journal", after=True))
        return done

    def append(
        self, run: str, after: int, records: Sequence[AnyRecord], at: datetime, *, unless_stopped: bool = False
    ) -> list[Entry]:
        def act() -> list[Entry]:
            try:
                return SqliteStore.append(self, run, after, records, at, unless_stopped=unless_stopped)
            except Conflict:
                HAPPENED["conflicts"] += 1
                raise

        entries: list[Entry] = self._act(act)
        return entries

    def append_anyway(self, run: str, records: Sequence[AnyRecord], at: datetime) -> list[Entry]:
        entries: list[Entry] = self._act(lambda: SqliteStore.append_anyway(self, run, records, at))
        return entries

    def _counter(self, key: str, step: int) -> int:
        number: int = self._act(lambda: SqliteStore._counter(self, key, step))
        return number


class TrappedTransport(httpx.AsyncBaseTransport):
    """The network, with a boundary before a request leaves and after its answer has come."""

    def __init__(self, inner: Any, process: Process) -> None:
        self._inner = inner
        self._process = process

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._process.reaches("network", after=False)
        leaves: Callable[[str, Any], Awaitable[None]] | None = request.extensions.get("trace")
        if leaves is not None:  # whoever was held up here finds its time over, as on a real network
            await leaves(LEAVES, {})
        response: httpx.Response = await self._inner.handle_async_request(request)
        await self._process.reaches("network", after=True)
        return response


def quiet_loop() -> asyncio.Runner:
    """An event loop of its own that does not report what killed processes left undone."""
    runner = asyncio.Runner()
    runner.get_loop().set_exception_handler(lambda _loop, _context: None)
    return runner
