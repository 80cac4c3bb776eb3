"""The pages over a home of a test, served for real on a free port, and somebody who uses them without a browser."""

import asyncio
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from agent.assembly import Choices, open_house
from agent.clock import boot_seconds
from agent.gate.decisions import Person
from agent.settings import Settings
from agent.web.serving import Address, listen, open_site, serve
from agent.web.site import Site

PATIENCE_S = 20.0
ANY_PORT = Address(port=0)
OWNER = Person("olive", "owner", "web")


@dataclass
class Served:
    """A running server. `said` is what it told its terminal."""

    url: str
    home: Path
    site: Site
    loop: asyncio.AbstractEventLoop
    said: list[str]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def link(self) -> str:
        """A one-time link for the local person."""
        return str(self.there(self.site.offer))

    def there(self, work: Any) -> Any:
        """Do something on the server's own thread."""

        async def do() -> Any:
            return work()

        return asyncio.run_coroutine_threadsafe(do(), self.loop).result(PATIENCE_S)

    def token(self, visitor: "Visitor") -> str:
        """The token of somebody's forms, without asking for a page."""
        sessions = self.site.sessions
        found = self.there(lambda: sessions.find(visitor.cookies.get(self.site.cookie) or "", use=False))
        return str(found.token)

    @contextmanager
    def somebody(self, person: Person = OWNER) -> Iterator["Visitor"]:
        """Somebody who is logged in."""
        token = self.there(lambda: self.site.sessions.offer(person))
        with Visitor(base_url=self.url) as visitor:
            answer = visitor.post("/login", data={"link": token})
            assert answer.status_code == 303, answer.text
            yield visitor


class Visitor(httpx.Client):
    """A browser without a screen: its own cookies, and the headers that browsers send."""

    def __init__(self, base_url: str, verify: ssl.SSLContext | bool = True) -> None:
        headers = {"Accept": "text/html", "Origin": base_url}
        super().__init__(base_url=base_url, headers=headers, timeout=PATIENCE_S, verify=verify)
        self._token = ""

    def page(self, path: str) -> str:
        """A page's text. It has to be there."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer.text

    def token(self) -> str:
        """The token that forms of this session carry; asked for once."""
        if not self._token:
            found = re.search(r'name="token" value="([^"]+)"', self.page("/settings"))
            assert found is not None
            self._token = found[1]
        return self._token

    def submit(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form of ours."""
        return self.post(path, data={"token": self.token(), **fields})


def wait_for(visitor: Visitor, path: str, text: str) -> None:
    """Load a page until it says something."""
    for _ in range(200):
        if text in visitor.get(path).text:
            return
    raise AssertionError(f"{path} never says {text!r}")


@contextmanager
def served(
    home: Path,
    settings: Settings | None = None,
    choices: Choices | None = None,
    *,
    seconds: Callable[[], float] = boot_seconds,
    address: Address = ANY_PORT,
) -> Iterator[Served]:
    """Serve the pages of a home until the block ends."""
    ready = threading.Event()
    found: list[Served] = []
    failed: list[BaseException] = []

    async def go() -> None:
        said: list[str] = []
        async with (
            open_house(settings or Settings(), home, choices) as house,
            open_site(house, OWNER, said.append, gathers=0.2, seconds=seconds) as site,
        ):
            with listen(address) as listening:
                url = f"http{'s' if address.tls else ''}://127.0.0.1:{listening.getsockname()[1]}"
                found.append(Served(url, home, site, asyncio.get_running_loop(), said))
                task = asyncio.ensure_future(serve(site, address, listening, ready.set))
                stopping.append((asyncio.get_running_loop(), task))
                with suppress(asyncio.CancelledError):
                    await task

    stopping: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def run() -> None:
        try:
            asyncio.run(go())
        except BaseException as error:
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_S), "the server did not start"
    if failed:
        raise failed[0]
    try:
        yield found[0]
    finally:
        loop, task = stopping[0]
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE_S)
    if failed:
        raise failed[0]
