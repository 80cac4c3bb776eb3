"""Telling a team's channel, a person or a webhook what waits, through apprise. Nothing is decided by a message."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import apprise

from agent.errors import SettingsError
from agent.text import visible

#: A message that cannot be delivered in this time is given up.
PATIENCE_S = 20.0
#: Characters of a message; chats cut or refuse longer ones.
MOST = 1800

# What it logs names addresses, and those hold keys.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False


class Notifier:
    """Sends plain text to every address of `PSA_NOTIFY`."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Raises SettingsError that names the entry, never the address: it holds a key."""
        self._places: list[Any] = []
        for number, address in enumerate(addresses, 1):
            place = apprise.Apprise.instantiate(address, suppress_exceptions=True)
            if place is None:
                raise SettingsError(
                    f"PSA_NOTIFY, entry {number}: that is no address that can be told something.",
                    hint="Write it as apprise does, for example slack://…, tgram://TOKEN/CHAT, mailto://… or json://…",
                )
            self._places.append(place)

    async def send(self, title: str, lines: Sequence[str]) -> list[str]:
        """Tell it everywhere, side by side; gives a sentence for every place that it did not reach."""
        body = visible("\n".join(lines))
        body = body if len(body) <= MOST else f"{body[: MOST - 1]}…"
        told = await asyncio.gather(
            *(self._send(place, visible(title, newlines=False), body) for place in self._places)
        )
        return [
            f"It could not be told to {place.service_name} (PSA_NOTIFY, entry {number}): check the address and its key."
            for number, (place, arrived) in enumerate(zip(self._places, told, strict=True), 1)
            if not arrived
        ]

    async def _send(self, place: Any, title: str, body: str) -> bool:
        sending = asyncio.to_thread(place.notify, body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        try:
            return bool(await asyncio.wait_for(sending, PATIENCE_S))
        except TimeoutError:
            return False
        except Exception:  # whatever a service's own client stumbles over: it was not told
            return False
