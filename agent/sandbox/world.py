"""A world: what the box holds at the start, written by people in YAML. Every key is optional but names and owners."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from agent.api.endpoint import Color
from agent.api.networks import Network
from agent.errors import SettingsError
from agent.sandbox.agency.making import agency
from agent.sandbox.edits import Edit
from agent.sandbox.rows import Counts, Cover, Numbers, Publication
from agent.sandbox.times import When, zone_named
from agent.yaml_files import load_yaml, nearest

_SHIPPED = Path(__file__).parent / "worlds"
#: Worlds that are made by a generator, because YAML of their size is slow to parse.
_GENERATED: dict[str, Callable[[], dict[str, Any]]] = {"agency": agency}


def _known_zone(name: str) -> str:
    if zone_named(name) is None:
        raise ValueError(f'"{name}" is no IANA time zone such as Europe/Berlin')
    return name


def _slot(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError("a slot is written HH:MM")
    return value


#: An object of the same workspace: its id, or its name (an account: its network or username).
Ref = int | str
GivenId = Annotated[int, Field(gt=0)] | None


#: Kinds of objects with ids; a `target` is a post on one account.
Kind = Literal["workspace", "account", "label", "campaign", "folder", "media", "post", "target", "comment"]


class Closed(BaseModel):
    """A part of a world: unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Analysis(Closed):
    """What analyze-twitter answers about any post."""

    answer: str = "The replies are mostly friendly; two people ask about delivery times."
    author: str = "somebody"
    text: str = "Our new mugs are out."


class Rules(BaseModel):
    """How the box behaves, whatever it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    #: Seeds invented ids, numbers and fault chances.
    seed: int = 1
    #: Requests per user and minute.
    rate_limit: int = Field(default=60, ge=1)
    #: Envelopes as clients saw them live (bare arrays) instead of as documented.
    live_envelopes: bool = False
    #: Posts are shown without account ids, first-comment marks and covers.
    hide_account_ids: bool = False
    #: Seconds from the queue to the networks.
    publish_seconds: float = Field(default=20, ge=0)
    #: Seconds for which a new video is being processed; pictures are ready at once.
    processing_seconds: float = Field(default=30, ge=0)
    #: Seconds until an ordered refresh of numbers arrives.
    refresh_seconds: float = Field(default=5, ge=0)
    #: False: analytics are not refreshed, the subscription is over.
    subscribed: bool = True
    analysis: Analysis = Analysis()


class WorldToken(Closed):
    """An API token. Abilities are coarse (`posts`) or fine (`posts:create`, `posts:schedule`, `posts:publish`)."""

    token: str = "1|sandbox"  # noqa: S105 - a made-up token that opens nothing but this box
    user: str = "owner"
    abilities: tuple[str, ...] = ("workspaces", "accounts", "labels", "campaigns", "posts")
    #: Workspaces it sees; all of them if absent.
    workspaces: tuple[Ref, ...] | None = None


class WorldWorkspace(Closed):
    """A workspace. `slots` are its posting slots of every day, on its wall clock."""

    name: str
    id: GivenId = None
    slug: str = ""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    language: str = "en"
    type: Literal["PERSONAL", "ORGANIZATION"] = "ORGANIZATION"
    slots: tuple[Annotated[str, AfterValidator(_slot)], ...] = ("09:00", "12:00", "15:00", "18:00")


class WorldAccount(Closed):
    """A connected account; `fails` is the reason with which every publication on it fails."""

    workspace: Ref
    platform: Network
    username: str | None = None
    name: str = ""
    id: GivenId = None
    has_expired: bool = False
    is_default: bool = False
    is_verified: bool = False
    fails: str | None = None


class WorldLabel(Closed):
    """A label."""

    workspace: Ref
    name: str
    color: Color = "#4F46E5"
    id: GivenId = None
    created: When = "-30d 09:00"
    updated: When | None = None


class WorldFolder(Closed):
    """A media folder; `parent` is another folder's name or id."""

    workspace: Ref
    name: str
    color: Color = "#4F46E5"
    id: GivenId = None
    parent: Ref | None = None


class WorldCampaign(Closed):
    """A campaign."""

    workspace: Ref
    name: str
    id: GivenId = None


class WorldMedia(Closed):
    """A library item; its type is told from the name unless given. `ready` lies ahead while it is being processed."""

    workspace: Ref
    name: str
    id: GivenId = None
    mime: str = ""
    size: Annotated[int, Field(ge=0)] = 240512
    folder: Ref | None = None
    alt: str | None = None
    sha256: str | None = None
    created: When = "-20d 09:00"
    ready: When | None = None


class WorldContent(Closed):
    """A content item; media by name or id."""

    text: str | None = None
    media: tuple[Ref, ...] = ()
    cover: Cover | None = None
    first_comment: bool = False
    delay: int | None = None


class WorldTarget(Closed):
    """A post on one account. All but `account` and `settings` is filled in where it is left out."""

    account: Ref
    id: GivenId = None
    platform: Network | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    status: Literal["DRAFT", "SCHEDULED", "IN_QUEUE", "PUBLISHED", "FAILED"] | None = None
    publications: tuple[Publication, ...] = ()
    error: str | None = None
    numbers: Numbers | None = None


class WorldComment(Closed):
    """A comment; `own` ones are the first token's user's, unless `user_id` names another's."""

    text: str | None = None
    author: str = ""
    handle: str | None = None
    id: GivenId = None
    platform: Network | None = None
    source: Literal["SOCIAL", "INTERNAL"] = "SOCIAL"
    own: bool = False
    user_id: int | None = None
    media: tuple[Ref, ...] = ()
    resolved: bool = False
    approved: bool | None = None
    hidden: bool = False
    at: When = "-1h"
    replies: "tuple[WorldComment, ...]" = ()


class WorldRepeat(Closed):
    """A repetition: `times` publications in all, `remaining` of them to come."""

    times: Annotated[int, Field(ge=1)]
    gap: Annotated[int, Field(ge=1)] = 1
    unit: Literal["minutes", "hours", "days", "weeks", "months"] = "weeks"
    remaining: int | None = None
    accounts: tuple[Ref, ...] = ()


class WorldPost(Closed):
    """A post: `text` and `media` for one item, or `content` for several; `at` is its due or publishing time.

    `metrics` are its first account's numbers now; `incoming` comments arrive with the first fetch after their time.
    """

    workspace: Ref
    id: GivenId = None
    text: str | None = None
    media: tuple[Ref, ...] = ()
    content: tuple[WorldContent, ...] = ()
    accounts: tuple[Ref | WorldTarget, ...] = ()
    status: Literal["draft", "scheduled", "in_queue", "published", "partially_failed", "failed"] = "draft"
    at: When | None = None
    created: When | None = None
    updated: When | None = None
    wake: When | None = None
    posted: tuple[When, ...] | None = None
    labels: tuple[Ref, ...] = ()
    campaign: Ref | None = None
    repeat: WorldRepeat | None = None
    metrics: Counts | None = None
    comments: tuple[WorldComment, ...] = ()
    incoming: tuple[WorldComment, ...] = ()
    auto_plug: dict[str, Any] | None = None
    comments_settings: dict[str, Any] | None = None
    contact_collection_settings: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> "WorldPost":
        if self.content and (self.text is not None or self.media):
            raise ValueError("a post has either content, or text and media")
        if self.status != "draft" and self.at is None:
            raise ValueError(f"a {self.status} post needs its time under at")
        return self


class World(Rules):
    """Everything in a box at its start."""

    tokens: tuple[WorldToken, ...] = (WorldToken(),)
    workspaces: tuple[WorldWorkspace, ...] = Field(min_length=1)
    accounts: tuple[WorldAccount, ...] = ()
    labels: tuple[WorldLabel, ...] = ()
    folders: tuple[WorldFolder, ...] = ()
    campaigns: tuple[WorldCampaign, ...] = ()
    media: tuple[WorldMedia, ...] = ()
    posts: tuple[WorldPost, ...] = ()
    #: Where the ids of a kind start that are not given by hand.
    first_ids: Mapping[Kind, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)
    #: What other people do to posts as the clock passes; a post may still be to come, if its id is above all others.
    behind: tuple[Edit, ...] = ()

    @property
    def rules(self) -> Rules:
        """The behaviour alone."""
        return Rules.model_validate(self.model_dump(include=set(Rules.model_fields)))


def shipped_worlds() -> tuple[str, ...]:
    """The names of the worlds that come with the sandbox."""
    return (*sorted(path.stem for path in _SHIPPED.glob("*.yaml")), *_GENERATED)


@cache
def _shipped(name: str) -> World:
    if name in _GENERATED:
        return World.model_validate(_GENERATED[name]())
    return load_yaml(_SHIPPED / f"{name}.yaml", World)


def load_world(path_or_shipped_name: str) -> World:
    """A world from a YAML file, or a shipped one by its name. Raises SettingsError that names file, line and key."""
    shipped = shipped_worlds()
    if path_or_shipped_name in shipped:
        return _shipped(path_or_shipped_name)
    path = Path(path_or_shipped_name).expanduser()
    if not path.exists():
        raise SettingsError(
            f'There is no world "{path_or_shipped_name}".{nearest(path_or_shipped_name, shipped)}',
            hint=f"Name a YAML file, or one of the shipped worlds: {', '.join(shipped)}.",
        )
    return load_yaml(path, World)
