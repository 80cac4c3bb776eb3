"""Calls that a person asks for once more: as before, over the object as it stands now. No model is offered these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import MISSING

from agent.api.endpoint import Endpoint
from agent.api.posts import CreatePost, DeletePost, ScheduleFor, UpdatePost
from agent.api.types import Post
from agent.gate.versions import object_read
from agent.tools.body import standing_of
from agent.tools.desk import Completes, Desk, Need, Parts, Unfit
from agent.tools.drafting import DeletePosts
from agent.tools.lookup import fresh, fresh_post
from agent.tools.promotion import PublishPost, SchedulePost, UnschedulePost


@dataclass(frozen=True)
class SameCalls:
    """Calls as they were, once their objects have been read again: the card shows what they would change now."""

    calls: tuple[Endpoint[Any], ...]

    def complete(self, desk: Desk) -> Need | Parts:
        for call in self.calls:
            read = object_read(call)
            answer = fresh(read, desk) if read is not None else None
            if isinstance(answer, Need):
                return answer
        return Parts(self.calls)


@dataclass(frozen=True)
class DraftAnew:
    """A post's content as a new draft, for some of its accounts alone: those it did not go out on."""

    post: int
    accounts: tuple[int, ...]

    def complete(self, desk: Desk) -> Need | Parts:
        post = fresh_post(self.post, desk)
        if isinstance(post, Need):
            return post
        return draft_of(post, desk, self.accounts)


def draft_of(post: Post, desk: Desk, accounts: tuple[int, ...] | None) -> Parts:
    """A post's content as a new draft, for some of its accounts, or for all (None). Raises Unfit."""
    # Read as a draft: a post that is out cannot be changed, but its content can be sent as a new one.
    standing = standing_of(post.model_copy(update={"status": "DRAFT", "scheduled_at": None}), desk)
    targets = tuple(target for target in standing.accounts if accounts is None or target.id in accounts)
    if not targets:
        raise Unfit(f"PostSyncer does not show the accounts of post {post.id} any more: draft it anew yourself.")
    draft = CreatePost(
        workspace_id=standing.workspace_id,
        content=standing.content,
        schedule_type="draft",
        accounts=targets,
        labels=standing.labels or MISSING,
    )
    return Parts((draft,), standing.notes)


#: Tools whose PUT changes a post's content: what is asked for again is that content, not the post as it stands.
_EDITS = frozenset({"edit_post", "label_posts"})


def once_more(calls: Sequence[Endpoint[Any]], tool: str) -> Completes:
    """What asks for the same calls again; `tool` is where they came from. A promotion takes the post as it is now."""
    first = calls[0]
    if isinstance(first, DeletePost):
        return DeletePosts(posts=tuple(call.id for call in calls if isinstance(call, DeletePost)))
    if len(calls) == 1 and isinstance(first, UpdatePost) and tool not in _EDITS:
        return _promotion(first)
    return SameCalls(tuple(calls))


def _promotion(call: UpdatePost) -> Completes:
    if call.schedule_type == "publish_now":
        return PublishPost(post=call.id)
    if call.schedule_type == "draft":
        return UnschedulePost(post=call.id)
    if isinstance(call.schedule_for, ScheduleFor):
        return SchedulePost(post=call.id, at=f"{call.schedule_for.date} {call.schedule_for.time}")
    return SchedulePost(post=call.id, next_slot=True)
