"""What a person decides about a card. Recording only: sending is `door.Gate.carry_out`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.api.catalogue import parse
from agent.api.comments import CreateComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.posts import UpdatePost
from agent.errors import Declined
from agent.gate.approvals import refuse_jump_back
from agent.gate.cards import Held, card_digest, decision_until, make_card, part_of
from agent.gate.door import Gate
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.policy.verdict import Finding, Verdict

ROLES = {"viewer": 0, "editor": 1, "owner": 2}


@dataclass(frozen=True)
class Person:
    """Who decides, and through which channel (`cli`, `web`, `chat`)."""

    name: str
    role: str
    channel: str


def card_in(run: Run, number: int) -> CardView:
    """The card, if it is open. Raises Declined that says what happened to it."""
    refuse_jump_back(run)
    view = run.state.cards.get(number)
    if view is None:
        raise Declined(f"Run {run.id} has no card {number}.", hint="`psa review list` shows what waits.")
    if view.state == "open" and run.clock.now() >= view.card.expires:
        run.add(r.Voided(card=number, says="nobody decided in time"))
        run.flush()
    if view.state != "open":
        raise Declined(f"Card {number} is {_what_happened(view)}.", hint="`psa review list` shows what waits.")
    return view


def _what_happened(view: CardView) -> str:
    if view.state == "void":
        return f"void: {view.says}"
    who = f" by {view.decision.who}" if view.decision else ""
    return {"approved": f"approved{who}", "rejected": f"rejected{who}", "done": f"already carried out, approved{who}"}[
        view.state
    ]


def check_four_eyes(view: CardView, person: Person) -> None:
    """Raises Declined where somebody else has to approve than the one who asked."""
    if view.card.not_by and view.card.not_by == person.name:
        raise Declined(
            f"Card {view.card.number} is approved by somebody else than {person.name}, who asked for it.",
            hint="Ask another of the people who share this home; you may reject it.",
        )


def check_role(view: CardView, person: Person) -> None:
    """Raises Declined where the person's role may not decide this card."""
    if ROLES.get(person.role, -1) < ROLES[view.card.role]:
        raise Declined(
            f"Card {view.card.number} needs the role {view.card.role}; {person.name} is {person.role}.",
            hint=f"Ask somebody with the role {view.card.role}.",
        )


def approve(
    gate: Gate, run: Run, number: int, person: Person, *, confirm: str = "", strike: Sequence[int] = ()
) -> None:
    """Approve a card for exactly its bytes. `strike` leaves parts out, counted from 1."""
    view = card_in(run, number)
    check_role(view, person)
    check_four_eyes(view, person)
    if any(not 1 <= place <= len(view.parts) for place in strike):
        raise Declined(
            f"Card {number} has calls 1 to {len(view.parts)}; --strike counts from 1.",
            hint=f"`psa review show {number}` numbers them.",
        )
    parts = tuple(part for place, part in enumerate(view.parts, 1) if place not in strike)
    if not parts:
        raise Declined("Nothing would be left of the card.", hint=f"`psa review reject {number}` rejects it.")
    wanted = confirmation(view.card, len(parts))
    if wanted and confirm != wanted:
        raise Declined(
            f"Card {number} needs a confirmation.",
            hint=f"Type {wanted!r} (the name, or how many go), or pass --confirm {wanted!r}.",
        )
    run.add(
        r.Decided(
            card=number,
            digest=card_digest(parts),
            decision="approve",
            who=person.name,
            role=person.role,
            channel=person.channel,
            until=decision_until(view.card, gate.clock.now()),
            parts=parts if len(parts) < len(view.parts) else (),
        )
    )
    run.flush()


def confirmation(card: r.Card, left: int) -> str:
    """What has to be typed: nothing, an account's name, or how many are `left` on a card over several."""
    counted = len(card.parts) > 1 and card.confirm == str(len(card.parts))
    return (str(left) if left > 1 else "") if counted else card.confirm


def reject(gate: Gate, run: Run, number: int, person: Person, reason: str) -> None:
    """Reject a card; the reason is told to the model if the run goes on."""
    view = card_in(run, number)
    check_role(view, person)
    run.add(
        r.Decided(
            card=number,
            digest=view.card.digest,
            decision="reject",
            who=person.name,
            role=person.role,
            channel=person.channel,
            until=gate.clock.now(),
            reason=reason,
        )
    )
    run.flush()


def edit(gate: Gate, run: Run, number: int, person: Person, text: str) -> str:
    """Put another text on a card and decide on the new bytes (see `put_on_card`)."""
    return put_on_card(gate, run, number, person, lambda call: with_text(call, text))


def put_on_card(
    gate: Gate,
    run: Run,
    number: int,
    person: Person,
    change: Callable[[Endpoint[Any]], Endpoint[Any]],
    *,
    decides: bool = True,
) -> str:
    """Put a changed call on a card of one call and decide on the new bytes. `change` makes it from the old one.

    If judging it adds no finding, this is the approval of it. Otherwise, or where the person only changes and does not
    decide (`decides`), the card is made anew with the findings and has to be decided; the sentence says which. Raises
    Declined where the change is none, is about another object, or is denied by the policy.
    """
    view = card_in(run, number)
    check_role(view, person)
    if decides:
        check_four_eyes(view, person)
    if len(view.parts) != 1:
        raise Declined("A card over several calls has no one text to edit.", hint="Reject it and say what you want.")
    part = view.parts[0]
    before = parse(view.card.operation, part.arguments)
    call = change(before)
    if _subject(call) != _subject(before):
        raise Declined("An edit of a card keeps what it is about.", hint="Reject it, and make a new draft.")
    judgement = gate.judge_decided(run, call, number)
    if judgement.verdict is Verdict.DENY:
        raise Declined(f"The policy denies this: {judgement.findings[0].says}", hint=judgement.findings[0].passes)
    held = Held(part.key, judgement)
    facts = gate.facts(run)
    fresh = part_of(held, facts, gate.client.origin).model_copy(update={"version": part.version})
    added = _added(judgement.findings, part.findings)
    if added or not decides:
        why = "with new findings" if added else "to be decided"
        run.add(r.Voided(card=number, says=f"edited by {person.name}; shown again {why}"))
        new = run.store.new_items(1)
        notes = dict.fromkeys((f"Edited by {person.name}.", *view.card.notes))
        card = make_card(new, [held], facts, gate.client.origin, list(notes))
        # Who may not decide is who asked, whoever changed it since.
        run.add(card.model_copy(update={"parts": (fresh,), "not_by": view.card.not_by}))
        run.flush()
        told = f"The new text has findings; it waits as card {new}: {added[0].says}" if added else ""
        return told or f"The change waits as card {new}."
    run.add(
        r.Decided(
            card=number,
            digest=card_digest((fresh,)),
            decision="edit",
            who=person.name,
            role=person.role,
            channel=person.channel,
            until=decision_until(view.card, gate.clock.now()),
            parts=(fresh,),
        )
    )
    run.flush()
    return f"Card {number} is approved with the new text."


def _added(found: Sequence[Finding], shown: Sequence[Finding]) -> list[Finding]:
    """What was not shown before. A note counts for nothing, and may tell an age."""
    known = {(one.rule, one.says) for one in shown}
    return [one for one in found if one.verdict is not Verdict.ALLOW and (one.rule, one.says) not in known]


def _subject(call: Endpoint[Any]) -> tuple[object, ...]:
    """What no edit of a card changes: the operation, its object and workspace, and whether it goes out."""
    fields = ("id", "workspace_id", "schedule_type", "post_id", "parent_comment_id", "comment")
    return (call.route.name, *(getattr(call, name, None) for name in fields))


def with_text(call: Endpoint[Any], text: str) -> Endpoint[Any]:
    """The same call with another text (of its first content item, or of the comment), parsed anew."""
    if isinstance(call, UpdatePost):
        values = call.model_dump(mode="json")
        values["content"][0]["text"] = text
    elif isinstance(call, CreateComment | UpdateComment):
        values = {**call.model_dump(mode="json"), "content": text}
    else:
        raise Declined(f"{call.route.name} has no text to edit.", hint="Approve or reject it.")
    return type(call).model_validate_json(r.ARGUMENTS.dump_json(values))


def drop_expired(run: Run) -> None:
    """Void open cards whose time is over."""
    now = run.clock.now()
    for view in run.state.open_cards:
        if now >= view.card.expires:
            run.add(r.Voided(card=view.card.number, says="nobody decided in time"))
    run.flush()
