"""What takes an applied effect back: the compensating call, or why there is none. No model is offered these."""

from dataclasses import dataclass
from typing import Any

from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.folders import CreateFolder, UpdateFolder
from agent.api.labels import CreateLabel, UpdateLabel
from agent.api.media import UploadMediaFile, UploadMediaFromUrl
from agent.api.posts import CreatePost, DeletePost, GetPost, UpdatePost
from agent.api.types import OUT, Comment, Folder, Label, Post
from agent.errors import NotFound
from agent.gate.undo import by_hand
from agent.tools.again import SameCalls, draft_of
from agent.tools.body import Changes, standing_of, updated
from agent.tools.comments import EditComment, RemoveComment
from agent.tools.desk import Completes, Desk, Need, Parts, Unfit
from agent.tools.folders import RemoveFolders
from agent.tools.lookup import fresh_post
from agent.tools.media import RemoveMedia
from agent.tools.organise import RemoveLabel


def _still_there(post: int, desk: Desk) -> Need | Post:
    """The post as just read. Raises Unfit, worded for a person, where it is gone."""
    if isinstance(desk.answer(GetPost(id=post)), NotFound):
        raise Unfit(f"Post {post} is not in PostSyncer any more: there is nothing to take back.")
    return fresh_post(post, desk)


@dataclass(frozen=True)
class PutBack:
    """A post as it was before, as the body that stores it so."""

    before: Post

    def complete(self, desk: Desk) -> Need | Parts:
        now = _still_there(self.before.id, desk)
        if isinstance(now, Need):
            return now
        if now.status in OUT:
            raise Unfit(f"Post {now.id} is {now.status.lower().replace('_', ' ')}: {by_hand(now)}")
        standing = standing_of(self.before, desk)
        return Parts((updated(standing, Changes()),), standing.notes)


@dataclass(frozen=True)
class RemoveMade:
    """A post that a run made, deleted as long as nobody has seen it."""

    post: int

    def complete(self, desk: Desk) -> Need | Parts:
        now = _still_there(self.post, desk)
        if isinstance(now, Need):
            return now
        if now.status in OUT:
            raise Unfit(f"Post {now.id} is {now.status.lower().replace('_', ' ')}: {by_hand(now)}")
        return Parts((DeletePost(id=self.post),))


@dataclass(frozen=True)
class DraftFromCopy:
    """A deleted post's content as a new draft: its id, comments and numbers do not come back."""

    before: Post

    def complete(self, desk: Desk) -> Parts:
        return draft_of(self.before, desk, None)


def taken_back_by(call: Endpoint[Any], object_id: int | None, before: Any, made: tuple[int, ...]) -> Completes | str:
    """What takes one applied call back, or in one sentence why nothing does.

    `before` is its object as read before it was sent (None where there was none), `made` ids of the media it brought.
    """
    match call:
        case DeletePost() if isinstance(before, Post):
            return DraftFromCopy(before)
        case UpdatePost() if isinstance(before, Post):
            return PutBack(before)
        case CreateComment() if object_id is not None:
            return RemoveComment(comment=object_id)
        case UpdateComment() if isinstance(before, Comment) and before.content:
            return EditComment(comment=call.comment, text=before.content)
        case CreateLabel() if object_id is not None:
            return RemoveLabel(label=object_id)
        case UpdateLabel() if isinstance(before, Label) and before.color:
            return SameCalls((UpdateLabel(id=call.id, name=before.name, color=before.color),))
        case CreateFolder() if object_id is not None:
            return RemoveFolders(folders=(object_id,))
        case UpdateFolder() if isinstance(before, Folder):
            return SameCalls((UpdateFolder(folder_id=call.folder_id, name=before.name),))
        case UploadMediaFile() | UploadMediaFromUrl() if len(made) == 1:
            return RemoveMedia(media=made[0])
        case _:
            return _why_not(call)


def _why_not(call: Endpoint[Any]) -> str:
    match call:
        case HideComment():
            return "PostSyncer has no unhide; it can be shown again only on the network itself."
        case DeleteComment():
            return "A deleted comment is gone; its text stands in the run's folder."
        case CreatePost() | UpdatePost() | CreateComment() | UpdateComment():
            return "What it was before was not read, so nothing can be put back."
        case _:
            return "PostSyncer has no call that takes this back; a copy of what was there stands in the run's folder."
