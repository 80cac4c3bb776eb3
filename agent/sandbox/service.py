"""One request from bytes to answer, in one transaction: fault, token, rate, ability, reading, handler, logs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from agent.api.endpoint import Endpoint
from agent.sandbox.access import Window, authenticate, require, spend, used_up
from agent.sandbox.context import Context, Reply, Upload
from agent.sandbox.faults import Fault, drift, strike
from agent.sandbox.operations import HANDLERS, PREPARE
from agent.sandbox.reading import read_call, read_json, read_query
from agent.sandbox.refusal import Refusal
from agent.sandbox.routing import BASE, match
from agent.sandbox.state import State, rules_of
from agent.sandbox.store import Tx
from agent.sandbox.world import Rules

_HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser.</body></html>"
_HUGE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Incoming:
    """A request as it came. `path` is percent-encoded; `form` and `upload` are set for an upload."""

    verb: str
    path: str
    query: bytes = b""
    authorization: str = ""
    body: bytes = b""
    form: Mapping[str, str] | None = None
    upload: Upload | None = None
    origin: str = ""

    @property
    def target(self) -> str:
        """Path with query."""
        return self.path + (f"?{self.query.decode('latin-1')}" if self.query else "")


@dataclass
class Answer:
    """What goes back. `dropped`: no answer comes; `wait` and `drip` are seconds before and over the body."""

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = "application/json"
    dropped: bool = False
    wait: float = 0.0
    drip: float = 0.0


def answer(state: State, incoming: Incoming) -> Answer:
    """Do one request in one transaction of the state."""
    with state.transaction() as tx:
        return _Request(tx, rules_of(tx), incoming).answer()


class _Request:
    """One request on its way through."""

    def __init__(self, tx: Tx, rules: Rules, incoming: Incoming) -> None:
        self.tx = tx
        self.rules = rules
        self.incoming = incoming
        self.user: str | None = None
        self.window: Window | None = None
        self.fault: Fault | None = None

    def answer(self) -> Answer:
        try:
            made = self._reply()
        except Refusal as refusal:
            made = _json(refusal.body, refusal.status)
            if refusal.status == 429:
                self._too_many(made, headers=True)
        if self.window is not None:
            made.headers += self.window.headers()
        made.headers.append(("Date", format_datetime(self.tx.now, usegmt=True)))
        self._log(made)
        return made

    def _reply(self) -> Answer:
        incoming = self.incoming
        operation, path = match(incoming.verb, incoming.path)
        self.fault = strike(self.tx, operation.__name__, incoming.verb, self.rules.seed)
        token = authenticate(self.tx, incoming.authorization)
        self.user = token.user
        self.window = spend(self.tx, token.user, self.rules.rate_limit)
        if self.window is None:
            raise Refusal(429, "Too Many Attempts.")
        early = self._instead()
        if early is not None:
            return early
        require(token, operation.route)
        ctx = Context(
            tx=self.tx,
            rules=self.rules,
            token=token,
            target=incoming.origin + incoming.path,
            sent=self._sent(operation),
            upload=incoming.upload,
        )
        return self._after(self._do(ctx, operation, path))

    def _sent(self, operation: type[Endpoint[Any]]) -> Mapping[str, Any]:
        if operation.route.query_fields or operation.route.verb == "GET":
            return read_query(self.incoming.query)
        if self.incoming.form is not None:
            return self.incoming.form
        return read_json(self.incoming.body)

    def _do(self, ctx: Context, operation: type[Endpoint[Any]], path: dict[str, str]) -> Reply:
        stale = self._hidden(self.fault) if self.fault and self.fault.kind == "stale" else 0
        body = dict(ctx.sent)
        with self.tx.savepoint(keep=not stale):
            if stale:
                self.tx.undo_last(stale)
            if operation in PREPARE:
                ctx.sent = PREPARE[operation](ctx, path, ctx.sent)
            call = read_call(operation, path, ctx.sent)
            reply = HANDLERS[operation](ctx, call)
        if not stale:
            self._log_effect(operation, ctx, body)
        return reply

    def _hidden(self, fault: Fault) -> int:
        """How many of the last accepted writes a stale read does not show."""
        if fault.lag is None:
            return fault.writes
        since = (self.tx.now - timedelta(seconds=fault.lag)).isoformat()
        newest = self.tx.db.execute("SELECT doc FROM effects ORDER BY seq DESC LIMIT ?", (fault.writes,)).fetchall()
        return sum(json.loads(doc)["at"] > since for (doc,) in newest)

    def _log_effect(self, operation: type[Endpoint[Any]], ctx: Context, body: Mapping[str, Any]) -> None:
        ids = self.tx.changed()
        if not ids or self.incoming.verb == "GET":
            self.tx.settle(None)
            return
        logged = dict(body)
        if ctx.upload is not None:
            logged["file"] = {"name": ctx.upload.name, "sha256": ctx.upload.sha256, "size": ctx.upload.size}
        doc = {
            "at": self.tx.now.isoformat(),
            "operation": operation.__name__,
            "verb": self.incoming.verb,
            "path": self.incoming.path.removeprefix(BASE),
            "body": logged,
            "ids": ids,
            "was": self.tx.statuses(),
            "user": ctx.token.user,
        }
        seq = self.tx.db.execute("INSERT INTO effects (doc) VALUES (?)", (json.dumps(doc),)).lastrowid
        self.tx.settle(seq)

    def _instead(self) -> Answer | None:
        """The answer of a fault that keeps the request from being carried out."""
        fault = self.fault
        if fault is None:
            return None
        if fault.kind == "drop_before":
            return Answer(0, b"", dropped=True)
        if fault.kind == "status" and not fault.applied:
            return _json({"message": "Server Error"}, fault.status)
        if fault.kind == "redirect":
            return Answer(302, b"", headers=[("Location", fault.location)])
        if fault.kind == "too_many":
            made = _json({"message": "Too Many Attempts."}, 429)
            self._too_many(made, headers=fault.headers)
            return made
        return None

    def _after(self, reply: Reply) -> Answer:
        """The answer of a request that was carried out, as the fault spoils it."""
        fault = self.fault
        payload = drift(fault, reply.payload) if fault and fault.kind == "drift" else reply.payload
        made = _json(payload, reply.status)
        if fault is None:
            return made
        if fault.kind == "drop_after":
            made.status, made.dropped = 0, True
        elif fault.kind == "status":
            made = _json({"message": "Server Error"}, fault.status)
        elif fault.kind == "delay":
            made.wait = fault.seconds
        elif fault.kind == "drip":
            made.drip = fault.seconds
        elif fault.kind == "malformed":
            made = _malformed(fault, made.body)
        return made

    def _too_many(self, made: Answer, *, headers: bool) -> None:
        """Rate headers of a 429; the ordinary ones are replaced or left out."""
        self.window, retry_after = used_up(self.tx.now, self.rules.rate_limit)
        if headers:
            made.headers.append(("Retry-After", str(retry_after)))
        else:
            self.window = None

    def _log(self, made: Answer) -> None:
        doc = {
            "at": self.tx.now.isoformat(),
            "verb": self.incoming.verb,
            "target": self.incoming.target,
            "status": made.status,
            "user": self.user,
        }
        self.tx.db.execute("INSERT INTO requests (doc) VALUES (?)", (json.dumps(doc),))


def _json(payload: object, status: int) -> Answer:
    return Answer(
        status, json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    )


def _malformed(fault: Fault, body: bytes) -> Answer:
    if fault.body == "html":
        return Answer(200, _HTML, content_type="text/html; charset=utf-8")
    if fault.body == "truncated":
        return Answer(200, body[: len(body) // 2])
    return Answer(200, b'{"data": "' + b"x" * _HUGE + b'"}')
