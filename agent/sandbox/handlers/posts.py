"""Posts: listing, writing, deleting, looking up."""

from collections.abc import Mapping
from typing import Any

from pydantic import MISSING

from agent.api.posts import (
    CreatePost,
    DeletePost,
    GetPost,
    GetPostByPlatformPostId,
    GetPostByUrl,
    ListPosts,
    UpdatePost,
)
from agent.sandbox import shapes
from agent.sandbox.composing import as_sent, compose
from agent.sandbox.context import Context, Reply
from agent.sandbox.refusal import Refusal, not_found
from agent.sandbox.removal import remove_post
from agent.sandbox.rows import CLOSED, CommentRow, PostRow
from agent.sandbox.store import Tx

_PER_PAGE = 100
#: Fields of a PUT whose null is not the same as absence: the next free slot, and no campaign.
_NULL_SAYS_SOMETHING = {"schedule_for", "campaign_id"}


def list_posts(ctx: Context, call: ListPosts) -> Reply:
    """One page of posts, newest first. A `workspace_id` that the token cannot see gives an empty list."""
    page = 1 if call.page is MISSING else call.page
    per_page = _PER_PAGE if call.per_page is MISSING else call.per_page
    homes = [home for home in ctx.visible if call.workspace_id is MISSING or home == call.workspace_id]
    rows = ctx.tx.find(PostRow, "workspace", homes, newest=True, limit=per_page, offset=(page - 1) * per_page)
    total = ctx.tx.count(PostRow, "workspace", homes)
    shown = [_shown(ctx, row, call.include_comments) for row in rows]
    flat = not ctx.rules.live_envelopes
    return Reply(shapes.paged(ctx, shown, page=page, per_page=per_page, total=total, flat=flat))


def get_post(ctx: Context, call: GetPost) -> Reply:
    """One post."""
    return Reply(_shown(ctx, ctx.owned(PostRow, call.id), call.include_comments))


def get_post_by_url(ctx: Context, call: GetPostByUrl) -> Reply:
    """The post that was published at exactly this address."""
    return Reply(_shown(ctx, _published(ctx, "url", call.post_url), call.include_comments))


def get_post_by_platform_post_id(ctx: Context, call: GetPostByPlatformPostId) -> Reply:
    """The post with this id on its network."""
    return Reply(_shown(ctx, _published(ctx, "native", call.platform_post_id), call.include_comments))


def create_post(ctx: Context, call: CreatePost) -> Reply:
    """Save, schedule or queue a new post."""
    post = PostRow(
        id=0,
        workspace_id=call.workspace_id,
        content=[],
        status="DRAFT",
        targets=[],
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    compose(ctx, call, post)
    post.id = ctx.tx.new_id(PostRow)
    ctx.tx.put(post)
    return Reply(shapes.post(ctx, post, written=True), status=201)


def update_post(ctx: Context, call: UpdatePost) -> Reply:
    """Change a post that has not gone out."""
    post = ctx.owned(PostRow, call.id)
    if post.status in CLOSED:
        raise Refusal(422, "Only posts that are not published yet can be updated")
    compose(ctx, call, post)
    ctx.tx.put(post)
    return Reply(shapes.post(ctx, post, written=True))


def delete_post(ctx: Context, call: DeletePost) -> Reply:
    """Delete a post with its comments, whatever its state; what is out on a network stays there."""
    remove_post(ctx.tx, ctx.owned(PostRow, call.id))
    return Reply({"message": "Post deleted successfully"})


def prepare_create(_: Context, __: Mapping[str, str], sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body with an empty `schedule_for` as none at all."""
    return dict(sent) | {"schedule_for": sent.get("schedule_for") or None}


def prepare_update(ctx: Context, path: Mapping[str, str], sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body with everything it leaves out, or names without a value, taken from the post. Raises Refusal 404."""
    if not path["id"].isdecimal():
        raise not_found()
    post = ctx.owned(PostRow, int(path["id"]))
    named = {name: value for name, value in sent.items() if value is not None or name in _NULL_SAYS_SOMETHING}
    body = dict(as_sent(ctx.tx, post, ctx.zone(post.workspace_id))) | named
    return body | {"schedule_for": body["schedule_for"] or None}


def _comments(tx: Tx, post_id: int) -> list[CommentRow]:
    return tx.find(CommentRow, "post", [post_id])


def _published(ctx: Context, name: str, value: str) -> PostRow:
    for row in ctx.tx.find(PostRow, name, [value]):
        if row.workspace_id in ctx.visible:
            return row
    raise not_found()


def _shown(ctx: Context, row: PostRow, with_comments: object) -> dict[str, Any]:
    shown = shapes.post(ctx, row)
    if with_comments is True:
        shown["comments"] = shapes.threads(ctx, _comments(ctx.tx, row.id), with_contact=True)
    return shown
