"""Reading posts for the mirror, and the mirror as a decision sees it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent.api.client import Client
from agent.api.endpoint import Endpoint
from agent.api.posts import ListPosts, UpdatePost
from agent.api.types import Page, Post
from agent.journal import records as r
from agent.journal.ledger import Ledger
from agent.journal.mirror import MIRRORS, PER_PAGE, MirrorPost, MirrorState, lean
from agent.journal.run import Run
from agent.policy.mirror import Kept, Mirror, Shelf, kept, zone_of

#: The newest posts are not read again for a promotion when that was done this short a time ago.
FRESH = timedelta(minutes=2)


class MirrorView:
    """The mirror of one service, kept in memory and brought up to date by what changed."""

    def __init__(self, ledger: Ledger, service: str) -> None:
        self._ledger = ledger
        self._service = service
        self._zones: Mapping[int, str] = {}
        self._change = 0
        self._shelf = Shelf()
        self._planned: dict[int, Kept] = {}

    def now(self, zones: Mapping[int, str], now: datetime) -> Mirror:
        """As it stands. `zones` are the workspaces' time zones by their id."""
        shelf, state = self.shelf(zones)
        waiting = [self._plan(one, zone_of(one, zones), now) for one in self._ledger.planned(self._service, now)]
        self._planned = {one.post.id: one for one in waiting if one.post.due}
        return Mirror(shelf, tuple(waiting), state.scanned)

    def _plan(self, post: MirrorPost, zone: ZoneInfo, now: datetime) -> Kept:
        """A waiting call with its times. One that repeats has hundreds: not worked out again for every decision."""
        before = self._planned.get(post.id)
        return before if before is not None and before.post == post else kept(post, zone, now)

    def shelf(self, zones: Mapping[int, str]) -> tuple[Shelf, MirrorState]:
        """The posts alone, and how old they are."""
        state = self._ledger.mirror_state(self._service)
        if zones != self._zones or state.change < self._change:
            self._zones, self._change, self._shelf, self._planned = dict(zones), 0, Shelf(), {}
        if state.change != self._change:
            self._take(self._change)
            self._change = state.change
        return self._shelf, state

    def _take(self, after: int) -> None:
        changed = self._ledger.mirrored(self._service, after)
        if not changed:
            return
        posts = dict(self._shelf.posts)
        for key, post in changed.items():
            if post is None:
                posts.pop(key, None)
            else:
                posts[key] = kept(post, zone_of(post, self._zones))
        self._shelf = Shelf(posts)


def promotes(call: Endpoint[Any]) -> bool:
    """Whether a call schedules or publishes a post."""
    return isinstance(call, UpdatePost) and call.schedule_type != "draft"


async def read_posts(client: Client, run: Run, key: str, page: int, *, person: bool = False) -> Page[Post]:
    """Read a page of all posts for the mirror; journaled without what the mirror does not need. Raises ApiError."""
    call = ListPosts(page=page, per_page=PER_PAGE)
    reply = await client.exchange(call, person=person)
    body = run.store.keep(lean(reply.answer))
    run.add(r.Read(key=key + MIRRORS, operation=call.route.name, arguments=call.model_dump_json(), body=body))
    run.flush()
    return reply.answer
