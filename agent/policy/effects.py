"""The class of a call's effect, from the call and the last known state of its object. Unknown state is the gravest."""

from typing import Any

from pydantic import MISSING

from agent.api.comments import ListComments
from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import CreatePost, UpdatePost
from agent.api.types import Post
from agent.policy.facts import Facts


def effect(call: Endpoint[Any], facts: Facts) -> Effect:
    """The effect class of a call (DESIGN section 4). Pure."""
    if isinstance(call, CreatePost):
        return Effect.DRAFT if call.schedule_type == "draft" else Effect.OUTBOUND
    if isinstance(call, UpdatePost):
        return _of_update(call, facts)
    if isinstance(call, ListComments):
        return Effect.SYNC if _may_sync(call) else Effect.READ
    return call.route.effect


def _may_sync(call: ListComments) -> bool:
    first = call.page is MISSING or call.page == 1
    social = call.source is MISSING or call.source == "SOCIAL"
    return first and social


def _of_update(call: UpdatePost, facts: Facts) -> Effect:
    post = facts.posts.get(call.id)
    if post is None:
        return Effect.DESTRUCTIVE
    if call.schedule_type != "draft":
        return Effect.OUTBOUND
    if post.status != "DRAFT":
        return Effect.DESTRUCTIVE
    mine = post.id in facts.ours or post.id in facts.named or facts.mode == "person"
    return Effect.DRAFT if mine or only_labels(call, post) else Effect.DESTRUCTIVE


def only_labels(call: UpdatePost, post: Post) -> bool:
    """Whether an update changes nothing of a post but its labels or campaign, as far as the service shows it."""
    if len(call.content) != len(post.content):
        return False
    for ours, shown in zip(call.content, post.content, strict=True):
        text = None if ours.text is MISSING else ours.text
        if (text or "") != (shown.text or ""):
            return False
        media = () if ours.media is MISSING else ours.media
        if list(media) != [item.id for item in shown.media]:
            return False
    targets = () if call.accounts is MISSING else call.accounts
    shown_ids = [row.shown_account_id for row in post.platforms]
    known = [account for account in shown_ids if account is not None]
    return len(known) == len(shown_ids) and sorted(target.id for target in targets) == sorted(known)
