"""The wire under the pages: a connection that sends its request too slowly is closed."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Whole seconds that a request's line and headers may take.
HEADERS_S = 15.0


class Wire(H11Protocol):
    """HTTP/1.1 that waits for a request only so long. Its body is timed by the action that reads it."""

    headers_s = HEADERS_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._last: Any = None
        self._check = self.loop.call_later(self.headers_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._check.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Close where nothing is being answered and no request came since the last look."""
        resting = self.cycle is None or self.cycle.response_complete
        if resting and self.cycle is self._last:
            self.transport.close()
            return
        self._last = self.cycle
        self._check = self.loop.call_later(self.headers_s, self._look)
