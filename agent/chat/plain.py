"""The face for pipes and screen readers: whole lines, no colour, no cursor movement, one event a line."""

import asyncio
import codecs
import io
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import TextIO

from agent.chat.conversation import Conversation
from agent.chat.events import Event
from agent.chat.handler import Handler
from agent.chat.rendering import MODEL_NAME, plain_lines

#: A lone line of this ends the text that `/edit` asks for.
END_OF_TEXT = "."
_CHUNK = 65_536


class Plain:
    """Writes events as lines, and carries out lines one after the other: each when the one before is done.

    Only `/stop` acts at once. Ends with the input.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="backslashreplace")
        self._in_words = False
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._ahead: deque[str | None] = deque()
        self._stops: set[asyncio.Task[bool]] = set()
        self._leaving = False
        self._ended = False

    def tell(self, event: Event) -> None:
        """Write one event; the model's words as they arrive, each of their lines behind its name."""
        if event.kind == "words":
            text = event.text.replace("\n", f"\n{MODEL_NAME}")
            self._write(text if self._in_words else MODEL_NAME + text)
            self._in_words = True
            return
        self.end_words()
        for line in plain_lines(event):
            self._write(line + "\n")

    def end_words(self) -> None:
        """End the line that the model's words stand in."""
        if self._in_words:
            self._write("\n")
        self._in_words = False

    def _write(self, text: str) -> None:
        """Write at once; where nobody reads any more, what is begun is ended in silence."""
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())
            self._lines.put_nowait(None)

    async def talk(self, conversation: Conversation) -> None:
        """Carry out the lines of standard input."""
        handler = Handler(conversation, self._ask_text)
        self._listen()
        while (line := await self._next()) is not None:
            self._leaving = False
            if not await handler.take(line):
                return
            await self._until_idle(conversation, handler)
        await conversation.idle()

    def interrupted(self, conversation: Conversation) -> None:
        """Ctrl-C: stop what is being worked on; with nothing going on leave, on a terminal when it comes twice."""
        if conversation.working:
            self._stops.add(asyncio.ensure_future(conversation.stop("stopped with Ctrl-C")))
        elif self._leaving or not sys.stdin.isatty():
            self._lines.put_nowait(None)
        else:
            self._leaving = True
            self.tell(Event("note", "Ctrl-C again leaves."))

    async def _next(self) -> str | None:
        """The next line; None once the input has ended, however often it is asked for."""
        line = None if self._ended else self._ahead.popleft() if self._ahead else await self._lines.get()
        self._ended = line is None
        return line

    async def _until_idle(self, conversation: Conversation, handler: Handler) -> None:
        """Wait for the work that a line began; of what is typed meanwhile only a stop is carried out now."""
        idle = asyncio.ensure_future(conversation.idle())
        while not idle.done():
            line = asyncio.ensure_future(self._lines.get())
            await asyncio.wait({idle, line}, return_when=asyncio.FIRST_COMPLETED)
            if not line.done():
                line.cancel()
                break
            if line.result() is not None and str(line.result()).strip() == "/stop":
                await handler.take("/stop")
            else:
                self._ahead.append(line.result())
                if line.result() is None:
                    break
        await idle

    async def _ask_text(self, number: int, text: str) -> str | None:
        """Another text for a card: the following lines up to a lone dot; None where the input ends first."""
        shown = [f"Text of card {number} until now:", *text.split("\n"), "Write the new text; a lone . ends it."]
        self.tell(Event("note", "\n".join(shown)))
        lines: list[str] = []
        while (line := await self._next()) is not None and line.strip() != END_OF_TEXT:
            lines.append(line)
        return None if line is None else "\n".join(lines)

    def _listen(self) -> None:
        """Read lines in a thread of their own, so that work is never held up by waiting for them."""
        loop = asyncio.get_running_loop()

        def put(line: str | None) -> None:
            loop.call_soon_threadsafe(self._lines.put_nowait, line)

        threading.Thread(target=_read_lines, args=(put,), daemon=True, name="lines").start()


def _read_lines(put: Callable[[str | None], None]) -> None:
    """Hand over each line of standard input, then None."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    try:
        while chunk := _read():
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            for line in lines:
                put(line.removesuffix("\r"))
        if rest:
            put(rest)
        put(None)
    except RuntimeError:
        return  # the conversation has ended, and its loop with it


def _read() -> bytes:
    """Some bytes of standard input; past its buffer, so that leaving never waits for a reader."""
    try:
        return os.read(sys.stdin.fileno(), _CHUNK)
    except (OSError, ValueError):
        return sys.stdin.read().encode("utf-8", "replace")
