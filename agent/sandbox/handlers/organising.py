"""Labels, campaigns and folders."""

from pydantic import MISSING

from agent.api.campaigns import CreateCampaign, DeleteCampaign, GetCampaign, ListCampaigns, UpdateCampaign
from agent.api.folders import CreateFolder, DeleteFolder, GetFolder, ListFolders, UpdateFolder
from agent.api.labels import CreateLabel, DeleteLabel, GetLabel, ListLabels, UpdateLabel
from agent.sandbox import shapes
from agent.sandbox.context import Context, Reply
from agent.sandbox.refusal import wrong
from agent.sandbox.removal import folders_below, remove_folder
from agent.sandbox.rows import CampaignRow, FolderRow, LabelRow

_FOLDER_COLOR = "#4F46E5"


def list_labels(ctx: Context, _: ListLabels) -> Reply:
    """All labels of the token's workspaces."""
    rows = ctx.tx.find(LabelRow, "workspace", ctx.visible)
    return Reply(shapes.listing([shapes.label(ctx, row) for row in rows], bare=False))


def create_label(ctx: Context, call: CreateLabel) -> Reply:
    """A new label; two of the same name are allowed."""
    workspace = ctx.workspace(call.workspace_id)
    row = LabelRow(
        id=ctx.tx.new_id(LabelRow),
        workspace_id=workspace.id,
        name=call.name,
        color=call.color,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.tx.put(row)
    return Reply(shapes.label(ctx, row), status=201)


def get_label(ctx: Context, call: GetLabel) -> Reply:
    """One label."""
    return Reply(shapes.label(ctx, ctx.owned(LabelRow, call.id)))


def update_label(ctx: Context, call: UpdateLabel) -> Reply:
    """Rename and recolour a label."""
    row = ctx.owned(LabelRow, call.id)
    row.name, row.color, row.updated_at = call.name, call.color, ctx.now
    ctx.tx.put(row)
    return Reply(shapes.label(ctx, row))


def delete_label(ctx: Context, call: DeleteLabel) -> Reply:
    """Delete a label; posts show it no more."""
    ctx.tx.remove(ctx.owned(LabelRow, call.id))
    return Reply({"message": "Label deleted successfully"})


def list_campaigns(ctx: Context, _: ListCampaigns) -> Reply:
    """All campaigns of the token's workspaces."""
    rows = ctx.tx.find(CampaignRow, "workspace", ctx.visible)
    return Reply(shapes.listing([shapes.campaign(row) for row in rows], bare=False))


def create_campaign(ctx: Context, call: CreateCampaign) -> Reply:
    """A new campaign."""
    workspace = ctx.workspace(call.workspace_id)
    row = CampaignRow(id=ctx.tx.new_id(CampaignRow), workspace_id=workspace.id, name=call.name)
    ctx.tx.put(row)
    return Reply(shapes.campaign(row), status=201)


def get_campaign(ctx: Context, call: GetCampaign) -> Reply:
    """One campaign."""
    return Reply(shapes.campaign(ctx.owned(CampaignRow, call.id)))


def update_campaign(ctx: Context, call: UpdateCampaign) -> Reply:
    """Rename a campaign; it stays in its workspace."""
    row = ctx.owned(CampaignRow, call.id)
    if call.workspace_id is not MISSING and call.workspace_id != row.workspace_id:
        raise wrong("workspace_id", "The selected {} is invalid.")
    row.name = call.name
    ctx.tx.put(row)
    return Reply(shapes.campaign(row))


def delete_campaign(ctx: Context, call: DeleteCampaign) -> Reply:
    """Delete a campaign; its posts stay and show none."""
    ctx.tx.remove(ctx.owned(CampaignRow, call.id))
    return Reply({"message": "Campaign deleted successfully"})


def list_folders(ctx: Context, call: ListFolders) -> Reply:
    """Folders of the token's workspaces, or of one, or of one level; what the token cannot see gives an empty list."""
    homes = [home for home in ctx.visible if call.workspace_id is MISSING or home == call.workspace_id]
    if call.parent_id is not MISSING:
        rows = ctx.tx.find(FolderRow, "parent", [f"{home}/{call.parent_id}" for home in homes])
    elif call.root is not MISSING and call.root == "true":
        rows = ctx.tx.find(FolderRow, "parent", [f"{home}/0" for home in homes])
    else:
        rows = ctx.tx.find(FolderRow, "workspace", homes)
    return Reply(shapes.listing([shapes.folder(row) for row in rows], bare=ctx.rules.live_envelopes))


def create_folder(ctx: Context, call: CreateFolder) -> Reply:
    """A new folder."""
    workspace = ctx.workspace(call.workspace_id)
    parent = None if call.parent_id is MISSING else call.parent_id
    row = FolderRow(
        id=0,
        workspace_id=workspace.id,
        name=call.name,
        color=_FOLDER_COLOR if call.color is MISSING else call.color,
        parent_id=None if parent is None else ctx.inside(FolderRow, parent, workspace.id, "parent_id").id,
    )
    row.id = ctx.tx.new_id(FolderRow)
    ctx.tx.put(row)
    return Reply(shapes.folder(row), status=201)


def get_folder(ctx: Context, call: GetFolder) -> Reply:
    """One folder with its parent."""
    row = ctx.owned(FolderRow, call.folder_id)
    parent = ctx.tx.get(FolderRow, row.parent_id) if row.parent_id else None
    return Reply(shapes.folder(row) | {"parent": shapes.folder(parent) if parent else None})


def update_folder(ctx: Context, call: UpdateFolder) -> Reply:
    """Rename, recolour or move a folder, never below itself."""
    row = ctx.owned(FolderRow, call.folder_id)
    if call.name is MISSING and call.color is MISSING and call.parent_id is MISSING:
        raise wrong("name", "The {} field is required when none of color / parent id are present.")
    if call.parent_id is not MISSING:
        row.parent_id = None if call.parent_id is None else _new_parent(ctx, row, call.parent_id)
    if call.name is not MISSING:
        row.name = call.name
    if call.color is not MISSING:
        row.color = call.color
    ctx.tx.put(row)
    return Reply(shapes.folder(row))


def delete_folder(ctx: Context, call: DeleteFolder) -> Reply:
    """Delete a folder with everything in it: folders and library items."""
    remove_folder(ctx.tx, ctx.owned(FolderRow, call.folder_id))
    return Reply({"message": "Folder deleted successfully"})


def _new_parent(ctx: Context, row: FolderRow, parent_id: int) -> int:
    parent = ctx.inside(FolderRow, parent_id, row.workspace_id, "parent_id")
    if any(parent.id == inner.id for inner in folders_below(ctx.tx, row)):
        raise wrong("parent_id", "A folder cannot be moved into itself or one of its subfolders.")
    return parent.id
