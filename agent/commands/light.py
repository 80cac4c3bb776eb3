"""What commands share that costs nothing to import: for those that must be on the screen before the rest is loaded."""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

import click

from agent.text import visible

T = TypeVar("T")

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value on stdout, nothing else.")
now_option = click.option(
    "--now", "now", metavar="ISO", help="Freeze the sandbox's clock here, for example 2026-11-24T09:00Z (sandbox only)."
)
clock_option = click.option(
    "--clock", type=click.Choice(["system", "sandbox"]), default="system", help="Take the time from the sandbox."
)


def cancellable(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; SIGTERM ends it as Ctrl-C does, and the cancelling names it."""

    async def guarded() -> T:
        task = asyncio.ensure_future(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel, signal.SIGTERM.name)
        return await task

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt(*error.args) from error


def stopped_with(error: BaseException) -> str:
    """What ended the work: the signal that the cancelling names, else Ctrl-C."""
    return f"stopped with {error.args[0] if error.args else 'Ctrl-C'}"


def tell(text: str, *, err: bool = False) -> None:
    """Print for people: nothing that came from outside can move the cursor or hide itself."""
    click.echo(visible(text), err=err)


def _speaks_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def print_json(value: object) -> None:
    """One JSON value on stdout; on a terminal without any letter that could steer it."""
    ascii_only = sys.stdout.isatty() or not _speaks_utf8()
    sys.stdout.write(json.dumps(value, ensure_ascii=ascii_only, default=_written) + "\n")


def _written(value: object) -> str:
    """An instant as reports write it (`2026-12-01T08:00:00Z`), all else as text."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
