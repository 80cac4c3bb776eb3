"""What the sandbox's tests share: the hour, the token, and a client with the service's base path."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx

from agent.sandbox.app import build_app
from agent.sandbox.state import State
from agent.sandbox.world import World, load_world

#: A Tuesday, 10:00 in Berlin and 04:00 in New York.
NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
TOKEN = "1|sandbox"

#: Accounts of the shop world by network.
ACCOUNT = {
    "linkedin": 101,
    "twitter": 102,
    "bluesky": 103,
    "instagram": 104,
    "tiktok": 105,
    "youtube": 106,
    "facebook": 107,
    "threads": 108,
    "mastodon": 109,
    "telegram": 110,
    "pinterest": 111,
}


class Client:
    """Calls with the status they must have."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def send(self, verb: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(verb, f"/api/v1{path}", **options)

    async def get(self, path: str, status: int = 200, **options: Any) -> Any:
        return await self._call("GET", path, status, **options)

    async def post(self, path: str, body: object, status: int = 201, **options: Any) -> Any:
        return await self._call("POST", path, status, json=body, **options)

    async def put(self, path: str, body: object, status: int = 200) -> Any:
        return await self._call("PUT", path, status, json=body)

    async def patch(self, path: str, body: object, status: int = 200) -> Any:
        return await self._call("PATCH", path, status, json=body)

    async def delete(self, path: str, status: int = 200) -> Any:
        return await self._call("DELETE", path, status)

    async def control(self, name: str, body: object = None, status: int = 200) -> Any:
        verb = "GET" if body is None else "POST"
        options: dict[str, Any] = {} if body is None else {"json": body}
        answer = await self.http.request(verb, f"/_sandbox/{name}", **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def _call(self, verb: str, path: str, status: int, **options: Any) -> Any:
        answer = await self.send(verb, path, **options)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.json()


@asynccontextmanager
async def connect(state: State, token: str = TOKEN) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(build_app(state))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers=headers) as http:
        yield Client(http)


def shop(**changes: Any) -> State:
    """A frozen box with the shop world, changed."""
    world = World.model_validate(_shop() | changes)
    state = State.create(None, world, NOW)
    state.freeze(NOW)
    return state


@cache
def _shop() -> dict[str, Any]:
    return load_world("shop").model_dump(exclude_defaults=True) | {"rate_limit": 10_000}


def body(text: str = "Hello", networks: tuple[str, ...] = ("linkedin",), **changes: Any) -> dict[str, Any]:
    """A create body for the first workspace, a draft unless changed."""
    made = {
        "workspace_id": 11,
        "schedule_type": "draft",
        "content": [{"text": text}],
        "accounts": [{"id": ACCOUNT[name]} for name in networks],
    }
    return made | changes


def at(date: str, time: str, timezone: str | None = None) -> Mapping[str, str]:
    """A schedule_for."""
    return {"date": date, "time": time} | ({"timezone": timezone} if timezone else {})
