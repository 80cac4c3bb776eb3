"""The numbers a run has read: of each object the first and the last reading, and the refreshes that were asked for."""

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from agent.api.types import AccountNumbers, PostNumbers, SyncedAnalytics, Totals, WorkspaceTotal

N = TypeVar("N")


@dataclass(frozen=True)
class Reading(Generic[N]):
    """Numbers of one object as first and as last read, and how often they were read."""

    first: N
    first_at: datetime
    last: N
    last_at: datetime
    times: int = 1


@dataclass(frozen=True)
class Refresh:
    """A refresh of a post's numbers that was asked for; the new ones arrive later.

    `jobs` were queued, 0 if it was skipped. `readings` of the post came before: order is told by them, not by times.
    """

    at: datetime
    jobs: int
    skipped: bool
    readings: int


class Numbers:
    """Readings by id: posts, accounts, workspaces, and the sum over all of them; refreshes by post, in order."""

    def __init__(self) -> None:
        self.posts: dict[int, Reading[PostNumbers]] = {}
        self.accounts: dict[int, Reading[AccountNumbers]] = {}
        self.workspaces: dict[int, Reading[WorkspaceTotal]] = {}
        self.everything: Reading[Totals] | None = None
        self.refreshes: dict[int, list[Refresh]] = {}

    def take(self, answer: object, about: int, at: datetime) -> None:
        """Take in an answer to a call about the object `about`; anything but numbers is ignored."""
        if isinstance(answer, PostNumbers):
            _again(self.posts, answer.post_id, answer, at)
        elif isinstance(answer, AccountNumbers):
            _again(self.accounts, answer.account_id, answer, at)
        elif isinstance(answer, WorkspaceTotal):
            _again(self.workspaces, answer.workspace_id, answer, at)
        elif isinstance(answer, Totals):
            self.everything = _next(self.everything, answer, at)
            for workspace in answer.workspaces:
                _again(self.workspaces, workspace.workspace_id, workspace, at)
        elif isinstance(answer, SyncedAnalytics):
            post = answer.post_id or about
            readings = self.posts[post].times if post in self.posts else 0
            asked = Refresh(at, answer.jobs_dispatched, answer.skipped, readings)
            self.refreshes.setdefault(post, []).append(asked)


def _again(home: MutableMapping[int, Reading[N]], key: int, numbers: N, at: datetime) -> None:
    home[key] = _next(home.get(key), numbers, at)


def _next(old: Reading[N] | None, numbers: N, at: datetime) -> Reading[N]:
    if old is None:
        return Reading(numbers, at, numbers, at)
    return replace(old, last=numbers, last_at=at, times=old.times + 1)
