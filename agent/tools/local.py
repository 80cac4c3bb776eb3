"""Tools that send nothing: asking the person, and finishing."""

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from agent.tools.args import Words
from agent.tools.desk import Desk, Said
from agent.tools.schema import View

#: What models write where nothing was refused.
_NOTHING = frozenset({"", "no", "none", "false", "nothing", "n/a", "null", "-"})
#: What a bare `true` stands for: nothing was done, and `said` tells why.
_ALL = "true"


def _in_words(value: object) -> object:
    """Models also write true or false here."""
    return str(value).lower() if isinstance(value, bool) else value


class Ask(View):
    """Ask the person one question that nothing you can read answers."""

    tool = "ask"

    question: Words

    def complete(self, desk: Desk) -> Said:
        return Said({"asked": self.question})


class Finish(View):
    """End the goal. said: the answer to the person, and what was done; refused: what was not done and why, if any."""

    tool = "finish"

    said: Words
    refused: Annotated[str, StringConstraints(max_length=65535), BeforeValidator(_in_words)] | None = None

    @property
    def refusal(self) -> str:
        """What was not done and why; empty where nothing was left."""
        told = self.refused or ""
        if told == _ALL:
            return self.said
        return "" if told.strip(" .").casefold() in _NOTHING else told.strip()

    def complete(self, desk: Desk) -> Said:
        return Said({"ok": True})
