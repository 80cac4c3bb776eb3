"""Past calls judged again under two policies: what a change of the policy would have changed. Without any request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from agent.api.catalogue import parse
from agent.api.endpoint import Endpoint
from agent.errors import Corrupt, SettingsError
from agent.gate.past import Past
from agent.gate.titles import title_of
from agent.journal import records as r
from agent.journal.findings import Finding, Mode, Verdict
from agent.journal.run import Run
from agent.policy.engine import decide
from agent.policy.facts import Facts
from agent.policy.pack import Pack, Packs
from agent.policy.verdict import Judgement

What = Literal["let through", "rewritten", "held", "denied"]
_WHAT: dict[Verdict, What] = {
    Verdict.ALLOW: "let through",
    Verdict.REWRITE: "rewritten",
    Verdict.HOLD: "held",
    Verdict.DENY: "denied",
}


@dataclass(frozen=True)
class Difference:
    """A past call that the new policy answers otherwise.

    `rules` are those that say now what they did not say before, or no longer say it. `on_promotion`: the draft itself
    goes the same way, and its promotion would not.
    """

    run: str
    key: str
    at: datetime
    operation: str
    title: str
    before: What
    after: What
    rules: tuple[str, ...]
    says: str
    on_promotion: bool = False

    def as_row(self) -> dict[str, Any]:
        """As plain data."""
        row = {name: getattr(self, name) for name in type(self).__dataclass_fields__}
        return {**row, "at": self.at.isoformat(), "rules": list(self.rules)}


@dataclass
class Replayed:
    """What a replay found. `left_out` says what was not judged, and why."""

    judged: int = 0
    runs: int = 0
    differences: list[Difference] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def replay(
    past: Past, old: Packs, new: Packs, since: datetime, tell: Callable[[int, int, int], None] | None = None
) -> Replayed:
    """Judge every call since then under both policies. `tell` hears of calls judged, runs done and runs there are."""
    rows = [row for row in past.store.ledger.runs(10**9) if max(row.opened, row.updated) >= since]
    found = Replayed()
    for done, row in enumerate(reversed(rows)):
        found.runs += 1
        try:
            _run(past, row.run, old, new, since, found)
        except Corrupt as error:
            found.left_out.append(f"run {row.run}: {error.message}")
        if tell is not None:
            tell(found.judged, done + 1, len(rows))
    return found


def _run(past: Past, run_id: str, old: Packs, new: Packs, since: datetime, found: Replayed) -> None:
    packs: tuple[Pack, Pack] | None = None
    for run, entry in past.walk(run_id):
        record = entry.record
        opened = run.state.opened
        if not isinstance(record, r.Judged) or entry.at < since or opened is None or opened.service != past.service:
            continue
        packs = packs or _packs(run_id, opened, old, new, found)
        try:
            call = parse(record.operation, past.store.load(record.proposed or record.arguments))
        except (ValidationError, LookupError, ValueError):
            found.left_out.append(f"run {run_id}: {record.key} is no call that this version knows")
            continue
        facts = past.facts(run, entry.at)
        found.judged += 1
        found.differences += _differences(run, entry.at, record, call, facts, packs)


def _packs(run_id: str, opened: r.Opened, old: Packs, new: Packs, found: Replayed) -> tuple[Pack, Pack]:
    """Both policies as they would have been for this run; its job's own overlay is laid over them where it can be."""
    try:
        return old.of(opened.mode, opened.overlay), new.of(opened.mode, opened.overlay)
    except SettingsError as error:
        if not opened.overlay:
            raise
        found.left_out.append(f"run {run_id}: the policy of its job cannot be laid over both: {error.message}")
        mode: Mode = opened.mode
        return old.of(mode), new.of(mode)


def _differences(
    run: Run, at: datetime, record: r.Judged, call: Endpoint[Any], facts: Facts, packs: tuple[Pack, Pack]
) -> Iterator[Difference]:
    before, after = (decide(call, facts, pack) for pack in packs)
    now = before.verdict, _body(before)
    if now != (after.verdict, _body(after)):
        yield _difference(run, at, record, call, facts, (before, after), on_promotion=False)
    elif _later(before) is not _later(after):
        yield _difference(run, at, record, call, facts, (before, after), on_promotion=True)


def _body(judgement: Judgement) -> str:
    """What would be sent, where the rules rewrite it: both may rewrite, and not the same."""
    return judgement.call.model_dump_json() if judgement.rewritten else ""


def _later(judgement: Judgement) -> Verdict:
    return max((finding.verdict for finding in judgement.findings if finding.later), default=Verdict.ALLOW)


def _difference(
    run: Run,
    at: datetime,
    record: r.Judged,
    call: Endpoint[Any],
    facts: Facts,
    both: tuple[Judgement, Judgement],
    *,
    on_promotion: bool,
) -> Difference:
    before, after = both
    told = _told(before, after)
    return Difference(
        run=run.id,
        key=record.key,
        at=at,
        operation=record.operation,
        title=title_of(call, facts),
        before=_WHAT[_later(before) if on_promotion else before.verdict],
        after=_WHAT[_later(after) if on_promotion else after.verdict],
        rules=tuple(dict.fromkeys(finding.rule for finding in told)),
        says=told[0].says if told else "",
        on_promotion=on_promotion,
    )


def _told(before: Judgement, after: Judgement) -> list[Finding]:
    """Findings that only one of both has, the new ones first; notes decide nothing, and are left out."""
    new = [finding for finding in after.findings if finding not in before.findings]
    gone = [finding for finding in before.findings if finding not in after.findings]
    return [finding for finding in (*new, *gone) if finding.verdict is not Verdict.ALLOW]
