"""`psa chat`: a conversation. The prompt is on the screen before the rest is loaded, which goes on beside it."""

import asyncio
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from agent.commands.light import cancellable, clock_option, now_option
from agent.errors import WrongUsage
from agent.settings import Settings, load_settings

#: What needs the whole house: loaded by name, so that the prompt comes first.
CHATTING = "agent.commands.chatting"


@dataclass(frozen=True)
class Start:
    """How a conversation begins."""

    settings: Settings
    home: Path
    now: str | None
    clock: str
    workspaces: tuple[str, ...] = ()
    again: bool = False
    resume: str | None = None


@click.command("chat")
@click.option(
    "--workspace", "workspaces", multiple=True, metavar="ID|NAME", help="Touch only this workspace (repeatable)."
)
@click.option("--continue", "again", is_flag=True, help="Take the newest conversation up again.")
@click.option("--resume", metavar="RUN", help="Take this conversation up again, for example r7.")
@click.option("--plain", is_flag=True, help="Plain lines without colour or cursor: for pipes and screen readers.")
@now_option
@clock_option
def chat_command(
    workspaces: tuple[str, ...], again: bool, resume: str | None, plain: bool, now: str | None, clock: str
) -> int:
    """Talk with the agent: say goals one after the other, look at cards and decide them in between.

    Cards are decided only by the commands you type (/approve 3, /reject 3 why, /edit 3); /help lists them all. Ctrl-C
    stops the goal being worked on, Ctrl-D leaves. Without a terminal, or with --plain, goals and commands are read
    from standard input, a line each.

    \b
    psa chat
    psa chat --continue
    printf '%s\\n' 'Draft "Hello." for LinkedIn' /cards | psa chat
    """
    if (again or resume) and workspaces:
        raise WrongUsage("A conversation keeps the workspaces it began with.", hint="Leave --workspace out.")
    if again and resume:
        raise WrongUsage("--continue and --resume are one too many.", hint="Name one of them.")
    settings, home = load_settings(Path.cwd())
    start = Start(settings, home, now, clock, workspaces, again, resume)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    editing = importlib.import_module("agent.chat.editor") if terminal and not plain else None
    if editing is None or editing.dumb():
        code: int = cancellable(importlib.import_module(CHATTING).in_plain_lines(start))
        return code
    return cancellable(_in_terminal(start))


async def _in_terminal(start: Start) -> int:
    """Show the prompt, then load the rest in a thread while the person begins to type."""
    from agent.chat.editor import Editor
    from agent.chat.typed import problem, set_aside

    lines: asyncio.Queue[str | None] = asyncio.Queue()
    runs, secrets = start.home / "runs", start.settings.secrets
    editor = Editor(
        runs / "chat_history",
        typed=lines.put_nowait,
        refuses=lambda text: problem(text, secrets),
        set_aside=lambda text: set_aside(text, runs, secrets),
    )
    reading = asyncio.ensure_future(editor.run())
    reading.add_done_callback(lambda _: lines.put_nowait(None))
    try:
        await editor.drawn(reading)
        chatting = await asyncio.to_thread(importlib.import_module, CHATTING)
        code: int = await chatting.in_terminal(start, editor, lines)
        return code
    finally:
        editor.leave()
        await reading
