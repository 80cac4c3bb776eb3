"""Live progress: one line for each record that people want to see."""

from collections.abc import Callable
from typing import Any

from agent.api.catalogue import parse
from agent.gate.titles import title_of
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.known import only_looks
from agent.report import facts_of
from agent.reports.reading import about
from agent.reports.reasons import same
from agent.reports.words import counted
from agent.text import one_line


def progress_line(state: RunState, record: r.AnyRecord) -> str:
    """One line of live progress for a record; empty for what people need not see."""
    tell = _LINES.get(type(record))
    return tell(state, record) if tell else ""


def history_line(state: RunState, record: r.AnyRecord) -> str:
    """One line for a record of a run that is looked at afterwards: progress, and what people decided."""
    tell = _DECIDED.get(type(record))
    return tell(record) if tell else progress_line(state, record)


def _decided_line(record: r.Decided) -> str:
    word = {"approve": "approved", "reject": "rejected", "edit": "edited"}[record.decision]
    why = f": {one_line(record.reason, 160)}" if record.reason else ""
    return f"{word:<9} card {record.card} by {record.who} ({record.role}, {record.channel}){why}"


def _read_line(_state: RunState, record: r.Read) -> str:
    if only_looks(record.key):
        return ""
    verb = "asked for" if record.operation.startswith("Sync") else "read     "
    return f"{verb} {about(record.operation, record.arguments)}"


def _failed_line(_state: RunState, record: r.ReadFailed) -> str:
    says = record.says.removeprefix(f"{record.operation}: ")
    return f"failed    {about(record.operation, record.arguments)}: {one_line(says, 200)}"


def _turn_line(_state: RunState, record: r.Turn) -> str:
    return f"again     the model was asked {counted(record.tries, 'time')}" if record.tries > 1 else ""


def _judged_line(state: RunState, record: r.Judged) -> str:
    if record.effect in {"read", "sync"} and record.verdict == "allow":
        return ""
    title = title_of(parse(record.operation, state.load(record.arguments)), facts_of(state))
    told = _told_this_turn(state, record)
    arguments = state.load(record.arguments)
    fresh = [finding for finding in record.findings[:3] if same(finding, arguments) not in told]
    reasons = "; ".join(f"{finding.says} [{finding.rule}]" for finding in fresh)
    reasons = reasons or ("for the same reason" if record.findings else "")
    return f"{record.verdict:<9} {title}" + (f"  ({reasons})" if reasons else "")


def _told_this_turn(state: RunState, record: r.Judged) -> set[tuple[object, ...]]:
    """The reasons that the lines of this turn have given already."""
    turn = record.key.rsplit(".", 2)[0] + "."
    before = [one for key, one in state.judged.items() if key.startswith(turn) and key != record.key]
    return {same(finding, state.load(one.arguments)) for one in before for finding in one.findings[:3]}


def _outcome_line(state: RunState, record: r.Outcome) -> str:
    view = state.effects.get(record.key)
    what = view.intent.operation if view else ""
    number = f" → {record.object_id}" if record.object_id else ""
    says = record.says.removeprefix(f"{what}: ")
    return f"{record.state.replace('_', ' '):<9} {what}{number}" + (f": {says}" if says else "")


def _says(_state: RunState, record: Any) -> str:
    return f"{record.kind.replace('_', ' '):<9} {one_line(record.says, 160)}"


_LINES: dict[type, Callable[[RunState, Any], str]] = {
    r.Goal: lambda _, record: f"goal      {one_line(record.text, 100)}",
    r.Read: _read_line,
    r.ReadFailed: _failed_line,
    r.Turn: _turn_line,
    r.ModelFailed: lambda _, record: f"failed    the model gave no answer: {one_line(record.says, 160)}",
    r.Judged: _judged_line,
    r.Outcome: _outcome_line,
    r.Card: lambda _, record: f"card {record.number:<4} waits: {record.title}",
    r.Asked: lambda _, record: f"question  {record.number}: {one_line(record.text, 160)}",
    r.Voided: lambda _, record: f"card {record.card:<4} void: {record.says}",
    r.Task: lambda _, record: f"task {record.number:<4} {record.says}",
    r.Watched: lambda _, record: f"{record.state:<9} {one_line(record.says, 200)}",
    r.Looked: lambda _, record: f"looking   {record.says}",
    r.Repaired: lambda _, record: f"repair    {one_line(record.says, 140)}",
    r.Reserved: lambda _, record: f"thinking  turn {record.turn}",
    r.Stopped: _says,
    r.Deferred: _says,
    r.GaveUp: _says,
}

#: What people did, which they need not be told while they do it.
_DECIDED: dict[type, Callable[[Any], str]] = {
    r.Decided: _decided_line,
    r.Replied: lambda record: f"answered  question {record.number} by {record.who}: {one_line(record.text, 160)}",
    r.TaskClosed: lambda record: f"closed    task {record.number} by {record.who}: {one_line(record.how, 160)}",
    r.DraftGone: lambda record: f"left      draft {record.number}: {one_line(record.how, 160)}",
    r.Resumed: lambda record: f"goes on   {f'by {record.who}' if record.who else 'by itself'}",
}
