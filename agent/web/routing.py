"""How pages and actions are declared: who may, how much may be sent, and that a form is one of ours."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.errors import Declined
from agent.web.guard import session_of
from agent.web.site import asks_for_part, seat_of, site_of

Page = Callable[[Request], Awaitable[Response]]
Action = Callable[[Request, FormData], Awaitable[Response]]

#: Fields in which people write words: where an action is refused, its page gives them back.
WORDS = ("text", "goal", "wish", "reason", "why", "how")

#: Bytes of a form; an action that takes files names its own figure.
FORM_BYTES = 256 * 1024


#: Seconds that a form may take, and bytes in each second more that a larger one may take.
FORM_S, SLOWEST = 30.0, 16 * 1024


class TooMuch(Exception):
    """A request that is larger, or slower, than its action takes."""


class Guarded(Route):
    """A route with the role it needs and, for an action, the bytes it takes."""

    role = "viewer"
    most = 0

    @classmethod
    def declared(cls, path: str, endpoint: Page, method: str, role: str, most: int = 0) -> "Guarded":
        """A route for one method."""
        route = cls(path, endpoint, methods=[method])
        route.role, route.most = role, most
        return route


def page(path: str, show: Page, role: str = "viewer") -> Guarded:
    """Something to look at; it changes nothing."""

    @wraps(show)
    async def shown(request: Request) -> Response:
        _check(request, role)
        request.scope["news"] = site_of(request).events.now  # what happens while it is drawn is news to it
        response = await show(request)
        if request.method == "HEAD" and isinstance(response, StreamingResponse):
            return Response(status_code=response.status_code, media_type=response.media_type)  # it may never end
        return response

    return Guarded.declared(path, shown, "GET", role)


def action(path: str, do: Action, role: str = "editor", most: int = FORM_BYTES) -> Guarded:
    """Something that changes: a POST by somebody who may, from a form of this session, of at most `most` bytes."""

    @wraps(do)
    async def done(request: Request) -> Response:
        _check(request, role)
        try:
            form = await form_of(request, most)
        except TooMuch:
            return PlainTextResponse(f"That is larger than {most // 1024} kB, or came too slowly.", 413)
        try:
            session = session_of(request)
            token = request.headers.get("x-token") or form.get("token")
            if session is None or not isinstance(token, str) or not session.knows(token):
                return PlainTextResponse("This page is too old. Load it again.", 403)
            request.scope["typed"] = [text for name in WORDS if (text := text_in(form, name)).strip()]
            return await do(request, form)
        finally:
            await form.close()

    return Guarded.declared(path, done, "POST", role, most)


def _check(request: Request, role: str) -> None:
    seat = seat_of(request)
    if not seat.may(role):
        raise Declined(f"That needs the role {role}; {seat.person.name} is {seat.person.role}.", hint="Ask an owner.")


async def form_of(request: Request, most: int) -> FormData:
    """What a form sent. Raises TooMuch."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise TooMuch
    received = 0
    receive = request.receive

    async def counted() -> Any:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise TooMuch
        return message

    counting = Request(request.scope, counted)
    try:
        async with asyncio.timeout(FORM_S + most / SLOWEST):
            return await counting.form(max_files=20, max_fields=2000, max_part_size=most)
    except TimeoutError as error:
        raise TooMuch from error


def text_in(form: FormData, name: str) -> str:
    """A text field with line ends as everywhere else; empty where it is missing."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def number_in(text: str) -> int:
    """A number of the queue in a path or field. Raises Declined."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Declined(f"{text[:20]!r} is no number.", hint="Go back to the queue.")
    return int(text)


def go_to(request: Request, path: str, says: str = "") -> Response:
    """On to another page of ours after an action, with a sentence to show there."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        path = "/"
    path = quote(path, safe="/?#=&%:@!$'()*+,;~")
    session = session_of(request)
    if says and session is not None:
        session.notes.append(says)
    if asks_for_part(request):
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)
