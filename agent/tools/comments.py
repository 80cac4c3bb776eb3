"""Tools for comments and replies."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import MISSING, Field

from agent.api.comments import (
    CreateComment,
    DeleteComment,
    GetComment,
    HideComment,
    ListComments,
    SyncComments,
    UpdateComment,
)
from agent.api.posts import GetPost
from agent.api.types import Comment
from agent.policy.authors import by_us
from agent.tools.args import ObjectId, Words
from agent.tools.desk import Desk, Need, Parts, Said, Unfit
from agent.tools.lookup import fresh
from agent.tools.paging import Walk
from agent.tools.rows import comment_row, listing
from agent.tools.schema import View

_PER_PAGE = 50
#: How long page 1 may not be asked for again, as the policy `sync.once` is shipped.
_JUST_NOW = timedelta(minutes=15)


@dataclass(frozen=True)
class _Comments:
    """Comments of a post, with their replies inside them or beside them; `cut` where there are more."""

    comments: tuple[Comment, ...]
    cut: bool = False


class FindComments(View):
    """Comments of a post with replies. unanswered_only leaves out ours, resolved ones and those with any reply."""

    tool = "list_comments"

    post: ObjectId
    unanswered_only: bool | None = None
    page: Annotated[int, Field(ge=1, le=1000)] | None = None

    def complete(self, desk: Desk) -> Need | Parts | Said:
        if not self.unanswered_only:
            return self._all(desk)
        found = self._stored(desk) or self._listed(desk)
        if isinstance(found, Need):
            return found
        replied = {comment.parent_comment_id for comment in found.comments}
        waiting: list[Comment] = []
        skipped = Counter[str]()
        for comment in found.comments:
            if why := settled(comment, desk, replied):
                skipped[why] += 1
            elif comment.parent_comment_id is None:
                waiting.append(comment)
        told = self._rows(waiting, desk) | ({"skipped": dict(skipped)} if skipped else {})
        return Said(told | ({"more": f"only the newest {len(found.comments)} were looked at"} if found.cut else {}))

    def _all(self, desk: Desk) -> Need | Parts | Said:
        stored = self._stored(desk) if self.page in (None, 1) else None
        if isinstance(stored, Need):
            return stored
        if stored is not None:
            return Said(self._rows(stored.comments, desk))
        return Parts((ListComments(post_id=self.post, page=self.page or MISSING, per_page=_PER_PAGE),))

    def _rows(self, comments: Iterable[Comment], desk: Desk) -> dict[str, object]:
        post = desk.facts.posts.get(self.post)
        return listing("comments", (comment_row(one, post.home if post else None, desk.facts) for one in comments))

    def _listed(self, desk: Desk) -> Need | _Comments:
        """All pages. The first is asked for as the service counts pages, so that a fetch from the networks may come."""
        comments: list[Comment] = []
        steps = Walk(desk, self._page)
        for page in steps:
            if isinstance(page, Need):
                return page
            comments += page
        return _Comments(tuple(comments), steps.cut)

    def _stored(self, desk: Desk) -> Need | _Comments | None:
        """What PostSyncer has, where the networks were asked just now: they are not asked again. Else None."""
        listed = (ListComments.route.name, self.post)
        last = desk.facts.syncs.get(listed)
        lately = listed in desk.facts.synced_here or (last is not None and desk.facts.now - last < _JUST_NOW)
        if not lately or desk.answer(self._page(1)) is not None:
            return None
        post = fresh(GetPost(id=self.post, include_comments=True), desk)
        if isinstance(post, Need):
            return post
        return _Comments(post.comments) if "comments" in post.model_fields_set else None

    def _page(self, number: int) -> ListComments:
        return ListComments(post_id=self.post, page=number, per_page=100)


class ReplyToComment(View):
    """Reply to a comment in public."""

    tool = "reply_to_comment"

    comment: ObjectId
    text: Words

    def complete(self, desk: Desk) -> Need | Parts:
        found = desk.facts.comments.get(self.comment)
        if found is None or found.post_id is None:
            answer = fresh(GetComment(comment=self.comment), desk)
            if isinstance(answer, Need):
                return answer
            found = answer
        if found.post_id is None:
            raise Unfit(f"PostSyncer does not show the post of comment {self.comment}: reply in PostSyncer.")
        text = _some(self.text)
        return Parts((CreateComment(post_id=found.post_id, parent_comment_id=self.comment, content=text),))


class CommentOnPost(View):
    """Comment on a post in public."""

    tool = "comment_on_post"

    post: ObjectId
    text: Words

    def complete(self, desk: Desk) -> Parts:
        return Parts((CreateComment(post_id=self.post, content=_some(self.text)),))


class EditComment(View):
    """Change the text of a comment of ours."""

    tool = "edit_comment"

    comment: ObjectId
    text: Words

    def complete(self, desk: Desk) -> Need | Parts:
        # Read first, so that the card shows what it says until now.
        found = fresh(GetComment(comment=self.comment), desk)
        text = _some(self.text)
        return found if isinstance(found, Need) else Parts((UpdateComment(comment=self.comment, content=text),))


class RemoveComment(View):
    """Delete a comment with its replies."""

    tool = "delete_comment"

    comment: ObjectId

    def complete(self, desk: Desk) -> Need | Parts:
        # Read first, so that the card shows what goes.
        found = fresh(GetComment(comment=self.comment), desk)
        return found if isinstance(found, Need) else Parts((DeleteComment(comment=self.comment),))


class ConcealComment(View):
    """Hide a comment on its network; this cannot be undone here."""

    tool = "hide_comment"

    comment: ObjectId

    def complete(self, desk: Desk) -> Need | Parts:
        # Read first, so that the card shows what is hidden.
        found = fresh(GetComment(comment=self.comment), desk)
        return found if isinstance(found, Need) else Parts((HideComment(comment=self.comment),))


class FetchComments(View):
    """Fetch a post's comments from the networks now."""

    tool = "sync_comments"

    post: ObjectId

    def complete(self, desk: Desk) -> Parts:
        return Parts((SyncComments(post_id=self.post),))


def settled(
    comment: Comment, desk: Desk, replied: Collection[int | None]
) -> Literal["", "ours", "resolved", "answered", "a card waits", "reply turned down"]:
    """Why a comment waits for no reply; empty where it does, and for a reply.

    The service documents no author of a reply, so that any reply counts as an answer: better one too few than two.
    """
    if comment.parent_comment_id is not None:
        return ""
    if by_us(comment, desk.facts.accounts):
        return "ours"
    if comment.is_resolved:
        return "resolved"
    if comment.replies or comment.id in replied:
        return "answered"
    state = desk.facts.replies.get(comment.id, (0, ""))[1]
    if state == "rejected":
        return "reply turned down"
    return "a card waits" if state in {"open", "approved"} else ""


def _some(text: str) -> str:
    if not text.strip():
        raise Unfit("text is empty: say something, or leave it.")
    return text
