"""Live news: what was written while a page was drawn or its stream was lost is told, soon, and streams cost little."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest

from agent.assembly import SANDBOX_ORIGIN
from agent.clock import SystemClock
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.store import open_store
from agent.web.events import MOST_WAITING
from tests.web.serving import Served, Visitor, served

#: From the writing to the browser, without the browser.
SOON_S = 0.3
MOST_STREAMS, MOST_MB = 200, 150


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as running:
        yield running


class Stream:
    """An event stream, read by hand."""

    def __init__(self, visitor: Visitor, after: str = "", last: str = "") -> None:
        url = visitor.base_url
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        self._socket = socket.create_connection((url.host, url.port or 80), timeout=5)
        lines = [f"GET /events?after={after} HTTP/1.1", f"Host: {url.host}:{url.port}", f"Cookie: {cookies}"]
        lines += [f"Last-Event-ID: {last}"] if last else []
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.text = ""
        self.until("retry:")

    def until(self, wanted: str) -> str:
        """Read on until this has come; returns everything so far."""
        while wanted not in self.text:
            self.text += self._socket.recv(65536).decode()
        return self.text

    def close(self) -> None:
        """Leave, as a browser does whose tab is closed."""
        self._socket.close()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write(home: Path, goals: int = 1) -> Run:
    """Another process writes into the journal."""
    store = open_store(home)
    opened = r.Opened(
        mode="attended",
        service=SANDBOX_ORIGIN,
        sandbox=True,
        model="m",
        policy="p",
        prompts="q",
        who="ana",
        limits=r.Limits(),
    )
    run = Run.open(store, SystemClock(), opened)
    run.add(*(r.Goal(number=number, text="Hello", by="ana") for number in range(1, goals + 1)))
    run.flush()
    store.close()
    return run


def drawn_at(visitor: Visitor) -> str:
    return visitor.page("/").partition('data-news="')[2].partition('"')[0]


def test_what_is_written_is_told_soon(site: Served) -> None:
    with site.somebody() as visitor:
        took = []
        with Stream(visitor, drawn_at(visitor)) as stream:
            for _ in range(5):
                began = time.monotonic()
                run = write(site.home)
                stream.until(f'{{"run": "{run.id}", "seq": 2, "kind": "goal"}}')
                took.append(time.monotonic() - began)
    assert sorted(took)[2] < SOON_S


def test_what_is_written_between_drawing_and_listening_is_told(site: Served) -> None:
    with site.somebody() as visitor:
        drawn = drawn_at(visitor)
        run = write(site.home)
        with Stream(visitor, drawn) as stream:
            told = stream.until(f'"run": "{run.id}", "seq": 2')
        seen = told.rpartition("id: ")[2].partition("\n")[0]
        missed = write(site.home)
        with Stream(visitor, drawn, last=seen) as again:
            told = again.until(f'"run": "{missed.id}", "seq": 2')
        assert f'"run": "{run.id}"' not in told


def test_too_much_news_is_told_as_again(site: Served) -> None:
    with site.somebody() as visitor:
        drawn = drawn_at(visitor)
        write(site.home, goals=MOST_WAITING)
        with Stream(visitor, drawn) as stream:
            stream.until("event: again")


@pytest.mark.parametrize("after", ["", "x", "1", "-1.0", "1.2", "99999999999999999999.0", "٣.0"])
def test_a_cursor_that_is_none_begins_now(site: Served, after: str) -> None:
    with site.somebody() as visitor:
        with Stream(visitor, quote(after)) as stream:
            run = write(site.home)
            told = stream.until(f'"run": "{run.id}"')
        assert "again" not in told


def test_a_cursor_from_another_journal_draws_anew(site: Served) -> None:
    with site.somebody() as visitor, Stream(visitor, "999999999.0") as stream:
        stream.until("event: again")


def test_a_stop_pressed_while_a_page_was_drawn_is_told(site: Served) -> None:
    with site.somebody() as visitor:
        drawn = drawn_at(visitor)
        visitor.submit("/stop")
        with Stream(visitor, drawn) as stream:
            stream.until("event: stop")
        visitor.submit("/resume-all")


def test_a_stream_that_is_left_is_let_go_and_a_logout_ends_it(site: Served) -> None:
    with site.somebody() as visitor, Stream(visitor):
        with Stream(visitor):
            _listening(site, 2)
        _listening(site, 1)
        assert visitor.submit("/logout").status_code == 303
        write(site.home)
        _listening(site, 0)


def _listening(site: Served, count: int) -> None:
    until = time.monotonic() + 5
    while site.site.events.listening != count:
        assert time.monotonic() < until, f"{site.site.events.listening} streams are open, not {count}"
        time.sleep(0.01)


@pytest.mark.torture
def test_many_streams_cost_little_and_lag_little(tmp_path: Path) -> None:
    environment = {**os.environ, "PSA_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "agent", "serve", "--port", "0"]
    with ExitStack() as all_of_them:
        server = all_of_them.enter_context(
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        )
        all_of_them.callback(server.terminate)
        assert server.stdout is not None
        link = server.stdout.readline().removeprefix("log in: ").strip()
        visitor = all_of_them.enter_context(Visitor(link.partition("/login")[0]))
        assert visitor.post("/login", data={"link": link.partition("token=")[2]}).status_code == 303
        streams = [all_of_them.enter_context(Stream(visitor)) for _ in range(MOST_STREAMS)]
        took = []
        for _ in range(5):
            began = time.monotonic()
            run = write(tmp_path)
            for stream in streams:
                stream.until(f'"run": "{run.id}", "seq": 2')
            took.append(time.monotonic() - began)
        memory = int(Path(f"/proc/{server.pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
        began = time.monotonic()
        visitor.page("/")
        page = time.monotonic() - began
    told = f"told in {max(took):.3f} s, {memory:.0f} MB, a page in {page:.3f} s"
    assert sorted(took)[2] < SOON_S, told
    assert memory < MOST_MB, told
    assert page < SOON_S, told
