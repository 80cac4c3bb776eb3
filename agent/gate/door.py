"""The gate: propose, judge, card, intent, send, outcome. Nothing reaches the service by another way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from agent.api.catalogue import parse
from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import CreatePost, ListPosts
from agent.errors import ApiError, Conflict, InDoubt, Invalid, NotFound
from agent.gate.approvals import ATTEMPTS, EXPIRED, why_not
from agent.gate.cards import Held, instant_of, make_card, shares_a_card
from agent.gate.details import details_of
from agent.gate.followup import follow_up
from agent.gate.freshness import to_read_again
from agent.gate.judge import Judge
from agent.gate.recovery import Reader, recover
from agent.gate.sending import deliver
from agent.gate.standing import lapsed, look_again
from agent.gate.tasks import task_for
from agent.gate.titles import title_of
from agent.gate.versions import object_of
from agent.journal import records as r
from agent.journal.files import keep_before
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.policy.effects import effect
from agent.policy.verdict import Finding, Judgement, Verdict

#: After an intent is written the request leaves within this time or never.
SEND_WITHIN = timedelta(seconds=15)

State = Literal["answered", "waiting", "denied", "applied", "rejected", "unknown", "failed"]


@dataclass(frozen=True)
class Result:
    """What became of one proposed call."""

    state: State
    call: Endpoint[Any]
    answer: Any = None
    findings: tuple[Finding, ...] = ()
    card: int | None = None
    error: ApiError | None = None
    says: str = ""


class Gate(Judge):
    """The one door to the service."""

    def reader(self, run: Run) -> Reader:
        """The reading that reconciling needs."""

        async def read(key: str, call: Endpoint[Any]) -> Any:
            return await self.read(run, key, call, person=True)

        def taken(operation: str) -> frozenset[int]:
            return self.ledger.bound_ids(self.client.origin, operation)

        def deleted() -> frozenset[int]:
            return self.ledger.deleted_posts(self.client.origin)

        def told(call: Endpoint[Any]) -> tuple[str, tuple[str, ...]]:
            facts = self.facts(run)
            return title_of(call, facts), details_of(call, facts)

        return Reader(read, self.clock, taken, deleted, told)

    # -- proposing -------------------------------------------------------------------------------------------------

    async def propose(
        self, run: Run, turn: int, call: int, tool: str, parts: Sequence[Endpoint[Any]], notes: Sequence[str] = ()
    ) -> list[Result]:
        """Judge each part by itself: free ones are sent, held ones become cards, impossible ones are answered why."""
        await self.look_up(parts)
        results: list[Result | None] = [None] * len(parts)
        held: list[tuple[int, Held]] = []
        for index, part in enumerate(parts):
            key = f"{run.id}.{turn}.{call}.{index}"
            if _is_settled(run, key):
                judged = run.state.judged.get(key)
                results[index] = self.result_of(run, key, judged.findings if judged else ())
                continue
            judgement = await self.judge_fresh(run, key, part, len(parts))
            stale = to_read_again(part, run, self.ledger, self.client.origin, self.clock.now())
            if stale is not None and judgement.verdict is not Verdict.DENY:
                try:
                    await self.read(run, f"{key}.version", stale)
                except NotFound as error:
                    results[index] = Result("failed", part, error=error)
                    continue
                judgement = self.judge(run, part, len(parts))
            if judgement.standing is not None:
                judgement = await look_again(self, run, key, judgement)
            run.add(_judged(run, key, tool, part, judgement, self.policy_since(run)))
            if judgement.verdict is Verdict.DENY:
                task_for(run, key, judgement)
                results[index] = Result("denied", judgement.call, findings=judgement.findings)
            elif judgement.verdict is Verdict.HOLD and judgement.standing is None:
                held.append((index, Held(key, judgement)))
            else:
                results[index] = await self._free(run, key, judgement)
        for indices, card in self._card_up(run, held, notes):
            for index in indices:
                one = next(held_one for at, held_one in held if at == index)
                results[index] = Result("waiting", one.judgement.call, findings=one.judgement.findings, card=card)
        run.flush()
        return [result for result in results if result is not None]

    async def _free(self, run: Run, key: str, judgement: Judgement) -> Result:
        if not judgement.effect.writes:
            try:
                answer = await self.read(run, key, judgement.call)
            except ApiError as error:
                return Result("failed", judgement.call, error=error)
            return Result("answered", judgement.call, answer=answer, findings=judgement.findings)
        await self._first_id(run, key, judgement.call)
        for _ in range(ATTEMPTS):
            done = run.state.effects.get(key)
            if done is not None and done.state != "not_sent":
                break
            if done is not None and judgement.standing is not None:
                judgement = await look_again(self, run, key, judgement)
                if judgement.standing is None:
                    raise Conflict("A standing permission holds no more for what could not be sent.", hint="Try again.")
            await self.send(run, key, judgement.call, judgement.effect, standing=judgement.standing)
            if key not in run.state.effects:
                raise Conflict("The hour of a standing permission passed while it was looked at.", hint="Try again.")
            await recover(self.reader(run), run)
            if any(view.intent.key == key for view in run.state.in_doubt):
                raise InDoubt("An answer was lost and PostSyncer cannot be read now.")
            self.follow(run)
        return self.result_of(run, key, _findings(judgement))

    def _card_up(self, run: Run, held: Sequence[tuple[int, Held]], notes: Sequence[str]) -> list[tuple[list[int], int]]:
        """Put held calls on cards; a call that already waits is answered with its card."""
        placed: list[tuple[list[int], int]] = []
        fresh: list[tuple[int, Held]] = []
        for index, one in held:
            waiting = self._waits_already(run, one)
            if waiting:
                placed.append(([index], waiting))
            else:
                fresh.append((index, one))
        if not fresh:
            return placed
        facts = self.facts(run)
        shared = [pair for pair in fresh if shares_a_card(pair[1].judgement, facts)]
        groups = ([shared] if shared else []) + [[pair] for pair in fresh if pair not in shared]
        for group in groups:
            number = run.store.new_items(1)
            run.add(make_card(number, [one for _, one in group], facts, self.client.origin, notes))
            placed.append(([index for index, _ in group], number))
        return placed

    def _waits_already(self, run: Run, one: Held) -> int | None:
        """The card that has this very key (after a crash), or an open one with the same call."""
        arguments = one.judgement.call.model_dump_json()
        for view in run.state.cards.values():
            if any(part.key == one.key for part in view.card.parts):
                return view.card.number
            same = view.state == "open" and view.card.operation == one.judgement.call.route.name
            if same and any(part.arguments == arguments for part in view.parts):
                return view.card.number
        return None

    # -- sending ---------------------------------------------------------------------------------------------------

    async def _first_id(self, run: Run, key: str, call: Endpoint[Any]) -> None:
        """Before the first create of a run the highest post id has to be known: a lost answer is settled by it."""
        if isinstance(call, CreatePost) and not any(name == "ListPosts" for name, _ in run.state.reads):
            await self.read(run, f"{key}.high", ListPosts(per_page=1))

    async def send(
        self,
        run: Run,
        key: str,
        call: Endpoint[Any],
        effect_class: Effect,
        card: CardView | None = None,
        *,
        standing: r.StandingUse | None = None,
    ) -> None:
        """Write the intent, send, write the outcome. Raises only what stops a run: no key, no journal."""
        person = card is not None
        facts = self.facts(run)
        stands = object_of(call, facts)
        before = stands.model_dump_json() if stands is not None else ""
        slot = await self.client.ready(person=person)
        old = run.state.effects.get(key)
        now = self.clock.now()
        if card is not None and (card.decision is None or now >= card.decision.until):  # reading and room took so long
            run.add(r.Voided(card=card.card.number, says=EXPIRED))
            run.flush()
            return
        if standing is not None and lapsed(standing, call, self.clock):
            return
        intent = r.Intent(
            key=key,
            attempt=old.attempts + 1 if old else 1,
            operation=call.route.name,
            arguments=call.model_dump_json(),
            digest=call.request().digest(self.client.origin, instant_of(call, facts)),
            effect=effect_class.value,
            card=card.card.number if card else None,
            standing=standing,
            before=run.store.keep(before),
            high=max(run.state.known.posts, default=0),
            send_before=now + SEND_WITHIN,
            deadline=now + SEND_WITHIN + timedelta(seconds=self.client.deadline_for(call.request())),
        )
        keep_before(self.surroundings.runs, run.id, intent, run.store.load)
        run.add(intent)
        run.flush(unless_stopped=True)
        outcome, halts = await deliver(self.client, run, intent, call, person=person, slot=slot)
        run.land(outcome)
        self.follow(run)
        run.flush()
        if halts is not None:
            raise halts

    def follow(self, run: Run) -> None:
        """Do what follows from applied effects and is not done yet."""
        for key in run.state.unfollowed:
            self._ours = None
            follow_up(run, key, self.facts(run))

    def result_of(self, run: Run, key: str, findings: tuple[Finding, ...]) -> Result:
        """What became of a sent effect, from the journal."""
        view = run.state.effects[key]
        call = parse(view.intent.operation, view.intent.arguments)
        outcome = view.outcome
        if outcome is None or outcome.state == "unknown":
            return Result("unknown", call, findings=findings, says=outcome.says if outcome else "")
        if outcome.state == "applied":
            answer = (
                run.state.known.learn(view.intent.operation, run.store.load(outcome.body)) if outcome.body else None
            )
            return Result("applied", call, answer=answer, findings=findings)
        state: State = "rejected" if outcome.state == "rejected" else "failed"
        error: ApiError = Invalid(
            view.intent.operation, "", status=outcome.status, fields=dict.fromkeys(outcome.fields, ())
        )
        error.kind = outcome.error or error.kind
        return Result(state, call, findings=findings, error=error, says=outcome.says)

    # -- carrying out decisions ------------------------------------------------------------------------------------

    async def carry_out(self, run: Run) -> None:
        """Send what is approved and unsent; what no longer holds is voided with the reason."""
        for key in [part.key for _, part in run.state.unsent()]:
            # Looked up anew: sending the one before took in what other processes wrote, who may have begun this one.
            found = next(((view, part) for view, part in run.state.unsent() if part.key == key), None)
            if found is None:
                continue
            view, part = found
            call = parse(view.card.operation, part.arguments)
            problem = await why_not(self, run, view, part, call)
            if problem:
                run.add(r.Voided(card=view.card.number, says=problem))
                run.flush()
                continue
            await self.send(run, part.key, call, effect(call, self.facts(run)), view)


def _findings(judgement: Judgement) -> tuple[Finding, ...]:
    """What is told of a call that was sent: of one by a standing permission, no longer that it needs a decision."""
    found = judgement.findings
    return found if judgement.standing is None else tuple(one for one in found if one.verdict < Verdict.HOLD)


def _is_settled(run: Run, key: str) -> bool:
    """Whether nothing more is to be done for an effect: settled, or begun by a permission and not disproved."""
    done = run.state.effects.get(key)
    if done is None:
        return False
    return done.state in {"applied", "rejected"} or (done.intent.standing is not None and done.state != "not_sent")


def _judged(run: Run, key: str, tool: str, proposed: Endpoint[Any], judgement: Judgement, policy: str) -> r.Judged:
    arguments = judgement.call.model_dump_json()
    return r.Judged(
        key=key,
        tool=tool,
        operation=judgement.call.route.name,
        arguments=run.store.keep(arguments),
        proposed=run.store.keep(proposed.model_dump_json()) if judgement.rewritten else "",
        effect=judgement.effect.value,
        verdict=judgement.verdict.word,
        findings=judgement.findings,
        policy=policy,
    )
