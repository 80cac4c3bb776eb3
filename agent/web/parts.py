"""One call of a card for a page: previews where it writes a post, else its lines; what was found, what is outside's.

Every line of the card is there once: a text that a preview shows in full is not told again. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import CreatePost, UpdatePost
from agent.journal import records as r
from agent.journal.findings import Finding, Verdict
from agent.policy.entities import NETWORKS
from agent.policy.facts import Facts
from agent.policy.pack import Pack
from agent.policy.places import in_words, places_in_words
from agent.text import one_line, visible
from agent.web.marking import Origin, origin_of, pieces_of
from agent.web.previews import Block, Preview, counters, previews_of

_BEFORE = " until now"
#: What is said where the smallest change that would pass is the decision itself.
_DECISION = "a person approves the card"
_NAMES = {"text": "Text", "new text": "New text"}


@dataclass(frozen=True)
class Doing:
    """What approving does, in two words, with a sign and a tone (`bad`, `warn` or none)."""

    word: str
    icon: str
    tone: str


@dataclass(frozen=True)
class Extra:
    """A line of a card, or a text with a name."""

    line: str = ""
    block: Block | None = None


@dataclass(frozen=True)
class PartTold:
    """One call. `waits` are the findings that hold it, `later` those that bite when a draft goes out."""

    place: int
    says: str
    heading: str
    previews: tuple[Preview, ...]
    extras: tuple[Extra, ...]
    origins: tuple[Origin, ...]
    waits: tuple[Finding, ...]
    later: tuple[Finding, ...]
    notes: tuple[Finding, ...]


def doing(call: Endpoint[Any], effect: str, facts: Facts) -> Doing:
    """What approving a call does, from where the facts know its post to stand."""
    if effect == Effect.DESTRUCTIVE:
        took = isinstance(call, UpdatePost)
        word = "Takes back" if took else "Hides" if isinstance(call, HideComment) else "Deletes"
        return Doing(word, "undo-2" if took else "trash-2", "bad")
    if isinstance(call, UpdatePost):
        if call.schedule_type == "publish_now":
            return Doing("Publishes at once", "send", "warn")
        if call.schedule_type == "schedule":
            stands = facts.posts.get(call.id)
            moves = stands is not None and stands.status == "SCHEDULED"
            return Doing("Moves or edits" if moves else "Schedules", "clock", "")
        return Doing("Edits", "pencil", "")
    if isinstance(call, CreateComment | UpdateComment):
        return Doing("Replies in public", "message-circle", "warn")
    if effect == Effect.CONFIG:
        return Doing("Changes settings", "settings", "warn")
    return Doing("Changes", "pencil", "")


def part_told(place: int, call: Endpoint[Any], part: r.CardPart, facts: Facts, pack: Pack) -> PartTold:
    """A call of a card, as `part` keeps it."""
    lines = (*part.shows, *(one.evidence for one in part.findings))
    origins = tuple(dict.fromkeys(origin for line in lines if (origin := origin_of(line)) is not None))
    previews = previews_of(call, facts, pack, origins) if isinstance(call, CreatePost | UpdatePost) else ()
    told = {_joined(visible(block.text)) for preview in previews for block in preview.blocks}
    network = _reply_network(call, facts)
    limits = pack.networks.of(network) if network else None
    extras = []
    for line, text in lines_of(part.shows):
        if text is None:
            if origin_of(line) is None and not (previews and line.startswith("media: ")):
                extras.append(Extra(line))
        elif text not in told or line.endswith(_BEFORE):
            counted = counters(text, network, limits, part="comment") if limits and line in {"text", "new text"} else ()
            extras.append(
                Extra(block=Block(_NAMES.get(line, line), pieces_of(text, network, origins), counters=counted))
            )
    found = [_plain(one) for one in part.findings]
    judged = [one for one in found if one.verdict > Verdict.ALLOW]
    return PartTold(
        place=place,
        says=part.says,
        heading=_heading(part.says, call),
        previews=previews,
        extras=tuple(extras),
        origins=origins,
        waits=tuple(one for one in judged if not one.later),
        later=tuple(one for one in judged if one.later),
        notes=tuple(one for one in found if one.verdict is Verdict.ALLOW),
    )


def lines_of(shows: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """The lines of a card: a name with its text, in which every line begins with a bar, or a line by itself."""
    at = 0
    while at < len(shows):
        line = shows[at]
        at += 1
        words: list[str] = []
        while line.endswith(":") and at < len(shows) and shows[at].startswith("  | "):
            words.append(shows[at][4:])
            at += 1
        yield (line.removesuffix(":"), "\n".join(words)) if words else (line, None)


def _plain(finding: Finding) -> Finding:
    """A finding in words, without what the page says anyway: that approving lets it pass, where words come from."""
    passes = "" if finding.passes == _DECISION else in_words(finding.passes)
    evidence = "" if origin_of(finding.evidence) is not None else places_in_words(finding.evidence)
    return finding.model_copy(update={"says": in_words(finding.says), "passes": passes, "evidence": evidence})


def _joined(text: str) -> str:
    """A text as the lines of a card give it back."""
    return "\n".join(text.splitlines())


def _heading(says: str, call: Endpoint[Any]) -> str:
    """A title without the words that are shown in full below it."""
    text: object = ""
    if isinstance(call, CreatePost | UpdatePost):
        text = call.content[0].text
    elif isinstance(call, CreateComment):
        text = call.content
    words = f': "{one_line(text, 70)}"' if isinstance(text, str) else ""
    return says.removesuffix(words)


def _reply_network(call: Endpoint[Any], facts: Facts) -> str:
    """The network that a comment call speaks on, where it is known; empty for other calls."""
    about = None
    if isinstance(call, CreateComment) and isinstance(call.parent_comment_id, int):
        about = facts.comments.get(call.parent_comment_id)
    elif isinstance(call, UpdateComment | DeleteComment | HideComment):
        about = facts.comments.get(call.comment)
    network = (about.platform or "").lower() if about is not None else ""
    return network if network in NETWORKS else ""
