"""A post from what a client sent: the service's rules for content, accounts, repeats and times.

Where the service documents nothing, the box decides: a time that is not after now is refused; a wall-clock time that
does not exist moves on by the gap, of two equal ones the first is meant; a time without zone is the workspace's; the
next free slot is `times.next_slot`; `repeatable_times` counts the first publication too; rules about media and accounts
hold for what is scheduled or published, not for drafts; an address among the media is imported first.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import MISSING

from agent.api.networks import SETTINGS
from agent.api.posts import ContentItem, PostFields, ScheduleFor
from agent.sandbox.access import require_fine
from agent.sandbox.context import Context
from agent.sandbox.library import fetch
from agent.sandbox.publishing import NEED_MEDIA, enqueue, plan
from agent.sandbox.reading import read_part
from agent.sandbox.refusal import Refusal, invalid, words, wrong
from agent.sandbox.remains import campaign_of, cover_of, existing
from agent.sandbox.rows import (
    AccountRow,
    CampaignRow,
    Content,
    Cover,
    LabelRow,
    MediaRow,
    PostRow,
    Repeat,
    Target,
    WorkspaceRow,
)
from agent.sandbox.store import Tx
from agent.sandbox.times import at_wall_clock, next_slot, zone_named

_FIRST_COMMENT = {"instagram", "facebook", "linkedin", "youtube"}
_THUMBNAIL = {"youtube", "instagram", "facebook"}
_REPEAT = ("repeatable_times", "repeatable_gap", "repeatable_gap_unit")
_LONGEST_GAP = 1000
_FINE = {"schedule": "posts:schedule", "publish_now": "posts:publish"}


def compose(ctx: Context, call: PostFields, post: PostRow) -> None:
    """Give a post what the call says and put it where the call wants it. Raises Refusal 403, 422."""
    if call.schedule_type in _FINE:
        require_fine(ctx.token, _FINE[call.schedule_type])
    workspace = ctx.workspace(call.workspace_id)
    if workspace.id != post.workspace_id:
        raise wrong("workspace_id", "The selected {} is invalid.")
    accounts = _accounts(ctx, call, workspace)
    post.content = [_content(ctx, item, place, workspace) for place, item in enumerate(call.content)]
    post.targets = _targets(ctx, accounts, post.targets)
    check(call.schedule_type, post, [account for account, _ in accounts])
    labels = () if call.labels is MISSING else call.labels
    post.labels = [ctx.inside(LabelRow, item, workspace.id, f"labels.{n}").id for n, item in enumerate(labels)]
    campaign = None if call.campaign_id is MISSING else call.campaign_id
    post.campaign_id = None if campaign is None else ctx.inside(CampaignRow, campaign, workspace.id, "campaign_id").id
    post.repeat = _repeat(ctx, call, post, workspace)
    post.updated_at = ctx.now
    _place(ctx, call, post, workspace)


def _place(ctx: Context, call: PostFields, post: PostRow, workspace: WorkspaceRow) -> None:
    if call.schedule_type == "draft":
        plan(post, "DRAFT", None)
    elif call.schedule_type == "schedule":
        plan(post, "SCHEDULED", _due(ctx, call.schedule_for, post, workspace))
    else:
        post.scheduled_at = ctx.now
        enqueue(post, ctx.now, ctx.rules)


def _accounts(ctx: Context, call: PostFields, workspace: WorkspaceRow) -> list[tuple[AccountRow, dict[str, Any]]]:
    """The accounts with their settings; the workspace's default account if none are named."""
    if call.accounts is MISSING:
        default = [row for row in ctx.tx.find(AccountRow, "workspace", [workspace.id]) if row.is_default]
        if not default:
            raise wrong("accounts", "The {} field is required.")
        return [(default[0], {})]
    found: list[tuple[AccountRow, dict[str, Any]]] = []
    for place, target in enumerate(call.accounts):
        row = ctx.inside(AccountRow, target.id, workspace.id, f"accounts.{place}.id")
        if any(row.id == known.id for known, _ in found):
            raise wrong(f"accounts.{place}.id", "The {} field has a duplicate value.")
        sent = ctx.sent["accounts"][place].get("settings")
        found.append((row, read_part(SETTINGS[row.platform], sent, f"accounts.{place}.settings")))
    return found


def _targets(ctx: Context, accounts: list[tuple[AccountRow, dict[str, Any]]], before: list[Target]) -> list[Target]:
    known = {target.account_id: target for target in before}
    return [
        Target(
            id=known[row.id].id if row.id in known else ctx.tx.new_id(Target),
            account_id=row.id,
            platform=row.platform,
            status="DRAFT",
            settings=settings,
            publications=known[row.id].publications if row.id in known else [],
            numbers=known[row.id].numbers if row.id in known else None,
        )
        for row, settings in accounts
    ]


def _content(ctx: Context, item: ContentItem, place: int, workspace: WorkspaceRow) -> Content:
    text = None if item.text is MISSING or not (item.text or "").strip() else item.text
    media: list[int] = []
    for number, ref in enumerate(() if item.media is MISSING else item.media):
        media += _media(ctx, ref, f"content.{place}.media.{number}", workspace)
    content = Content(text=text, media=media)
    if item.is_first_comment is not MISSING and item.is_first_comment:
        content.first_comment = True
        content.delay = 1 if item.first_comment_delay is MISSING else item.first_comment_delay
    # Only the first item's cover counts.
    if item.cover_image is not MISSING and place == 0:
        content.cover = Cover()
        if item.cover_image.thumbnail is not MISSING:
            content.cover.thumbnail = _thumbnail(ctx, item.cover_image.thumbnail, workspace)
        if item.cover_image.video_cover_timestamp_ms is not MISSING:
            content.cover.video_cover_timestamp_ms = item.cover_image.video_cover_timestamp_ms
    return content


def _media(ctx: Context, ref: int | str, where: str, workspace: WorkspaceRow) -> list[int]:
    """Library items of a reference; an address is imported first."""
    if isinstance(ref, int):
        return [ctx.inside(MediaRow, ref, workspace.id, where).id]
    rows = fetch(ctx, ref, workspace_id=workspace.id)
    if not rows:
        raise wrong(where, "The {} could not be downloaded.")
    return [row.id for row in rows]


def _thumbnail(ctx: Context, ref: int | str, workspace: WorkspaceRow) -> int:
    where = "content.0.cover_image.thumbnail"
    media_id = _media(ctx, ref, where, workspace)[0]
    row = ctx.tx.get(MediaRow, media_id)
    if row is None or not row.mime.startswith("image/"):
        raise wrong(where, "The {} must be an image.")
    return media_id


def check(schedule_type: str, post: PostRow, accounts: list[AccountRow]) -> None:
    """The rules between content and networks (API.md section 5). Raises Refusal 422.

    What a draft still lacks is not asked for yet.
    """
    networks = {row.platform for row in accounts}
    content = post.content
    if not any(item.text or item.media for item in content):
        raise wrong("content", "The {} field must have at least one item with text or media.")
    if content[0].first_comment:
        raise wrong("content.0.is_first_comment", "The first content item cannot be a first comment.")
    if any(item.first_comment for item in content) and networks and not networks & _FIRST_COMMENT:
        raise Refusal(422, "First comments are only supported on Instagram, Facebook, LinkedIn and YouTube")
    cover = content[0].cover
    if cover is not None and cover.video_cover_timestamp_ms is not None and networks and "tiktok" not in networks:
        raise Refusal(422, "A cover timestamp is only supported on TikTok")
    if cover is not None and cover.thumbnail is not None and networks and not networks & _THUMBNAIL:
        raise Refusal(422, "A cover thumbnail is only supported on YouTube, Instagram and Facebook")
    if schedule_type == "draft":
        return
    if not accounts:
        raise wrong("accounts", "The {} field is required.")
    for row in accounts:
        if row.platform in NEED_MEDIA and not content[0].media:
            raise Refusal(422, NEED_MEDIA[row.platform])


def _repeat(ctx: Context, call: PostFields, post: PostRow, workspace: WorkspaceRow) -> Repeat | None:
    if call.repeatable is MISSING or not call.repeatable:
        return None
    sent = call.model_dump(mode="json", include=set(_REPEAT))
    lacking = [name for name in _REPEAT if sent.get(name) is None]
    if lacking:
        raise invalid({name: [f"The {words(name)} field is required when repeatable is true."] for name in lacking})
    times, gap, unit = (sent[name] for name in _REPEAT)
    if gap > _LONGEST_GAP:
        raise wrong("repeatable_gap", f"The {{}} field must not be greater than {_LONGEST_GAP}.")
    wanted = () if call.repeatable_accounts is MISSING else call.repeatable_accounts
    for place, account_id in enumerate(wanted):
        ctx.inside(AccountRow, account_id, workspace.id, f"repeatable_accounts.{place}")
    remaining = max(1, times - len(post.posted_on))
    return Repeat(times=times, gap=gap, unit=unit, remaining=remaining, accounts=list(wanted))


def _due(ctx: Context, asked: object, post: PostRow, workspace: WorkspaceRow) -> datetime:
    """When a post is to go out: the asked time, else the workspace's next free slot. Raises Refusal 422."""
    if isinstance(asked, ScheduleFor):
        due = _instant(asked, ZoneInfo(workspace.timezone))
        if due <= ctx.now:
            raise wrong("schedule_for", "The {} field must be a date after now.")
        return due
    scheduled = ctx.tx.values_from(PostRow, f"slot-{workspace.id}", ctx.now.timestamp())
    taken = [datetime.fromtimestamp(value, UTC) for value, post_id in scheduled if post_id != post.id]
    slot = next_slot(ctx.now, ZoneInfo(workspace.timezone), workspace.slots, taken)
    if slot is None:
        raise Refusal(422, "No free time slot was found")
    return slot


def _instant(asked: ScheduleFor, home: ZoneInfo) -> datetime:
    zone = home if asked.timezone is MISSING else zone_named(asked.timezone)
    if zone is None:
        raise wrong("schedule_for.timezone", "The {} field must be a valid timezone.")
    try:
        clock = time.fromisoformat(asked.time)
    except ValueError:
        raise wrong("schedule_for.time", "The {} field must match the format H:i.") from None
    try:
        return at_wall_clock(date.fromisoformat(asked.date), clock, zone)
    except (ValueError, OverflowError):
        raise wrong("schedule_for.date", "The {} field must be a valid date.") from None


def as_sent(tx: Tx, post: PostRow, home: ZoneInfo) -> Mapping[str, Any]:
    """A stored post as the body that would make it; what a partial PUT leaves out is taken from here."""
    scheduled = post.status == "SCHEDULED" and post.scheduled_at is not None
    local = post.scheduled_at.astimezone(home) if scheduled and post.scheduled_at else None
    repeat = post.repeat
    return {
        "workspace_id": post.workspace_id,
        "content": [_item_as_sent(tx, item) for item in post.content],
        "schedule_type": "schedule" if scheduled else "draft",
        "schedule_for": {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"} if local else None,
        "accounts": [{"id": target.account_id, "settings": target.settings} for target in post.targets],
        "labels": list(existing(tx, LabelRow, post.labels)),
        "campaign_id": campaign_of(tx, post),
        "repeatable": repeat is not None,
        "repeatable_times": repeat.times if repeat else None,
        "repeatable_gap": repeat.gap if repeat else None,
        "repeatable_gap_unit": repeat.unit if repeat else None,
        "repeatable_accounts": repeat.accounts if repeat else [],
    }


def _item_as_sent(tx: Tx, item: Content) -> dict[str, Any]:
    sent: dict[str, Any] = {"text": item.text, "media": list(existing(tx, MediaRow, item.media))}
    if cover := cover_of(tx, item):
        sent["cover_image"] = cover.model_dump(exclude_none=True)
    if item.first_comment:
        sent |= {"is_first_comment": True, "first_comment_delay": item.delay}
    return sent
