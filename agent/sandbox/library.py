"""Files coming into the library: imported addresses and uploads."""

from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from agent.sandbox.context import Context
from agent.sandbox.files import mime_of_name
from agent.sandbox.invent import size_of
from agent.sandbox.rows import FolderRow, MediaRow

#: An address whose host or path holds one of these words cannot be fetched.
_FAILING = ("broken", "missing")
#: An address whose path holds this word is a social post with several pictures.
_SEVERAL = "album"
_PICTURES = 3


def store(
    ctx: Context,
    *,
    workspace_id: int,
    folder_id: int | None,
    name: str,
    mime: str,
    size: int,
    sha256: str | None = None,
) -> MediaRow:
    """A new library item; a video is processed for a while."""
    waits = ctx.rules.processing_seconds if mime.startswith("video/") else 0
    row = MediaRow(
        id=ctx.tx.new_id(MediaRow),
        workspace_id=workspace_id,
        name=name,
        mime=mime,
        size=size,
        sha256=sha256,
        folder_id=folder_id,
        created_at=ctx.now,
        ready_at=ctx.now + timedelta(seconds=waits),
    )
    ctx.tx.put(row)
    return row


def fetch(ctx: Context, url: str, *, workspace_id: int, folder_id: int | None = None) -> list[MediaRow]:
    """The items an address gives: none if it cannot be fetched, three for an album, else one. Nothing is requested."""
    parts = urlsplit(url)
    where = f"{parts.hostname or ''}{parts.path}".lower()
    if any(word in where for word in _FAILING):
        return []
    name = PurePosixPath(unquote(parts.path)).name or "download"
    names = [f"{name}-{number}.jpg" for number in range(1, _PICTURES + 1)] if _SEVERAL in parts.path.lower() else [name]
    return [
        store(
            ctx,
            workspace_id=workspace_id,
            folder_id=folder_id,
            name=item,
            mime=mime_of_name(item),
            size=size_of(f"{url}/{item}"),
        )
        for item in names
    ]


def check_folder(ctx: Context, folder_id: int | None, workspace_id: int) -> int | None:
    """A folder of the body. Raises Refusal 422 unless it lies in the workspace."""
    return None if folder_id is None else ctx.inside(FolderRow, folder_id, workspace_id, "folder_id").id
