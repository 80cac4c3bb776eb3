"""Completion of slash commands, and of the numbers that wait behind those that take one."""

from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from agent.chat.slash import COMMANDS

#: What waits, as (number, kind, title), asked for anew each time.
Numbers = Callable[[], Iterable[tuple[int, str, str]]]


class SlashCompleter(Completer):
    """Completes only on a line that begins with a slash."""

    def __init__(self) -> None:
        #: Set once the home is open.
        self.numbers: Numbers = tuple

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        before = document.text_before_cursor
        if not before.startswith("/") or "\n" in before:
            return
        name, blank, rest = before[1:].partition(" ")
        if not blank:
            for known, form in COMMANDS.items():
                if known.startswith(name.lower()):
                    yield Completion(known, -len(name), display=f"/{known}", display_meta=form.says)
        elif name in COMMANDS:
            typed = rest.rpartition(",")[2]
            for number, kind, title in self.numbers():
                if kind in COMMANDS[name].kinds and str(number).startswith(typed):
                    yield Completion(str(number), -len(typed), display_meta=title)
