"""A conversation without any terminal: one person, one run, goals one after the other.

It takes what the person typed (`hear`, decisions, `stop`) and tells what happens as events. The work itself goes on in
a task of its own (`work.py`), so that the person can look, decide and stop meanwhile.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from agent.assembly import House
from agent.chat.deciding import Deciding, Decision
from agent.chat.events import Tell
from agent.chat.narrator import Narrator
from agent.chat.stopping import halt_broken_off
from agent.chat.telling import recap_lines, unfinished, waiting_lines
from agent.chat.typed import set_aside
from agent.chat.undo import undo_lines
from agent.chat.work import ENDS_S, Work, tell_became
from agent.errors import Busy, Declined, PsaError
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.ledger import Item
from agent.journal.run import Listener, Run
from agent.planner.goal_text import goal_text, refuse_secrets
from agent.planner.loop import Planner
from agent.review.reviewer import Reviewer
from agent.text import shorten

#: Characters of the last answer that a recap shows.
MOST_RECAP = 600


class Conversation:
    """One person's conversation over a house. Its methods belong to one event loop.

    Methods that take what the person typed raise PsaError with a sentence to show; nothing was done then.
    """

    def __init__(
        self,
        house: House,
        person: Person,
        tell: Tell,
        model: Callable[[], Any],
        workspaces: Sequence[str] = (),
    ) -> None:
        """`model` gives the language model, asked when one is needed; `workspaces` scopes a new conversation."""
        self.narrator = Narrator(tell)
        self._house = house
        self._person = person
        self._model = model
        self._workspaces = tuple(workspaces)
        self._work: Work | None = None
        self._elsewhere: set[asyncio.Task[None]] = set()
        reviewer = Reviewer(
            house.gate, house.store, house.clock, person, self._quiet_planner, house.open_run, self._beside
        )
        self._deciding = Deciding(reviewer, house.store, self.narrator)

    # -- taking up and leaving -------------------------------------------------------------------------------------

    def take_up(self, run_id: str) -> None:
        """Go on with an earlier conversation: nothing moves, and what it was about is told.

        Raises Declined where it cannot be taken up, Corrupt where its journal was changed.
        """
        run = Run.load(self._house.store, run_id, self._house.clock)
        opened = run.state.opened
        if opened is None:
            raise Declined(f'There is no run "{run_id}".', hint="`psa runs list` shows them.")
        if opened.mode != "attended":
            raise Declined(f"Run {run_id} is no conversation.", hint=f"`psa runs show {run_id}` tells what it is.")
        if opened.service != self._house.service:
            raise Declined(
                f"Run {run_id} belongs to {opened.service}; in use is {self._house.service}.",
                hint="Set POSTSYNCER_BASE_URL and the token as they were.",
            )
        try:
            halt_broken_off(run, self._person.name)
        except Busy as busy:
            self.narrator.trouble(f"{busy} Until then you can look and decide here.")
        self._work = self._over(run)
        self.narrator.notes(recap_lines(run.state))
        if run.state.said is not None:
            self.narrator.answer(shorten(run.state.said.text, MOST_RECAP))
        self._work.ask()

    async def close(self) -> None:
        """Stop what is being worked on; takes at most some five seconds."""
        await self.stop("the conversation was left")
        if self._elsewhere:
            _, late = await asyncio.wait(self._elsewhere, timeout=ENDS_S)
            for task in late:
                task.cancel()

    @property
    def run(self) -> Run | None:
        """The conversation's run; None before the first goal."""
        return self._work.run if self._work is not None else None

    @property
    def outcome(self) -> r.RunOutcome | None:
        """What came of the last goal; None before the first, and where `failure` kept it from moving."""
        return self._work.outcome if self._work is not None else None

    @property
    def failure(self) -> PsaError | None:
        """What kept the last goal from moving, outside of the run itself."""
        return self._work.failure if self._work is not None else None

    @property
    def working(self) -> bool:
        """Whether a goal is being worked on, or decisions of this conversation carried out."""
        return self._work is not None and self._work.working

    @property
    def queued(self) -> int:
        """How many goals wait for the one at hand."""
        return len(self._work.waiting) if self._work is not None else 0

    @property
    def question(self) -> r.Asked | None:
        """The question that the person's next words answer."""
        return self._work.question if self._work is not None and not self._work.working else None

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self.working or self._elsewhere:
            if self._work is not None:
                await self._work.idle()
            if self._elsewhere:
                await asyncio.wait(self._elsewhere)

    # -- goals -----------------------------------------------------------------------------------------------------

    async def hear(self, text: str) -> None:
        """Take words: the answer to the question that waits, else a goal, which may have to wait its turn."""
        words = goal_text(text)
        self._check(text)
        question = self.question
        if question is not None:
            await self.answer(question.number, words)
            return
        if self._work is None:
            run = self._house.open_run("attended", self._person.name, self._workspaces, channel="chat")
            self._work = self._over(run)
        self._work.goal(words)

    def set_aside(self, text: str) -> None:
        """Keep words that are too long for a goal in a file of the home, and tell where."""
        self.narrator.trouble(set_aside(text, self._house.runs, self._house.settings.secrets))

    def skip(self) -> None:
        """Leave the question open: the next words are a new goal. Raises Declined where none waits."""
        if self._work is None or self.question is None:
            raise Declined("No question waits.")
        number = self.question.number
        self._work.left_open.add(number)
        self.narrator.note(f"Question {number} stays open: /answer {number} answers it later.")
        self._work.next_waiting()

    def go_on(self) -> None:
        """Go on with what was stopped, put off, given up or broken off. Raises Declined where nothing was."""
        if self.working:
            raise Declined("It is being worked on.", hint="/stop stops it.")
        if self._work is not None:
            self._work.run.catch_up()
        if self._work is None or not unfinished(self._work.run.state):
            raise Declined("Nothing is unfinished.", hint="Say what you want.")
        self._work.resume()

    async def stop(self, says: str = "stopped in the chat") -> bool:
        """Stop the goal being worked on; False where none is. No effect begins after this; one under way may land."""
        return self._work is not None and await self._work.stop(says)

    # -- looking and deciding --------------------------------------------------------------------------------------

    def waiting(self) -> list[Item]:
        """Everything of this home that waits for a person, or was approved and not sent yet; most urgent first."""
        return self._house.store.ledger.items(("open", "approved"))

    def cards(self) -> None:
        """Tell everything that waits in this home."""
        own = self.run.id if self.run is not None else ""
        self.narrator.notes(waiting_lines(self.waiting(), own))

    def show(self, number: int) -> None:
        """Tell an item of the queue in full. Raises Declined where there is none."""
        self._deciding.show(number)

    def undo(self) -> None:
        """Tell what of this conversation can be undone, and how."""
        if self.run is None:
            raise Declined("Nothing was done yet in this conversation.")
        if not self.working:
            self.run.catch_up()
        self.narrator.notes(undo_lines(self.run.state, self._house.clock.now()))

    async def approve(self, numbers: Sequence[int], confirm: str = "") -> None:
        """Approve cards of this home for exactly their bytes, and carry them out."""
        self._carry_out(await self._deciding.approve(numbers, confirm))

    async def reject(self, numbers: Sequence[int], why: str = "", *, delete: bool = False) -> None:
        """Reject cards, or take drafts out of the queue; with `delete` the posts behind them are deleted."""
        self._check(why)
        self._carry_out(await self._deciding.reject(numbers, why, delete=delete))

    def text(self, number: int) -> str:
        """The text on a card, to be edited. Raises Declined where there is none."""
        return self._deciding.text(number)

    async def edit(self, number: int, text: str) -> None:
        """Put another text on a card and approve it."""
        self._check(text)
        self._carry_out(await self._deciding.edit(number, text))

    async def answer(self, number: int, text: str) -> None:
        """Answer a question; its run goes on."""
        self._check(text)
        run = await self._deciding.answer(number, text)
        self.narrator.note(f"That answers question {number}.")
        if self._work is not None and run.id == self._work.run.id:
            self._work.start(goal=True)
        else:
            self._advance_elsewhere(run, [])

    async def again(self, number: int) -> None:
        """Ask once more for what a task or a void card was about: it waits as a new card."""
        await self._deciding.again(number)

    def done(self, number: int, how: str = "") -> None:
        """Close a task that the person has settled."""
        self._check(how)
        run = self._deciding.done(number, how)
        if self._work is not None and run.id == self._work.run.id:
            self._work.start(goal=False)

    def _check(self, text: str) -> None:
        """What people type is journaled: raises SettingsError where it holds one of their own keys."""
        refuse_secrets(text, self._house.settings.secrets)

    def _carry_out(self, decisions: Sequence[Decision]) -> None:
        """Let the runs of decided cards go on: the conversation's own in its task, others beside it."""
        by_run: dict[str, list[Decision]] = {}
        for one in decisions:
            by_run.setdefault(one.run.id, []).append(one)
        for run_id, of_run in by_run.items():
            numbers = [one.number for one in of_run]
            if self._work is not None and run_id == self._work.run.id:
                self._work.decided(numbers)
            else:
                self._advance_elsewhere(of_run[-1].run, numbers)

    # -- other runs ------------------------------------------------------------------------------------------------

    def _advance_elsewhere(self, run: Run, numbers: Sequence[int]) -> None:
        task = asyncio.create_task(self._go_elsewhere(run, numbers))
        self._elsewhere.add(task)
        task.add_done_callback(self._elsewhere.discard)

    async def _go_elsewhere(self, run: Run, numbers: Sequence[int]) -> None:
        """Let another run of this home carry out what was decided about it."""
        try:
            await self._quiet_planner().advance(run)
        except Busy:
            self.narrator.note(f"Recorded; the process that works on {run.id} carries it out.")
            return
        except PsaError as error:
            self.narrator.trouble(f"{run.id}: {error}")
        run.reload()
        tell_became(self.narrator, run, numbers)

    def _beside(self, run: Run) -> Listener:
        own = self.run is not None and run.id == self.run.id
        return self.narrator.other(run, "" if own else f"{run.id}: ")

    # -- parts -----------------------------------------------------------------------------------------------------

    def _over(self, run: Run) -> Work:
        settings = self._house.settings
        priced = settings.psa_price_in is not None or settings.psa_price_out is not None
        run.listeners.append(self.narrator.own(run))
        return Work(run, self._person.name, self._house.clock, self._planner, self.narrator, priced=priced)

    def _planner(self) -> Planner:
        return self._house.planner(self._model(), on_text=self.narrator.on_text)

    def _quiet_planner(self) -> Planner:
        return self._house.planner(self._model())
