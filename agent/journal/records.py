"""The records of a run: what happened, appended once, never changed.

A key names one effect: run, turn, call and part (`r7.3.0.1`), never its arguments, never the attempt. Long texts are
kept once, by content hash, and stand here as `blob:<sha256>` (see `store.Store.keep`).
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.journal.findings import Finding, Mode

OutcomeState = Literal["applied", "rejected", "not_sent", "unknown"]
RunOutcome = Literal["done", "held", "asked", "refused", "deferred", "stopped", "failed_safe"]


class Record(BaseModel):
    """Base of all records."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(Record):
    """Budgets of one goal; `money` in US dollars, `seconds` of wall time."""

    turns: int = 40
    tokens: int = 400_000
    money: float = 1.0
    requests: int = 400
    seconds: int = 1200
    cards: int = 25


class Opened(Record):
    """A run begins.

    `channel` says by which face (`run`, `chat`, `night`, `review`). A night's run names its `job` and the local `date`
    it was due on, and the job's own policy `overlay` (a path).
    """

    kind: Literal["opened"] = "opened"
    mode: Mode
    service: str
    sandbox: bool
    model: str
    policy: str
    prompts: str
    workspaces: tuple[str, ...] = ()
    who: str
    limits: Limits
    features: tuple[str, ...] = ()
    channel: str = ""
    job: str = ""
    date: str = ""
    overlay: str = ""


class Goal(Record):
    """What a person wants, in their words; a conversation has several."""

    kind: Literal["goal"] = "goal"
    number: int
    text: str
    by: str


class Prompted(Record):
    """The part of every model request that never changes: system prompt and tools section, as sent."""

    kind: Literal["prompted"] = "prompted"
    system: str
    tools: str
    scope: tuple[int, ...]


class Reserved(Record):
    """A model turn is about to be asked for; its worst case is booked."""

    kind: Literal["reserved"] = "reserved"
    turn: int
    tokens: int
    money: float


class ToolCall(Record):
    """One call as the model wrote it."""

    id: str
    name: str
    arguments: str


class Turn(Record):
    """The model's answer: `reply` is the provider's message, verbatim."""

    kind: Literal["turn"] = "turn"
    turn: int
    reply: str
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0
    tries: int = 1


class ModelFailed(Record):
    """The model gave no usable answer; what it cost is booked all the same."""

    kind: Literal["model_failed"] = "model_failed"
    turn: int
    says: str


class Repaired(Record):
    """The model answered with something unusable; it is told what would fit."""

    kind: Literal["repaired"] = "repaired"
    turn: int
    says: str


class Told(Record):
    """A message to the model that answers no call: a goal (by number), replies to questions, a warning. As sent."""

    kind: Literal["told"] = "told"
    text: str
    goal: int = 0
    replies: bool = False
    warning: bool = False


class Compacted(Record):
    """From here on the model sees `text` in place of the turns before `first`; the journal keeps them all."""

    kind: Literal["compacted"] = "compacted"
    first: int
    text: str


class Judged(Record):
    """A call and its verdict. `arguments` are what may be sent, `proposed` what was asked for where that differs."""

    kind: Literal["judged"] = "judged"
    key: str
    tool: str
    operation: str
    arguments: str
    proposed: str = ""
    effect: str
    verdict: str
    findings: tuple[Finding, ...] = ()
    digest: str = ""


class Proposed(Record):
    """What a model's call stands for, fixed before its first effect: a resumed turn deals with just these parts."""

    kind: Literal["proposed"] = "proposed"
    turn: int
    call: int
    operation: str
    parts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()


class Followed(Record):
    """What follows from an applied effect was done: its echo compared, its draft put into the queue or taken out."""

    kind: Literal["followed"] = "followed"
    key: str


class Read(Record):
    """A read or sync was done; `body` is the answer as it came."""

    kind: Literal["read"] = "read"
    key: str
    operation: str
    arguments: str
    body: str


class ReadFailed(Record):
    """A read or sync failed after its retries."""

    kind: Literal["read_failed"] = "read_failed"
    key: str
    operation: str
    arguments: str
    error: str
    says: str
    status: int = 0
    body: str = ""


class Answered(Record):
    """What the model is told about one of its calls."""

    kind: Literal["answered"] = "answered"
    turn: int
    call: int
    text: str


class CardPart(Record):
    """One call on a card. `version` is the object's version it rests on, `instant` the due time with zone."""

    key: str
    arguments: str
    digest: str
    findings: tuple[Finding, ...] = ()
    says: str = ""
    shows: tuple[str, ...] = ()
    version: str = ""
    instant: str = ""


class Card(Record):
    """A call, or several of one operation, that wait for a person. `digest` covers the ordered parts."""

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


class Intent(Record):
    """An effect is about to be sent. On disk before the first byte leaves.

    `before` is the object as last read, `high` the highest post id seen (for creates), `deadline` when no answer can
    come any more.
    """

    kind: Literal["intent"] = "intent"
    key: str
    attempt: int
    operation: str
    arguments: str
    digest: str
    effect: str
    card: int | None = None
    before: str = ""
    high: int = 0
    send_before: datetime
    deadline: datetime


class Outcome(Record):
    """What became of an intent. `settled` says whether the answer, a later reading or a person told.

    `says` may hold the service's words and is for people; `error` and `fields` (names only) are what a model is told.
    """

    kind: Literal["outcome"] = "outcome"
    key: str
    attempt: int
    state: OutcomeState
    settled: Literal["answer", "reading", "person"] = "answer"
    status: int = 0
    body: str = ""
    object_id: int | None = None
    says: str = ""
    error: str = ""
    fields: tuple[str, ...] = ()


class Looked(Record):
    """Reconciling read the service; nothing could be settled yet."""

    kind: Literal["looked"] = "looked"
    key: str
    says: str
    at: datetime


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


class Expected(Record):
    """A post should be out at `due`: from now on it is watched. `accounts` are those it goes to, as sent."""

    kind: Literal["expected"] = "expected"
    key: str
    post: int
    due: datetime
    accounts: tuple[int, ...] = ()
    zone: str = "UTC"


WatchState = Literal["published", "partly", "failed", "late", "gone", "withdrawn", "moved"]


class Watched(Record):
    """A post was read back after its due time. `failed` are accounts it did not go out on, `due` where it was moved."""

    kind: Literal["watched"] = "watched"
    key: str
    post: int
    state: WatchState
    says: str
    failed: tuple[int, ...] = ()
    due: datetime | None = None


class DraftLeft(Record):
    """A draft was made and stands in the review queue."""

    kind: Literal["draft_left"] = "draft_left"
    number: int
    post: int
    title: str
    key: str
    findings: tuple[Finding, ...] = ()


class DraftGone(Record):
    """A draft left the queue: promoted, deleted or waved through."""

    kind: Literal["draft_gone"] = "draft_gone"
    number: int
    how: str


class Asked(Record):
    """The model asks the person."""

    kind: Literal["asked"] = "asked"
    number: int
    turn: int
    call: int
    text: str


class Replied(Record):
    """The person answered; the words count as words of the goal."""

    kind: Literal["replied"] = "replied"
    number: int
    text: str
    who: str


class Said(Record):
    """The model finished a goal; `refused` is what it did not do and why."""

    kind: Literal["said"] = "said"
    goal: int
    text: str
    refused: str = ""


class Stopped(Record):
    """A person stopped the run."""

    kind: Literal["stopped"] = "stopped"
    who: str
    says: str = ""


class Resumed(Record):
    """A person lets a stopped or given-up run go on; `who` is empty where a deferred run wakes by itself."""

    kind: Literal["resumed"] = "resumed"
    who: str


class Deferred(Record):
    """The run goes on at a known time."""

    kind: Literal["deferred"] = "deferred"
    until: datetime
    says: str


class GaveUp(Record):
    """The run ends with what it has: a budget, the repair cap, the service or the model."""

    kind: Literal["gave_up"] = "gave_up"
    says: str


class Closed(Record):
    """The run stands still; `outcome` is derived from the records before it."""

    kind: Literal["closed"] = "closed"
    outcome: RunOutcome


AnyRecord = Annotated[
    Opened
    | Goal
    | Prompted
    | Reserved
    | Turn
    | ModelFailed
    | Repaired
    | Told
    | Compacted
    | Judged
    | Proposed
    | Followed
    | Read
    | ReadFailed
    | Answered
    | Card
    | Decided
    | Voided
    | Intent
    | Outcome
    | Looked
    | Task
    | TaskClosed
    | Expected
    | Watched
    | DraftLeft
    | DraftGone
    | Asked
    | Replied
    | Said
    | Stopped
    | Resumed
    | Deferred
    | GaveUp
    | Closed,
    Field(discriminator="kind"),
]

READER: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
ARGUMENTS: TypeAdapter[dict[str, object]] = TypeAdapter(dict[str, object])
