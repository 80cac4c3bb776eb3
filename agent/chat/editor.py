"""The line that a person types, at the foot of a real terminal, and what is printed above it.

Starts light: it is on the screen before the home is open. What still grows (the model's last line, a sign that it
thinks) stands right above the prompt and is redrawn in place; finished lines go up into the terminal's own history.
"""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.renderer import print_formatted_text
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import is_dumb_terminal
from prompt_toolkit.validation import ValidationError

from agent.chat.completion import SlashCompleter
from agent.chat.history import LineHistory
from agent.chat.rendering import LOOKS, PERSON, PERSON_MARK, STYLES, Line, framed
from agent.chat.typed import cleaned, too_long
from agent.chat.wrapping import wrap

T = TypeVar("T")

#: Rows kept free for the list of completions while a command is typed.
MENU_ROWS = 5
#: The narrowest terminal that lines are made for.
LEAST_WIDTH = 12


def dumb() -> bool:
    """Whether the terminal cannot move its cursor (TERM=dumb)."""
    return is_dumb_terminal()


class Editor:
    """A prompt that stays while work goes on."""

    def __init__(
        self,
        history: Path,
        *,
        typed: Callable[[str], None],
        refuses: Callable[[str], str],
        set_aside: Callable[[str], str],
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        """`typed` gets each line once Enter is pressed. What `refuses` gives a reason for stays in the editor.

        `set_aside` keeps a pasted text that is too long, and says where.
        """
        self._typed = typed
        self._refuses = refuses
        self._set_aside = set_aside
        #: Told of Ctrl-C; returns whether that was all it meant. Else it empties the line, and on an empty line
        #: leaves when it comes twice.
        self.interrupted: Callable[[], bool] = lambda: False
        self._leaving = False
        self._lent = False
        self._live: Line = []
        self._pending: list[Line] = []
        self._style = Style.from_dict(STYLES)
        self.completer = SlashCompleter()
        self._drawn = asyncio.Event()
        self._session: PromptSession[str] = PromptSession(
            self._message,
            multiline=True,
            prompt_continuation="  ",
            history=LineHistory(history),
            completer=self.completer,
            complete_while_typing=Condition(lambda: self.text.startswith("/")),
            reserve_space_for_menu=MENU_ROWS,
            style=self._style,
            key_bindings=self._keys(),
            erase_when_done=True,
            enable_suspend=True,
            input=input,
            output=output,
        )
        self.app.after_render += lambda _: self._drawn.set()

    @property
    def app(self) -> Application[str]:
        """The application that draws it."""
        return self._session.app

    @property
    def text(self) -> str:
        """What stands in the editor."""
        return self._session.default_buffer.text

    @property
    def width(self) -> int:
        """Cells of a line that the terminal does not wrap."""
        return max(LEAST_WIDTH, self.app.output.get_size().columns - 1)

    async def run(self) -> None:
        """Read lines until the person leaves (Ctrl-D, twice Ctrl-C) or `leave` is called."""
        with patch_stdout():
            try:
                await self._session.prompt_async()
            except (EOFError, KeyboardInterrupt):
                return

    async def drawn(self, reading: "asyncio.Future[None]") -> None:
        """Wait until the prompt is on the screen, or until its task `reading` has failed to put it there."""
        drawn = asyncio.ensure_future(self._drawn.wait())
        either: set[asyncio.Future[Any]] = {drawn, reading}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        drawn.cancel()

    def leave(self) -> None:
        """End `run`."""
        if self.app.is_running and not self.app.is_done:
            self.app.exit(exception=EOFError())

    # -- above the line --------------------------------------------------------------------------------------------

    def show(self, lines: Iterable[Line]) -> None:
        """Print finished lines above the prompt, in the order of the calls.

        The terminal stays raw meanwhile: keys that are typed just then are neither echoed nor obeyed by it.
        """
        self._pending.extend(lines)
        if self._lent or not self._pending:
            return
        pieces: StyleAndTextTuples = [piece for line in self._pending for piece in (*line, ("", "\n"))]
        self._pending.clear()
        drawn = self.app.is_running and not self.app.is_done
        if drawn:
            self.app.renderer.erase()
        print_formatted_text(self.app.output, pieces, self._style, color_depth=self.app.color_depth)
        if drawn:
            self.app.invalidate()

    def live(self, line: Line) -> None:
        """What stands right above the prompt until it is replaced; nothing for an empty line."""
        if line != self._live:
            self._live = line
            self.app.invalidate()

    async def lent(self, work: Callable[[], T]) -> T:
        """Do something that needs the whole terminal, such as an editor, in a thread; the prompt comes back after."""
        self._lent = True
        try:
            return await run_in_terminal(work, in_executor=True)
        finally:
            self._lent = False
            self.show(())

    def _message(self) -> StyleAndTextTuples:
        live: StyleAndTextTuples = [*self._live, ("", "\n")] if self._live else []
        return [*live, ("class:person", PERSON_MARK)]

    # -- keys ------------------------------------------------------------------------------------------------------

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        at_line = has_focus(DEFAULT_BUFFER)
        keys.add("enter", filter=at_line)(self._enter)
        keys.add("escape", "enter", filter=at_line)(self._new_line)
        keys.add(Keys.BracketedPaste, filter=at_line)(self._paste)
        keys.add("c-c", filter=at_line)(self._interrupt)
        keys.add(Keys.SIGINT)(self._interrupt)
        return keys

    def _enter(self, event: KeyPressEvent) -> None:
        self._leaving = False
        buffer = event.current_buffer
        text = buffer.text
        why = self._refuses(text)
        if why:
            self._trouble(why)
            buffer.validation_error = ValidationError(message="Not taken; Ctrl-C empties it.")
            return
        if text.strip():
            buffer.append_to_history()
        buffer.reset()
        if text.strip():
            self.show(framed(cleaned(text)[0].strip("\n"), PERSON, wrap, self.width))
            self._typed(text)

    def _new_line(self, event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    def _paste(self, event: KeyPressEvent) -> None:
        """Pasted text is only inserted: its line breaks submit nothing."""
        text, taken_out = cleaned(event.data)
        if too_long(text):
            self._trouble(self._set_aside(text))
            return
        event.current_buffer.insert_text(text)
        if taken_out:
            self._note(f"{taken_out} hidden or control characters of the pasted text were left out.")

    def _interrupt(self, event: KeyPressEvent) -> None:
        if self._lent or self.interrupted():
            return  # a Ctrl-C in the person's own editor is that editor's
        if self.text:
            event.app.current_buffer.reset()
        elif self._leaving:
            event.app.exit(exception=EOFError())
        else:
            self._leaving = True
            self._note("Ctrl-C again leaves, as does Ctrl-D.")

    def _trouble(self, text: str) -> None:
        self.show(framed(text, LOOKS["trouble"], wrap, self.width))

    def _note(self, text: str) -> None:
        self.show(framed(text, LOOKS["note"], wrap, self.width))
