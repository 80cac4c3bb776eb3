"""Tools that send nothing: asking the person, and finishing."""

from typing import Annotated

from pydantic import StringConstraints

from agent.tools.args import Words
from agent.tools.desk import Desk, Said
from agent.tools.schema import View

#: What models write where nothing was refused.
_NOTHING = frozenset({"", "no", "none", "false", "nothing", "n/a", "null", "-"})


class Ask(View):
    """Ask the person one question that nothing you can read answers."""

    tool = "ask"

    question: Words

    def complete(self, desk: Desk) -> Said:
        return Said({"asked": self.question})


class Finish(View):
    """End the goal: what was done; refused: what was not done and why."""

    tool = "finish"

    said: Words
    refused: Annotated[str, StringConstraints(max_length=65535)] | bool | None = None

    @property
    def refusal(self) -> str:
        """What was not done and why; empty where nothing was left."""
        if self.refused is True:
            return self.said
        told = self.refused if isinstance(self.refused, str) else ""
        return "" if told.strip(" .").casefold() in _NOTHING else told.strip()

    def complete(self, desk: Desk) -> Said:
        return Said({"ok": True})
