"""What the model is sent: the run's history as request bytes, of bounded size.

Each message is kept as the bytes it was first sent as, so a resumed run sends what an uninterrupted one would. When the
request grows over `MOST_BYTES` the older turns are replaced by a summary drawn from the journal; the journal keeps all.
"""

import json

from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.views import TurnView
from agent.text import one_line

MOST_BYTES = 60_000
#: What is kept of the newest history when older turns are left out.
KEEP_BYTES = 20_000
#: Lines of each list in a summary.
MOST_LINES = 40


def request_bytes(state: RunState, model: str) -> bytes:
    """The body of the next model request."""
    prompted = state.prompted
    if prompted is None:
        raise ValueError("a run is prompted before its first turn")
    messages = [_message("system", prompted.system), *_history(state)]
    joined = b",".join(messages)
    tools = prompted.tools.encode()
    return b'{"model":' + json.dumps(model).encode() + b',"messages":[' + joined + b'],"tools":' + tools + b"}"


def _history(state: RunState) -> list[bytes]:
    compacted = state.compacted
    first = compacted.first if compacted else 1
    messages: list[bytes] = []
    turn = 0
    goal_seen = False
    for item in state.history:
        if isinstance(item, TurnView):
            turn = item.turn.turn
            if turn >= first:
                messages.extend(_turn(item))
        elif turn + 1 >= first or not goal_seen:
            messages.append(_message("user", item.text))
            if compacted and not goal_seen:
                messages.append(_message("user", compacted.text))
            goal_seen = True
    return messages


def _turn(view: TurnView) -> list[bytes]:
    messages = [view.turn.reply.encode()]
    for index, call in enumerate(view.turn.calls):
        answer = view.answers.get(index, '{"error":"not carried out"}')
        messages.append(_tool(call.id, answer))
    return messages


def compaction_point(state: RunState) -> int | None:
    """First turn to keep where the history has grown too large, or None."""
    if sum(len(message) for message in _history(state)) <= MOST_BYTES:
        return None
    size = 0
    for view in reversed(state.turns):
        size += sum(len(message) for message in _turn(view))
        if size > KEEP_BYTES:
            point = min(view.turn.turn + 1, state.turns[-1].turn.turn)
            return point if point > (state.compacted.first if state.compacted else 1) else None
    return None


def _message(role: str, text: str) -> bytes:
    return json.dumps({"role": role, "content": text}, ensure_ascii=False, separators=(",", ":")).encode()


def _tool(call_id: str, text: str) -> bytes:
    message = {"role": "tool", "tool_call_id": call_id, "content": text}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def done_lines(state: RunState) -> list[str]:
    """Effects of a run in short lines, newest last, for the summary."""
    lines = [
        f"{view.intent.operation} {view.outcome.object_id or ''}: {view.state}".replace(" :", ":")
        for view in state.effects.values()
        if view.outcome is not None
    ]
    return _newest(lines)


def waiting_lines(state: RunState) -> list[str]:
    """Open cards in short lines."""
    return _newest([f"card {view.card.number}: {view.card.title}" for view in state.open_cards])


def earlier_goals(state: RunState) -> list[str]:
    """What a conversation was about before its current goal, in the person's words."""
    return _newest([one_line(goal.text, 300) for goal in state.goals[:-1]])


def _newest(lines: list[str]) -> list[str]:
    left_out = len(lines) - MOST_LINES
    return lines if left_out <= 0 else [f"({left_out} before these)", *lines[left_out:]]


def said_since(state: RunState, record: r.Decided) -> str:
    """A decision and what it led to, as one line for the model."""
    card = state.cards[record.card]
    words = {"approve": "approved", "edit": "approved with another text", "reject": "rejected"}[record.decision]
    reason = f": {record.reason}" if record.reason else ""
    sent = [state.effects[part.key].state.replace("_", " ") for part in card.parts if part.key in state.effects]
    became = "void, and not sent" if card.state == "void" else ", ".join(dict.fromkeys(sent))
    return f"card {record.card} ({card.card.title}) was {words}{reason}" + (f"; it is {became}" if became else "")
