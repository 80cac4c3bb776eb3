"""The work of a conversation: its run is advanced in a task of its own; goals that come meanwhile wait their turn."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from agent import logs
from agent.chat.narrator import Narrator
from agent.chat.stopping import left_calls, under_way
from agent.chat.telling import became_line, broke, outcome_line
from agent.clock import Clock
from agent.errors import Busy, ClockWrong, Conflict, Halted, JournalError, PsaError
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.planner.loop import Planner
from agent.review.reviewer import waits_for
from agent.review.showing import became
from agent.text import one_line

#: A stop waits this long for the answer to an effect that is under way, and then this long for the rest.
LANDS_S = 2.5
ENDS_S = 1.0
#: Outcomes after which the next waiting goal is taken up by itself.
GOES_ON = frozenset({"done", "held", "refused"})
_TRIES = 5


class Work:
    """Advances one run, and lets other runs carry out what was decided about them."""

    def __init__(
        self, run: Run, who: str, clock: Clock, planner: Callable[[], Planner], narrator: Narrator, *, priced: bool
    ) -> None:
        self.run = run
        #: What came of the last goal; None before the first, and where `failure` kept it from moving.
        self.outcome: r.RunOutcome | None = None
        self.failure: PsaError | None = None
        self.waiting: deque[str] = deque()
        #: Questions that the person has left open.
        self.left_open: set[int] = set()
        self._who = who
        self._clock = clock
        self._planner = planner
        self._narrator = narrator
        self._priced = priced
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._decided: list[int] = []
        self._log = logs.get("chat")

    @property
    def working(self) -> bool:
        """Whether the run is being advanced by this conversation."""
        return self._task is not None and not self._task.done()

    @property
    def question(self) -> r.Asked | None:
        """The question that the goal at hand waits for."""
        state = self.run.state
        if state.stopped or state.halted or state.gave_up or state.deferred:
            return None
        return next((asked for asked in state.asking if asked.number not in self.left_open), None)

    async def idle(self) -> None:
        """Wait until the run rests and no goal waits its turn."""
        while self._task is not None and not self._task.done():
            await asyncio.wait({self._task})

    def goal(self, words: str) -> None:
        """Begin a goal, or queue it behind the one at hand."""
        if self.working:
            self.waiting.append(words)
            self._narrator.note(f"Queued as number {len(self.waiting)}; it begins when the goal at hand is done.")
            return
        self._begin(words)
        self.start(goal=True)

    def next_waiting(self) -> None:
        """Begin the first goal that waits."""
        if self.waiting:
            self._begin(self.waiting.popleft())
            self.start(goal=True)

    def resume(self) -> None:
        """Go on with what was stopped, put off, given up or broken off."""
        self._record(lambda _: [r.Resumed(who=self._who)])
        self.start(goal=True)

    def decided(self, numbers: Sequence[int]) -> None:
        """Carry out decisions on this run's cards."""
        self._decided += numbers
        if self.working:
            self._narrator.note("Recorded; it is carried out as soon as the step under way is done.")
        self.start(goal=False)

    def start(self, *, goal: bool) -> None:
        """Advance the run, unless that goes on already."""
        if not self.working:
            self.run.catch_up()
            self._stopping = False
            self._task = asyncio.create_task(self._work(goal))

    async def stop(self, says: str) -> bool:
        """Stop the goal at hand; False where none is. No effect begins after this; one under way may still land."""
        task = self._task
        if task is None or task.done():
            return False
        if self._stopping:
            await asyncio.wait({task}, timeout=LANDS_S + ENDS_S)
            return True
        self._stopping = True
        self.run.store.append_anyway(self.run.id, [r.Stopped(who=self._who, says=says)], self._clock.now())
        if under_way(self.run.state):
            await asyncio.wait({task}, timeout=LANDS_S)
        task.cancel()
        await asyncio.wait({task}, timeout=ENDS_S)
        if task.cancelled():  # it had not even begun
            self._end_stopped()
            self._tell_outcome()
        return True

    # -- the task --------------------------------------------------------------------------------------------------

    async def _work(self, goal: bool) -> None:
        try:
            await self._goals(goal)
        except PsaError as error:  # the journal cannot be written: nothing can be begun or ended
            self._fail(error, str(error))

    async def _goals(self, goal: bool) -> None:
        """Advance until the goal at hand rests, then take up those that were said meanwhile."""
        while True:
            outcome = await self._advance()
            self._tell_became()
            if goal:
                self.outcome = outcome
            if outcome is not None and (goal or outcome in {"stopped", "deferred"}):
                self._tell_outcome()
            if outcome not in GOES_ON or not self.waiting:
                break
            words = self.waiting.popleft()
            self._narrator.note(f"Now: {one_line(words, 200)}")
            self._begin(words)
            goal = True
        if outcome == "asked":
            self.ask()
        else:
            self._put_back()

    async def _advance(self) -> r.RunOutcome | None:
        """Move the run until it rests; None where something of this machine kept it from moving, which is told."""
        self.failure = None
        try:
            outcome = await self._planner().advance(self.run)
            while self._more_came(outcome):
                outcome = await self._planner().advance(self.run)
            return outcome
        except asyncio.CancelledError:
            self._end_stopped()
            return "stopped"
        except Busy as error:
            self._fail(error, f"{error} What you said is recorded; /continue goes on once it has ended.")
        except PsaError as error:
            again = isinstance(error, JournalError | Halted | ClockWrong)
            self._fail(error, f"{error} Then /continue goes on." if again else str(error))
        except Exception as error:
            self._log.exception("a conversation broke", run=self.run.id)
            self._fail(PsaError(broke(error)), broke(error))
        finally:
            self._narrator.end_words()
        self.run.reload()
        return None

    def _more_came(self, outcome: r.RunOutcome) -> bool:
        """Whether somebody decided between the loop's last look and its end."""
        self.run.catch_up()
        return self.run.state.closed is None and outcome not in {"stopped", "deferred", "failed_safe"}

    def _fail(self, error: PsaError, told: str) -> None:
        self.failure = error
        self._narrator.trouble(told)

    def _end_stopped(self) -> None:
        """Close what a cancelled loop left, so that the run says that it stands still."""
        self.run.reload()
        if self.run.state.closed is None:
            stopped = [] if self.run.state.stopped else [r.Stopped(who=self._who, says="stopped")]
            self.run.add(*stopped, r.Closed(outcome="stopped"))
            self.run.flush_quietly()

    # -- telling ---------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Tell the question that the person's next words answer."""
        if self.question is not None:
            self._narrator.question(self.question)
            if self.waiting:
                self._narrator.note(f"{len(self.waiting)} queued; they begin after your answer, or after /skip.")

    def _tell_outcome(self) -> None:
        self._narrator.outcome(outcome_line(self.run.state, priced=self._priced))

    def _tell_became(self) -> None:
        numbers, self._decided = self._decided, []
        tell_became(self._narrator, self.run, numbers)

    def _put_back(self) -> None:
        """Goals are not begun behind one that failed or was stopped; their words are given back."""
        for words in self.waiting:
            self._narrator.note(f"Not begun: {one_line(words, 400)}")
        self.waiting.clear()

    # -- records ---------------------------------------------------------------------------------------------------

    def _begin(self, words: str) -> None:
        def records(state: RunState) -> list[r.AnyRecord]:
            halted = state.stopped or state.gave_up or state.deferred
            resumed = [r.Resumed(who=self._who)] if halted else []
            goal = r.Goal(number=len(state.goals) + 1, text=words, by=self._who)
            return [*resumed, *left_calls(state), goal]

        self._record(records)

    def _record(self, make: Callable[[RunState], Sequence[r.AnyRecord]]) -> None:
        """Add records that follow from the run's newest state, whoever else writes to it. Raises Conflict."""
        for attempt in range(1, _TRIES + 1):
            self.run.catch_up()
            self.run.add(*make(self.run.state))
            try:
                return self.run.flush()
            except Conflict:
                self.run.reload()
                if attempt == _TRIES:
                    raise
        return None


def tell_became(narrator: Narrator, run: Run, numbers: Sequence[int]) -> None:
    """Tell what decided cards became."""
    for number in numbers:
        view = run.state.cards[number]
        narrator.note(became_line(number, view, became(run.state, view)), number)
    if numbers and run.state.unsent():
        narrator.trouble(f"Recorded, not sent: {waits_for(run.state)}.")
