"""The box over loopback HTTP: what only shows on a real connection."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from agent.errors import SettingsError
from agent.sandbox.faults import Fault
from agent.sandbox.serve import running, serve
from agent.sandbox.state import State
from tests.sandbox.box import TOKEN, body

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def http(state: State) -> Iterator[httpx.Client]:
    with running(state) as url, httpx.Client(base_url=url, headers=HEADERS, timeout=5) as client:
        yield client


def faults(state: State, *given: dict[str, Any]) -> None:
    state.set_faults([Fault.model_validate(fields) for fields in given])


def test_requests_and_controls(http: httpx.Client, state: State) -> None:
    made = http.post("/api/v1/posts", json=body("Über HTTP"))
    assert made.status_code == 201
    assert made.headers.get_list("Date") == ["Tue, 03 Mar 2026 09:00:00 GMT"]
    assert http.get("/_sandbox/effects").json() == state.effects()
    file = {"file": ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 3_000_000)}
    upload = http.post("/api/v1/media/upload/file", data={"workspace_id": "11"}, files=file)
    assert upload.json()["media"]["size"] == 3_000_008


def test_an_encoded_address_stays_one_segment(http: httpx.Client) -> None:
    for post in http.get("/api/v1/posts").json()["data"]:
        for row in post["platforms"]:
            if row["platform"] == "bluesky" and row["post_url"]:
                native = quote(row["platform_post_id"], safe="")
                assert http.get(f"/api/v1/posts/by-platform-post-id/{native}").json()["id"] == post["id"]
                assert http.get(f"/api/v1/posts/by-url/{quote(row['post_url'], safe='')}").json()["id"] == post["id"]


def test_a_drop_is_a_broken_answer(http: httpx.Client, state: State) -> None:
    faults(state, {"kind": "drop_before"}, {"kind": "drop_after"})
    for applied in (0, 1):
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/api/v1/posts", json=body())
        assert len(state.effects()) == applied


def test_delays_are_real(http: httpx.Client, state: State) -> None:
    faults(state, {"kind": "delay", "seconds": 30}, {"kind": "drip", "seconds": 0.2})
    with pytest.raises(httpx.ReadTimeout):
        http.get("/api/v1/labels", timeout=0.2)
    before = time.monotonic()
    assert http.get("/api/v1/labels").status_code == 200
    assert time.monotonic() - before >= 0.2


SERVER = """
from datetime import UTC, datetime
from agent.sandbox.serve import serve
from agent.sandbox.state import State
from agent.sandbox.world import load_world
serve(State.create(None, load_world("shop"), datetime.now(UTC)), 0, ready=lambda port: print(port, flush=True))
"""


@pytest.mark.slow
def test_serving_until_interrupted() -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/labels", headers=HEADERS).status_code == 200
        process.send_signal(signal.SIGINT)
        process.wait(10)


def test_a_taken_port_is_named(state: State) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} cannot be used"):
            serve(state, port, ready=lambda _: None)
