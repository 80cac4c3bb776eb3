"""Tools for the folders of the media library."""

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import MISSING

from agent.api.folders import CreateFolder, DeleteFolder, GetFolder, ListFolders, UpdateFolder
from agent.api.media import ListMedia
from agent.api.types import Folder, Page
from agent.policy.facts import with_inner
from agent.tools.args import Hex, Ids, Name, ObjectId, WorkspaceId
from agent.tools.desk import Desk, Need, Parts, Said, Unfit
from agent.tools.lookup import fresh, same_name, workspace_of
from agent.tools.paging import Walk
from agent.tools.rows import Row, folder_row, listing
from agent.tools.schema import View

_PER_PAGE = 100


class FindFolders(View):
    """Media folders of a workspace. contents also counts what lies in each and marks the empty ones."""

    tool = "list_folders"

    workspace_id: WorkspaceId
    contents: bool | None = None

    def complete(self, desk: Desk) -> Need | Parts | Said:
        workspace_of(self.workspace_id, desk.facts)
        if not self.contents:
            return Parts((ListFolders(workspace_id=self.workspace_id),))
        page = fresh(ListFolders(workspace_id=self.workspace_id), desk)
        if isinstance(page, Need):
            return page
        files = Counter[int | None]()
        steps = Walk(desk, lambda number: ListMedia(workspace_id=self.workspace_id, page=number, per_page=_PER_PAGE))
        for found in steps:
            if isinstance(found, Need):
                return found
            files.update(media.folder_id for media in found)
        if steps.cut or _goes_on(page):
            told = listing("folders", _counted(page.data, files, whole=False))
            return Said(told | {"more": "not everything was counted: which folders are empty is not known"})
        return Said(listing("folders", _counted(page.data, files, whole=True)))


class MakeFolder(View):
    """Create a media folder."""

    tool = "create_folder"

    workspace_id: WorkspaceId
    name: Name
    parent_id: ObjectId | None = None
    color: Hex | None = None

    def complete(self, desk: Desk) -> Need | Parts | Said:
        workspace_of(self.workspace_id, desk.facts)
        # Looked up first: two folders of one name in one place help nobody.
        page = fresh(ListFolders(workspace_id=self.workspace_id), desk)
        if isinstance(page, Need):
            return page
        beside = (folder for folder in page.data if folder.parent_id == self.parent_id)
        same = next((folder for folder in beside if same_name(folder.name, self.name)), None)
        if same is not None:
            return Said({"exists": folder_row(same)})
        return Parts(
            (
                CreateFolder(
                    workspace_id=self.workspace_id,
                    name=self.name,
                    color=self.color or MISSING,
                    parent_id=self.parent_id or MISSING,
                ),
            )
        )


class ChangeFolder(View):
    """Rename, recolour or move a media folder; to_top moves it out of its parent."""

    tool = "update_folder"

    folder: ObjectId
    name: Name | None = None
    color: Hex | None = None
    parent_id: ObjectId | None = None
    to_top: bool | None = None

    def complete(self, desk: Desk) -> Parts:
        if self.to_top and self.parent_id is not None:
            raise Unfit("update_folder takes one of parent_id and to_top.")
        if self.name is None and self.color is None and self.parent_id is None and not self.to_top:
            raise Unfit("update_folder needs a name, a color, a parent_id or to_top.")
        if self.parent_id == self.folder:
            raise Unfit("A folder cannot lie in itself.")
        return Parts(
            (
                UpdateFolder(
                    folder_id=self.folder,
                    name=self.name or MISSING,
                    color=self.color or MISSING,
                    parent_id=None if self.to_top else self.parent_id or MISSING,
                ),
            )
        )


class RemoveFolders(View):
    """Delete media folders; folders and files in them may go too."""

    tool = "delete_folders"

    folders: Ids

    def complete(self, desk: Desk) -> Need | Parts:
        calls: list[DeleteFolder] = []
        impossible: list[str] = []
        for folder_id in dict.fromkeys(self.folders):
            # Read first, so that the card shows what goes.
            try:
                folder = fresh(GetFolder(folder_id=folder_id), desk)
            except Unfit as unfit:
                impossible.append(str(unfit))
                continue
            if isinstance(folder, Need):
                return folder
            inside = self._inside(folder, desk)
            if inside is not None:
                return inside
            calls.append(DeleteFolder(folder_id=folder_id))
        return Parts(tuple(calls), impossible=tuple(impossible))

    def _inside(self, folder: Folder, desk: Desk) -> Need | None:
        """The next read of what lies in the folder, so that the card names it; None where all was read."""
        all_folders = None if folder.workspace_id is None else ListFolders(workspace_id=folder.workspace_id)
        if all_folders is not None and desk.answer(all_folders) is None:
            return Need(all_folders)
        seen = desk.answer(all_folders) if all_folders is not None else None
        within = with_inner(folder.id, getattr(seen, "data", ()))
        lists = (ListMedia(folder_id=at, per_page=_PER_PAGE) for at in within)
        return next((Need(call) for call in lists if desk.answer(call) is None), None)


def _goes_on(page: Page[Folder]) -> bool:
    """Whether there are folders that this page does not show."""
    return bool(page.has_next) or (page.last_page or 1) > page.current_page


def _counted(folders: Sequence[Folder], files: Mapping[int | None, int], *, whole: bool) -> list[Row]:
    """Folders with the files and folders right in them, the empty ones first; only a `whole` count calls any empty."""
    inner: dict[int, list[int]] = {folder.id: [] for folder in folders}
    for folder in folders:
        if folder.parent_id is not None:
            inner.setdefault(folder.parent_id, []).append(folder.id)
    empty = _empty(inner, files) if whole else frozenset[int]()
    rows = [
        folder_row(folder)
        | {"files": files.get(folder.id, 0), "folders": len(inner[folder.id])}
        | ({"empty": True} if folder.id in empty else {})
        for folder in folders
    ]
    return sorted(rows, key=lambda row: "empty" not in row)


def _empty(inner: Mapping[int, Sequence[int]], files: Mapping[int | None, int]) -> frozenset[int]:
    """Folders that hold no file at any depth; folders that lie in each other are never among them."""
    empty: set[int] = set()
    while new := {
        key
        for key, within in inner.items()
        if key not in empty and not files.get(key) and all(one in empty for one in within)
    }:
        empty |= new
    return frozenset(empty)
