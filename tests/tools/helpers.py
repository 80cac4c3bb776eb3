"""What the tests of `agent.tools` share: facts of a small shop, answers to reads, and a sandbox to read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from agent.api.accounts import ListAccounts
from agent.api.answers import read_answer
from agent.api.endpoint import Endpoint
from agent.api.posts import PostFields
from agent.api.types import Account, Comment, Post, Workspace
from agent.api.workspaces import ListWorkspaces
from agent.policy.facts import Facts
from agent.sandbox.routing import BASE
from agent.sandbox.service import Incoming, answer
from agent.sandbox.state import State
from agent.tools.desk import Desk, Need, Parts, Said, Unfit, read_key
from agent.tools.registry import parse

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
BERLIN, NEW_YORK = 11, 12
NETWORKS = {101: "linkedin", 102: "twitter", 103: "bluesky", 104: "instagram", 105: "tiktok", 106: "youtube"}
ELSEWHERE = {107: "facebook", 108: "threads"}

Read = Callable[[Endpoint[Any]], Any]


def facts(**changes: Any) -> Facts:
    """Two workspaces, in Berlin and New York, with an account of each network."""
    accounts = {key: Account(id=key, platform=one, workspace_id=BERLIN, name="Fern") for key, one in NETWORKS.items()}
    accounts |= {key: Account(id=key, platform=one, workspace_id=NEW_YORK) for key, one in ELSEWHERE.items()}
    workspaces = {
        BERLIN: Workspace(id=BERLIN, name="Fern & Clay", timezone="Europe/Berlin"),
        NEW_YORK: Workspace(id=NEW_YORK, name="Harbour Coffee", timezone="America/New_York"),
    }
    values: dict[str, Any] = {"now": NOW, "workspaces": workspaces, "accounts": accounts}
    return Facts(**(values | changes))


def post(**changes: Any) -> Post:
    """A draft on LinkedIn in the Berlin workspace, as the service shows it."""
    shown: dict[str, Any] = {
        "id": 7,
        "content": [{"text": "Hello", "media": [], "cover_image": None}],
        "status": "DRAFT",
        "scheduled_at": None,
        "repeatable": False,
        "campaign_id": None,
        "workspace": {"id": BERLIN, "name": "Fern & Clay", "timezone": "Europe/Berlin"},
        "labels": [{"id": 5, "name": "Launch", "color": "#bf3434"}],
        "platforms": [row(101)],
    }
    return Post.model_validate(shown | changes)


def row(account: int, **changes: Any) -> dict[str, Any]:
    """A post's row on one account."""
    network = (NETWORKS | ELSEWHERE)[account]
    return {"account_id": account, "platform": network, "status": "DRAFT", "settings": {}} | changes


def comment(number: int, **changes: Any) -> Comment:
    """A comment by somebody outside."""
    user = {"id": None, "name": "Jonas", "username": "jonas"}
    shown = {"id": number, "post_id": 7, "source": "SOCIAL", "platform": "linkedin", "content": "Nice?", "user": user}
    return Comment.model_validate(shown | changes)


@dataclass
class Reads:
    """Answers reads from a table of operation names; keeps what was asked."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    asked: list[Endpoint[Any]] = field(default_factory=list)

    def __call__(self, call: Endpoint[Any]) -> Any:
        self.asked.append(call)
        found = self.answers[call.route.name]
        return found(call) if callable(found) else found


def run(
    name: str,
    arguments: Mapping[str, Any],
    read: Read | None = None,
    known: Facts | None = None,
    sent: Mapping[int, PostFields] | None = None,
) -> Parts | Said:
    """A model's call, parsed and completed: what it needs is read, and it is asked again."""
    view = parse(name, json.dumps(arguments))
    fresh: dict[tuple[str, str], Any] = {}
    for _ in range(100):
        found = view.complete(Desk(known or facts(), fresh, sent or {}))
        if not isinstance(found, Need):
            return found
        assert read_key(found.call) not in fresh, "asked twice for the same read"
        fresh[read_key(found.call)] = (read or Reads())(found.call)
    raise AssertionError("no end of reads")


def parts(name: str, arguments: Mapping[str, Any], read: Read | None = None, **more: Any) -> Parts:
    found = run(name, arguments, read, **more)
    assert isinstance(found, Parts)
    return found


def said(name: str, arguments: Mapping[str, Any], read: Read | None = None, **more: Any) -> dict[str, Any]:
    found = run(name, arguments, read, **more)
    assert isinstance(found, Said)
    return dict(found.data)


def body(name: str, arguments: Mapping[str, Any], read: Read | None = None, **more: Any) -> dict[str, Any]:
    """The body of the one call that a tool makes, as it would be sent."""
    (call,) = parts(name, arguments, read, **more).calls
    return json.loads(call.request().body or b"{}")  # type: ignore[no-any-return]  # a body is an object


def unfit(name: str, arguments: Mapping[str, Any], read: Read | None = None, **more: Any) -> str:
    with pytest.raises(Unfit) as caught:
        run(name, arguments, read, **more)
    return str(caught.value)


class Box:
    """A sandbox that answers calls directly."""

    def __init__(self, state: State, token: str = "1|sandbox") -> None:
        self.state = state
        self._token = token

    def __call__(self, call: Endpoint[Any]) -> Any:
        request = call.request()
        made = answer(
            self.state,
            Incoming(
                verb=request.verb,
                path=BASE + request.path,
                query=urlencode(request.query).encode(),
                authorization=f"Bearer {self._token}",
                body=request.body or b"",
            ),
        )
        assert made.status < 400, made.body
        return read_answer(call.route, json.loads(made.body))

    def facts(self, **changes: Any) -> Facts:
        """What discovery finds."""
        workspaces = {one.id: one for one in self(ListWorkspaces()).data}
        accounts = {one.id: one for one in self(ListAccounts()).data}
        values: dict[str, Any] = {"now": NOW, "workspaces": workspaces, "accounts": accounts}
        return Facts(**(values | changes))
