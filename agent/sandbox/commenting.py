"""Comments that people write: a reply takes source and network of what it answers, all others are internal."""

from datetime import datetime

from agent.sandbox.refusal import wrong
from agent.sandbox.rows import CommentRow, PostRow
from agent.sandbox.store import Tx


def parent_of(tx: Tx, post: PostRow, comment_id: int | None, field: str) -> CommentRow | None:
    """The comment of the same post that is answered. Raises Refusal 422 about `field` if it is none."""
    if comment_id is None:
        return None
    parent = tx.get(CommentRow, comment_id)
    if parent is None or parent.waits or parent.post_id != post.id:
        raise wrong(field, "The selected {} is invalid.")
    return parent


def written(
    tx: Tx, post: PostRow, parent: CommentRow | None, *, author: str, user_id: int, text: str | None, at: datetime
) -> CommentRow:
    """A new comment of a user; not stored yet."""
    return CommentRow(
        id=tx.new_id(CommentRow),
        workspace_id=post.workspace_id,
        post_id=post.id,
        parent_id=parent.id if parent else None,
        source=parent.source if parent else "INTERNAL",
        platform=parent.platform if parent else None,
        text=text,
        author=author,
        user_id=user_id,
        created_at=at,
    )
