"""What the offline planner can be asked for: one class per kind of goal."""

from dataclasses import dataclass
from typing import Literal

from agent.planner.offline.dates import When
from agent.planner.offline.past import Period

Promotion = Literal["", "schedule", "publish"]
Status = Literal["draft", "scheduled", "published", "failed"]


@dataclass(frozen=True)
class MediaWish:
    """A picture or video: a name in the library, an address to import, or a local path to upload as written."""

    kind: Literal["library", "url", "path"]
    value: str


@dataclass(frozen=True)
class CoverWish:
    """What a video shows before it plays: a frame of it, in milliseconds, or a picture."""

    frame_ms: int | None = None
    picture: MediaWish | None = None


@dataclass(frozen=True)
class Place:
    """Where posts go: networks or account ids named, or every account; in these workspaces, or in all of them.

    `each` holds workspaces with networks of their own; it then stands for the rest.
    """

    networks: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()
    everywhere: bool = False
    workspaces: tuple[int, ...] = ()
    each: tuple[tuple[int, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Piece:
    """One post: its texts (several are a thread), the place named for it alone, the words the person quoted in it."""

    texts: tuple[str, ...]
    place: Place | None = None
    quoted: tuple[str, ...] = ()


@dataclass(frozen=True)
class PostWish:
    """New drafts, and what is to become of them."""

    pieces: tuple[Piece, ...]
    place: Place
    promotion: Promotion = ""
    when: When | None = None
    media: tuple[MediaWish, ...] = ()
    covers: tuple[CoverWish, ...] = ()
    first_comment: str = ""
    title: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """Posts that exist: by id, by words in them, or `last`, those this conversation made last.

    Without `statuses` posts of any status are meant.
    """

    ids: tuple[int, ...] = ()
    contains: str = ""
    last: bool = False
    statuses: tuple[Status, ...] = ()
    workspaces: tuple[int, ...] = ()


@dataclass(frozen=True)
class PromoteWish:
    """Schedule or publish posts that exist."""

    target: Target
    promotion: Promotion
    when: When | None = None


@dataclass(frozen=True)
class MoveWish:
    """Schedule a post for another time: one that is named, or the one that is due on the day `of`."""

    target: Target
    when: When | None = None
    of: When | None = None


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
class ReplyWish:
    """Reply to the comments that nobody answered: on posts that are named, else on those of a period."""

    target: Target
    text: str = ""
    period: Period | None = None


@dataclass(frozen=True)
class ReportWish:
    """Tell the numbers of posts that are named, or of those of a period."""

    target: Target
    period: Period | None = None


@dataclass(frozen=True)
class TidyWish:
    """Delete the folders that nothing lies in."""

    workspaces: tuple[int, ...] = ()


@dataclass(frozen=True)
class DisconnectWish:
    """Disconnect one account; `called` is its name."""

    place: Place
    called: str = ""


@dataclass(frozen=True)
class MediaOnlyWish:
    """Bring pictures or videos into the library, and nothing else."""

    media: tuple[MediaWish, ...]
    workspaces: tuple[int, ...] = ()


#: Wishes about posts that exist.
PostsWish = PromoteWish | MoveWish | UnscheduleWish | DeleteWish | LabelWish | ListWish | ReportWish
Wish = PostWish | MediaOnlyWish | PostsWish | ReplyWish | TidyWish | DisconnectWish
