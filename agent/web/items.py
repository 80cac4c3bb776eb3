"""What a page tells of an item of the queue: everything a person decides by, drawn from the run's journal. Pure."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from agent.api.catalogue import parse
from agent.api.comments import CreateComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.posts import UpdatePost
from agent.clock import zone_named
from agent.gate.decisions import ROLES, Person, confirmation
from agent.gate.details import details_of, stored_lines
from agent.gate.titles import named
from agent.gate.versions import workspace_of
from agent.journal import records as r
from agent.journal.findings import Finding
from agent.journal.fold import RunState
from agent.journal.ledger import Item
from agent.journal.views import CardView
from agent.policy.facts import Facts
from agent.policy.pack import Pack, Packs
from agent.policy.rules.case import text_of as words_of
from agent.report import facts_of
from agent.reports.times import zone_of
from agent.review.reviewer import draft_behind, waits_for
from agent.review.showing import became, due_text, text_of
from agent.text import one_line, seen, visible
from agent.web.parts import Doing, PartTold, doing, part_told
from agent.web.previews import PostCall, accounts_told


@dataclass(frozen=True)
class Looking:
    """Who looks, where they are, and what else telling needs. `sent` gives a post as this home last wrote it."""

    person: Person
    zone: tzinfo
    packs: Packs
    sent: Callable[[int], PostCall | None]


@dataclass(frozen=True)
class ItemTold:
    """An item for a page. What does not belong to its kind is empty.

    `may` says that this person's role decides it, `eyes` that four eyes forbid them to approve. `there` is the due time
    on its workspace's clock, `apart` that the reader's clock shows another. `confirm` is what has to be typed;
    `partly` says that the text that can be edited here is not all that the post says. `heir` is the card that took the
    place of a void one, `idle` says that what was approved is not under way.
    """

    item: Item
    title: str
    doing: Doing
    parts: tuple[PartTold, ...] = ()
    may: bool = True
    role: str = "editor"
    eyes: str = ""
    there: str = ""
    apart: bool = False
    out: str = ""
    zone: str = ""
    confirm: str = ""
    counted: bool = False
    text: str = ""
    hidden: bool = False
    edits: bool = False
    partly: bool = False
    rewrites: bool = False
    leaves: int = 0
    post: int = 0
    carded: int = 0
    heir: int = 0
    idle: bool = False
    again: bool = False
    undo: str = ""
    notes: tuple[str, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    became: str = ""
    asked: str = ""
    by: str = ""
    broken: str = ""

    @property
    def open(self) -> bool:
        """Whether it waits for a decision."""
        return self.item.state == "open" and not self.broken

    @property
    def stamp(self) -> str:
        """Another one means that the item looks otherwise."""
        return hashlib.sha256(repr(self).encode("utf-8", "replace")).hexdigest()[:12]


def tell(item: Item, state: RunState, looking: Looking) -> ItemTold:
    """An item of a run, as this person decides it."""
    facts = facts_of(state)
    opened = state.opened
    pack = looking.packs.of(opened.mode, opened.overlay) if opened else looking.packs.of("attended")
    view = state.cards.get(item.number)
    if view is not None:
        told = _card(item, view, state, facts, pack, looking)
    elif item.number in state.drafts:
        told = _draft(item, state, facts, pack, looking)
    elif item.number in state.questions:
        told = _question(item, state)
    else:
        told = _task(item, state)
    goal = state.goals[0] if len(state.goals) == 1 else None
    may = ROLES.get(looking.person.role, -1) >= ROLES[told.role]
    return replace(told, may=may, asked=one_line(goal.text, 400) if goal else "", by=goal.by if goal else "")


def broken(item: Item, why: str) -> ItemTold:
    """An item whose run cannot be read: nothing of it can be decided."""
    return ItemTold(item, item.title, Doing("Cannot be read", "triangle-alert", "bad"), broken=why)


def _card(item: Item, view: CardView, state: RunState, facts: Facts, pack: Pack, looking: Looking) -> ItemTold:
    card = view.card
    calls = [parse(card.operation, part.arguments) for part in view.parts]
    parts = tuple(
        part_told(place, call, part, facts, pack)
        for place, (call, part) in enumerate(zip(calls, view.parts, strict=True), 1)
    )
    first, instant = calls[0], view.parts[0].instant
    text = text_of(view.parts[0].arguments)
    worded = len(calls) == 1 and isinstance(first, UpdatePost | CreateComment | UpdateComment)
    wanted = confirmation(card, len(parts))
    return ItemTold(
        item=replace(item, state=view.state),
        title=parts[0].heading if len(parts) == 1 else _together(doing(first, card.effect, facts), first, len(parts)),
        doing=doing(first, card.effect, facts),
        parts=parts,
        role=card.role,
        eyes=card.not_by if card.not_by and card.not_by == looking.person.name else "",
        there=due_text(instant) if instant and card.due else "",
        apart=bool(card.due and instant) and _apart(card.due, instant, looking.zone),
        out="" if card.due else _out(first),
        zone=_zone(first, facts),
        confirm=wanted,
        counted=bool(wanted) and card.confirm == str(len(card.parts)) and len(card.parts) > 1,
        text=seen(text),
        hidden=visible(text) != text,
        edits=worded,
        partly=_partly(parts[0], text),
        rewrites=worded and view.state == "open",
        leaves=draft_behind(view, state) or 0,
        again=view.state in {"void", "rejected"},
        heir=_heir(view, state),
        idle=view.state == "approved" and not any(part.key in state.effects for part in view.parts),
        undo=card.undo,
        notes=card.notes,
        became=_became(view, state),
    )


def _heir(view: CardView, state: RunState) -> int:
    """The card that took the place of a void one: they share the key of their call. 0 where there is none."""
    if view.state != "void":
        return 0
    later = (number for number in state.cards if number > view.card.number)
    return max((one for one in later if state.cards[one].parts[0].key == view.parts[0].key), default=0)


def _partly(part: PartTold, text: str) -> bool:
    """Whether a post says more than one text, or says it in other words somewhere."""
    return any(block.text != text for preview in part.previews for block in preview.blocks)


def _together(does: Doing, call: Endpoint[Any], count: int) -> str:
    """One title over several calls, which are told one by one below it."""
    noun, _, number = named(call).rpartition(" ")
    return f"{does.word} {count} {noun}s" if noun and number.isdigit() else f"{count} calls"


def _apart(due: datetime | None, instant: str, zone: tzinfo) -> bool:
    there = zone_named(instant.partition(" ")[2])
    return due is not None and due.astimezone(zone).utcoffset() != due.astimezone(there).utcoffset()


def _out(call: Endpoint[Any]) -> str:
    """When it goes out where there is no due time."""
    if isinstance(call, UpdatePost):
        words = {"publish_now": "As soon as you approve", "schedule": "In the service's next free slot"}
        return words.get(call.schedule_type, "")
    return "As soon as you approve" if isinstance(call, CreateComment | UpdateComment) else ""


def _zone(call: Endpoint[Any], facts: Facts) -> str:
    return zone_of(workspace_of(call, facts), facts)


def _became(view: CardView, state: RunState) -> str:
    if view.state == "open":
        return ""
    decision = view.decision
    who = f" by {decision.who} ({decision.channel})" if decision else ""
    if view.state == "approved":
        effects = [part.key for part in view.parts if part.key in state.effects]
        return f"Approved{who}: {became(state, view)}" + ("" if effects else f"; {waits_for(state)}")
    reason = f", because: {decision.reason}" if decision and decision.reason else ""
    words = {"done": f"Approved{who}: {became(state, view)}", "rejected": f"Rejected{who}{reason}; nothing was sent"}
    return words.get(view.state, f"Void: {view.says}; nothing was sent")


_DRAFT = "Nobody sees a draft. This is how psa last wrote it; PostSyncer was not asked just now."
_LATER = "The run read other words in it than psa wrote: both are told here."

# -- drafts, questions, tasks --------------------------------------------------------------------------------------


def _draft(item: Item, state: RunState, facts: Facts, pack: Pack, looking: Looking) -> ItemTold:
    draft = state.drafts[item.number]
    call = looking.sent(draft.post)
    parts: tuple[PartTold, ...] = ()
    post = facts.posts.get(draft.post)
    written = [words_of(item) for item in call.content] if call is not None else []
    later = stored_lines(post) if post is not None and [item.text or "" for item in post.content] != written else []
    if call is not None:
        shows = (*details_of(call, facts), *later)
        part = r.CardPart(key=draft.key, arguments="", digest="", findings=_found(draft, state), shows=shows)
        parts = (part_told(1, call, part, facts, pack),)
    gone = state.drafts_gone.get(item.number, "")
    return ItemTold(
        item=item,
        title=f"Draft for {accounts_told(call, facts)}" if call is not None else draft.title,
        doing=Doing("Draft", "pencil", ""),
        parts=parts,
        zone=zone_of(call.workspace_id, facts) if call is not None else "",
        edits=True,
        rewrites=item.state == "open",
        leaves=draft.post,
        post=draft.post,
        carded=item.waits_as or 0,
        notes=(_DRAFT, *((_LATER,) if later else ())),
        became=f"Left the queue: {gone}" if gone else "",
    )


def _found(draft: r.DraftLeft, state: RunState) -> tuple[Finding, ...]:
    """What was found when the run last wrote the draft."""
    keys = [
        key
        for key, view in state.effects.items()
        if view.state == "applied" and view.outcome is not None and view.outcome.object_id == draft.post
    ]
    judged = state.judged.get(keys[-1]) if keys else None
    return judged.findings if judged is not None else draft.findings


def _question(item: Item, state: RunState) -> ItemTold:
    reply = state.replies.get(item.number)
    return ItemTold(
        item=item,
        title=state.questions[item.number].text,
        doing=Doing("Asks you", "message-circle", ""),
        became=f"Answered by {reply.who}: {reply.text}" if reply else "",
    )


def _task(item: Item, state: RunState) -> ItemTold:
    task = state.tasks.get(item.number)
    look = Doing("For you to settle", "circle-alert", "warn")
    if task is None:
        return ItemTold(item, item.title, look, became="Closed.")
    watched, effect = state.watched.get(task.key), state.effects.get(task.key)
    again = bool(watched is not None and watched.failed) or (effect is not None and effect.in_doubt)
    lines: Sequence[tuple[str, str]] = (("Look", task.look), ("Next", task.next))
    return ItemTold(item, task.says, look, lines=tuple(lines), again=again)
