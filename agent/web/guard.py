"""The gate in front of all pages: which host was asked, who asks, and the headers that every answer carries."""

from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.sessions import Session, Sessions

#: What is answered without a session: this page, and the files that pages load.
LOGIN, FILES = "/login", "/static/"
#: How the addresses of streams end, and the mark of what an open page asks for by itself: no use of a session.
STREAM, BY_ITSELF = "/events", "x-by-itself"

#: No script but our own files, nothing from elsewhere, no frame around us.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
_YEAR_S = 365 * 24 * 3600


class Guard:
    """Refuses what does not come from a page of ours before any page is asked, and finds the session."""

    def __init__(self, app: ASGIApp, sessions: Sessions, hosts: Collection[str], cookie: str, *, tls: bool) -> None:
        self._app = app
        self._sessions = sessions
        self._hosts = frozenset(hosts)
        self._tls = tls
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        used = not scope["path"].endswith(STREAM) and BY_ITSELF not in headers
        scope["session"] = self._sessions.find(session_id(headers, self._cookie), use=used)
        refusal = self._refusal(scope, headers)
        answer: ASGIApp = refusal if refusal is not None else self._app
        await answer(scope, receive, self._with_headers(scope, send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            says = "This server does not answer under that name. Names are given to it with psa serve --name."
            return PlainTextResponse(says, 421)
        if scope["method"] not in {"GET", "HEAD"} and not self._ours(headers, host):
            return PlainTextResponse("That did not come from a page of this server.", 403)
        if scope["session"] is None and scope["path"] != LOGIN and not scope["path"].startswith(FILES):
            return self._to_login(scope, headers)
        return None

    def _ours(self, headers: Headers, host: str) -> bool:
        """Whether a change comes from a page of ours. A page without referrers sends "null" for its own forms."""
        origin = headers.get("origin", "null")
        if origin != "null":
            return origin.lower() == f"{'https' if self._tls else 'http'}://{host}"
        return headers.get("sec-fetch-site", "") == "same-origin"

    def _to_login(self, scope: Scope, headers: Headers) -> Response:
        if "hx-request" in headers:
            return Response(status_code=401, headers={"HX-Redirect": "/login"})
        if scope["method"] not in {"GET", "HEAD"} or "text/html" not in headers.get("accept", ""):
            return PlainTextResponse("Log in first.", 401)
        return RedirectResponse("/login", 303)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if not scope["path"].startswith("/static/"):
                    headers["cache-control"] = "no-store"
                if self._tls:
                    headers["strict-transport-security"] = f"max-age={_YEAR_S}"
            await send(message)

        return sending


def cookie_name(port: int, *, tls: bool) -> str:
    """The session's cookie: bound to exactly this host where there is TLS. Ports of a host share their cookies."""
    return f"__Host-psa-{port}" if tls else f"psa-{port}"


def session_id(headers: Headers, name: str) -> str:
    """The id that a request carries; empty where it carries none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def session_of(request: Request) -> Session | None:
    """The session that the guard found."""
    found: Session | None = request.scope["session"]
    return found
