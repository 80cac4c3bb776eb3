"""The records of a run: what happened, appended once, never changed.

A key names one effect: run, turn, call and part (`r7.3.0.1`), never its arguments, never the attempt. Long texts are
kept once, by content hash, and stand here as `blob:<sha256>` (see `store.Store.keep`).
"""

from typing import Annotated

from pydantic import Field, TypeAdapter

from agent.journal.records.base import Limits, Record
from agent.journal.records.effects import (
    Expected,
    Followed,
    Intent,
    Judged,
    Looked,
    Outcome,
    OutcomeState,
    Read,
    ReadFailed,
    StandingAllowed,
    StandingRevoked,
    StandingUse,
    Watched,
    WatchState,
)
from agent.journal.records.queue import Card, CardPart, Decided, DraftGone, DraftLeft, Task, TaskClosed, Voided
from agent.journal.records.runs import (
    Closed,
    Deferred,
    GaveUp,
    Goal,
    Opened,
    Resumed,
    RunOutcome,
    Said,
    Scanned,
    Stopped,
)
from agent.journal.records.turns import (
    Answered,
    Asked,
    Compacted,
    ModelFailed,
    Prompted,
    Proposed,
    Repaired,
    Replied,
    Reserved,
    Told,
    ToolCall,
    Turn,
)

__all__ = [
    "ARGUMENTS",
    "READER",
    "Answered",
    "AnyRecord",
    "Asked",
    "Card",
    "CardPart",
    "Closed",
    "Compacted",
    "Decided",
    "Deferred",
    "DraftGone",
    "DraftLeft",
    "Expected",
    "Followed",
    "GaveUp",
    "Goal",
    "Intent",
    "Judged",
    "Limits",
    "Looked",
    "ModelFailed",
    "Opened",
    "Outcome",
    "OutcomeState",
    "Prompted",
    "Proposed",
    "Read",
    "ReadFailed",
    "Record",
    "Repaired",
    "Replied",
    "Reserved",
    "Resumed",
    "RunOutcome",
    "Said",
    "Scanned",
    "StandingAllowed",
    "StandingRevoked",
    "StandingUse",
    "Stopped",
    "Task",
    "TaskClosed",
    "Told",
    "ToolCall",
    "Turn",
    "Voided",
    "WatchState",
    "Watched",
]

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
    | StandingAllowed
    | StandingRevoked
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
    | Closed
    | Scanned,
    Field(discriminator="kind"),
]

READER: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
ARGUMENTS: TypeAdapter[dict[str, object]] = TypeAdapter(dict[str, object])
