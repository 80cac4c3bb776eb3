"""Rows as the service shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from agent.sandbox.context import Context
from agent.sandbox.metrics import metrics_of
from agent.sandbox.remains import campaign_of, cover_of
from agent.sandbox.rows import (
    AccountRow,
    CampaignRow,
    CommentRow,
    Content,
    FolderRow,
    LabelRow,
    MediaRow,
    PostRow,
    Target,
    WorkspaceRow,
)
from agent.sandbox.times import as_read, as_written

_HOST = "https://cdn.example.com"
#: Addresses of files are signed for half an hour, so they change between reads.
_SIGNED = timedelta(minutes=30)
_SIGNATURES = 0xFFFFFFFB


def workspace(row: WorkspaceRow) -> dict[str, Any]:
    """A workspace as it stands inside posts and labels."""
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "type": row.type,
        "logo": None,
        "timezone": row.timezone,
        "language": row.language,
    }


def account(row: AccountRow, *, with_workspace: bool) -> dict[str, Any]:
    """A connected account; inside a workspace it does not name it."""
    shown: dict[str, Any] = {"id": row.id}
    if with_workspace:
        shown["workspace_id"] = row.workspace_id
    return shown | {
        "platform": row.platform,
        "username": row.username,
        "name": row.name,
        "avatar": f"{_HOST}/avatars/{row.id}.jpg",
        "has_expired": row.has_expired,
        "is_default": row.is_default,
        "is_verified": row.is_verified,
    }


def label(ctx: Context, row: LabelRow) -> dict[str, Any]:
    """A label with its workspace."""
    zone = ctx.zone(row.workspace_id)
    home = ctx.tx.get(WorkspaceRow, row.workspace_id)
    return {
        "id": row.id,
        "name": row.name,
        "color": row.color,
        "workspace": workspace(home) if home else None,
        "created_at": as_read(row.created_at, zone),
        "updated_at": as_read(row.updated_at, zone),
    }


def folder(row: FolderRow) -> dict[str, Any]:
    """A media folder."""
    return {
        "id": row.id,
        "workspace_id": row.workspace_id,
        "name": row.name,
        "color": row.color,
        "parent_id": row.parent_id,
    }


def campaign(row: CampaignRow) -> dict[str, Any]:
    """A campaign."""
    return {"id": row.id, "workspace_id": row.workspace_id, "name": row.name}


def file_url(row: MediaRow, now: datetime) -> str:
    """The signed address of a library file."""
    expires = int((now + _SIGNED).timestamp())
    return f"{_HOST}/media/{row.id}/{quote(row.name)}?expires={expires}&signature={expires * row.id % _SIGNATURES:08x}"


def media(ctx: Context, row: MediaRow) -> dict[str, Any]:
    """A library item."""
    return {
        "id": row.id,
        "workspace_id": row.workspace_id,
        "folder_id": row.folder_id,
        "name": row.name,
        "url": file_url(row, ctx.now),
        "mime_type": row.mime,
        "size": row.size,
        "is_processing": ctx.now < row.ready_at,
        "type": row.mime.partition("/")[0],
        "ai_generated_id": None,
        "is_reference": False,
        "progress": _progress(row, ctx.now),
        "alt": row.alt,
    }


def post(ctx: Context, row: PostRow, *, written: bool = False) -> dict[str, Any]:
    """A post; create and update answers (`written`) give dates in another form."""
    zone = ctx.zone(row.workspace_id)
    home = ctx.tx.get(WorkspaceRow, row.workspace_id)
    labels = [found for found in (ctx.tx.get(LabelRow, label_id) for label_id in row.labels) if found]
    repeat = row.repeat
    return {
        "id": row.id,
        "content": [_content(ctx, item) for item in row.content],
        "status": row.status,
        "posted_on": _dates(row.posted_on, zone, written=written),
        "scheduled_at": _date(row.scheduled_at, zone, written=written),
        "repeatable": True if repeat else None if written else False,
        "repeatable_times": repeat.times if repeat else None,
        "repeatable_gap": repeat.gap if repeat else None,
        "repeatable_gap_unit": repeat.unit if repeat else None,
        "remaining_posts": repeat.remaining if repeat else None,
        "repeatable_accounts": repeat.accounts if repeat else None,
        "campaign_id": campaign_of(ctx.tx, row),
        "auto_plug": row.auto_plug,
        "comments_settings": row.comments_settings,
        "contact_collection_settings": row.contact_collection_settings,
        "created_at": _date(row.created_at, zone, written=written),
        "updated_at": _date(row.updated_at, zone, written=written),
        "workspace": workspace(home) if home else None,
        "labels": [{"id": found.id, "name": found.name, "color": found.color} for found in labels],
        "platforms": [_target(ctx, target, zone, written=written) for target in row.targets],
    }


def comment(ctx: Context, row: CommentRow, replies: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """A comment with its replies."""
    files = [ctx.tx.get(MediaRow, media_id) for media_id in row.media]
    return {
        "id": row.id,
        "post_id": row.post_id,
        "parent_comment_id": row.parent_id,
        "source": row.source,
        "platform": row.platform,
        "content": row.text,
        "is_resolved": row.is_resolved,
        "is_approved": row.is_approved,
        "is_hidden": row.hidden,
        "replies": list(replies),
        "media": [media(ctx, found) for found in files if found is not None],
        "user": {"id": row.user_id, "name": row.author, "username": row.handle},
        "created_at": as_read(row.created_at, ctx.zone(row.workspace_id)),
    }


def thread(ctx: Context, row: CommentRow, rows: Sequence[CommentRow]) -> dict[str, Any]:
    """A comment with its replies, and theirs, from among a post's comments."""
    return _thread(ctx, row, _by_parent(rows), with_contact=False)


def _by_parent(rows: Sequence[CommentRow]) -> dict[int | None, list[CommentRow]]:
    found: dict[int | None, list[CommentRow]] = {}
    for row in rows:
        found.setdefault(row.parent_id, []).append(row)
    return found


def _thread(
    ctx: Context, row: CommentRow, by_parent: Mapping[int | None, Sequence[CommentRow]], *, with_contact: bool
) -> dict[str, Any]:
    replies = [_thread(ctx, other, by_parent, with_contact=with_contact) for other in by_parent.get(row.id, ())]
    shown = comment(ctx, row, replies)
    if with_contact and row.source == "SOCIAL" and row.user_id is None:
        shown["contact"] = {"name": row.author, "username": row.handle, "platform": row.platform}
    return shown


def threads(ctx: Context, rows: Sequence[CommentRow], *, with_contact: bool = False) -> list[dict[str, Any]]:
    """A post's top-level comments by id, each with its replies."""
    by_parent = _by_parent(rows)
    return [_thread(ctx, row, by_parent, with_contact=with_contact) for row in by_parent.get(None, ())]


def listing(rows: Sequence[Any], *, bare: bool) -> Any:
    """A list that comes in one piece."""
    return list(rows) if bare else {"data": list(rows)}


def paged(ctx: Context, rows: Sequence[Any], *, page: int, per_page: int, total: int, flat: bool) -> dict[str, Any]:
    """One page, with flat keys or with links and meta."""
    last = max(1, -(-total // per_page))
    if flat:
        return {"data": list(rows), "current_page": page, "last_page": last, "per_page": per_page, "total": total}
    start = (page - 1) * per_page

    def link(number: int) -> str | None:
        return f"{ctx.target}?page={number}" if 1 <= number <= last else None

    meta = {
        "current_page": page,
        "from": start + 1 if rows else None,
        "last_page": last,
        "path": ctx.target,
        "per_page": per_page,
        "to": start + len(rows) if rows else None,
        "total": total,
    }
    links = {"first": link(1), "last": link(last), "prev": link(page - 1), "next": link(page + 1)}
    return {"data": list(rows), "links": links, "meta": meta}


def _content(ctx: Context, item: Content) -> dict[str, Any]:
    files = [ctx.tx.get(MediaRow, media_id) for media_id in item.media]
    shown: dict[str, Any] = {
        "text": item.text,
        "media": [
            {"id": row.id, "name": row.name, "url": file_url(row, ctx.now), "type": row.mime, "size": row.size}
            for row in files
            if row is not None
        ],
        "cover_image": None,
    }
    if ctx.rules.hide_account_ids:
        return shown
    if cover := cover_of(ctx.tx, item):
        shown["cover_image"] = cover.model_dump(exclude_none=True)
    if item.first_comment:
        shown |= {"is_first_comment": True, "first_comment_delay": item.delay}
    return shown


def _target(ctx: Context, row: Target, zone: ZoneInfo, *, written: bool) -> dict[str, Any]:
    last = row.publications[-1] if row.publications else None
    shown: dict[str, Any] = {
        "platform": row.platform,
        "status": row.status,
        "posted_on": _dates([publication.at for publication in row.publications], zone, written=written),
        "settings": row.settings,
        "analytics": metrics_of(row, ctx.now) if row.status == "PUBLISHED" else {},
        "platform_post_id": last.native_id if last else None,
        "post_url": last.url if last else None,
    }
    if row.error:
        shown["error"] = row.error
    return shown if ctx.rules.hide_account_ids else {"account_id": row.account_id} | shown


def _date(moment: datetime | None, zone: ZoneInfo, *, written: bool) -> str | None:
    if moment is None:
        return None
    return as_written(moment, zone) if written else as_read(moment, zone)


def _dates(moments: Sequence[datetime], zone: ZoneInfo, *, written: bool) -> list[str]:
    return [as_written(moment, zone) if written else as_read(moment, zone) for moment in moments]


def _progress(row: MediaRow, now: datetime) -> int:
    whole = (row.ready_at - row.created_at).total_seconds()
    if now >= row.ready_at or whole <= 0:
        return 100
    return max(0, int((now - row.created_at).total_seconds() / whole * 100))
