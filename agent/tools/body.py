"""The full body of a PUT, from a post as it was just read: an edit changes what it names and nothing else."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import MISSING, ValidationError

from agent.api.networks import SETTINGS
from agent.api.posts import AccountTarget, ContentItem, Cover, ScheduleFor, ScheduleType, UpdatePost, settings_of
from agent.api.types import OUT, ContentShown, PlatformRow, Post
from agent.policy.facts import Facts
from agent.tools.args import Repeat
from agent.tools.desk import Desk, Unfit
from agent.tools.lookup import zone_of
from agent.tools.remembered import Remembered, first_comment, remembered

#: Where further items are a thread, and where the last one may be a first comment instead.
_THREADED = frozenset({"twitter", "threads", "bluesky", "mastodon"})
#: Posts that can still be changed; a failed one goes back to being a draft.
CHANGEABLE = frozenset({"DRAFT", "SCHEDULED", "FAILED"})


@dataclass(frozen=True)
class Standing:
    """A post as the body that would store it unchanged, and what could not be read of it.

    `repeat` and `when` hold the body's fields of those names as they stand.
    """

    post: Post
    workspace_id: int
    content: tuple[ContentItem, ...]
    accounts: tuple[AccountTarget, ...]
    labels: tuple[int, ...]
    campaign_id: int | None
    repeat: dict[str, Any]
    schedule_type: ScheduleType
    schedule_for: ScheduleFor | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """What an update changes; None keeps what stands, `repeat` False ends the repeating.

    `slot` takes the next free slot of the workspace.
    """

    content: tuple[ContentItem, ...] | None = None
    accounts: tuple[AccountTarget, ...] | None = None
    labels: tuple[int, ...] | None = None
    campaign_id: int | None = None
    repeat: Repeat | Literal[False] | None = None
    schedule_type: ScheduleType | None = None
    schedule_for: ScheduleFor | None = None
    slot: bool = False


def put_body(post: Post, desk: Desk, changes: Changes | None = None) -> tuple[UpdatePost, tuple[str, ...]]:
    """The update that makes the changes, and notes for the card. Raises Unfit where the post cannot be read fully."""
    standing = standing_of(post, desk)
    return updated(standing, changes or Changes()), standing.notes


def standing_of(post: Post, desk: Desk) -> Standing:
    """A fresh post as a body. Raises Unfit for a post that is out, or of which something needed is not shown."""
    if post.status not in CHANGEABLE:
        raise Unfit(_closed(post))
    home = post.home
    if home is None:
        raise _unreadable(post, "its workspace")
    memory = remembered(post, desk.sent.get(post.id), desk.facts)
    campaign_id, notes = _campaign(post, memory)
    if not memory.agrees:
        notes = (f"Post {post.id} was changed in PostSyncer since we last sent it; its values there stand.", *notes)
    return Standing(
        post=post,
        workspace_id=home,
        content=_content(post, memory),
        accounts=tuple(_target(post, at, memory, desk.facts) for at in range(len(post.platforms))),
        labels=tuple(label.id for label in post.labels),
        campaign_id=campaign_id,
        repeat=_repeat(post),
        schedule_type="schedule" if post.status == "SCHEDULED" else "draft",
        schedule_for=_schedule_for(post, home, desk.facts),
        notes=(*notes, *_repeat_note(post)),
    )


def updated(standing: Standing, changes: Changes) -> UpdatePost:
    """The full body with the changes made. Raises Unfit."""
    body: dict[str, Any] = {
        "id": standing.post.id,
        "workspace_id": standing.workspace_id,
        "content": _or(changes.content, standing.content),
        "accounts": _or(changes.accounts, standing.accounts),
        "labels": _or(changes.labels, standing.labels),
        "schedule_type": _or(changes.schedule_type, standing.schedule_type),
    }
    campaign_id = _or(changes.campaign_id, standing.campaign_id)
    if campaign_id is not None:
        body["campaign_id"] = campaign_id
    body |= _when(standing, changes) | _repeated(standing, changes)
    try:
        return UpdatePost.model_validate(body)
    except ValidationError as error:
        fields = sorted({str(item["loc"][0]) for item in error.errors()})
        raise _unreadable(standing.post, " and ".join(fields)) from error


def repeat_fields(repeat: Repeat) -> dict[str, Any]:
    """The body's fields for a repeat."""
    return {
        "repeatable": True,
        "repeatable_times": repeat.times,
        "repeatable_gap": repeat.every,
        "repeatable_gap_unit": repeat.unit,
    }


def _or(change: Any, stands: Any) -> Any:
    return stands if change is None else change


def _when(standing: Standing, changes: Changes) -> dict[str, Any]:
    if changes.slot:
        # Left out, a service that fills gaps from the post would keep the old time.
        return {"schedule_for": None} if standing.schedule_for else {}
    if changes.schedule_for is not None:
        return {"schedule_for": changes.schedule_for}
    keeps = changes.schedule_type is None and standing.schedule_for is not None
    return {"schedule_for": standing.schedule_for} if keeps else {}


def _repeated(standing: Standing, changes: Changes) -> dict[str, Any]:
    """The repeat with its accounts, as far as the post still goes to them."""
    if changes.repeat is False:
        return {"repeatable": False}
    repeat = standing.repeat if changes.repeat is None else repeat_fields(changes.repeat)
    targets = {target.id for target in _or(changes.accounts, standing.accounts)}
    kept = tuple(key for key in standing.repeat.get("repeatable_accounts", ()) if key in targets)
    bare = {key: value for key, value in repeat.items() if key != "repeatable_accounts"}
    return bare | ({"repeatable_accounts": kept} if kept else {})


def _content(post: Post, memory: Remembered) -> tuple[ContentItem, ...]:
    shown_marks = any(item.is_first_comment is not None for item in post.content)
    networks = {row.platform for row in post.platforms}
    if len(post.content) > 1 and not shown_marks and not memory.items and not networks & _THREADED:
        raise _unreadable(post, "which of its texts is the first comment")
    if not post.content:
        raise _unreadable(post, "its text")
    shown = [_item(post, item, memory.items[at] if memory.items else None) for at, item in enumerate(post.content)]
    return (*shown, *memory.items[len(post.content) :])


def _item(post: Post, item: ContentShown, sent: ContentItem | None) -> ContentItem:
    body: dict[str, Any] = {}
    if item.text is not None:
        body["text"] = item.text
    if item.media:
        body["media"] = tuple(media.id for media in item.media)
    if cover := _cover(post, item, sent):
        body["cover_image"] = cover
    if item.is_first_comment or (item.is_first_comment is None and sent is not None and first_comment(sent)):
        delay = item.first_comment_delay
        body |= {"is_first_comment": True, "first_comment_delay": delay}
        if delay is None:
            body["first_comment_delay"] = MISSING if sent is None else sent.first_comment_delay
    try:
        return ContentItem.model_validate(body)
    except ValidationError as error:
        raise _unreadable(post, "which files are attached to it") from error


def _cover(post: Post, item: ContentShown, sent: ContentItem | None) -> Cover | None:
    if item.cover_image is None:
        return None if sent is None or sent.cover_image is MISSING else sent.cover_image
    thumbnail, frame = item.cover_image.thumbnail, item.cover_image.video_cover_timestamp_ms
    if isinstance(thumbnail, dict):
        thumbnail = thumbnail.get("id")
        if thumbnail is None:
            raise _unreadable(post, "its cover")
    body = {"thumbnail": thumbnail, "video_cover_timestamp_ms": frame}
    try:
        cover = Cover.model_validate({key: value for key, value in body.items() if value is not None})
    except ValidationError as error:
        raise _unreadable(post, "its cover") from error
    return cover if cover != Cover() else None


def _target(post: Post, at: int, memory: Remembered, facts: Facts) -> AccountTarget:
    row = post.platforms[at]
    sent = memory.targets[at] if memory.targets else None
    account_id = row.shown_account_id or (sent.id if sent else _only_account(post, row, facts))
    settings = _settings(post, row, settings_of(sent) if sent else {})
    return AccountTarget(id=account_id, settings=settings if settings is not None else MISSING)


def _only_account(post: Post, row: PlatformRow, facts: Facts) -> int:
    """The workspace's one account of a network. Raises Unfit where it has none or several."""
    found = [
        key
        for key, account in facts.accounts.items()
        if account.workspace_id == post.home and account.platform == row.platform
    ]
    if len(found) != 1 or sum(other.platform == row.platform for other in post.platforms) != 1:
        raise _unreadable(post, f"which {row.platform} account it goes to ({len(found)} are connected)")
    return found[0]


def _settings(post: Post, row: PlatformRow, sent: dict[str, Any]) -> Any:
    """The row's settings as its network's model, or None; what is not shown comes from what we sent."""
    model = SETTINGS.get(row.platform)
    if model is None:
        raise _unreadable(post, f"its {row.platform} settings")
    shown = {key: value for key, value in row.settings.items() if value is not None or _takes_null(row.platform, key)}
    merged = sent | shown
    if not merged:
        return None
    try:
        return model.model_validate_json(json.dumps(merged))
    except (ValidationError, ValueError) as error:
        raise _unreadable(post, f"its {row.platform} settings") from error


def _takes_null(platform: str, key: str) -> bool:
    """Whether a network's field may be null; null for any other means that it is not set."""
    try:
        SETTINGS[platform].model_validate({key: None})
    except ValidationError:
        return False
    return True


def _campaign(post: Post, memory: Remembered) -> tuple[int | None, tuple[str, ...]]:
    extra = post.model_extra or {}
    if "campaign_id" in extra:
        shown = extra["campaign_id"]
        if shown is not None and (not isinstance(shown, int) or isinstance(shown, bool)):
            raise _unreadable(post, "its campaign")
        return shown, ()
    if memory.campaign_id is not None:
        return memory.campaign_id, ()
    return None, (f"PostSyncer does not show whether post {post.id} is in a campaign; none is sent.",)


def _repeat(post: Post) -> dict[str, Any]:
    if not post.repeatable:
        return {"repeatable": False}
    repeat = {
        "repeatable": True,
        "repeatable_times": post.repeatable_times,
        "repeatable_gap": post.repeatable_gap,
        "repeatable_gap_unit": post.repeatable_gap_unit,
    }
    if None in repeat.values():
        raise _unreadable(post, "how it repeats")
    return repeat | ({"repeatable_accounts": post.repeatable_accounts} if post.repeatable_accounts else {})


def _repeat_note(post: Post) -> tuple[str, ...]:
    left, times = post.remaining_posts, post.repeatable_times
    if not post.repeatable or left is None or left == times:
        return ()
    return (f"Post {post.id} repeats {times} times and has {left} left; PostSyncer may count anew.",)


def _schedule_for(post: Post, home: int, facts: Facts) -> ScheduleFor | None:
    """When the post is to go out, as wall time of its workspace."""
    if post.status == "FAILED" or (post.status == "DRAFT" and post.scheduled_at is None):
        return None
    zone = zone_of(home, facts)
    try:
        due = post.due(zone)
    except ValueError as error:
        raise _unreadable(post, "when it is due") from error
    if due is None:
        raise _unreadable(post, "when it is due")
    local = due.astimezone(zone)
    return ScheduleFor(date=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}", timezone=zone.key)


def _closed(post: Post) -> str:
    word = post.status.lower().replace("_", " ")
    if post.status in OUT:
        return f"Post {post.id} is {word}: it cannot be changed any more. A new draft_post can follow it up."
    return f"Post {post.id} has the status {word}, which is not known here: edit it in PostSyncer."


def _unreadable(post: Post, what: str) -> Unfit:
    return Unfit(f"PostSyncer does not show {what} for post {post.id}: edit it in PostSyncer.")
