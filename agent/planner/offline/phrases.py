"""Phrases that several kinds of goals share: pictures, first comments, labels, places, posts that exist."""

import re

from agent.planner.offline.conversation import Digest
from agent.planner.offline.wishes import MediaWish, Place, Status, Target
from agent.planner.offline.words import EVERYWHERE, NETWORK, QUOTE, URL, Scanner, network_of

_ENDING = r"(?:jpe?g|png|gif|webp|heic|avif|mp4|m4v|mov|webm|pdf)"
_FILE = rf"[^\s,;¦\ue000-\uefff]+\.{_ENDING}\b"
_PATH = r"(?:~|\.{1,2})?/[^\s,;¦\ue000-\uefff]+"
_PICTURE = r"\b(?:pictures?|images?|photos?|photographs?|videos?|clips?|files?|reels?)\b"
_JOIN = r"(?:\b(?:with|and|plus|attach|attached|attaching|add|adding|use|using|the|a|an|our|my|library|local) ){0,6}"
_VALUE = rf"(?P<value>{QUOTE}|{URL}|{_FILE}|{_PATH}|\w+(?:[-_]\w+)+)"
_MEDIA = (
    rf"{_JOIN}(?P<upload>\bupload(?:ing)? )(?:(?:the|a|local|library) )*(?:{_PICTURE} )?"
    rf"(?P<value>{QUOTE}|[^\s,;¦]*[./\\][^\s,;¦]+)",
    rf"{_JOIN}(?:\bimport(?:ing)? )?{_JOIN}{_PICTURE} (?:(?:called|named|from|at|file) )*{_VALUE}",
    rf"{_JOIN}{_PICTURE} (?:called|named) (?P<value>[\w-]+)",
    rf"{_JOIN}\b(?:attach(?:ing)?|import(?:ing)?) (?P<value>{QUOTE}|{URL}|{_FILE}|{_PATH})",
    rf"{_JOIN}(?P<value>{_FILE})",
)

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
_LAST = r"\b(?:it|them|(?:that|this|those|these|the|the last) (?:drafts?|posts?))\b"


def take_media(scan: Scanner) -> tuple[MediaWish, ...]:
    """Pictures and videos to attach, in the order of how plainly they are named."""
    found: list[MediaWish] = []
    for letter in scan.quotes_left():
        words = scan.plain(letter)
        if re.fullmatch(rf"(?:[^\n]*[/\\])?[^\s/\\]+\.{_ENDING}", words, re.IGNORECASE):
            verb = scan.take(
                rf"{_JOIN}(?P<upload>\bupload(?:ing)? )?{_JOIN}(?:{_PICTURE} )?(?:(?:called|named) )?{letter}"
            )
            found.append(_media(words, upload=bool(verb and verb["upload"])))
    for pattern in _MEDIA:
        for match in scan.take_all(pattern):
            words = scan.plain(match["value"]).rstrip(".,")
            found.append(_media(words, upload=bool(match.groupdict().get("upload"))))
    return tuple(found)


def _media(words: str, *, upload: bool) -> MediaWish:
    if re.match(r"https?://", words, re.IGNORECASE):
        return MediaWish("url", words)
    local = upload or "/" in words or "\\" in words or words.startswith("~")
    return MediaWish("path" if local else "library", words)


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
        name = " ".join(workspace.name.split())
        lead = r"(?:\b(?:for|at|in|into|from|of|on|the|workspace) )*"
        if len(name) > 2 and scan.take_all(rf"{lead}(?<!\w){re.escape(name)}(?!\w)(?:['’]s?)?(?: workspace)?"):
            found.append(workspace.id)
    return tuple(sorted(found))


def take_place(scan: Scanner, workspaces: tuple[int, ...] = ()) -> Place:
    """Networks, numbered accounts, or everywhere."""
    accounts = tuple(int(match["id"]) for match in scan.take_all(r"\b(?:on |for |to )?accounts? #?(?P<id>\d{1,12})\b"))
    everywhere = bool(scan.take(EVERYWHERE))
    networks = dict.fromkeys(network_of(match.group()) for match in scan.take_all(NETWORK))
    return Place(tuple(networks), accounts, everywhere, workspaces)


def take_target(scan: Scanner, workspaces: tuple[int, ...]) -> Target | None:
    """Posts that exist, as the goal names them; None where it names none."""
    status = take_status(scan)
    if match := scan.take(_IDS):
        return Target(ids=tuple(int(number) for number in re.findall(r"\d+", match["ids"])), workspaces=workspaces)
    for pattern in (_CONTAINING, _CALLED):
        if match := scan.take(pattern):
            return Target(contains=scan.plain(match["value"]), status=status, workspaces=workspaces)
    return Target(last=True, workspaces=workspaces) if scan.take(_LAST) else None


def names_standing(scan: Scanner) -> bool:
    """Whether posts that exist are named so plainly that no new text can be meant."""
    if scan.has(_IDS) or scan.has(rf"\b(?:the|my|our|that) draft (?:{_SAYS} )?{QUOTE}"):
        return True
    return not scan.quotes_left() and not scan.has(r"\babout\b") and scan.has(_LAST)


def take_status(scan: Scanner) -> Status:
    """The status of the posts that are meant; the word itself is left to what names them."""
    for status, words in _STATUS_WORDS.items():
        if scan.has(words):
            return status
    return ""
