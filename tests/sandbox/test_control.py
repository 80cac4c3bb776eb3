"""The box's own controls."""

import httpx
import pytest

from agent.sandbox.app import build_app
from agent.sandbox.state import State
from agent.sandbox.world import World
from tests.sandbox.box import NOW, Client, body


@pytest.mark.anyio
async def test_reading_world_and_logs(client: Client, state: State) -> None:
    await client.post("/posts", body())
    assert await client.control("world") == state.export()
    assert World.model_validate(await client.control("world")).workspaces[0].name == "Fern & Clay"
    assert [effect["operation"] for effect in await client.control("effects")] == ["CreatePost"]
    assert [line["status"] for line in await client.control("requests")] == [201]
    assert await client.control("clock") == {"now": NOW.isoformat(), "frozen": True}


@pytest.mark.anyio
async def test_moving_the_clock(client: Client, state: State) -> None:
    assert (await client.control("clock", {"advance": 60}))["now"] == "2026-03-03T09:01:00+00:00"
    assert (await client.control("clock", {"freeze": "2026-04-01T00:00:00+02:00"}))[
        "now"
    ] == "2026-03-31T22:00:00+00:00"
    assert (await client.control("clock", {"thaw": True}))["frozen"] is False
    await client.control("clock", {"advance": -1}, 422)
    await client.control("clock", {"freeze": "2026-04-01T00:00:00"}, 422)
    await client.control("clock", {"stop": True}, 422)


@pytest.mark.anyio
async def test_faults_reset_and_somebody_elses_edit(client: Client, state: State) -> None:
    assert await client.control("faults", [{"kind": "status", "operations": ["GetPost"]}]) == {"faults": 1}
    await client.get("/posts/1001", 500)
    await client.control("faults", [{"kind": "boom"}], 422)
    draft = next(post for post in (await client.get("/posts"))["data"] if post["status"] == "DRAFT")["id"]
    assert await client.control("edit", {"post": draft, "text": "Mine now"}) == {"post": draft}
    assert (await client.get(f"/posts/{draft}"))["content"][0]["text"] == "Mine now"
    assert state.effects() == []
    reset = await client.control("reset", {"world": "shop", "now": "2026-05-01T08:00:00Z"})
    assert reset == {"now": "2026-05-01T08:00:00+00:00", "frozen": True}
    assert (await client.get(f"/posts/{draft}"))["content"][0]["text"] != "Mine now"
    await client.control("reset", {"world": "nowhere"}, 422)
    await client.control("reset", {})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.168.0.7", 403), ("testclient", 403)]
)
async def test_only_this_machine_may(state: State, peer: str, status: int) -> None:
    transport = httpx.ASGITransport(build_app(state), client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        assert (await http.get("/_sandbox/world")).status_code == status
        assert (await http.post("/_sandbox/clock", json={"advance": 1})).status_code == status


@pytest.mark.anyio
async def test_a_form_of_a_web_page_is_refused(client: Client, state: State) -> None:
    answer = await client.http.post(
        "/_sandbox/clock", content=b'{"advance": 9}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 415
    assert state.world_now() == NOW
