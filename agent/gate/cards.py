"""Cards: what a person sees and decides about. Pure: from calls, facts and findings to a card."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import MISSING

from agent.api.accounts import DeleteAccount
from agent.api.comments import CreateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import UpdatePost, UpdatePostContactCollection
from agent.api.types import Post
from agent.gate.details import details_of
from agent.gate.titles import title_of
from agent.gate.undo import undo_note
from agent.gate.versions import due_instant, object_of, version_of, workspace_of
from agent.journal import records as r
from agent.policy.authors import author_of
from agent.policy.effects import only_labels
from agent.policy.facts import Facts
from agent.policy.rules.approvals import FOUR_EYES
from agent.policy.rules.origin import KEPT_ORIGIN
from agent.policy.rules.times import SENDING
from agent.policy.verdict import Judgement
from agent.text import one_line

DESTRUCTIVE_LIVES = timedelta(hours=24)
PUBLISH_LIVES = timedelta(hours=2)
PUBLISH_LIVES_AT_NIGHT = timedelta(hours=12)
REPLY_LIVES = timedelta(hours=72)
SCHEDULE_LIVES = timedelta(days=7)
DECISION_LIVES = timedelta(hours=24)


@dataclass(frozen=True)
class Held:
    """A call that waits, with the key of its effect."""

    key: str
    judgement: Judgement


def post_of(call: Endpoint[Any], facts: Facts) -> Post | None:
    """The post a call changes, as last read."""
    found = object_of(call, facts)
    return found if isinstance(found, Post) else None


def part_of(held: Held, facts: Facts, origin: str) -> r.CardPart:
    """One call of a card, with the digest of the exact request and the version it rests on."""
    call = held.judgement.call
    instant = instant_of(call, facts)
    return r.CardPart(
        key=held.key,
        arguments=call.model_dump_json(),
        digest=call.request().digest(origin, instant),
        findings=held.judgement.findings,
        says=title_of(call, facts),
        shows=(*details_of(call, facts), *_kept_origins(held)),
        version=version_of(call, facts),
        instant=instant,
        author=_answers(call, facts),
    )


def _kept_origins(held: Held) -> list[str]:
    """Where words of a draft came from when it was written: its run read that, this one may not have."""
    kept = (one.evidence for one in held.judgement.findings if one.rule == KEPT_ORIGIN)
    return list(dict.fromkeys(one_line(evidence, 300) for evidence in kept))


def instant_of(call: Endpoint[Any], facts: Facts) -> str:
    """The due instant in UTC with the zone it was meant in; empty for a call without a time."""
    due = _due(call, facts)
    workspace = facts.workspaces.get(getattr(call, "workspace_id", 0) or 0)
    return f"{due.isoformat()} {workspace.timezone}" if due and workspace else ""


def make_card(number: int, held: Sequence[Held], facts: Facts, origin: str, notes: Sequence[str]) -> r.Card:
    """A card over one call, or over several of one operation."""
    parts = tuple(part_of(one, facts, origin) for one in held)
    first = held[0].judgement
    title = parts[0].says if len(parts) == 1 else _together([part.says for part in parts])
    dues = [due for one in held if (due := _due(one.judgement.call, facts)) is not None]
    due = min(dues, default=None)  # what goes out first sets the time for all
    return r.Card(
        number=number,
        operation=first.call.route.name,
        effect=first.effect.value,
        title=title,
        parts=parts,
        digest=card_digest(parts),
        expires=min(_expires(one.judgement, facts, _due(one.judgement.call, facts)) for one in held),
        due=due,
        role="owner" if isinstance(first.call, DeleteAccount | UpdatePostContactCollection) else "editor",
        confirm=_confirm(first.call, len(parts), facts),
        undo=undo_note(first.call, first.effect, post_of(first.call, facts)),
        notes=tuple(notes),
        not_by=facts.asked_by if _two_people(held) else "",
        workspace=_workspace(held, facts),
    )


def _workspace(held: Sequence[Held], facts: Facts) -> int:
    """The workspace that all of them are about; 0 where they are about several, or where it is not known."""
    found = {workspace_of(one.judgement.call, facts) for one in held}
    return found.pop() if len(found) == 1 else 0


def _two_people(held: Sequence[Held]) -> bool:
    """Whether the policy wants somebody else to approve than asked for it."""
    return any(finding.rule == FOUR_EYES for one in held for finding in one.judgement.findings)


def _answers(call: Endpoint[Any], facts: Facts) -> str:
    """Whom a reply answers, as far as the service tells."""
    if not isinstance(call, CreateComment) or call.parent_comment_id is MISSING:
        return ""
    comment = facts.comments.get(call.parent_comment_id)
    return author_of(comment) if comment is not None else ""


def _together(titles: Sequence[str]) -> str:
    """One title over several of a kind: what is done, to how many, and the first few."""
    shown = "; ".join(titles[:3])
    more = f"; and {len(titles) - 3} more" if len(titles) > 3 else ""
    return f"{len(titles)} calls: {shown}{more}"


def card_digest(parts: Sequence[r.CardPart]) -> str:
    """Digest over the ordered list of parts."""
    return hashlib.sha256("\n".join(part.digest for part in parts).encode()).hexdigest()


def decision_until(card: r.Card, now: datetime) -> datetime:
    """How long a decision may be carried out: a day (publishing: two hours), and before the due time."""
    publish = card.operation == "UpdatePost" and card.effect == Effect.OUTBOUND and card.due is None
    until = now + (PUBLISH_LIVES if publish else DECISION_LIVES)
    return min(until, card.expires) if card.due else until


def shares_a_card(judgement: Judgement, facts: Facts) -> bool:
    """Whether held calls of one turn share a card: what the public would see never does, a change of labels does."""
    if judgement.effect is not Effect.OUTBOUND:
        return True
    post = post_of(judgement.call, facts)
    return isinstance(judgement.call, UpdatePost) and post is not None and only_labels(judgement.call, post)


def _due(call: Endpoint[Any], facts: Facts) -> datetime | None:
    workspace = getattr(call, "workspace_id", None)
    if isinstance(workspace, int) and workspace in facts.workspaces:
        return due_instant(call, facts.zone(workspace))
    return None


def _expires(judgement: Judgement, facts: Facts, due: datetime | None) -> datetime:
    now = facts.now.astimezone(UTC)
    if judgement.effect is Effect.DESTRUCTIVE or judgement.effect is Effect.CONFIG:
        return now + DESTRUCTIVE_LIVES
    if isinstance(judgement.call, UpdatePost) and judgement.call.schedule_type == "publish_now":
        return now + (PUBLISH_LIVES_AT_NIGHT if facts.mode == "unattended" else PUBLISH_LIVES)
    if due is not None:
        return max(min(first_due(judgement.call, due, facts) - SENDING, now + SCHEDULE_LIVES), now)
    return now + (REPLY_LIVES if isinstance(judgement.call, CreateComment) else SCHEDULE_LIVES)


def first_due(call: Endpoint[Any], due: datetime, facts: Facts) -> datetime:
    """The earlier of a new due time and the one the post still has: after that it is out already."""
    post = post_of(call, facts)
    workspace = getattr(call, "workspace_id", None)
    if post is None or post.status != "SCHEDULED" or not isinstance(workspace, int):
        return due
    try:
        standing = post.due(facts.zone(workspace))
    except ValueError:
        return due
    return min(due, standing) if standing else due


def _confirm(call: Endpoint[Any], count: int, facts: Facts) -> str:
    """What has to be typed: the name of an account, or how many are deleted."""
    if isinstance(call, DeleteAccount):
        account = facts.accounts.get(call.id)
        return account.label if account else str(call.id)
    return str(count) if count > 1 and call.route.effect is Effect.DESTRUCTIVE else ""
