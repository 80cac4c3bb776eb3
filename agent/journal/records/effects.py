"""Calls and what became of them: judged, read, sent, looked up, watched."""

from datetime import datetime
from typing import Literal

from agent.journal.findings import Finding
from agent.journal.records.base import Record

OutcomeState = Literal["applied", "rejected", "not_sent", "unknown"]


class Judged(Record):
    """A call and its verdict. `arguments` are what may be sent, `proposed` what was asked for where that differs.

    `policy` is the hash of the policy that judged it, where that is another than the one its run was opened with.
    """

    kind: Literal["judged"] = "judged"
    key: str
    tool: str
    operation: str
    arguments: str
    proposed: str = ""
    effect: str
    verdict: str
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    policy: str = ""


class Read(Record):
    """A read or sync was done; `body` is the answer as it came."""

    kind: Literal["read"] = "read"
    key: str
    operation: str
    arguments: str
    body: str


class ReadFailed(Record):
    """A read or sync failed after its retries."""

    kind: Literal["read_failed"] = "read_failed"
    key: str
    operation: str
    arguments: str
    error: str
    says: str
    status: int = 0
    body: str = ""


class StandingUse(Record):
    """A standing permission as it stood when it was used: with it an intent needs no decision.

    `due` is when the post goes out, `day` its date, `sent_on` the date on which it is sent, both where the workspace
    is; `zone` is its zone. The rest is what a person signed.
    """

    name: str
    accounts: tuple[int, ...]
    label: int
    between: tuple[str, str]
    days: tuple[str, ...]
    per_day: int
    links: bool
    mentions: bool
    until: str
    signed: str
    unattended: bool
    due: datetime
    zone: str
    day: str
    sent_on: str


class Intent(Record):
    """An effect is about to be sent. On disk before the first byte leaves.

    `before` is the object as last read, `high` the highest post id seen (for creates), `deadline` when no answer can
    come any more. It rests on a `card` that a person approved, or on a `standing` permission, or needs neither.
    """

    kind: Literal["intent"] = "intent"
    key: str
    attempt: int
    operation: str
    arguments: str
    digest: str
    effect: str
    card: int | None = None
    standing: StandingUse | None = None
    before: str = ""
    high: int = 0
    send_before: datetime
    deadline: datetime


class StandingRevoked(Record):
    """A person takes a standing permission back, as an incident would: it holds until `StandingAllowed`."""

    kind: Literal["standing_revoked"] = "standing_revoked"
    name: str
    who: str
    reason: str = ""


class StandingAllowed(Record):
    """A person gives a standing permission back that was revoked."""

    kind: Literal["standing_allowed"] = "standing_allowed"
    name: str
    who: str


class Outcome(Record):
    """What became of an intent. `settled` says whether the answer, a later reading or a person told.

    `says` may hold the service's words and is for people; `error` and `fields` (names only) are what a model is told.
    """

    kind: Literal["outcome"] = "outcome"
    key: str
    attempt: int
    state: OutcomeState
    settled: Literal["answer", "reading", "person"] = "answer"
    status: int = 0
    body: str = ""
    object_id: int | None = None
    says: str = ""
    error: str = ""
    fields: tuple[str, ...] = ()


class Looked(Record):
    """Reconciling read the service; nothing could be settled yet."""

    kind: Literal["looked"] = "looked"
    key: str
    says: str
    at: datetime


class Followed(Record):
    """What follows from an applied effect was done: its echo compared, its draft put into the queue or taken out."""

    kind: Literal["followed"] = "followed"
    key: str


class Expected(Record):
    """A post should be out at `due`: from now on it is watched. `accounts` are those it goes to, as sent."""

    kind: Literal["expected"] = "expected"
    key: str
    post: int
    due: datetime
    accounts: tuple[int, ...] = ()
    zone: str = "UTC"


WatchState = Literal["published", "partly", "failed", "late", "gone", "withdrawn", "moved"]


class Watched(Record):
    """A post was read back after its due time. `failed` are accounts it did not go out on, `due` where it was moved."""

    kind: Literal["watched"] = "watched"
    key: str
    post: int
    state: WatchState
    says: str
    failed: tuple[int, ...] = ()
    due: datetime | None = None
