"""From the pieces of a goal to drafts: one for all accounts of a workspace that take the same of a piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.planner.offline.conversation import Account
from agent.planner.offline.plan import Story
from agent.planner.offline.texts import title_of
from agent.planner.offline.wishes import Piece, PostWish
from agent.planner.offline.words import listed, written

_FIRST_COMMENTS = frozenset({"instagram", "facebook", "linkedin", "youtube"})
#: Which networks show a frame of the video before it plays, and which a picture (API.md, section 5).
FRAMES, THUMBNAILS = frozenset({"tiktok"}), frozenset({"youtube", "instagram", "facebook"})


@dataclass(frozen=True)
class Draft:
    """A draft to save: one workspace, its accounts, the piece it stands for, counted from 0."""

    workspace: int
    accounts: tuple[Account, ...]
    piece: int
    arguments: Mapping[str, Any]
    quoted: Sequence[str] = ()

    @property
    def networks(self) -> str:
        """Its networks as people write them."""
        return listed(list(dict.fromkeys(written(account.platform) for account in self.accounts)))


@dataclass(frozen=True)
class Cover:
    """A cover as a draft takes it, and the networks that show one of its kind."""

    networks: frozenset[str]
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """What was fetched for the drafts of each workspace: arguments that all of them take, and covers."""

    extras: Mapping[int, Mapping[str, Any]]
    covers: Mapping[int, Sequence[Cover]]

    def cover_of(self, account: Account) -> int:
        """Which cover an account shows, counted from 0; -1 for none."""
        covers = self.covers[account.workspace]
        return next((at for at, cover in enumerate(covers) if account.platform in cover.networks), -1)


def drafts_of(wish: PostWish, placed: Sequence[Sequence[Account]], made: Made, story: Story) -> list[Draft]:
    """One draft for each piece and for all accounts that take the same of it."""
    drafts: list[Draft] = []
    for number, (piece, accounts) in enumerate(zip(wish.pieces, placed, strict=True)):
        groups: dict[tuple[int, bool, int], list[Account]] = {}
        for account in accounts:
            commented = bool(wish.first_comment) and account.platform in _FIRST_COMMENTS
            cover = made.cover_of(account)
            groups.setdefault((account.workspace, commented, cover), []).append(account)
            if wish.first_comment and not commented:
                story.refused.append(f"{written(account.platform)} has no first comment; its draft goes without.")
            if wish.covers and cover < 0:
                story.refused.append(f"{written(account.platform)} takes no such cover; its draft goes without.")
        for (workspace, commented, cover), group in groups.items():
            arguments = {**_arguments(workspace, group, piece, wish.title), **made.extras[workspace]}
            if commented:
                arguments["first_comment"] = wish.first_comment
            if cover >= 0:
                arguments["cover"] = made.covers[workspace][cover].arguments
            drafts.append(Draft(workspace, tuple(group), number, arguments, piece.quoted))
    return drafts


def _arguments(workspace: int, accounts: Sequence[Account], piece: Piece, title: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "workspace_id": workspace,
        "accounts": [account.id for account in accounts],
        "text": piece.texts[0],
    }
    if len(piece.texts) > 1:
        arguments["thread"] = list(piece.texts[1:])
    titles = {str(account.id): {"title": title or title_of(piece.texts[0])} for account in accounts if titled(account)}
    return arguments | ({"settings": titles} if titles else {})


def titled(account: Account) -> bool:
    """Whether posts on an account have a title."""
    return account.platform == "youtube"
