"""A text cut into what a page marks: links, hashtags, mentions, and words that stand in a text from outside. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, pairwise

from agent.policy.entities import NETWORKS, hashtags, links, mentions

#: A line of a card that tells where words come from (see `agent/gate/details.py`); long words are cut there.
_LINE = re.compile(r'(from [^":]+|made up): "(.*)', re.DOTALL)
#: A hidden character as cards show it.
_SHOWN = re.compile(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}")
_MOST = 100


@dataclass(frozen=True)
class Origin:
    """Words of a text that came from somewhere else, such as `from comment 12`; `cut` says that they go on."""

    source: str
    words: str
    cut: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of a text. `kind` is empty, `link`, `hashtag` or `mention`; `source` is where its words came from."""

    text: str
    kind: str = ""
    source: str = ""


def origin_of(line: str) -> Origin | None:
    """What a line of a card tells about the origin of words; None for any other line."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    words = found[2]
    whole = words.endswith('"')
    return Origin(found[1], words[:-1] if whole else words.removesuffix("…"), cut=not whole)


def pieces_of(text: str, network: str, origins: Iterable[Origin] = ()) -> tuple[Piece, ...]:
    """The text in order, nothing left out: its pieces together are the text."""
    named = _Sweep(_entities(text, network))
    outside = _Sweep((start, end, one.source) for one in origins for start, end in _found(text, one))
    edges = sorted({0, len(text), *named.edges, *outside.edges})
    return tuple(
        Piece(text[start:end], "".join(named.over(start)), ", ".join(dict.fromkeys(outside.over(start))))
        for start, end in pairwise(edges)
    )


class _Sweep:
    """Which spans lie over a place, for places that are asked for in order: each span is looked at once."""

    def __init__(self, spans: Iterable[tuple[int, int, str]]) -> None:
        self._waiting = sorted(spans, reverse=True)
        self._open: list[tuple[int, int, str]] = []
        self.edges = [edge for start, end, _ in self._waiting for edge in (start, end)]

    def over(self, place: int) -> list[str]:
        """What the spans say that begin at or before the place and end after it."""
        while self._waiting and self._waiting[-1][0] <= place:
            self._open.append(self._waiting.pop())
        self._open = [span for span in self._open if span[1] > place]
        return [says for _, _, says in self._open]


def _entities(text: str, network: str) -> Iterable[tuple[int, int, str]]:
    network = network if network in NETWORKS else "linkedin"
    readers = ((links, "link"), (hashtags, "hashtag"), (mentions, "mention"))
    found = sorted((span.start, span.end, kind) for read, kind in readers for span in read(text, network))
    at = 0
    for start, end, kind in found:
        if start >= at:
            yield start, end, kind
            at = end


def _found(text: str, origin: Origin) -> Iterable[tuple[int, int]]:
    tokens = [_token(word) for word in origin.words.split()]
    if not tokens:
        return []
    # A whole word, or a figure, is no part of a longer one.
    first = r"(?<!\w)" if origin.words[0].isalnum() else ""
    last = r"(?!\w)" if origin.words[-1].isalnum() and not origin.cut else ""
    pattern = re.compile(first + r"\s+".join(tokens) + last)
    return [match.span() for match in islice(pattern.finditer(text), _MOST)]


def _token(word: str) -> str:
    """A word of a card's line as a pattern: a hidden character that is shown there stands itself in the text."""
    parts, at = [], 0
    for shown in _SHOWN.finditer(word):
        code = int(shown[0][2:], 16)
        itself = f"|{re.escape(chr(code))}" if code < 0x110000 else ""
        parts += [re.escape(word[at : shown.start()]), f"(?:{re.escape(shown[0])}{itself})"]
        at = shown.end()
    return "".join([*parts, re.escape(word[at:])])
