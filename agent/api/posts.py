"""Posts: drafts, scheduled and published ones."""

from typing import Annotated, Any, Literal

from pydantic import MISSING, Field, StringConstraints

from agent.api.endpoint import Effect, Endpoint, HttpsUrl, Id, Part, endpoint
from agent.api.networks import Settings
from agent.api.types import Analysis, Message, Page, Post

GapUnit = Literal["minutes", "hours", "days", "weeks", "months"]
ScheduleType = Literal["publish_now", "schedule", "draft"]


class Cover(Part):
    """Cover of the first content item: a thumbnail, or TikTok's frame in milliseconds."""

    thumbnail: Id | HttpsUrl | MISSING = MISSING
    video_cover_timestamp_ms: Annotated[int, Field(ge=0)] | MISSING = MISSING


class ContentItem(Part):
    """One item of a post: several are a thread, a marked one is the first comment (delay in minutes)."""

    text: str | None | MISSING = MISSING
    media: tuple[Id | HttpsUrl, ...] | MISSING = MISSING
    cover_image: Cover | MISSING = MISSING
    is_first_comment: bool | MISSING = MISSING
    first_comment_delay: Annotated[int, Field(ge=0)] | MISSING = MISSING


class AccountTarget(Part):
    """An account to post to, with settings of its network."""

    id: Id
    settings: Settings | MISSING = MISSING


class ScheduleFor(Part):
    """A wall-clock time in an IANA zone."""

    date: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    time: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}$")]
    timezone: str | MISSING = MISSING


class PostFields(Part):
    """What create and update share. No `accounts` means the service's default account, no time the next free slot."""

    workspace_id: Id
    content: Annotated[tuple[ContentItem, ...], Field(min_length=1)]
    schedule_type: ScheduleType
    schedule_for: ScheduleFor | None | MISSING = MISSING
    accounts: tuple[AccountTarget, ...] | MISSING = MISSING
    labels: tuple[Id, ...] | MISSING = MISSING
    campaign_id: Id | None | MISSING = MISSING
    repeatable: bool | MISSING = MISSING
    repeatable_times: Annotated[int, Field(ge=1)] | None | MISSING = MISSING
    repeatable_gap: Annotated[int, Field(ge=1)] | None | MISSING = MISSING
    repeatable_gap_unit: GapUnit | None | MISSING = MISSING
    repeatable_accounts: tuple[Id, ...] | MISSING = MISSING


@endpoint("GET", "/posts", ability="posts", effect=Effect.READ, source="docs")
class ListPosts(Endpoint[Page[Post]]):
    """Posts of all workspaces, newest first; there is no filter by status or date."""

    page: Annotated[int, Field(ge=1)] | MISSING = MISSING
    per_page: Annotated[int, Field(ge=1, le=100)] | MISSING = MISSING
    include_comments: bool | MISSING = MISSING
    workspace_id: Id | MISSING = MISSING


@endpoint("POST", "/posts", ability="posts", effect=Effect.DRAFT, source="docs")
class CreatePost(PostFields, Endpoint[Post]):
    """Save, schedule or publish a post; publishing itself happens later."""


@endpoint("GET", "/posts/{id}", ability="posts", effect=Effect.READ, source="docs")
class GetPost(Endpoint[Post]):
    """One post."""

    id: Id
    include_comments: bool | MISSING = MISSING


@endpoint("PUT", "/posts/{id}", ability="posts", effect=Effect.OUTBOUND, source="docs")
class UpdatePost(PostFields, Endpoint[Post]):
    """Change a post that is not published yet; we always send the full body."""

    id: Id


@endpoint("DELETE", "/posts/{id}", ability="posts", effect=Effect.DESTRUCTIVE, source="docs")
class DeletePost(Endpoint[Message]):
    """Delete a post; whether a live network post goes too is unknown."""

    id: Id


@endpoint("GET", "/posts/by-url/{post_url}", ability="posts", effect=Effect.READ, source="docs")
class GetPostByUrl(Endpoint[Post]):
    """A post by its public address, which must equal the stored one exactly."""

    post_url: HttpsUrl
    include_comments: bool | MISSING = MISSING


@endpoint("GET", "/posts/by-platform-post-id/{platform_post_id}", ability="posts", effect=Effect.READ, source="docs")
class GetPostByPlatformPostId(Endpoint[Post]):
    """A post by the network's own id; one of dots alone would name another path."""

    platform_post_id: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"[^.]")]
    include_comments: bool | MISSING = MISSING


@endpoint("POST", "/posts/analyze-twitter", ability="posts", effect=Effect.SYNC, source="docs")
class AnalyzeTwitterPost(Endpoint[Analysis]):
    """Ask the service's own model about any public X post."""

    url: HttpsUrl
    question: Annotated[str, StringConstraints(min_length=3, max_length=2000)]


class Trigger(Part):
    """A threshold of engagement."""

    enabled: bool
    count: Annotated[int, Field(ge=0)]


@endpoint("PATCH", "/posts/{post}/auto-plug", ability="posts", effect=Effect.CONFIG, source="docs")
class UpdatePostAutoPlug(Endpoint[Post]):
    """Reply automatically once engagement passes a threshold."""

    post: Id
    enabled: bool
    id: str | MISSING = MISSING
    name: str | MISSING = MISSING
    is_default: bool | MISSING = MISSING
    reply_text: str | MISSING = MISSING
    likes: Trigger | MISSING = MISSING
    reposts: Trigger | MISSING = MISSING
    replies: Trigger | MISSING = MISSING
    views: Trigger | MISSING = MISSING


class ModerationSettings(Part):
    """Which incoming comments are removed."""

    remove_profanity: bool
    remove_negativity: bool
    remove_all_comments: bool
    remove_custom_topics: bool
    remove_urls: bool
    remove_emails: bool
    remove_phones: bool
    remove_mentions: bool
    remove_hashtags: bool
    remove_keywords: bool
    ai_reply: bool
    custom_topics_list: tuple[str, ...] | MISSING = MISSING
    mentions_list: tuple[str, ...] | MISSING = MISSING
    hashtags_list: tuple[str, ...] | MISSING = MISSING
    keywords_list: tuple[str, ...] | MISSING = MISSING


@endpoint("PATCH", "/posts/{post}/comment-moderation", ability="posts", effect=Effect.CONFIG, source="docs")
class UpdatePostCommentModeration(Endpoint[Post]):
    """Rules for incoming comments of a post."""

    post: Id
    enabled: bool
    settings: ModerationSettings | MISSING = MISSING


class KeywordRule(Part):
    """A keyword that puts a commenter on a list."""

    keyword: str
    list_id: Id


class ContactSettings(Part):
    """How commenters become contacts."""

    mode: Literal["keyword_rules", "add_all"]
    list_id: Id | MISSING = MISSING
    keyword_rules: tuple[KeywordRule, ...] | MISSING = MISSING
    keyword_case_sensitive: bool | MISSING = MISSING


@endpoint("PATCH", "/posts/{post}/contact-collection", ability="posts", effect=Effect.CONFIG, source="docs")
class UpdatePostContactCollection(Endpoint[Post]):
    """Put commenters of a post on contact lists."""

    post: Id
    enabled: bool
    settings: ContactSettings | MISSING = MISSING


def settings_of(target: AccountTarget) -> dict[str, Any]:
    """A target's settings as plain data; empty when absent."""
    return {} if target.settings is MISSING else target.settings.model_dump(mode="json")
