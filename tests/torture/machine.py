"""A state machine over a whole home: people, runs, kills, faults, clocks, a second process and a second client.

Hypothesis draws the order. After every rule the contract of effects holds as far as it can in the middle of things;
at the end the service is healthy, every run goes on until it rests, and all of it holds.
"""

import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.chat.stopping import left_calls
from agent.errors import PsaError, SettingsError
from agent.gate.decisions import Person, approve
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.loop import Planner
from agent.review.reviewer import Reviewer
from agent.review.watch import Watch
from agent.sandbox.access import spend
from agent.sandbox.edits import Edit
from agent.sandbox.state import State
from tests import contract
from tests.house import NOW
from tests.torture.machine_checks import check_home, count_records
from tests.torture.machine_process import HAPPENED, Killed, Process, Trap, quiet_loop
from tests.torture.machine_steps import GOALS, TEXTS, Actor, Call, accidents, scripts, traps

#: An expired lease: a process that hung so long is taken over.
HUNG = timedelta(minutes=10, seconds=1)
#: The smallest PNG there is.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
#: All runs and cards are drawn as numbers, the remainder counts.
which = st.integers(0, 7)
#: Mostly the first of the two processes acts.
process = st.sampled_from((0, 0, 0, 1))
#: Most of what is done is interrupted in the middle.
trapped = st.none() | traps() | traps()


class HomeMachine(RuleBasedStateMachine):
    """One home, driven from all sides."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = quiet_loop()
        memory = Path("/dev/shm")  # noqa: S108 - where there is memory to put it, the disk is left alone
        self.folder = Path(tempfile.mkdtemp(prefix="machine-", dir=memory if memory.is_dir() else None))
        (self.folder / "uploads").mkdir()
        (self.folder / "uploads" / "mug.png").write_bytes(PNG)
        self.processes = [Process(self.folder, self._springs), Process(self.folder, self._springs)]
        self.scripts: dict[str, list[list[Call]]] = {}
        self.edited: set[int] = set()
        self.held: dict[int, Run] = {}
        self.latest = NOW
        self.depth = 0
        self.box: State

    @initialize(script=scripts(), goal=st.sampled_from(GOALS))
    def opens(self, script: list[list[Call]], goal: str) -> None:
        self.runner.run(self.processes[0].open(NOW))
        self.box = State.open(self.folder / "runs" / "sandbox.db")
        self._do(0, self._propose(0, script, goal, "attended"))

    # -- doing things in a process ---------------------------------------------------------------------------------

    def _do(self, at: int, doing: Coroutine[Any, Any, None], trap: Trap | None = None) -> None:
        """Do it; a refusal in our words is fine, and who is killed begins anew."""
        if trap is not None:
            self.processes[at].set(trap)
        self.runner.run(self._in_process(at, doing))

    async def _in_process(self, at: int, doing: Coroutine[Any, Any, None]) -> None:
        actor = self.processes[at]
        try:
            if not actor.is_open:
                await actor.open()
            await doing
        except PsaError as error:
            HAPPENED[f"refused ({type(error).__name__})"] += 1
        except Killed:
            if not actor.dead:
                raise
            HAPPENED["kills"] += 1
            self.held = {number: run for number, run in self.held.items() if number != at}
            await actor.close()
            await actor.open()
        finally:
            doing.close()
            actor.moving = ""
            self.latest = max(self.latest, self.box.world_now())

    def _store(self, at: int) -> Any:
        return self.processes[at].house.store

    def _runs(self, at: int) -> list[str]:
        return [row.run for row in self._store(at).ledger.runs(1000)]

    def _load(self, at: int, name: str) -> Run:
        return Run.load(self._store(at), name, self.processes[at].house.clock)

    def _pick(self, at: int, which: int) -> Run | None:
        names = self._runs(at)
        return self._load(at, names[which % len(names)]) if names else None

    def _planner(self, at: int, run: str) -> Planner:
        actor = self.processes[at]
        actor.moving = run

        async def thinks() -> None:
            await actor.reaches("model", after=False)

        return actor.house.planner(Actor(self.scripts.get(run, []), self._last, thinks))

    def _last(self, kind: str) -> int:
        """The newest object of a kind that a run of this home made; 1 where there is none."""
        made = [one["ids"] for one in self.box.effects() if one["operation"].startswith(("Create", "Upload"))]
        found = [each for ids in made for each in ids.get(kind, ())]
        return int(found[-1]) if found else 1

    async def _advance(self, at: int, run: Run) -> None:
        await self._planner(at, run.id).advance(run)

    def _reviewer(self, at: int, run: str, role: str = "owner", channel: str = "cli") -> Reviewer:
        house = self.processes[at].house
        person = Person("ana", role, channel)
        return Reviewer(house.gate, house.store, house.clock, person, lambda: self._planner(at, run), house.open_run)

    # -- runs ------------------------------------------------------------------------------------------------------

    async def _propose(self, at: int, script: list[list[Call]], goal: str, mode: Any) -> None:
        run = self.processes[at].house.open_run(mode, "ana", channel="chat" if mode == "attended" else "night")
        self.scripts[run.id] = script
        run.add(r.Goal(number=1, text=goal, by="ana"))
        run.flush()
        await self._advance(at, run)

    @rule(
        at=process,
        which=which,
        script=scripts(),
        goal=st.sampled_from((*GOALS[:1], *GOALS)),
        mode=st.sampled_from(("attended", "attended", "unattended", "again")),
        trap=trapped,
    )
    def proposes(self, at: int, which: int, script: list[list[Call]], goal: str, mode: str, trap: Trap | None) -> None:
        """A new run, or the next goal of a conversation."""
        HAPPENED[f"rule proposes ({mode})"] += 1
        if mode == "again":
            self._do(at, self._goes_on_with_another_goal(at, which, script, goal), trap)
        else:
            self._do(at, self._propose(at, script, goal, mode), trap)

    async def _goes_on_with_another_goal(self, at: int, which: int, script: list[list[Call]], goal: str) -> None:
        run = self._pick(at, which)
        if run is not None and run.state.opened is not None and run.state.opened.mode == "attended":
            self._another_goal(run, script, goal)
            await self._advance(at, run)

    def _another_goal(self, run: Run, script: list[list[Call]], goal: str) -> None:
        """The next goal of a conversation, as the chat begins it: calls that were left are answered."""
        turns = len(run.state.turns)
        had = self.scripts.get(run.id, [])[:turns]
        self.scripts[run.id] = [*had, *[[]] * (turns - len(had)), *script]
        state = run.state
        resumed = [r.Resumed(who="ana")] if state.stopped or state.gave_up or state.deferred else []
        run.add(*resumed, *left_calls(state), r.Goal(number=len(state.goals) + 1, text=goal, by="ana"))
        run.flush()

    @rule(
        at=process,
        which=which,
        how=st.sampled_from(("resume", "resume", "trust the clock", "advance", "wind down")),
        trap=trapped,
    )
    def goes_on(self, at: int, which: int, how: str, trap: Trap | None) -> None:
        HAPPENED[f"rule goes on ({how})"] += 1
        self._do(at, self._goes_on(at, which, how), trap)

    async def _goes_on(self, at: int, which: int, how: str) -> None:
        """As `psa runs resume` does, also with a clock that somebody says is right now; or as the night does."""
        run = self._pick(at, which)
        if run is None or not run.state.goals:
            return
        state = run.state
        unfinished = state.closed is None or state.stopped or state.gave_up or state.deferred
        if how == "trust the clock" or (how == "resume" and unfinished):
            run.add(r.Resumed(who="ana"))
            run.flush()
        if how == "wind down":
            await self._planner(at, run.id).wind_down(run, "a newer date does the rest")
        else:
            await self._advance(at, run)

    @rule(at=process, which=which)
    def reads_a_run_for_later(self, at: int, which: int) -> None:
        async def go() -> None:
            run = self._pick(at, which)
            if run is not None:
                self.held[at] = run

        HAPPENED["rule reads a run for later"] += 1
        self._do(at, go())

    @precondition(lambda self: self.held)
    @rule(how=st.sampled_from(("advance", "advance", "approve", "approve and send", "goal")), trap=trapped)
    def goes_on_with_what_it_read(self, how: str, trap: Trap | None) -> None:
        """What a process read some time ago is not what stands in the journal now."""
        at = min(self.held)

        async def go() -> None:
            run = self.held.pop(at)
            if how.startswith("approve"):
                for view in run.state.open_cards[:1]:
                    self._approve_in(at, run, view.card)
            elif how == "goal":
                self._another_goal(run, [], GOALS[0])
            if how != "approve":
                await self._advance(at, run)

        HAPPENED["rule goes on with what it read"] += 1
        self._do(at, go(), trap)

    @rule(at=process, which=which, stop=st.sampled_from((True, False, False)), everything=st.booleans())
    def is_stopped_or_goes_on(self, at: int, which: int, stop: bool, everything: bool) -> None:
        async def go() -> None:
            if everything:
                self._store(at).set_stopped(stop)
            elif (run := self._pick(at, which)) is not None:
                run.add(r.Stopped(who="ana") if stop else r.Resumed(who="ana"))
                run.flush()

        HAPPENED["rule stops" if stop else "rule lets go on"] += 1
        self._do(at, go())

    # -- people ----------------------------------------------------------------------------------------------------

    def _cards(self, at: int, *states: str) -> list[Any]:
        items = self._store(at).ledger.items(states or ("open",))
        return [item for item in items if item.kind == "card"]

    def _approve_in(self, at: int, run: Run, card: r.Card) -> None:
        gate = self.processes[at].house.gate
        approve(gate, run, card.number, Person("ana", "owner", "web"), confirm=card.confirm)
        HAPPENED["approved"] += 1

    def _waits(self) -> bool:
        return self.processes[0].is_open and bool(self._cards(0))

    @precondition(_waits)
    @rule(at=process, advance=st.sampled_from((True, True, False)), which=which, trap=trapped)
    def approves(self, at: int, advance: bool, which: int, trap: Trap | None) -> None:
        """A card that waits, by somebody who may, with what has to be typed."""
        HAPPENED["rule approves"] += 1
        self._do(at, self._approve(at, self._waiting(at, which), advance), trap)

    def _waiting(self, at: int, which: int) -> int:
        """A card that waits; 0 where none does."""
        if not self.processes[at].is_open:
            self._do(at, self._nothing())
        cards = self._cards(at)
        return cards[which % len(cards)].number if cards else 0

    async def _nothing(self) -> None:
        """Only opens the process."""

    async def _approve(self, at: int, number: int, advance: bool) -> None:
        item = self._store(at).ledger.item(number)
        if item is not None:
            people = self._reviewer(at, item.run, channel=("cli", "web")[at])
            shown = people.show(number).card
            assert shown is not None
            await people.approve(number, shown.card.confirm, (), advance=advance)
            HAPPENED["approved"] += 1

    @precondition(_waits)
    @rule(which=which, first=st.booleans(), second=st.booleans())
    def two_people_approve(self, which: int, first: bool, second: bool) -> None:
        """Over two channels, each of whom has the card on the screen."""
        HAPPENED["rule two approve"] += 1
        number = self._waiting(0, which)
        self._do(0, self._approve(0, number, first))
        self._do(1, self._approve(1, number, second))

    @rule(
        at=process,
        which=which,
        confirm=st.sampled_from(("", "1", "2", "yes")),
        strike=st.sampled_from(((), (1,), (2,), (1, 2), (9,))),
        role=st.sampled_from(("owner", "editor", "viewer", "nobody")),
        advance=st.booleans(),
    )
    def approves_otherwise(
        self, at: int, which: int, confirm: str, strike: tuple[int, ...], role: str, advance: bool
    ) -> None:
        """Any card, in whatever state, by anybody, with parts left out and with words that may be wrong."""

        async def go() -> None:
            cards = self._cards(at, "open", "approved", "void", "done", "rejected")
            if cards:
                item = cards[which % len(cards)]
                await self._reviewer(at, item.run, role).approve(item.number, confirm, strike, advance=advance)
                HAPPENED["approved"] += 1
                HAPPENED["approved with strikes"] += bool(strike)

        HAPPENED["rule approves otherwise"] += 1
        self._do(at, go())

    @precondition(_waits)
    @rule(
        at=process,
        which=which,
        how=st.sampled_from(("reject", "reject and delete", "edit", "edit", "let expire", "just in time")),
        text=st.sampled_from((*TEXTS, "See http://10.0.0.1/ now.")),
        advance=st.booleans(),
        trap=trapped,
    )
    def decides(self, at: int, which: int, how: str, text: str, advance: bool, trap: Trap | None) -> None:
        """The other decisions about a card that waits."""

        async def go() -> None:
            number = self._waiting(at, which)
            item = self._store(at).ledger.item(number)
            people = self._reviewer(at, item.run)
            if how.startswith("reject"):
                await people.reject(number, "no", delete_draft="delete" in how, advance=advance)
            elif how == "edit":
                await people.edit(number, text, advance=advance)
            else:
                early = timedelta(seconds=0 if how == "let expire" else 1)
                self.box.advance((item.expires - early - self.box.world_now()).total_seconds())
                await self._approve(at, number, advance)
            HAPPENED[how] += 1

        HAPPENED[f"rule decides ({how})"] += 1
        if not self.processes[at].is_open:
            self._do(at, self._nothing())
        self._do(at, go(), trap)

    @rule(
        at=process,
        which=which,
        how=st.sampled_from(("answer", "done", "again", "again card", "schedule", "publish", "wave", "undo", "watch")),
        more=st.booleans(),
    )
    def deals_with_the_rest_of_the_queue(self, at: int, which: int, how: str, more: bool) -> None:
        """Questions, tasks, drafts; what came to nothing is asked for again, what was done is undone."""
        HAPPENED[f"rule {how}"] += 1
        self._do(at, self._queue(at, which, how, more))

    async def _queue(self, at: int, which: int, how: str, more: bool) -> None:
        house = self.processes[at].house
        kinds = {"answer": "question", "done": "task", "again": "task", "again card": "card"}
        states = ("void", "rejected") if how == "again card" else ("open",)
        items = [one for one in house.store.ledger.items(states) if one.kind == kinds.get(how, "draft")]
        if how == "watch":
            await Watch(house.gate, house.store).look()
        elif how == "undo":
            if (run := self._pick(at, which)) is not None:
                await self._reviewer(at, run.id).undo(run.id)
        elif items:
            item = items[which % len(items)]
            people = self._reviewer(at, item.run)
            match how:
                case "answer":
                    await people.answer(item.number, "Publish and schedule it.", advance=more)
                case "done":
                    people.close_task(item.number, "looked")
                case "again" | "again card":
                    await people.again(item.number)
                case "schedule":
                    at_nine = None if more else "2026-12-04 09:00"
                    await people.promote(item.number, at_nine, next_slot=more, confirmed=which % 2 == 0)
                case "publish":
                    await people.promote(item.number, None, next_slot=False, confirmed=which % 2 == 0)
                case _:
                    await people.reject(item.number, "no", delete_draft=more)

    # -- the world -------------------------------------------------------------------------------------------------

    @rule(accident=accidents())
    def something_happens(self, accident: tuple[str, Any]) -> None:
        """An accident of the service or of a clock; somebody else who changes things, or spends the rate limit."""
        what, value = accident
        HAPPENED[f"rule {what}"] += 1
        match what:
            case "fault":
                self.box.set_faults(value)
            case "time":
                self.box.advance(value)
            case "clock back":
                self.box.freeze(self.box.world_now() - timedelta(seconds=value))
            case "edit behind":
                self._edit_behind(value)
            case _:
                with self.box.transaction() as tx:
                    for _ in range(value):
                        spend(tx, contract.OURS, 60)
        self.latest = max(self.latest, self.box.world_now())

    def _edit_behind(self, edit: Edit) -> None:
        with suppress(SettingsError):
            self.box.edit(edit)
            self.edited.add(edit.post)

    # -- in the middle of things -----------------------------------------------------------------------------------

    async def _springs(self, hit: Process, what: str) -> None:
        """What a trap does: kill the process, or let the other one act while this one stands still."""
        HAPPENED[f"in the middle: {what}"] += 1
        if what == "kill":
            hit.dead = True
        elif self.depth == 0:
            self.depth += 1
            other = 1 - self.processes.index(hit)
            try:
                await self._in_process(other, self._meanwhile(other, hit.moving, what))
            finally:
                self.depth -= 1

    async def _meanwhile(self, at: int, name: str, what: str) -> None:
        store = self._store(at)
        match what:
            case "stop all":
                store.set_stopped(True)
            case "later":
                self.box.advance(3600)
            case "edit behind":
                drafts = [one["ids"]["post"][0] for one in self.box.effects() if one["operation"] == "CreatePost"]
                self._edit_behind(Edit(post=(drafts or [1012])[-1], text="Somebody else's words."))
            case "take over":
                self._take_lease(at, name)
                if name:
                    await self._advance(at, self._load(at, name))
            case _ if name:
                run = self._load(at, name)
                await self._decides_meanwhile(at, run, what)

    async def _decides_meanwhile(self, at: int, run: Run, what: str) -> None:
        cards = run.state.open_cards
        if what == "stop run":
            run.add(r.Stopped(who="ana"))
            run.flush()
        elif what == "goal":
            if run.state.opened is not None and run.state.opened.mode == "attended" and run.state.goals:
                self._another_goal(run, [], GOALS[0])
        elif cards and what == "reject":
            await self._reviewer(at, run.id).reject(cards[0].card.number, "no", delete_draft=False, advance=False)
        elif cards:
            self._approve_in(at, run, cards[0].card)
            if what == "approve and send":
                self._take_lease(at, run.id)
                await self._advance(at, run)

    def _take_lease(self, at: int, name: str) -> None:
        """The other process has hung for so long that its lease is over."""
        self.box.advance(HUNG.total_seconds())
        store, now = self._store(at), self.box.world_now()
        holder = store.lease(name, "somebody", now, now)
        store.release(name, holder)

    # -- what holds ------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_doubled_or_unapproved(self) -> None:
        if self.processes[0].is_open:
            tally = contract.compare(self.box, self._store(0), settled=False, edited=sorted(self.edited))
            contract.assert_holds(tally)

    def teardown(self) -> None:
        try:
            if self.processes[0].is_open:
                self._settles()
        finally:
            for each in self.processes:
                self.runner.run(each.close())
            self.runner.close()
            if hasattr(self, "box"):
                self.box.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _settles(self) -> None:
        """A healthy service, a right clock, no stop: every run goes on until it rests."""
        for each in self.processes:
            each.trap = None
        self.scripts = {name: [] for name in self.scripts}
        self.box.set_faults([])
        self.box.freeze(max(self.latest, self.box.world_now()) + timedelta(minutes=10))
        store = self._store(0)
        store.set_stopped(False)
        for name in self._runs(0):
            run = self._load(0, name)
            if run.state.goals and (run.state.stopped or run.state.gave_up or run.state.deferred):
                run.add(r.Resumed(who="ana"))
                run.flush()
        for _ in range(6):
            for row in store.ledger.runs(1000):
                run = self._load(0, row.run)
                if row.outcome in {"", "deferred"} and run.state.goals:
                    self.runner.run(self._advance(0, run))
            self.box.advance(360)
        tally = contract.assert_contract(self.box, store, edited=sorted(self.edited))
        contract.replay_is_quiet(self.box, self.folder)
        check_home(store, self.folder)
        count_records(store)
        HAPPENED.update(effects=tally.effects, guarded=tally.guarded, keys=tally.keys, homes=1, unknown=tally.unknown)


def tally_so_far() -> contract.Tally:
    """The numbers of all homes, none of which broke the contract."""
    return contract.Tally(
        effects=HAPPENED["effects"], guarded=HAPPENED["guarded"], keys=HAPPENED["keys"], unknown=HAPPENED["unknown"]
    )
