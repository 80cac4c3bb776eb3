"""A run told from its journal: for people as Markdown, for scripts as one JSON object."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from agent.api.catalogue import parse
from agent.gate.titles import title_of
from agent.journal import records as r
from agent.journal.findings import Finding
from agent.journal.fold import RunState, object_id_of, outcome_of
from agent.policy.facts import Facts
from agent.templates import Templates
from agent.text import visible


class Told(BaseModel):
    """Base of the report's parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EffectTold(Told):
    """An effect the journal knows: what was sent, and what became of it."""

    key: str
    operation: str
    arguments: dict[str, Any]
    effect: str
    outcome: Literal["applied", "rejected", "not_sent", "unknown", "sending"]
    object_id: int | None
    decided_by: str
    title: str


class CallTold(Told):
    """One call on a card."""

    arguments: dict[str, Any]
    digest: str
    findings: tuple[Finding, ...]
    title: str


class CardTold(Told):
    """A card and its state."""

    number: int
    operation: str
    effect: str
    title: str
    calls: tuple[CallTold, ...]
    digest: str
    expires: datetime
    due: datetime | None
    state: str
    decided_by: str
    confirm: str
    undo: str
    notes: tuple[str, ...]


class Waiting(Told):
    """A question, a task or a draft in the review queue."""

    number: int
    kind: Literal["question", "task", "draft"]
    text: str


class Verdicted(Told):
    """A call that the policy denied or changed, and why."""

    title: str
    findings: tuple[Finding, ...]


class RunReport(Told):
    """What `psa run --json` prints: one object, drawn from the journal."""

    run: str
    outcome: r.RunOutcome
    goal: str
    service: str
    model: str
    effects: tuple[EffectTold, ...]
    cards: tuple[CardTold, ...]
    denied: tuple[Verdicted, ...]
    changed: tuple[Verdicted, ...]
    waiting: tuple[Waiting, ...]
    reads: int
    said: str
    refused: str
    why: str
    turns: int
    tokens: int
    money: float
    requests: int


def facts_of(state: RunState) -> Facts:
    """What titles need: the objects as this run last read them."""
    known = state.known
    return Facts(
        now=state.last_at or datetime.min,  # noqa: DTZ901 - only for a run without records, which has no times
        workspaces=known.workspaces,
        accounts=known.accounts,
        posts=known.posts,
        media=known.media,
        comments=known.comments,
    )


def report_of(state: RunState) -> RunReport:
    """The run as one object. Pure: the same records give the same report."""
    facts = facts_of(state)
    opened = state.opened
    return RunReport(
        run=state.run,
        outcome=outcome_of(state),
        goal=state.goals[-1].text if state.goals else "",
        service=opened.service if opened else "",
        model=opened.model if opened else "",
        effects=tuple(_effect(state, key, facts) for key in state.effects),
        cards=tuple(_card(state, number, facts) for number in state.cards),
        denied=tuple(_judged(state, one, facts) for one in state.judged.values() if one.verdict == "deny"),
        changed=tuple(_judged(state, one, facts) for one in state.judged.values() if one.proposed),
        waiting=_waiting(state),
        reads=sum(state.reads.values()),
        said=state.said.text if state.said else "",
        refused=state.said.refused if state.said else "",
        why=_why(state),
        turns=len(state.turns),
        tokens=sum(view.turn.prompt_tokens + view.turn.completion_tokens for view in state.turns),
        money=round(sum(view.turn.money for view in state.turns), 6),
        requests=state.requests,
    )


def _judged(state: RunState, judged: r.Judged, facts: Facts) -> Verdicted:
    call = parse(judged.operation, state.load(judged.arguments))
    return Verdicted(title=title_of(call, facts), findings=judged.findings)


def _effect(state: RunState, key: str, facts: Facts) -> EffectTold:
    view = state.effects[key]
    intent = view.intent
    decision = state.cards[intent.card].decision if intent.card is not None else None
    return EffectTold(
        key=key,
        operation=intent.operation,
        arguments=_plain(intent.arguments),
        effect=intent.effect,
        outcome=view.state,
        object_id=view.outcome.object_id if view.outcome else None,
        decided_by=decision.who if decision else "",
        title=title_of(parse(intent.operation, intent.arguments), facts),
    )


def _card(state: RunState, number: int, facts: Facts) -> CardTold:
    view = state.cards[number]
    card = view.card
    calls = tuple(
        CallTold(
            arguments=_plain(part.arguments),
            digest=part.digest,
            findings=part.findings,
            title=title_of(parse(card.operation, part.arguments), facts) if not part.says else part.says,
        )
        for part in view.parts
    )
    return CardTold(
        number=number,
        operation=card.operation,
        effect=card.effect,
        title=card.title,
        calls=calls,
        digest=view.decision.digest if view.decision else card.digest,
        expires=card.expires,
        due=card.due,
        state=view.state,
        decided_by=view.decision.who if view.decision else "",
        confirm=card.confirm,
        undo=card.undo,
        notes=card.notes,
    )


def _waiting(state: RunState) -> tuple[Waiting, ...]:
    questions = [Waiting(number=one.number, kind="question", text=one.text) for one in state.open_questions]
    tasks = [Waiting(number=one.number, kind="task", text=f"{one.says} {one.next}") for one in state.tasks.values()]
    carded = {object_id_of(part.arguments) for view in state.open_cards for part in view.parts}
    drafts = [
        Waiting(number=number, kind="draft", text=f"post {draft.post}: {draft.title}")
        for number, draft in state.drafts.items()
        if number not in state.drafts_gone and draft.post not in carded
    ]
    return tuple(sorted([*questions, *tasks, *drafts], key=lambda one: one.number))


def _why(state: RunState) -> str:
    for record in (state.stopped, state.deferred, state.gave_up):
        if record is not None:
            return record.says
    return ""


def _plain(arguments: str) -> dict[str, Any]:
    return dict(r.ARGUMENTS.validate_json(arguments))


def markdown(state: RunState, templates: Templates) -> str:
    """The report as Markdown."""
    return visible(templates.render("report.md.j2", run=report_of(state))) + "\n"
