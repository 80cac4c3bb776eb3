"""The terminal face over a scripted conversation: keys in, a screen out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.input.base import PipeInput
from prompt_toolkit.output.vt100 import Vt100_Output

from agent.chat.conversation import Conversation
from agent.chat.editor import Editor
from agent.chat.terminal import Terminal
from agent.chat.typed import problem, set_aside
from tests.chat.screen import Screen
from tests.chat.talk import ANA, Model
from tests.house import Home

KEY = "sk-very-secret-key"


@dataclass
class Desk:
    """Somebody at a terminal."""

    home: Home
    screen: Screen
    keys: PipeInput
    editor: Editor
    conversation: Conversation
    model: Any
    history: Path
    talking: "asyncio.Future[None]"

    def type(self, text: str) -> None:
        self.keys.send_text(text)

    def paste(self, text: str) -> None:
        self.keys.send_text(f"\x1b[200~{text}\x1b[201~")

    async def until(self, true: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until something is so; fails with the screen where it never is."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.screen.text
            await asyncio.sleep(0.002)

    async def sees(self, text: str) -> None:
        await self.until(lambda: text in self.screen.text)


@asynccontextmanager
async def desk_in(home: Home, columns: int = 80, model: Any = None) -> AsyncIterator[Desk]:
    screen = Screen(columns)
    output = Vt100_Output(screen, lambda: Size(24, columns), term="xterm", enable_cpr=False)  # type: ignore[arg-type]
    history = home.house.runs / "chat_history"
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    scripted = model or Model()
    with create_pipe_input() as keys, create_app_session(input=keys, output=output):
        editor = Editor(
            history,
            typed=lines.put_nowait,
            refuses=lambda text: problem(text, (KEY,)),
            set_aside=lambda text: set_aside(text, home.house.runs, (KEY,)),
            input=keys,
            output=output,
        )
        terminal = Terminal(editor)
        conversation = Conversation(home.house, ANA, terminal.tell, lambda: scripted)
        reading = asyncio.ensure_future(editor.run())
        reading.add_done_callback(lambda _: lines.put_nowait(None))
        talking = asyncio.ensure_future(terminal.talk(conversation, lines))
        desk = Desk(home, screen, keys, editor, conversation, scripted, history, talking)
        await editor.drawn(reading)
        try:
            yield desk
        finally:
            if isinstance(scripted, Model):
                scripted.go.set()
            editor.leave()
            await reading
            await talking
            await conversation.close()
