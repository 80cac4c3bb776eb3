"""A long text as parts that each fit: cut at the ends of sentences, where that cannot be between clauses or words.

Pure. A cut never lies inside a link, a mention, a hashtag, a grapheme, or words that the caller wants kept whole, nor
between a link and the word it stands with, so that no part is a bare address; only blanks go, at the cuts. A text that
fits is its own only part.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

import regex

from agent.policy.entities import Span, checked, hashtags, links, mentions

_Place = tuple[int, int]

_SENTENCE = regex.compile(
    r"(?P<mark>[\p{Sentence_Break=STerm}\p{Sentence_Break=ATerm}…]+)['\"’”»)\]」』）]*"
    r"(?: ?\p{Extended_Pictographic}[\ufe0f\u200d\p{Emoji_Modifier}\p{Extended_Pictographic}]*)*"
    r"|[^\S\n]*\n\s*"
)
#: After these signs the next sentence follows without a blank.
_WIDE_STOPS = frozenset("。！？｡")
#: What stands before a full stop that ends no sentence: a small number, a single letter, a title.
_SHORT = regex.compile(
    r"(?<![\p{L}\p{N}])(?:\p{L}|\p{N}{1,2}|Dr|Mr|Mrs|Ms|St|Nr|No|Hr|Fr|Sr|Sra|Prof|Bd|ca|vs|Mme|Mlle)\Z"
)
_CLAUSE = regex.compile(r"[,;:—–、；：](?=\s)|[、；：]|(?=\s[—–-]\s)")
_BLANK = regex.compile(r"(?=\s)")
#: What follows here belongs to the sentence before it, if there is room.
_LEANING = regex.compile(r"\s*(?:[#＃]|https?://)", regex.IGNORECASE)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
#: A sign that cannot begin a part: it would change what stands before it.
_HANGS_ON = regex.compile(r"[\p{M}\u200d\ufe0e\ufe0f\u20e3\p{Emoji_Modifier}]")


def parts_of(
    text: str,
    fits: Callable[[str], bool],
    *,
    networks: Iterable[str],
    whole: Iterable[str] = (),
    numbered: bool = False,
) -> tuple[str, ...] | None:
    """The parts of a text, each of which `fits`; None where it cannot be cut so.

    `networks` are those whose links, mentions and hashtags stay in one piece, `whole` words that do. `numbered` parts
    end with " 2/3".
    """
    if fits(text):
        return (text,)
    borders = _borders(text, _kept(text, networks, whole))
    if not numbered:
        return _cut(text, fits, borders)
    count = 2
    while parts := _cut(text, _with_number(fits, count), borders):
        if len(parts) <= count:
            return tuple(f"{part} {at}/{len(parts)}" for at, part in enumerate(parts, 1))
        count = len(parts)  # the more parts, the longer their numbers
    return None


def _with_number(fits: Callable[[str], bool], count: int) -> Callable[[str], bool]:
    return lambda part: fits(f"{part} {count}/{count}")


def _cut(text: str, fits: Callable[[str], bool], borders: Sequence[Sequence[int]]) -> tuple[str, ...] | None:
    parts: list[str] = []
    start, end = 0, len(text.rstrip())
    while start < end:
        stop = _furthest(text, start, end, fits, borders)
        if stop is None:
            return None
        parts.append(text[start:stop].strip())
        start = stop + len(text[stop:end]) - len(text[stop:end].lstrip())
    return tuple(parts)


def _furthest(
    text: str, start: int, end: int, fits: Callable[[str], bool], borders: Sequence[Sequence[int]]
) -> int | None:
    """Where the part that begins at `start` stops: at the last border that fits, of the best kind that has one."""
    if fits(text[start:end].strip()):
        return end
    for kind in borders:
        first = low = bisect_left(kind, start + 1)
        high = bisect_left(kind, end)
        while low < high:  # lengths grow with the text, so that halving finds the last one
            middle = (low + high) // 2
            if fits(text[start : kind[middle]].strip()):
                low = middle + 1
            else:
                high = middle
        if low > first and text[start : kind[low - 1]].strip():
            return kind[low - 1]
    return None


def _kept(text: str, networks: Iterable[str], whole: Iterable[str]) -> list[_Place]:
    keys = [checked(network) for network in dict.fromkeys(networks)]
    addresses = _spans(text, keys, links)
    spans = [*addresses, *_spans(text, keys, mentions), *_spans(text, keys, hashtags)]
    spans += list(_with_words(text, addresses, spans))
    for words in whole:
        pattern = r"\s+".join(regex.escape(word) for word in words.split())
        spans += [found.span() for found in regex.finditer(pattern, text)] if pattern else []
    return spans


def _spans(text: str, networks: Sequence[str], door: Callable[[str, str], tuple[Span, ...]]) -> list[_Place]:
    return [(span.start, span.end) for network in networks for span in door(text, network)]


def _with_words(text: str, addresses: Iterable[_Place], others: Iterable[_Place]) -> Iterator[_Place]:
    """Each address with the word before it; with the one after it where it begins its line, or the text.

    Where there is no word at all everything stays together.
    """
    taken = {place for start, end in others for place in range(start, end)}
    words = [found.span() for found in _WORD.finditer(text) if found.start() not in taken]
    for start, end in addresses:
        before = next((word for word in reversed(words) if word[1] <= start), None)
        after = next((word for word in words if word[0] >= end), None)
        begins = before is None or "\n" in text[before[1] : start]
        if after is not None and begins and (before is None or "\n" not in text[end : after[0]]):
            yield start, after[1]
        else:
            yield (0, len(text)) if before is None else (before[0], end)


def _borders(text: str, kept: Sequence[_Place]) -> list[list[int]]:
    """The places where the text may be cut, by kind, the best kind first."""
    inside = {place for start, end in kept for place in range(start + 1, end)}
    sentences = list(_sentence_ends(text))
    kinds = (
        (place for place in sentences if not _LEANING.match(text, place)),
        sentences,
        (found.end() for found in _CLAUSE.finditer(text)),
        (found.end() for found in _BLANK.finditer(text)),
    )
    return [
        [place for place in kind if 0 < place < len(text) and place not in inside and not _hanging(text, place)]
        for kind in kinds
    ]


def _hanging(text: str, place: int) -> bool:
    """Whether what follows a cut here would hang on to what stood before it."""
    rest = text[place:].lstrip() if text[place].isspace() else text[place:]
    return _HANGS_ON.match(rest) is not None


def _sentence_ends(text: str) -> Iterator[int]:
    for found in _SENTENCE.finditer(text):
        mark, end = found["mark"], found.end()
        at_once = mark is None or mark[-1] in _WIDE_STOPS
        if at_once or (text[end : end + 1].isspace() and (mark != "." or not _goes_on(text, found.start(), end))):
            yield end


def _goes_on(text: str, at: int, end: int) -> bool:
    """Whether a full stop is that of an abbreviation or an ordinal number."""
    following = text[end:].lstrip()[:1]
    return following.islower() or _SHORT.search(text[max(0, at - 6) : at]) is not None
