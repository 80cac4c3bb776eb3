"""Faults: when they strike, and what a client sees in process."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.errors import SettingsError
from agent.sandbox.faults import Fault, load_faults
from agent.sandbox.state import State
from tests.sandbox.box import NOW, Client, body, connect, shop


def fault(**fields: Any) -> Fault:
    return Fault.model_validate(fields)


@pytest.mark.anyio
@pytest.mark.parametrize(("kind", "applied"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_dropped_connection(client: Client, state: State, kind: str, applied: int) -> None:
    state.set_faults([fault(kind=kind, operations=["CreatePost"])])
    await client.get("/posts")
    with pytest.raises(ConnectionResetError):
        await client.post("/posts", body())
    assert len(state.effects()) == applied
    assert state.requests()[-1]["status"] == 0
    await client.post("/posts", body())
    assert len(state.effects()) == applied + 1


@pytest.mark.anyio
@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("applied", [False, True])
async def test_server_errors_before_and_after(client: Client, state: State, status: int, applied: bool) -> None:
    state.set_faults([fault(kind="status", status=status, applied=applied)])
    assert await client.post("/posts", body(), status) == {"message": "Server Error"}
    assert len(state.effects()) == applied


@pytest.mark.anyio
async def test_too_many_with_and_without_headers(client: Client, state: State) -> None:
    state.set_faults([fault(kind="too_many"), fault(kind="too_many", headers=False)])
    first = await client.send("POST", "/posts", json=body())
    second = await client.send("POST", "/posts", json=body())
    assert (first.status_code, first.json()) == (429, {"message": "Too Many Attempts."})
    assert first.headers["Retry-After"] == "60"
    assert first.headers["X-RateLimit-Remaining"] == "0"
    assert second.status_code == 429
    assert not {"retry-after", "x-ratelimit-reset"} & set(second.headers)
    assert state.effects() == []


@pytest.mark.anyio
async def test_answers_that_are_no_answers(client: Client, state: State) -> None:
    state.set_faults([fault(kind="malformed", body=kind) for kind in ("html", "truncated", "huge")])
    html, cut, huge = [await client.send("GET", "/posts/1001") for _ in range(3)]
    whole = await client.send("GET", "/posts/1001")
    assert (html.status_code, html.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert cut.content == whole.content[: len(whole.content) // 2]
    assert len(huge.content) > 60_000_000


@pytest.mark.anyio
async def test_a_redirect_is_not_carried_out(client: Client, state: State) -> None:
    state.set_faults([fault(kind="redirect", location="https://evil.example/")])
    answer = await client.send("POST", "/posts", json=body())
    assert (answer.status_code, answer.headers["location"]) == (302, "https://evil.example/")
    assert state.effects() == []


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["delay", "drip"])
async def test_delays_move_a_stopped_clock(client: Client, state: State, kind: str) -> None:
    state.set_faults([fault(kind=kind, seconds=90)])
    assert (await client.get("/posts/1001"))["id"] == 1001
    assert round((state.world_now() - NOW).total_seconds(), 3) == 90


@pytest.mark.anyio
async def test_stale_reads_show_what_was_before_the_last_writes(client: Client, state: State) -> None:
    one = await client.post("/posts", body("One"))
    await client.put(f"/posts/{one['id']}", {"content": [{"text": "Two"}]})
    await client.put(f"/posts/{one['id']}", {"content": [{"text": "Three"}]})
    state.set_faults([fault(kind="stale", writes=n, operations=["GetPost"]) for n in (1, 2)])
    texts = [(await client.get(f"/posts/{one['id']}"))["content"][0]["text"] for _ in range(3)]
    assert texts == ["Two", "One", "Three"]
    state.set_faults([fault(kind="stale", writes=3)])
    await client.post("/posts", body("Four"))
    assert one["id"] in [post["id"] for post in (await client.get("/posts"))["data"]]
    state.set_faults([fault(kind="stale", writes=9)])
    await client.get(f"/posts/{one['id']}", 404)


@pytest.mark.anyio
async def test_a_lag_hides_only_what_was_written_within_it(client: Client, state: State) -> None:
    one = await client.post("/posts", body("One"))
    await client.put(f"/posts/{one['id']}", {"content": [{"text": "Two"}]})
    state.advance(50)
    await client.put(f"/posts/{one['id']}", {"content": [{"text": "Three"}]})
    state.set_faults([fault(kind="stale", writes=9, times=2, lag=60, operations=["GetPost"])])
    await client.get(f"/posts/{one['id']}", 404)
    state.advance(20)
    assert (await client.get(f"/posts/{one['id']}"))["content"][0]["text"] == "Two"
    state.set_faults([fault(kind="stale", writes=9, lag=60)])
    state.advance(60)
    assert (await client.get(f"/posts/{one['id']}"))["content"][0]["text"] == "Three"


@pytest.mark.anyio
async def test_drift(client: Client, state: State) -> None:
    state.set_faults(
        [
            fault(kind="drift", field="status"),
            fault(kind="drift", field="status", rename="state"),
            fault(kind="drift", string_ids=True),
        ]
    )
    dropped, renamed, texts = [await client.get("/posts/1001") for _ in range(3)]
    assert "status" not in dropped
    assert "status" not in dropped["platforms"][0]
    assert renamed["state"] == "PUBLISHED"
    assert (texts["id"], texts["platforms"][0]["account_id"]) == ("1001", "106")


@pytest.mark.anyio
async def test_when_a_fault_strikes(client: Client, state: State) -> None:
    state.set_faults([fault(kind="status", verb="GET", operations=["GetPost", "ListPosts"], nth=2, times=2)])
    await client.post("/posts", body())
    seen = [
        (await client.send("GET", path)).status_code
        for path in ("/posts", "/labels", "/posts/1001", "/posts", "/posts")
    ]
    assert seen == [200, 200, 500, 500, 200]


@pytest.mark.anyio
async def test_chance_is_seeded() -> None:
    async def run(seed: int) -> list[int]:
        state = shop(seed=seed)
        state.set_faults([fault(kind="status", chance=0.5, times=None)])
        async with connect(state) as client:
            return [(await client.send("GET", "/labels")).status_code for _ in range(40)]

    first = await run(1)
    assert first == await run(1)
    assert first != await run(2)
    assert 5 < first.count(500) < 35


def test_a_file_of_faults(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(
        "faults:\n  - {kind: drop_after, operations: [CreatePost], nth: 2}\n  - {kind: delay, seconds: 2.5}\n"
    )
    assert [item.kind for item in load_faults(path)] == ["drop_after", "delay"]
    path.write_text("faults:\n  - {kind: drop_after, operations: [CreatePots]}\n")
    with pytest.raises(SettingsError, match=r'line 2.*CreatePots.*Did you mean "CreatePost"'):
        load_faults(path)


@pytest.mark.parametrize("fields", [{"kind": "boom"}, {"kind": "delay", "nth": 0}, {"kind": "status", "status": 200}])
def test_faults_that_are_none(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(fields)
