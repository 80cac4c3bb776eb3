"""The class of a call's effect, from the call and the last known state of its object. Unknown state is the gravest."""

from typing import Any

from pydantic import MISSING

from agent.api.comments import ListComments
from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import AccountTarget, ContentItem, CreatePost, UpdatePost, settings_of
from agent.api.types import ContentShown, PlatformRow, Post
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
    if len(call.content) != len(post.content) or not _same_repeats(call, post):
        return False
    if not all(_same_item(ours, shown) for ours, shown in zip(call.content, post.content, strict=True)):
        return False
    targets = () if call.accounts is MISSING else call.accounts
    rows = {row.shown_account_id: row for row in post.platforms}
    if None in rows or len(targets) != len(post.platforms) or {target.id for target in targets} != set(rows):
        return False
    return all(_same_settings(target, rows[target.id]) for target in targets)


def _same_item(ours: ContentItem, shown: ContentShown) -> bool:
    text = None if ours.text is MISSING else ours.text
    media = () if ours.media is MISSING else ours.media
    same_text = (text or "") == (shown.text or "") and list(media) == [item.id for item in shown.media]
    same_mark = (ours.is_first_comment is True) == (shown.is_first_comment is True)
    return same_text and same_mark and _same_cover(ours, shown)


def _same_cover(ours: ContentItem, shown: ContentShown) -> bool:
    if ours.cover_image is MISSING or shown.cover_image is None:
        return ours.cover_image is MISSING and shown.cover_image is None
    cover = shown.cover_image
    thumbnail = cover.thumbnail.get("id") if isinstance(cover.thumbnail, dict) else cover.thumbnail
    seen = {"thumbnail": thumbnail, "video_cover_timestamp_ms": cover.video_cover_timestamp_ms}
    return all(seen[name] == value for name, value in ours.cover_image.model_dump().items())


def _same_settings(target: AccountTarget, row: PlatformRow) -> bool:
    return all(row.settings.get(name) == value for name, value in settings_of(target).items())


def _same_repeats(call: UpdatePost, post: Post) -> bool:
    if call.repeatable is not MISSING and call.repeatable != bool(post.repeatable):
        return False
    names = ("repeatable_times", "repeatable_gap", "repeatable_gap_unit", "repeatable_accounts")
    given = {name: getattr(call, name) for name in names}
    return all(value is MISSING or value == getattr(post, name) for name, value in given.items())
