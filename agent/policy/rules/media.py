"""Pictures and videos: how many, how large, of which kind and shape, and how long, as far as anybody tells.

The service tells kind and size of a library item; its shape and length are known where this home uploaded the file and
its bytes told. What a network limits and nobody tells is held: a length is never guessed. Of a picture's shape only a
note is shown, or most of a library would be held.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agent.api.posts import ContentItem
from agent.journal.findings import Verdict
from agent.policy.counting import Limits
from agent.policy.facts import FileTold
from agent.policy.rules.case import Case, Target, is_comment, media_of
from agent.policy.rules.rule import POST_EFFECTS, Found, Params, Plain, ShownParams, rule

_UNTOLD = FileTold()


@dataclass(frozen=True)
class Shot:
    """What is known of one picture or video; empty, 0 and None stand for unknown."""

    id: int | str
    mime: str = ""
    size: int = 0
    told: FileTold = _UNTOLD

    @property
    def kind(self) -> str:
        """`image` or `video`; empty where nobody tells."""
        kind = self.mime.partition("/")[0]
        return kind if kind in {"image", "video"} else ""

    @property
    def name(self) -> str:
        """For a sentence: never an address, which comes from outside."""
        return f"media {self.id}" if isinstance(self.id, int) else "a media address"


def shots_of(case: Case, item: ContentItem) -> tuple[Shot, ...]:
    """The media of a content item, with all that is known of each."""
    return tuple(_shot(case, one) for one in media_of(item))


def _shot(case: Case, media_id: int | str) -> Shot:
    if isinstance(media_id, str):
        return Shot(media_id)
    facts = case.facts
    told = facts.files.get(media_id, _UNTOLD)
    known = facts.media.get(media_id)
    if known is not None:
        mime = known.mime_type or (f"{known.type}/" if known.type in {"image", "video"} else "")
        return Shot(media_id, mime, known.size or 0, told)
    for post in facts.posts.values():
        for item in post.content:
            for shown in item.media:
                if shown.id == media_id:
                    return Shot(media_id, shown.type or "", shown.size or 0, told)
    return Shot(media_id, told.mime, told.size, told)


def _each(case: Case) -> Iterator[tuple[Target, tuple[Shot, ...]]]:
    """Every content item with media once for each network."""
    fields = case.fields
    if fields is None:
        return
    items = [shots for item in fields.content if not is_comment(item) and (shots := shots_of(case, item))]
    for target in {target.network: target for target in reversed(case.targets)}.values():
        for shots in items:
            yield target, shots


class CountParams(Params):
    """Nothing to set but the verdict; the figures are the networks' (policies/networks.yaml)."""


@rule("media.count", CountParams, effects=POST_EFFECTS)
def check_count(case: Case, _params: CountParams) -> Iterable[Found]:
    """Pictures and videos in one post, and whether a network mixes them."""
    for target, shots in _each(case):
        limits, network = case.limits(target), target.network
        images = sum(shot.kind == "image" for shot in shots)
        videos = sum(shot.kind == "video" for shot in shots)
        for count, limit, what in (
            (len(shots), limits.media_max, "pictures and videos"),
            (images, limits.images_max, "pictures"),
            (videos, limits.videos_max, "videos"),
        ):
            if limit is not None and count > limit.value:
                yield Found(
                    f"{count} {what} in one post are too many for {network}: {limit.value} are the most.",
                    passes=f"use {limit.value} or fewer, or leave {network} out",
                )
                break
        else:
            if limits.media_mixed is not None and not limits.media_mixed.value and images and videos:
                yield Found(
                    f"{network} takes pictures or a video in one post, not both.",
                    passes=f"make a draft of its own for {network}",
                )


class FitsParams(Params):
    """Verdicts: the rule's own for what is too large, too long or too short, and one for each of the others."""

    kind: Plain
    shape: Plain
    unknown: Plain


@rule("media.fits", FitsParams, effects=POST_EFFECTS)
def check_fits(case: Case, params: FitsParams) -> Iterable[Found]:
    """Size in bytes, kind, shape in pixels and length in seconds, as the network limits them."""
    for target, shots in _each(case):
        limits, network = case.limits(target), target.network
        yield from _shapeless(shots, network, limits)
        for shot in shots:
            unknown = [] if shot.kind else ["kind"]
            if shot.kind == "image":
                yield from _picture(shot, network, limits, params, unknown)
            elif shot.kind == "video":
                yield from _video(shot, network, limits, params, unknown)
            if unknown:
                yield Found(
                    f"What {network} takes depends on the {' and '.join(unknown)} of {shot.name}, which is not known.",
                    evidence=f"{shot.mime or 'kind unknown'}, {shot.size or 'unknown'} bytes",
                    passes="a person looks at it and approves the card; files uploaded from here tell more",
                    verdict=params.unknown,
                )


def _shapeless(shots: Sequence[Shot], network: str, limits: Limits) -> Iterator[Found]:
    """A note on pictures whose shape matters and is not known."""
    names = [one.name for one in shots if one.kind == "image" and not (one.told.width and one.told.height)]
    if names and _shaped(limits):
        yield Found(
            f"{network} takes pictures of some shapes only; that of {', '.join(dict.fromkeys(names))} is not known.",
            passes="look at it before it goes out; files uploaded from here tell their shape",
            verdict=Verdict.ALLOW,
        )


def _shaped(limits: Limits) -> bool:
    return any((limits.image_ratio_min, limits.image_ratio_max, limits.image_sides, limits.image_pixels))


def _picture(shot: Shot, network: str, limits: Limits, params: FitsParams, unknown: list[str]) -> Iterator[Found]:
    yield from _size(shot, network, limits.image_bytes.value if limits.image_bytes else 0, unknown)
    yield from _kind(shot, network, limits.image_types.value if limits.image_types else "", params)
    width, height = shot.told.width, shot.told.height
    if not _shaped(limits) or not width or not height:
        return  # a note tells, see `_shapeless`
    ratio = width / height
    low, high = limits.image_ratio_min, limits.image_ratio_max
    wrong = (low is not None and ratio < low.value) or (high is not None and ratio > high.value)
    sides, pixels = limits.image_sides, limits.image_pixels
    large = (sides is not None and width + height > sides.value) or (pixels and width * height > pixels.value)
    if wrong or large:
        span = f"between {low.value if low else 0:g} and {high.value if high else 'any'}"
        what = f"{ratio:.2f} wide to high, where {network} takes {span}" if wrong else f"too many pixels for {network}"
        yield Found(
            f"{shot.name.capitalize()} is {what}.",
            evidence=f"{width} x {height}",
            passes="use another cut of it, or a person approves the card",
            verdict=params.shape,
        )


def _video(shot: Shot, network: str, limits: Limits, params: FitsParams, unknown: list[str]) -> Iterator[Found]:
    yield from _size(shot, network, limits.video_bytes.value if limits.video_bytes else 0, unknown)
    yield from _kind(shot, network, limits.video_types.value if limits.video_types else "", params)
    least, most, seconds = limits.video_seconds_min, limits.video_seconds, shot.told.seconds
    if least is None and most is None:
        return
    if seconds is None:
        unknown.append("length")
    elif (most is not None and seconds > most.value) or (least is not None and seconds < least.value):
        span = f"{least.value if least else 0} to {most.value if most else 'any number of'} seconds"
        yield Found(
            f"{shot.name.capitalize()} lasts {seconds:g} seconds, where {network} takes {span}.",
            passes=f"use another cut of it, or leave {network} out",
        )


def _size(shot: Shot, network: str, most: int, unknown: list[str]) -> Iterator[Found]:
    if most and not shot.size:
        unknown.append("size")
    elif most and shot.size > most:
        yield Found(
            f"{shot.name.capitalize()} has {shot.size} bytes, {shot.size - most} too many for {network}.",
            passes=f"use a smaller file, or leave {network} out",
        )


def _kind(shot: Shot, network: str, kinds: str, params: FitsParams) -> Iterator[Found]:
    if kinds and not shot.mime.endswith("/") and shot.mime not in kinds.split():
        yield Found(
            f"{shot.name.capitalize()} is no file that {network} names: {', '.join(kinds.split())}.",
            evidence=shot.mime,
            passes="use another kind of file; whether the service converts it is not documented",
            verdict=params.kind,
        )


class AltParams(ShownParams):
    """Nothing to set but whether it is shown."""


@rule("media.alt", AltParams, effects=POST_EFFECTS)
def check_alt(case: Case, _params: AltParams) -> Iterable[Found]:
    """No call of the service carries alternative texts, so that nobody can be made to write one."""
    fields = case.fields
    if fields is None:
        return
    bare = [
        shot.name
        for item in fields.content
        for shot in shots_of(case, item)
        if shot.kind == "image" and not _alt(case, shot)
    ]
    if bare:
        yield Found(
            f"No alternative text is known of {', '.join(dict.fromkeys(bare))}: the service takes none from here.",
            passes="write one in PostSyncer or on the network",
        )


def _alt(case: Case, shot: Shot) -> str:
    known = case.facts.media.get(shot.id) if isinstance(shot.id, int) else None
    return (known.alt or "") if known is not None else ""
