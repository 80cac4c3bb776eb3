"""Phrases that several kinds of goals share: first comments, labels, places, posts that exist."""

import re
from collections.abc import Sequence
from itertools import pairwise

from agent.planner.offline.conversation import Digest, Workspace
from agent.planner.offline.wishes import Place, Status, Target
from agent.planner.offline.words import EVERYWHERE, NETWORK, QUOTE, URL, Scanner, network_of

_STATUS_WORDS: dict[Status, str] = {
    "draft": r"\bdrafts?\b",
    "scheduled": r"\bscheduled\b",
    "failed": r"\bfailed\b",
    "published": r"\bpublished\b",
}

_SAYING = r"(?: (?:saying|reading|of|with|is))?:? "
_FIRST_COMMENT = (
    rf"(?:\b(?:with|and|add|adding|put) )*(?:\b(?:the|a|its) )?\bfirst comment{_SAYING}(?P<value>{QUOTE}|{URL})",
    rf"(?:\b(?:with|and|put|adding|add|the|a|its|link|to) )*(?P<value>{QUOTE}|{URL}) (?:in|as|into) "
    r"(?:(?:the|a|its|our) )?first comment\b",
)
_OWN_LINK = (
    r"(?:\b(?:with|and|put) )*\b(?:the|its|this|that) link (?:in|as|into) (?:(?:the|a|its|our) )?first comment\b"
)
_LINK = rf"(?:\b(?:with|and|plus|add|adding|the|a|our) )*\blink(?:ing)?(?: (?:to|is))?:? (?P<value>{URL})"
_TITLE = rf"(?:\b(?:with|and|the|a) )*(?:\btitled|\btitle(?: of| is)?):? (?P<value>{QUOTE})"

LABEL_VALUES = rf"(?P<values>{QUOTE}(?:(?:,| and|, and) {QUOTE})*|(?!drafts?\b|posts?\b|the\b|as\b|with\b|to\b)[\w-]+)"
_LABEL = rf"(?:\b(?:with|and|under|using|add|adding|the|a) )*\blabel(?:s|led|ed)?(?: (?:as|with))?:? {LABEL_VALUES}"

_NUMBERS = r"#?\d{1,12}(?:(?:,? and |, ?)#?\d{1,12})*"
_THOSE = r"(?:(?:all|the|my|our|that|this|those|these|every|scheduled|published|failed|old) ){0,4}"
_IDS = rf"\b{_THOSE}(?:posts?|drafts?)(?: number)? (?P<ids>{_NUMBERS})(?![\w:.-]*\w)"
_SAYS = (
    r"(?:called|named|titled|containing|saying|reading|with|(?:that|which) (?:says?|contains?|reads?))"
    r"(?: the (?:text|words?))?"
)
_CONTAINING = rf"\b{_THOSE}(?:posts?|drafts?) (?:{_SAYS} )?(?P<value>{QUOTE})"
_CALLED = rf"\b{_THOSE}(?:posts?|drafts?) (?:called|named|containing) (?P<value>[\w-]+)"
_ABOUT = (
    rf"\b(?:about|mentioning|(?:that|which) mention) (?P<value>{QUOTE}|[^¦\ue000-\uefff]+?)"
    rf"(?=\s*(?:[¦,.]|{QUOTE}|$)|\s+(?:as|with|under)\b)"
)
_LAST = r"\b(?:it|them|(?:that|this|those|these|the|the last) (?:drafts?|posts?))\b"


def take_first_comment(scan: Scanner) -> str:
    """The first comment asked for, or an empty text.

    "its link in the first comment" means the one address of the goal: outside of quotes it is moved there, inside of
    them the quoted words stay as they are.
    """
    for pattern in _FIRST_COMMENT:
        if match := scan.take(pattern):
            return scan.plain(match["value"])
    if not scan.take(_OWN_LINK):
        return ""
    if outside := scan.take(rf"(?:\blink:? )?(?P<value>{URL})"):
        return scan.plain(outside["value"])
    inside = [found for letter in scan.quotes_left() for found in re.findall(r"https?://\S+", scan.plain(letter))]
    return inside[0].rstrip(".,;:!?)") if len(inside) == 1 else ""


def take_link(scan: Scanner) -> str:
    """An address to put below the text, or an empty text."""
    match = scan.take(_LINK)
    return scan.plain(match["value"]) if match else ""


def take_title(scan: Scanner) -> str:
    """A video's title, or an empty text."""
    match = scan.take(_TITLE)
    return scan.plain(match["value"]) if match else ""


def take_labels(scan: Scanner) -> tuple[str, ...]:
    """Names of labels."""
    return tuple(name for match in scan.take_all(_LABEL) for name in label_names(scan, match["values"]))


def label_names(scan: Scanner, words: str) -> list[str]:
    """Names from one quotation, several, or a bare word."""
    quoted = re.findall(QUOTE, words)
    return [scan.plain(letter) for letter in quoted] if quoted else [words]


def take_workspaces(scan: Scanner, digest: Digest) -> tuple[int, ...]:
    """Workspaces that are named, longest names first, so that no name hides in another."""
    found = []
    for workspace in sorted(digest.workspaces, key=lambda one: (-len(one.name), one.id)):
        lead = r"(?:\b(?:for|at|in|into|from|of|on|the|workspace) )*"
        if scan.take_all(rf"{lead}{_name_of(workspace)}(?:['’]s?)?(?: workspace)?"):
            found.append(workspace.id)
    return tuple(sorted(found))


def _name_of(workspace: Workspace) -> str:
    """A pattern of a workspace's name; what is shorter than three letters may be any word and is none."""
    name = " ".join(workspace.name.split())
    return rf"(?<!\w){re.escape(name)}(?!\w)" if len(name) > 2 else r"(?!)"


def places_of(parts: Sequence[str], digest: Digest) -> list[Place]:
    """What each of several parts of a goal says of its place: networks, and workspaces where it names any.

    Parts are the words before, between and after the things they belong to. Empty where not every thing has networks
    of its own.
    """
    split = [_place_in(words, digest) for words in parts]
    if not split[0].networks and all(place.networks for place in split[1:]):
        return split[1:]
    if not split[-1].networks and all(place.networks for place in split[:-1]):
        return split[:-1]
    return []


def _place_in(words: str, digest: Digest) -> Place:
    found = re.findall(NETWORK, words, re.IGNORECASE)
    named = tuple(one.id for one in digest.workspaces if re.search(_name_of(one), words, re.IGNORECASE))
    return Place(tuple(dict.fromkeys(network_of(name) for name in found)), workspaces=named)


def place_of_each(scan: Scanner, digest: Digest) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Workspaces with the networks named beside each, where every one of several has its own. Takes nothing out."""
    names = {one.id: _name_of(one) for one in digest.workspaces}
    found = sorted(
        ((key, match.span()) for key, name in names.items() for match in re.finditer(name, scan.rest, re.IGNORECASE)),
        key=lambda pair: pair[1],
    )
    if len(found) < 2 or any(one[1][1] > after[1][0] for one, after in pairwise(found)):
        return ()
    edges = [0, *(edge for _, span in found for edge in span), len(scan.rest)]
    parts = [scan.rest[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    places = places_of(parts, Digest())
    return tuple((key, place.networks) for (key, _), place in zip(found, places, strict=bool(places)))


def take_place(scan: Scanner, workspaces: tuple[int, ...] = ()) -> Place:
    """Networks, numbered accounts, or everywhere."""
    accounts = tuple(int(match["id"]) for match in scan.take_all(r"\b(?:on |for |to )?accounts? #?(?P<id>\d{1,12})\b"))
    everywhere = bool(scan.take(EVERYWHERE))
    networks = dict.fromkeys(network_of(match.group()) for match in scan.take_all(NETWORK))
    return Place(tuple(networks), accounts, everywhere, workspaces)


def take_target(scan: Scanner, workspaces: tuple[int, ...]) -> Target | None:
    """Posts that exist, as the goal names them; None where it names none."""
    named = take_named(scan, workspaces)
    return named or (Target(last=True, workspaces=workspaces) if scan.take(_LAST) else None)


def take_named(scan: Scanner, workspaces: tuple[int, ...]) -> Target | None:
    """Posts that exist, named by number or by words in them; None where the goal names none so."""
    statuses = statuses_in(scan)
    if match := scan.take(_IDS):
        return Target(ids=tuple(int(number) for number in re.findall(r"\d+", match["ids"])), workspaces=workspaces)
    for pattern in (_CONTAINING, _CALLED):
        if match := scan.take(pattern):
            return Target(contains=scan.plain(match["value"]), statuses=statuses, workspaces=workspaces)
    return None


def take_about(scan: Scanner, workspaces: tuple[int, ...]) -> Target | None:
    """Posts whose text contains what they are said to be about; None where the goal says no such thing."""
    statuses = statuses_in(scan)
    match = scan.take(_ABOUT)
    if match is None:
        return None
    scan.take_all(r"\b(?:everything|anything|every|scheduled|published|failed)\b")
    return Target(contains=scan.plain(match["value"]), statuses=statuses, workspaces=workspaces)


def names_standing(scan: Scanner) -> bool:
    """Whether posts that exist are named so plainly that no new text can be meant."""
    if scan.has(_IDS) or scan.has(rf"\b(?:the|my|our|that) draft (?:{_SAYS} )?{QUOTE}"):
        return True
    return not scan.quotes_left() and not scan.has(r"\babout\b") and scan.has(_LAST)


def statuses_in(scan: Scanner) -> tuple[Status, ...]:
    """The statuses of the posts that are meant; the words themselves are left to what names them."""
    return tuple(status for status, words in _STATUS_WORDS.items() if scan.has(words))
