"""What the fault tests work with: homes that are checked at their end, stores and transports that fail where told."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx

from agent.assembly import Seams
from agent.errors import JournalError
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.store import Entry, SqliteStore
from agent.planner.scripted import ScriptedModel, Step
from tests.contract import Tally, compare
from tests.house import Home, call, finish, home_in

TEXT = "The kiln is warm again."
DRAFT = call("draft_post", workspace_id=11, accounts=[101], text=TEXT)
GOAL = f"Draft “{TEXT}” for LinkedIn and publish or schedule it for next Tuesday 9:00"
#: Drafts of the shipped world that may go.
TESTS = (1004, 1005, 1007)

Moment = Literal["before", "after"]
#: Told of every transaction of the store, right before and right after its commit, with the records in it.
Strike = Callable[[Moment, tuple[r.AnyRecord, ...]], None]
Handle = Callable[[httpx.Request], Awaitable[httpx.Response]]


class Killed(BaseException):
    """Stands for kill -9: nothing after it is written or sent."""


class WatchedStore(SqliteStore):
    """A journal whose transactions can be struck. A struck commit that raises is rolled back, as SQLite would."""

    def __init__(self, path: Path, strike: Strike) -> None:
        self._strike = strike
        self._in_it: list[r.AnyRecord] = []
        super().__init__(path)

    @contextmanager
    def _transaction(self) -> Any:
        self._in_it = []
        with super()._transaction():
            yield
            self._strike("before", tuple(self._in_it))
        self._strike("after", tuple(self._in_it))

    def _insert(self, run: str, seq: int, previous: str, records: Sequence[r.AnyRecord], at: datetime) -> list[Entry]:
        self._in_it.extend(records)
        return super()._insert(run, seq, previous, records, at)


def watched(strike: Strike) -> Seams:
    """Seams with a watched store."""
    return Seams(store=lambda home: WatchedStore(home / "runs" / "journal.db", strike))


def kills(kind: type[Any], moment: Moment, nth: int = 1) -> Seams:
    """A process that dies right before or after the commit of the `nth` transaction with such a record."""
    seen = 0

    def strike(at: Moment, records: tuple[r.AnyRecord, ...]) -> None:
        nonlocal seen
        if at == moment and any(isinstance(record, kind) for record in records):
            seen += 1
            if seen == nth:
                raise Killed

    return watched(strike)


def fails_after_commit() -> JournalError:
    """What a write raises that reached the disk and whose success did not reach us."""
    return JournalError("The journal could not be written: disk I/O error.")


class Between(httpx.AsyncBaseTransport):
    """A transport that lets a test see, change, hold up or drop what goes to the embedded sandbox."""

    def __init__(self, inner: httpx.AsyncBaseTransport, handle: Callable[[httpx.Request, Handle], Any]) -> None:
        self._inner = inner
        self._handle = handle

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = await self._handle(request, self._inner.handle_async_request)
        return answer


def between(handle: Callable[[httpx.Request, Handle], Any]) -> Seams:
    """Seams with a transport in between."""
    return Seams(transport=lambda inner: Between(inner, handle))


def is_write(request: httpx.Request) -> bool:
    return request.method != "GET"


@dataclass
class Bench:
    """A folder for the homes of one test, and what their contracts added up to."""

    folder: Path
    #: Every place that a fault can strike, where a sample does otherwise.
    thorough: bool = False
    tally: Tally = field(default_factory=Tally)
    cases: int = 0

    def places(self, first: int, last: int, *, sample: int) -> range:
        """The places of a row of commits or requests: all of them, or each `sample`th."""
        return range(first, last, 1 if self.thorough else sample)

    @asynccontextmanager
    async def home(
        self, name: str = "home", seams: Seams | None = None, *, check: bool = True, **options: Any
    ) -> AsyncIterator[Home]:
        """A home; at its end the contract is compared (with `options`), unless `check` is off: then it goes on."""
        async with home_in(self.folder / name, seams) as home:
            yield home
            if check:
                self.cases += 1
                found = compare(home.box, home.house.store, **options)
                self.tally.add(found)
                assert not found.breaches, "\n".join(found.breaches)

    def copy(self, name: str, to: str) -> Path:
        """A copy of a home as its files are now: what a disk holds after the power failed."""
        return Path(shutil.copytree(self.folder / name, self.folder / to))


async def begin(home: Home, goal: str = GOAL, **more: Any) -> Run:
    """A run with its goal, not yet advanced."""
    run = home.house.open_run("attended", "ana", **more)
    run.add(r.Goal(number=1, text=goal, by="ana"))
    run.flush()
    return run


async def go_on(home: Home, steps: Sequence[Step], run_id: str = "r1") -> Run:
    """What `psa runs resume` does, with the rest of the script."""
    home.house.store.verify(run_id)
    run = Run.load(home.house.store, run_id, home.house.clock)
    if not run.state.goals:
        run.add(r.Goal(number=1, text=GOAL, by="ana"))
    if run.state.closed is None or run.state.stopped or run.state.gave_up or run.state.deferred:
        run.add(r.Resumed(who="ana"))
    run.flush()
    await home.house.planner(ScriptedModel(list(steps)[len(run.state.turns) :])).advance(run)
    return run


def next_post(home: Home) -> int:
    """The id that the next post gets."""
    ids: list[int] = [one["id"] for one in home.box.export()["posts"]]
    return 1 + max(ids)


def like_ours(home: Home) -> list[dict[str, Any]]:
    """Posts with our text."""
    return [post for post in home.box.export()["posts"] if TEXT in str(post)]


async def carded(home: Home, tool: str = "schedule_post", **arguments: Any) -> tuple[Run, int]:
    """A run that left a draft and a card to schedule (or publish) it; with the card's number."""
    values = arguments or ({"at": "2026-12-01 09:00"} if tool == "schedule_post" else {})
    run = await home.run(GOAL, [[DRAFT], [call(tool, post=next_post(home), **values)], finish()])
    return run, home.report(run).cards[0].number


async def deletion(home: Home, posts: Sequence[int] = TESTS) -> tuple[Run, int]:
    """A run that left a card to delete drafts."""
    goal = f"Delete the posts {', '.join(map(str, posts))}"
    run = await home.run(goal, [[call("delete_posts", posts=list(posts))], finish()])
    return run, home.report(run).cards[0].number
