"""The comments of all posts as runs last read them, sorted by whether somebody should answer. No request is made."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from agent.api.answers import read_answer
from agent.api.catalogue import OPERATIONS
from agent.api.types import Comment, Page, Post, read_time
from agent.journal import records as r
from agent.journal.shown import Answered
from agent.policy.facts import Facts
from agent.tools.comments import settled
from agent.tools.desk import Desk
from agent.web.places import Places

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


class Heard:
    """What reads showed, taken in one after the other, the oldest first."""

    def __init__(self) -> None:
        self.row = 0
        self.threads: dict[int, _Thread] = {}

    def take(self, one: Answered, body: str) -> None:
        """Take in an answer; one that cannot be read shows nothing."""
        self.row = max(self.row, one.row)
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
        thread.comments[comment.id] = _Read(comment, at)
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


#: What cards about a comment do, and what the comment is once they are carried out.
_ABOUT = ("CreateComment", "DeleteComment", "HideComment", "UpdateComment")
Cards = Mapping[str, Mapping[int, tuple[int, str]]]


def lines(heard: Heard, places: Places, cards: Cards, now: datetime) -> Iterator[Line]:
    """All comments that begin a thread. `cards` are those about comments, by operation."""
    desk = Desk(Facts(now=now, accounts=places.accounts, replies=cards.get("CreateComment", {})))
    for post, thread in heard.threads.items():
        replied = {one.comment.parent_comment_id for one in thread.comments.values()}
        for one in thread.comments.values():
            if one.comment.parent_comment_id is None and not _gone(one.comment.id, cards):
                yield _line(one, post, thread, desk, replied, cards)


def _gone(comment: int, cards: Cards) -> bool:
    return cards.get("DeleteComment", {}).get(comment, (0, ""))[1] == "done"


def _line(one: _Read, post: int, thread: _Thread, desk: Desk, replied: set[int | None], cards: Cards) -> Line:
    about = one.comment
    replies = [found.comment for found in thread.comments.values() if found.comment.parent_comment_id == about.id]
    waiting = {
        name: cards[name][about.id][0]
        for name in _ABOUT
        if about.id in cards.get(name, {}) and cards[name][about.id][1] in {"open", "approved", "unknown"}
    }
    return Line(about, post, one.at, _state(about, desk, replied), tuple(replies), waiting)


def _state(comment: Comment, desk: Desk, replied: set[int | None]) -> State:
    why = settled(comment, desk, replied)
    if why == "a card waits":
        return "waits"
    if why == "reply turned down":
        return "turned down"
    if why:
        return why
    # A reply that was sent since: the comment was not read again.
    return "answered" if desk.facts.replies.get(comment.id, (0, ""))[1] in {"done", "unknown"} else "open"


def in_order(found: Iterable[Line]) -> list[Line]:
    """What should be looked at first: unanswered ones, the newest post first, replies that wait on top."""
    return sorted(found, key=lambda one: (not one.open, -one.post, one.state != "waits", -one.comment.id))
