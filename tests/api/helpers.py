"""What the tests of `agent.api` share: a client on any transport, canned answers, a post as the service shows it."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from agent.api.client import Client
from agent.api.limits import MemoryBudget, RateBudget
from agent.clock import Clock, FrozenClock

#: Looks like the service's tokens; no error, repr or traceback may show any part of its secret.
TOKEN = "11|HzNfjBq7TestOnlyTestOnlyTestOnly0123456789"
SECRET = TOKEN.partition("|")[2]
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

Handler = Callable[[httpx.Request], httpx.Response]


class Service:
    """Answers every request from a script, the last entry for ever; keeps what was asked."""

    def __init__(self, *script: httpx.Response | Exception | Handler) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        step = self.script[min(len(self.requests), len(self.script) - 1)]
        self.requests.append(request)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, httpx.Response):
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)
        return step(request)

    @property
    def verbs(self) -> list[str]:
        return [request.method for request in self.requests]


def answer(status: int, payload: object = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """An answer with a JSON body."""
    return httpx.Response(status, headers=headers, content=json.dumps(payload if payload is not None else {}))


def text(status: int, body: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """An answer with any body."""
    return httpx.Response(status, headers=headers, content=body.encode())


def client_of(
    service: Handler | None = None,
    *,
    url: str = "https://postsyncer.test/api/v1",
    upload_url: str = "",
    clock: Clock | None = None,
    budget: RateBudget | None = None,
    deadline: float = 5.0,
    token: str = TOKEN,
) -> Client:
    """A client that talks to a function, or over real sockets where none is given."""
    return Client(
        base_url=url,
        upload_url=upload_url or url,
        token=token,
        budget=budget or MemoryBudget(limit=1000),
        clock=clock or FrozenClock(START),
        transport=httpx.MockTransport(service) if service else None,
        deadline=deadline,
    )


def post(number: int = 749, **changes: Any) -> dict[str, Any]:
    """A post as the service shows it."""
    return {
        "id": number,
        "content": [{"text": "Hello", "media": [], "cover_image": None}],
        "status": "SCHEDULED",
        "posted_on": [],
        "scheduled_at": "2026-03-05 23:00 PM",
        "workspace": {"id": 12, "name": "acme", "slug": "acme", "timezone": "Africa/Addis_Ababa", "language": "en"},
        "labels": [],
        "platforms": [{"platform": "twitter", "status": "SCHEDULED", "posted_on": [], "settings": {}, "analytics": {}}],
        **changes,
    }
