"""Answer objects, read tolerantly: unknown fields are kept, dates come in three forms, lists in four envelopes."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

T = TypeVar("T")

_LOCAL = re.compile(r"^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?: *[AaPp][Mm])?$")


def read_time(raw: str, zone: ZoneInfo) -> datetime:
    """An instant in UTC from one of the service's three date forms.

    ISO 8601 with an offset stands for itself. `YYYY-MM-DD HH:MM` and the same with AM or PM behind a 24-hour clock are
    workspace time; the meridiem says nothing and is ignored. Raises ValueError for anything else.
    """
    match = _LOCAL.match(raw.strip())
    if match:
        day, hour, minute, second = match.groups()
        moment = datetime.fromisoformat(f"{day}T{int(hour):02d}:{minute}:{second or '00'}")
    else:
        moment = datetime.fromisoformat(raw.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{raw!r} is outside the calendar") from error


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _object(value: object) -> object:
    """PHP writes an object without fields as an empty list."""
    return {} if value == [] else value


Status = Annotated[str, BeforeValidator(_upper)]
Platform = Annotated[str, BeforeValidator(_lower)]
#: A JSON object whose fields we do not model.
Fields = Annotated[dict[str, Any], BeforeValidator(_object)]

#: Statuses that mean "the service is publishing or has published": no draft call touches these.
OUT = frozenset({"IN_QUEUE", "PENDING", "QUEUED", "PUBLISHED", "PARTIALLY_FAILED", "FAILED"})
QUEUED = frozenset({"IN_QUEUE", "PENDING", "QUEUED"})


class Answer(BaseModel):
    """Something the service told us; fields it added since are kept, null stands for an optional field's default."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping) or None not in raw.values():
            return raw
        optional = _optional(cls)
        return {name: value for name, value in raw.items() if value is not None or name not in optional}


@cache
def _optional(cls: type[Answer]) -> frozenset[str]:
    """The names of the fields that an answer may lack."""
    return frozenset(name for name, field in cls.model_fields.items() if not field.is_required())


class Message(Answer):
    """A bare confirmation."""

    message: str = ""


class Account(Answer):
    """A connected social account. `workspace_id` is missing inside a workspace."""

    id: int
    platform: Platform
    workspace_id: int | None = None
    username: str | None = None
    name: str | None = None
    has_expired: bool | None = None
    is_default: bool | None = None

    @property
    def label(self) -> str:
        """The name people know it by."""
        return self.name or self.username or f"account {self.id}"


class Workspace(Answer):
    """A workspace; `accounts` only in GET /workspaces."""

    id: int
    name: str = ""
    slug: str = ""
    timezone: str = "UTC"
    language: str | None = None
    accounts: tuple[Account, ...] = ()


class Label(Answer):
    """A label."""

    id: int
    name: str = ""
    color: str | None = None
    workspace: Workspace | None = None


class Campaign(Answer):
    """A campaign (inferred from the MCP tools)."""

    id: int
    name: str = ""
    workspace_id: int | None = None


class Folder(Answer):
    """A media folder; `parent_id` null is the root."""

    id: int
    name: str = ""
    workspace_id: int | None = None
    parent_id: int | None = None
    color: str | None = None


class Media(Answer):
    """A library item."""

    id: int
    name: str = ""
    url: str = ""
    workspace_id: int | None = None
    folder_id: int | None = None
    mime_type: str | None = None
    type: str | None = None
    size: int | None = None
    is_processing: bool = False
    alt: str | None = None


class Imported(Answer):
    """Answer of an import: URLs that failed are silently missing."""

    media: tuple[Media, ...] = ()
    count_stored: int = 0


class PostMedia(Answer):
    """Media as shown inside a post; `type` is the MIME type here."""

    id: int | None = None
    name: str = ""
    url: str = ""
    type: str | None = None
    size: int | None = None


class CoverShown(Answer):
    """Cover of a post; the thumbnail may come back as an id, a URL or an object with an id."""

    thumbnail: Any = None
    video_cover_timestamp_ms: int | None = None


class ContentShown(Answer):
    """One content item as the service shows it."""

    text: str | None = None
    media: tuple[PostMedia, ...] = ()
    cover_image: Annotated[CoverShown | None, BeforeValidator(_object)] = None
    is_first_comment: bool | None = None
    first_comment_delay: int | None = None


class Metrics(Answer):
    """Numbers of a post, account or workspace; `engagement_rate` in percent."""

    comments: int = 0
    likes: int = 0
    shares: int = 0
    impressions: int = 0
    quotes: int = 0
    saves: int = 0
    engagement_rate: float = 0.0


class PlatformRow(Answer):
    """A post on one account."""

    platform: Platform
    status: Status = ""
    posted_on: tuple[str, ...] = ()
    settings: Fields = Field(default_factory=dict)
    analytics: Any = None
    account_id: int | None = None
    account: Fields | None = None
    platform_post_id: str | int | None = None
    post_url: str | None = None

    @property
    def shown_account_id(self) -> int | None:
        """The account's id, where the service shows it in either of two places."""
        if self.account_id is not None:
            return self.account_id
        return _number((self.account or {}).get("id"))


class Comment(Answer):
    """A comment with its replies."""

    id: int
    post_id: int | None = None
    parent_comment_id: int | None = None
    source: str | None = None
    platform: Platform | None = None
    content: str | None = None
    is_resolved: bool = False
    is_approved: bool | None = None
    replies: "tuple[Comment, ...]" = ()
    user: Fields | None = None


class Post(Answer):
    """A post. `id`, `content`, `status` and `platforms` are needed; all else may be missing."""

    id: int
    content: tuple[ContentShown, ...]
    status: Status
    platforms: tuple[PlatformRow, ...]
    scheduled_at: str | None = None
    posted_on: tuple[str, ...] = ()
    repeatable: bool | None = None
    repeatable_times: int | None = None
    repeatable_gap: int | None = None
    repeatable_gap_unit: str | None = None
    remaining_posts: int | None = None
    repeatable_accounts: tuple[int, ...] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    workspace_id: int | None = None
    workspace: Workspace | None = None
    labels: tuple[Label, ...] = ()
    comments: tuple[Comment, ...] = ()

    @property
    def home(self) -> int | None:
        """Id of the post's workspace, from either of the two places it may stand in."""
        return self.workspace_id or (self.workspace.id if self.workspace else None)

    @property
    def text(self) -> str:
        """Text of the first content item."""
        return (self.content[0].text or "") if self.content else ""

    def due(self, zone: ZoneInfo) -> datetime | None:
        """When it is to go out, in UTC; None if unscheduled. Raises ValueError for an unreadable date."""
        return read_time(self.scheduled_at, zone) if self.scheduled_at else None


class SyncedRow(Answer):
    """Whether comments of one platform row could be fetched."""

    platform_post_id: int | str | None = None
    provider: str | None = None
    synced: bool = False


class SyncedComments(Answer):
    """Answer of a comment sync."""

    post_id: int | None = None
    platform_posts: tuple[SyncedRow, ...] = ()


class SyncedAnalytics(Answer):
    """Answer of an analytics sync: jobs are queued, no numbers come back."""

    post_id: int | None = None
    jobs_dispatched: int = 0
    skipped: bool = False
    skip_reason: str | None = None


class WorkspaceTotal(Answer):
    """Numbers of one workspace."""

    workspace_id: int
    total: Metrics = Metrics()


class Totals(Answer):
    """Numbers over all workspaces."""

    total: Metrics = Metrics()
    workspaces: tuple[WorkspaceTotal, ...] = ()


class PostNumbers(Answer):
    """Numbers of one post; the key of the rows is inferred."""

    post_id: int
    total: Metrics = Metrics()
    accounts: tuple[dict[str, Any], ...] = ()


class AccountPost(Answer):
    """A publication of one account; `analytics` is {} until there are numbers."""

    platform_post_id: int | None = None
    post_id: int | None = None
    platform: str | None = None
    status: Status = ""
    post_url: str | None = None
    analytics: Any = None


class AccountNumbers(Answer):
    """Numbers of one account."""

    account_id: int
    total: Metrics = Metrics()
    platform_posts: tuple[AccountPost, ...] = ()


class Tweet(Answer):
    """The analysed X post: text from outside."""

    id: str | int | None = None
    url: str | None = None
    text: str | None = None


class Analysis(Answer):
    """Another model's answer about an X post: untrusted text."""

    answer: str = ""
    tweet: Tweet | None = None


class Page(Answer, Generic[T]):
    """One page of a list, whatever envelope it came in; an unpaged list is one page."""

    data: tuple[T, ...]
    current_page: int = 1
    last_page: int | None = None
    total: int | None = None
    has_next: bool | None = None


def read_page(payload: object) -> dict[str, Any]:
    """One shape from the four list envelopes: bare array, `data`, `data` with flat keys, `data` with links and meta."""
    if isinstance(payload, list):
        return {"data": payload, "last_page": 1}
    if not isinstance(payload, Mapping) or not isinstance(payload.get("data"), list):
        raise ValueError("a list, or an object with a list under data, was expected")
    meta = payload.get("meta") if isinstance(payload.get("meta"), Mapping) else payload
    links = payload.get("links")
    page: dict[str, Any] = {"data": payload["data"]}
    for key in ("current_page", "last_page", "total"):
        value = _number(meta.get(key)) if meta is not None else None
        if value is not None:
            page[key] = value
    if isinstance(links, Mapping):
        page["has_next"] = links.get("next") is not None
    elif "last_page" not in page:
        page["has_next"] = None if "current_page" in page else False
    return page


def _number(value: object) -> int | None:
    """A whole number, which the service may write as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
