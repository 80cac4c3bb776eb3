"""How long a text is for each network, and the network's limits as a typed model.

Pure functions. Every network counts in a unit of its own; where a unit is not published, or two readings are possible,
the one that gives the larger number is taken, so that what fits here fits there. A lone surrogate (half of a UTF-16
pair, which no network can receive) never raises: it counts like the replacement sign that would stand for it.

Sources: docs.x.com "Counting characters" and twitter-text 3 (X); the app.bsky.feed.post lexicon (Bluesky); Mastodon's
StatusLengthValidator; developers.facebook.com (Threads, Instagram); the Bot API (Telegram); TikTok's and Google's API
pages; LinkedIn's little text format. The figures are data: `policies/networks.yaml`, one `Limits` a network.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

import regex
from pydantic import BaseModel, ConfigDict, Field

from agent.policy.domains import WebLink, web_links
from agent.policy.entities import checked
from agent.policy.x_emoji import X_EMOJI, X_EMOJI_PART

_LINK_UNITS = 23  # X always; Mastodon unless the server says otherwise

_X_HEAVY = regex.compile(r"[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")

# Pairs of flag letters first: by itself \X walks back over the whole run of them at each one.
_CLUSTER = regex.compile(r"\p{Regional_Indicator}\p{Regional_Indicator}[\p{GCB=Extend}\p{GCB=SpacingMark}\u200d]*+|\X")
_OTHERS = re.compile(r"[^\x00-\x7f]+(?:[ -~][^\x00-\x7f]+)*")
_PLAIN = re.compile(r"[\x00-\x7f]+")
# Where none of these stands every code point is a cluster of its own, line ends apart.
_JOINING = regex.compile(
    r"[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}\p{Regional_Indicator}]"
)
_LINKER = regex.compile(r"\p{InCB=Linker}")
_CONJUNCT = regex.compile(
    r"(?<![\p{InCB=Extend}\p{InCB=Linker}])[\p{InCB=Extend}\p{InCB=Linker}]++(?=\p{InCB=Consonant})"
)
_EMOJI_RUN = regex.compile(
    r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]"
    r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{GCB=Extend}\p{GCB=SpacingMark}\u200d]*+|[0-9#*]\ufe0f?\u20e3"
)
_NAME_PART = "[a-z0-9]++(?:-++[a-z0-9]++)*+"
_REMOTE_MENTION = regex.compile(
    rf"(?<![=/\p{{L}}\p{{M}}\p{{N}}_])(@[a-z0-9_]++)@{_NAME_PART}(?:\.{_NAME_PART})++"
    r"(?![\p{L}\p{M}\p{N}_@]|://|[.-]++[\p{L}\p{N}_])",
    regex.IGNORECASE,
)
_LINKEDIN_RESERVED = "|{}@[]()<>#\\*_~"


@dataclass(frozen=True, slots=True)
class Count:
    """A length: `units` of the named unit, and a second length where the network has two limits."""

    units: int
    unit: str
    second: "Count | None" = None


def measure(text: str, network: str, *, mastodon_url: int = _LINK_UNITS) -> Count:
    """The length of a text as the network counts it.

    `mastodon_url` is what the server counts for a link (`characters_reserved_per_url`). ValueError: an unknown network.
    """
    match checked(network):
        case "twitter":
            return Count(_x_weight(text), "weighted characters")
        case "bluesky":
            return Count(_graphemes(text), "graphemes", Count(_utf8(text), "UTF-8 bytes"))
        case "mastodon":
            return Count(_mastodon_length(text, mastodon_url), "graphemes")
        case "threads":
            return Count(_threads_length(text), "characters, emoji by bytes")
        case "linkedin":
            return Count(len(text) + sum(map(text.count, _LINKEDIN_RESERVED)), "characters, reserved signs twice")
        case "youtube":
            return Count(_utf8(text), "UTF-8 bytes")
        case "instagram" | "tiktok" | "telegram":
            return Count(_utf16(text), "UTF-16 units")
        case _:
            return Count(len(text), "characters")


def _utf8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _graphemes(text: str) -> int:
    """Clusters by the older reading, which splits Indic conjuncts: never fewer than by the newer one."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    if not _JOINING.search(_PLAIN.sub("", text)):
        return len(text) - text.count("\r\n")
    # Plain ASCII letters are clusters of their own: only what touches other signs needs the full, slow segmentation.
    clusters = len(text) - text.count("\r\n")
    for found in _OTHERS.finditer(text):
        run = text[max(0, found.start() - 1) : found.end() + 1]
        clusters += len(_CLUSTER.findall(run)) - len(run)
    if not _LINKER.search(text):
        return clusters
    return clusters + sum(_LINKER.search(joint) is not None for joint in _CONJUNCT.findall(text))


def _threads_length(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + sum(_utf8(run) - len(run) for run in _EMOJI_RUN.findall(text))


def _x_weight(text: str) -> int:
    text = unicodedata.normalize("NFC", text)
    weight = at = 0
    for link in web_links(text):
        weight += _x_signs(text[at : link.start]) + _x_link(text, link)
        at = link.end
        # At the very start X takes a sign outside ASCII as the one before the link.
        weight += link.start == 0 and not text[0].isascii()
    return weight + _x_signs(text[at:])


def _x_link(text: str, link: WebLink) -> int:
    """The weight of a link; of one that X may or may not read as such, the larger of both."""
    if link.sure:
        return _LINK_UNITS
    read = _x_signs(text[link.start : link.read_to])
    return (max(_LINK_UNITS, read) if read else 0) + _x_signs(text[link.read_to : link.end])


def _x_signs(text: str) -> int:
    if text.isascii():
        return len(text)
    weight = len(text) + len(_X_HEAVY.findall(text))
    if X_EMOJI_PART.search(text):
        weight += sum(2 - len(emoji) - len(_X_HEAVY.findall(emoji)) for emoji in X_EMOJI.findall(text))
    return weight


def _mastodon_length(text: str, link_units: int) -> int:
    pieces: list[str] = []
    at = 0
    for link in web_links(text):
        if link.scheme:
            pieces += text[at : link.start], "x" * _mastodon_link(text, link, link_units)
            at = link.end
    shown = "".join(pieces) + text[at:]
    return _graphemes(_REMOTE_MENTION.sub(r"\1", shown) if "@" in shown else shown)


def _mastodon_link(text: str, link: WebLink, link_units: int) -> int:
    if link.sure:
        return link_units
    read = _graphemes(text[link.start : link.read_to])
    return (max(link_units, read) if read else 0) + _graphemes(text[link.read_to : link.end])


Value = TypeVar("Value")
Part = Literal["text", "title", "comment"]


class Figure(BaseModel, Generic[Value]):
    """One figure: its value, where it was read and when, and what other sources say."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    value: Value
    source: str
    read: Annotated[date, Field(strict=False)]
    conflict: str | None = None


class Limits(BaseModel):
    """One network's limits. Lengths are in the network's own unit; a figure that is absent is one nobody names."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Figure[int]
    text_bytes: Figure[int] | None = None
    text_with_media: Figure[int] | None = None
    title: Figure[int] | None = None
    comment: Figure[int] | None = None
    link_units: Figure[int] | None = None
    forbidden_signs: Figure[str] | None = None
    hashtags: Figure[int]
    mentions: Figure[int]
    links: Figure[int] | None = None
    links_clickable: Figure[bool]
    media_needed: Figure[bool]
    media_max: Figure[int]
    images_max: Figure[int] | None = None
    videos_max: Figure[int] | None = None
    media_mixed: Figure[bool] | None = None
    image_bytes: Figure[int] | None = None
    #: MIME types with spaces between; width by height; width and height together, and multiplied.
    image_types: Figure[str] | None = None
    image_ratio_min: Figure[float] | None = None
    image_ratio_max: Figure[float] | None = None
    image_sides: Figure[int] | None = None
    image_pixels: Figure[int] | None = None
    video_types: Figure[str] | None = None
    video_bytes: Figure[int] | None = None
    video_seconds_min: Figure[int] | None = None
    video_seconds: Figure[int] | None = None
    threads_allowed: Figure[bool]
    first_comment_allowed: Figure[bool]
    posts_per_day: Figure[int] | None = None


class NetworkLimits(BaseModel):
    """The limits of all eleven networks: what `policies/networks.yaml` holds, with an entry for each and no other."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    twitter: Limits
    facebook: Limits
    instagram: Limits
    tiktok: Limits
    youtube: Limits
    pinterest: Limits
    threads: Limits
    telegram: Limits
    linkedin: Limits
    bluesky: Limits
    mastodon: Limits

    def of(self, network: str) -> Limits:
        """One network's limits. ValueError: an unknown network."""
        limits: Limits = getattr(self, checked(network))
        return limits


@dataclass(frozen=True, slots=True)
class Excess:
    """How a text breaks a limit: its length, the most that fits, and the unit of both."""

    length: int
    most: int
    unit: str

    @property
    def by(self) -> int:
        """How much has to go."""
        return self.length - self.most

    def __str__(self) -> str:
        """Such as "292 of 280 weighted characters"."""
        return f"{self.length} of {self.most} {self.unit}"


def excess(text: str, network: str, limits: Limits, *, part: Part = "text", with_media: bool = False) -> Excess | None:
    """What a text has too much for the network; None if it fits. Of two limits the larger overflow counts."""
    most = most_of(limits, part=part, with_media=with_media)
    if most is None:
        return None
    count = length_of(text, network, limits, part=part)
    found = [Excess(count.units, most, count.unit)]
    if count.second and limits.text_bytes:
        found.append(Excess(count.second.units, limits.text_bytes.value, count.second.unit))
    worst = max(found, key=lambda one: one.by)
    return worst if worst.by > 0 else None


def length_of(text: str, network: str, limits: Limits, *, part: Part = "text") -> Count:
    """The length of a part of a post. A title is measured in UTF-16 units: no network says in what."""
    if part == "title":
        return Count(_utf16(text), "UTF-16 units")
    return measure(text, network, mastodon_url=limits.link_units.value if limits.link_units else _LINK_UNITS)


def most_of(limits: Limits, *, part: Part = "text", with_media: bool = False) -> int | None:
    """How long a part may be; None where no limit is known. A comment counts by the text's where none is known for it.

    `with_media`: the text goes under media.
    """
    if part == "title":
        return limits.title.value if limits.title else None
    most = limits.comment.value if part == "comment" and limits.comment else limits.text.value
    return min(most, limits.text_with_media.value) if with_media and limits.text_with_media else most


def over(text: str, network: str, limits: Limits, *, part: Part = "text", with_media: bool = False) -> int:
    """By how many units a text is too long for the network; 0 if it fits (see `excess`)."""
    found = excess(text, network, limits, part=part, with_media=with_media)
    return found.by if found else 0
