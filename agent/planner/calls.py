"""Dealing with the calls of one model turn: parse, complete, propose, and say what became of each."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.api.catalogue import parse
from agent.api.endpoint import Effect, Endpoint
from agent.api.media import UploadMediaFile
from agent.api.posts import CreatePost, PostFields
from agent.errors import ApiError, NotFound, Unauthorized
from agent.gate.door import Gate, Result
from agent.gate.titles import title_of
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.journal.views import TurnView
from agent.policy.facts import Facts
from agent.policy.verdict import Finding, Verdict
from agent.templates import Templates
from agent.tools.desk import Completes, Desk, Need, Parts, Said, Unfit, read_key
from agent.tools.local import Ask, Finish
from agent.tools.registry import parse as parse_view
from agent.tools.schema import View
from agent.tools.show import brief, show
from agent.tools.show import error as show_error

#: The same call this often is answered with a reminder; twice as often ends the run.
SAME_CALL = 3
#: How the tools that only read are called.
_READING = ("find_", "get_", "list_")
#: Reads that completing one call may take.
MOST_NEEDS = 60


class Calls:
    """Answers the calls of a run's last turn, in order."""

    def __init__(self, gate: Gate, templates: Templates, spent: Callable[[RunState], str]) -> None:
        """`spent` says which budget the calls of a turn have used up; empty while there is room."""
        self._gate = gate
        self._templates = templates
        self._spent = spent

    async def answer(self, run: Run) -> None:
        """Deal with every call that has no answer yet."""
        view = run.state.turns[-1]
        left = [call for index, call in enumerate(view.turn.calls) if index not in view.answers]
        reads = self._first_reads(run, left)
        if len(reads) > 1:
            await self._gate.settled(run, reads)
            self._gate.look_ahead(run, reads)
        try:
            await self._in_order(run, view)
        finally:
            self._gate.drop_ahead(run)

    def _first_reads(self, run: Run, calls: Sequence[r.ToolCall]) -> list[Endpoint[Any]]:
        """The reads that a turn's calls begin with, up to the first that writes: these can go side by side."""
        found: list[Endpoint[Any]] = []
        desk = Desk(self._gate.objects(run), {}, _Sent(self._gate))
        for call in calls:
            if not call.name.startswith(_READING):
                break  # what comes behind a write is read after it
            try:
                completed = parse_view(call.name, call.arguments).complete(desk)
            except Unfit:
                continue
            if isinstance(completed, Need):
                found.append(completed.call)
            elif isinstance(completed, Parts):
                if any(part.route.effect is not Effect.READ for part in completed.calls):
                    break
                found.extend(completed.calls)
        return found

    async def _in_order(self, run: Run, view: TurnView) -> None:
        for index, call in enumerate(view.turn.calls):
            if index not in run.state.turns[-1].answers:
                spent = "" if call.name == Finish.tool else self._spent(run.state)
                text = _json({"error": spent}) if spent else await self._one(run, view.turn.turn, index, call)
                run.add(r.Answered(turn=view.turn.turn, call=index, text=text))

    async def _one(self, run: Run, turn: int, index: int, call: r.ToolCall) -> str:
        times = run.state.same_calls(call)
        if times >= 2 * SAME_CALL:
            run.add(r.GaveUp(says=f"The model made the same call {times} times ({call.name})."))
        if times >= SAME_CALL:
            return _json({"error": self._templates.render("repair.md.j2", kind="repeat", times=times).strip()})
        try:
            view = parse_view(call.name, call.arguments)
        except Unfit as unfit:
            run.add(r.Repaired(turn=turn, says=str(unfit)))
            return _json({"error": str(unfit)})
        if isinstance(view, Finish):
            run.add(r.Said(goal=len(run.state.goals), text=view.said, refused=view.refusal))
            return _json({"ok": True})
        if isinstance(view, Ask):
            number = self._ask(run, turn, index, view.question)
            return _json({"asked": f"question {number}", "next": "Their answer will be your next message."})
        return await self._through_the_gate(run, turn, index, call.name, view)

    def _ask(self, run: Run, turn: int, index: int, question: str) -> int:
        """Put a question into the queue; after a crash the same one is not asked again."""
        for asked in run.state.questions.values():
            if asked.turn == turn:  # one question a turn: the person answers once
                return asked.number
        number = run.store.new_items(1)
        run.add(r.Asked(number=number, turn=turn, call=index, text=question))
        return number

    async def _through_the_gate(self, run: Run, turn: int, index: int, tool: str, view: View) -> str:
        fixed = run.state.proposed.get((turn, index))
        if fixed is not None:
            stored = tuple(parse(fixed.operation, run.store.load(part)) for part in fixed.parts)
            results = await self._gate.propose(run, turn, index, tool, stored, fixed.notes)
            return _json(self._tell(run, results, Parts(stored, fixed.notes, fixed.impossible)))
        try:
            completed, fresh = await complete(self._gate, run, f"{run.id}.{turn}.{index}", view)
        except Unfit as unfit:
            run.add(r.Repaired(turn=turn, says=str(unfit)))
            return _json({"error": str(unfit)})
        except Unauthorized:
            raise
        except ApiError as error:
            return _json(show_error(error))
        if isinstance(completed, Said):
            return _json(dict(completed.data))
        ready = self._fresh_answers(run, completed, fresh)
        if ready is not None:
            return ready
        calls = [findable(call, f"{run.id}-{turn}-{index}") for call in completed.calls]
        if calls and any(call.route.effect.writes for call in calls):
            parts = tuple(run.store.keep(call.model_dump_json()) for call in calls)
            operation = calls[0].route.name
            run.add(
                r.Proposed(
                    turn=turn,
                    call=index,
                    operation=operation,
                    parts=parts,
                    notes=completed.notes,
                    impossible=completed.impossible,
                )
            )
        results = await self._gate.propose(run, turn, index, tool, calls, completed.notes)
        return _json(self._tell(run, results, completed))

    def _fresh_answers(self, run: Run, completed: Parts, fresh: Mapping[tuple[str, str], Any]) -> str | None:
        """Where completing already read just what was asked for, that is the answer."""
        if not completed.calls or any(read_key(call) not in fresh for call in completed.calls):
            return None
        facts = self._gate.objects(run)
        answers = [(call, fresh[read_key(call)]) for call in completed.calls]
        shown = [
            show_error(answer) if isinstance(answer, ApiError) else show(call, answer, facts)
            for call, answer in answers
        ]
        return _json(shown[0] if len(shown) == 1 else {"results": shown})

    def _tell(self, run: Run, results: Sequence[Result], completed: Parts) -> dict[str, Any]:
        facts = self._gate.objects(run)
        told = [_told(result, facts) for result in results]
        answer: dict[str, Any] = dict(told[0]) if len(told) == 1 else {"results": told}
        if completed.impossible:
            answer["not_possible"] = completed.impossible
        if completed.notes:
            answer["notes"] = completed.notes
        return answer


def findable(call: Endpoint[Any], mark: str) -> Endpoint[Any]:
    """An upload carries run, turn and call in its file name: a lost answer is settled by finding that name."""
    if not isinstance(call, UploadMediaFile):
        return call
    stem, dot, ending = call.file.name.rpartition(".")
    name = f"{stem}-{mark}.{ending}" if dot else f"{ending}-{mark}"
    return call.model_copy(update={"file": call.file.model_copy(update={"name": name})})


async def complete(gate: Gate, run: Run, key: str, view: Completes) -> tuple[Parts | Said, dict[tuple[str, str], Any]]:
    """What a view stands for, reading what it lacks through the gate; also those reads' answers.

    Raises Unfit for arguments that cannot become a call, ApiError where a read fails.
    """
    fresh: dict[tuple[str, str], Any] = {}
    for count in range(MOST_NEEDS):
        completed = view.complete(Desk(gate.objects(run), fresh, _Sent(gate)))
        if not isinstance(completed, Need):
            return _divided(gate, run, completed), fresh
        refused = gate.refusal(run, completed.call)
        if refused:
            raise Unfit(refused)
        try:
            fresh[read_key(completed.call)] = await gate.read(run, f"{key}.c{count}", completed.call)
        except NotFound as error:
            fresh[read_key(completed.call)] = error
    raise Unfit(f"This would take more than {MOST_NEEDS} reads. Narrow it down.")


def _divided(gate: Gate, run: Run, completed: Parts | Said) -> Parts | Said:
    """The operations, with a new draft divided where only some of its networks need a thread."""
    if isinstance(completed, Said) or not any(isinstance(call, CreatePost) for call in completed.calls):
        return completed
    calls, notes = gate.divided(run, completed.calls)
    return Parts(calls, (*completed.notes, *notes), completed.impossible)


class _Sent(Mapping[int, PostFields]):
    """The last full body this home sent for a post, looked up when asked for."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def __getitem__(self, post: int) -> PostFields:
        sent = self._gate.ledger.last_sent(self._gate.client.origin, post)
        if sent is None:
            raise KeyError(post)
        call = parse(*sent)
        if not isinstance(call, PostFields):
            raise KeyError(post)
        return call

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def _told(result: Result, facts: Facts) -> dict[str, Any]:
    """One result in the model's terms."""
    if result.state == "answered":
        return show(result.call, result.answer, facts)
    what = title_of(result.call, facts)
    match result.state:
        case "waiting":
            told: dict[str, Any] = {"waiting": f"card {result.card}", "call": what, "next": "Go on, or finish."}
        case "denied":
            told = {"denied": what}
        case "applied":
            told = {"done": what}
            if result.answer is not None:
                told["result"] = brief(result.call, result.answer, facts)
        case "unknown":
            told = {"unknown": what, "next": "Its answer was lost; a person looks after it. Do not repeat it."}
        case _:
            told = {"failed": what, **(show_error(result.error) if result.error is not None else {})}
    denied = [finding for finding in result.findings if finding.verdict is Verdict.DENY and not finding.later]
    told_of = [finding for finding in result.findings if finding.verdict is not Verdict.ALLOW]  # notes are for people
    for finding in denied if result.state == "denied" and denied else told_of:
        told.setdefault(_kind(finding, told), []).append(_reason(finding, waits="waiting" in told))
    return told


def _kind(finding: Finding, told: Mapping[str, Any]) -> str:
    """Under which word a finding is told: what was changed, what is to be mended before it can go out, or why not."""
    if finding.verdict is Verdict.REWRITE:
        return "changed_before_sending"
    if finding.later:
        return "to_mend_before_it_goes_out"
    return "findings" if "failed" in told else "why"


def _reason(finding: Finding, *, waits: bool) -> str:
    """A finding in one sentence or two; on what waits nothing is to be done by the model."""
    if finding.verdict is Verdict.REWRITE:
        return f"{finding.says} {finding.evidence} [{finding.rule}]"
    passes = f" What would pass: {finding.passes}" if finding.passes and not waits else ""
    return f"{finding.says}{passes} [{finding.rule}]"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
