"""How cards and other items look in a terminal, and deciding them there by typed commands."""

from datetime import datetime
from zoneinfo import ZoneInfo

import click

from agent.assembly import House
from agent.clock import local
from agent.commands.common import person, reviewer, tell
from agent.errors import PsaError
from agent.gate.decisions import confirmation
from agent.journal.fold import CardView
from agent.journal.ledger import Item
from agent.journal.run import Run
from agent.review.reviewer import Shown
from agent.text import visible


def due_text(instant: str) -> str:
    """`2026-12-01T08:00:00+00:00 Europe/Berlin` as `Tue 1 Dec 2026 09:00 Europe/Berlin`."""
    moment, _, zone = instant.partition(" ")
    there = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b %Y %H:%M} {zone}"


def item_line(item: Item) -> str:
    """An item of the queue on one line."""
    when = f"due {local(item.due)}" if item.due else ""
    until = f"decide before {local(item.expires)}" if item.expires and item.state == "open" else ""
    state = "approved, not sent yet" if item.state == "approved" else ""
    when, until = (state, when) if state else (when, until)
    times = ", ".join(part for part in (when, until) if part)
    return f"{item.number:>4}  {item.kind:<8} {visible(item.title, newlines=False)}" + (f"  ({times})" if times else "")


def card_text(view: CardView) -> str:
    """A whole card: what goes, the exact texts, why it waits, what can be undone."""
    card = view.card
    lines = [f"Card {card.number}: {card.title}", f"  {card.effect}, state: {view.state}, needs: {card.role}"]
    if card.due:
        lines.append(f"  due {due_text(view.parts[0].instant)} ({local(card.due)})")
    lines.append(f"  decide before {local(card.expires)}")
    for place, part in enumerate(view.parts, 1):
        if len(view.parts) > 1:
            lines.append(f"  {place}. {part.says}")
        lines.extend(f"     {line}" for line in part.shows)
        lines.extend(f"     ! {finding.says} [{finding.rule}]" for finding in part.findings)
    lines.extend(f"  note: {note}" for note in card.notes)
    if card.undo:
        lines.append(f"  undo: {card.undo}")
    left = confirmation(card, len(view.parts))
    if left:
        lines.append(f"  to approve, type or pass --confirm {left!r}")
    lines.append(f"  digest {card.digest[:16]}")
    return "\n".join(lines)


def shown_text(shown: Shown) -> str:
    """An item as `psa review show` prints it."""
    if shown.card is not None:
        return card_text(shown.card)
    item, state = shown.item, shown.state
    lines = [item_line(item), f"  from run {item.run}"]
    if item.kind == "task" and item.number in state.tasks:
        task = state.tasks[item.number]
        lines += [f"  look: {task.look}", f"  next: {task.next}"]
    if item.kind == "draft":
        draft = state.drafts[item.number]
        post = state.known.posts.get(draft.post)
        if post is not None:
            lines += [f"     | {line}" for content in post.content for line in visible(content.text or "").splitlines()]
        lines += [f"     ! {finding.says} [{finding.rule}]" for finding in draft.findings]
        lines.append(f"  next: psa review schedule {item.number} --at 'YYYY-MM-DD HH:MM', publish, or reject")
    if item.kind == "question":
        lines.append(f"  next: psa review answer {item.number} 'your answer'")
    return "\n".join(lines)


HELP = "approve N [confirmation] · reject N [why] · show N · later"


async def decide_now(house: House, run: Run) -> None:
    """Decide a run's cards in the terminal. Only a typed command decides; Enter alone does nothing."""
    tell(f"\nDecide now? {HELP}")
    people = reviewer(house, person(house, None, None))
    while run.state.open_cards:
        words = click.prompt("psa", default="", show_default=False, prompt_suffix="> ").split(maxsplit=2)
        if not words:
            tell(HELP)
            continue
        if words[0] in {"later", "quit", "exit", "q"}:
            return
        try:
            if words[0] in {"approve", "reject", "show"} and len(words) > 1 and words[1].isdigit():
                number, rest = int(words[1]), words[2] if len(words) > 2 else ""
                if words[0] == "show":
                    tell(shown_text(people.show(number)))
                elif words[0] == "approve":
                    await people.approve(number, rest, ())
                else:
                    await people.reject(number, rest, delete_draft=False)
            else:
                tell(HELP)
        except PsaError as error:
            tell(f"{error.message} {error.hint}".strip())
        run.catch_up()
