"""What a report holds: one object, drawn from the journal, that `psa run --json` prints.

Times are in UTC; `zone` beside them names the zone in which people are told them.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from agent.journal import records as r
from agent.journal.findings import Finding


class Told(BaseModel):
    """Base of the report's parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EffectTold(Told):
    """An effect the journal knows: what was sent, and what became of it; `says` is why it did not succeed.

    `standing` names the standing permission by which it went out without a card.
    """

    key: str
    operation: str
    arguments: dict[str, Any]
    effect: str
    outcome: Literal["applied", "rejected", "not_sent", "unknown", "sending"]
    object_id: int | None
    decided_by: str
    title: str
    says: str = ""
    card: int | None = None
    standing: str = ""


class CallTold(Told):
    """One call on a card."""

    arguments: dict[str, Any]
    digest: str
    findings: tuple[Finding, ...]
    title: str


class CardTold(Told):
    """A card and its state; `says` is why it is void or was rejected, `decide` the command that approves it."""

    number: int
    operation: str
    effect: str
    title: str
    calls: tuple[CallTold, ...]
    digest: str
    expires: datetime
    due: datetime | None
    state: str
    decided_by: str
    confirm: str
    undo: str
    notes: tuple[str, ...]
    zone: str = "UTC"
    says: str = ""
    decide: str = ""


class Waiting(Told):
    """A question, a task or a draft in the review queue; `post` is a draft's post."""

    number: int
    kind: Literal["question", "task", "draft"]
    text: str
    post: int | None = None


class Verdicted(Told):
    """A call that the policy denied or changed, and why."""

    title: str
    findings: tuple[Finding, ...]


class DraftTold(Told):
    """A post that the run made as a draft. `number` is its place in the review queue, `gone` how it left it."""

    key: str
    post: int
    networks: tuple[str, ...]
    text: str
    number: int | None = None
    gone: str = ""


class WatchedTold(Told):
    """What was found when a post was read back after its due time: on which networks it is out, and where not."""

    post: int
    state: str
    says: str
    failed: tuple[int, ...] = ()


class Reason(Told):
    """Why calls wait, were denied or were changed: one reason, told once for all of them.

    `says` is worded for the first call; `also` are ids of further objects of which the very same was said. `cards` are
    numbers of cards, `calls` titles.
    """

    rule: str
    says: str
    verdict: str = "hold"
    evidence: str = ""
    passes: str = ""
    later: bool = False
    also: tuple[int, ...] = ()
    cards: tuple[int, ...] = ()
    calls: tuple[str, ...] = ()


class ReadTold(Told):
    """Objects of one kind that were read. `says` is how many, in words."""

    kind: str
    count: int
    says: str


class FailedTold(Told):
    """A read that failed and did not succeed later."""

    operation: str
    about: str
    says: str
    status: int = 0


class Counts(Told):
    """Numbers as the service showed them; None for what it did not show. The rate is in percent."""

    impressions: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None
    quotes: int | None = None
    engagement_rate: float | None = None


class Measured(Told):
    """Numbers of something. `now` are those read last, None where there are none yet; `before` those of an earlier
    reading of the same run."""

    now: Counts | None
    before: Counts | None = None
    read_at: datetime
    before_at: datetime | None = None


class Publication(Told):
    """A post on one account, as the account's numbers list it."""

    post: int
    text: str
    now: Counts


class PostMeasured(Measured):
    """Numbers of a post. `refresh` says whether this run asked for a refresh, and on which side of the last reading."""

    post: int
    text: str
    networks: tuple[str, ...]
    status: str = ""
    out: datetime | None = None
    times_out: int = 0
    zone: str = "UTC"
    refresh: Literal["no", "before", "after", "nothing", "skipped", "failed"] = "no"
    refresh_at: datetime | None = None


class AccountMeasured(Measured):
    """Numbers of an account, and of its publications that have any."""

    account: int
    name: str
    posts: tuple[Publication, ...] = ()


class WorkspaceMeasured(Measured):
    """Numbers of a workspace, or of all of them together."""

    workspace: int | None
    name: str


class Performance(Told):
    """All numbers that the run read."""

    posts: tuple[PostMeasured, ...] = ()
    accounts: tuple[AccountMeasured, ...] = ()
    workspaces: tuple[WorkspaceMeasured, ...] = ()


class RunReport(Told):
    """What `psa run --json` prints: one object, drawn from the journal.

    `standing` are the permissions in force when the run began, `revoked` those that an incident of the run revoked.
    """

    run: str
    outcome: r.RunOutcome
    goal: str
    service: str
    model: str
    effects: tuple[EffectTold, ...]
    cards: tuple[CardTold, ...]
    denied: tuple[Verdicted, ...]
    changed: tuple[Verdicted, ...]
    waiting: tuple[Waiting, ...]
    reads: int
    said: str
    refused: str
    why: str
    turns: int
    tokens: int
    money: float
    requests: int
    opened: datetime | None = None
    last: datetime | None = None
    goes_on: datetime | None = None
    zone: str = "UTC"
    read: tuple[ReadTold, ...] = ()
    drafts: tuple[DraftTold, ...] = ()
    held_because: tuple[Reason, ...] = ()
    denied_because: tuple[Reason, ...] = ()
    changed_because: tuple[Reason, ...] = ()
    failed: tuple[FailedTold, ...] = ()
    asked_again: int = 0
    model_failed: tuple[str, ...] = ()
    numbers: Performance = Performance()
    watched: tuple[WatchedTold, ...] = ()
    standing: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
