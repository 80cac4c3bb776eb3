"""Phrases about pictures and videos: what to attach, and what a video shows before it plays."""

import re

from agent.planner.offline.wishes import CoverWish, MediaWish
from agent.planner.offline.words import QUOTE, URL, CannotDo, Scanner

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
_COVER = r"(?:\b(?:with|and|using|the|a|an|its|our|as) )*\b(?:cover(?: (?:frame|image|picture))?|thumbnail|frame)"
_FRAME = (
    rf"{_COVER} (?:(?:frame|picture|image|taken|from|at|of|the) )*"
    r"(?:(?P<minutes>\d{1,2}):(?P<rest>[0-5]\d(?:\.\d{1,3})?)"
    r"|(?P<milliseconds>\d{1,7}) ?(?:ms|milliseconds?)"
    r"|(?P<seconds>\d{1,4}(?:\.\d{1,3})?) ?(?:s|secs?|seconds?))(?![\w:])"
)
_THUMBNAIL = rf"{_COVER} (?:(?:called|named|from|file|picture|image) )*(?P<value>{QUOTE}|{URL}|{_FILE}|{_PATH})"


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


def take_covers(scan: Scanner) -> tuple[CoverWish, ...]:
    """Covers of videos: a frame of the video, a picture, or one of each. Raises CannotDo for two of a kind."""
    frames = [CoverWish(frame_ms=_milliseconds(match)) for match in scan.take_all(_FRAME)]
    pictures = [
        CoverWish(picture=_media(scan.plain(match["value"]).rstrip(".,"), upload=False))
        for match in scan.take_all(_THUMBNAIL)
    ]
    if len(frames) > 1 or len(pictures) > 1:
        raise CannotDo("Two covers of one kind are more than the offline planner can tell apart.")
    return (*frames, *pictures)


def _milliseconds(match: re.Match[str]) -> int:
    if match["milliseconds"]:
        return int(match["milliseconds"])
    if match["seconds"]:
        return round(float(match["seconds"]) * 1000)
    return int(match["minutes"]) * 60_000 + round(float(match["rest"]) * 1000)
