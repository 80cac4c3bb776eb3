"""The texts that a post, or a card, has had: as this home's journal tells them, oldest first. Pure over records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from agent.api.catalogue import parse
from agent.api.comments import CreateComment, UpdateComment
from agent.api.networks import TEXT_FIELD
from agent.api.posts import PostFields
from agent.api.types import Post
from agent.journal import records as r
from agent.journal.known import Known
from agent.policy.facts import Facts
from agent.tools.written import Written, written_of
from agent.web.worddiff import Change, word_diff

About = Sequence[tuple[str, datetime, r.AnyRecord]]
Load = Callable[[str], str]
#: Where a post was seen in full as it stood.
IN_SERVICE = "in PostSyncer"


@dataclass(frozen=True)
class Version:
    """One set of texts, by name, when it was first seen, and where it was seen, in words."""

    at: datetime
    texts: tuple[tuple[str, str], ...]
    seen: tuple[str, ...]
    run: str = ""


@dataclass(frozen=True)
class Step:
    """A version beside the one before it: each text with what changed."""

    version: Version
    diffs: tuple[tuple[str, tuple[Change, ...]], ...]
    first: bool = False


@dataclass(frozen=True)
class Seen:
    """A post as it was last seen in full."""

    post: Post
    at: datetime
    run: str


def last_seen(post_id: int, about: About, load: Load) -> Seen | None:
    """The post as the newest of these records shows it in full."""
    found = None
    for event in _events(post_id, about, load):
        if isinstance(event.thing, Post) and event.seen == IN_SERVICE:
            found = Seen(event.thing, event.at, event.run)
    return found


def versions_of_post(post_id: int, about: About, load: Load, facts: Facts) -> tuple[Version, ...]:
    """The texts of a post: as proposed, on cards, as edited there, as sent, and as PostSyncer showed them."""
    found = []
    for event in _events(post_id, about, load):
        thing = event.thing
        texts = post_texts(thing) if isinstance(thing, Post) else texts_of(written_of(thing, facts), facts)
        found.append(Version(event.at, texts, (event.seen,), event.run))
    return _together(found)


@dataclass(frozen=True)
class _Event:
    """A post, or a call that would write it, where a record tells of it."""

    run: str
    at: datetime
    seen: str
    thing: Post | PostFields


def _events(post_id: int, about: About, load: Load) -> Iterator[_Event]:
    """Where records show the post's texts; what it was before a call only where nothing showed that before."""
    made = {record.key for *_, record in about if isinstance(record, r.Outcome) and record.object_id == post_id}
    cards: dict[int, r.Card] = {}
    intents: dict[str, r.Intent] = {}
    shown: tuple[tuple[str, str], ...] = ()
    for run, at, record in about:
        if isinstance(record, r.Card):
            cards[record.number] = record
        if isinstance(record, r.Intent):
            intents[record.key] = record
        things: list[tuple[str, Post | PostFields]] = [*_posts(record, intents, load), *_calls(record, cards, load)]
        for seen, thing in things:
            mine = getattr(thing, "id", None) == post_id or (
                isinstance(record, r.Judged | r.Intent) and record.key in made and not isinstance(thing, Post)
            )
            if mine and not (isinstance(thing, Post) and seen != IN_SERVICE and post_texts(thing) == shown):
                yield _Event(run, at, seen, thing)
                shown = post_texts(thing) if isinstance(thing, Post) else shown


def _posts(record: r.AnyRecord, intents: Mapping[str, r.Intent], load: Load) -> Iterator[tuple[str, Post]]:
    """The post that a record shows."""
    match record:
        case r.Read(operation="GetPost"):
            yield from ((IN_SERVICE, post) for post in _read(record.operation, record.body, load))
        case r.Outcome(state="applied") if record.body and record.key in intents:
            operation = intents[record.key].operation
            yield from ((IN_SERVICE, post) for post in _read(operation, record.body, load))
        case r.Intent(operation="UpdatePost") if record.before:
            with suppress(ValueError):
                yield "in PostSyncer until then", Post.model_validate_json(load(record.before))
        case _:
            return


def _read(operation: str, body: str, load: Load) -> list[Post]:
    with suppress(ValueError, KeyError, TypeError):
        answer = Known().learn(operation, load(body))
        return [answer] if isinstance(answer, Post) else []
    return []


def _calls(record: r.AnyRecord, cards: Mapping[int, r.Card], load: Load) -> Iterator[tuple[str, PostFields]]:
    """The calls of a record that write a post, with words for where they stand."""
    for seen, operation, arguments in _told(record, cards):
        with suppress(ValueError, KeyError):
            call = parse(operation, load(arguments))
            if isinstance(call, PostFields):
                yield seen, call


def _told(record: r.AnyRecord, cards: Mapping[int, r.Card]) -> Iterator[tuple[str, str, str]]:
    match record:
        case r.Judged():
            yield "proposed", record.operation, record.arguments
        case r.Card():
            yield from ((f"on card {record.number}", record.operation, part.arguments) for part in record.parts)
        case r.Decided(decision="edit") if record.card in cards:
            seen = f"edited by {record.who} on card {record.card}"
            yield from ((seen, cards[record.card].operation, part.arguments) for part in record.parts)
        case r.Intent():
            yield "sent", record.operation, record.arguments
        case _:
            return


def versions_of_card(cards: Sequence[tuple[datetime, r.AnyRecord]]) -> tuple[Version, ...]:
    """The texts of a reply on its cards, and as people edited it there."""
    found: list[Version] = []
    operations: dict[int, str] = {}
    for at, record in cards:
        if isinstance(record, r.Card):
            operations[record.number] = record.operation
            found += [_reply(at, record.operation, part, f"on card {record.number}") for part in record.parts]
        if isinstance(record, r.Decided) and record.decision == "edit" and record.card in operations:
            says = f"edited by {record.who} on card {record.card}"
            found += [_reply(at, operations[record.card], part, says) for part in record.parts]
    return _together(found)


def _reply(at: datetime, operation: str, part: r.CardPart, says: str) -> Version:
    call = parse(operation, part.arguments)
    text = call.content if isinstance(call, CreateComment | UpdateComment) and isinstance(call.content, str) else ""
    return Version(at, (("Text", text),), (says,))


def texts_of(written: Written, facts: Facts) -> tuple[tuple[str, str], ...]:
    """What was written by name: the text, the parts of a thread, the first comment, texts for single networks."""
    own = [(_on(account, facts), text) for account, text in sorted(written.variants.items())]
    parts = [(f"Part {place}", text) for place, text in enumerate(written.thread, 2)]
    below = [("First comment", written.first_comment)] if written.first_comment else []
    return (("Text", written.text), *parts, *below, *own)


def _on(account: int, facts: Facts) -> str:
    known = facts.accounts.get(account)
    return f"On {known.platform}" if known is not None else f"On account {account}"


def post_texts(post: Post) -> tuple[tuple[str, str], ...]:
    """The texts of a post by name: its parts, its first comment, and those for one network alone."""
    items = [item for item in post.content if not item.is_first_comment]
    below = [("First comment", item.text or "") for item in post.content if item.is_first_comment]
    own = {
        f"On {row.platform}": text
        for row in post.platforms
        if isinstance(text := row.settings.get(TEXT_FIELD.get(row.platform, "")), str) and text
    }
    named = [("Text" if place == 1 else f"Part {place}", item.text or "") for place, item in enumerate(items, 1)]
    return (*named, *below, *own.items())


def _together(found: Sequence[Version]) -> tuple[Version, ...]:
    """Versions in order; where the same texts come one after the other they are one, seen in several places."""
    kept: list[Version] = []
    for version in found:
        if kept and _same(kept[-1].texts, version.texts):
            kept[-1] = replace(kept[-1], seen=tuple(dict.fromkeys([*kept[-1].seen, *version.seen])))
        elif version.texts:
            kept.append(version)
    return tuple(kept)


def _same(one: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> bool:
    return sorted(one) == sorted(other)


def steps_of(versions: Sequence[Version], most: int = 20) -> tuple[Step, ...]:
    """The newest versions first, each with what changed since the one before."""
    shown = list(versions[-most - 1 :])
    found: list[Step] = []
    for place, version in enumerate(shown):
        if place == 0 and len(versions) > len(shown):
            continue
        before = dict(shown[place - 1].texts) if place else {}
        found.append(Step(version, diffs_of(before, dict(version.texts)), first=place == 0))
    return tuple(reversed(found))


def diffs_of(before: dict[str, str], after: dict[str, str]) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    """Each text by name with what changed in it."""
    names = list(dict.fromkeys([*after, *before]))
    return tuple((name, word_diff(before.get(name, ""), after.get(name, ""))) for name in names)
