"""A place on this machine that is told things: a webhook, and a mailbox."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhook:
    """What arrived. `wait` gives the messages once so many are there."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.messages: list[dict[str, Any]] = []
        self._came = threading.Condition()

    def take(self, message: dict[str, Any]) -> None:
        with self._came:
            self.messages.append(message)
            self._came.notify_all()

    def wait(self, count: int, seconds: float = 10.0) -> list[dict[str, Any]]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.messages) >= count, seconds), self.messages
            return list(self.messages)


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[Webhook, str]]:
    """A webhook and its address as apprise writes it."""
    hook = Webhook(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.take({"path": self.path, "type": self.headers["Content-Type"], **json.loads(body)})
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook, f"json://127.0.0.1:{server.server_port}/team"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
