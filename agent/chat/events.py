"""What a conversation tells its face, piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: Who speaks. The model: `words` come in pieces as they arrive, `answer` is what it says when it finishes a goal,
#: `question` what it asks. psa itself, from the journal: all others.
Kind = Literal["words", "answer", "question", "thinking", "step", "card", "outcome", "note", "trouble"]

#: Kinds whose text a language model wrote.
OF_THE_MODEL: frozenset[Kind] = frozenset({"words", "answer", "question"})


@dataclass(frozen=True)
class Event:
    """One thing that happened. `text` holds no character that could move a cursor or hide; it may have several lines.

    `number` is the number in the queue that a card or a question has, else 0.
    """

    kind: Kind
    text: str
    number: int = 0


Tell = Callable[[Event], None]
