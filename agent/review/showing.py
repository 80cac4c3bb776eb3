"""How cards and other items of the queue are told to people. Pure; every outside text in it was made visible before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.clock import local, moment_or_local
from agent.gate.decisions import confirmation
from agent.gate.details import stored_lines
from agent.journal.findings import Finding, Verdict
from agent.journal.fold import RunState
from agent.journal.records import ARGUMENTS
from agent.journal.views import CardView
from agent.policy.places import in_words
from agent.review.queue import item_line
from agent.review.reviewer import Shown
from agent.text import one_line, visible


@dataclass(frozen=True)
class Ways:
    """How a face tells what to type next; filled in with `number` and, for a card, `confirm`."""

    confirm: str
    draft: str
    question: str
    task: str


CLI = Ways(
    confirm="to approve, type or pass --confirm {confirm!r}",
    draft="next: psa review schedule {number} --at 'YYYY-MM-DD HH:MM', publish, or reject",
    question="next: psa review answer {number} 'your answer'",
    task="then: psa review done {number}, or psa review again {number} for a new card",
)


def due_text(instant: str) -> str:
    """`2026-12-01T08:00:00+00:00 Europe/Berlin` as `Tue 1 Dec 2026 09:00 Europe/Berlin`."""
    moment, _, zone = instant.partition(" ")
    there = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b %Y %H:%M} {zone}"


def card_text(view: CardView, ways: Ways = CLI) -> str:
    """A whole card: what goes, the exact texts, why it waits, what can be undone."""
    card = view.card
    needs = f"{card.role}, another than {card.not_by}" if card.not_by else card.role
    lines = [f"Card {card.number}: {card.title}", f"  {card.effect}, state: {view.state}, needs: {needs}"]
    if card.due:
        lines.append(f"  due {due_text(view.parts[0].instant)} ({local(card.due)})")
    lines.append(f"  decide before {moment_or_local(card.expires, view.parts[0].instant.partition(' ')[2])}")
    for place, part in enumerate(view.parts, 1):
        if len(view.parts) > 1:
            lines.append(f"  {place}. {part.says}")
        lines.extend(f"     {line}" for line in part.shows)
        lines.extend(line for finding in part.findings for line in _finding(finding, part.shows))
    lines.extend(f"  note: {note}" for note in card.notes)
    if card.undo:
        lines.append(f"  undo: {card.undo}")
    left = confirmation(card, len(view.parts))
    if left:
        lines.append("  " + ways.confirm.format(number=card.number, confirm=left))
    lines.append(f"  digest {card.digest[:16]}")
    return _lines(lines)


def _finding(finding: Finding, shown: Sequence[str] = ()) -> list[str]:
    """A finding with what it was found in; the mark is for what somebody has to look at, not for notes.

    What is `shown` already is not told twice.
    """
    mark = "-" if finding.verdict is Verdict.ALLOW else "!"
    lines = [f"     {mark} {in_words(finding.says)} [{finding.rule}]"]
    found = one_line(finding.evidence, 300)
    return [*lines, f"       found: {found}"] if found and found not in shown else lines


def shown_text(shown: Shown, ways: Ways = CLI) -> str:
    """An item in full."""
    if shown.card is not None:
        return card_text(shown.card, ways)
    item, state = shown.item, shown.state
    lines = [item_line(item), f"  from run {item.run}"]
    if item.kind == "task" and item.number in state.tasks:
        task = state.tasks[item.number]
        lines += [f"  look: {task.look}", f"  next: {task.next}", f"  {ways.task.format(number=item.number)}"]
    if item.kind == "draft":
        draft = state.drafts[item.number]
        post = state.known.posts.get(draft.post)
        if post is not None:
            lines += [f"     {line}" for line in stored_lines(post)]
        lines += [line for finding in draft.findings for line in _finding(finding)]
        lines.append(f"  {ways.draft.format(number=item.number)}")
    if item.kind == "question":
        lines.append(f"  {ways.question.format(number=item.number)}")
    return _lines(lines)


def _lines(lines: list[str]) -> str:
    """Lines as one text; no part of one can begin another."""
    return "\n".join(visible(line, newlines=False) for line in lines)


def became(state: RunState, view: CardView) -> str:
    """What a decision led to, in words."""
    if view.state == "void":
        return f"void: {view.says}"
    if view.state == "rejected":
        return "rejected, nothing was sent"
    effects = [state.effects[part.key] for part in view.parts if part.key in state.effects]
    if not effects:
        return "approved, not sent yet"
    told = [f"{one.state}{': ' + one.outcome.says if one.outcome and one.outcome.says else ''}" for one in effects]
    return "; ".join(dict.fromkeys(told))


def text_of(arguments: str) -> str:
    """The text that an edit of a card's call would replace."""
    content = ARGUMENTS.validate_json(arguments).get("content", "")
    if isinstance(content, list) and content and isinstance(content[0], dict):
        return str(content[0].get("text") or "")
    return content if isinstance(content, str) else ""
