"""What a stop leaves behind, and what a process that died left."""

from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.lease import lease
from agent.journal.run import Run

_LEFT = '{"error":"not carried out: the person stopped that goal"}'
_BEGUN = '{"error":"the person stopped that goal while this was under way; look before you repeat it"}'


def under_way(state: RunState) -> bool:
    """Whether an effect has left and its answer is still out."""
    return any(view.state == "sending" for view in state.effects.values())


def left_calls(state: RunState) -> list[r.Answered]:
    """Answers to the calls that a stopped goal left: a new goal does not begin with carrying them out."""
    if not state.turns:
        return []
    view = state.turns[-1]
    keys = [*state.effects, *(part.key for card in state.cards.values() for part in card.card.parts)]
    turn = view.turn.turn

    def answer(call: int) -> r.Answered:
        begun = any(key.startswith(f"{state.run}.{turn}.{call}.") for key in keys)
        return r.Answered(turn=turn, call=call, text=_BEGUN if begun else _LEFT)

    return [answer(call) for call in range(len(view.turn.calls)) if call not in view.answers]


def halt_broken_off(run: Run, who: str) -> None:
    """Mark a run that nobody advances and that never came to rest as stopped: looking at it moves nothing.

    Raises Busy where a living process advances it.
    """
    with lease(run.store, run.id):
        if run.state.closed is None and run.state.goals:
            run.add(r.Stopped(who=who, says="it was broken off"), r.Closed(outcome="stopped"))
            run.flush()
