"""A conversation with the offline planner over its door, with tools that answer as the real ones do."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from agent.planner.offline import build_planner_app
from agent.templates import Templates
from agent.tools.registry import TOOLS, parse

TEMPLATES = Templates(Path(__file__).parent.parent.parent / "prompts")

#: A Tuesday. The first workspace has two accounts that others of the same network would make ambiguous.
SHOP: list[dict[str, Any]] = [
    {
        "id": 11,
        "name": "Fern & Clay",
        "timezone": "Europe/Berlin",
        "now": "Tuesday 2026-11-24 10:00",
        "accounts": [
            {"id": 101, "platform": "linkedin", "label": "Fern & Clay", "expired": False},
            {"id": 102, "platform": "twitter", "label": "Fern & Clay", "expired": False},
            {"id": 103, "platform": "bluesky", "label": 'Fern "the" Clay', "expired": False},
            {"id": 104, "platform": "instagram", "label": "Studio", "expired": False},
            {"id": 106, "platform": "youtube", "label": "Pots", "expired": False},
        ],
    },
    {
        "id": 12,
        "name": "Harbour Coffee",
        "timezone": "America/New_York",
        "now": "Tuesday 2026-11-24 04:00",
        "accounts": [
            {"id": 107, "platform": "facebook", "label": "Harbour Coffee", "expired": False},
            {"id": 109, "platform": "mastodon", "label": "Harbour", "expired": False},
            {"id": 111, "platform": "pinterest", "label": "Boards", "expired": True},
        ],
    },
]
#: The same, and a second LinkedIn account.
TWO_LINKEDIN = [
    SHOP[0],
    SHOP[1] | {"accounts": [{"id": 120, "platform": "linkedin", "label": "Café", "expired": False}]},
]

Tool = Callable[[dict[str, Any]], Mapping[str, Any]]


class Desk:
    """Tools: drafts are applied with ids from 301 on, what the public would see waits as a card."""

    def __init__(self, **tools: Tool) -> None:
        self._tools = tools
        self._drafts = 300
        self._cards = 0

    def answer(self, tool: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        if tool in self._tools:
            return self._tools[tool](arguments)
        if tool == "draft_post":
            self._drafts += 1
            return {"done": "Draft", "result": {"id": self._drafts, "status": "draft", "labels": [{"id": 22}]}}
        if tool in {"schedule_post", "publish_post", "unschedule_post", "delete_posts"}:
            self._cards += 1
            held = [{"waiting": f"card {self._cards}", "call": tool} for _ in arguments.get("posts", [1])]
            return held[0] if len(held) == 1 else {"results": held}
        if tool not in {"ask", "finish"}:
            raise AssertionError(f"{tool} was not expected")
        return {"asked": 1} if tool == "ask" else {"ok": True}


class Talk:
    """A conversation; `calls` are those of the goal at hand, in order, without the finish."""

    def __init__(
        self,
        goal: str,
        *,
        digest: list[dict[str, Any]] | None = None,
        desk: Desk | None = None,
        tools: tuple[str, ...] = tuple(TOOLS),
    ) -> None:
        self.messages: list[dict[str, Any]] = [{"role": "system", "content": "You plan social media work."}]
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.turns: list[list[str]] = []
        self._desk = desk or Desk()
        self._tools = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in tools]
        shown = TEMPLATES.render("digest.md.j2", workspaces=SHOP if digest is None else digest).strip()
        self._goal(goal, shown)

    def _goal(self, goal: str, digest: str, news: tuple[str, ...] = ()) -> None:
        text = TEMPLATES.render("goal.md.j2", news=news, digest=digest, by="ana", goal=goal)
        self.messages.append({"role": "user", "content": text})
        self.calls, self.turns = [], []

    def next_goal(self, goal: str, *news: str) -> None:
        """The person says what else they want, in the same conversation."""
        self._goal(goal, "", news)

    def user(self, template: str, **values: Any) -> None:
        """Another message of the loop."""
        self.messages.append({"role": "user", "content": TEMPLATES.render(template, **values)})

    def body(self, **extra: Any) -> bytes:
        """The next request."""
        body = {"model": "offline planner", "messages": self.messages, "tools": self._tools, **extra}
        return json.dumps(body, ensure_ascii=False).encode()

    async def step(self) -> list[tuple[str, dict[str, Any]]]:
        """One turn: ask the planner, answer its calls. Every call has to fit the tool it names."""
        raw = (await post(self.body())).json()
        message = raw["choices"][0]["message"]
        self.messages.append({key: value for key, value in message.items() if value is not None})
        made: list[tuple[str, dict[str, Any]]] = []
        for call in message.get("tool_calls", ()):
            name, arguments = call["function"]["name"], call["function"]["arguments"]
            parse(name, arguments)
            made.append((name, json.loads(arguments)))
            told = json.dumps(self._desk.answer(*made[-1]), ensure_ascii=False)
            self.messages.append({"role": "tool", "tool_call_id": call["id"], "content": told})
        self.turns.append([name for name, _ in made])
        return made

    async def finish(self) -> dict[str, Any]:
        """Go on until the planner finishes; its words."""
        for _ in range(12):
            made = await self.step()
            if made[-1][0] == "finish":
                assert len(made) == 1
                return made[0][1]
            self.calls += made
        raise AssertionError(f"no end after {self.turns}")

    async def question(self) -> str:
        """Go on until the planner asks; its question."""
        for _ in range(12):
            made = await self.step()
            self.calls += made
            if made[-1][0] == "ask":
                return str(made[-1][1]["question"])
        raise AssertionError(f"no question in {self.turns}")

    def reply(self, text: str) -> None:
        """The person's answer to a question."""
        self.user("reply.md.j2", replies=[text])

    def made(self, tool: str) -> list[dict[str, Any]]:
        """Arguments of every call of one tool."""
        return [arguments for name, arguments in self.calls if name == tool]


async def post(body: bytes, path: str = "/v1/chat/completions") -> httpx.Response:
    """A request to the planner's endpoint."""
    transport = httpx.ASGITransport(app=build_planner_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://offline.local") as client:
        return await client.post(path, content=body, headers={"Content-Type": "application/json"})


def found(kind: str, *rows: dict[str, Any], **more: Any) -> Tool:
    """A search that finds these rows."""
    return lambda _: {kind: list(rows), **more}


async def draft(goal: str, **given: Any) -> dict[str, Any]:
    """The one draft that a goal makes."""
    talk = Talk(goal, **given)
    said = await talk.finish()
    assert not said["refused"]
    (made,) = talk.made("draft_post")
    return made
