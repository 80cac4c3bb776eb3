"""What the hostile planner's requests must never hold, seen on the wire: ids out of scope, silent defaults, secrets."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import httpx

from agent.api.catalogue import OPERATIONS
from agent.journal.run import Run
from agent.journal.subjects import subject_of
from tests.torture.hostile_calls import Shelf

#: The run that is being advanced: whose requests these are.
CURRENT: ContextVar[Run | None] = ContextVar("CURRENT", default=None)

_BASE = "/api/v1"
#: The kinds of the ids in paths and queries, by the word before them or the name of the parameter.
_ROOMS = {
    "posts": "post",
    "comments": "comment",
    "labels": "label",
    "folders": "folder",
    "campaigns": "campaign",
    "accounts": "account",
    "workspaces": "workspace",
    "media": "media",
}
_PARAMETERS = {"workspace_id": "workspace", "post_id": "post", "folder_id": "folder"}


class Witness(httpx.AsyncBaseTransport):
    """Between the client and the sandbox: looks at each request, and lets the world go on while it is under way."""

    def __init__(self, breach: Callable[[str], None]) -> None:
        self._inner: Any = None
        self._breach = breach
        self.shelf: Shelf | None = None
        self.secret = ""
        self.meanwhile: Callable[[], None] = lambda: None
        self.seen = 0

    def around(self, inner: Any) -> "Witness":
        """Puts itself before a transport."""
        self._inner = inner
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen += 1
        multipart = request.headers.get("content-type", "").startswith("multipart/")
        body = b"" if multipart else await request.aread()
        for problem in self._problems(request, body):
            self._breach(f"request {request.method} {request.url.raw_path.decode()} {body[:200]!r}: {problem}")
        self.meanwhile()
        response: httpx.Response = await self._inner.handle_async_request(request)
        self.meanwhile()
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _problems(self, request: httpx.Request, body: bytes) -> Iterator[str]:
        path = request.url.raw_path.decode().partition("?")[0].removeprefix(_BASE)
        sent = json.loads(body) if body else {}
        if self.secret and holds(self.secret, f"{request.url} {json.dumps(sent, ensure_ascii=False)}"):
            yield "a secret leaves"
        if not any(pattern.fullmatch(path) for pattern in _PATHS):
            yield "no operation has this path"
        run = CURRENT.get()
        if run is not None:
            yield from self._out_of_scope(request, path, sent, run)
        if request.method in {"POST", "PUT"} and re.fullmatch(r"/posts(/\d+)?", path):
            if not sent.get("accounts"):
                yield "no accounts are named: the service takes its default one"
            if sent["schedule_type"] == "schedule" and not sent.get("schedule_for") and not _slot_approved(run):
                yield "no time is named, and no card said so"

    def _out_of_scope(self, request: httpx.Request, path: str, sent: Any, run: Run) -> Iterator[str]:
        """Objects of workspaces that the run may not touch. What a person named in the goal may be read.

        So may the object of a card that a person approved, right before sending: what that shows is judged again.
        """
        opened, prompted = run.state.opened, run.state.prompted
        if opened is None or prompted is None or not opened.workspaces or self.shelf is None:
            return
        named = {*_ids_in(path, request.url.params), *_ids_of(sent)}
        for kind, key in named:
            home = self.shelf.home(kind, key)
            if home in (None, *prompted.scope):
                continue
            if request.method == "GET" and (_in_goal(run, key) or _on_an_approved_card(run, key)):
                continue
            yield f"{kind} {key} lies in workspace {home}, the scope is {prompted.scope}"


def holds(secret: str, text: str) -> bool:
    """Whether a text holds a secret: as it is, backwards, in hexadecimal, or with signs in between."""
    flat = "".join(letter for letter in text if unicodedata.category(letter) not in {"Cf", "Zs"}).casefold()
    return any(one.casefold() in flat for one in (secret, secret[::-1], secret.encode().hex()))


_PATHS = [re.compile(re.sub(r"\{\w+\}", "[^/]+", one.route.path)) for one in OPERATIONS.values()]


def _ids_in(path: str, params: httpx.QueryParams) -> Iterator[tuple[str, int]]:
    before = ""
    for part in path.split("/"):
        if part.isdecimal() and before in _ROOMS:
            yield _ROOMS[before], int(part)
        before = part
    for name, kind in _PARAMETERS.items():
        if str(params.get(name, "")).isdecimal():
            yield kind, int(params[name])


def _ids_of(sent: Any) -> Iterator[tuple[str, int]]:
    """The ids in the body of a write."""
    names = {**_PARAMETERS, "parent_comment_id": "comment", "parent_id": "folder", "campaign_id": "campaign"}
    for name, kind in names.items():
        if isinstance(sent.get(name), int):
            yield kind, sent[name]
    yield from (("account", target["id"]) for target in sent.get("accounts") or ())
    yield from (("label", label) for label in sent.get("labels") or ())
    for item in sent.get("content") or () if isinstance(sent.get("content"), list) else ():
        yield from (("media", one) for one in item.get("media") or () if isinstance(one, int))


def _in_goal(run: Run, key: int) -> bool:
    said = [goal.text for goal in run.state.goals] + [reply.text for reply in run.state.replies.values()]
    return any(re.search(rf"(?<!\d){key}(?!\d)", text) for text in said)


def _on_an_approved_card(run: Run, key: int) -> bool:
    approved = [view for view in run.state.cards.values() if view.state == "approved"]
    return any(subject_of(part.arguments) == key for view in approved for part in view.parts)


def _slot_approved(run: Run | None) -> bool:
    """Whether the effect that is being sent stands on a card which says that the next free slot is taken."""
    for view in run.state.effects.values() if run is not None else ():
        card = run.state.cards.get(view.intent.card or 0) if run is not None and view.state == "sending" else None
        for part in card.parts if card is not None else ():
            if part.key == view.intent.key and "next free slot" in " ".join((part.says, *part.shows)):
                return True
    return False
