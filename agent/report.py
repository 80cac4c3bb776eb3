"""A run told from its journal: for people as Markdown, for scripts as one JSON object."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import MISSING

from agent import charts
from agent.api.catalogue import parse
from agent.api.posts import CreatePost
from agent.api.types import Post
from agent.gate.titles import account_name, texts_of, title_of
from agent.journal import records as r
from agent.journal.files import write_report
from agent.journal.fold import RunState, outcome_of
from agent.journal.subjects import object_id_of
from agent.journal.views import CardView
from agent.policy.facts import Facts
from agent.reports import reasons
from agent.reports.blocks import Bars
from agent.reports.markdown import markdown_of
from agent.reports.measured import performance_of
from agent.reports.reading import failed_of, read_of
from agent.reports.story import story_of
from agent.reports.times import card_zone, run_zone
from agent.reports.told import CallTold, CardTold, DraftTold, EffectTold, RunReport, Verdicted, Waiting, WatchedTold
from agent.templates import Templates
from agent.text import one_line, visible

__all__ = ["RunReport", "facts_of", "keep_report", "markdown", "report_of"]

#: Characters of a draft's text that are kept.
MOST_TEXT = 200


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
        labels=known.labels,
        folders=known.folders,
    )


def report_of(state: RunState) -> RunReport:
    """The run as one object. Pure: the same records give the same report."""
    facts = facts_of(state)
    zone = run_zone(state, facts)
    titles = _judged_titles(state, facts)
    return RunReport(
        run=state.run,
        outcome=outcome_of(state),
        effects=tuple(_effect(state, key, facts) for key in state.effects),
        cards=tuple(_card(view, facts, zone) for view in state.cards.values()),
        denied=_verdicted(state, titles, lambda one: one.verdict == "deny"),
        changed=_verdicted(state, titles, lambda one: bool(one.proposed)),
        waiting=_waiting(state),
        zone=zone,
        read=read_of(state),
        drafts=_drafts(state, facts),
        held_because=reasons.held_because(state),
        denied_because=reasons.denied_because(state, titles),
        changed_because=reasons.changed_because(state, titles),
        failed=failed_of(state),
        numbers=performance_of(state, facts),
        watched=tuple(
            WatchedTold(post=one.post, state=one.state, says=one.says, failed=one.failed)
            for one in state.watched.values()
        ),
        standing=state.opened.standing if state.opened else (),
        revoked=_revoked(state),
        **_heard(state),
        **_spent(state),
    )


def _revoked(state: RunState) -> tuple[str, ...]:
    """Names of the permissions by which something was sent that went wrong: the journal's own word for it revokes."""
    wrong = {key for key, one in state.watched.items() if one.state in {"failed", "partly"}} | state.tasked
    return tuple(
        dict.fromkeys(
            view.intent.standing.name
            for key, view in state.effects.items()
            if view.intent.standing and (view.state in {"rejected", "unknown"} or view.was_unknown or key in wrong)
        )
    )


def _heard(state: RunState) -> dict[str, Any]:
    """The words of people and of the model, and the times."""
    opened = state.opened
    return {
        "goal": state.goals[-1].text if state.goals else "",
        "service": opened.service if opened else "",
        "model": opened.model if opened else "",
        "said": state.said.text if state.said else "",
        "refused": state.said.refused if state.said else "",
        "why": _why(state),
        "opened": state.opened_at,
        "last": state.last_at,
        "goes_on": state.deferred.until if state.deferred else None,
    }


def _spent(state: RunState) -> dict[str, Any]:
    """What the run cost, and how often the model had to be asked again."""
    turns = [view.turn for view in state.turns]
    return {
        "reads": sum(state.reads.values()),
        "turns": len(turns),
        "tokens": sum(turn.prompt_tokens + turn.completion_tokens for turn in turns),
        "money": round(sum(turn.money for turn in turns), 6),
        "requests": state.requests,
        "asked_again": sum(turn.tries - 1 for turn in turns),
        "model_failed": tuple(failed.says for failed in state.failed_turns),
    }


def _judged_titles(state: RunState, facts: Facts) -> dict[str, str]:
    """Titles of the calls that the policy denied or changed, by key."""
    return {
        key: title_of(parse(judged.operation, state.load(judged.arguments)), facts)
        for key, judged in state.judged.items()
        if judged.verdict == "deny" or judged.proposed
    }


def _verdicted(state: RunState, titles: Mapping[str, str], fits: Callable[[r.Judged], bool]) -> tuple[Verdicted, ...]:
    return tuple(
        Verdicted(title=title, findings=state.judged[key].findings)
        for key, title in titles.items()
        if fits(state.judged[key])
    )


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
        title=_effect_title(state, intent, facts),
        says=view.outcome.says.removeprefix(f"{intent.operation}: ") if view.outcome else "",
        card=intent.card,
        standing=intent.standing.name if intent.standing else "",
    )


def _effect_title(state: RunState, intent: r.Intent, facts: Facts) -> str:
    """What an effect did, as its card said it: the object may be another, or gone, by now."""
    parts = state.cards[intent.card].parts if intent.card is not None else ()
    shown = next((part.says for part in parts if part.key == intent.key), "")
    return shown or title_as_sent(state, intent, facts)


def title_as_sent(state: RunState, intent: r.Intent, facts: Facts) -> str:
    """A call's title over the object as it stood before: a draft that was scheduled is no scheduled post that moved."""
    before = state.load(intent.before) if intent.standing is not None else ""
    if before:
        post = Post.model_validate_json(before)
        facts = replace(facts, posts={**facts.posts, post.id: post})
    return title_of(parse(intent.operation, intent.arguments), facts)


def _card(view: CardView, facts: Facts, zone: str) -> CardTold:
    card, decision = view.card, view.decision
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
        number=card.number,
        operation=card.operation,
        effect=card.effect,
        title=card.title,
        calls=calls,
        digest=decision.digest if decision else card.digest,
        expires=card.expires,
        due=card.due,
        state=view.state,
        decided_by=decision.who if decision else "",
        confirm=card.confirm,
        undo=card.undo,
        notes=card.notes,
        zone=card_zone(view, facts, zone),
        says=view.says or (decision.reason if decision else ""),
        decide=_command(card) if view.state == "open" else "",
    )


def _command(card: r.Card) -> str:
    """What approves a card. A name that cannot be shown as it is cannot be typed either: the card tells it."""
    if visible(card.confirm, newlines=False) != card.confirm:
        return f"psa review show {card.number}"
    confirm = f" --confirm {shlex.quote(card.confirm)}" if card.confirm else ""
    return f"psa review approve {card.number}{confirm}"


def _waiting(state: RunState) -> tuple[Waiting, ...]:
    questions = [Waiting(number=one.number, kind="question", text=one.text) for one in state.open_questions]
    tasks = [Waiting(number=one.number, kind="task", text=f"{one.says} {one.next}") for one in state.tasks.values()]
    carded = {object_id_of(part.arguments) for view in state.open_cards for part in view.parts}
    drafts = [
        Waiting(number=number, kind="draft", text=f"post {draft.post}: {draft.title}", post=draft.post)
        for number, draft in state.drafts.items()
        if number not in state.drafts_gone and draft.post not in carded
    ]
    return tuple(sorted([*questions, *tasks, *drafts], key=lambda one: one.number))


def _drafts(state: RunState, facts: Facts) -> tuple[DraftTold, ...]:
    numbers = {draft.key: number for number, draft in state.drafts.items()}
    told = []
    for key, view in state.effects.items():
        call = parse(view.intent.operation, view.intent.arguments)
        if isinstance(call, CreatePost) and view.state == "applied" and view.outcome and view.outcome.object_id:
            number = numbers.get(key)
            draft = DraftTold(
                key=key,
                post=view.outcome.object_id,
                networks=_networks(call, facts),
                text=one_line("\n".join(texts_of(call)[:1]), MOST_TEXT),
                number=number,
                gone=state.drafts_gone.get(number, "") if number is not None else "",
            )
            told.append(draft)
    return tuple(told)


def _networks(call: CreatePost, facts: Facts) -> tuple[str, ...]:
    if call.accounts is MISSING or not call.accounts:
        return ("the default account",)
    return tuple(account_name(target.id, facts) for target in call.accounts)


def _why(state: RunState) -> str:
    for record in (state.stopped, state.deferred, state.gave_up):
        if record is not None:
            return record.says
    return ""


def _plain(arguments: str) -> dict[str, Any]:
    return dict(r.ARGUMENTS.validate_json(arguments))


def markdown(state: RunState, templates: Templates) -> str:
    """The report as Markdown. Its charts are files beside it: see `keep_report`."""
    return markdown_of(story_of(report_of(state)), templates)


def keep_report(runs: Path, state: RunState, templates: Templates) -> Path:
    """Write the report and its charts into the run's folder; returns the report. Raises JournalError."""
    blocks = story_of(report_of(state))
    pictures = {f"{block.chart.name}.svg": charts.svg(block.chart) for block in blocks if isinstance(block, Bars)}
    return write_report(runs, state.run, markdown_of(blocks, templates), pictures)
