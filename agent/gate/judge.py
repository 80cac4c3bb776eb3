"""What a decision knows, what the policy says to it, and every read of the gate: the door's pure and harmless half."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.api.analytics import GetAnalyticsPost
from agent.api.client import Client, Reply
from agent.api.endpoint import Effect, Endpoint
from agent.api.limits import RateBudget
from agent.api.posts import ListPosts, PostFields, UpdatePost
from agent.clock import Clock
from agent.errors import ApiError, Halted
from agent.gate.history import with_history
from agent.gate.mirroring import FRESH, MirrorView, promotes, read_posts
from agent.gate.resolving import Resolver, resolved
from agent.gate.strangers import near_note
from agent.gate.titles import texts_of
from agent.journal import records as r
from agent.journal.known import Known
from agent.journal.ledger import Ledger
from agent.journal.mirror import MIRRORS, PER_PAGE
from agent.journal.run import Run
from agent.policy.engine import decide
from agent.policy.facts import Facts, named_in, quoted_in
from agent.policy.gathering import Ownership, sources_in
from agent.policy.pack import Pack, Packs
from agent.policy.preflight import divided
from agent.policy.provenance import Source, Sources
from agent.policy.standing import NEAR
from agent.policy.verdict import Judgement, Verdict

#: Numbers that were just asked for arrive later, the service does not say when: this long they are waited for.
NUMBERS_TAKE = timedelta(seconds=5)
#: How far back syncs are remembered: rules and views ask whether something was refreshed within a day.
SYNCS_KNOWN = timedelta(hours=24)


#: Rules about where words come from begin so; what they and those who ask the goal found is kept with a draft of ours.
ORIGIN = "origin."
KEPT = (ORIGIN, "link.hosts", "words.personal")
#: Those of them that find words of others in a draft.
BORROWED = ("origin.words", NEAR)
#: So many runs at once keep what their words may come from.
MOST_RUNS = 16


@dataclass
class _Gathered:
    """The texts of a run so far: how many of the things it read were looked into, and by which words of the person."""

    sources: Sources
    spoken: tuple[str, ...]
    known: Known
    taken: int = 0


@dataclass(frozen=True)
class Surroundings:
    """What the gate needs of settings: folders files may come from, opt-in features, secrets that must not leave."""

    runs: Path
    folders_allowed: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    language: str = "en"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    #: Looks hosts up that something would be fetched from; none where everything stays on this machine.
    resolve: Resolver | None = None
    #: Whether our clock has to agree with the service's; not where a command line froze it over a sandbox.
    clock_matters: bool = True


class Judge:
    """Judges calls by the policy, and reads for it."""

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
        self._mirror = MirrorView(ledger, client.origin)
        self._doubtful: frozenset[int] = frozenset()
        self._borrowed: frozenset[int] = frozenset()
        self._sources: dict[str, _Gathered] = {}
        self._resolved: dict[str, tuple[str, ...]] = {}
        self._ahead: dict[tuple[str, str, str], asyncio.Task[Reply[Any]]] = {}

    # -- what a decision knows ------------------------------------------------------------------------------------

    def facts(self, run: Run) -> Facts:
        """The snapshot a decision in this run rests on."""
        known, told = run.state.known, self.objects(run)
        return replace(
            told,
            mirror=self._mirror.now({key: one.timezone for key, one in known.workspaces.items()}, told.now),
            requests_left=self.budget.left(told.now.timestamp()),
            sources=self._sources_of(run, told.ours),
        )

    def objects(self, run: Run) -> Facts:
        """The same without what only rules look at: the mirror, the room for requests, where words come from."""
        state, service, now = run.state, self.client.origin, self.clock.now()
        known, opened = state.known, state.opened
        if self._ours is None:
            self._ours = self.ledger.drafts_made(service)
            self._doubtful = self.ledger.drafts_with(service, ORIGIN)
            self._borrowed = frozenset().union(*(self.ledger.drafts_with(service, rule) for rule in BORROWED))
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
            asked_by=state.goals[-1].by if state.goals else "",
            syncs=self.ledger.syncs(service, now - SYNCS_KNOWN),
            synced_here=frozenset(state.syncs),
            replies=self.ledger.cards_about(service, "CreateComment", now),
            folders_allowed=self.surroundings.folders_allowed,
            features=self.surroundings.features.union(opened.features if opened and opened.job else ()),
            secrets=self.surroundings.secrets,
            resolved=self._resolved,
        )

    async def look_up(self, calls: Sequence[Endpoint[Any]]) -> None:
        """Have DNS tell where these calls would have something fetched from: right before each judging, ever anew."""
        found = await resolved(calls, self.surroundings.resolve)
        self._resolved = {**self._resolved, **found} if found else self._resolved

    def divided(self, run: Run, calls: Sequence[Endpoint[Any]]) -> tuple[tuple[Endpoint[Any], ...], tuple[str, ...]]:
        """The calls, a draft that needs a thread for some of its accounts as several, and notes on these."""
        pack, facts = self._pack(run), self.facts(run)
        found = [divided(call, facts, pack) for call in calls]
        return tuple(one for some, _ in found for one in some), tuple(note for _, notes in found for note in notes)

    def _sources_of(self, run: Run, ours: frozenset[int]) -> Sources:
        """Where the words of this run may come from; what was read since the last decision is added."""
        known = run.state.known
        spoken = _spoken(run)
        gathered = self._sources.get(run.id)
        if gathered is None or gathered.spoken != spoken or gathered.known is not known:
            gathered = _Gathered(Sources(Source("the goal", "said", text) for text in spoken), spoken, known)
            self._sources = (
                {run.id: gathered} if len(self._sources) > MOST_RUNS else {**self._sources, run.id: gathered}
            )
        if gathered.taken < len(known.read_log):
            own = Ownership(
                ours=ours,
                doubtful=self._doubtful.union(_written_with(run, (ORIGIN,))),
                borrowed=self._borrowed.union(_written_with(run, BORROWED)),
                named=named_in("\n".join(spoken)),
                accounts=known.accounts,
            )
            for thing in known.read_log[gathered.taken :]:
                gathered.sources.add(sources_in(thing, own))
            gathered.taken = len(known.read_log)
        return gathered.sources

    def judge(self, run: Run, call: Endpoint[Any], together: int = 1) -> Judgement:
        """The policy's answer to a call in this run, one of so many that are proposed together."""
        return self._decide(run, call, self.facts(run), together)

    def judge_decided(self, run: Run, call: Endpoint[Any], card: int) -> Judgement:
        """The answer to a call whose bytes a person chose: its texts are theirs, and any goal of the run counts.

        Other cards that wait counted when this one was made; later ones told of this one, and were decided knowing it.
        """
        facts = self.facts(run)
        goals = "\n".join([facts.goal, *(goal.text for goal in run.state.goals)])
        # Other cards about the same comment were on the card that was decided; a reply that went out was not.
        sent = {about: card for about, card in facts.replies.items() if card[1] == "done"}
        mirror = facts.mirror.without(self.ledger.promoted_after(self.client.origin, card))
        theirs = replace(
            facts, goal=goals, quoted=(*facts.quoted, *texts_of(call)), replies=sent, mirror=mirror, decided=True
        )
        return self._decide(run, call, theirs)

    def _decide(self, run: Run, call: Endpoint[Any], facts: Facts, together: int = 1) -> Judgement:
        pack = self._pack(run)
        service, standing = self.client.origin, bool(pack.standing)
        if isinstance(call, UpdatePost):
            facts = replace(facts, kept=self.ledger.found_in(service, call.id, KEPT))
        counted = with_history(facts, call, run.state, self.ledger, service, together=together, standing=standing)
        judgement = decide(call, counted, pack)
        if standing and judgement.effect is Effect.DRAFT and isinstance(judgement.call, PostFields):
            notes = near_note(judgement.call, run.state, self.ledger, service)
            judgement = replace(judgement, findings=(*judgement.findings, *notes))
        return judgement

    def _pack(self, run: Run) -> Pack:
        opened = run.state.opened
        return self.packs.of(opened.mode, opened.overlay) if opened else self.packs.of("attended")

    def policy_since(self, run: Run) -> str:
        """The hash of the policy in force, where it is another than the one that the run was opened with."""
        opened, now = run.state.opened, self._pack(run).hash
        return now if opened is not None and opened.policy != now else ""

    def refusal(self, run: Run, call: Endpoint[Any]) -> str:
        """Why the policy does not let this read be done; empty where it does."""
        judgement = self._decide(run, call, self.facts(run))
        return judgement.findings[0].says if judgement.verdict >= Verdict.HOLD else ""

    # -- reading ---------------------------------------------------------------------------------------------------

    def look_ahead(self, run: Run, calls: Sequence[Endpoint[Any]]) -> None:
        """Start reads that are about to be asked for, side by side; each is judged first, and journaled when read."""
        facts = self.facts(run)
        for call in calls:
            key = (run.id, call.route.name, call.model_dump_json())
            judgement = self._decide(run, call, facts)
            if key not in self._ahead and judgement.verdict is Verdict.ALLOW and judgement.effect is Effect.READ:
                self._ahead[key] = asyncio.ensure_future(self.client.exchange(call))

    def drop_ahead(self, run: Run) -> None:
        """Forget reads of a run that it did not ask for after all; runs side by side keep theirs."""
        for key in [key for key in self._ahead if key[0] == run.id]:
            self._ahead.pop(key).cancel()

    async def read(self, run: Run, key: str, call: Endpoint[Any], *, person: bool = False) -> Any:
        """A read of our own, journaled; for discovery, completing and reconciling. Raises ApiError."""
        if run.store.stopped and not person:
            raise Halted
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

    async def judge_fresh(self, run: Run, key: str, call: Endpoint[Any], together: int = 1) -> Judgement:
        """The answer to a call, one of so many that are proposed together.

        One that brings a post out is judged with the newest posts of the service at hand.

        That costs one request for all promotions of a while. Where they cannot be read, what is known decides.
        """
        judgement = self.judge(run, call, together)
        if judgement.verdict is Verdict.DENY or not promotes(judgement.call):
            return judgement
        looked = self.ledger.mirror_state(self.client.origin).looked
        if looked is not None and self.clock.now() - looked < FRESH:
            return judgement
        person = run.state.opened is not None and run.state.opened.mode == "person"
        if run.store.stopped and not person:
            raise Halted
        try:
            await read_posts(self.client, run, key, 1, person=person)
        except ApiError as error:
            newest = ListPosts(page=1, per_page=PER_PAGE)
            run.add(_read_failed(run, key + MIRRORS, newest, newest.model_dump_json(), error))
        return self.judge(run, call, together)

    async def settled(self, run: Run, calls: Sequence[Endpoint[Any]]) -> None:
        """Wait until numbers that this run has just asked for can have arrived, where these calls read them."""
        wait = max((self._not_settled(run, call) for call in calls), default=0.0)
        if wait > 0:
            await self.clock.sleep(wait, "for the numbers to arrive")

    def _not_settled(self, run: Run, call: Endpoint[Any]) -> float:
        """Seconds until numbers that this run has just synced can be there; 0 for all else."""
        synced = run.state.syncs.get(("SyncPostAnalytics", call.post)) if isinstance(call, GetAnalyticsPost) else None
        return max(0.0, (synced + NUMBERS_TAKE - self.clock.now()).total_seconds()) if synced else 0.0


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


def _spoken(run: Run) -> tuple[str, ...]:
    """What the person said in this run: goals and answers."""
    state = run.state
    return (*(goal.text for goal in state.goals), *(reply.text for reply in state.replies.values()))


def _written_with(run: Run, rules: tuple[str, ...]) -> Iterator[int]:
    """Posts that this run wrote and in which rules of these kinds (beginnings of ids) found something."""
    for key, view in run.state.effects.items():
        judged = run.state.judged.get(key)
        post = view.outcome.object_id if view.outcome is not None else None
        if judged and post is not None and any(one.rule.startswith(rules) for one in judged.findings):
            yield post
