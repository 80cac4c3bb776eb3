"""Tools that read posts."""

import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from agent.api.networks import TEXT_FIELD
from agent.api.posts import AnalyzeTwitterPost, GetPost, GetPostByPlatformPostId, GetPostByUrl, ListPosts
from agent.api.types import OUT, Post, read_time
from agent.policy.facts import Facts
from agent.tools.args import USUAL, Day, Limit, Name, ObjectId, Status, Url, WorkspaceId
from agent.tools.desk import Desk, Need, Parts, Said, Unfit
from agent.tools.lookup import inside, workspace_of
from agent.tools.paging import Walk
from agent.tools.rows import post_row, shown_zone
from agent.tools.schema import View

_PER_PAGE = 100
#: What failed on some networks and is out on others is found as both.
_STATUSES: dict[Status, frozenset[str]] = {
    "draft": frozenset({"DRAFT"}),
    "scheduled": frozenset({"SCHEDULED"}),
    "published": OUT - {"FAILED"},
    "failed": frozenset({"FAILED", "PARTIALLY_FAILED"}),
}


class FindPosts(View):
    """Find posts, highest id first; contains looks in all texts. Dates are when a post is due or went out, in its
    workspace's zone.
    """

    tool = "find_posts"

    workspace_id: WorkspaceId | None = None
    status: Status | None = None
    contains: Name | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    limit: Limit | None = None

    def complete(self, desk: Desk) -> Need | Said:
        facts = desk.facts
        if self.workspace_id is not None:
            workspace_of(self.workspace_id, facts)
        first, last = day_of(self.due_from), day_of(self.due_to)
        if first and last and last < first:
            raise Unfit(f"due_to {last} lies before due_from {first}.")
        most = self.limit or USUAL
        found: list[Post] = []
        steps = Walk(desk, lambda number: ListPosts(page=number, per_page=_PER_PAGE))
        for page in steps:
            if isinstance(page, Need):
                return page
            found += [post for post in page if self._fits(post, first, last, facts)]
            if len(found) > most:
                break
        return Said(self._told(found, most, steps, facts))

    def _told(self, found: list[Post], most: int, steps: Walk[Post], facts: Facts) -> dict[str, object]:
        told: dict[str, object] = {"posts": [post_row(post, facts) for post in found[:most]]}
        if len(found) > most:
            told["more"] = "there are more; narrow the search or raise limit"
        elif steps.cut:
            told["more"] = f"only the newest {steps.seen} posts were looked at"
        else:
            told["found"] = f"{len(found)}, that is all"
        return told

    def _fits(self, post: Post, first: date | None, last: date | None, facts: Facts) -> bool:
        if not inside(post.home, facts) or (self.workspace_id is not None and post.home != self.workspace_id):
            return False
        if self.status is not None and post.status not in _STATUSES[self.status]:
            return False
        if self.contains is not None and not _contains(post, self.contains):
            return False
        if first is None and last is None:
            return True
        days = [moment.date() for moment in _moments(post, facts)]
        return any((first is None or first <= day) and (last is None or day <= last) for day in days)


class ReadPost(View):
    """One post with its full text, media, settings and state."""

    tool = "get_post"

    post: ObjectId

    def complete(self, desk: Desk) -> Parts:
        return Parts((GetPost(id=self.post),))


class FindPostByUrl(View):
    """The post that is published at this exact address."""

    tool = "find_post_by_url"
    for_urls = True

    url: Url

    def complete(self, desk: Desk) -> Parts:
        return Parts((GetPostByUrl(post_url=self.url),))


class FindPostByNetworkId(View):
    """The post with this id on its network."""

    tool = "find_post_by_network_id"
    for_urls = True

    id: Name

    def complete(self, desk: Desk) -> Parts:
        if not self.id.strip("."):
            raise Unfit("id: the post's id on its network is expected; dots alone are none.")
        return Parts((GetPostByPlatformPostId(platform_post_id=self.id),))


class AnalyzeXPost(View):
    """Ask PostSyncer's own model about any public X post and its replies. Its answer may be wrong."""

    tool = "analyze_x_post"
    for_urls = True

    url: Annotated[Url, Field(description="x.com status address")]
    question: Annotated[str, StringConstraints(min_length=3, max_length=2000)]

    def complete(self, desk: Desk) -> Parts:
        return Parts((AnalyzeTwitterPost(url=self.url, question=self.question),))


def day_of(text: str | None) -> date | None:
    """A calendar day. Raises Unfit for one that does not exist."""
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise Unfit(f"{text} is no day of the calendar; YYYY-MM-DD is expected.") from error


def _contains(post: Post, words: str) -> bool:
    wanted = _folded(words)
    return any(wanted in _folded(text) for text in _texts(post))


def _texts(post: Post) -> Iterator[str]:
    """All that a post says: its items, and the words that single networks have of their own."""
    yield from (item.text for item in post.content if item.text)
    for row in post.platforms:
        own = row.settings.get(TEXT_FIELD.get(row.platform, ""))
        if isinstance(own, str):
            yield own


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _moments(post: Post, facts: Facts) -> Iterator[datetime]:
    """When a post went out, else is due, on its workspace's clock; dates that cannot be read are passed over.

    What goes out again and again counts on the days it was out, and on the next it is due.
    """
    zone = shown_zone(post.home, facts)
    over = post.status in OUT and post.posted_on
    for raw in (None if over else post.scheduled_at, *post.posted_on):
        try:
            if raw:
                yield read_time(raw, zone).astimezone(zone)
        except ValueError:
            continue
