"""The client: one typed call in, one typed answer out. The only importer of httpx.

What it promises: no redirect is followed, TLS is verified, one deadline covers each try from connecting to the last
byte, an answer over 16 MB is not read, every failure is one of the errors of `agent.errors`, none of them shows the
token, and whether a failed request *may have left* is known. Reads are retried; writes are sent once, and again only
when they provably never left or were refused by a 429.
"""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import httpx

from agent import logs
from agent.api.answers import Response, read_reply
from agent.api.endpoint import Effect, Endpoint, Request, Verb
from agent.api.limits import RateBudget
from agent.api.upload import FileChanged, body_headers, upload_body
from agent.clock import Clock, boot_seconds
from agent.errors import (
    ApiError,
    BadAnswer,
    NoAnswer,
    NotSent,
    RateLimited,
    ServerError,
    SettingsError,
    TooLarge,
)

R = TypeVar("R")

MAX_BYTES = 16 * 1024 * 1024
READ_TRIES = 4
WRITE_TRIES = 3
_FOR_ROOM = "for room in PostSyncer's rate limit"
#: A 429 that asks for more than this is not waited for: the run is deferred.
LONGEST_WAIT_S = 120.0
#: The slowest upload we wait for, in bytes a second.
SLOWEST_UPLOAD = 128 * 1024
#: No token of the service is shorter; shorter ones occur in texts by chance.
SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Reply(Generic[R]):
    """An answer with what the journal keeps of it."""

    answer: R
    status: int
    raw: str


class Client:
    """Sends operations to one PostSyncer service with one token."""

    def __init__(
        self,
        *,
        base_url: str,
        upload_url: str,
        token: str,
        budget: RateBudget,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline: float = 30.0,
    ) -> None:
        """`transport` replaces the network; `deadline` is in seconds. Raises SettingsError for an impossible token."""
        if not re.fullmatch(r"[!-~]+", token):
            raise SettingsError(
                "The token is empty, or holds a blank, a line break or a letter that no token has.",
                hint="Copy it again from PostSyncer's settings into POSTSYNCER_API_TOKEN.",
            )
        self._bases = {False: base_url.rstrip("/"), True: upload_url.rstrip("/")}
        self._budget = budget
        self._clock = clock
        self._deadline = deadline
        self._in_process = transport is not None
        self._token = token.encode()
        self._http = httpx.AsyncClient(
            transport=transport,
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "User-Agent": "postsyncer-agent",
            },
            follow_redirects=False,
            # Connecting ends by itself: a TLS handshake that our own deadline cuts off leaves its socket open.
            timeout=httpx.Timeout(deadline, connect=deadline / 3),
            trust_env=False,
        )
        self._log = logs.get("api")
        #: How far PostSyncer's clock was ahead of ours when it last answered.
        self.clock_off = timedelta()
        #: Requests that left since this client was made.
        self.sent = 0

    @property
    def origin(self) -> str:
        """The service's address, part of every digest."""
        return self._bases[False]

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def send(self, call: Endpoint[R], *, send_before: datetime | None = None, person: bool = False) -> R:
        """The typed answer of a call. Raises ApiError; see `exchange`."""
        return (await self.exchange(call, send_before=send_before, person=person)).answer

    def deadline_for(self, request: Request) -> float:
        """Seconds after which a try of this request is given up; uploads get more by their size."""
        return self._deadline + (request.file.size / SLOWEST_UPLOAD if request.file else 0.0)

    async def ready(self, *, person: bool = False, before: datetime | None = None) -> float | None:
        """Take a slot of the rate budget and wait for it; `exchange(slot=…)` then sends at once.

        None, at once, where no slot lies before `before`. A slot is given up for a later one where a 429 closed the
        budget, or other requests reached the service later than planned, while we waited.
        """
        now = self._clock.now()
        at = self._budget.reserve(now.timestamp(), person=person)
        while True:
            wait = at - now.timestamp()
            if before and now + timedelta(seconds=wait) >= before:
                return None
            if wait > 0:
                await self._clock.sleep(wait, _FOR_ROOM)
            now = self._clock.now()
            at = self._budget.take(at, now.timestamp(), person=person)
            if at <= now.timestamp():
                return at

    async def exchange(
        self,
        call: Endpoint[R],
        *,
        send_before: datetime | None = None,
        person: bool = False,
        slot: float | None = None,
    ) -> Reply[R]:
        """The answer of a call with its raw text.

        Nothing is written to the socket after `send_before`. `person` opens the share of the rate budget that is kept
        for people, `slot` is what `ready` gave for it. Raises ApiError: NotSent is proof that nothing left; NoAnswer,
        ServerError, BadAnswer and TooLarge leave the outcome of a write unknown.
        """
        route, request = call.route, call.request()
        attempt, verb = 1, route.verb
        while True:
            taken = slot if slot is not None else await self.ready(person=person, before=send_before)
            if taken is None:
                raise NotSent(route.name, "The rate budget had no room before the request had to leave.")
            slot = None
            try:
                try:
                    response = await self._deliver(route.name, request, send_before, verb)
                finally:
                    with suppress(SettingsError):  # an answer counts for more than its place in the budget
                        self._budget.arrived(taken, self._clock.now().timestamp(), person=person)
                if response.status == 405 and route.also and verb != route.also:
                    verb = route.also
                    continue
                answer = read_reply(call, response, self._clock.now(), self._budget)
                return Reply(answer, response.status, response.text)
            except FileChanged as error:
                raise NotSent(route.name, str(error), hint="Ask for the upload again.") from error
            except ApiError as error:
                wait = next_wait(route.effect, error, attempt, self._clock.now())
                if wait is None or (send_before and self._clock.now() + timedelta(seconds=wait) >= send_before):
                    raise
                await self._clock.sleep(wait, "before asking PostSyncer again")
                attempt += 1

    async def _deliver(self, name: str, request: Request, send_before: datetime | None, verb: Verb) -> Response:
        departure = _Departure(name, self._clock, send_before, left=self._in_process)
        departure.check()
        deadline = self.deadline_for(request)
        try:
            async with asyncio.timeout(deadline):
                response = await self._stream(name, request, departure, verb)
        except TimeoutError as error:
            raise _lost(name, departure, f"no answer within {deadline:g} s") from error
        except _UNREACHABLE as error:
            raise NotSent(
                name,
                f"PostSyncer at {self.origin} could not be reached: {error or type(error).__name__}.",
                hint="Check the network and POSTSYNCER_BASE_URL; `psa doctor` tells more.",
            ) from error
        except (httpx.HTTPError, OSError) as error:
            raise _lost(name, departure, f"the connection broke ({type(error).__name__})") from error
        finally:
            self.sent += departure.left
        self._budget.observe(self._clock.now().timestamp(), response.limits)
        self.clock_off = response.clock_off
        self._log.debug("request", operation=name, verb=verb, status=response.status)
        return response

    async def _stream(self, name: str, request: Request, departure: "_Departure", verb: str) -> Response:
        built = self._http.build_request(
            verb,
            self._bases[request.upload] + request.target,
            content=upload_body(request, request.file) if request.file else request.body,
            headers=body_headers(request),
            extensions={"trace": departure.trace},
        )
        response = await self._http.send(built, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise TooLarge(name, f"The answer is larger than {MAX_BYTES // 2**20} MB and was not read.")
        finally:
            await response.aclose()
        return Response.of(response.status_code, response.headers, self._without_token(body), self._clock.now())

    def _without_token(self, body: bytearray) -> bytes:
        """Error pages may repeat the request's headers."""
        return bytes(body.replace(self._token, b"[token]") if len(self._token) >= SHORTEST_TOKEN else body)


_UNREACHABLE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class _Departure:
    """Knows whether the request has begun to leave, and forbids that it leaves too late."""

    def __init__(self, name: str, clock: Clock, send_before: datetime | None, left: bool) -> None:
        self._name = name
        self._clock = clock
        self._send_before = send_before
        # The wall clock may be set back while this process sleeps: the time since boot may not.
        within = (send_before - clock.now()).total_seconds() if send_before else 0.0
        self._boot = boot_seconds() + within
        self.left = left

    def check(self) -> None:
        late = self._send_before and (self._clock.now() >= self._send_before or boot_seconds() >= self._boot)
        if late:
            raise NotSent(self._name, "The time in which the request had to leave is over.")

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        if event.endswith(".send_request_headers.started"):
            self.check()
            self.left = True


_LOOK = "Check the network; `psa doctor` tells more."


def next_wait(effect: Effect, error: ApiError, attempt: int, now: datetime) -> float | None:
    """Seconds until the next try, or None to give up. Pure.

    Reads and syncs: anything that may pass is tried again (syncs once). Writes: only what certainly was not applied.
    """
    if isinstance(error, RateLimited):
        wait = (error.retry_at - now).total_seconds()
        return max(0.0, wait) if attempt < WRITE_TRIES and wait <= LONGEST_WAIT_S else None
    if isinstance(error, NotSent):
        return 0.5 * attempt if attempt < WRITE_TRIES else None
    if isinstance(error, NoAnswer | ServerError | BadAnswer):
        tries = {Effect.READ: READ_TRIES, Effect.SYNC: 2}.get(effect, 1)
        return 0.5 * 2 ** (attempt - 1) if attempt < tries else None
    return None


def _lost(name: str, departure: _Departure, what: str) -> ApiError:
    if departure.left:
        return NoAnswer(name, f"{name}: {what}; the request may have been carried out.", hint=_LOOK)
    return NotSent(name, f"{name}: {what}; the request had not left.", hint=_LOOK)


def in_process(app: Any) -> httpx.AsyncBaseTransport:
    """A transport that calls an ASGI application in this process instead of the network."""
    return httpx.ASGITransport(app=app)


class SandboxHttpClock:
    """The clock of a sandbox that is served on this machine; waiting moves it where it stands still."""

    def __init__(self, controls: str) -> None:
        self._http = httpx.Client(base_url=controls, timeout=5.0, trust_env=False)

    @classmethod
    def find(cls, base_url: str) -> "SandboxHttpClock | None":
        """The clock behind a base URL, if that is a sandbox on this machine."""
        url = httpx.URL(base_url)
        if url.host not in {"127.0.0.1", "localhost", "::1"}:
            return None
        clock = cls(str(url.copy_with(path="/_sandbox")))
        try:
            clock.now()
        except (httpx.HTTPError, ValueError, KeyError):
            return None
        return clock

    def _read(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._http.get("/clock").raise_for_status().json()
        return answer

    def now(self) -> datetime:
        return datetime.fromisoformat(self._read()["now"]).astimezone(UTC)

    async def sleep(self, seconds: float, why: str = "") -> None:
        if self._read().get("frozen"):
            self._http.post("/clock", json={"advance": max(0.0, seconds)}).raise_for_status()
        else:
            await asyncio.sleep(max(0.0, seconds))
