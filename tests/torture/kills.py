"""Kill and resume: play a scenario in a child process that kills itself at one boundary, then go on from what is left.

A boundary is a moment between two things that outlast a process: around each write to the journal, and around each
request to the service. What the child leaves is what it had committed and what the service had taken in; nothing of its
memory. The kill is SIGKILL: no handler, no `finally`, no rollback of ours runs.
"""

import asyncio
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from agent.api.limits import SqliteBudget
from agent.assembly import Choices, House, Seams, open_house
from agent.errors import Conflict, Declined, Exit
from agent.gate.decisions import Person
from agent.journal import lease
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.journal.store import INLINE_BYTES, Entry, SqliteStore
from agent.planner.scripted import ScriptedModel, Step
from agent.planner.wire import ModelReply, OnText
from agent.review.reviewer import Reviewer
from agent.sandbox.state import State
from agent.settings import Settings
from tests.contract import Tally, compare, records_of, replay_is_quiet
from tests.house import NOW, Home, settings

#: More rounds than any scenario takes; a run that needs more is going in circles.
MOST_ROUNDS = 12


@dataclass
class Boundaries:
    """Counts and names the boundaries that a process passes; at number `halt_at`, from 1, the process halts itself."""

    halt_at: int | None = None
    by: signal.Signals = signal.SIGKILL
    names: list[str] = field(default_factory=list)

    def pass_by(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.halt_at:
            halt(self.by)


def halt(by: signal.Signals) -> None:
    """Halt this process. One that is woken finds that its lease is over: so long it was stopped (`end_lease`)."""
    os.kill(os.getpid(), by)
    lease.LASTS = timedelta(days=1)  # what was taken for ten minutes is less than half of it: it has to be renewed


def end_lease(home: Path) -> None:
    """Let the lease of a stopped process run out: its ten minutes are over."""
    with closing(sqlite3.connect(home / "runs" / "journal.db")) as db:
        db.execute("UPDATE leases SET until = ?", (datetime.now(UTC).isoformat(),))
        db.commit()


class CountedStore(SqliteStore):
    """The journal, with a boundary before, inside and after everything it commits."""

    def __init__(self, path: Path, boundaries: Boundaries) -> None:
        self._boundaries = boundaries
        super().__init__(path)

    def _counter(self, key: str, step: int) -> int:
        self._boundaries.pass_by(f"before {key}")
        number = super()._counter(key, step)
        self._boundaries.pass_by(f"after {key}")
        return number

    def append(
        self, run: str, after: int, records: Sequence[r.AnyRecord], at: datetime, *, unless_stopped: bool = False
    ) -> list[Entry]:
        kinds = _kinds(records)
        self._boundaries.pass_by(f"before {kinds}")
        entries = super().append(run, after, records, at, unless_stopped=unless_stopped)
        self._boundaries.pass_by(f"after {kinds}")
        return entries

    def append_anyway(self, run: str, records: Sequence[r.AnyRecord], at: datetime) -> list[Entry]:
        kinds = _kinds(records)
        self._boundaries.pass_by(f"before {kinds}, anyway")
        entries = super().append_anyway(run, records, at)
        self._boundaries.pass_by(f"after {kinds}, anyway")
        return entries

    def _insert(self, run: str, seq: int, previous: str, records: Sequence[r.AnyRecord], at: datetime) -> list[Entry]:
        entries = super()._insert(run, seq, previous, records, at)
        self._boundaries.pass_by(f"{_kinds(records)} inserted, not committed")
        return entries

    def _written(self, run: str, entries: list[Entry]) -> None:
        self._boundaries.pass_by(f"{_kinds([entry.record for entry in entries])} committed, not mirrored")
        super()._written(run, entries)

    def keep(self, text: str) -> str:
        if len(text) <= INLINE_BYTES:
            return super().keep(text)
        self._boundaries.pass_by("before a long text")
        name = super().keep(text)
        self._boundaries.pass_by("after a long text")
        return name

    def lease(self, run: str, owner: str, now: datetime, until: datetime) -> str:
        self._boundaries.pass_by("before the lease")
        holder = super().lease(run, owner, now, until)
        self._boundaries.pass_by("after the lease")
        return holder

    def release(self, run: str, owner: str) -> None:
        self._boundaries.pass_by("before the release")
        super().release(run, owner)
        self._boundaries.pass_by("after the release")


def _kinds(records: Sequence[r.AnyRecord]) -> str:
    return "+".join(record.kind for record in records)


class CountedTransport(httpx.AsyncBaseTransport):
    """The way to the embedded sandbox, with four boundaries for each request."""

    def __init__(self, inner: httpx.AsyncBaseTransport, boundaries: Boundaries) -> None:
        self._inner = inner
        self._boundaries = boundaries

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = f"{request.method} {request.url.path.removeprefix('/api/v1')}"
        self._boundaries.pass_by(f"before connecting, {name}")
        # As a real connection does right before it writes: the client's last look at the time.
        await request.extensions["trace"]("http11.send_request_headers.started", {})
        await request.aread()
        self._boundaries.pass_by(f"sent, {name}")
        response = await self._inner.handle_async_request(request)
        self._boundaries.pass_by(f"carried out, no answer, {name}")
        assert isinstance(response.stream, httpx.AsyncByteStream)
        whole = _Answer(response.stream, lambda: self._boundaries.pass_by(f"answered, {name}"))
        return httpx.Response(response.status_code, headers=response.headers, stream=whole, extensions={})

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Answer(httpx.AsyncByteStream):
    """An answer that tells when it has been read to its end."""

    def __init__(self, inner: httpx.AsyncByteStream, read: Callable[[], None]) -> None:
        self._inner = inner
        self._read = read

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
        self._read()


def counting(boundaries: Boundaries) -> Seams:
    """The seams that pass boundaries."""
    return Seams(
        transport=lambda inner: CountedTransport(inner, boundaries),
        store=lambda home: CountedStore(home / "runs" / "journal.db", boundaries),
    )


# -- scenarios ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """A goal, what the model answers turn by turn, and files that lie in the home."""

    name: str
    goal: str
    steps: tuple[Step, ...]
    files: tuple[tuple[str, bytes], ...] = ()
    #: Whether all cards are approved before anything is sent.
    together: bool = False
    #: Standing permissions of the home, as its policy says them.
    standing: tuple[dict[str, Any], ...] = ()

    def settings(self) -> Settings:
        return settings(psa_media_folders=("media",))

    def prepare(self, home: Path) -> None:
        """A home in which nothing has happened yet; its clock stands still at NOW and moves by waiting alone."""
        if self.standing:
            home.mkdir(parents=True, exist_ok=True)
            (home / "policy.yaml").write_text(json.dumps({"standing": list(self.standing)}), encoding="utf-8")
        for name, content in self.files:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)

        async def open_once() -> None:
            async with open_house(self.settings(), home, Choices(now=NOW)) as house:
                let_go(house)

        asyncio.run(open_once())


async def play(
    home: Path, scenario: Scenario, seams: Seams, served: Settings | None = None, *, clock: str = "sandbox"
) -> None:
    """Carry the scenario on from wherever the home's journal stands, until the run rests and every card is decided.

    Over the sandbox in the home, or over a `served` one. No time is given: its clock stands where the last process
    left it.
    """
    choices = Choices(clock=clock) if served else Choices()
    async with open_house(served or scenario.settings(), home, choices, seams) as house:
        try:
            await _carry_on(Home(house), scenario)
        finally:
            let_go(house)


def let_go(house: House) -> None:
    """Close what a house leaves to the collector: a child must not inherit open databases."""
    if house.sandbox_state is not None:
        house.sandbox_state.close()
    assert isinstance(house.gate.budget, SqliteBudget)
    house.gate.budget.close()


async def _carry_on(home: Home, scenario: Scenario) -> None:
    run = _begun(home, scenario)
    for _ in range(MOST_ROUNDS):
        await home.house.planner(Scripted(scenario.steps)).advance(run)
        if run.state.deferred is not None:
            await home.house.clock.sleep((run.state.deferred.until - run.clock.now()).total_seconds() + 1)
        elif run.state.open_cards:
            cards = [view.card for view in run.state.open_cards]
            for card in cards if scenario.together else cards[:1]:
                run = await _reviewer(home, scenario).approve(
                    card.number, card.confirm, (), advance=not scenario.together
                )
        else:
            return
    raise AssertionError(f"the run does not rest in {MOST_ROUNDS} rounds")


def _reviewer(home: Home, scenario: Scenario) -> Reviewer:
    house = home.house
    ana = Person("ana", "owner", "test")
    return Reviewer(
        house.gate, house.store, house.clock, ana, lambda: house.planner(Scripted(scenario.steps)), house.open_run
    )


def _begun(home: Home, scenario: Scenario) -> Run:
    """The run that has the goal. A person whose command died before its goal was written gives it again."""
    house = home.house
    for row in house.store.ledger.runs(100):
        run = Run.load(house.store, row.run, house.clock)
        if run.state.goals:
            return run
    run = house.open_run("attended", "ana")
    run.add(r.Goal(number=1, text=scenario.goal, by="ana"))
    run.flush()
    return run


class Scripted(ScriptedModel):
    """Answers the turn that the conversation sent has come to, so that any process can go on with it."""

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__(())
        self._script = steps

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        had = sum(message["role"] == "assistant" for message in json.loads(body)["messages"])
        self._steps = list(self._script[had:])
        return await super().complete(body, on_text)


# -- killing -----------------------------------------------------------------------------------------------------------


def forked(work: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """Start the work in a child process; returns its number. `ended` has to be called for each."""
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Python 3.12 warns of threads; the child uses nothing that another thread could hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _live(work)
    return child


def _live(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """The child's life: nothing of the test process's own ending is run in it."""
    code = int(Exit.FAILED)
    try:
        asyncio.run(work())
        code = int(Exit.OK)
    except (Declined, Conflict) as error:  # another process was first
        code = int(error.exit_code)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Wait for a child; returns its exit code, or the number of the signal that killed it, negative."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def kill_at(home: Path, scenario: Scenario, boundary: int) -> bool:
    """Play in a child that is killed at a boundary; whether it came so far."""
    code = ended(forked(lambda: play(home, scenario, counting(Boundaries(boundary)))))
    assert code in {-signal.SIGKILL, Exit.OK}, f"the child ended with {code}; what it said stands above"
    return code != Exit.OK


def resume(home: Path, scenario: Scenario) -> list[str]:
    """Go on in this process to the end; the boundaries that this passed."""
    boundaries = Boundaries()
    asyncio.run(play(home, scenario, counting(boundaries)))
    return boundaries.names


def restore(home: Path, snapshot: Path) -> None:
    """Put a home back as it was; always under the same name, because journals name files of the home."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(snapshot, home)


def left_behind(home: Path) -> str:
    """Digest of all that a resume can see in a home: every row and file, but for who held a lease (it is dead)."""
    digest = hashlib.sha256()
    for path in sorted(one for one in home.rglob("*") if one.is_file() and ".db" not in one.name):
        digest.update(repr((str(path.relative_to(home)), path.read_bytes())).encode())
    for path in sorted((home / "runs").glob("*.db")):
        with closing(sqlite3.connect(path)) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            for table in tables:
                what = "run" if table == "leases" else "*"
                rows = db.execute(f'SELECT {what} FROM "{table}"').fetchall()  # noqa: S608 - names from the schema
                digest.update(repr((path.name, table, sorted(rows, key=repr))).encode())
    return digest.hexdigest()


# -- checking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """How a scenario ended: what the service did, and what waits in the review queue."""

    operations: Counter[str]
    cards: Counter[str]
    queue: Counter[tuple[str, str]]
    turns: int


def checked(home: Path, clean: Ended | None = None, given: Sequence[dict[str, Any]] = ()) -> tuple[Tally, Ended]:
    """Compare a settled home with the contract, and with how the scenario ends where nothing is killed.

    `given` are the standing permissions of the home.
    """
    box = State.open(home / "runs" / "sandbox.db")
    store = SqliteStore(home / "runs" / "journal.db")
    try:
        tally = compare(box, store, settled=True, given=given)
        states = [
            RunState(row.run, store.load).fold(records_of(store, row.run).entries)
            for row in store.ledger.runs(100)
            if row.goal
        ]
        asked = Counter(state.effects[task.key].intent.operation for state in states for task in state.tasks.values())
        ended = Ended(
            operations=Counter(one["operation"] for one in box.effects()),
            cards=Counter(view.state for state in states for view in state.cards.values()),
            queue=Counter((item.kind, item.state) for item in store.ledger.items(_ITEM_STATES)),
            turns=sum(len(state.turns) for state in states),
        )
        if clean is not None:
            _as_clean(tally, ended, clean, asked)
        tally.other += [f"{state.run} does not rest" for state in states if not _rests(state)]
        replay_is_quiet(box, home)
    finally:
        store.close()
        box.close()
    return tally, ended


_ITEM_STATES = ("open", "approved", "rejected", "done", "void", "gone")


def _rests(state: RunState) -> bool:
    return bool(state.closed and not (state.in_doubt or state.unfollowed or state.unsent() or state.open_cards))


def _as_clean(tally: Tally, ended: Ended, clean: Ended, asked: Counter[str]) -> None:
    """What is other than in a run that nobody killed. An effect that a person is asked about may be missing."""
    lost = clean.operations - ended.operations - asked
    more = ended.operations - clean.operations
    tally.lost += [f"never done: {dict(lost)}"] if lost else []
    tally.doubled += [f"done more often: {dict(more)}"] if more else []
    if ended.turns != clean.turns:
        tally.other.append(f"{ended.turns} turns, not {clean.turns}: a turn in the journal was asked again")
    if sum(ended.cards.values()) != sum(clean.cards.values()):
        tally.other.append(f"cards {dict(ended.cards)}, not {dict(clean.cards)}")
    if not asked and (ended.cards, ended.queue) != (clean.cards, clean.queue):
        tally.other.append(f"the review queue {dict(ended.queue)} is not as clean: {dict(clean.queue)}")
