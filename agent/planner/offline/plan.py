"""A plan is a generator: it yields the calls of one turn and is sent their answers. It is replayed at every request.

So nothing is remembered between requests: the calls already in the conversation are fed back to a fresh plan until it
yields one that is not there yet.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.planner.offline.answers import Answer
from agent.planner.offline.conversation import Turn
from agent.planner.offline.words import CannotDo


@dataclass(frozen=True)
class Call:
    """A tool call to make."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Ending:
    """What was done and what was not: the arguments of `finish`."""

    said: str
    refused: str = ""


Plan = Generator[Sequence[Call], Turn, Ending]


@dataclass
class Story:
    """What is told at the end, gathered on the way."""

    said: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def problem(self, what: str, answer: Answer) -> None:
        """Tell why something was denied or failed."""
        if answer.problems:
            self.refused.append(f"{what}: {' '.join(answer.problems)}")

    def ending(self) -> Ending:
        """Both parts as sentences, each told once."""
        said = " ".join(dict.fromkeys(self.said)) or "Nothing was done."
        return Ending(said, " ".join(dict.fromkeys(self.refused)))


def ask(question: str) -> Generator[Sequence[Call], Turn, str]:
    """The person's answer to a question. Raises CannotDo where there is none."""
    turn = yield [Call("ask", {"question": question})]
    if not turn.reply:
        raise CannotDo(f"There was no answer to the question: {question}")
    return turn.reply


def one(call: Call) -> Generator[Sequence[Call], Turn, Answer]:
    """The answer to a single call."""
    turn = yield [call]
    return turn.answers[0]
