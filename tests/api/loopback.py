"""A raw TCP server on the loopback interface, for what only a socket can show: delay, drips, drops and what left."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Visit:
    """One connection, as the server sees it; `heard` is every byte that arrived."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: bytearray = field(default_factory=bytearray)
    #: Set when the other side has gone.
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def request(self) -> bytes:
        """One whole request, head and body, read by its Content-Length; b"" when the other side hung up."""
        start = len(self.heard)
        while b"\r\n\r\n" not in self.heard[start:]:
            if not await self._more():
                return b""
        head, _, _ = bytes(self.heard[start:]).partition(b"\r\n\r\n")
        length = int(_header(head, b"content-length") or 0)
        while len(self.heard) - start < len(head) + 4 + length:
            if not await self._more():
                return b""
        return bytes(self.heard[start:])

    async def silence(self) -> None:
        """Say nothing until the other side hangs up."""
        while await self._more():
            pass

    async def say(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    def reset(self) -> None:
        """Cut the connection with a TCP reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def _more(self) -> bool:
        try:
            chunk = await self.reader.read(65536)
        except ConnectionError:
            chunk = b""
        self.heard += chunk
        if not chunk:
            self.gone.set()
        return bool(chunk)


@dataclass
class Loopback:
    """A running server: its address and everybody who came."""

    port: int
    visits: list[Visit] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    @property
    def heard(self) -> bytes:
        """Everything that arrived, over all connections."""
        return b"".join(bytes(visit.heard) for visit in self.visits)

    @property
    def requests(self) -> int:
        """How many requests began to arrive."""
        return self.heard.count(b" HTTP/1.1\r\n")


Behaviour = Callable[[Visit], Awaitable[None]]


@asynccontextmanager
async def loopback(behave: Behaviour) -> AsyncIterator[Loopback]:
    """A server that treats each connection as `behave` says, and then closes it."""
    tasks: set[asyncio.Task[None]] = set()
    place = Loopback(port=0)

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        visit = Visit(reader, writer)
        place.visits.append(visit)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                await behave(visit)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    place.port = server.sockets[0].getsockname()[1]
    try:
        yield place
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def http(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    """A whole HTTP/1.1 answer."""
    head = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def answering(*answers: bytes) -> Behaviour:
    """Each request of any connection gets the next answer, the last one for ever."""
    given = 0

    async def behave(visit: Visit) -> None:
        nonlocal given
        while await visit.request():
            raw = answers[min(given, len(answers) - 1)]
            given += 1
            await visit.say(raw)

    return behave


def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""
