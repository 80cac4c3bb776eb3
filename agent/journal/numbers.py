"""The numbers a run has read: of each object the first and the last reading, and the refreshes that were asked for."""

import math
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from agent.api.types import AccountNumbers, Metrics, PostNumbers, SyncedAnalytics, Totals, WorkspaceTotal

N = TypeVar("N")
#: What is counted; the rate is in percent, all else whole numbers.
METRICS = ("impressions", "likes", "comments", "shares", "saves", "quotes", "engagement_rate")


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


# -- what is empty stays empty, what was not shown is not 0 ------------------------------------------------------------


def shown(analytics: object) -> dict[str, int | float]:
    """Numbers of one publication, in whatever shape they came; empty where there are none."""
    if not isinstance(analytics, Mapping):
        return {}
    found: dict[str, Any] = {name: value for name in METRICS if _finite(value := analytics.get(name))}
    return {name: value if name == "engagement_rate" else int(value) for name, value in found.items()}


def shown_total(total: Metrics, publications: Iterable[object] = ()) -> dict[str, int | float]:
    """Numbers of a total. All zeros are what the service shows without data, unless a publication has numbers."""
    fields = {name: getattr(total, name) for name in METRICS if name in total.model_fields_set}
    counts = {name: value for name, value in fields.items() if _finite(value)}
    return counts if any(counts.values()) or any(shown(one) for one in publications) else {}


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
