"""Tools for comments and replies."""

from collections import Counter
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
from agent.api.types import Comment
from agent.tools.args import ObjectId, Words
from agent.tools.desk import Desk, Need, Parts, Said, Unfit
from agent.tools.lookup import fresh
from agent.tools.paging import Walk
from agent.tools.rows import by_us, comment_row, listing
from agent.tools.schema import View

_PER_PAGE = 50


class FindComments(View):
    """Comments of a post with replies. unanswered_only leaves out ours, resolved ones and those with any reply."""

    tool = "list_comments"

    post: ObjectId
    unanswered_only: bool | None = None
    page: Annotated[int, Field(ge=1, le=1000)] | None = None

    def complete(self, desk: Desk) -> Need | Parts | Said:
        if not self.unanswered_only:
            return Parts((ListComments(post_id=self.post, page=self.page or MISSING, per_page=_PER_PAGE),))
        waiting: list[Comment] = []
        skipped = Counter[str]()
        # Page 1 is asked for as the service counts pages, so that a fetch from the networks may come first.
        steps = Walk(desk, lambda number: ListComments(post_id=self.post, page=number, per_page=100))
        for page in steps:
            if isinstance(page, Need):
                return page
            for comment in page:
                if settled := _settled(comment, desk):
                    skipped[settled] += 1
                else:
                    waiting.append(comment)
        post = desk.facts.posts.get(self.post)
        rows = (comment_row(comment, post.home if post else None, desk.facts) for comment in waiting)
        told = listing("comments", rows) | ({"skipped": dict(skipped)} if skipped else {})
        return Said(told | ({"more": f"only the newest {steps.seen} were looked at"} if steps.cut else {}))


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

    def complete(self, desk: Desk) -> Parts:
        return Parts((UpdateComment(comment=self.comment, content=_some(self.text)),))


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


def _settled(comment: Comment, desk: Desk) -> Literal["", "ours", "resolved", "answered"]:
    """Why a comment waits for no reply; empty where it does.

    The service documents no author of a reply, so that any reply counts as an answer: better one too few than two.
    """
    if by_us(comment, desk.facts):
        return "ours"
    if comment.is_resolved:
        return "resolved"
    return "answered" if comment.replies else ""


def _some(text: str) -> str:
    if not text.strip():
        raise Unfit("text is empty: say something, or leave it.")
    return text
