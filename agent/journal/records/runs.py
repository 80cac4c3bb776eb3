"""The life of a run: opened, given goals, stopped, put off, closed."""

from datetime import datetime
from typing import Literal

from agent.journal.findings import Mode
from agent.journal.records.base import Limits, Record

RunOutcome = Literal["done", "held", "asked", "refused", "deferred", "stopped", "failed_safe"]


class Opened(Record):
    """A run begins.

    `channel` says by which face (`chat`, `web`, `night`, `review` …; empty for `psa run`). A night's run names its
    `job` and the local `date` it was due on, and the job's own policy `overlay` (a path). `standing` tells the
    permissions in force, a line each.
    """

    kind: Literal["opened"] = "opened"
    mode: Mode
    service: str
    sandbox: bool
    model: str
    policy: str
    prompts: str
    workspaces: tuple[str, ...] = ()
    who: str
    limits: Limits
    features: tuple[str, ...] = ()
    channel: str = ""
    job: str = ""
    date: str = ""
    overlay: str = ""
    standing: tuple[str, ...] = ()


class Goal(Record):
    """What a person wants, in their words; a conversation has several."""

    kind: Literal["goal"] = "goal"
    number: int
    text: str
    by: str


class Said(Record):
    """The model finished a goal; `refused` is what it did not do and why."""

    kind: Literal["said"] = "said"
    goal: int
    text: str
    refused: str = ""


class Stopped(Record):
    """A person stopped the run."""

    kind: Literal["stopped"] = "stopped"
    who: str
    says: str = ""


class Resumed(Record):
    """A person lets a stopped or given-up run go on; `who` is empty where a deferred run wakes by itself.

    `trusts_clock` says that the clock is right now, though the run has records of a later time.
    """

    kind: Literal["resumed"] = "resumed"
    who: str
    trusts_clock: bool = False


class Deferred(Record):
    """The run goes on at a known time."""

    kind: Literal["deferred"] = "deferred"
    until: datetime
    says: str


class GaveUp(Record):
    """The run ends with what it has: a budget, the repair cap, the service or the model."""

    kind: Literal["gave_up"] = "gave_up"
    says: str


class Closed(Record):
    """The run stands still; `outcome` is derived from the records before it."""

    kind: Literal["closed"] = "closed"
    outcome: RunOutcome


class Scanned(Record):
    """All posts of the service were read, beginning then. `whole` says that none can have been missed."""

    kind: Literal["scanned"] = "scanned"
    began: datetime
    posts: int
    whole: bool
