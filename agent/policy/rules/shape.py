"""What a post must look like on each network: length, media, threads, first comments, covers, mentions."""

from collections.abc import Iterable, Iterator

from pydantic import MISSING

from agent.api.networks import TEXT_FIELD
from agent.api.posts import Cover, PostFields
from agent.policy.counting import Excess, excess
from agent.policy.entities import mentions
from agent.policy.rules.case import Case, Piece, Target, is_comment, media_of, text_of
from agent.policy.rules.own_words import theirs
from agent.policy.rules.rule import POST_EFFECTS, AtMost, Found, Params, Plain, rule

#: The one form of cover each network takes; the others ignore it.
_COVER_FORM = {
    "tiktok": "video_cover_timestamp_ms",
    "youtube": "thumbnail",
    "instagram": "thumbnail",
    "facebook": "thumbnail",
}


class ShapeParams(Params):
    """Nothing to set but the verdict; the figures are the networks' (policies/networks.yaml)."""


class LengthParams(Params):
    """`quoted` is the verdict for words that are a person's: they stay as they are, and somebody decides."""

    quoted: Plain


@rule("post.length", LengthParams, effects=POST_EFFECTS)
def check_length(case: Case, params: LengthParams) -> Iterable[Found]:
    """Text, title, thread items and first comment, each in the network's own unit; and signs it refuses."""
    for target, piece in _each(case):
        limits = case.limits(target)
        too_long = excess(piece.text, target.network, limits, part=piece.kind, with_media=piece.with_media)
        if too_long:
            yield Found(
                f"{_called(piece)} is {too_long.by} over on {target.network}: {too_long}.",
                evidence=piece.where,
                passes=_shorter(case, target, piece, too_long),
                verdict=params.quoted if theirs(case, piece.text) else None,
            )
        refused = sorted(set(limits.forbidden_signs.value if limits.forbidden_signs else "") & set(piece.text))
        if refused and piece.kind != "comment":
            yield Found(
                f"{_called(piece)} has signs that {target.network} refuses: {' '.join(refused)}",
                evidence=piece.where,
                passes=f"write it without {' and '.join(refused)}",
            )


def _called(piece: Piece) -> str:
    """A piece as the tools call it."""
    if piece.kind == "title":
        return "The title"
    if piece.kind == "comment":
        return "The first comment"
    if not piece.shared:
        return "The network's own text"
    place = int(piece.where.split(".")[1])
    return "The text" if place == 0 else f"Thread part {place + 1}"


def _shorter(case: Case, target: Target, piece: Piece, too_long: Excess) -> str:
    """What would pass: so much less, or for one of several networks words of its own."""
    ways = [f"take {too_long.by} {too_long.unit} off"]
    if piece.kind == "text" and len(case.everybody) > 1 and piece.where == "content.0.text":
        own = target.network in TEXT_FIELD
        ways.append(f"give {target.network} a shorter {'variant' if own else 'text in a draft of its own'}")
    if piece.kind == "text" and case.limits(target).threads_allowed.value:
        ways.append("write it as shorter thread parts")
    return ", or ".join(ways)


def _each(case: Case) -> Iterator[tuple[Target, Piece]]:
    """Every different piece once for each network, however many accounts show it."""
    seen: set[tuple[str, str]] = set()
    for target in case.targets:
        for piece in case.pieces(target):
            if (target.network, piece.where) not in seen:
                seen.add((target.network, piece.where))
                yield target, piece


def _networks(case: Case) -> dict[str, Target]:
    """The networks a post goes to, each with its first account."""
    return {target.network: target for target in reversed(case.targets)}


@rule("post.media_needed", ShapeParams, effects=POST_EFFECTS)
def check_media_needed(case: Case, _params: ShapeParams) -> Iterable[Found]:
    """Networks that take no post without a picture or video."""
    fields = case.fields
    if fields is None or any(media_of(item) for item in fields.content if not is_comment(item)):
        return
    for network, target in _networks(case).items():
        if case.limits(target).media_needed.value:
            yield Found(
                f"{network} takes no post without media.",
                passes=f"add a picture or video, or leave {network} out",
            )


@rule("post.thread", ShapeParams, effects=POST_EFFECTS)
def check_thread(case: Case, _params: ShapeParams) -> Iterable[Found]:
    """Several content items are a thread, and few networks have threads."""
    items = 0 if case.fields is None else sum(not is_comment(item) for item in case.fields.content)
    if items < 2:
        return
    for network, target in _networks(case).items():
        if not case.limits(target).threads_allowed.value:
            yield Found(
                f"{network} has no threads: it would not show items 2 to {items}.",
                passes=f"make a draft of its own, with one item, for {network}",
            )


@rule("post.first_comment", ShapeParams, effects=POST_EFFECTS)
def check_first_comment(case: Case, _params: ShapeParams) -> Iterable[Found]:
    """A first comment comes after one text, and only where the service can write it."""
    fields = case.fields
    if fields is None or not any(is_comment(item) for item in fields.content):
        return
    if is_comment(fields.content[0]):
        yield Found("The first item of a post cannot be its first comment.", passes="put the post's own text first")
    if sum(not is_comment(item) for item in fields.content) > 1:
        yield Found(
            "A thread has no first comment: it would go out as one more item.",
            passes="leave the first comment out, or the thread items",
        )
    for network, target in _networks(case).items():
        if not case.limits(target).first_comment_allowed.value:
            yield Found(
                f"There is no first comment on {network}.",
                passes=f"make a draft without it for {network}",
            )


@rule("post.cover", ShapeParams, effects=POST_EFFECTS)
def check_cover(case: Case, _params: ShapeParams) -> Iterable[Found]:
    """Only the first item has a cover, in the form that each network takes."""
    fields = case.fields
    if fields is None:
        return
    for place, item in enumerate(fields.content):
        if item.cover_image is MISSING:
            continue
        if place > 0:
            yield Found(
                f"Item {place + 1} has a cover; only the first item's counts.", passes="put it on the first item"
            )
        else:
            yield from _cover_forms(case, item.cover_image)


def _cover_forms(case: Case, cover: Cover) -> Iterator[Found]:
    given = cover.model_dump()
    for network in _networks(case):
        form = _COVER_FORM.get(network)
        wrong = [name for name in given if form is not None and name != form]
        if wrong:
            yield Found(
                f"{network} takes {form} as a cover, nothing else.",
                evidence=", ".join(wrong),
                passes=f"use {form}, in a draft of its own for {network}",
            )


class MentionParams(Params):
    """`most` is the house's cap; a network's own may be lower."""

    most: AtMost


@rule("post.mentions", MentionParams, effects=POST_EFFECTS)
def check_mentions(case: Case, params: MentionParams) -> Iterable[Found]:
    """Many mentions read as spam: counted over all that an account shows."""
    seen: set[str] = set()
    for target in case.targets:
        most = min(params.most, case.limits(target).mentions.value)
        found = [
            mention.text.casefold()
            for piece in case.pieces(target)
            if "@" in piece.text or "＠" in piece.text
            for mention in mentions(piece.text, target.network)
        ]
        if len(found) > most and target.network not in seen:
            seen.add(target.network)
            yield Found(
                f"{len(found)} mentions for {target.network}, where {most} are the most.",
                evidence=" ".join(found[:20]),
                passes=f"{most} mention{'' if most == 1 else 's'} or fewer",
            )


@rule("post.empty", ShapeParams, effects=POST_EFFECTS)
def check_empty(case: Case, _params: ShapeParams) -> Iterable[Found]:
    """A post has a text or media."""
    fields = case.fields
    if fields is not None and not any(_holds_something(fields)):
        yield Found("The post has neither text nor media.", passes="write a text, or add media")


def _holds_something(fields: PostFields) -> Iterator[bool]:
    for item in fields.content:
        yield bool(text_of(item).strip() or media_of(item))
