"""What the offline planner can be asked for: one class per kind of goal."""

from dataclasses import dataclass
from typing import Literal

from agent.planner.offline.dates import When

Promotion = Literal["", "schedule", "publish"]
Status = Literal["", "draft", "scheduled", "published", "failed"]


@dataclass(frozen=True)
class MediaWish:
    """A picture or video: a name in the library, an address to import, or a local path to upload as written."""

    kind: Literal["library", "url", "path"]
    value: str


@dataclass(frozen=True)
class Piece:
    """One post: its texts (several are a thread) and the networks named for it alone."""

    texts: tuple[str, ...]
    networks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where posts go: networks or account ids named, or every account; in these workspaces, or in all of them."""

    networks: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()
    everywhere: bool = False
    workspaces: tuple[int, ...] = ()


@dataclass(frozen=True)
class PostWish:
    """New drafts, and what is to become of them."""

    pieces: tuple[Piece, ...]
    place: Place
    promotion: Promotion = ""
    when: When | None = None
    media: tuple[MediaWish, ...] = ()
    first_comment: str = ""
    title: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """Posts that exist: by id, by words in them, or `last`, those this conversation made last."""

    ids: tuple[int, ...] = ()
    contains: str = ""
    last: bool = False
    status: Status = ""
    workspaces: tuple[int, ...] = ()


@dataclass(frozen=True)
class PromoteWish:
    """Schedule or publish posts that exist; moving one is scheduling it again."""

    target: Target
    promotion: Promotion
    when: When | None = None


@dataclass(frozen=True)
class UnscheduleWish:
    """Take posts off the schedule."""

    target: Target


@dataclass(frozen=True)
class DeleteWish:
    """Delete posts."""

    target: Target


@dataclass(frozen=True)
class LabelWish:
    """Put labels on posts, or take them off."""

    target: Target
    labels: tuple[str, ...]
    remove: bool = False


@dataclass(frozen=True)
class ListWish:
    """Tell which posts there are."""

    target: Target
    when: When | None = None


@dataclass(frozen=True)
class MediaOnlyWish:
    """Bring pictures or videos into the library, and nothing else."""

    media: tuple[MediaWish, ...]
    workspaces: tuple[int, ...] = ()


Wish = PostWish | PromoteWish | UnscheduleWish | DeleteWish | LabelWish | ListWish | MediaOnlyWish
