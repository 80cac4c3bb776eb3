"""The run as blocks of words, in the order in which people ask: what was done, what waits, what failed, the cost."""

from collections.abc import Iterable, Mapping, Sequence

from agent.clock import moment
from agent.policy.places import in_words
from agent.reports.blocks import Block, Code, Facts, Heading, Item, Items, Line, Note, Title, Words
from agent.reports.performance import numbers_blocks
from agent.reports.told import CardTold, EffectTold, Reason, RunReport, Waiting
from agent.reports.words import counted, joined, ranges
from agent.text import one_line, visible

OUTCOMES = {
    "done": "done",
    "held": "waits for you",
    "asked": "has a question for you",
    "refused": "nothing was done",
    "deferred": "goes on later",
    "stopped": "stopped",
    "failed_safe": "gave up; what is done stands",
}
_BECAME = {
    "rejected": "refused by the service",
    "not_sent": "not sent",
    "unknown": "unknown whether it arrived",
    "sending": "sent, no answer yet",
}
_MOST_GOAL = 600
#: Calls of one card that are listed; `psa review show` lists them all.
_MOST_CALLS = 12


def story_of(told: RunReport) -> tuple[Block, ...]:
    """All blocks of a report."""
    parts: Sequence[Iterable[Block]] = (
        _opening(told),
        numbers_blocks(told.numbers, told.zone),
        _done(told),
        _watched(told),
        _waits(told),
        _decided(told),
        _because("Changed by the policy before sending", told.changed_because),
        _because("Refused by the policy", told.denied_because),
        _failed(told),
        _said(told),
        _cost(told),
    )
    return tuple(block for part in parts for block in part)


def _opening(told: RunReport) -> Iterable[Block]:
    words = OUTCOMES[told.outcome]
    code = "" if words == told.outcome else f" ({told.outcome})"
    yield Title(f"Run {told.run}: {words}{code}")
    rows = [("Goal", one_line(told.goal, _MOST_GOAL))] if told.goal else []
    if told.opened is not None:
        rows.append(("Started", moment(told.opened, told.zone)))
    if told.why:
        rows.append(("Ended", one_line(told.why, 600)))
    if told.goes_on is not None:
        rows.append(("Goes on", moment(told.goes_on, told.zone)))
    rows += [("Standing permission", one_line(one, 400)) for one in told.standing]
    rows += [("Revoked", f"the standing permission {name}, by what went wrong here") for name in told.revoked]
    rows.append(("Read", joined([one.says for one in told.read]) or "nothing"))
    yield Facts(tuple(rows))


def _done(told: RunReport) -> Iterable[Block]:
    drafts = {draft.key: draft for draft in told.drafts}
    items = []
    for effect in told.effects:
        draft = drafts.get(effect.key)
        if draft is not None:
            gone = f", since then {draft.gone}" if draft.gone else ""
            text = f"on {', '.join(draft.networks)}{gone}: {_quoted(draft.text)}"
            items.append(Item(text, head=f"draft {draft.post}"))
        elif effect.outcome == "applied":
            items.append(Item(f"{effect.title}{_arrow(effect)}{_by(effect)}", head="done"))
    if items:
        yield Heading("What was done")
        yield Items(tuple(items))


def _watched(told: RunReport) -> Iterable[Block]:
    if told.watched:
        yield Heading("Read back after the due time")
        yield Items(tuple(Item(one.says, head=one.state) for one in told.watched))


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "(no text)"


def _arrow(effect: EffectTold) -> str:
    return f" → {effect.object_id}" if effect.object_id else ""


def _by(effect: EffectTold) -> str:
    if effect.standing:
        return f" (without a card, by the standing permission {effect.standing})"
    return f" (card {effect.card}, decided by {one_line(effect.decided_by, 60)})" if effect.decided_by else ""


def _waits(told: RunReport) -> Iterable[Block]:
    cards = [card for card in told.cards if card.state == "open"]
    if not cards and not told.waiting:
        return
    yield Heading("Waits for you")
    shared = _shared(cards)
    yield Items((*(_card(card, shared) for card in cards), *(_waiting(one, told) for one in told.waiting)))
    notes = [reason for reason in told.held_because if reason.verdict == "allow"]
    reasons = [reason for reason in told.held_because if reason.verdict != "allow"]
    for title, those in (("Why the cards wait" if len(cards) > 1 else "Why the card waits", reasons), ("Noted", notes)):
        if those:
            yield Heading(title, small=True)
            yield Items(tuple(_reason(reason, cards=len(cards) > 1) for reason in those))
    if shared:
        yield Heading("About several cards", small=True)
        yield Items(tuple(Item(f"{says} (cards {ranges(numbers)})", name) for (name, says), numbers in shared.items()))
    if cards:
        number = "N" if len(cards) > 1 else cards[0].number
        yield Note(f"psa review show {number} tells all of it, psa review reject {number} turns it down.")
    drafts = [one.number for one in told.waiting if one.kind == "draft"]
    if drafts:
        text = "A draft goes out only when you say so: schedule, publish or reject it, for example with"
        yield Note(text, Code(f"psa review schedule {drafts[0]} --at 'YYYY-MM-DD HH:MM'"))


Remark = tuple[str, str]


def _remarks(card: CardTold) -> list[Remark]:
    """What a card says beside the call: notes, and how it can be undone."""
    undo = [("undo", one_line(card.undo, 300))] if card.undo else []
    return [*(("note", one_line(note, 300)) for note in card.notes), *undo]


def _shared(cards: Sequence[CardTold]) -> dict[Remark, list[int]]:
    """Remarks that several cards make, with the numbers of those: they are told once."""
    found: dict[Remark, list[int]] = {}
    for card in cards:
        for remark in dict.fromkeys(_remarks(card)):
            found.setdefault(remark, []).append(card.number)
    return {remark: numbers for remark, numbers in found.items() if len(numbers) > 1}


def _card(card: CardTold, shared: Mapping[Remark, list[int]]) -> Item:
    several = len(card.calls) > 1
    lines = [Line(f"{place}.", call.title) for place, call in enumerate(card.calls[:_MOST_CALLS], 1) if several]
    if len(card.calls) > _MOST_CALLS:
        lines.append(Line("…", f"and {len(card.calls) - _MOST_CALLS} more: psa review show {card.number}"))
    due = moment(card.due, card.zone) if card.due else ""
    if due and due not in card.title:
        lines.append(Line("due", due))
    lines.append(Line("decide before", moment(card.expires, card.zone)))
    lines += [Line(name, says) for name, says in _remarks(card) if (name, says) not in shared]
    lines.append(Line("decide", code=Code(card.decide)))
    text = f"{len(card.calls)} calls, decided together" if several else card.title
    return Item(text, head=f"card {card.number}", lines=tuple(lines))


def _waiting(one: Waiting, told: RunReport) -> Item:
    head = f"{one.kind} {one.number}"
    if one.kind == "question":
        return Item(one.text, head, (Line("answer", code=Code(f"psa review answer {one.number} 'your answer'")),))
    if one.kind == "task":
        return Item(one.text, head, (Line("settled", code=Code(f"psa review done {one.number}")),))
    draft = next((draft for draft in told.drafts if draft.number == one.number), None)
    return Item(f"post {one.post} on {', '.join(draft.networks)}" if draft else one.text, head)


def _decided(told: RunReport) -> Iterable[Block]:
    items = [
        Item(
            f"{card.title}: {card.state}{' by ' + one_line(card.decided_by, 60) if card.decided_by else ''}"
            f"{' (' + one_line(card.says, 200) + ')' if card.says else ''}",
            head=f"card {card.number}",
        )
        for card in told.cards
        if card.state not in {"open", "done"}  # what is done stands above, call by call
    ]
    if items:
        yield Heading("Cards that did not go out")
        yield Items(tuple(items))


def _because(heading: str, reasons: Sequence[Reason]) -> Iterable[Block]:
    if reasons:
        yield Heading(heading)
        yield Items(tuple(_reason(reason, calls=True) for reason in reasons))


def _reason(reason: Reason, *, cards: bool = False, calls: bool = False) -> Item:
    says = in_words(reason.says.rstrip())
    if reason.also:
        says = f"{says.removesuffix('.')}; the same for {ranges(reason.also)}."
    if reason.later:
        says = f"Later, when it goes out: {says}"
    which = f"{'cards' if len(reason.cards) > 1 else 'card'} {ranges(reason.cards)}; "
    where = which if cards and reason.cards else ""
    lines = [Line("evidence", one_line(reason.evidence, 200))] if calls and reason.evidence else []
    if reason.passes and reason.verdict != "hold":  # what is held passes by being approved
        lines.append(Line("would pass", one_line(reason.passes, 300)))
    if calls:
        lines += [Line("call", one_line(title, 200)) for title in reason.calls]
    return Item(f"{says} ({where}{reason.rule})", lines=tuple(lines))


def _failed(told: RunReport) -> Iterable[Block]:
    items = [
        Item(
            f"{effect.title}{': ' + one_line(effect.says, 400) if effect.says else ''}{_by(effect)}",
            head=_BECAME[effect.outcome],
        )
        for effect in told.effects
        if effect.outcome != "applied"
    ]
    said: dict[str, list[str]] = {}
    for failed in told.failed:
        said.setdefault(one_line(failed.says, 400), []).append(failed.about)
    items += [Item(f"{joined(list(dict.fromkeys(about)))}: {says}", head="not read") for says, about in said.items()]
    if items:
        yield Heading("What failed")
        yield Items(tuple(items))


def _said(told: RunReport) -> Iterable[Block]:
    if not told.said and not told.refused:
        return
    yield Heading("In the planner's words (not checked)")
    yield Words(tuple(_lines(told.said)))
    if told.refused:
        yield Note("What it says it left undone:")
        yield Words(tuple(_lines(told.refused)))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in visible(text).strip().splitlines()]


def _cost(told: RunReport) -> Iterable[Block]:
    yield Heading("What it cost")
    rows = []
    if told.turns or told.model_failed:
        money = f", ${told.money:.4f}" if told.money else ""
        rows.append(("Model", f"{counted(told.turns, 'turn')}, {counted(told.tokens, 'token')}{money}, {told.model}"))
    again = _again(told)
    if again:
        rows.append(("Retries", again))
    rows.append(("Requests", f"{told.requests:,} to {told.service}, {told.reads:,} of them reads"))
    yield Facts(tuple(rows))


def _again(told: RunReport) -> str:
    """That the model had to be asked more than once, and how it failed, in one line."""
    more = counted(told.asked_again, "more time")
    parts = [f"the model had to be asked {more}"] if told.asked_again else []
    if told.model_failed:
        reasons = joined(list(dict.fromkeys(one_line(says, 200) for says in told.model_failed)))
        parts.append(f"it gave no answer {counted(len(told.model_failed), 'time')}: {reasons}")
    return "; ".join(parts)
