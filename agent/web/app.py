"""The app: all pages behind the guard, the files they load, and what is answered when something goes wrong."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from agent import logs
from agent.errors import Conflict, Declined, Halted, JournalError, PsaError, SettingsError
from agent.web.guard import Guard
from agent.web.pages import (
    calendar,
    chat,
    comments,
    edit,
    journal,
    live,
    login,
    performance,
    policy,
    post,
    review,
    runs,
    settings,
    writing,
)
from agent.web.site import HERE, Site, asks_for_part, draw, site_of

STATIC = HERE / "static"
_YEAR_S = 365 * 24 * 3600

#: Every page's routes. What is not here is not there.
ROUTES: tuple[BaseRoute, ...] = (
    *login.ROUTES,
    *review.ROUTES,
    *edit.ROUTES,
    *writing.ROUTES,
    *post.ROUTES,
    *calendar.ROUTES,
    *runs.ROUTES,
    *journal.ROUTES,
    *chat.ROUTES,
    *comments.ROUTES,
    *performance.ROUTES,
    *policy.ROUTES,
    *settings.ROUTES,
    *live.ROUTES,
)


def build_app(site: Site, hosts: frozenset[str]) -> ASGIApp:
    """The app of a site, answering under these names (host and port)."""
    app = Starlette(
        routes=[*ROUTES, Mount("/static", GZipMiddleware(_Files(directory=STATIC), minimum_size=500))],
        exception_handlers={PsaError: _failed, HTTPException: _http, Exception: _broke},
    )
    app.state.site = site
    return Guard(app, site.sessions, hosts, site.cookie, tls=site.tls)


@cache
def static(name: str) -> str:
    """The address of a file that pages load; it changes with the file, which may be kept for ever."""
    return f"/static/{name}?v={_digest(STATIC / name)}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


class _Files(StaticFiles):
    """Files that browsers keep where they are asked for with the digest of what they hold."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = scope["query_string"].decode("ascii", "replace")
        kept = response.status_code == 200 and asked == f"v={_digest(STATIC / path)}"
        response.headers["cache-control"] = f"public, max-age={_YEAR_S}, immutable" if kept else "no-cache"
        return response


_STATUS = ((Halted, 409), (SettingsError, 409), (Declined, 409), (Conflict, 409), (JournalError, 503))


async def _failed(request: Request, error: Exception) -> Response:
    """What one of our own errors says, and what to do next."""
    assert isinstance(error, PsaError)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 502)
    return _told(request, status, error.message, error.hint)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _told(request, 404, "There is no such page.", "The menu shows what there is.")
    return _told(request, error.status_code, error.detail, "")


async def _broke(request: Request, error: Exception) -> Response:
    logs.get("web").exception("a page broke", path=request.url.path, error=type(error).__name__)
    return _told(request, 500, "Something of ours broke.", "What was journaled stands. PSA_LOG=debug shows where.")


def _typed(request: Request) -> list[str]:
    """The words of a form that was refused, given back so that nobody writes them twice; never one's own keys."""
    secrets = site_of(request).house.settings.secrets
    return [text for text in request.scope.get("typed", ()) if not any(secret in text for secret in secrets)]


def _told(request: Request, status: int, message: str, hint: str) -> Response:
    template = "parts/trouble.html" if asks_for_part(request) else "error.html"
    response = draw(request, template, status, message=message, hint=hint, typed=_typed(request))
    if asks_for_part(request):
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
