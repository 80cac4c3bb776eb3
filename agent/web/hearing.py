"""What the comments' pages share: which comments are looked at, and all of them as the journal has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from agent.api.types import Comment
from agent.errors import Declined
from agent.policy.mirror import Kept
from agent.web.agenda import Filter
from agent.web.inbox import Cards, Heard, Line, Spot, line, spots
from agent.web.places import Places, places
from agent.web.posts import mirrored_posts
from agent.web.site import Site

#: The reading of comments, as work behind the pages.
READING = "reading comments"
#: How far back the journal is looked through when the server starts: so many runs that read comments, so many reads.
_RUNS, _READS = 200, 400
#: The newest posts that are out, and from when on, whose comments are read at once.
_POSTS, _SINCE = 10, timedelta(days=14)
_OUT = frozenset({"PUBLISHED", "PARTIALLY_FAILED"})
_OPERATIONS = ("CreateComment", "UpdateComment", "DeleteComment", "HideComment")


@dataclass(frozen=True)
class Look:
    """Which comments: of a workspace or account, of one post, all or only those to look at."""

    whose: Filter = field(default_factory=Filter)
    post: int = 0
    all: bool = False
    page: int = 1

    @property
    def account(self) -> str:
        """As a form names it: `w11`, `a101`."""
        if self.whose.account:
            return f"a{self.whose.account}"
        return f"w{self.whose.workspace}" if self.whose.workspace else ""

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return self.link(page=self.page).partition("?")[2]

    def link(self, **changes: Any) -> str:
        """The address of this look, changed."""
        now = {"whose": self.account, "post": self.post, "all": int(self.all), "page": 1} | changes
        if now["page"] == 1:
            del now["page"]
        return "/comments?" + urlencode({name: value for name, value in now.items() if value})


def read_look(values: Mapping[str, str]) -> Look:
    """What an address asks for; what it says wrong counts as not said."""
    whose = values.get("whose", "")
    key = _number(whose[1:])
    return Look(
        whose=Filter(workspace=key if whose.startswith("w") else 0, account=key if whose.startswith("a") else 0),
        post=_number(values.get("post", "")),
        all=values.get("all") == "1",
        page=max(1, min(_number(values.get("page", "")), 10_000)),
    )


def read_query(query: str) -> Look:
    """What a form sends along to come back to."""
    return read_look(dict(parse_qsl(query[:500])))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


@dataclass
class Room:
    """What the inbox keeps between requests: all it has heard, and how far a reading is."""

    heard: Heard = field(default_factory=Heard)
    said: str = ""


def room_of(site: Site) -> Room:
    """The inbox of a server."""
    room: Room = site.rooms.setdefault("comments", Room())
    return room


@dataclass(frozen=True)
class Inbox:
    """All comments in the order in which they should be looked at, with posts and places to tell them by."""

    spots: list[Spot]
    heard: Heard
    cards: Cards
    posts: Mapping[int, Kept]
    places: Places

    def of(self, look: Look) -> list[Spot]:
        """Those of a workspace, account or post."""
        account = self.places.accounts.get(look.whose.account)
        posts = {post for post in self.heard.threads if self._is_of(post, look)}
        found = [one for one in self.spots if one.post in posts]
        if account is None:
            return found
        return [one for one in found if self._read(one).platform in {None, account.platform}]

    def _read(self, spot: Spot) -> Comment:
        return self.heard.threads[spot.post].comments[spot.comment].comment

    def _is_of(self, number: int, look: Look) -> bool:
        if look.post and number != look.post:
            return False
        post = self.posts.get(number)
        everything = not (look.whose.workspace or look.whose.account)
        return everything or (post is not None and look.whose.takes(post.post, self.places))

    def told(self, spot: Spot) -> Line:
        """A comment as it is told."""
        return line(self.heard, spot, self.cards)

    def line(self, comment: int) -> Line:
        """A comment that was read. Raises Declined where none was."""
        found = next((one for one in self.spots if one.comment == comment), None)
        if found is None:
            raise Declined(f"No run has read comment {comment}, or it is gone.", hint="Read the comments of its post.")
        return self.told(found)


def inbox_of(site: Site) -> Inbox:
    """The comments as they were last read; what came in since the last look is taken in first."""
    house, heard, there = site.house, room_of(site).heard, places(site)
    shown, last = house.store.shown, house.store.last_row
    if heard.row != last:
        first = heard.row < 0
        new = shown.comments(house.service, _RUNS, _READS) if first else shown.comments_after(house.service, heard.row)
        for one in new:
            heard.take(one, house.store.load(one.record.body))
        heard.row = last
    now = house.clock.now()
    cards = {name: house.store.ledger.cards_about(house.service, name, now) for name in _OPERATIONS}
    return Inbox(spots(heard, there.accounts, cards, now), heard, cards, mirrored_posts(site, there), there)


def newest_out(site: Site, posts: Mapping[int, Kept]) -> list[int]:
    """The newest posts that went out lately, as far as the journal knows them."""
    now = site.house.clock.now()
    out = [
        (max(one.first), one.post.id)
        for one in posts.values()
        if one.post.status in _OUT and one.first and now - _SINCE <= max(one.first) <= now
    ]
    return [post for _, post in sorted(out, reverse=True)[:_POSTS]]
