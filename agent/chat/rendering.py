"""How events look: as lines of styled pieces for a terminal, as plain lines for pipes and screen readers. Pure.

The model's words always stand behind the same mark, on every line, so that they cannot pass for psa's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.chat.events import OF_THE_MODEL, Event, Kind

Fragment = tuple[str, str]
Line = list[Fragment]
#: Cuts a text into lines of at most so many cells.
Wrap = Callable[[str, int], list[str]]
#: Cells that a text gets in however narrow a terminal.
LEAST_ROOM = 8

#: Before every line that a language model wrote: in a terminal, and in plain lines.
MODEL_MARK = "│ "
MODEL_NAME = "agent: "
#: Before every line of psa's own in plain lines.
OWN_NAME = "psa: "
PERSON_MARK = "› "
#: Before every line of a text that would be sent, on a card.
QUOTED = "| "


@dataclass(frozen=True)
class Look:
    """A kind's style, and what its first line, its further lines and the rest of a wrapped line begin with."""

    style: str
    first: str = ""
    further: str = ""
    wrapped: str = "  "


_MODEL = Look("class:model", MODEL_MARK, MODEL_MARK, MODEL_MARK)
LOOKS: dict[Kind, Look] = {
    "words": _MODEL,
    "answer": _MODEL,
    "question": _MODEL,
    "thinking": Look("class:step"),
    "step": Look("class:step", "  ", "  ", "    "),
    "card": Look("class:card"),
    "outcome": Look("class:outcome", "= ", "  "),
    "note": Look(""),
    "trouble": Look("class:trouble", "! ", "  "),
}
PERSON = Look("class:person", PERSON_MARK, "  ")
STYLES = {
    "model": "",
    "mark": "ansicyan",
    "step": "ansibrightblack",
    "card": "",
    "outcome": "bold",
    "trouble": "ansired",
    "person": "bold",
    "live": "ansibrightblack",
    "bottom-toolbar": "noreverse ansibrightblack",
}


def headline(event: Event) -> str:
    """What psa says above a text of the model; empty where nothing is needed."""
    if event.kind == "question":
        return f"Question {event.number}; your next line answers it, /skip leaves it open:"
    return ""


def terminal_lines(event: Event, wrap: Wrap, width: int) -> list[Line]:
    """An event as lines that fit into `width` cells."""
    head = [[("class:outcome", line)] for line in wrap(headline(event), width)] if headline(event) else []
    return [*head, *framed(event.text, LOOKS[event.kind], wrap, width)]


def framed(text: str, look: Look, wrap: Wrap, width: int) -> list[Line]:
    """A text's lines, each behind its look's beginning; an indent, and the bar before a post's own words, go on."""
    lines: list[Line] = []
    for place, line in enumerate(text.split("\n")):
        begin = look.further if place else look.first
        indent = line[: len(line) - len(line.lstrip(" "))][: width // 3]
        bar = QUOTED if line.lstrip(" ").startswith(QUOTED) else ""
        room = width - max(len(begin), len("" if bar else look.wrapped)) - len(indent) - len(bar)
        for piece in wrap(line.lstrip(" ").removeprefix(bar), max(LEAST_ROOM, room)):
            mark = "class:mark" if begin == MODEL_MARK else look.style
            lines.append([(mark, begin), (look.style, indent + bar + piece)])
            begin = "" if bar and look.wrapped != MODEL_MARK else look.wrapped
    return lines


def plain_lines(event: Event) -> Sequence[str]:
    """An event as whole lines, each naming who speaks. Thinking is not told."""
    if event.kind == "thinking":
        return ()
    name = MODEL_NAME if event.kind in OF_THE_MODEL else OWN_NAME
    mark = "error: " if event.kind == "trouble" else ""
    head = [OWN_NAME + headline(event)] if headline(event) else []
    return [*head, *(name + mark + line for line in event.text.split("\n"))]
