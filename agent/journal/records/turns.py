"""The planner's side: what the model was told and asked, what it answered, and what that stands for."""

from typing import Literal

from agent.journal.records.base import Record


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


class Proposed(Record):
    """What a model's call stands for, fixed before its first effect: a resumed turn deals with just these parts."""

    kind: Literal["proposed"] = "proposed"
    turn: int
    call: int
    operation: str
    parts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()


class Answered(Record):
    """What the model is told about one of its calls."""

    kind: Literal["answered"] = "answered"
    turn: int
    call: int
    text: str


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
