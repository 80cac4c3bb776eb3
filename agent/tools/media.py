"""Tools for the media library."""

from typing import Annotated

from pydantic import MISSING, Field

from agent.api.media import DeleteMedia, GetMedia, ListMedia, UploadMediaFile, UploadMediaFromUrl
from agent.api.types import Media
from agent.tools.args import USUAL, Limit, MediaKind, Name, ObjectId, Url, WorkspaceId
from agent.tools.desk import Desk, Need, Parts, Said
from agent.tools.local_file import local_file
from agent.tools.lookup import fresh, inside, workspace_of
from agent.tools.paging import Walk
from agent.tools.rows import media_row
from agent.tools.schema import View

_PER_PAGE = 100


class FindMedia(View):
    """Find pictures and videos in the library; name is a part of the file name."""

    tool = "find_media"

    workspace_id: WorkspaceId | None = None
    name: Name | None = None
    kind: MediaKind | None = None
    folder_id: ObjectId | None = None
    limit: Limit | None = None

    def complete(self, desk: Desk) -> Need | Said:
        if self.workspace_id is not None:
            workspace_of(self.workspace_id, desk.facts)
        most = self.limit or USUAL
        found: list[Media] = []
        steps = Walk(desk, self._page)
        for page in steps:
            if isinstance(page, Need):
                return page
            found += [media for media in page if self._fits(media) and inside(self._home(media), desk.facts)]
            if len(found) > most:
                break
        told: dict[str, object] = {"media": [media_row(media) for media in found[:most]]}
        if len(found) > most or steps.cut:
            told["more"] = "there are more; narrow the search or raise limit"
        return Said(told)

    def _page(self, number: int) -> ListMedia:
        return ListMedia(
            workspace_id=self.workspace_id or MISSING,
            folder_id=self.folder_id or MISSING,
            page=number,
            per_page=_PER_PAGE,
        )

    def _home(self, media: Media) -> int | None:
        return media.workspace_id or self.workspace_id

    def _fits(self, media: Media) -> bool:
        kind = (media.mime_type or media.type or "").partition("/")[0]
        return (self.kind is None or kind == self.kind) and (
            self.name is None or self.name.casefold() in media.name.casefold()
        )


class UploadMedia(View):
    """Upload a file of this machine to the library."""

    tool = "upload_media"

    workspace_id: WorkspaceId
    path: Name
    folder_id: ObjectId | None = None

    def complete(self, desk: Desk) -> Parts:
        workspace_of(self.workspace_id, desk.facts)
        file = local_file(self.path, desk.facts.folders_allowed)
        return Parts((UploadMediaFile(workspace_id=self.workspace_id, file=file, folder_id=self.folder_id or MISSING),))


class ImportMedia(View):
    """Import pictures or videos from web addresses into the library."""

    tool = "import_media"

    workspace_id: WorkspaceId
    urls: Annotated[tuple[Url, ...], Field(min_length=1, max_length=20)]
    folder_id: ObjectId | None = None

    def complete(self, desk: Desk) -> Parts:
        workspace_of(self.workspace_id, desk.facts)
        return Parts(
            (UploadMediaFromUrl(workspace_id=self.workspace_id, urls=self.urls, folder_id=self.folder_id or MISSING),)
        )


class RemoveMedia(View):
    """Delete a library item and its file for good."""

    tool = "delete_media"

    media: ObjectId

    def complete(self, desk: Desk) -> Need | Parts:
        # Read first, so that the card shows what goes.
        item = fresh(GetMedia(media_id=self.media), desk)
        return item if isinstance(item, Need) else Parts((DeleteMedia(media_id=self.media),))
