"""A state machine over a whole home: people, runs, crashes, faults, clocks, a second process and a second client.

Hypothesis draws the order. After every rule the contract of effects holds as far as it can in the middle of things;
at the end the service is healthy, every run goes on until it rests, and all of it holds.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.api.workspaces import ListWorkspaces
from agent.assembly import Choices, House, Seams, open_house
from agent.errors import PsaError, SettingsError
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.records import AnyRecord
from agent.journal.run import Run
from agent.journal.store import Entry, SqliteStore
from agent.planner.scripted import Step
from agent.review.reviewer import Reviewer
from agent.review.watch import Watch
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests import contract
from tests.house import NOW, Home, call, settings
from tests.torture.hostile_model import HostileModel

GOAL = (
    "Draft, schedule, move, publish and unschedule posts 1004 and 1006, delete posts 1002 and 1005, reply to comments"
    " 5010 and 5011, edit comment 5013, hide comment 5011, make, rename and delete label 21, make folders"
)
#: What has happened over all machines of this process.
HAPPENED: Counter[str] = Counter()


class Crash(BaseException):
    """The process is gone: nothing may catch this."""


class Fuse:
    """Burns down with each journal write and each request; then the process is gone, before the act or after it."""

    def __init__(self) -> None:
        self.left = 0
        self.after = False

    def burn(self) -> bool:
        """Whether the process goes with this act."""
        if self.left == 0:
            return False
        self.left -= 1
        return self.left == 0


class FusedStore(SqliteStore):
    """A journal that a process dies over."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    def _act(self, act: Any) -> Any:
        goes = self._fuse.burn()
        if goes and not self._fuse.after:
            raise Crash
        done = act()
        if goes:
            raise Crash
        return done

    def append(self, run: str, after: int, records: Sequence[AnyRecord], at: datetime, **more: Any) -> list[Entry]:
        entries: list[Entry] = self._act(lambda: SqliteStore.append(self, run, after, records, at, **more))
        return entries

    def append_anyway(self, run: str, records: Sequence[AnyRecord], at: datetime) -> list[Entry]:
        entries: list[Entry] = self._act(lambda: SqliteStore.append_anyway(self, run, records, at))
        return entries


class FusedTransport(httpx.AsyncBaseTransport):
    """A network that a process dies over."""

    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        goes = self._fuse.burn()
        if goes and not self._fuse.after:
            raise Crash
        response: httpx.Response = await self._inner.handle_async_request(request)
        if goes:
            raise Crash
        return response


def steps() -> st.SearchStrategy[list[Step]]:
    """Turns of a model: sensible calls in any order, on objects that may be anything by then."""
    post = st.sampled_from((1002, 1004, 1005, 1006, 1007, 1023, 1024, 1025))
    comment = st.sampled_from((5010, 5011, 5013))
    at = st.sampled_from(("2026-12-01 09:00", "2026-12-02 10:00", "2026-11-25 12:00"))
    word = st.sampled_from(("We open at nine.", "New mugs are in."))
    one = st.one_of(
        st.builds(lambda text: call("draft_post", workspace_id=11, accounts=[101], text=text), word),
        st.builds(lambda post, text: call("edit_post", post=post, text=text), post, word),
        st.builds(lambda post, at: call("schedule_post", post=post, at=at), post, at),
        st.builds(lambda post: call("publish_post", post=post), post),
        st.builds(lambda post: call("unschedule_post", post=post), post),
        st.builds(lambda post: call("delete_posts", posts=[post, 1005]), post),
        st.builds(lambda post: call("label_posts", posts=[post], add=[22]), post),
        st.builds(lambda comment: call("reply_to_comment", comment=comment, text="They do."), comment),
        st.builds(lambda comment: call("edit_comment", comment=comment, text="On Friday."), comment),
        st.builds(lambda comment: call("hide_comment", comment=comment), comment),
        st.just(("create_label", {"workspace_id": 11, "name": "Kiln", "color": "#112233"})),
        st.just(("update_label", {"label": 21, "name": "Start"})),
        st.just(call("delete_label", label=21)),
        st.just(("create_folder", {"workspace_id": 11, "name": "Kiln"})),
        st.just(call("ask", question="Which one?")),
    )
    reads = [call("find_posts"), call("list_comments", post=1003), call("list_labels")]
    turns = st.lists(st.lists(one, min_size=1, max_size=3), min_size=1, max_size=2)
    return turns.map(lambda made: [list(reads), *made])


def accidents() -> st.SearchStrategy[tuple[str, Any]]:
    """What happens to a home from outside."""
    posts = st.sampled_from((1004, 1005, 1006, 1023, 1024))
    changes = st.sampled_from(
        ({"text": "Somebody else's words."}, {"delete": True}, {"publish": True}, {"unschedule": True})
    )
    kinds: Any = st.sampled_from(("drop_before", "drop_after", "status", "malformed", "too_many", "stale"))
    verbs: Any = st.sampled_from(("POST", "PUT", "PUT", "DELETE", "GET"))
    faults = st.builds(Fault, kind=kinds, verb=verbs, applied=st.booleans(), times=st.integers(1, 2))
    edits = st.builds(lambda post, change: Edit.model_validate({"post": post} | change), posts, changes)
    times = st.sampled_from((5, 600, 4000, 30 * 3600, 3 * 24 * 3600))
    return st.one_of(
        st.tuples(st.just("fault"), faults),
        st.tuples(st.just("fault"), faults),
        st.tuples(st.just("edit behind"), edits),
        st.tuples(st.just("time"), times),
        st.tuples(st.just("clock back"), st.sampled_from((30, 900))),
        st.tuples(st.just("second process"), st.none()),
        st.tuples(st.just("spending"), st.none()),
    )


class HomeMachine(RuleBasedStateMachine):
    """One home, driven from all sides."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        memory = Path("/dev/shm")  # noqa: S108 - where there is memory to put it, the disk is left alone
        self.folder = Path(tempfile.mkdtemp(prefix="machine-", dir=memory if memory.is_dir() else None))
        self.fuse = Fuse()
        self.edited: set[int] = set()
        self.latest = NOW
        self.houses: list[tuple[AbstractAsyncContextManager[House], Home]] = []
        self.held: list[Run] = []
        self.at = 0

    # -- the homes -------------------------------------------------------------------------------------------------

    @initialize(turns=steps())
    def opens(self, turns: list[Step]) -> None:
        self._open(NOW)
        self.proposes(turns, night=False, again=False)

    def _open(self, now: datetime | None = None) -> None:
        seams = Seams(
            transport=lambda inner: FusedTransport(inner, self.fuse),
            store=lambda home: FusedStore(home / "runs" / "journal.db", self.fuse),
        )
        opening = open_house(settings(), self.folder, Choices(now=now), seams)
        self.houses.append((opening, Home(self.runner.run(opening.__aenter__()))))

    def _close(self) -> None:
        self.fuse.left = 0
        for opening, _ in self.houses:
            self.runner.run(opening.__aexit__(None, None, None))
        self.houses, self.held, self.at = [], [], 0

    @property
    def home(self) -> Home:
        return self.houses[self.at][1]

    def _do(self, doing: Coroutine[Any, Any, Any]) -> None:
        """Do it; a refusal in our words is fine, a crash means a fresh process."""
        try:
            self.runner.run(doing)
        except PsaError as error:
            HAPPENED[f"refused ({type(error).__name__})"] += 1
        except Crash:
            HAPPENED["crashes"] += 1
            self._close()
            self._open()
        self.latest = max(self.latest, self.home.box.world_now())

    def _runs(self) -> list[str]:
        return [row.run for row in self.home.house.store.ledger.runs(1000)]

    def _load(self, name: str) -> Run:
        return Run.load(self.home.house.store, name, self.home.house.clock)

    def _reviewer(self, role: str = "owner") -> Reviewer:
        house = self.home.house

        def planner() -> Any:
            return house.planner(HostileModel([]))

        return Reviewer(house.gate, house.store, house.clock, Person("ana", role, "cli"), planner, house.open_run)

    # -- runs ------------------------------------------------------------------------------------------------------

    @rule(turns=steps(), night=st.booleans(), again=st.booleans())
    def proposes_more(self, turns: list[Step], night: bool, again: bool) -> None:
        self.proposes(turns, night=night, again=again)

    def proposes(self, turns: list[Step], *, night: bool, again: bool) -> None:
        async def go() -> None:
            earlier = self._runs()
            if again and earlier:
                run = self._load(earlier[0])
            else:
                run = self.home.house.open_run("unattended" if night else "attended", "ana")
            run.add(r.Goal(number=len(run.state.goals) + 1, text=GOAL, by="ana"))
            run.flush()
            await self.home.house.planner(HostileModel(turns)).advance(run)

        HAPPENED["proposes"] += 1
        self._do(go())

    @rule(which=st.integers(0, 5), kept=st.booleans())
    def resumes(self, which: int, kept: bool) -> None:
        """Advance a run; also one whose state this process read some time ago."""

        async def go() -> None:
            names = self._runs()
            if not names:
                return
            stale = [run for run in self.held if run.store is self.home.house.store]
            run = stale[which % len(stale)] if kept and stale else self._load(names[which % len(names)])
            await self.home.house.planner(HostileModel([])).advance(run)

        HAPPENED["resumes"] += 1
        self._do(go())

    @rule(which=st.integers(0, 5))
    def reads_a_run_for_later(self, which: int) -> None:
        names = self._runs()
        if names:
            self.held = [*self.held[-3:], self._load(names[which % len(names)])]

    @rule(which=st.integers(0, 5), stop=st.booleans(), everything=st.booleans())
    def is_stopped_or_goes_on(self, which: int, stop: bool, everything: bool) -> None:
        """One run, or all of the home."""

        async def go() -> None:
            names = self._runs()
            if everything:
                self.home.house.store.set_stopped(stop)
            elif names:
                run = self._load(names[which % len(names)])
                run.add(r.Stopped(who="ana") if stop else r.Resumed(who="ana"))
                run.flush()

        HAPPENED["stop" if stop else "go on"] += 1
        self._do(go())

    # -- people ----------------------------------------------------------------------------------------------------

    def _cards(self) -> list[int]:
        items = self.home.house.store.ledger.items(("open", "approved", "void", "done"))
        return [item.number for item in items if item.kind == "card"]

    @rule(
        which=st.integers(0, 7),
        right=st.sampled_from((True, True, True, False)),
        strike=st.sampled_from(((), (), (1,))),
        advance=st.booleans(),
        role=st.sampled_from(("owner", "owner", "editor", "viewer")),
        twice=st.booleans(),
    )
    def approves(self, which: int, right: bool, strike: tuple[int, ...], advance: bool, role: str, twice: bool) -> None:
        async def go() -> None:
            cards = self._cards()
            if not cards:
                return
            number = cards[which % len(cards)]
            people = self._reviewer(role)
            card = people.show(number).card
            confirm = card.card.confirm if card is not None and right else "no"
            await people.approve(number, confirm, strike, advance=advance)
            HAPPENED["approved"] += 1
            if twice:
                await people.approve(number, confirm, ())

        self._do(go())

    @rule(advance=st.sampled_from((True, True, False)))
    def approves_as_asked(self, advance: bool) -> None:
        """The most urgent card that waits, by somebody who may, with what has to be typed."""

        async def go() -> None:
            items = [item.number for item in self.home.house.store.ledger.items() if item.kind == "card"]
            if items:
                card = self._reviewer().show(items[0]).card
                confirm = card.card.confirm if card is not None else ""
                await self._reviewer().approve(items[0], confirm, (), advance=advance)
                HAPPENED["approved"] += 1

        self._do(go())

    @rule(which=st.integers(0, 7), delete=st.booleans(), advance=st.booleans())
    def rejects(self, which: int, delete: bool, advance: bool) -> None:
        async def go() -> None:
            cards = self._cards()
            if cards:
                people = self._reviewer()
                await people.reject(cards[which % len(cards)], "no", delete_draft=delete, advance=advance)
                HAPPENED["rejected"] += 1

        self._do(go())

    @rule(which=st.integers(0, 7), text=st.sampled_from(("Edited words.", "New mugs are in.")), advance=st.booleans())
    def edits(self, which: int, text: str, advance: bool) -> None:
        async def go() -> None:
            cards = self._cards()
            if cards:
                await self._reviewer().edit(cards[which % len(cards)], text, advance=advance)
                HAPPENED["edited"] += 1

        self._do(go())

    @rule(which=st.integers(0, 3), how=st.sampled_from(("answer", "done", "again", "undo", "watch")))
    def deals_with_the_rest_of_the_queue(self, which: int, how: str) -> None:
        async def go() -> None:
            store = self.home.house.store
            kinds = {"answer": "question", "done": "task", "again": "task"}
            items = [item.number for item in store.ledger.items() if item.kind == kinds.get(how)]
            people = self._reviewer()
            if how == "watch":
                await Watch(self.home.house.gate, store).look()
            elif how == "undo" and self._runs():
                await people.undo(self._runs()[which % len(self._runs())])
            elif items:
                number = items[which % len(items)]
                if how == "answer":
                    await people.answer(number, "The first one.")
                elif how == "done":
                    people.close_task(number, "looked")
                else:
                    await people.again(number)
            HAPPENED[how] += 1

        self._do(go())

    # -- the world -------------------------------------------------------------------------------------------------

    @rule(acts=st.integers(1, 12), after=st.booleans())
    def will_crash(self, acts: int, after: bool) -> None:
        self.fuse.left, self.fuse.after = acts, after

    @rule(accident=accidents())
    def something_happens(self, accident: tuple[str, Any]) -> None:
        """An accident of the service, of a clock, or by somebody else."""
        what, value = accident
        HAPPENED[what] += 1
        match what:
            case "fault":
                self.home.box.set_faults([value])
            case "time":
                self.home.box.advance(value)
            case "clock back":
                self.home.box.freeze(self.home.box.world_now() - timedelta(seconds=value))
            case "edit behind":
                with suppress(SettingsError):
                    self.home.box.edit(value)
                    self.edited.add(value.post)
            case "second process":
                if len(self.houses) < 2:
                    self._open()
                self.at = 1 - self.at
            case _:
                self._do(self._spend())

    async def _spend(self) -> None:
        """Another client uses up some of the rate limit."""
        for _ in range(8):
            await self.home.house.client.send(ListWorkspaces(), person=True)

    # -- what holds ------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_doubled_or_unapproved(self) -> None:
        if self.houses:
            tally = contract.compare(self.home.box, self.home.house.store, settled=False, edited=sorted(self.edited))
            contract.assert_holds(tally)

    def teardown(self) -> None:
        try:
            if self.houses:
                self._settles()
        finally:
            self._close()
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _settles(self) -> None:
        """A healthy service, a right clock, no stop: every run goes on until it rests."""
        self.fuse.left = 0
        self.home.box.set_faults([])
        self.home.box.freeze(max(self.latest, self.home.box.world_now()) + timedelta(minutes=10))
        self.home.house.store.set_stopped(False)
        for name in self._runs():
            run = self._load(name)
            if run.state.stopped or run.state.gave_up or run.state.in_doubt:
                run.add(r.Resumed(who="ana"))
                run.flush()
        for _ in range(6):
            moving = [row.run for row in self.home.house.store.ledger.runs(1000) if row.outcome in {"", "deferred"}]
            for name in moving:
                run = self._load(name)
                if run.state.goals:
                    self.runner.run(self.home.house.planner(HostileModel([])).advance(run))
            self.home.box.advance(360)
        tally = contract.assert_contract(self.home.box, self.home.house.store, edited=sorted(self.edited))
        contract.replay_is_quiet(self.home.box, self.folder)
        HAPPENED.update(effects=tally.effects, guarded=tally.guarded, keys=tally.keys, homes=1)
        for name in self._runs():
            for _, _, record in contract.records_of(self.home.house.store, name).of_kind(r.Outcome):
                HAPPENED[f"outcome {record.state}"] += 1
