"""What a text holds besides words: hashtags, mentions and links, as each network reads them, and taking hashtags out.

Pure functions of a text and a network key. Positions are code points of the text as handed in. Where a network's
reading is not published, or two readings are possible, the one that counts more is taken.

Sources: the extractors of twitter-text (X), the hashtag and mention patterns in the code of Mastodon and Bluesky, and
the networks' own help pages. Digits alone are no tag on X, Instagram, Facebook, Telegram, Mastodon and Bluesky; the
others publish no such rule, so there they count. Threads takes one topic tag a post and shows the rest as text; all are
counted.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import regex

from agent.policy.domains import WebLink, web_links

Network = Literal[
    "twitter",
    "facebook",
    "instagram",
    "tiktok",
    "youtube",
    "pinterest",
    "threads",
    "telegram",
    "linkedin",
    "bluesky",
    "mastodon",
]
NETWORKS: tuple[Network, ...] = get_args(Network)

# The signs of a tag: letters, marks, numbers, and the joiners that X and Mastodon allow inside.
_TAG_WORD = (
    r"\p{L}\p{M}\p{N}_\xb7\u05be\u05f3\u05f4\u0f0b\u0f0c\u200c\u200d\u3003\u301c\u309b\u309c\u30a0\u30fb\ua67e\uff5e"
)
_TAG_EMOJI = r"\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\U000e0020-\U000e007f"
_TAG_SIGN = r"[#\uff03](?![\ufe0f\u20e3])"  # followed by one of these two it is the keycap emoji
_WORD_TAG = regex.compile(rf"{_TAG_SIGN}([{_TAG_WORD}]++)")
_EMOJI_TAG = regex.compile(rf"{_TAG_SIGN}([{_TAG_WORD}{_TAG_EMOJI}]++)")
_WITHOUT_EMOJI_TAGS = frozenset({"twitter", "telegram", "mastodon"})

_A_LETTER = regex.compile(r"[\p{L}\p{M}]")
_A_SIGN = regex.compile(r"[^\p{Nd}\p{P}]")
_NO_DIGIT = regex.compile(r"[^\p{Nd}]")
_TAG_NEEDS: Mapping[str, regex.Pattern[str]] = {
    "twitter": _A_LETTER,
    "telegram": _A_LETTER,
    "mastodon": _A_LETTER,
    "bluesky": _A_SIGN,
    "instagram": _NO_DIGIT,
    "facebook": _NO_DIGIT,
}

# Marks that belong to an emoji do not make a word of it: a tag may follow.
_WORD_SIGN = regex.compile(r"[[\p{L}\p{M}\p{N}_]--[\ufe0e\ufe0f\u20e3]]", regex.V1)
# X takes a mention after letters of other scripts, where no blanks are written; these two are known not to.
_PLAIN_WORD_SIGN = regex.compile(r"[A-Za-z0-9_]")
_NO_MENTION_IN_WORDS = frozenset({"bluesky", "mastodon"})

_PLAIN_NAME = r"[@\uff20][A-Za-z0-9_]++"
_WIDE_NAME = r"[@\uff20][\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*+(?:[.\xb7-]++[\p{L}\p{M}\p{N}_]++)*+"
_BRACKET_NAME = r"@\[[^\[\]\n]{1,100}+\](?:\([^()\s]{1,200}+\))?+"
_FEDERATED_NAME = (
    r"@[A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+(?:@[\p{L}\p{M}\p{N}_]++(?:[.-]++[\p{L}\p{M}\p{N}_]++)*+)?+"
)
_WIDE = regex.compile(_WIDE_NAME)
_BRACKETED = regex.compile(rf"{_WIDE_NAME}|{_BRACKET_NAME}")
_PLAIN = regex.compile(_PLAIN_NAME)
_MENTION: Mapping[str, regex.Pattern[str]] = {
    "twitter": _PLAIN,
    "telegram": _PLAIN,
    "mastodon": regex.compile(_FEDERATED_NAME),
    "linkedin": _BRACKETED,
    "facebook": _BRACKETED,
}

_BLANKS = " \t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_EDGES = frozenset(["", *"\n\r\v\f\x85\u2028\u2029"])
_BETWEEN_TAGS = regex.compile(rf"[{_BLANKS}]*+[,;|\xb7\u2022]?+[{_BLANKS}]*+")
_GOES_ON_AS_WORD = regex.compile(r"[-'\u2018\u2019][\p{L}\p{N}]")
_OPENING = frozenset("([{<\"'\u00ab\u201c\u201e\u2018\u2039\u300c")
_CLOSING = frozenset(".,;:!?\u2026\u3002\u3001\uff01\uff1f)]}>\"'\u00bb\u201d\u2019\u203a\u300d")
_BRACKETS = frozenset({"()", "[]", "{}"})


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: `text` stands at [start, end), in code points."""

    start: int
    end: int
    text: str


def checked(network: str) -> str:
    """The network key itself; ValueError for any other word, naming the keys there are."""
    if network not in NETWORKS:
        raise ValueError(f"{network!r} is no network; use one of {', '.join(NETWORKS)} (X is called twitter)")
    return network


def links(text: str, network: str) -> tuple[Span, ...]:
    """The web addresses in a text: everything with http(s), and bare domains with an ending that is known.

    The same on all networks: one that shows bare domains as plain text today may link them tomorrow.
    """
    checked(network)
    return tuple(Span(link.start, link.end, text[link.start : link.end]) for link in web_links(text))


@lru_cache(maxsize=1024)
def hashtags(text: str, network: str) -> tuple[Span, ...]:
    """The hashtags in a text, sign included: none inside a link or after a word; of `#one#two` both."""
    pattern = _WORD_TAG if checked(network) in _WITHOUT_EMOJI_TAGS else _EMOJI_TAG
    needs = _TAG_NEEDS.get(network)
    found: list[Span] = []
    for span in _outside_links(text, pattern):
        follows_tag = bool(found) and found[-1].end == span.start
        if (follows_tag or not _follows(text, span, _WORD_SIGN)) and (needs is None or needs.search(span.text, 1)):
            found.append(span)
    return tuple(found)


@lru_cache(maxsize=1024)
def mentions(text: str, network: str) -> tuple[Span, ...]:
    """The mentions in a text, sign included: none inside a link or an e-mail address."""
    pattern = _MENTION.get(checked(network), _WIDE)
    before = _WORD_SIGN if network in _NO_MENTION_IN_WORDS else _PLAIN_WORD_SIGN
    return tuple(span for span in _outside_links(text, pattern) if not _follows(text, span, before))


def without_hashtags_over(text: str, network: str, keep: int) -> str:
    """The text with its first `keep` hashtags; the others are taken out.

    A text with no more than `keep` comes back as it is. With a tag go the blanks it leaves doubled or at a line's end,
    brackets it leaves empty, and a comma, bar or dot between it and the tag before. Where a word goes on after a tag
    ("#London's") only the sign goes. Links, other words and line breaks stay, but line breaks left at either end.
    """
    if keep < 0:
        raise ValueError(f"cannot keep {keep} hashtags: give 0 or more")
    tags = hashtags(text, network)
    while len(tags) > keep:
        neat = _cut(text, tags, keep, neat=True)
        same_links = _addresses(neat) == _addresses(text)
        text = neat if same_links else _cut(text, tags, keep, neat=False)
        tags = hashtags(text, network)
    return text


def _outside_links(text: str, pattern: regex.Pattern[str]) -> Iterator[Span]:
    """The pattern's matches that begin outside links; one that runs into a link stops where the link starts."""
    web: tuple[WebLink, ...] | None = None
    starts: list[int] = []
    for match in pattern.finditer(text):
        if web is None:
            web = web_links(text)
            starts = [link.start for link in web]
        start, end = match.span()
        behind = bisect_right(starts, start)
        if behind and web[behind - 1].end > start:
            continue
        # "＠u.so" is a mention to X, and "u.so" a link.
        if behind < len(web) and (web[behind].scheme or web[behind].start > start + 1):
            end = min(end, web[behind].start)
        if end - start > 1:
            yield Span(start, end, text[start:end])


def _follows(text: str, span: Span, sign: regex.Pattern[str]) -> bool:
    return span.start > 0 and sign.match(text, span.start - 1) is not None


def _addresses(text: str) -> list[tuple[str, bool]]:
    return [(text[link.start : link.end], link.sure) for link in web_links(text)]


def _cut(text: str, tags: Sequence[Span], keep: int, *, neat: bool) -> str:
    """The text without the tags after the first `keep`; if not neat, a blank stays wherever one was cut."""
    pieces: list[str] = []
    before = ""  # the last sign written so far
    at = 0
    for first, last in _cuts(text, tags, keep, signs_only=neat):
        left, right = _with_blanks(text, at, first, last)
        if left > at:
            pieces.append(text[at:left])
            before = text[left - 1]
        loose = right > last and text[right - 1] in _BLANKS  # "#this )" was apart from what follows, and stays so
        joint = _joint(before, text[right : right + 1], neat=neat, loose=loose)
        if joint:
            pieces.append(joint)
            before = joint
        at = right
    rest = "".join(pieces) + text[at:]
    if not text[: tags[keep].start].strip():
        rest = rest.lstrip()
    return rest if text[tags[-1].end :].strip() else rest.rstrip()


def _cuts(text: str, tags: Sequence[Span], keep: int, *, signs_only: bool) -> Iterator[tuple[int, int]]:
    """The places to cut out, in order: tags with nothing to speak of between them are one place.

    `signs_only`: of a tag after which a word goes on, only the sign.
    """
    start = end = -1
    kept = tags[keep - 1].end if keep else -1
    for tag in tags[keep:]:
        whole = not (signs_only and _GOES_ON_AS_WORD.match(text, tag.end))
        if start >= 0 and not _BETWEEN_TAGS.fullmatch(text, end, tag.start):
            yield start, end
            start = -1
        if start < 0:
            start = kept if kept >= 0 and _BETWEEN_TAGS.fullmatch(text, kept, tag.start) else tag.start
        kept = -1
        end = tag.end if whole else tag.start + 1
        if not whole:
            yield start, end
            start = -1
    if start >= 0:
        yield start, end


def _with_blanks(text: str, at: int, first: int, last: int) -> tuple[int, int]:
    """The cut [first, last) widened over the blanks around it and the brackets it empties, but not before `at`."""
    while True:
        left = at + len(text[at:first].rstrip(_BLANKS))
        right = last
        while right < len(text) and text[right] in _BLANKS:
            right += 1
        if left == at or text[left - 1 : left] + text[right : right + 1] not in _BRACKETS:
            return left, right
        first, last = left - 1, right + 1


def _joint(before: str, after: str, *, neat: bool, loose: bool) -> str:
    """What to put where a cut was: nothing at the edge of a line and, if neat, beside brackets and full stops."""
    if before in _EDGES or before in _BLANKS or after in _EDGES:
        return ""
    if neat and (before in _OPENING or (after in _CLOSING and not loose)):
        return ""
    return " "
