"""What every page has: the stream of what happens, the one big stop, and the reader's theme."""

import json
from collections.abc import AsyncIterator

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agent.web.events import Change
from agent.web.guard import STREAM, session_of
from agent.web.routing import action, go_to, page, text_in
from agent.web.site import THEMES, site_of


async def _events(request: Request) -> Response:
    """Server-sent events: `queue` where the queue may look otherwise, `run` for every record, `stop`, `again`."""
    site, session = site_of(request), session_of(request)
    if request.method == "HEAD":
        return Response(media_type="text/event-stream")

    async def lines() -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        async for change in site.events.stream():
            if not site.sessions.lasts(session):
                return
            yield _lines(change)

    return StreamingResponse(lines(), media_type="text/event-stream")


def _lines(change: Change | None) -> str:
    if change is None or change.kind == "woken":
        return ": silence\n\n"
    if not change.run:
        return f"event: {change.kind}\ndata: {{}}\n\n"
    told = json.dumps({"run": change.run, "seq": change.seq, "kind": change.kind})
    queue = f"event: queue\ndata: {told}\n\n" if change.queue else ""
    return f"event: run\ndata: {told}\n\n{queue}"


async def _stop(request: Request, _form: FormData) -> Response:
    site_of(request).house.store.set_stopped(True)
    return go_to(request, "/", "Everything is stopped: nothing is sent until somebody lets it go on.")


async def _go_on(request: Request, _form: FormData) -> Response:
    site_of(request).house.store.set_stopped(False)
    return go_to(request, "/", "Runs may send again.")


async def _theme(request: Request, form: FormData) -> Response:
    theme = text_in(form, "theme")
    response = go_to(request, "/")
    response.set_cookie(
        "psa_theme",
        theme if theme in THEMES else "",
        max_age=365 * 24 * 3600,
        secure=site_of(request).tls,
        httponly=True,
        samesite="lax",
    )
    return response


ROUTES = (
    page(STREAM, _events),
    action("/stop", _stop),
    action("/resume-all", _go_on),
    action("/theme", _theme, role="viewer"),
)
