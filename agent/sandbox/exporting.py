"""Rows become a world again: the same schema, with every id given and every time absolute."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from agent.sandbox.edits import Edit
from agent.sandbox.remains import campaign_of, cover_of, existing
from agent.sandbox.rows import (
    AccountRow,
    BehindRow,
    CampaignRow,
    CommentRow,
    Content,
    FolderRow,
    LabelRow,
    MediaRow,
    PostRow,
    TokenRow,
    WorkspaceRow,
)
from agent.sandbox.store import Tx
from agent.sandbox.world import (
    Rules,
    World,
    WorldAccount,
    WorldCampaign,
    WorldComment,
    WorldContent,
    WorldFolder,
    WorldLabel,
    WorldMedia,
    WorldPost,
    WorldRepeat,
    WorldTarget,
    WorldToken,
    WorldWorkspace,
)


def export(tx: Tx, rules: Rules) -> dict[str, Any]:
    """What the box holds, as the plain data of a `World`."""
    world = World(
        **rules.model_dump(),
        tokens=tuple(_token(row) for row in tx.every(TokenRow)),
        workspaces=tuple(_workspace(row) for row in tx.every(WorkspaceRow)),
        accounts=tuple(_account(row) for row in tx.every(AccountRow)),
        labels=tuple(_label(row) for row in tx.every(LabelRow)),
        folders=tuple(_folder(row) for row in _parents_first(tx.every(FolderRow))),
        campaigns=tuple(
            WorldCampaign(id=row.id, workspace=row.workspace_id, name=row.name) for row in tx.every(CampaignRow)
        ),
        media=tuple(_media(row) for row in tx.every(MediaRow)),
        posts=tuple(_post(tx, row) for row in tx.every(PostRow)),
        behind=tuple(_behind(tx)),
    )
    return world.model_dump(mode="json", exclude_defaults=True)


def _token(row: TokenRow) -> WorldToken:
    return WorldToken(
        token=row.token,
        user=row.user,
        abilities=tuple(row.abilities),
        workspaces=None if row.workspaces is None else tuple(row.workspaces),
    )


def _workspace(row: WorkspaceRow) -> WorldWorkspace:
    return WorldWorkspace.model_validate(row.model_dump(exclude={"workspace_id"}))


def _account(row: AccountRow) -> WorldAccount:
    return WorldAccount.model_validate(row.model_dump(exclude={"workspace_id"}) | {"workspace": row.workspace_id})


def _label(row: LabelRow) -> WorldLabel:
    return WorldLabel(
        id=row.id,
        workspace=row.workspace_id,
        name=row.name,
        color=row.color,
        created=_iso(row.created_at),
        updated=_iso(row.updated_at),
    )


def _folder(row: FolderRow) -> WorldFolder:
    return WorldFolder(id=row.id, workspace=row.workspace_id, name=row.name, color=row.color, parent=row.parent_id)


def _parents_first(rows: list[FolderRow]) -> list[FolderRow]:
    """Folders in an order in which each comes after its parent."""
    placed: list[FolderRow] = []
    waiting = rows
    while waiting:
        known = {None, *(row.id for row in placed)}
        placed += [row for row in waiting if row.parent_id in known]
        waiting = [row for row in waiting if row.parent_id not in known]
    return placed


def _media(row: MediaRow) -> WorldMedia:
    return WorldMedia(
        id=row.id,
        workspace=row.workspace_id,
        name=row.name,
        mime=row.mime,
        size=row.size,
        folder=row.folder_id,
        alt=row.alt,
        sha256=row.sha256,
        created=_iso(row.created_at),
        ready=_iso(row.ready_at),
    )


def _post(tx: Tx, row: PostRow) -> WorldPost:
    comments = tx.find(CommentRow, "post", [row.id])
    waiting = tx.find(CommentRow, "waiting", [row.id])
    return WorldPost.model_validate(
        {
            "workspace": row.workspace_id,
            "id": row.id,
            "content": [_content(tx, item) for item in row.content],
            "accounts": [_target(target.model_dump()) for target in row.targets],
            "status": row.status.lower(),
            "at": _iso(row.scheduled_at) if row.scheduled_at else None,
            "created": _iso(row.created_at),
            "updated": _iso(row.updated_at),
            "wake": _iso(row.wake_at) if row.wake_at else None,
            "posted": [_iso(moment) for moment in row.posted_on],
            "labels": existing(tx, LabelRow, row.labels),
            "campaign": campaign_of(tx, row),
            "repeat": WorldRepeat.model_validate(row.repeat.model_dump()) if row.repeat else None,
            "comments": [_comment(tx, item, comments) for item in comments if item.parent_id is None],
            "incoming": [_comment(tx, item, waiting) for item in waiting if item.parent_id is None],
            "auto_plug": row.auto_plug,
            "comments_settings": row.comments_settings,
            "contact_collection_settings": row.contact_collection_settings,
        }
    )


def _behind(tx: Tx) -> Iterator[Edit]:
    """The edits to come, but those of posts that are gone."""
    last = tx.last_id(PostRow)
    for row in tx.every(BehindRow):
        if row.edit.post > last or tx.get(PostRow, row.edit.post) is not None:
            yield row.edit.model_copy(update={"at": _iso(row.at)})


def _content(tx: Tx, item: Content) -> WorldContent:
    return WorldContent(
        text=item.text,
        media=existing(tx, MediaRow, item.media),
        cover=cover_of(tx, item),
        first_comment=item.first_comment,
        delay=item.delay,
    )


def _target(row: dict[str, Any]) -> WorldTarget:
    account = row.pop("account_id")
    return WorldTarget.model_validate(row | {"account": account})


def _comment(tx: Tx, row: CommentRow, rows: list[CommentRow]) -> WorldComment:
    return WorldComment.model_validate(
        {
            "id": row.id,
            "text": row.text,
            "author": row.author,
            "handle": row.handle,
            "platform": row.platform,
            "source": row.source,
            "own": row.user_id is not None,
            "user_id": row.user_id,
            "media": existing(tx, MediaRow, row.media),
            "resolved": row.is_resolved,
            "approved": row.is_approved,
            "hidden": row.hidden,
            "at": _iso(row.created_at),
            "replies": [_comment(tx, other, rows) for other in rows if other.parent_id == row.id],
        }
    )


def _iso(moment: datetime) -> str:
    return moment.isoformat()
