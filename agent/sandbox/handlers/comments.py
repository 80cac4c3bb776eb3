"""Comments: listing and fetching, replying, changing, hiding, deleting."""

from pydantic import MISSING

from agent.api.comments import (
    CreateComment,
    DeleteComment,
    GetComment,
    HideComment,
    ListComments,
    SyncComments,
    UpdateComment,
)
from agent.sandbox import shapes
from agent.sandbox.commenting import parent_of, written
from agent.sandbox.context import Context, Reply
from agent.sandbox.library import fetch
from agent.sandbox.refusal import Refusal, not_found, wrong
from agent.sandbox.removal import remove_comment
from agent.sandbox.rows import CommentRow, MediaRow, PostRow

_PER_PAGE = 20
#: Networks whose comments the service fetches.
_FETCHED = {"twitter", "linkedin", "bluesky", "youtube", "mastodon"}


def list_comments(ctx: Context, call: ListComments) -> Reply:
    """One page of a post's comments, newest first; page 1 of the social ones fetches them first.

    With replies (the default) the page holds top-level comments, each with its replies; without, all, side by side.
    """
    post = ctx.owned(PostRow, call.post_id)
    page = 1 if call.page is MISSING else call.page
    per_page = _PER_PAGE if call.per_page is MISSING else call.per_page
    source = "SOCIAL" if call.source is MISSING else call.source
    if page == 1 and source == "SOCIAL":
        _fetch(ctx, post)
    rows = ctx.tx.find(CommentRow, "post", [post.id])
    if call.include_replies is MISSING or call.include_replies == "true":
        shown = shapes.threads(ctx, rows)
    else:
        shown = [shapes.comment(ctx, row) for row in rows]
    wanted = {
        "source": source,
        "platform": call.provider,
        "is_resolved": call.is_resolved if call.is_resolved is MISSING else call.is_resolved == "true",
        "is_approved": call.is_approved if call.is_approved is MISSING else call.is_approved == "true",
    }
    shown = [item for item in shown if all(want is MISSING or item[name] == want for name, want in wanted.items())]
    shown.reverse()
    part = shown[(page - 1) * per_page : page * per_page]
    flat = not ctx.rules.live_envelopes
    return Reply(shapes.paged(ctx, part, page=page, per_page=per_page, total=len(shown), flat=flat))


def create_comment(ctx: Context, call: CreateComment) -> Reply:
    """A comment or reply of the token's user."""
    post = ctx.owned(PostRow, call.post_id)
    answered = None if call.parent_comment_id is MISSING else call.parent_comment_id
    parent = parent_of(ctx.tx, post, answered, "parent_comment_id")
    text = None if call.content is MISSING or not call.content.strip() else call.content
    media = [] if call.media is MISSING else _media(ctx, call.media, post.workspace_id)
    if text is None and not media:
        raise wrong("content", "The {} field is required when media is not present.")
    user = ctx.token
    row = written(ctx.tx, post, parent, author=user.user, user_id=user.user_id, text=text, at=ctx.now)
    row.media = media
    row.is_resolved = call.is_resolved is not MISSING and call.is_resolved
    row.is_approved = None if call.is_approved is MISSING else call.is_approved
    ctx.tx.put(row)
    return Reply(shapes.comment(ctx, row), status=201)


def sync_comments(ctx: Context, call: SyncComments) -> Reply:
    """Fetch a post's comments; rows that are not out, or on networks without fetching, say `synced: false`."""
    post = ctx.owned(PostRow, call.post_id)
    synced = _fetch(ctx, post)
    rows = [
        {"platform_post_id": target.id, "provider": target.platform, "synced": target.platform in synced}
        for target in post.targets
    ]
    return Reply({"message": "Comments synced.", "data": {"post_id": post.id, "platform_posts": rows}})


def get_comment(ctx: Context, call: GetComment) -> Reply:
    """One comment with its replies."""
    row = _owned(ctx, call.comment)
    return Reply(shapes.thread(ctx, row, ctx.tx.find(CommentRow, "post", [row.post_id])))


def update_comment(ctx: Context, call: UpdateComment) -> Reply:
    """Change one's own comment. Raises Refusal 403 for anybody else's."""
    row = _owned(ctx, call.comment)
    if row.user_id != ctx.token.user_id:
        raise Refusal(403, "This action is unauthorized.")
    if call.content is not MISSING:
        row.text = call.content or None
    if call.media is not MISSING:
        row.media = _media(ctx, call.media, row.workspace_id)
        if call.media and not row.media:
            raise wrong("media", "The {} field has no item that could be used.")
    ctx.tx.put(row)
    return Reply(shapes.thread(ctx, row, ctx.tx.find(CommentRow, "post", [row.post_id])))


def delete_comment(ctx: Context, call: DeleteComment) -> Reply:
    """Delete any comment with its replies."""
    remove_comment(ctx.tx, _owned(ctx, call.comment))
    return Reply({"message": "Comment deleted successfully"})


def hide_comment(ctx: Context, call: HideComment) -> Reply:
    """Hide a social comment, or one's own, whose post is out on its network."""
    row = _owned(ctx, call.comment)
    post = ctx.owned(PostRow, row.post_id)
    out = {target.platform for target in post.targets if target.publications}
    if row.platform not in out or not (row.source == "SOCIAL" or row.user_id == ctx.token.user_id):
        raise Refusal(422, "This comment cannot be hidden.")
    row.hidden = True
    ctx.tx.put(row)
    return Reply({"message": "Comment hidden successfully"})


def _owned(ctx: Context, comment_id: int) -> CommentRow:
    row = ctx.owned(CommentRow, comment_id)
    if row.waits:
        raise not_found()
    return row


def _fetch(ctx: Context, post: PostRow) -> set[str]:
    """Let comments in that wait on the networks; they get new ids. Gives the networks that were asked."""
    asked = {target.platform for target in post.targets if target.publications and target.platform in _FETCHED}
    renamed: dict[int, int] = {}
    for row in ctx.tx.find(CommentRow, "waiting", [post.id]):
        if row.platform not in asked or row.created_at > ctx.now:
            continue
        ctx.tx.remove(row)
        arrived = row.model_copy(update={"id": ctx.tx.new_id(CommentRow), "waits": False})
        arrived.parent_id = renamed.get(row.parent_id, row.parent_id) if row.parent_id else None
        renamed[row.id] = arrived.id
        ctx.tx.put(arrived)
    return asked


def _media(ctx: Context, refs: tuple[int | str, ...], workspace_id: int) -> list[int]:
    """The library items among the references; addresses are imported, what cannot be used is left out."""
    found: list[int] = []
    for ref in refs:
        if isinstance(ref, str):
            found += [row.id for row in fetch(ctx, ref, workspace_id=workspace_id)]
            continue
        row = ctx.tx.get(MediaRow, ref)
        if row is not None and row.workspace_id == workspace_id:
            found.append(row.id)
    return found
