"""The media library."""

from pydantic import MISSING

from agent.api.media import DeleteMedia, GetMedia, ListMedia, UploadMediaFile, UploadMediaFromUrl
from agent.sandbox import shapes
from agent.sandbox.context import Context, Reply
from agent.sandbox.files import sniff
from agent.sandbox.library import check_folder, fetch, store
from agent.sandbox.refusal import wrong
from agent.sandbox.rows import FolderRow, MediaRow

_PER_PAGE = 50
_MOST_BYTES = 500 * 1024 * 1024


def list_media(ctx: Context, call: ListMedia) -> Reply:
    """One page of the library, newest first."""
    name, values = _filter(ctx, call)
    page = 1 if call.page is MISSING else call.page
    per_page = _PER_PAGE if call.per_page is MISSING else call.per_page
    rows = ctx.tx.find(MediaRow, name, values, newest=True, limit=per_page, offset=(page - 1) * per_page)
    total = ctx.tx.count(MediaRow, name, values)
    shown = [shapes.media(ctx, row) for row in rows]
    return Reply(shapes.paged(ctx, shown, page=page, per_page=per_page, total=total, flat=False))


def get_media(ctx: Context, call: GetMedia) -> Reply:
    """One item."""
    return Reply(shapes.media(ctx, ctx.owned(MediaRow, call.media_id)))


def delete_media(ctx: Context, call: DeleteMedia) -> Reply:
    """Delete an item; posts that use it show it no more."""
    ctx.tx.remove(ctx.owned(MediaRow, call.media_id))
    return Reply({"message": "Media deleted successfully"})


def upload_media_file(ctx: Context, call: UploadMediaFile) -> Reply:
    """Keep name, size, hash and kind of a received file; its kind is read from its first bytes."""
    workspace = ctx.workspace(call.workspace_id)
    folder_id = check_folder(ctx, None if call.folder_id is MISSING else call.folder_id, workspace.id)
    upload = ctx.upload
    if upload is None:
        raise wrong("file", "The {} field is required.")
    if upload.size > _MOST_BYTES:
        raise wrong("file", f"The {{}} field must not be greater than {_MOST_BYTES // 1024} kilobytes.")
    mime = sniff(upload.head)
    if mime is None:
        raise wrong("file", "The {} field must be a file of type: jpg, png, gif, webp, mp4, mov, webm, pdf.")
    row = store(
        ctx,
        workspace_id=workspace.id,
        folder_id=folder_id,
        name=upload.name,
        mime=mime,
        size=upload.size,
        sha256=upload.sha256,
    )
    return Reply({"media": shapes.media(ctx, row)}, status=201)


def upload_media_from_url(ctx: Context, call: UploadMediaFromUrl) -> Reply:
    """Import addresses; those that cannot be fetched are skipped."""
    workspace = ctx.workspace(call.workspace_id)
    folder_id = check_folder(ctx, None if call.folder_id is MISSING else call.folder_id, workspace.id)
    rows = [row for url in call.urls for row in fetch(ctx, url, workspace_id=workspace.id, folder_id=folder_id)]
    return Reply({"media": [shapes.media(ctx, row) for row in rows], "count_stored": len(rows)})


def _filter(ctx: Context, call: ListMedia) -> tuple[str, list[int | str]]:
    """The key and values that a listing asks for. Raises Refusal 422."""
    root = call.root_only is not MISSING and call.root_only
    homes = list(ctx.visible) if call.workspace_id is MISSING else [ctx.workspace(call.workspace_id).id]
    if call.folder_id is not MISSING:
        if root:
            raise wrong("folder_id", "The {} field prohibits root only from being present.")
        folder = ctx.tx.get(FolderRow, call.folder_id)
        if folder is None or folder.workspace_id not in homes:
            raise wrong("folder_id", "The selected {} is invalid.")
        return "folder", [f"{folder.workspace_id}/{folder.id}"]
    if root:
        return "folder", [f"{home}/0" for home in homes]
    return "workspace", list(homes)
