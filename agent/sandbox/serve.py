"""The box over HTTP on this machine."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from agent.errors import SettingsError
from agent.sandbox.app import build_app
from agent.sandbox.state import State

_HOST = "127.0.0.1"
_PATIENCE = 20.0


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve(state: State, port: int, *, ready: Callable[[int], None]) -> None:
    """Serve a state on 127.0.0.1 until interrupted; port 0 takes any free one. `ready` is told the port.

    Raises SettingsError if the port is taken.
    """
    with _listen(port) as listening:
        found = int(listening.getsockname()[1])
        _Server(_config(state), lambda: ready(found)).run([listening])


@contextmanager
def running(state: State) -> Iterator[str]:
    """Serve a state from a thread; gives `http://127.0.0.1:PORT`, below which lie /api/v1 and /_sandbox."""
    listens = threading.Event()
    with _listen(0) as listening:
        server = _Server(_config(state), listens.set)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        if not listens.wait(_PATIENCE):
            raise RuntimeError("the sandbox did not start")
        try:
            yield f"http://{_HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(_PATIENCE)


def _config(state: State) -> uvicorn.Config:
    app = build_app(state, over_http=True)
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # who is on this machine is told by the connection alone
        server_header=False,
        date_header=False,  # the box sends its own clock's
    )


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
    except OSError as error:
        listening.close()
        raise SettingsError(f"Port {port} cannot be used: {error.strerror}.", hint="Name another port.") from error
    return listening
