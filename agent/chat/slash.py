"""What a typed line is: a slash command, or words for the agent. Pure.

Only a whole line that begins with a slash and names a command exactly is one. Whatever merely looks like one is
neither carried out nor sent to a model.
"""

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from agent.errors import SettingsError
from agent.review.numbers import numbers


@dataclass(frozen=True)
class Form:
    """How a command is written: which numbers it takes, what may follow, and what it does."""

    usage: str
    says: str
    numbers: Literal["none", "one", "many"] = "none"
    words: Literal["none", "may", "must"] = "none"
    #: Kinds of items that its numbers name.
    kinds: frozenset[str] = frozenset()


_CARD, _QUESTION, _TASK = frozenset({"card"}), frozenset({"question"}), frozenset({"task"})
_DROPPED, _ASKED_AGAIN = frozenset({"card", "draft"}), frozenset({"card", "task"})
COMMANDS: dict[str, Form] = {
    "cards": Form("/cards", "What waits for you in this home, most urgent first."),
    "show": Form("/show N", "A card, task, question or draft in full.", "one", "none", _DROPPED | _QUESTION | _TASK),
    "approve": Form("/approve N [name or count]", "Approve cards (3, 3-7 or 3,5) and send them.", "many", "may", _CARD),
    "edit": Form("/edit N", "Put another text on a card and approve it.", "one", "none", _CARD),
    "reject": Form(
        "/reject N [--delete] [why]", "Reject cards; --delete also deletes the drafts.", "many", "may", _DROPPED
    ),
    "answer": Form("/answer N words", "Answer a question that was left open.", "one", "must", _QUESTION),
    "skip": Form("/skip", "Leave the question open; your next line is a new goal."),
    "again": Form("/again N", "Ask once more for what a task or a void card was about.", "one", "none", _ASKED_AGAIN),
    "done": Form("/done N [how]", "Close a task that you have settled.", "one", "may", _TASK),
    "undo-help": Form("/undo-help", "What of this conversation can be undone, how, and until when."),
    "stop": Form("/stop", "Stop the goal being worked on."),
    "continue": Form("/continue", "Go on with what was stopped or not finished."),
    "help": Form("/help", "These lines."),
    "quit": Form("/quit", "Leave; `psa chat --continue` takes the conversation up again."),
}


@dataclass(frozen=True)
class Command:
    """A slash command as typed; `words` is what follows the numbers."""

    name: str
    numbers: tuple[int, ...] = ()
    words: str = ""
    delete: bool = False


@dataclass(frozen=True)
class Words:
    """Words for the agent: a goal, or the answer to its question."""

    text: str


@dataclass(frozen=True)
class Misread:
    """A line that looks like a command and is none: what is wrong, and what would be right."""

    says: str


_NUMBERS = re.compile(r"\d+(?:\s*[-,]\s*\d+)*(?=\s|$)")


def parse(line: str) -> Command | Words | Misread:
    """What a typed line means."""
    text = line.strip()
    name = text.split(maxsplit=1)[0].removeprefix("/").lower() if text.startswith("/") else ""
    if not text.startswith("/"):
        return Words(text)
    if not line.startswith("/"):
        if name in COMMANDS:
            return Misread(f"That begins with a blank, so it is no command. Type /{name} at the start of the line.")
        return Words(text)
    if "\n" in text:
        return Misread("A command is one line. Nothing was done; begin with a blank if these are words for the agent.")
    if name not in COMMANDS:
        return Misread(f"There is no command /{name}.{_nearest(name)} /help lists them.")
    return _command(name, text[len(name) + 1 :].strip())


def _nearest(name: str) -> str:
    starts = [known for known in COMMANDS if name and known.startswith(name)]
    near = starts or difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    return f" Did you mean /{near[0]}?" if near else ""


def _command(name: str, rest: str) -> Command | Misread:
    form = COMMANDS[name]
    if form.numbers == "none":
        return Command(name)
    found = _NUMBERS.match(rest)
    if found is None:
        return Misread(f"Which one? Write it as {form.usage}; /cards shows the numbers.")
    try:
        named = tuple(numbers(("".join(found[0].split()),)))
    except SettingsError as error:
        return Misread(str(error))
    if form.numbers == "one" and len(named) > 1:
        return Misread(f"/{name} takes one number: {form.usage}")
    words = rest[found.end() :].strip()
    if form.words == "must" and not words:
        return Misread(f"Write it as {form.usage}")
    if form.words == "none" and words:
        return Misread(f"Nothing may follow the number: {form.usage}")
    delete = name == "reject" and words.split(maxsplit=1)[:1] == ["--delete"]
    return Command(name, named, words.removeprefix("--delete").strip() if delete else words, delete)


def help_lines() -> list[str]:
    """What `/help` shows."""
    lines = [f"{form.usage}: {form.says}" for form in COMMANDS.values()]
    return ["Say what you want in your own words. Cards are decided only by these commands:", *lines]
