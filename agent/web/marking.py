"""A text cut into what a page marks: links, hashtags, mentions, and words that stand in a text from outside. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from agent.policy.entities import NETWORKS, hashtags, links, mentions

#: A line of a card that tells where words come from (see `agent/gate/details.py`); long words are cut there.
_LINE = re.compile(r'from ([^":]+): "(.*)', re.DOTALL)
#: A hidden character as cards show it.
_SHOWN = re.compile(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}")
_MOST = 100


@dataclass(frozen=True)
class Origin:
    """Words of a text that came from somewhere else, such as `comment 12`; `cut` says that they go on."""

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
    named = _Spans([(start, end, kind) for start, end, kind in _entities(text, network)])
    outside = _Spans(_merged((start, end, one.source) for one in origins for start, end in _found(text, one)))
    edges = sorted({0, len(text), *named.edges, *outside.edges})
    return tuple(Piece(text[start:end], named.at(start), outside.at(start)) for start, end in pairwise(edges))


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


def _merged(spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans without overlap; where two lie over each other both sources are named."""
    merged: list[tuple[int, int, str]] = []
    for start, end, source in sorted(spans):
        if merged and start < merged[-1][1]:
            before = merged.pop()
            sources = ", ".join(dict.fromkeys((*before[2].split(", "), source)))
            merged.append((before[0], max(before[1], end), sources))
        else:
            merged.append((start, end, source))
    return merged


class _Spans:
    """Which span a place lies in."""

    def __init__(self, spans: Sequence[tuple[int, int, str]]) -> None:
        self._spans = spans
        self._starts = [start for start, _, _ in spans]
        self.edges = [edge for start, end, _ in spans for edge in (start, end)]

    def at(self, place: int) -> str:
        """What the span at a place says; empty where there is none."""
        behind = bisect_right(self._starts, place)
        start, end, says = self._spans[behind - 1] if behind else (0, 0, "")
        return says if start <= place < end else ""
