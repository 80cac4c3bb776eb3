"""New cards and tasks told to the team, a few lines at a time, while `psa serve` runs."""

import asyncio
from contextlib import suppress
from typing import Any

from agent import logs
from agent.assembly import House
from agent.clock import local
from agent.journal.ledger import Item
from agent.text import one_line
from agent.web.events import Events

#: Records after which somebody is needed.
_NEEDS = frozenset({"card", "task", "asked"})
#: What comes within this time is told together.
GATHERS_S = 20.0
_MOST = 8


class Notices:
    """Listens to the journal, whichever process writes it. A night's own cards are told by its morning report."""

    def __init__(self, house: House, events: Events, notifier: Any, gathers: float = GATHERS_S) -> None:
        self._house = house
        self._events = events
        self._notifier = notifier
        self._gathers = gathers
        self._told: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._log = logs.get("notify")

    def start(self) -> None:
        """Begin to listen. What waits already was seen on the page."""
        self._told = {item.number for item in self._waiting()}
        self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _waiting(self) -> list[Item]:
        waiting = self._house.store.ledger.waiting(self._house.service, self._house.clock.now())
        return [one for one in waiting if one.state == "open" and one.kind in {"card", "task", "question"}]

    async def _listen(self) -> None:
        async for change in self._events.stream():
            if change is None or (change.run and change.kind not in _NEEDS):
                continue
            await asyncio.sleep(self._gathers)
            try:
                await self._tell()
            except Exception as error:  # a message that fails must not end the next one
                self._log.warning("new cards were not told", error=type(error).__name__)

    async def _tell(self) -> None:
        fresh = [one for one in self._waiting() if one.number not in self._told and not self._of_a_night(one)]
        if not fresh:
            return
        self._told |= {one.number for one in fresh}
        title = f"PostSyncer agent: {len(fresh)} new for you"
        for trouble in await self._notifier.send(title, message_lines(fresh, self._house.settings.psa_pages)):
            self._log.warning("not told", trouble=trouble)

    def _of_a_night(self, item: Item) -> bool:
        row = self._house.store.ledger.run(item.run)
        return row is not None and row.mode == "unattended"


def message_lines(items: list[Item], pages: str) -> list[str]:
    """What is new, a line each, with the page where it is decided."""
    base = pages.rstrip("/")
    lines = []
    for item in items[:_MOST]:
        until = f", decide before {local(item.expires)}" if item.expires else ""
        lines.append(f"{item.kind} {item.number}: {one_line(item.title, 120)}{until}\n{base}/review/{item.number}")
    return [*lines, *([f"and {len(items) - _MOST} more: {base}/"] if len(items) > _MOST else [])]
