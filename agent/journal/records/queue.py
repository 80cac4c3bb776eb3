"""What waits for a person, and what the person decided."""

from datetime import datetime
from typing import Literal

from agent.journal.findings import Finding
from agent.journal.records.base import Record


class CardPart(Record):
    """One call on a card. `version` is the object's version it rests on, `instant` the due time with zone.

    `author` is whom a reply answers, as far as the service tells.
    """

    key: str
    arguments: str
    digest: str
    findings: tuple[Finding, ...] = ()
    says: str = ""
    shows: tuple[str, ...] = ()
    version: str = ""
    instant: str = ""
    author: str = ""


class Card(Record):
    """A call, or several of one operation, that wait for a person. `digest` covers the ordered parts.

    `not_by` is who may not approve it, because they asked for it (four eyes). `workspace` is what it is about,
    0 where that is not known.
    """

    kind: Literal["card"] = "card"
    number: int
    operation: str
    effect: str
    title: str
    parts: tuple[CardPart, ...]
    digest: str
    expires: datetime
    due: datetime | None = None
    role: str = "editor"
    confirm: str = ""
    undo: str = ""
    notes: tuple[str, ...] = ()
    not_by: str = ""
    workspace: int = 0


class Decided(Record):
    """A person decided on a card: for exactly this digest, until then. `parts` holds edited calls."""

    kind: Literal["decided"] = "decided"
    card: int
    digest: str
    decision: Literal["approve", "reject", "edit"]
    who: str
    role: str
    channel: str
    until: datetime
    reason: str = ""
    parts: tuple[CardPart, ...] = ()


class Voided(Record):
    """A card, or an approval, no longer holds: expired, or the object changed."""

    kind: Literal["voided"] = "voided"
    card: int
    says: str


class Task(Record):
    """Something only a person can settle: what was sent, what may have happened, what to look at."""

    kind: Literal["task"] = "task"
    number: int
    key: str
    says: str
    look: str
    next: str


class TaskClosed(Record):
    """A person settled a task."""

    kind: Literal["task_closed"] = "task_closed"
    number: int
    who: str
    how: str


class DraftLeft(Record):
    """A draft was made and stands in the review queue."""

    kind: Literal["draft_left"] = "draft_left"
    number: int
    post: int
    title: str
    key: str
    findings: tuple[Finding, ...] = ()
    workspace: int = 0


class DraftGone(Record):
    """A draft left the queue: promoted, deleted or waved through."""

    kind: Literal["draft_gone"] = "draft_gone"
    number: int
    how: str
