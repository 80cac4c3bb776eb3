"""The box as an ASGI app: the service under /api/v1, its controls under /_sandbox."""

import asyncio
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from agent.sandbox.clock import SandboxClock
from agent.sandbox.control import control_routes
from agent.sandbox.multipart import receive_form
from agent.sandbox.routing import BASE
from agent.sandbox.service import Answer, Incoming, answer
from agent.sandbox.state import State

#: A JSON body larger than this is not read on.
_MOST_JSON_BYTES = 4 * 1024 * 1024
#: Into how many pieces a dripped answer is cut.
_DRIPS = 20


def build_app(state: State, *, over_http: bool = False) -> Starlette:
    """The service over a state.

    In process a dropped answer is a ConnectionResetError out of the app, and delays move a frozen clock. `over_http`
    (set by `serve`): a dropped answer is one that is cut off, and delays are real.
    """
    service = Service(state, over_http=over_http)
    return Starlette(routes=[Mount("/_sandbox", routes=control_routes(state)), Mount(BASE, app=service)])


class Service:
    """Receives requests, has them answered, and sends the answers as their fault wants."""

    def __init__(self, state: State, *, over_http: bool) -> None:
        self._state = state
        self._clock = SandboxClock(state)
        self._over_http = over_http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            incoming = await _receive(Request(scope, receive))
        except ClientDisconnect:
            return
        await self._send(answer(self._state, incoming), send)

    async def _send(self, made: Answer, send: Send) -> None:
        if made.dropped and not self._over_http:
            raise ConnectionResetError("the sandbox dropped this connection")
        await self._wait(made.wait)
        length = len(made.body) + (1 if made.dropped else 0)
        headers = [("content-type", made.content_type), ("content-length", str(length)), *made.headers]
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": made.status or 200, "headers": raw})
        if made.drip:
            await self._drip(made, send)
        await send({"type": "http.response.body", "body": made.body, "more_body": made.dropped})
        if made.dropped:
            raise ConnectionResetError("the sandbox dropped this connection")

    async def _drip(self, made: Answer, send: Send) -> None:
        size = max(1, -(-len(made.body) // _DRIPS))
        while made.body:
            await self._wait(made.drip / _DRIPS)
            await send({"type": "http.response.body", "body": made.body[:size], "more_body": True})
            made.body = made.body[size:]

    async def _wait(self, seconds: float) -> None:
        if not seconds:
            return
        if self._over_http:
            await asyncio.sleep(seconds)
        else:
            await self._clock.sleep(seconds)


async def _receive(request: Request) -> Incoming:
    scope = request.scope
    content_type = request.headers.get("content-type", "")
    raw_path = scope.get("raw_path") or scope["path"].encode()
    form = upload = None
    body = b""
    if content_type.startswith("multipart/form-data"):
        form, upload = await receive_form(content_type, request.stream())
    else:
        body = await _read(request.stream())
    return Incoming(
        verb=request.method,
        path=raw_path.decode("latin-1"),
        query=scope["query_string"],
        authorization=request.headers.get("authorization", ""),
        body=body,
        form=form,
        upload=upload,
        origin=f"{scope['scheme']}://{request.headers.get('host', '')}",
    )


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        if len(body) <= _MOST_JSON_BYTES:
            body += chunk
    return bytes(body)
