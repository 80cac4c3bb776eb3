"""The gate: propose, judge, card, intent, send, outcome. Nothing reaches the service by another way."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from agent.api.analytics import GetAnalyticsPost
from agent.api.catalogue import parse
from agent.api.client import Client, Reply
from agent.api.endpoint import Effect, Endpoint
from agent.api.folders import DeleteFolder, GetFolder, ListFolders
from agent.api.limits import RateBudget
from agent.api.media import ListMedia
from agent.api.posts import CreatePost, DeletePost, GetPost, ListPosts, UpdatePost
from agent.api.types import Post
from agent.clock import Clock
from agent.errors import ApiError, InDoubt, Invalid, NotFound
from agent.gate.cards import Held, card_digest, instant_of, make_card, object_of, shares_a_card
from agent.gate.followup import follow_up
from agent.gate.recovery import Reader, recover
from agent.gate.sending import deliver
from agent.gate.titles import texts_of
from agent.gate.versions import came_in, post_version
from agent.journal import records as r
from agent.journal.files import export_object
from agent.journal.fold import CardView
from agent.journal.ledger import Ledger
from agent.journal.run import Run
from agent.policy.effects import effect
from agent.policy.engine import decide
from agent.policy.facts import Facts, quoted_in, with_inner
from agent.policy.pack import Packs
from agent.policy.verdict import Finding, Judgement, Verdict

#: After an intent is written the request leaves within this time or never.
SEND_WITHIN = timedelta(seconds=15)
ATTEMPTS = 3
#: Numbers that were just asked for arrive later, the service does not say when: this long they are waited for.
NUMBERS_TAKE = timedelta(seconds=5)
#: How far back syncs are remembered: rules and views ask whether something was refreshed within a day.
SYNCS_KNOWN = timedelta(hours=24)

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


@dataclass(frozen=True)
class Surroundings:
    """What the gate needs of settings: folders files may come from, opt-in features, secrets that must not leave."""

    runs: Path
    folders_allowed: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    language: str = "en"
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Gate:
    """The one door to the service."""

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        packs: Packs,
        clock: Clock,
        budget: RateBudget,
        surroundings: Surroundings,
    ) -> None:
        self.client = client
        self.ledger = ledger
        self.packs = packs
        self.clock = clock
        self.budget = budget
        self.surroundings = surroundings
        self._ours: frozenset[int] | None = None
        self._ahead: dict[tuple[str, str, str], asyncio.Task[Reply[Any]]] = {}

    # -- what a decision knows ------------------------------------------------------------------------------------

    def facts(self, run: Run) -> Facts:
        """The snapshot a decision in this run rests on."""
        state, service, now = run.state, self.client.origin, self.clock.now()
        known, opened = state.known, state.opened
        if self._ours is None:
            self._ours = self.ledger.drafts_made(service)
        goal = state.goal_text
        scope = state.prompted.scope if state.prompted else ()
        return Facts(
            now=now,
            mode=opened.mode if opened else "attended",
            goal=goal,
            language=self.surroundings.language,
            scope=frozenset(scope),
            workspaces=known.workspaces,
            accounts=known.accounts,
            posts=known.posts,
            media=known.media,
            comments=known.comments,
            labels=known.labels,
            folders=known.folders,
            campaigns=known.campaigns,
            ours=self._ours,
            quoted=quoted_in(goal),
            syncs=self.ledger.syncs(service, now - SYNCS_KNOWN),
            synced_here=frozenset(state.syncs),
            replies=self.ledger.cards_about(service, "CreateComment", now),
            requests_left=self.budget.left(now.timestamp()),
            folders_allowed=self.surroundings.folders_allowed,
            features=self.surroundings.features.union(opened.features if opened and opened.job else ()),
            secrets=self.surroundings.secrets,
        )

    def judge(self, run: Run, call: Endpoint[Any]) -> Judgement:
        """The policy's answer to a call in this run."""
        return self._decide(run, call, self.facts(run))

    def judge_decided(self, run: Run, call: Endpoint[Any]) -> Judgement:
        """The answer to a call whose bytes a person chose: its texts are theirs, and any goal of the run counts."""
        facts = self.facts(run)
        goals = "\n".join([facts.goal, *(goal.text for goal in run.state.goals)])
        # Other cards about the same comment were on the card that was decided; a reply that went out was not.
        sent = {about: card for about, card in facts.replies.items() if card[1] == "done"}
        theirs = replace(facts, goal=goals, quoted=(*facts.quoted, *texts_of(call)), replies=sent, decided=True)
        return self._decide(run, call, theirs)

    def _decide(self, run: Run, call: Endpoint[Any], facts: Facts) -> Judgement:
        opened = run.state.opened
        return decide(call, facts, self.packs.of(opened.mode, opened.overlay) if opened else self.packs.of("attended"))

    def refusal(self, run: Run, call: Endpoint[Any]) -> str:
        """Why the policy does not let this read be done; empty where it does."""
        judgement = self.judge(run, call)
        return judgement.findings[0].says if judgement.verdict >= Verdict.HOLD and judgement.findings else ""

    # -- reading ---------------------------------------------------------------------------------------------------

    def look_ahead(self, run: Run, calls: Sequence[Endpoint[Any]]) -> None:
        """Start reads that are about to be asked for, side by side; each is judged first, and journaled when read."""
        for call in calls:
            key = (run.id, call.route.name, call.model_dump_json())
            judgement = self.judge(run, call)
            if key not in self._ahead and judgement.verdict is Verdict.ALLOW and judgement.effect is Effect.READ:
                self._ahead[key] = asyncio.ensure_future(self.client.exchange(call))

    def drop_ahead(self, run: Run) -> None:
        """Forget reads of a run that it did not ask for after all; runs side by side keep theirs."""
        for key in [key for key in self._ahead if key[0] == run.id]:
            self._ahead.pop(key).cancel()

    async def read(self, run: Run, key: str, call: Endpoint[Any], *, person: bool = False) -> Any:
        """A read of our own, journaled; for discovery, completing and reconciling. Raises ApiError."""
        arguments = call.model_dump_json()
        await self.settled(run, [call])
        ahead = self._ahead.pop((run.id, call.route.name, arguments), None)
        try:
            reply: Reply[Any] = await (ahead or self.client.exchange(call, person=person))
        except ApiError as error:
            run.add(_read_failed(run, key, call, arguments, error))
            raise
        body = run.store.keep(reply.raw)
        run.add(r.Read(key=key, operation=call.route.name, arguments=arguments, body=body))
        return reply.answer

    async def settled(self, run: Run, calls: Sequence[Endpoint[Any]]) -> None:
        """Wait until numbers that this run has just asked for can have arrived, where these calls read them."""
        wait = max((self._not_settled(run, call) for call in calls), default=0.0)
        if wait > 0:
            await self.clock.sleep(wait, "for the numbers to arrive")

    def _not_settled(self, run: Run, call: Endpoint[Any]) -> float:
        """Seconds until numbers that this run has just synced can be there; 0 for all else."""
        synced = run.state.syncs.get(("SyncPostAnalytics", call.post)) if isinstance(call, GetAnalyticsPost) else None
        return max(0.0, (synced + NUMBERS_TAKE - self.clock.now()).total_seconds()) if synced else 0.0

    def reader(self, run: Run) -> Reader:
        """The reading that reconciling needs."""

        async def read(key: str, call: Endpoint[Any]) -> Any:
            return await self.read(run, key, call, person=True)

        return Reader(read, self.clock, lambda operation: self.ledger.bound_ids(self.client.origin, operation))

    # -- proposing -------------------------------------------------------------------------------------------------

    async def propose(
        self, run: Run, turn: int, call: int, tool: str, parts: Sequence[Endpoint[Any]], notes: Sequence[str] = ()
    ) -> list[Result]:
        """Judge each part by itself: free ones are sent, held ones become cards, impossible ones are answered why."""
        results: list[Result | None] = [None] * len(parts)
        held: list[tuple[int, Held]] = []
        for index, part in enumerate(parts):
            key = f"{run.id}.{turn}.{call}.{index}"
            if key in run.state.effects and run.state.effects[key].state in {"applied", "rejected"}:
                judged = run.state.judged.get(key)
                results[index] = self.result_of(run, key, judged.findings if judged else ())
                continue
            judgement = self.judge(run, part)
            run.add(_judged(run, key, tool, part, judgement))
            if judgement.verdict is Verdict.DENY:
                results[index] = Result("denied", judgement.call, findings=judgement.findings)
            elif judgement.verdict is Verdict.HOLD:
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
            await self.send(run, key, judgement.call, judgement.effect)
            await recover(self.reader(run), run)
            if any(view.intent.key == key for view in run.state.in_doubt):
                raise InDoubt("An answer was lost and PostSyncer cannot be read now.")
            self.follow(run)
        return self.result_of(run, key, judgement.findings)

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
        self, run: Run, key: str, call: Endpoint[Any], effect_class: Effect, card: CardView | None = None
    ) -> None:
        """Write the intent, send, write the outcome. Raises only what stops a run: no key, no journal."""
        person = card is not None
        facts = self.facts(run)
        stands = object_of(call, facts)
        before = stands.model_dump_json() if stands is not None else ""
        if before and (effect_class is Effect.DESTRUCTIVE or isinstance(call, UpdatePost)):
            export_object(self.surroundings.runs, run.id, f"{call.route.name}-{key}", before)
        slot = await self.client.ready(person=person)
        old = run.state.effects.get(key)
        now = self.clock.now()
        intent = r.Intent(
            key=key,
            attempt=old.attempts + 1 if old else 1,
            operation=call.route.name,
            arguments=call.model_dump_json(),
            digest=call.request().digest(self.client.origin, instant_of(call, facts)),
            effect=effect_class.value,
            card=card.card.number if card else None,
            before=run.store.keep(before),
            high=max(run.state.known.posts, default=0),
            send_before=now + SEND_WITHIN,
            deadline=now + SEND_WITHIN + timedelta(seconds=self.client.deadline_for(call.request())),
        )
        run.add(intent)
        run.flush(unless_stopped=True)
        outcome, halts = await deliver(self.client, run.store, intent, call, person=person, slot=slot)
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
        for view, part in run.state.unsent():
            if view.state != "approved":
                continue
            call = parse(view.card.operation, part.arguments)
            problem = await self._still_holds(run, view, part, call)
            if problem:
                run.add(r.Voided(card=view.card.number, says=problem))
                run.flush()
                continue
            await self.send(run, part.key, call, effect(call, self.facts(run)), view)

    async def _still_holds(self, run: Run, view: CardView, part: r.CardPart, call: Endpoint[Any]) -> str:
        """Why an approval may not be carried out any more; empty where it may."""
        decision = view.decision
        if decision is None or self.clock.now() >= decision.until:
            return "the decision expired before it could be carried out"
        if card_digest(view.parts) != decision.digest:
            return "the decision was for other bytes"
        old = run.state.effects.get(part.key)
        if old is not None and old.failures >= ATTEMPTS:
            return f"it could not be sent in {ATTEMPTS} attempts: {old.outcome.says if old.outcome else ''}"
        if part.version and (changed := await self._changed(run, part, call)):
            return changed
        judgement = self.judge_decided(run, call)
        if judgement.verdict is Verdict.DENY:
            return f"the policy now denies it: {judgement.findings[0].says}"
        shown = {finding.rule for finding in part.findings}
        fresh = [one for one in judgement.findings if one.rule not in shown and one.verdict >= Verdict.HOLD]
        if fresh:
            return f"a rule that the card did not show holds it now: {fresh[0].says}"
        if call.request().digest(self.client.origin, instant_of(call, self.facts(run))) != part.digest:
            return "the request is no longer the one that was approved"
        return ""

    async def _changed(self, run: Run, part: r.CardPart, call: Endpoint[Any]) -> str:
        if isinstance(call, DeleteFolder):
            return await self._filled(run, part, call)
        post_id = getattr(call, "id", None)
        if not isinstance(call, UpdatePost | DeletePost) or not isinstance(post_id, int):
            return ""
        try:
            post = await self.read(run, f"{part.key}.version", GetPost(id=post_id), person=True)
        except NotFound:
            return f"post {post_id} is no longer there"
        if isinstance(post, Post) and post_version(post) != part.version:
            return f"post {post_id} was changed after the card was made"
        return ""

    async def _filled(self, run: Run, part: r.CardPart, call: DeleteFolder) -> str:
        """Whether a folder, or one in it, took in something that the card could not name."""
        key = f"{part.key}.version"
        try:
            folder = await self.read(run, key, GetFolder(folder_id=call.folder_id), person=True)
            if folder.workspace_id is not None:
                await self.read(run, key, ListFolders(workspace_id=folder.workspace_id), person=True)
            for each in with_inner(call.folder_id, self.facts(run).folders.values()):
                await self.read(run, key, ListMedia(folder_id=each, per_page=100), person=True)
        except (NotFound, Invalid):  # the service answers an unknown folder_id of a list with 422
            return f"folder {call.folder_id}, or one in it, is no longer there"
        new = came_in(call, part.version, self.facts(run))
        return f"folder {call.folder_id} has got {', '.join(new[:5])} since the card was made" if new else ""


def _judged(run: Run, key: str, tool: str, proposed: Endpoint[Any], judgement: Judgement) -> r.Judged:
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
    )


def _read_failed(run: Run, key: str, call: Endpoint[Any], arguments: str, error: ApiError) -> r.ReadFailed:
    return r.ReadFailed(
        key=key,
        operation=call.route.name,
        arguments=arguments,
        error=error.kind,
        says=error.message,
        status=error.status,
        body=run.store.keep(error.body),
    )
