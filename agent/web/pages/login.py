"""Logging in: by the one-time link that `psa serve` prints, or with a name and password; and out."""

import asyncio
import math
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from agent.gate.decisions import Person
from agent.web import users
from agent.web.guard import session_id
from agent.web.routing import TooMuch, action, form_of, text_in
from agent.web.sessions import LASTS_S
from agent.web.site import Site, draw, site_of

#: Bytes of what a login sends.
_MOST = 8 * 1024


async def _form(request: Request) -> Response:
    return _drawn(request)


def _drawn(request: Request, status: int = 200, trouble: str = "") -> Response:
    site = site_of(request)
    token = request.query_params.get("token", "") if status == 200 else ""
    return draw(
        request, "login.html", status, link=token, names=bool(site.people.now().users), trouble=trouble, bare=True
    )


async def _log_in(request: Request) -> Response:
    """No session yet, so no token of one: the guard has checked that the form is ours."""
    site = site_of(request)
    try:
        form = await form_of(request, _MOST)
    except TooMuch:
        return _drawn(request, 413, "That is too long.")
    link, name, password = (text_in(form, field) for field in ("link", "name", "password"))
    if link:
        person = site.sessions.redeem(link)
        if person is None:
            return _drawn(request, 403, "This link was used already or is too old.")
        return _begin(request, site, person)
    if text_in(form, "print"):
        return _print(request, site)
    wait = site.throttle.wait(name)
    if wait:
        return _drawn(request, 429, f"Too many tries. Try again in {math.ceil(wait / 60)} min.")
    user = site.people.now().users.get(name)
    if not await asyncio.to_thread(users.check, user, password) or user is None:
        return _drawn(request, 403, "Name or password is wrong.")
    site.throttle.right(name)
    return _begin(request, site, users.person_of(name, user), lambda: site.people.stands(name, user))


def _print(request: Request, site: Site) -> Response:
    """A new link in the terminal: whoever can read that may log in."""
    if site.throttle.may_print():
        site.tell(f"log in: {site.offer()}")
    return _drawn(request, 200, "A new link stands in the terminal that psa serve runs in.")


def _begin(request: Request, site: Site, person: Person, stands: Callable[[], bool] = lambda: True) -> Response:
    name = site.cookie
    response = RedirectResponse("/", 303)
    new = site.sessions.begin(person, session_id(request.headers, name), stands)
    response.set_cookie(name, new, max_age=int(LASTS_S), path="/", secure=site.tls, httponly=True, samesite="lax")
    return response


async def _log_out(request: Request, _form: object) -> Response:
    site = site_of(request)
    name = site.cookie
    site.sessions.end(session_id(request.headers, name))
    site.events.wake()
    response = RedirectResponse("/login", 303)
    response.delete_cookie(name, path="/", secure=site.tls, httponly=True, samesite="lax")
    return response


ROUTES = (
    Route("/login", _form, methods=["GET"]),
    Route("/login", _log_in, methods=["POST"]),
    action("/logout", _log_out, role="viewer"),
)
