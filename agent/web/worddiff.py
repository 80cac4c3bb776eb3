"""What changed between two texts, word by word. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "ins", "del"]

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
#: Comparing takes time by the product of both lengths: beyond this lines are compared, beyond that whole texts.
_MOST_PAIRS = 1_000_000


@dataclass(frozen=True)
class Change:
    """A stretch of text that stayed, came in or went."""

    kind: Kind
    text: str


def word_diff(before: str, after: str) -> tuple[Change, ...]:
    """The two texts as one, in order: what stayed once, what went before what came."""
    if before == after:
        return (Change("same", after),) if after else ()
    for split in (_WORDS.findall, _lines):
        old, new = split(before), split(after)
        if len(old) * len(new) <= _MOST_PAIRS:
            return tuple(_changes(old, new))
    return tuple(_pair(before, after))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """What stayed and what changed; blanks between two changes belong to both, so that phrases stay together."""
    found: list[Change] = []
    went = came = ""
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for place, (tag, a, b, c, d) in enumerate(steps):
        stayed = "".join(old[a:b])
        if tag != "equal" or (went and came and not stayed.strip() and place + 1 < len(steps)):
            went, came = went + stayed, came + "".join(new[c:d])
            continue
        found += _pair(went, came)
        went = came = ""
        found.append(Change("same", stayed))
    return [*found, *_pair(went, came)]


def _pair(went: str, came: str) -> list[Change]:
    return [change for change in (Change("del", went), Change("ins", came)) if change.text]
