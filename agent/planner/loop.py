"""The loop: `advance(run)` is the only thing that moves a run. Starting, resuming and going on are the same call."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from agent.clock import Clock
from agent.errors import (
    ApiError,
    Conflict,
    Declined,
    Halted,
    InDoubt,
    ModelError,
    ModelUnavailable,
    RateLimited,
    SettingsError,
    Unauthorized,
)
from agent.gate.approvals import refuse_jump_back
from agent.gate.decisions import drop_expired
from agent.gate.door import Gate
from agent.gate.recovery import recover
from agent.journal import records as r
from agent.journal.fold import RunState, outcome_of
from agent.journal.lease import Lease, lease
from agent.journal.run import Run
from agent.journal.store import Store
from agent.planner import context
from agent.planner.calls import Calls
from agent.planner.discovery import NetworkNotes, digest, discover, prompt
from agent.planner.money import Money
from agent.planner.wire import Model, ModelReply, OnText
from agent.templates import Templates

REPAIRS = 8
WARN_AT = 0.9
RETRY_LATER = timedelta(minutes=5)
#: A step that the journal refuses so often in a row will not get through; the run gives up instead of going round.
MOST_CONFLICTS = 20
#: A rate limit is waited for this often and this long; after that the run is deferred.
MOST_WAITS = 5
LONGEST_WAIT_S = 120.0
#: While a model thinks, `psa stop` is looked for this often.
LOOKS_FOR_STOP_S = 0.5


class Step(Enum):
    """What a run needs next."""

    WAKE = auto()
    FOLLOW = auto()
    RECOVER = auto()
    CARRY_OUT = auto()
    DISCOVER = auto()
    GREET = auto()
    CALLS = auto()
    THINK = auto()
    CLOSE = auto()
    REST = auto()


def next_step(state: RunState, now: datetime) -> Step:
    """The next step from the state alone. Pure. Effects come before planning, a stop before both."""
    if state.stopped or (state.deferred and state.deferred.until > now):
        return Step.REST if state.closed else Step.CLOSE
    if state.deferred:
        return Step.WAKE
    return _effects_first(state) or _planning(state)


def _effects_first(state: RunState) -> Step | None:
    """What applied, doubtful and approved effects still need."""
    if state.gave_up:
        return Step.REST if state.closed else Step.CLOSE
    if state.unfollowed:
        return Step.FOLLOW
    if state.in_doubt:
        return Step.RECOVER
    return Step.CARRY_OUT if state.unsent() else None


def _planning(state: RunState) -> Step:
    """Where the model's part of the run stands."""
    if state.closed:
        return Step.REST
    if state.halted or state.opened is None or state.opened.mode == "person":
        return Step.CLOSE
    if state.prompted is None:
        return Step.DISCOVER
    if state.asking:
        return Step.CLOSE
    if state.greeted < len(state.goals) or state.untold:
        return Step.GREET
    if state.turns and len(state.turns[-1].answers) < len(state.turns[-1].turn.calls):
        return Step.CALLS
    return Step.CLOSE if state.said else Step.THINK


def _unattended(run: Run) -> bool:
    return run.state.opened is not None and run.state.opened.mode == "unattended"


async def _unless_stopped(store: Store, asking: Coroutine[Any, Any, ModelReply]) -> ModelReply:
    """The model's answer. Raises Halted, without waiting for it, once a person stops every run of the home."""
    task = asyncio.ensure_future(asking)
    try:
        while not (await asyncio.wait({task}, timeout=LOOKS_FOR_STOP_S))[0]:
            if store.stopped:
                raise Halted
        return task.result()
    finally:
        task.cancel()


class Planner:
    """Advances runs with one gate and one model. It holds no client and no token."""

    def __init__(
        self,
        gate: Gate,
        model: Model,
        templates: Templates,
        notes: NetworkNotes,
        clock: Clock,
        *,
        on_text: OnText | None = None,
        money: Money | None = None,
    ) -> None:
        self._gate = gate
        self._model = model
        self._templates = templates
        self._notes = notes
        self._clock = clock
        self._on_text = on_text
        self._money = money or Money()
        self._calls = Calls(gate, templates, self._spent_within)

    async def advance(self, run: Run) -> r.RunOutcome:
        """Move the run until it rests; returns its outcome. Whatever stops it stands in the journal.

        Raises Declined while another living process advances the run, JournalError where nothing can be written.
        """
        with lease(run.store, run.id) as held:
            return await self._advance(run, held)

    async def wind_down(self, run: Run, says: str) -> r.RunOutcome:
        """End a run without asking a model: what it has begun is settled first, what was approved is sent.

        Where PostSyncer cannot be read the run stays deferred. Raises as `advance` does.
        """
        with lease(run.store, run.id):
            try:
                drop_expired(run)
                while (step := _effects_first(run.state)) in {Step.FOLLOW, Step.RECOVER, Step.CARRY_OUT}:
                    await self._do(run, step)
                    run.flush()
                    if run.state.in_doubt and step is Step.RECOVER:
                        return outcome_of(run.state)
            except (ApiError, InDoubt) as error:
                self._end(run, r.Deferred(until=self._clock.now() + RETRY_LATER, says=str(error)))
                return outcome_of(run.state)
            if run.state.said is None:
                run.add(r.Resumed(who=""), r.GaveUp(says=says))
            run.add(r.Closed(outcome=outcome_of(run.state)))
            run.flush()
            return outcome_of(run.state)

    def _of_this_service(self, run: Run) -> None:
        opened = run.state.opened
        if opened is not None and opened.service != self._gate.client.origin:
            raise Declined(
                f"Run {run.id} belongs to {opened.service}; in use is {self._gate.client.origin}.",
                hint="Set POSTSYNCER_BASE_URL and the token as they were.",
            )

    async def _advance(self, run: Run, held: Lease) -> r.RunOutcome:
        waited = refused = 0
        self._of_this_service(run)
        refuse_jump_back(run)
        while True:
            held.renew()
            try:
                drop_expired(run)
                step = next_step(run.state, self._clock.now())
                if step is Step.REST:
                    return outcome_of(run.state)
                if run.store.stopped:
                    raise Halted
                await self._do(run, step)
                run.flush()
                refused = 0
            except Conflict as error:
                run.reload()
                refused += 1
                if refused >= MOST_CONFLICTS:
                    self._end(run, r.GaveUp(says=str(error)))
            except RateLimited as error:
                self._end(run, r.Deferred(until=error.retry_at, says=error.message))
                wait = (error.retry_at - self._clock.now()).total_seconds()
                if waited < MOST_WAITS and wait <= LONGEST_WAIT_S:
                    waited += 1
                    await self._clock.sleep(wait, "until PostSyncer takes requests again")
            except InDoubt as error:
                self._end(run, r.Deferred(until=self._clock.now() + RETRY_LATER, says=str(error)))
            except ApiError as error:
                self._end(run, self._without_the_service(run, error))
            except ModelError as error:
                self._end(run, self._without_a_model(run, error))
            except SettingsError as error:
                self._end(run, r.GaveUp(says=str(error)), r.Closed(outcome="failed_safe"))
                raise

    def _without_the_service(self, run: Run, error: ApiError) -> r.Deferred | r.GaveUp:
        """What was approved waits for the service, and so does the night; with somebody there the run gives up."""
        refused = isinstance(error, Unauthorized)
        if _unattended(run) or (run.state.unsent() and not refused):
            return r.Deferred(until=self._clock.now() + RETRY_LATER, says=str(error))
        return r.GaveUp(says=str(error))

    def _without_a_model(self, run: Run, error: ModelError) -> r.Deferred | r.GaveUp:
        """At night a model that is gone only puts the run off: the next night goes on where it stands."""
        if (
            run.state.opened is not None
            and run.state.opened.mode == "unattended"
            and isinstance(error, ModelUnavailable)
        ):
            return r.Deferred(until=self._clock.now() + RETRY_LATER, says=str(error))
        return r.GaveUp(says=str(error))

    def _end(self, run: Run, *records: r.Deferred | r.GaveUp | r.Closed) -> None:
        try:
            run.add(*records)
            run.flush()
        except Conflict:
            run.reload()
            run.add(*records)
            run.flush()

    async def _do(self, run: Run, step: Step) -> None:
        match step:
            case Step.WAKE:
                run.add(r.Resumed(who=""))
            case Step.FOLLOW:
                self._gate.follow(run)
            case Step.RECOVER:
                await self._recover(run)
            case Step.CARRY_OUT:
                await self._gate.carry_out(run)
            case Step.DISCOVER:
                await discover(self._gate, run)
                run.add(prompt(self._gate, run, self._templates, self._notes))
            case Step.GREET:
                run.add(self._greeting(run))
            case Step.CALLS:
                await self._calls.answer(run)
            case Step.THINK:
                await self._think(run)
            case Step.CLOSE:
                run.add(r.Closed(outcome=outcome_of(run.state)))

    async def _recover(self, run: Run) -> None:
        await recover(self._gate.reader(run), run)
        if run.state.in_doubt:
            until = self._clock.now() + RETRY_LATER
            run.add(r.Deferred(until=until, says="PostSyncer cannot be read now, and an effect is in doubt."))

    def _greeting(self, run: Run) -> r.Told:
        """The goal as the model's next message; with the first one, what exists."""
        state = run.state
        if state.greeted == len(state.goals):
            text = self._templates.render("reply.md.j2", replies=[reply.text for reply in state.untold])
            return r.Told(text=text, replies=True)
        goal = state.goals[state.greeted]
        first = state.greeted == 0
        news = [] if first else [context.said_since(state, decided) for decided in state.news]
        text = self._templates.render(
            "goal.md.j2",
            news=news,
            digest=digest(self._gate.objects(run), self._templates, self._clock.now()) if first else "",
            by=goal.by,
            goal=goal.text,
        )
        return r.Told(text=text, goal=goal.number)

    # -- thinking --------------------------------------------------------------------------------------------------

    async def _think(self, run: Run) -> None:
        spent_up = self._over(run.state) or self._money.spent_up(run.store.ledger, self._clock.now(), run.id)
        if spent_up:
            run.add(r.GaveUp(says=spent_up))
            return
        self._warn(run)
        self._compact(run)
        turn = len(run.state.turns) + 1
        body = context.request_bytes(run.state, self._model.name)
        estimate = len(body) // 3 + 4096
        run.add(r.Reserved(turn=turn, tokens=estimate, money=self._money.of(estimate, 4096)))
        run.flush()
        try:
            reply = await _unless_stopped(run.store, self._model.complete(body, self._on_text))
        except ModelError as error:
            run.add(r.ModelFailed(turn=turn, says=str(error)))
            raise
        run.catch_up()  # what people decided while the model was thinking: its answer stands all the same
        if len(run.state.turns) >= turn:
            return  # another process took the run over and has asked for this turn: its answer is the one that counts
        run.add(
            r.Turn(
                turn=turn,
                reply=reply.message,
                text=reply.text,
                calls=tuple(r.ToolCall(id=call.id, name=call.name, arguments=call.arguments) for call in reply.calls),
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
                money=self._money.of(reply.prompt_tokens, reply.completion_tokens),
                tries=reply.tries,
            )
        )
        if not reply.calls:
            self._words_only(run, turn, reply.text)

    def _words_only(self, run: Run, turn: int, text: str) -> None:
        """An answer without a call ends the goal; an empty one is asked for again, a few times."""
        if text.strip():
            run.add(r.Said(goal=len(run.state.goals), text=text))
        elif run.state.spent.repairs >= REPAIRS:
            run.add(r.GaveUp(says="The model kept giving empty answers."))
        else:
            run.add(r.Repaired(turn=turn, says="empty answer"))
            run.add(r.Told(text=self._templates.render("repair.md.j2", kind="empty")))

    def _compact(self, run: Run) -> None:
        first = context.compaction_point(run.state)
        if first is None:
            return
        text = self._templates.render(
            "compacted.md.j2",
            turn=first - 1,
            goal=run.state.goal_text,
            earlier=context.earlier_goals(run.state),
            turns=self._turns_left(run.state),
            done=context.done_lines(run.state),
            waiting=context.waiting_lines(run.state),
        )
        run.add(r.Compacted(first=first, text=text))

    # -- budgets ---------------------------------------------------------------------------------------------------

    def _used(self, state: RunState) -> list[tuple[float, str, str]]:
        """Each budget's used share, what it is, and the setting that raises it."""
        limits, spent = (state.opened.limits if state.opened else r.Limits()), state.spent
        seconds = (self._clock.now() - spent.since).total_seconds() if spent.since else 0.0
        pairs: Sequence[tuple[float, float, str]] = (
            (spent.turns, limits.turns, "model turns"),
            (spent.tokens, limits.tokens, "tokens"),
            (spent.money, limits.money, "dollars"),
            (spent.requests, limits.requests, "requests"),
            (seconds, limits.seconds, "seconds"),
            (spent.cards, limits.cards, "cards"),
        )
        return [(used / most, f"{used:g} of {most:g} {what}", what) for used, most, what in pairs]

    def _spent_within(self, state: RunState) -> str:
        """Which budget the calls of one turn have used up: requests and cards do not wait for the next turn."""
        spent = [said for share, said, what in self._used(state) if share >= 1 and what in {"requests", "cards"}]
        return f"The goal's budget is used up: {spent[0]}. Call finish." if spent else ""

    def _turns_left(self, state: RunState) -> int:
        return max(0, (state.opened.limits if state.opened else r.Limits()).turns - state.spent.turns)

    def _over(self, state: RunState) -> str:
        share, said, _ = max(self._used(state))
        if state.spent.repairs > REPAIRS:
            return "The model kept making calls that cannot be carried out. Say the goal in other words."
        if share < 1.0:
            return ""
        return f"The goal's budget is used up: {said}. What is done stands; `psa runs resume {state.run}` adds another."

    def _warn(self, run: Run) -> None:
        share, said, _ = max(self._used(run.state))
        if share >= WARN_AT and not run.state.warned:
            text = self._templates.render("repair.md.j2", kind="budget", percent=int(share * 100), what=said)
            run.add(r.Told(text=text, warning=True))
