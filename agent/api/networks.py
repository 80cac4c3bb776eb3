"""Per-network settings of a post (`accounts[].settings`): one closed model per network. Source: API.md section 4."""

from typing import Literal, get_args

from pydantic import MISSING

from agent.api.endpoint import HttpsUrl, Id, Part

Network = Literal[
    "twitter",
    "facebook",
    "instagram",
    "tiktok",
    "youtube",
    "pinterest",
    "threads",
    "telegram",
    "linkedin",
    "bluesky",
    "mastodon",
]
NETWORKS: tuple[Network, ...] = get_args(Network)

#: As people call them.
NETWORK_NAMES: dict[str, str] = {
    "twitter": "X",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "pinterest": "Pinterest",
    "threads": "Threads",
    "telegram": "Telegram",
    "linkedin": "LinkedIn",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
}

PostType = Literal["POST", "REELS", "STORIES"]


class Reply(Part):
    """The X post this one answers."""

    in_reply_to_tweet_id: str | None | MISSING = MISSING


class TwitterSettings(Part):
    """X. `text` is the caption for X alone; other `reply_settings` than `everyone` are not documented."""

    reply_settings: str | MISSING = MISSING
    for_super_followers_only: bool | MISSING = MISSING
    quote_tweet_id: str | None | MISSING = MISSING
    reply: Reply | MISSING = MISSING
    community_id: str | None | MISSING = MISSING
    share_with_followers: bool | MISSING = MISSING
    text: str | None | MISSING = MISSING


class TiktokSettings(Part):
    """TikTok. Values beyond the two shown by the service are not documented."""

    privacy_level: str | MISSING = MISSING
    disable_comment: bool | MISSING = MISSING
    disable_duet: bool | MISSING = MISSING
    disable_stitch: bool | MISSING = MISSING
    post_mode: str | MISSING = MISSING
    description: str | MISSING = MISSING


class InstagramSettings(Part):
    """Instagram."""

    post_type: PostType | MISSING = MISSING
    caption: str | MISSING = MISSING


class FacebookSettings(Part):
    """Facebook. `title` overrides the caption in feed posts."""

    post_type: PostType | MISSING = MISSING
    caption: str | MISSING = MISSING
    title: str | MISSING = MISSING
    link: HttpsUrl | MISSING = MISSING


class YoutubeSettings(Part):
    """YouTube."""

    video_type: Literal["video", "short"] | MISSING = MISSING
    title: str | MISSING = MISSING
    description: str | MISSING = MISSING
    privacyStatus: str | MISSING = MISSING
    notifySubscribers: bool | MISSING = MISSING


class LinkedinSettings(Part):
    """LinkedIn."""

    visibility: Literal["PUBLIC", "CONNECTIONS", "LOGGED_IN"] | MISSING = MISSING


class PinterestSettings(Part):
    """Pinterest. No operation lists boards: the id comes from the person."""

    board_id: Id | MISSING = MISSING


class WebsiteCard(Part):
    """Bluesky's link card."""

    uri: HttpsUrl
    title: str | MISSING = MISSING
    description: str | MISSING = MISSING


class BlueskySettings(Part):
    """Bluesky. `title` is the text for Bluesky alone."""

    website_card: WebsiteCard | MISSING = MISSING
    title: str | MISSING = MISSING


class ThreadsSettings(Part):
    """Threads. `title` is the text for Threads alone."""

    title: str | MISSING = MISSING


class TelegramSettings(Part):
    """Telegram."""

    disable_notification: bool | MISSING = MISSING
    protect_content: bool | MISSING = MISSING


class MastodonSettings(Part):
    """Mastodon: nothing is documented."""


Settings = (
    TwitterSettings
    | TiktokSettings
    | InstagramSettings
    | FacebookSettings
    | YoutubeSettings
    | LinkedinSettings
    | PinterestSettings
    | BlueskySettings
    | ThreadsSettings
    | TelegramSettings
    | MastodonSettings
)

SETTINGS: dict[str, type[Part]] = {
    "twitter": TwitterSettings,
    "tiktok": TiktokSettings,
    "instagram": InstagramSettings,
    "facebook": FacebookSettings,
    "youtube": YoutubeSettings,
    "linkedin": LinkedinSettings,
    "pinterest": PinterestSettings,
    "bluesky": BlueskySettings,
    "threads": ThreadsSettings,
    "telegram": TelegramSettings,
    "mastodon": MastodonSettings,
}

#: The field that carries a network's own variant of the text; networks not named here have none.
TEXT_FIELD: dict[str, str] = {
    "twitter": "text",
    "tiktok": "description",
    "youtube": "description",
    "instagram": "caption",
    "facebook": "caption",
    "bluesky": "title",
    "threads": "title",
}
