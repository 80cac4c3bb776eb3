"""The face in a real terminal: events above a prompt that stays usable while work goes on."""

import asyncio

import click

from agent.chat.conversation import Conversation
from agent.chat.editor import Editor
from agent.chat.events import Event
from agent.chat.handler import Handler
from agent.chat.rendering import LOOKS, MODEL_MARK, framed, terminal_lines
from agent.chat.wrapping import tail, wrap
from agent.clock import boot_seconds
from agent.errors import Declined

#: How often the sign that work goes on is redrawn.
SPIN_S = 0.25


class Terminal:
    """Shows events in an editor's terminal and carries out the lines typed there."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._words = ""
        self._doing = ""
        self._since = 0.0
        self._stops: set[asyncio.Task[bool]] = set()

    def tell(self, event: Event) -> None:
        """Show one event."""
        if event.kind == "words":
            self._grow(event.text)
            return
        self._end_words()
        if event.kind == "thinking":
            self._doing, self._since = "thinking", boot_seconds()
        else:
            self._doing = "working"
            self._editor.show(terminal_lines(event, wrap, self._editor.width))

    async def talk(self, conversation: Conversation, lines: "asyncio.Queue[str | None]") -> None:
        """Carry out lines until the person leaves (None, or `/quit`)."""
        handler = Handler(conversation, self._ask_text)
        self._editor.interrupted = lambda: self._interrupted(conversation)
        self._editor.completer.numbers = lambda: [
            (item.number, item.kind, item.title) for item in conversation.waiting() if item.state == "open"
        ]
        spinning = asyncio.ensure_future(self._spin(conversation))
        try:
            while (line := await lines.get()) is not None:
                if not await handler.take(line):
                    break
        finally:
            spinning.cancel()
            self._editor.live([])
            self._end_words()

    def _interrupted(self, conversation: Conversation) -> bool:
        """Ctrl-C stops what is being worked on, and nothing else then."""
        if conversation.working:
            self._stops.add(asyncio.ensure_future(conversation.stop("stopped with Ctrl-C")))
            return True
        return False

    def _grow(self, text: str) -> None:
        """Words that arrive: full lines go up, the last grows in place."""
        room = self._editor.width - len(MODEL_MARK)
        *ended, self._words = (self._words + text).split("\n")
        for paragraph in ended:
            self._editor.show(framed(paragraph, LOOKS["words"], wrap, self._editor.width))
        full, self._words = tail(self._words, room)
        if full:
            self._editor.show(framed("\n".join(full), LOOKS["words"], wrap, self._editor.width))
        self._editor.live([("class:mark", MODEL_MARK), ("class:model", self._words)])

    def _end_words(self) -> None:
        if self._words.strip():
            self._editor.show(framed(self._words, LOOKS["words"], wrap, self._editor.width))
        self._words = ""
        self._editor.live([])

    async def _spin(self, conversation: Conversation) -> None:
        """A sign that work goes on, and how long the model has been thinking."""
        while True:
            if conversation.working and not self._words:
                seconds = int(boot_seconds() - self._since) if self._doing == "thinking" else 0
                told = f"{self._doing or 'working'} …" + (f" {seconds} s" if seconds else "")
                self._editor.live([("class:live", f"  {told}  (Ctrl-C stops)"[: self._editor.width])])
            elif not self._words:
                self._editor.live([])
            await asyncio.sleep(SPIN_S)

    async def _ask_text(self, number: int, text: str) -> str | None:
        """Another text for a card, from the person's own editor."""
        try:
            return await self._editor.lent(lambda: click.edit(text, extension=".txt"))
        except click.ClickException as error:
            raise Declined(error.message, hint="Set EDITOR to an editor that runs here.") from error
