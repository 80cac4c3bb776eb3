"""The comments of all posts as runs last read them, sorted by whether somebody should answer. No request is made."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from agent.api.answers import read_answer
from agent.api.catalogue import OPERATIONS
from agent.api.types import Account, Comment, Page, Post, read_time
from agent.journal import records as r
from agent.journal.shown import Answered
from agent.policy.facts import Facts
from agent.tools.comments import settled
from agent.tools.desk import Desk

State = Literal["waits", "open", "answered", "resolved", "ours", "turned down"]
#: How each state is told: its word, its icon, and the badge's tone.
STATES: Mapping[State, tuple[str, str, str]] = {
    "waits": ("a reply waits", "inbox", "warn"),
    "open": ("unanswered", "circle", ""),
    "answered": ("answered", "circle-check", "good"),
    "resolved": ("resolved", "check", "good"),
    "ours": ("ours", "users", ""),
    "turned down": ("no reply wanted", "x", ""),
}
_OPEN: tuple[State, ...] = ("waits", "open")


#: Of the reasons for no reply those that reads alone can tell.
_FROM_READS: Mapping[str, State] = {"ours": "ours", "resolved": "resolved", "answered": "answered"}


@dataclass(frozen=True)
class _Read:
    """A comment and when it was read last."""

    comment: Comment
    at: datetime


@dataclass
class _Thread:
    """The comments of one post, replies beside them, and when the post's list was read last."""

    comments: dict[int, _Read] = field(default_factory=dict)
    listed: datetime | None = None
    _settled: dict[int, State | Literal[""]] = field(default_factory=dict)
    _for: Mapping[int, Account] | None = None

    def put(self, read: _Read) -> None:
        """Take a comment in."""
        self.comments[read.comment.id] = read
        self._for = None

    def settled(self, desk: Desk) -> Mapping[int, State | Literal[""]]:
        """Why each comment that begins a thread waits for no reply, empty where it does; worked out once."""
        if self._for is not desk.facts.accounts:
            replied = {one.comment.parent_comment_id for one in self.comments.values()}
            every = [one.comment for one in self.comments.values() if one.comment.parent_comment_id is None]
            self._settled = {one.id: _FROM_READS.get(settled(one, desk, replied), "") for one in every}
            self._for = desk.facts.accounts
        return self._settled


class Heard:
    """What reads showed, taken in one after the other, the oldest first. `row` is up to where the journal was read."""

    def __init__(self) -> None:
        self.row = -1
        self.threads: dict[int, _Thread] = {}

    def take(self, one: Answered, body: str) -> None:
        """Take in an answer; one that cannot be read shows nothing."""
        try:
            answer = read_answer(OPERATIONS[one.record.operation].route, json.loads(body))
            asked = r.ARGUMENTS.validate_json(one.record.arguments)
        except (ValueError, KeyError, TypeError):
            return
        if isinstance(answer, Comment):
            self._put(answer, answer.post_id, one.at)
        elif isinstance(answer, Post):
            self._post(answer, one.at)
        elif isinstance(answer, Page):
            self._page(answer, asked, one.at)

    def _page(self, page: Page[object], asked: Mapping[str, object], at: datetime) -> None:
        about = asked.get("post_id")
        if isinstance(about, int):
            comments = [one for one in page.data if isinstance(one, Comment)]
            if not set(asked) - {"post_id", "page", "per_page"} and asked.get("page", 1) == 1:
                more = page.has_next or (page.last_page or 1) > 1
                self._listed(about, [] if not more else self.threads.get(about, _Thread()).comments.values(), at)
            for one in comments:
                self._put(one, about, at)
        for post in page.data:
            if isinstance(post, Post):
                self._post(post, at)

    def _post(self, post: Post, at: datetime) -> None:
        if "comments" in post.model_fields_set:
            self._listed(post.id, (), at)
            for comment in post.comments:
                self._put(comment, post.id, at)

    def _listed(self, post: int, kept: Iterable[_Read], at: datetime) -> None:
        """A list of a post's comments begins; what it does not show is gone, but for those that are kept."""
        self.threads[post] = _Thread({one.comment.id: one for one in kept}, at)

    def _put(self, comment: Comment, post: int | None, at: datetime) -> None:
        if post is None:
            return
        thread = self.threads.setdefault(post, _Thread())
        thread.put(_Read(comment, at))
        for reply in comment.replies:
            self._put(reply.model_copy(update={"parent_comment_id": comment.id}), post, at)


@dataclass(frozen=True)
class Line:
    """A comment with its replies, as far as they were read, and the cards about it by operation."""

    comment: Comment
    post: int
    read: datetime
    state: State
    replies: tuple[Comment, ...] = ()
    cards: Mapping[str, int] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether somebody should look."""
        return self.state in _OPEN

    @property
    def text(self) -> str:
        """Its words."""
        return self.comment.content or ""

    def written(self, zone: ZoneInfo) -> datetime | None:
        """When it was written, where the service says so."""
        raw = (self.comment.model_extra or {}).get("created_at")
        try:
            return read_time(raw, zone) if isinstance(raw, str) else None
        except ValueError:
            return None


def author(comment: Comment) -> str:
    """Name and handle of who wrote it, as they call themselves."""
    extra = (comment.model_extra or {}).get("contact")
    found = [one for one in (comment.user or {}, extra) if isinstance(one, Mapping)]
    name = next((one["name"] for one in found if isinstance(one.get("name"), str) and one["name"].strip()), "")
    handle = next((one["username"] for one in found if isinstance(one.get("username"), str)), "").strip("@ ")
    return " ".join(part for part in (name.strip(), f"@{handle}" if handle else "") if part) or "nobody is named"


#: What cards about a comment do.
_ABOUT = ("CreateComment", "DeleteComment", "HideComment", "UpdateComment")
Cards = Mapping[str, Mapping[int, tuple[int, str]]]
#: States of cards that are not settled.
_WAITS = frozenset({"open", "approved", "unknown"})


class Spot(NamedTuple):
    """A comment that begins a thread, before it is told."""

    post: int
    comment: int
    state: State

    @property
    def open(self) -> bool:
        """Whether somebody should look."""
        return self.state in _OPEN


def spots(heard: Heard, accounts: Mapping[int, Account], cards: Cards, now: datetime) -> list[Spot]:
    """All comments that begin a thread, in the order to look at them. `cards` are those about comments, by operation.

    Unanswered ones come first, those of the newest post on top, and of these the ones for which a reply waits.
    """
    desk = Desk(Facts(now=now, accounts=accounts))
    replies, deleted = cards.get("CreateComment", {}), cards.get("DeleteComment", {})
    found = [
        Spot(post, comment, _state(why, replies.get(comment, (0, ""))[1]))
        for post, thread in heard.threads.items()
        for comment, why in thread.settled(desk).items()
        if deleted.get(comment, (0, ""))[1] != "done"
    ]
    return sorted(found, key=lambda one: (not one.open, -one.post, one.state != "waits", -one.comment))


def _state(why: State | Literal[""], reply: str) -> State:
    """From what reads say, and what became of a reply of ours: the comment may not have been read since."""
    if why:
        return why
    if reply in {"open", "approved"}:
        return "waits"
    if reply in {"done", "unknown"}:
        return "answered"
    return "turned down" if reply == "rejected" else "open"


def line(heard: Heard, spot: Spot, cards: Cards) -> Line:
    """A comment as it is told."""
    read = heard.threads[spot.post].comments
    replies = [one.comment for one in read.values() if one.comment.parent_comment_id == spot.comment]
    waiting = {
        name: cards[name][spot.comment][0]
        for name in _ABOUT
        if spot.comment in cards.get(name, {}) and cards[name][spot.comment][1] in _WAITS
    }
    one = read[spot.comment]
    return Line(one.comment, spot.post, one.at, spot.state, tuple(replies), waiting)
