"""What a conversation says about itself, in words. Pure: from the run's state."""

import re
from collections.abc import Sequence

from agent.journal.fold import RunState, outcome_of
from agent.journal.ledger import Item
from agent.journal.views import CardView
from agent.review.queue import item_line
from agent.review.showing import Ways
from agent.text import one_line

WAYS = Ways(
    confirm="to approve it, type  /approve {number} {confirm}",
    draft="next: say what shall become of it, or /reject {number} [--delete]",
    question="next: /answer {number} your answer",
    task="then: /done {number}, or /again {number} for a new card",
)
#: Goals that a recap shows.
MOST_GOALS = 3

#: Hints of the command line in the words of this face.
_HERE = (
    (re.compile(r"`psa review list`"), "/cards"),
    (re.compile(r"`psa review (show|approve|reject|answer|done) ([^`]*)`"), r"/\1 \2"),
    (re.compile(r"`psa runs resume(?: RUN| r\d+)?`"), "/continue"),
    (re.compile(r", or pass --confirm '[^']*'"), ""),
)


def here(text: str) -> str:
    """A sentence whose hints name this face's commands instead of the command line's."""
    for pattern, said in _HERE:
        text = pattern.sub(said, text)
    return text


def outcome_line(state: RunState, *, priced: bool) -> str:
    """What came of the goal at hand, in one line; with its cost where prices are known."""
    told = _OUTCOMES[outcome_of(state)](state)
    return told + (f" · ${state.spent.money:.4f}" if priced and state.spent.money else "")


def _held(state: RunState) -> str:
    new, old = _cards(state)
    parts = []
    if state.said is not None and state.said.refused:
        parts.append("not all of it was done")
    elif not new:
        parts.append("done")
    if new:
        them = numbered(new)
        parts.append(f"{_count(new, 'card')} {_wait(new)}: {them} · /show {new[0]}, /approve {them.replace(', ', ',')}")
    if old:
        parts.append(f"{_count(old, 'earlier card')} still {_wait(old)}: {numbered(old)}")
    if state.tasks:
        tasks = sorted(state.tasks)
        parts.append(f"{_count(tasks, 'task')} for you: {numbered(tasks)} · /show {tasks[0]}")
    return "; ".join(parts)


def _refused(state: RunState) -> str:
    denied = [one for key, one in state.judged.items() if one.verdict == "deny" and state.of_this_goal(key)]
    if denied and denied[-1].findings:
        finding = denied[-1].findings[0]
        return f"refused: {one_line(finding.says, 200)} [{finding.rule}]"
    return "refused: nothing was done"


def _failed(state: RunState) -> str:
    says = here(state.gave_up.says) if state.gave_up else ""
    more = "" if "/continue" in says else " · /continue tries again"
    return f"gave up because: {one_line(says, 400)}{more}"


def _stopped(state: RunState) -> str:
    doubt = "; an effect was under way, what became of it is looked up then" if state.in_doubt else ""
    return f"stopped · /continue goes on with it{doubt}"


def _deferred(state: RunState) -> str:
    if state.deferred is None:
        return "put off"
    until = state.deferred.until.astimezone()
    return f"put off until {until:%H:%M %Z}: {one_line(here(state.deferred.says), 300)} · /continue tries now"


_OUTCOMES = {
    "done": lambda _state: "done",
    "held": _held,
    "asked": lambda _state: "waits for your answer",
    "refused": _refused,
    "failed_safe": _failed,
    "stopped": _stopped,
    "deferred": _deferred,
}


def _cards(state: RunState) -> tuple[list[int], list[int]]:
    """Numbers of the open cards: those of the goal at hand, and earlier ones."""
    new = [view.card.number for view in state.open_cards if state.of_this_goal(view.card.parts[0].key)]
    return sorted(new), sorted({view.card.number for view in state.open_cards} - set(new))


def numbered(numbers: Sequence[int]) -> str:
    """`3-5, 8`: numbers as a person would type them."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def _count(things: Sequence[int], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _wait(things: Sequence[int]) -> str:
    return "waits" if len(things) == 1 else "wait"


def unfinished(state: RunState) -> bool:
    """Whether there is something to go on with: stopped, put off, given up, broken off, or approved and not sent."""
    ended = state.closed is not None and not (state.stopped or state.gave_up or state.deferred)
    return bool(state.goals) and (not ended or (state.halted and state.said is None) or bool(state.unsent()))


def recap_lines(state: RunState) -> list[str]:
    """What a conversation was about and what waits, for somebody who takes it up again."""
    goals = state.goals
    when = f"{state.opened_at:%Y-%m-%d}" if state.opened_at else ""
    lines = [f"Conversation {state.run} of {when}, {_count(range(len(goals)), 'goal')}. The last:"]
    lines += [f"  {goal.number}. {one_line(goal.text, 120)}" for goal in goals[-MOST_GOALS:]]
    if unfinished(state):
        why = {"stopped": "was stopped", "failed_safe": "was given up", "deferred": "was put off"}.get(
            outcome_of(state), "is not finished"
        )
        lines.append(f"The last goal {why}: /continue goes on with it.")
    lines += [f"Waits: card {view.card.number}: {one_line(view.card.title, 120)}" for view in state.open_cards]
    lines += [f"Waits: task {number}: {one_line(task.says, 120)}" for number, task in state.tasks.items()]
    return lines


def waiting_lines(items: Sequence[Item], run: str) -> list[str]:
    """The queue of the home, most urgent first; items of run `run` are marked."""
    if not items:
        return ["Nothing waits."]
    mine = any(item.run == run for item in items)
    lines = [("* " if item.run == run else "  ") + item_line(item).lstrip() for item in items]
    return [*lines, *(["* of this conversation"] if mine else [])]


def became_line(number: int, view: CardView, told: str) -> str:
    """What a decided card became."""
    again = f" /again {number} makes a new card from what stands now." if view.state == "void" else ""
    return f"card {number}: {one_line(told, 300)}.{again}"


def broke(error: Exception) -> str:
    """A defect of ours, said so that a person can go on."""
    told = one_line(f"{type(error).__name__}: {error}", 200)
    return f"Something of ours broke: {told}. What was journaled stands; /continue goes on. PSA_LOG=debug shows where."
