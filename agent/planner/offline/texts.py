"""Plain sentences about a subject, for goals that quote no text: they claim nothing the goal does not say."""

import re
from collections.abc import Sequence

from agent.planner.offline.words import CannotDo

_ABOUT = (
    "A note about {subject}.",
    "What would you like to know about {subject}?",
    "Questions about {subject}? Write to us.",
    "Tell us what you think about {subject}.",
    "Curious about {subject}? Ask us here.",
    "Let us talk about {subject}.",
    "Which question about {subject} should we answer first?",
)
_ANNOUNCED = "We are announcing {subject}."
MOST_TEXTS = len(_ABOUT)


def compose(subject: str, count: int, *, announce: bool = False) -> tuple[str, ...]:
    """`count` different sentences about a subject. Raises CannotDo above `MOST_TEXTS`."""
    sentences: Sequence[str] = (_ANNOUNCED, *_ABOUT[1:]) if announce else _ABOUT
    if count > len(sentences):
        raise CannotDo(f"The offline planner composes at most {len(sentences)} different texts, not {count}.")
    return tuple(sentence.format(subject=subject) for sentence in sentences[:count])


def title_of(text: str, most: int = 100) -> str:
    """The first sentence or line of a text as a title, cut between words; without the signs a title cannot hold."""
    first = re.split(r"(?<=[.!?])\s|\n", text.strip())[0].replace("<", "").replace(">", "").rstrip(".")
    if len(first) <= most:
        return first
    return first[:most].rsplit(" ", 1)[0]


def excerpt(text: str, most: int = 60) -> str:
    """A text on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
