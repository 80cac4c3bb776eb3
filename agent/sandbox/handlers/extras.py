"""Pages of a post that act later by themselves, and the analysis of an X post."""

import re
from typing import Any

from pydantic import MISSING

from agent.api.posts import (
    AnalyzeTwitterPost,
    UpdatePostAutoPlug,
    UpdatePostCommentModeration,
    UpdatePostContactCollection,
)
from agent.sandbox import shapes
from agent.sandbox.context import Context, Reply
from agent.sandbox.invent import code
from agent.sandbox.refusal import invalid, words, wrong
from agent.sandbox.rows import PostRow
from agent.sandbox.times import as_read

_STATUS_URL = re.compile(r"^https://(?:www\.|mobile\.)?(?:x|twitter)\.com/(\w+)/status/(\d+)/?(?:\?.*)?$")
_PLUG_NEEDS = ("name", "is_default", "reply_text", "likes", "reposts", "replies", "views")


def update_post_auto_plug(ctx: Context, call: UpdatePostAutoPlug) -> Reply:
    """Store the automatic reply, or clear it."""
    post = ctx.owned(PostRow, call.post)
    post.auto_plug = None
    if call.enabled:
        sent = call.model_dump(mode="json", exclude={"post"})
        _need(sent, _PLUG_NEEDS, "enabled is true")
        post.auto_plug = {"id": code(f"plug/{post.id}/{ctx.now}", 12)} | sent
    return _stored(ctx, post)


def update_post_comment_moderation(ctx: Context, call: UpdatePostCommentModeration) -> Reply:
    """Store the moderation settings; switched off they are kept."""
    post = ctx.owned(PostRow, call.post)
    post.comments_settings = _settings(call, post.comments_settings)
    return _stored(ctx, post)


def update_post_contact_collection(ctx: Context, call: UpdatePostContactCollection) -> Reply:
    """Store the contact settings; switched off they are kept."""
    post = ctx.owned(PostRow, call.post)
    if call.settings is not MISSING and call.settings.mode == "add_all" and call.settings.list_id is MISSING:
        raise wrong("settings.list_id", "The {} field is required when settings.mode is add_all.")
    post.contact_collection_settings = _settings(call, post.contact_collection_settings)
    return _stored(ctx, post)


def analyze_twitter_post(ctx: Context, call: AnalyzeTwitterPost) -> Reply:
    """The world's canned analysis; a post of this box is quoted as it stands, any other has the world's text."""
    match = _STATUS_URL.match(call.url)
    if match is None:
        raise wrong("url", "The {} field must be the address of an X post.")
    analysis = ctx.rules.analysis
    author, text, created = analysis.author, analysis.text, ctx.now
    for post in ctx.tx.find(PostRow, "url", [call.url]):
        if post.workspace_id in ctx.visible:
            author, text, created = match[1], post.content[0].text or "", post.posted_on[-1]
    tweet = {
        "id": match[2],
        "url": call.url,
        "text": text,
        "author": {"username": author},
        "created_at": as_read(created, ctx.zone(ctx.visible[0]) if ctx.visible else ctx.zone(0)),
    }
    return Reply({"answer": analysis.answer, "tweet": tweet})


def _settings(
    call: UpdatePostCommentModeration | UpdatePostContactCollection, before: dict[str, Any] | None
) -> dict[str, Any]:
    sent = call.model_dump(mode="json", include={"enabled", "settings"})
    if call.enabled:
        _need(sent, ("settings",), "enabled is true")
    settings: dict[str, Any] = sent.get("settings", {})
    return (before or {}) | settings | {"enabled": call.enabled}


def _need(sent: dict[str, Any], names: tuple[str, ...], condition: str) -> None:
    lacking = {name: [f"The {words(name)} field is required when {condition}."] for name in names if name not in sent}
    if lacking:
        raise invalid(lacking)


def _stored(ctx: Context, post: PostRow) -> Reply:
    post.updated_at = ctx.now
    ctx.tx.put(post)
    return Reply(shapes.post(ctx, post, written=True))
