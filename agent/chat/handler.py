"""One typed line to what it does: the same for every face that reads lines."""

from collections.abc import Awaitable, Callable

from agent import logs
from agent.chat.conversation import Conversation
from agent.chat.slash import Command, Misread, help_lines, parse
from agent.chat.telling import broke
from agent.chat.typed import cleaned, too_long
from agent.errors import Declined, PsaError

#: Asks the person for another text than this one for a card; None where they leave it as it is.
AskText = Callable[[int, str], Awaitable[str | None]]


class Handler:
    """Carries out typed lines on a conversation. What cannot be done is told, and the conversation goes on."""

    def __init__(self, conversation: Conversation, ask_text: AskText) -> None:
        self._talk = conversation
        self._ask_text = ask_text
        self._log = logs.get("chat")

    async def take(self, line: str) -> bool:
        """Do what a line says; False where the person wants to leave."""
        text, taken_out = cleaned(line)
        if taken_out:
            self._talk.narrator.note(f"{taken_out} hidden or control characters were left out of that.")
        if too_long(text):
            self._talk.set_aside(text)
            return True
        meant = parse(text)
        if isinstance(meant, Command) and meant.name == "quit":
            return False
        try:
            if isinstance(meant, Misread):
                self._talk.narrator.trouble(meant.says)
            elif isinstance(meant, Command):
                await self._do(meant)
            elif meant.text:
                await self._talk.hear(meant.text)
        except PsaError as error:
            self._talk.narrator.trouble(str(error))
        except Exception as error:
            self._log.exception("a line broke the conversation")
            self._talk.narrator.trouble(broke(error))
        return True

    async def _do(self, command: Command) -> None:
        if command.name in {"approve", "reject", "edit", "answer"}:
            await self._decide(command)
        elif command.name == "stop":
            if not await self._talk.stop():
                raise Declined("Nothing is being worked on.", hint="`psa stop` stops every run of this home.")
        elif command.name == "again":
            await self._talk.again(command.numbers[0])
        elif command.name == "done":
            self._talk.done(command.numbers[0], command.words)
        elif command.name == "show":
            self._talk.show(command.numbers[0])
        else:
            plain: dict[str, Callable[[], None]] = {
                "cards": self._talk.cards,
                "undo-help": self._talk.undo,
                "skip": self._talk.skip,
                "continue": self._talk.go_on,
                "help": lambda: self._talk.narrator.notes(help_lines()),
            }
            plain[command.name]()

    async def _decide(self, command: Command) -> None:
        if command.name == "approve":
            await self._talk.approve(command.numbers, command.words)
        elif command.name == "reject":
            await self._talk.reject(command.numbers, command.words, delete=command.delete)
        elif command.name == "answer":
            await self._talk.answer(command.numbers[0], command.words)
        else:
            number = command.numbers[0]
            text = await self._ask_text(number, self._talk.text(number))
            if text is None or not text.strip():
                raise Declined("Nothing was changed.")
            await self._talk.edit(number, cleaned(text)[0].rstrip("\n"))
