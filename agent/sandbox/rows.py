"""What the box stores: one model per kind of object, kept as a JSON document with looked-up keys beside it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from agent.sandbox.edits import Edit

Key = tuple[str, int | float | str]

#: Post statuses that nothing but the clock changes any more.
CLOSED = frozenset({"IN_QUEUE", "PUBLISHED", "PARTIALLY_FAILED"})


class Row(BaseModel):
    """A stored object. `lookups` are the values it can be found by. All instants are aware and in UTC.

    `workspace_id` is 0 for what lies in no workspace.
    """

    model_config = ConfigDict(extra="forbid")
    kind: ClassVar[str]
    #: The first id that is given out.
    first_id: ClassVar[int] = 1
    id: int
    workspace_id: int = 0

    def lookups(self) -> Iterator[Key]:
        yield "workspace", self.workspace_id


class TokenRow(Row):
    """An API token; `workspaces` None means all of them."""

    kind = "token"
    token: str
    user: str
    user_id: int
    abilities: list[str]
    workspaces: list[int] | None = None

    def lookups(self) -> Iterator[Key]:
        yield "token", self.token


class WorkspaceRow(Row):
    """A workspace; `slots` are the wall-clock times of its posting slots."""

    kind = "workspace"
    first_id = 11
    name: str
    slug: str
    type: str
    timezone: str
    language: str
    slots: list[str]


class AccountRow(Row):
    """A connected social account; `fails` is the reason why publishing on it fails."""

    kind = "account"
    first_id = 101
    platform: str
    username: str | None
    name: str
    has_expired: bool = False
    is_default: bool = False
    is_verified: bool = False
    fails: str | None = None


class LabelRow(Row):
    """A label."""

    kind = "label"
    first_id = 21
    name: str
    color: str
    created_at: datetime
    updated_at: datetime


class CampaignRow(Row):
    """A campaign."""

    kind = "campaign"
    first_id = 41
    name: str


class FolderRow(Row):
    """A media folder; no parent is the root."""

    kind = "folder"
    first_id = 31
    name: str
    color: str
    parent_id: int | None = None

    def lookups(self) -> Iterator[Key]:
        yield "workspace", self.workspace_id
        yield "parent", f"{self.workspace_id}/{self.parent_id or 0}"


class MediaRow(Row):
    """A library item; it is being processed until `ready_at`."""

    kind = "media"
    first_id = 501
    name: str
    mime: str
    size: int
    sha256: str | None = None
    folder_id: int | None = None
    alt: str | None = None
    created_at: datetime
    ready_at: datetime

    def lookups(self) -> Iterator[Key]:
        yield "workspace", self.workspace_id
        yield "folder", f"{self.workspace_id}/{self.folder_id or 0}"


class Piece(BaseModel):
    """A part of a stored object."""

    model_config = ConfigDict(extra="forbid")


class Cover(Piece):
    """Cover of a post: a library image, or TikTok's frame."""

    thumbnail: int | None = None
    video_cover_timestamp_ms: int | None = None


class Content(Piece):
    """One content item."""

    text: str | None = None
    media: list[int] = Field(default_factory=list)
    cover: Cover | None = None
    first_comment: bool = False
    delay: int | None = None


class Counts(Piece):
    """Numbers of one publication."""

    comments: int = 0
    likes: int = 0
    shares: int = 0
    impressions: int = 0
    quotes: int = 0
    saves: int = 0


class Numbers(Piece):
    """How a publication's numbers grow: `base` at `since`, and up to `more` on top with time.

    The service shows them as of `seen_at`; an ordered refresh moves that to `refresh_at` once the clock gets there.
    """

    base: Counts
    since: datetime
    more: Counts
    seen_at: datetime
    refresh_at: datetime | None = None


class Publication(Piece):
    """One appearance on a network."""

    at: datetime
    native_id: str
    url: str


class Target(Piece):
    """A post on one account."""

    kind: ClassVar[str] = "target"
    first_id: ClassVar[int] = 9001

    id: int
    account_id: int
    platform: str
    status: str
    settings: dict[str, Any] = Field(default_factory=dict)
    publications: list[Publication] = Field(default_factory=list)
    error: str | None = None
    numbers: Numbers | None = None


class Repeat(Piece):
    """A repeating post; `remaining` publications are still to come, `accounts` empty means all."""

    times: int
    gap: int
    unit: str
    remaining: int
    accounts: list[int] = Field(default_factory=list)


class PostRow(Row):
    """A post. `wake_at` is the next instant at which the clock changes it."""

    kind = "post"
    first_id = 1001
    content: list[Content]
    status: str
    scheduled_at: datetime | None = None
    wake_at: datetime | None = None
    targets: list[Target]
    labels: list[int] = Field(default_factory=list)
    campaign_id: int | None = None
    repeat: Repeat | None = None
    posted_on: list[datetime] = Field(default_factory=list)
    auto_plug: dict[str, Any] | None = None
    comments_settings: dict[str, Any] | None = None
    contact_collection_settings: dict[str, Any] | None = None
    created_at: datetime
    updated_at: datetime

    def lookups(self) -> Iterator[Key]:
        yield "workspace", self.workspace_id
        if self.wake_at is not None:
            yield "wake", self.wake_at.timestamp()
        if self.status == "SCHEDULED" and self.scheduled_at is not None:
            yield f"slot-{self.workspace_id}", self.scheduled_at.timestamp()
        for target in self.targets:
            yield "account", target.account_id
            for publication in target.publications:
                yield "native", publication.native_id
                yield "url", publication.url


class CommentRow(Row):
    """A comment. One that `waits` is still on its network and comes with the next fetch after `created_at`."""

    kind = "comment"
    first_id = 5001
    post_id: int
    parent_id: int | None = None
    source: str
    platform: str | None = None
    text: str | None
    media: list[int] = Field(default_factory=list)
    author: str
    handle: str | None = None
    user_id: int | None = None
    is_resolved: bool = False
    is_approved: bool | None = None
    hidden: bool = False
    waits: bool = False
    created_at: datetime

    def lookups(self) -> Iterator[Key]:
        yield "workspace", self.workspace_id
        yield ("waiting" if self.waits else "post"), self.post_id


class BehindRow(Row):
    """An edit of another person that is still to come."""

    kind = "behind"
    at: datetime
    edit: Edit

    def lookups(self) -> Iterator[Key]:
        yield "wake", self.at.timestamp()


#: Every kind of stored object.
KINDS: tuple[type[Row], ...] = (
    TokenRow,
    WorkspaceRow,
    AccountRow,
    LabelRow,
    CampaignRow,
    FolderRow,
    MediaRow,
    PostRow,
    CommentRow,
    BehindRow,
)
