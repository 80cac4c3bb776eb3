"""The media library."""

from typing import Annotated

from pydantic import MISSING, Field

from agent.api.endpoint import Effect, Endpoint, HttpsUrl, Id, LocalFile, endpoint
from agent.api.types import Imported, Media, Message, Page


@endpoint("GET", "/media", ability="posts", effect=Effect.READ, source="docs")
class ListMedia(Endpoint[Page[Media]]):
    """Library items; `folder_id` and `root_only` exclude each other."""

    workspace_id: Id | MISSING = MISSING
    folder_id: Id | MISSING = MISSING
    root_only: bool | MISSING = MISSING
    page: Annotated[int, Field(ge=1)] | MISSING = MISSING
    per_page: Annotated[int, Field(ge=1, le=100)] | MISSING = MISSING


@endpoint("GET", "/media/{media_id}", ability="posts", effect=Effect.READ, source="docs")
class GetMedia(Endpoint[Media]):
    """One library item."""

    media_id: Id


@endpoint("DELETE", "/media/{media_id}", ability="posts", effect=Effect.DESTRUCTIVE, source="docs")
class DeleteMedia(Endpoint[Message]):
    """Delete an item and its stored file."""

    media_id: Id


@endpoint(
    "POST",
    "/media/upload/file",
    ability="posts",
    effect=Effect.ORGANISE,
    source="docs",
    unwrap="media",
    upload=True,
)
class UploadMediaFile(Endpoint[Media]):
    """Upload one local file, 500 MB at most, streamed to the upload host."""

    workspace_id: Id
    file: LocalFile
    folder_id: Id | MISSING = MISSING


@endpoint("POST", "/media/upload/url", ability="posts", effect=Effect.ORGANISE, source="docs")
class UploadMediaFromUrl(Endpoint[Imported]):
    """Import addresses into the library; those that fail are skipped silently."""

    workspace_id: Id
    urls: Annotated[tuple[HttpsUrl, ...], Field(min_length=1)]
    folder_id: Id | MISSING = MISSING
