"""What an approval rests on: the object's version, the due instant, and whether an answer echoes what was sent."""

import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import MISSING

from agent.api.accounts import DeleteAccount, ListAccounts
from agent.api.comments import CreateComment, DeleteComment, GetComment, HideComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.folders import DeleteFolder, GetFolder, UpdateFolder
from agent.api.labels import DeleteLabel, GetLabel, UpdateLabel
from agent.api.media import DeleteMedia, GetMedia
from agent.api.posts import (
    CreatePost,
    DeletePost,
    GetPost,
    PostFields,
    ScheduleFor,
    UpdatePost,
    UpdatePostAutoPlug,
    UpdatePostCommentModeration,
    UpdatePostContactCollection,
)
from agent.api.types import OUT, Account, Answer, Comment, Folder, Label, Media, Post
from agent.policy.facts import Facts

_HOLDS = "folder with"  # also an empty folder has a version


def post_version(post: Post) -> str:
    """Digest of what people decide about: text, media ids, settings, first comments, cover, accounts, labels, status,
    time and repeats. Never `updated_at`, addresses or numbers, which change by themselves."""
    content = [
        {
            "text": item.text,
            "media": [media.id for media in item.media],
            "first": bool(item.is_first_comment),
            "delay": item.first_comment_delay,
            "cover": _cover(item.cover_image.model_dump() if item.cover_image else None),
        }
        for item in post.content
    ]
    rows = [[row.platform, row.shown_account_id, row.settings] for row in post.platforms]
    repeats = [post.repeatable or False, post.repeatable_times, post.repeatable_gap, post.repeatable_gap_unit]
    labels = sorted(label.id for label in post.labels)
    facts = [content, rows, labels, post.status, _minute(post.scheduled_at), repeats]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def object_of(call: Endpoint[Any], facts: Facts) -> Answer | None:
    """The object a call changes or destroys, as last read."""
    match call:
        case UpdatePost() | DeletePost():
            return facts.posts.get(call.id)
        case UpdatePostAutoPlug() | UpdatePostCommentModeration() | UpdatePostContactCollection():
            return facts.posts.get(call.post)
        case UpdateComment() | DeleteComment() | HideComment():
            return facts.comments.get(call.comment)
        case UpdateLabel() | DeleteLabel():
            return facts.labels.get(call.id)
        case UpdateFolder() | DeleteFolder():
            return facts.folders.get(call.folder_id)
        case DeleteMedia():
            return facts.media.get(call.media_id)
        case DeleteAccount():
            return facts.accounts.get(call.id)
        case _:
            return None


def workspace_of(call: Endpoint[Any], facts: Facts) -> int:
    """The workspace a call is about, as far as it was read; 0 where that is not known."""
    named = getattr(call, "workspace_id", None)
    if isinstance(named, int):
        return named
    if isinstance(call, CreateComment):
        return _workspace_of_post(call.post_id, facts)
    found = object_of(call, facts)
    match found:
        case Post():
            return found.home or 0
        case Comment():
            return _workspace_of_post(found.post_id or 0, facts)
        case Account() | Media() | Folder():
            return found.workspace_id or 0
        case Label():
            return found.workspace.id if found.workspace else 0
        case _:
            return 0


def _workspace_of_post(post: int, facts: Facts) -> int:
    """A post's workspace as the run read it, or as the mirror of all posts has it; 0 where neither does."""
    read, kept = facts.posts.get(post), facts.mirror.shelf.posts.get(post)
    return (read.home if read is not None else kept.post.workspace if kept is not None else None) or 0


def object_read(call: Endpoint[Any]) -> Endpoint[Any] | None:
    """The read that shows the object a call changes, destroys or answers; None where it names none."""
    match call:
        case UpdatePost() | DeletePost():
            return GetPost(id=call.id)
        case UpdatePostAutoPlug() | UpdatePostCommentModeration() | UpdatePostContactCollection():
            return GetPost(id=call.post)
        case UpdateComment() | DeleteComment() | HideComment():
            return GetComment(comment=call.comment)
        case CreateComment() if call.parent_comment_id is not MISSING:
            return GetComment(comment=call.parent_comment_id)
        case UpdateLabel() | DeleteLabel():
            return GetLabel(id=call.id)
        case UpdateFolder() | DeleteFolder():
            return GetFolder(folder_id=call.folder_id)
        case DeleteMedia():
            return GetMedia(media_id=call.media_id)
        case DeleteAccount():
            return ListAccounts()
        case _:
            return None


def object_type(call: Endpoint[Any]) -> type[Answer] | None:
    """What kind of object a call changes or destroys; None where it names none, or only a list shows it."""
    read = object_read(call)
    kind = read.route.answer if read is not None else None
    return kind if isinstance(kind, type) and issubclass(kind, Answer) else None


def version_of(call: Endpoint[Any], facts: Facts) -> str:
    """What an approval of this call rests on: its object as people see it; a folder's contents; empty for all else."""
    if isinstance(call, DeleteFolder):
        return ", ".join([_HOLDS, *sorted(facts.lies_in(call.folder_id))])
    if isinstance(call, CreateComment):
        return _digest_of(facts.comments.get(call.parent_comment_id)) if call.parent_comment_id is not MISSING else ""
    return _digest_of(object_of(call, facts))


def _digest_of(found: Answer | None) -> str:
    """What people decide about, of any object; never what changes by itself."""
    match found:
        case Post():
            return post_version(found)
        case Comment():
            facts: list[object] = ["comment", _nfc(found.content)]
        case Label():
            facts = ["label", found.name, found.color]
        case Folder():
            facts = ["folder", found.name]
        case Media():
            facts = ["media", found.name]
        case Account():
            facts = ["account", found.platform, found.label]
        case _:
            return ""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def came_in(call: DeleteFolder, version: str, facts: Facts) -> list[str]:
    """What lies in a folder now and did not when its card was made."""
    return sorted(set(facts.lies_in(call.folder_id)) - set(version.split(", ")))


def _cover(cover: dict[str, Any] | None) -> Any:
    if not cover:
        return None
    thumbnail = cover.get("thumbnail")
    if isinstance(thumbnail, dict):
        thumbnail = thumbnail.get("id")
    return [thumbnail, cover.get("video_cover_timestamp_ms")]


def _minute(raw: str | None) -> str | None:
    """The same time in any of the service's forms; the zone is the workspace's in all of them."""
    if raw is None:
        return None
    from_offset = "+" in raw[10:] or raw.endswith("Z")
    return raw if from_offset else raw[:16].replace("T", " ")


def due_instant(call: object, zone: ZoneInfo) -> datetime | None:
    """The UTC instant a call schedules, or None. Wall time is read in its own zone, else in the workspace's."""
    if not isinstance(call, PostFields) or not isinstance(call.schedule_for, ScheduleFor):
        return None
    when = call.schedule_for
    own = zone if when.timezone is MISSING else ZoneInfo(when.timezone)
    return datetime.fromisoformat(f"{when.date}T{when.time}").replace(tzinfo=own).astimezone(UTC)


def echo_problem(call: Endpoint[Any], answer: object, zone: ZoneInfo) -> str:
    """How the service's answer differs from what was sent, in one sentence; empty where it agrees."""
    if not isinstance(call, CreatePost | UpdatePost) or not isinstance(answer, Post):
        return ""
    sent = [_nfc(None if item.text is MISSING else item.text) for item in call.content]
    shown = [_nfc(item.text) for item in answer.content]
    if len(shown) == len(sent) and any(a and b and a != b for a, b in zip(sent, shown, strict=True)):
        return "the service stored another text than was sent"
    if call.schedule_type == "draft" and answer.status != "DRAFT":
        return f"a draft was asked for, the service made it {answer.status.lower()}"
    if call.schedule_type == "schedule":
        return _schedule_problem(call, answer, zone)
    if call.schedule_type == "publish_now" and answer.status not in OUT:
        return f"publishing was asked for, the post is {answer.status.lower()}"
    return ""


def _schedule_problem(call: PostFields, answer: Post, zone: ZoneInfo) -> str:
    if answer.status not in {"SCHEDULED"} | OUT:
        return f"scheduling was asked for, the post is {answer.status.lower()}"
    wanted = due_instant(call, zone)
    try:
        shown = answer.due(zone)
    except ValueError:
        return f"the service shows a time that cannot be read: {answer.scheduled_at!r}"
    if wanted is not None and shown is not None and wanted != shown:
        return f"approved was {wanted:%Y-%m-%d %H:%M} UTC, the service says {shown:%Y-%m-%d %H:%M} UTC"
    return ""


def _nfc(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")
