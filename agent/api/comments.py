"""Comments and replies."""

from typing import Annotated, Literal

from pydantic import MISSING, Field, StringConstraints

from agent.api.endpoint import Effect, Endpoint, Flag, HttpsUrl, Id, endpoint
from agent.api.networks import Network
from agent.api.types import Comment, Message, Page, SyncedComments

CommentText = Annotated[str, StringConstraints(max_length=65535)]
CommentMedia = Annotated[tuple[Id | HttpsUrl, ...], Field(max_length=10)]


@endpoint("GET", "/comments", ability="posts", effect=Effect.READ, source="docs")
class ListComments(Endpoint[Page[Comment]]):
    """Comments of one post; page 1 with source SOCIAL may first fetch from the networks."""

    post_id: Id
    page: Annotated[int, Field(ge=1)] | MISSING = MISSING
    per_page: Annotated[int, Field(ge=1, le=100)] | MISSING = MISSING
    source: Literal["SOCIAL", "INTERNAL"] | MISSING = MISSING
    provider: Network | MISSING = MISSING
    is_resolved: Flag | MISSING = MISSING
    is_approved: Flag | MISSING = MISSING
    include_replies: Flag | MISSING = MISSING


@endpoint("POST", "/comments", ability="posts", effect=Effect.OUTBOUND, source="docs")
class CreateComment(Endpoint[Comment]):
    """Comment on a post, or reply to a comment of the same post."""

    post_id: Id
    parent_comment_id: Id | MISSING = MISSING
    content: CommentText | MISSING = MISSING
    media: CommentMedia | MISSING = MISSING
    is_resolved: bool | MISSING = MISSING
    is_approved: bool | MISSING = MISSING


@endpoint("POST", "/comments/sync", ability="posts", effect=Effect.SYNC, source="docs", unwrap="data")
class SyncComments(Endpoint[SyncedComments]):
    """Fetch a post's comments from the networks now."""

    post_id: Id


@endpoint("GET", "/comments/{comment}", ability="posts", effect=Effect.READ, source="docs")
class GetComment(Endpoint[Comment]):
    """One comment with its replies."""

    comment: Id


@endpoint("PUT", "/comments/{comment}", ability="posts", effect=Effect.OUTBOUND, source="docs")
class UpdateComment(Endpoint[Comment]):
    """Change one's own comment; an empty text stores null."""

    comment: Id
    content: CommentText | MISSING = MISSING
    media: CommentMedia | MISSING = MISSING


@endpoint("DELETE", "/comments/{comment}", ability="posts", effect=Effect.DESTRUCTIVE, source="docs")
class DeleteComment(Endpoint[Message]):
    """Delete a comment."""

    comment: Id


@endpoint("PATCH", "/comments/{comment}/hide", ability="posts", effect=Effect.DESTRUCTIVE, source="docs", also="POST")
class HideComment(Endpoint[Message]):
    """Hide a comment on its network; there is no unhide. The skill names POST, tried once on 405."""

    comment: Id
