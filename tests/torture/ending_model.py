"""A scripted model that ends: after its script, and after every resume, it says that all is done."""

from agent.planner.scripted import ScriptedModel
from agent.planner.wire import ModelReply, OnText


class EndingModel(ScriptedModel):
    """Says its script, and then only ever `finish`."""

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        if not self._steps:
            self._steps.append([("finish", {"said": "Published and approved everything."})])
        return await super().complete(body, on_text)
