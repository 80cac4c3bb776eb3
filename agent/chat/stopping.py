"""What a stop leaves behind, and what a process that died left."""

import json

from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.lease import lease
from agent.journal.run import Run

_LEFT = "not carried out: the person went on to another goal"


def under_way(state: RunState) -> bool:
    """Whether an effect has left and its answer is still out."""
    return any(view.state == "sending" for view in state.effects.values())


def left_calls(state: RunState) -> list[r.Answered]:
    """Answers to the calls that a goal left open: a new goal does not begin with carrying them out."""
    if not state.turns:
        return []
    view = state.turns[-1]
    left = [call for call in range(len(view.turn.calls)) if call not in view.answers]
    return [r.Answered(turn=view.turn.turn, call=call, text=_told(state, view.turn.turn, call)) for call in left]


def _told(state: RunState, turn: int, call: int) -> str:
    """What the model is told of a call that was left: what of it was done before the stop."""
    begins = f"{state.run}.{turn}.{call}."
    done = [
        f"{view.intent.operation} {view.outcome.object_id if view.outcome else ''}: {view.state}".replace(" :", ":")
        for key, view in state.effects.items()
        if key.startswith(begins)
    ]
    done += [
        f"card {card.card.number}: {card.state}"
        for card in state.cards.values()
        if any(part.key.startswith(begins) for part in card.card.parts)
    ]
    return json.dumps({"stopped": "the person went on to another goal", "done": done} if done else {"error": _LEFT})


def halt_broken_off(run: Run, who: str) -> None:
    """Mark a run that nobody advances and that never came to rest as stopped: looking at it moves nothing.

    Raises Busy where a living process advances it.
    """
    with lease(run.store, run.id):
        run.catch_up()
        if run.state.closed is None and run.state.goals:
            run.add(r.Stopped(who=who, says="it was broken off"), r.Closed(outcome="stopped"))
            run.flush()
