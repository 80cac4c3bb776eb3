"""Goals that make posts: which words, where to, when, and with what."""

import re
from dataclasses import replace

from agent.planner.offline.conversation import Digest
from agent.planner.offline.dates import TIME_FOLLOWS, When, take_when
from agent.planner.offline.phrases import (
    place_of_each,
    places_of,
    take_first_comment,
    take_labels,
    take_link,
    take_place,
    take_title,
    take_workspaces,
)
from agent.planner.offline.pictures import take_covers, take_media
from agent.planner.offline.texts import compose
from agent.planner.offline.wishes import Piece, Place, PostWish, Promotion
from agent.planner.offline.words import EVERYWHERE, NETWORK, NUMBER, QUOTE, URL, CannotDo, Scanner, count_of

_NOT = (
    r"(?:\b(?:but|and) )?\b(?:do not|don['’]t|never|without) (?:yet )?(?:schedul\w+|publish\w*|post\w*)"
    r"(?:,? (?:it|them|anything|or|nor|schedul\w+|publish\w*|post\w*|yet|now))*"
)
_PUBLISH = r"(?:\band )?(?:\bthen )?\bpublish(?: (?:it|them|both|all))?\b"
_SCHEDULE = r"(?:\band )?(?:\bthen )?\b(?:scheduled?|queue)(?: (?:it|them|both|all))?\b"
_NOW = r"\b(?:right now|now|immediately|at once|straight away|right away)\b"
_THREAD = rf"\b(?:(?P<before>{NUMBER})[- ]part )?thread\b(?: of (?P<after>{NUMBER})(?: (?:parts|posts|tweets))?)?"
_COUNT = rf"(?<![\w#])(?P<count>{NUMBER})(?=(?: [\w/-]+){{0,3}} (?:drafts|posts|updates)\b)"
_SUBJECT = r"\b(?:about|on the (?:topic|subject) of|regarding|announcing)"
_PLACE = r"\s+(?:(?:for|on|to|in|at|via) )(?:(?:our|the|my|all|both|an?) )*"
_WITH = r"pictures?|images?|photos?|videos?|links?|labels?|titles?|first comment|file|cover|thumbnail"
_ENDS = (
    r"\s*[,;:?!¦]",
    r"\s*[.](?:\s|$)",
    rf"\s*(?:{QUOTE}|{URL})",
    r"\s+(?:everywhere|but|using|without|under|keep|because|so that|saying|that says|in \w+(?:ish|an|ch|ese))\b",
    rf"\s+(?:with|and) (?:(?:the|an?|our|its|my) )*(?:{_WITH})\b",
    r"\s+and (?:then )?(?:schedule|publish|attach|use|add|label|import|upload|queue)\b",
    r"\s+(?:over|during|across|throughout) ",
    r"\s*$",
)
_LONGEST_SUBJECT = 120
_DEFAULT_THREAD = 3


def read_post(verb: str, scan: Scanner, digest: Digest) -> PostWish:
    """The posts a goal asks for, taken out of its words. Raises CannotDo."""
    scan.take_all(_NOT)
    scan.take_all(r"\bin English\b")
    promotion = _promotion(verb, scan)
    thread = scan.take(_THREAD)
    counted = scan.take(_COUNT)
    first_comment, title, labels, link = take_first_comment(scan), take_title(scan), take_labels(scan), take_link(scan)
    subject = _subject(verb, scan, digest, dated=bool(promotion) or verb == "announce")
    covers, media = take_covers(scan), take_media(scan)
    own, each = _own_places(scan, digest), place_of_each(scan, digest)
    workspaces = take_workspaces(scan, digest)
    place = take_place(scan, workspaces)
    when = take_when(scan)
    texts = [scan.plain(letter) for letter in scan.quotes_left()]
    scan.take_all(QUOTE)
    count = count_of(counted["count"]) if counted else 0
    pieces: tuple[Piece, ...]
    if thread:
        pieces = (Piece(_thread(texts, subject, thread["before"] or thread["after"], count), quoted=tuple(texts)),)
    else:
        pieces = _pieces(texts, own, subject, count, announce=verb == "announce")
    if link:
        pieces = tuple(replace(one, texts=(f"{one.texts[0]} {link}", *one.texts[1:])) for one in pieces)
    place = place if own else replace(place, each=each)
    return PostWish(pieces, place, _dated(promotion, verb, when), when, media, covers, first_comment, title, labels)


def _promotion(verb: str, scan: Scanner) -> Promotion:
    """What is to become of the drafts. Raises CannotDo where the goal asks for two things at once."""
    publish = bool(scan.take_all(_PUBLISH)) or verb == "publish"
    schedule = bool(scan.take_all(_SCHEDULE)) or verb == "schedule"
    now = scan.take(_NOW)
    if schedule and (publish or now):
        raise CannotDo("The goal asks to schedule and to publish now: which of the two is not clear.")
    if now and not publish:
        return ""
    return "schedule" if schedule else "publish" if publish else ""


def _dated(promotion: Promotion, verb: str, when: When | None) -> Promotion:
    """Publishing at a time is scheduling, and so is announcing at a time."""
    return "schedule" if when and (promotion == "publish" or verb == "announce") else promotion


def _subject(verb: str, scan: Scanner, digest: Digest, *, dated: bool) -> str:
    """What to write about; it ends where a place, a time or another wish begins."""
    places = "|".join([NETWORK, EVERYWHERE, *(re.escape(workspace.name) for workspace in digest.workspaces)])
    ends = "|".join([*_ENDS, f"{_PLACE}(?:{places})", *([TIME_FOLLOWS] if dated else [])])
    lead = rf"(?:{_SUBJECT}|^ ¦)" if verb == "announce" else _SUBJECT
    found = scan.take(rf"{lead}\s+(?!\s|that\b|{QUOTE})(?P<subject>[^¦]+?)(?={ends})")
    if not found:
        return ""
    subject = scan.plain(found["subject"])
    if len(subject) > _LONGEST_SUBJECT:
        raise CannotDo("What the post is about is too long; put the words to post in quotes.")
    return subject


def _own_places(scan: Scanner, digest: Digest) -> list[Place]:
    """The place of each quotation, where every one of several has networks of its own; else an empty list."""
    return places_of(re.split(QUOTE, scan.rest), digest) if len(scan.quotes_left()) > 1 else []


def _thread(texts: list[str], subject: str, number: str | None, count: int) -> tuple[str, ...]:
    wanted = count_of(number) if number else count
    if not texts:
        return _composed(subject, wanted or _DEFAULT_THREAD, announce=False)
    if len(texts) == 1:
        raise CannotDo("A thread needs its parts in quotes, at least two of them.")
    if wanted not in {0, len(texts)}:
        raise CannotDo(f"The goal asks for {wanted} parts and quotes {len(texts)}.")
    return tuple(texts)


def _pieces(texts: list[str], own: list[Place], subject: str, count: int, *, announce: bool) -> tuple[Piece, ...]:
    if not texts:
        return tuple(Piece((text,)) for text in _composed(subject, count or 1, announce=announce))
    if count not in {0, len(texts)}:
        raise CannotDo(f"The goal asks for {count} posts and quotes {len(texts)}.")
    return tuple(Piece((text,), own[at] if own else None, (text,)) for at, text in enumerate(texts))


def _composed(subject: str, count: int, *, announce: bool) -> tuple[str, ...]:
    if not subject:
        raise CannotDo('Put the words to post in quotes, or say what they are about ("about our spring mugs").')
    return compose(subject, count, announce=announce)
