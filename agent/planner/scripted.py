"""A model with a script: for tests, benches and evaluations. Shipped, so that others can use it too."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agent.errors import ModelError
from agent.planner.wire import ModelReply, OnText, WireCall

#: A step: words, calls as (tool, arguments), or an error to raise.
Step = str | Sequence[tuple[str, Mapping[str, Any] | str]] | ModelError


class ScriptedModel:
    """Answers with the next step of its script and remembers the requests it got."""

    def __init__(self, steps: Sequence[Step], *, name: str = "scripted") -> None:
        self.name = name
        self.requests: list[dict[str, Any]] = []
        self._steps = list(steps)

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        self.requests.append(json.loads(body))
        if not self._steps:
            raise AssertionError(f"request {len(self.requests)} came after the script's end")
        step = self._steps.pop(0)
        if isinstance(step, ModelError):
            raise step
        if isinstance(step, str):
            if on_text is not None:
                on_text(step)
            message = json.dumps({"role": "assistant", "content": step}, separators=(",", ":"), ensure_ascii=False)
            return ModelReply(message, step, (), len(body) // 4, len(step) // 4)
        turn = len(self.requests)
        calls = tuple(
            WireCall(f"call_{turn}_{index}", name, arguments if isinstance(arguments, str) else json.dumps(arguments))
            for index, (name, arguments) in enumerate(step)
        )
        wire = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ]
        message = json.dumps({"role": "assistant", "tool_calls": wire}, separators=(",", ":"), ensure_ascii=False)
        return ModelReply(message, "", calls, len(body) // 4, len(message) // 4)

    def assert_complete(self) -> None:
        """Fails where the script was not used up."""
        if self._steps:
            raise AssertionError(f"{len(self._steps)} steps of the script were never asked for")
