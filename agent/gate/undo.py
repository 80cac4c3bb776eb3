"""What can be undone once a call is applied, in one sentence for the card."""

from typing import Any

from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.networks import NETWORK_NAMES
from agent.api.posts import DeletePost, UpdatePost
from agent.api.types import Post

#: Networks whose own interface cannot delete a post: only by hand in the app. Source: NETWORKS.md 4.2.
NO_DELETE = frozenset({"instagram", "threads"})


def undo_note(call: Endpoint[Any], effect: Effect, post: Post | None) -> str:
    """What can be undone, by which call, until when. Pure."""
    if isinstance(call, UpdatePost):
        return _of_promotion(call, post)
    if isinstance(call, CreateComment):
        return "A reply can be deleted (delete_comment) or edited later; people may have seen it by then."
    if isinstance(call, UpdateComment):
        return "The old text stands in the run's journal and can be put back by another edit (edit_comment)."
    if isinstance(call, HideComment):
        return "Hiding cannot be undone here: the service has no unhide."
    if isinstance(call, DeleteComment):
        return "A deleted comment is gone; its text stays in the run's folder."
    if isinstance(call, DeletePost):
        return "A new draft can be made of the copy that is kept first; its id, comments and numbers do not come back."
    if effect is Effect.DESTRUCTIVE:
        return "This cannot be undone in PostSyncer; a full copy is kept in the run's folder first."
    return ""


def _of_promotion(call: UpdatePost, post: Post | None) -> str:
    after = by_hand(post) if post is not None else "not to be taken back for certain."
    if call.schedule_type == "schedule":
        return f"Until it is due it can be taken off the schedule or moved; then it is {after}"
    if call.schedule_type == "draft":
        if post is not None and post.status == "DRAFT":
            return "The draft as it was is kept in the run's folder and can be put back by another edit."
        return "It stays as a draft and can be scheduled again."
    return f"Once published it is {after}"


def by_hand(post: Post) -> str:
    """How a published post can be taken back, as the end of a sentence."""
    apps = sorted(
        {NETWORK_NAMES.get(row.platform, row.platform) for row in post.platforms if row.platform in NO_DELETE}
    )
    if apps:
        return f"not to be taken back from here; on {' and '.join(apps)} only by hand in the app."
    return "not to be taken back for certain; deleting it is only tried."
