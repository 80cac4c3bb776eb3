"""What a run's records add up to, piece by piece: a card, an effect, a turn, what a goal has used."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent.journal import records as r

CardState = Literal["open", "approved", "rejected", "done", "void"]


@dataclass
class CardView:
    """A card and what became of it; `parts` are the calls in force, edited ones included."""

    card: r.Card
    parts: tuple[r.CardPart, ...]
    state: CardState = "open"
    decision: r.Decided | None = None
    decided_at: datetime | None = None
    says: str = ""


@dataclass
class EffectView:
    """One effect: its intents, and what is known of it."""

    intent: r.Intent
    attempts: int = 1
    outcome: r.Outcome | None = None
    looks: list[datetime] = field(default_factory=list)
    failures: int = 0
    followed: bool = False
    was_unknown: bool = False

    @property
    def state(self) -> r.OutcomeState | Literal["sending"]:
        """Outcome of the last attempt; `sending` while nobody has written one."""
        return self.outcome.state if self.outcome else "sending"

    @property
    def in_doubt(self) -> bool:
        """Whether reading has to tell what happened."""
        return self.state in {"sending", "unknown"} and not self.settled_by_person

    @property
    def settled_by_person(self) -> bool:
        """Whether a person has said what became of it."""
        return self.outcome is not None and self.outcome.settled == "person"


@dataclass
class TurnView:
    """A model turn and how far its calls have been dealt with."""

    turn: r.Turn
    answers: dict[int, str] = field(default_factory=dict)


@dataclass
class Spent:
    """What the current goal has used."""

    turns: int = 0
    tokens: int = 0
    money: float = 0.0
    requests: int = 0
    cards: int = 0
    repairs: int = 0
    since: datetime | None = None
