"""A run step by step, as its page shows it: goals, model turns, their calls with verdicts and effects. Pure."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from agent.api.catalogue import parse
from agent.gate.titles import title_of
from agent.journal import records as r
from agent.journal.findings import Finding, Verdict
from agent.journal.fold import RunState
from agent.journal.views import EffectView, TurnView
from agent.policy.facts import Facts
from agent.report import facts_of, title_as_sent
from agent.reports.reading import about
from agent.text import shorten

#: Turns that one page shows.
MOST_TURNS = 20
#: Characters of a call's arguments or of its answer that are shown.
MOST_SHOWN = 4_000
#: Tools by which the model only speaks, with the arguments that hold its words.
_SAYS = {"finish": ("said", "refused"), "ask": ("question",)}
_READS = frozenset({"read", "sync"})


@dataclass(frozen=True)
class Judgement:
    """A call and its verdict; `effect` is what became of it where it was sent, `card` where it waits."""

    title: str
    verdict: str
    findings: tuple[Finding, ...] = ()
    effect: str = ""
    says: str = ""
    object_id: int | None = None
    card: int | None = None
    standing: str = ""


@dataclass(frozen=True)
class CallStep:
    """One call of the model as it wrote it, what the policy said to each of its parts, and what it was answered."""

    tool: str
    arguments: str
    judged: tuple[Judgement, ...]
    answer: str


@dataclass(frozen=True)
class Step:
    """A part of a run: a `goal`, a model `turn`, a `note` of ours, or the `own` calls outside of any turn."""

    kind: str
    number: int = 0
    text: str = ""
    by: str = ""
    tokens: int = 0
    money: float = 0.0
    tries: int = 1
    calls: tuple[CallStep, ...] = ()
    judged: tuple[Judgement, ...] = ()


@dataclass(frozen=True)
class Steps:
    """The steps of a page. `earlier` is the first turn left out before them, 0 where there is none."""

    steps: tuple[Step, ...]
    earlier: int = 0
    later: int = 0


def steps_of(state: RunState, last: int = 0) -> Steps:
    """The steps of the newest turns, or of those up to turn `last`."""
    turns = len(state.turns)
    last = last if 0 < last < turns else turns
    first = max(1, last - MOST_TURNS + 1)
    calls = _Calls(state, first, last)
    steps = [*_own(calls, first), *_turns(state, calls, first, last)]
    if last == turns:
        steps += [Step("goal", goal.number, goal.text, goal.by) for goal in state.goals[state.greeted :]]
        steps += [Step("note", text=f"The model gave no answer: {one.says}") for one in state.failed_turns[-3:]]
    return Steps(tuple(steps), first - 1, min(turns, last + MOST_TURNS) if last < turns else 0)


def _own(calls: "_Calls", first: int) -> Iterable[Step]:
    judged = tuple(calls.judged_of(0))
    if judged and first == 1:
        yield Step("own", judged=judged)


def _turns(state: RunState, calls: "_Calls", first: int, last: int) -> Iterable[Step]:
    """Goals and turns in the order in which the model met them."""
    turn = 0
    for one in state.history:
        if isinstance(one, TurnView):
            turn = one.turn.turn
            if first <= turn <= last:
                yield _turn(one, calls)
        elif first <= turn + 1 <= last + (last == len(state.turns)):
            if one.goal:
                goal = state.goals[one.goal - 1]
                yield Step("goal", goal.number, goal.text, goal.by)
            elif one.warning:
                yield Step("note", text="The model was told that the goal's budget is nearly used up.")
            elif one.replies:
                yield Step("note", text="The model was told your answer.")


def _turn(view: TurnView, calls: "_Calls") -> Step:
    turn = view.turn
    told = [
        CallStep(
            call.name,
            _pretty(call.arguments),
            tuple(calls.judged_of(turn.turn, index)),
            _pretty(view.answers.get(index, "")),
        )
        for index, call in enumerate(turn.calls)
        if call.name not in _SAYS
    ]
    return Step(
        "turn",
        turn.turn,
        "\n".join(filter(None, [turn.text, *map(_words, turn.calls)])),
        tokens=turn.prompt_tokens + turn.completion_tokens,
        money=turn.money,
        tries=turn.tries,
        calls=tuple(told),
    )


def _words(call: r.ToolCall) -> str:
    """What the model says with a call that does nothing else; as it wrote it where that cannot be read."""
    if call.name not in _SAYS:
        return ""
    try:
        said = json.loads(call.arguments)
        words = [said.get(name, "") for name in _SAYS[call.name]]
    except (ValueError, AttributeError):
        return call.arguments
    return "\n".join(word for word in words if isinstance(word, str) and word)


def _pretty(text: str) -> str:
    """JSON over several lines, any other text as it is; cut with a count."""
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return shorten(text, MOST_SHOWN)


@dataclass
class _Calls:
    """The judged calls and effects of some turns, by turn and call."""

    state: RunState
    first: int
    last: int
    keys: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._facts: Facts = facts_of(self.state)
        self._cards = {part.key: number for number, view in self.state.cards.items() for part in view.card.parts}
        for key in dict.fromkeys([*self.state.judged, *self.state.effects]):
            place = key.split(".")
            if len(place) >= 3 and place[1].isdigit() and place[2].isdigit():
                turn = int(place[1])
                if turn == 0 or self.first <= turn <= self.last:
                    self.keys.setdefault((turn, int(place[2])), []).append(key)

    def judged_of(self, turn: int, call: int | None = None) -> Iterable[Judgement]:
        """What was said to the parts of a call, or of all calls of a turn."""
        for (of_turn, of_call), keys in self.keys.items():
            if of_turn == turn and (call is None or of_call == call):
                yield from map(self._judgement, keys)

    def _judgement(self, key: str) -> Judgement:
        judged, view = self.state.judged.get(key), self.state.effects.get(key)
        title = self._title(judged, view)
        if view is None:
            assert judged is not None, "a key is that of a judged call or of an effect"
            return Judgement(title, judged.verdict, judged.findings, card=self._cards.get(key))
        outcome = view.outcome
        return Judgement(
            title,
            judged.verdict if judged is not None else "allow",
            judged.findings if judged is not None else (),
            view.state,
            outcome.says.removeprefix(f"{view.intent.operation}: ") if outcome else "",
            outcome.object_id if outcome else None,
            view.intent.card if view.intent.card is not None else self._cards.get(key),
            view.intent.standing.name if view.intent.standing else "",
        )

    def _title(self, judged: r.Judged | None, view: EffectView | None) -> str:
        if view is not None:
            return title_as_sent(self.state, view.intent, self._facts)
        assert judged is not None, "a key is that of a judged call or of an effect"
        arguments = self.state.load(judged.arguments)
        if judged.effect in _READS:
            return f"Read {about(judged.operation, arguments)}"
        return title_of(parse(judged.operation, arguments), self._facts)


# -- budgets -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """How much of a budget the goal at hand has used."""

    name: str
    used: float
    most: float
    shown: str

    @property
    def kind(self) -> str:
        """`bad` where it is used up, `warn` where it nearly is."""
        share = self.used / self.most if self.most else 0.0
        return "bad" if share >= 1 else "warn" if share >= 0.9 else ""


def budgets_of(state: RunState, until: datetime, *, priced: bool) -> Sequence[Budget]:
    """The budgets of the goal at hand, its time counted until an instant; money where prices are known."""
    limits, spent = (state.opened.limits if state.opened else r.Limits()), state.spent
    seconds = max(0.0, (until - spent.since).total_seconds()) if spent.since else 0.0
    counted: list[tuple[str, float, float]] = [
        ("Model turns", spent.turns, limits.turns),
        ("Tokens", spent.tokens, limits.tokens),
        ("Requests", spent.requests, limits.requests),
        ("Cards", spent.cards, limits.cards),
    ]
    told = [Budget(name, used, most, f"{used:,.0f} of {most:,.0f}") for name, used, most in counted]
    if priced:
        told.append(Budget("Money", spent.money, limits.money, f"${spent.money:.4f} of ${limits.money:.2f}"))
    minutes = f"{seconds // 60:.0f}:{seconds % 60:02.0f} of {limits.seconds // 60}:{limits.seconds % 60:02} min"
    return [*told, Budget("Time", seconds, limits.seconds, minutes)]


def findings_told(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that a person has to look at first, notes last."""
    return sorted(findings, key=lambda one: one.verdict is Verdict.ALLOW)
