"""Media folders."""

from typing import Annotated

from pydantic import MISSING, StringConstraints

from agent.api.endpoint import Color, Effect, Endpoint, Flag, Id, endpoint
from agent.api.types import Folder, Message, Page

FolderName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


@endpoint("GET", "/folders", ability="posts", effect=Effect.READ, source="docs")
class ListFolders(Endpoint[Page[Folder]]):
    """Folders of a workspace."""

    workspace_id: Id | MISSING = MISSING
    parent_id: Id | MISSING = MISSING
    root: Flag | MISSING = MISSING


@endpoint("POST", "/folders", ability="posts", effect=Effect.ORGANISE, source="docs")
class CreateFolder(Endpoint[Folder]):
    """Create a folder."""

    workspace_id: Id
    name: FolderName
    color: Color | MISSING = MISSING
    parent_id: Id | MISSING = MISSING


@endpoint("GET", "/folders/{folder_id}", ability="posts", effect=Effect.READ, source="docs")
class GetFolder(Endpoint[Folder]):
    """One folder."""

    folder_id: Id


@endpoint("PUT", "/folders/{folder_id}", ability="posts", effect=Effect.ORGANISE, source="docs")
class UpdateFolder(Endpoint[Folder]):
    """Rename, recolour or move a folder; `parent_id` null moves it to the root."""

    folder_id: Id
    name: FolderName | MISSING = MISSING
    color: Color | MISSING = MISSING
    parent_id: Id | None | MISSING = MISSING


@endpoint("DELETE", "/folders/{folder_id}", ability="posts", effect=Effect.DESTRUCTIVE, source="docs")
class DeleteFolder(Endpoint[Message]):
    """Delete a folder; nested folders and media may go with it."""

    folder_id: Id
