"""A conversation over an open house, in a terminal or in plain lines: what `psa chat` loads once its prompt stands."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from agent import logs
from agent.assembly import House, open_house
from agent.chat.conversation import Conversation
from agent.chat.editor import Editor
from agent.chat.events import Event, Tell
from agent.chat.late_model import LateModel
from agent.chat.plain import Plain
from agent.chat.terminal import Terminal
from agent.commands.chat import Start
from agent.commands.common import OUTCOME_EXIT, choices, half_configured, person
from agent.commands.light import tell
from agent.errors import Exit, JournalError
from agent.journal.run import Run
from agent.report import keep_report
from agent.text import visible


async def in_terminal(start: Start, editor: Editor, lines: "asyncio.Queue[str | None]") -> int:
    """Talk in a terminal whose prompt is on the screen already."""
    terminal = Terminal(editor)
    async with _open(start, terminal.tell) as (house, conversation):
        conversation.narrator.step(house.banner())
        _greet(house, conversation, start)
        await terminal.talk(conversation, lines)
    return _exit_code(conversation)


async def in_plain_lines(start: Start) -> int:
    """Talk in lines of standard input and output."""
    plain = Plain(sys.stdout)
    async with _open(start, plain.tell) as (house, conversation):
        tell(house.banner(), err=True)
        _greet(house, conversation, start)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, plain.interrupted, conversation)
        try:
            await plain.talk(conversation)
        finally:
            loop.remove_signal_handler(signal.SIGINT)
    return _exit_code(conversation)


@asynccontextmanager
async def _open(start: Start, tell_event: Tell) -> AsyncIterator[tuple[House, Conversation]]:
    """The house and a conversation over it; what is being worked on is stopped at the end."""
    logs.configure(start.settings.psa_log)
    choice = replace(choices(start.now, start.clock), tell=lambda line: tell_event(Event("step", visible(line))))
    async with open_house(start.settings, start.home, choice) as house:
        model = LateModel(house)
        who = person(house, None, None, "chat")
        conversation = Conversation(house, who, tell_event, model.get, start.workspaces)
        try:
            yield house, conversation
        finally:
            if conversation.working:
                conversation.narrator.note("Stopping what is being worked on …")
            await conversation.close()
            await model.close()
            if conversation.run is not None:
                _leave(house, conversation, conversation.run)


def _leave(house: House, conversation: Conversation, run: Run) -> None:
    """Say where the conversation stands, and write its report."""
    conversation.narrator.note(f"Left {run.id}. `psa chat --continue` takes it up again.")
    try:
        conversation.narrator.note(f"Report: {keep_report(house.runs, run.state, house.templates)}")
    except JournalError as error:
        conversation.narrator.trouble(str(error))


def _greet(house: House, conversation: Conversation, start: Start) -> None:
    """What a person should know before the first line."""
    narrator = conversation.narrator
    for line in half_configured(house.settings):
        narrator.note(line)
    if house.store.stopped:
        narrator.trouble("Everything is stopped (`psa stop`): nothing is sent. `psa resume-all` gives it back.")
    last = house.store.ledger.last_conversation(house.service) if start.again else None
    if start.resume or last is not None:
        conversation.take_up(start.resume or (last.run if last is not None else ""))
    elif start.again:
        narrator.note("There is no earlier conversation; this is a new one.")
    waiting = conversation.waiting()
    unsent = [item for item in waiting if item.state == "approved"]
    if unsent:
        numbers = ", ".join(str(item.number) for item in unsent)
        sends = ", ".join(dict.fromkeys(f"`psa runs resume {item.run}`" for item in unsent))
        narrator.note(f"Approved and not sent yet: {numbers}. To go on with it: {sends}.")
    here = f"{len(waiting)} wait{'s' if len(waiting) == 1 else ''} for you: /cards. " if waiting else ""
    narrator.note(f"{here}Say what you want; /help lists the commands.")


def _exit_code(conversation: Conversation) -> int:
    """As `psa run`: by what came of the last goal."""
    if conversation.failure is not None:
        return conversation.failure.exit_code
    return OUTCOME_EXIT[conversation.outcome] if conversation.outcome is not None else Exit.OK
