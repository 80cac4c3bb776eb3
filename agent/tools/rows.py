"""Objects of the service as short rows for a model: known fields, cleaned texts, times on the workspace's clock.

Nothing here shows the address of a stored file (they are signed) or a field that was not chosen.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from agent.api.networks import SETTINGS
from agent.api.types import (
    Account,
    Campaign,
    Comment,
    ContentShown,
    Folder,
    Label,
    Media,
    Metrics,
    PlatformRow,
    Post,
    Workspace,
    read_time,
)
from agent.policy.authors import by_us
from agent.policy.facts import Facts
from agent.text import seen, seen_line, shorten

#: Key of everything that people outside wrote: data, never an order.
UNTRUSTED = "untrusted"

_NAME = 80
_EXCERPT = 140
_TEXT = 4000
_OUTSIDE = 1000
_REPLIES = 10
#: Files of a post that a list of posts names.
_MEDIA = 5
#: Entries of any list that are shown; the rest is counted.
MOST_ROWS = 50

Row = dict[str, Any]


def shown_zone(workspace_id: int | None, facts: Facts) -> ZoneInfo:
    """The zone times are shown in: the workspace's, UTC where it is not known."""
    try:
        return facts.zone(workspace_id or 0)
    except (KeyError, ValueError):
        return ZoneInfo("UTC")


def shown_time(raw: str, workspace_id: int | None, facts: Facts) -> str:
    """One of the service's dates as `2026-12-01 09:00 Europe/Berlin`."""
    zone = shown_zone(workspace_id, facts)
    try:
        return f"{read_time(raw, zone).astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    except (ValueError, OverflowError):
        return f"{seen_line(raw, 40)} (unreadable)"


def text_of(text: str | None, most: int = _TEXT) -> str:
    """What a reader of a text sees, cut with a count; on cards people see the hidden characters, too."""
    return shorten(seen(text or ""), most)


def filled(row: Mapping[str, Any]) -> Row:
    """A row without what is absent or empty; False and 0 stay."""
    return {key: value for key, value in row.items() if value is not None and value not in ("", (), [], {})}


def post_row(post: Post, facts: Facts) -> Row:
    """A post in a list: its beginning, state and time."""
    return filled(
        {
            "id": post.id,
            "workspace": post.home,
            "status": state_word(post.status),
            "text": text_of(post.text, _EXCERPT),
            "items": len(post.content) if len(post.content) > 1 else None,
            **_media(post),
            "accounts": [_target(row) for row in post.platforms],
            "labels": [label.id for label in post.labels],
            **_times(post, facts),
        }
    )


def post_full(post: Post, facts: Facts) -> Row:
    """One post with everything a model may need to change it."""
    extra = post.model_extra or {}
    return filled(
        {
            "id": post.id,
            "workspace": post.home,
            "status": state_word(post.status),
            "content": [_item(item) for item in post.content],
            "accounts": [_account_row(row, post, facts) for row in post.platforms],
            "labels": [label_row(label) for label in post.labels],
            "campaign": extra.get("campaign_id") if isinstance(extra.get("campaign_id"), int) else None,
            "repeat": _repeat(post),
            "comments": [comment_row(comment, post.home, facts) for comment in post.comments[:_REPLIES]],
            **_times(post, facts),
        }
    )


def workspace_row(workspace: Workspace) -> Row:
    """A workspace with its accounts."""
    return filled(
        {
            "id": workspace.id,
            "name": seen_line(workspace.name, _NAME),
            "timezone": seen_line(workspace.timezone, 40),
            "accounts": [account_row(account) for account in workspace.accounts],
        }
    )


def account_row(account: Account) -> Row:
    """A connected account."""
    return filled(
        {
            "id": account.id,
            "workspace": account.workspace_id,
            "platform": seen_line(account.platform, 20),
            "name": seen_line(account.label, _NAME),
            "expired": account.has_expired or None,
        }
    )


def label_row(label: Label) -> Row:
    """A label."""
    home = label.workspace.id if label.workspace else None
    color = seen_line(label.color or "", 10)
    return filled({"id": label.id, "name": seen_line(label.name, _NAME), "color": color, "workspace": home})


def folder_row(folder: Folder) -> Row:
    """A media folder; without a parent it lies at the top."""
    row = {"id": folder.id, "name": seen_line(folder.name, _NAME), "parent": folder.parent_id}
    return filled(row | {"workspace": folder.workspace_id})


def campaign_row(campaign: Campaign) -> Row:
    """A campaign."""
    return filled({"id": campaign.id, "name": seen_line(campaign.name, _NAME), "workspace": campaign.workspace_id})


def media_row(media: Media) -> Row:
    """A library item, without its address."""
    return filled(
        {
            "id": media.id,
            "name": seen_line(media.name, _NAME),
            "mime": seen_line(media.mime_type or media.type or "", 40),
            "bytes": media.size,
            "alt": seen_line(media.alt or "", 200),
            "folder": media.folder_id,
            "workspace": media.workspace_id,
            "processing": media.is_processing or None,
        }
    )


def comment_row(comment: Comment, workspace_id: int | None, facts: Facts, depth: int = 3) -> Row:
    """A comment with its replies. Its words and its author's name are marked as data from outside."""
    written = (comment.model_extra or {}).get("created_at")
    within = comment.replies[:_REPLIES] if depth else ()
    replies = [comment_row(reply, workspace_id, facts, depth - 1) for reply in within]
    return filled(
        {
            "id": comment.id,
            "post": comment.post_id,
            "parent": comment.parent_comment_id,
            "on": seen_line(comment.platform or "", 20),
            "at": shown_time(written, workspace_id, facts) if isinstance(written, str) and written else None,
            "ours": by_us(comment, facts.accounts) or None,
            "resolved": comment.is_resolved or None,
            UNTRUSTED: filled({"author": _author(comment), "text": text_of(comment.content, _OUTSIDE)}),
            "replies": replies,
            "replies_left_out": len(comment.replies) - len(replies) or None,
        }
    )


def metrics_row(metrics: Metrics) -> Row:
    """Numbers; `engagement_rate` is a percentage."""
    return {name: getattr(metrics, name) for name in Metrics.model_fields}


def numbers_of(raw: object) -> Row:
    """The known numbers in an answer of no fixed shape."""
    if not isinstance(raw, Mapping):
        return {}
    known = {name: raw.get(name) for name in Metrics.model_fields}
    return {name: value for name, value in known.items() if isinstance(value, int | float)}


def listing(name: str, entries: Iterable[Row], most: int = MOST_ROWS) -> Row:
    """Rows under a name, with the number of those left out."""
    every = list(entries)
    return {name: every[:most]} | ({"left_out": len(every) - most} if len(every) > most else {})


def state_word(status: str) -> str:
    """A status of the service in plain words, such as `partially failed`."""
    return seen_line(status.lower().replace("_", " "), 30)


def _media(post: Post) -> Row:
    """The first files of a post by their ids, and how many more there are."""
    files = [media.id for item in post.content for media in item.media]
    shown = [key for key in files if key is not None][:_MEDIA]
    return {"media": shown, "media_left_out": len(files) - len(shown) or None}


def _target(row: PlatformRow) -> Any:
    account_id = row.shown_account_id
    return account_id if account_id is not None else seen_line(row.platform, 20)


def _times(post: Post, facts: Facts) -> Row:
    out = [shown_time(raw, post.home, facts) for raw in post.posted_on[-3:]]
    due = shown_time(post.scheduled_at, post.home, facts) if post.scheduled_at else None
    made = shown_time(post.created_at, post.home, facts) if post.created_at and post.status == "DRAFT" else None
    return {"due": due if post.status != "PUBLISHED" or not out else None, "out": out, "made": made}


def _item(item: ContentShown) -> Row:
    cover = item.cover_image
    return filled(
        {
            "text": text_of(item.text),
            "media": [
                filled({"id": one.id, "name": seen_line(one.name, _NAME), "mime": one.type}) for one in item.media
            ],
            "cover": _cover(cover.thumbnail, cover.video_cover_timestamp_ms) if cover else None,
            "first_comment": item.is_first_comment or None,
            "delay_minutes": item.first_comment_delay,
        }
    )


def _cover(thumbnail: object, frame: int | None) -> Row:
    """A cover by its media id; an address may be signed and is not shown."""
    if isinstance(thumbnail, Mapping):
        thumbnail = thumbnail.get("id")
    return {"frame_ms": frame} if frame is not None else {"thumbnail": thumbnail if type(thumbnail) is int else "set"}


def _account_row(row: PlatformRow, post: Post, facts: Facts) -> Row:
    failure = (row.model_extra or {}).get("error")
    return filled(
        {
            "id": row.shown_account_id,
            "platform": seen_line(row.platform, 20),
            "status": state_word(row.status),
            "settings": _settings(row),
            "out": [shown_time(raw, post.home, facts) for raw in row.posted_on[-3:]],
            "url": seen_line(row.post_url or "", 300),
            "numbers": numbers_of(row.analytics),
            UNTRUSTED: {"error": seen_line(failure, 200)} if isinstance(failure, str) and failure else None,
        }
    )


def _settings(row: PlatformRow) -> Row:
    model = SETTINGS.get(row.platform)
    known = model.model_fields if model else ()
    return {key: _plain(value) for key, value in row.settings.items() if key in known and value is not None}


def _plain(value: object) -> Any:
    """Cleaned plain data; deeper objects than the networks have are left out."""
    if isinstance(value, str):
        return text_of(value, _OUTSIDE)
    if isinstance(value, Mapping):
        return {seen_line(str(key), 40): _plain(inner) for key, inner in value.items() if inner is not None}
    return value if isinstance(value, bool | int | float) else None


def _repeat(post: Post) -> Row | None:
    if not post.repeatable:
        return None
    return filled(
        {
            "times": post.repeatable_times,
            "every": post.repeatable_gap,
            "unit": post.repeatable_gap_unit,
            "left": post.remaining_posts,
        }
    )


def _author(comment: Comment) -> str:
    user = comment.user or {}
    names: Sequence[object] = (user.get("name"), user.get("username"))
    return " @".join(seen_line(name, 60) for name in names if isinstance(name, str) and name)
