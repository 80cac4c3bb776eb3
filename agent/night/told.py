"""What a night is told as: one object over all its jobs, each line with the record it rests on."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.api.catalogue import parse
from agent.gate.titles import title_of
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.ledger import Item
from agent.journal.run import Run
from agent.report import facts_of, title_as_sent
from agent.reports.standing import StandingTold
from agent.text import one_line

#: Lines of one job; more are counted.
MOST_LINES = 30


class Told(BaseModel):
    """Base of the parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(Told):
    """One thing that happened; `run` and `seq` name the journal record it is told from."""

    says: str
    run: str
    seq: int


class JobTold(Told):
    """A job of the night. `outcome` is its run's, or `put off` and `lost` for a job that was not begun."""

    job: str
    date: str
    run: str = ""
    outcome: r.RunOutcome | Literal["put off", "lost", "elsewhere"]
    why: str = ""
    lines: tuple[Line, ...] = ()
    left_out: int = 0
    turns: int = 0
    tokens: int = 0
    money: float = 0.0
    requests: int = 0


class CheckTold(Told):
    """A finding of the dusk check."""

    state: str
    what: str
    do: str


class WaitingTold(Told):
    """Something that waits for a person, with its record; ranked by due time."""

    number: int
    kind: str
    title: str
    due: datetime | None
    expires: datetime | None
    run: str
    seq: int
    #: The zone that `due` is meant in; empty where there is none.
    zone: str = ""


class WatchedTold(Told):
    """A post that should be out by now: what became of it, with its record; `task` where a person is needed."""

    post: int
    state: str
    says: str
    task: int | None
    run: str
    seq: int


class NextTold(Told):
    """The next job that becomes due."""

    job: str
    date: str
    at: datetime
    zone: str = ""


class NightTold(Told):
    """A night over all its jobs: what `psa night --json` prints."""

    home: str
    service: str
    model: str
    began: datetime
    ended: datetime
    checks: tuple[CheckTold, ...]
    put_off: str
    watched: tuple[WatchedTold, ...] = ()
    jobs: tuple[JobTold, ...]
    already: tuple[str, ...]
    waiting: tuple[WaitingTold, ...]
    next: NextTold | None
    standing: tuple[StandingTold, ...] = ()
    requests: int
    tokens: int
    money: float


def trouble(outcome: str) -> int:
    """Rank of an outcome in the morning: what needs somebody first, what went well last."""
    ranks = ("failed_safe", "lost", "put off", "deferred", "stopped", "elsewhere", "asked", "held", "refused")
    return ranks.index(outcome) if outcome in ranks else len(ranks)


def job_told(run: Run, outcome: r.RunOutcome) -> JobTold:
    """A job's run, told from its journal."""
    state = RunState(run.id, run.store.load)
    lines: list[Line] = []
    for entry in run.store.read(run.id):
        state.apply(entry.seq, entry.at, entry.record)
        lines += [Line(says=says, run=run.id, seq=entry.seq) for says in _says(state, entry.record)]
    opened = state.opened
    why = next((one.says for one in (state.stopped, state.deferred, state.gave_up) if one is not None), "")
    return JobTold(
        job=opened.job if opened else "",
        date=opened.date if opened else "",
        run=run.id,
        outcome=outcome,
        why=why,
        lines=tuple(lines[:MOST_LINES]),
        left_out=max(0, len(lines) - MOST_LINES),
        turns=len(state.turns),
        tokens=sum(view.turn.prompt_tokens + view.turn.completion_tokens for view in state.turns),
        money=round(sum(view.turn.money for view in state.turns), 6),
        requests=state.requests,
    )


def waiting_told(item: Item) -> WaitingTold:
    """An item of the review queue."""
    return WaitingTold(
        number=item.number,
        kind=item.kind,
        title=item.title,
        due=item.due,
        expires=item.expires,
        run=item.run,
        seq=item.seq,
        zone=item.zone,
    )


def _says(state: RunState, record: r.AnyRecord) -> Iterator[str]:
    """What a record has to say to somebody who reads it in the morning: nothing, mostly."""
    match record:
        case r.Outcome():
            intent = state.effects[record.key].intent
            title = title_as_sent(state, intent, facts_of(state))
            number = f" → {record.object_id}" if record.object_id else ""
            says = f": {one_line(record.says, 160)}" if record.says else ""
            by = f" (by the standing permission {intent.standing.name})" if intent.standing else ""
            yield f"{record.state.replace('_', ' ')}: {title}{number}{by}{says}"
        case r.Judged(verdict="deny"):
            title = title_of(parse(record.operation, state.load(record.arguments)), facts_of(state))
            yield f"refused: {title} ({'; '.join(finding.says for finding in record.findings[:2])})"
        case r.Card():
            yield f"card {record.number} waits: {record.title}"
        case r.Asked():
            yield f"question {record.number}: {one_line(record.text, 200)}"
        case r.Task():
            yield f"task {record.number}: {one_line(record.says, 200)}"
        case r.ReadFailed():
            yield f"could not read: {one_line(record.says, 160)}"
        case r.Said():
            words = " ".join(part for part in (record.text, record.refused) if part)
            yield f"in the planner's words (not checked): {one_line(words, 300)}"
        case r.Deferred() | r.GaveUp() | r.Stopped():
            yield f"{record.kind.replace('_', ' ')}: {one_line(record.says, 200)}"
