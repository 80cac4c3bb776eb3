"""What a decision may know: everything a rule reads, gathered before, so that rules stay pure functions."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from agent.api.types import Account, Campaign, Comment, Folder, Label, Media, Post, Workspace
from agent.journal.findings import Finding, Mode
from agent.policy.mirror import Mirror
from agent.policy.provenance import Sources


@dataclass(frozen=True)
class Answered:
    """A reply of this home, of whatever run: sent (`reply` is its id), or on a card that waits.

    `author` is whom it answers (see `authors.author_of`), empty where nobody is named; `here`: by this run.
    """

    comment: int
    post: int
    at: datetime
    author: str = ""
    here: bool = False
    reply: int | None = None


@dataclass(frozen=True)
class FileTold:
    """What the bytes of an uploaded file told before they left.

    Pixels (0: no picture, or not readable), seconds, kind and size.
    """

    width: int = 0
    height: int = 0
    seconds: float | None = None
    mime: str = ""
    size: int = 0


@dataclass(frozen=True)
class StandingKnown:
    """What the use of standing permissions rests on, over all runs of the home.

    `used` are name, date of going out and date of sending; `revoked` maps a name to the incident; `doubt` says that
    nobody knows what became of some effect; `strangers` where words of strangers may have got in, empty where nowhere.
    """

    used: tuple[tuple[str, str, str], ...] = ()
    revoked: Mapping[str, str] = field(default_factory=dict)
    doubt: bool = False
    strangers: str = ""


@dataclass(frozen=True)
class Facts:
    """A snapshot for one decision. Objects are as last read in this run; ids map to them.

    `goal` is the current goal with the answers a person gave, `named` the numbers in it, `quoted` the texts the person
    put in quotes. `scope` holds workspace ids. `ours` are posts that this home's runs created as drafts. `posts_shown`
    are ids of posts that other answers of this run showed (analytics of an account). `syncs` maps
    (operation, post id) to the last time we synced, `synced_here` those of this run. `replies` maps comments to the
    card, of whatever run, that answers them, and its state. `folders_allowed` are real paths
    local files may come from. `features` are the opt-in parts of the service that settings turned on.

    What counts over runs is gathered for calls that write, and 0 or empty else: `answered` of 30 days, `cards_today`
    made by runs within 24 hours, `night_drafts` of all runs of this night's date, `analyses_today`. `together` is how
    many calls are proposed at once, `deletions` how many this run has done or put on cards before. `asked_by` is whose
    goal it is. `files` maps media to what their bytes told.
    """

    now: datetime
    mode: Mode = "attended"
    goal: str = ""
    language: str = "en"
    scope: frozenset[int] = frozenset()
    workspaces: Mapping[int, Workspace] = field(default_factory=dict)
    accounts: Mapping[int, Account] = field(default_factory=dict)
    posts: Mapping[int, Post] = field(default_factory=dict)
    media: Mapping[int, Media] = field(default_factory=dict)
    comments: Mapping[int, Comment] = field(default_factory=dict)
    labels: Mapping[int, Label] = field(default_factory=dict)
    folders: Mapping[int, Folder] = field(default_factory=dict)
    campaigns: Mapping[int, Campaign] = field(default_factory=dict)
    ours: frozenset[int] = frozenset()
    posts_shown: frozenset[int] = frozenset()
    quoted: tuple[str, ...] = ()
    syncs: Mapping[tuple[str, int], datetime] = field(default_factory=dict)
    synced_here: frozenset[tuple[str, int]] = frozenset()
    replies: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    #: All posts of the service, as whatever run last read them.
    mirror: Mirror = field(default_factory=Mirror)
    #: A person has decided about this very call; what only gives them time no longer matters.
    decided: bool = False
    answered: tuple[Answered, ...] = ()
    cards_today: int = 0
    night_drafts: int = 0
    analyses_today: int = 0
    together: int = 1
    deletions: int = 0
    asked_by: str = ""
    files: Mapping[int, FileTold] = field(default_factory=dict)
    #: Gathered for promotions where the policy has standing permissions; without it none is used.
    standing: StandingKnown | None = None
    requests_left: int = 60
    folders_allowed: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    #: Every text that was read, with its origin.
    sources: Sources = field(default_factory=Sources, repr=False, compare=False)
    #: What was found about the origin of its words when the post that a call changes was last written by us.
    kept: tuple[Finding, ...] = ()
    #: Public addresses of hosts as DNS told them before the decision; no entry: nobody asked, an empty one: none found.
    resolved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def named(self) -> frozenset[int]:
        """Numbers that stand in the goal: the person may mean ids by them."""
        return named_in(self.goal)

    def zone(self, workspace_id: int) -> ZoneInfo:
        """The workspace's time zone. Raises KeyError for a workspace that was not read."""
        return ZoneInfo(self.workspaces[workspace_id].timezone)

    def lies_in(self, folder_id: int) -> list[str]:
        """The folders and media that were seen in a folder, at any depth, as `media 7` and `folder 3`."""
        folders = with_inner(folder_id, self.folders.values())
        files = [one.id for one in self.media.values() if one.folder_id in folders]
        return [*(f"media {one}" for one in files), *(f"folder {one}" for one in folders[1:])]


def named_in(goal: str) -> frozenset[int]:
    """Numbers that stand in a goal by themselves."""
    return frozenset(int(number) for number in re.findall(r"(?<![\w.])#?(\d{1,12})(?![\w.]*\w)", goal))


def with_inner(folder_id: int, folders: Collection[Folder]) -> list[int]:
    """Ids of a folder and of those in it, at any depth, the folder itself first."""
    found = [folder_id]
    for at in found:  # grows while it is walked; no folder is walked twice
        found += [one.id for one in folders if one.parent_id == at and one.id not in found]
    return found


@lru_cache(maxsize=64)
def quoted_in(text: str) -> tuple[str, ...]:
    """The texts somebody put in quotes: straight, curly, German, French; at least two characters."""
    pairs = (r'"([^"]{2,})"', "“([^”]{2,})”", "„([^“”]{2,})[“”]", "«([^»]{2,})»", r"(?<!\w)'([^']{2,})'(?!\w)")
    found = [(match.start(), match.group(1)) for pattern in pairs for match in re.finditer(pattern, text, re.DOTALL)]
    return tuple(words for _, words in sorted(found))
