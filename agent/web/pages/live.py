"""What every page has: the stream of what happens, the one big stop, and the reader's theme."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agent.web.events import Change, Cursor
from agent.web.guard import STREAM, session_of
from agent.web.routing import action, go_to, page, text_in
from agent.web.site import THEMES, site_of

#: A browser that lost its stream asks for it anew after so long.
RETRY_MS = 1000


async def _events(request: Request) -> Response:
    """Server-sent events: `queue` where the queue may look otherwise, `run` for every record, `stop`, `again`.

    They begin behind what the page was drawn with (`after`), or what a lost stream told last.
    """
    site, session = site_of(request), session_of(request)
    seen = Cursor.read(request.headers.get("last-event-id", "") or request.query_params.get("after", ""))

    async def lines() -> AsyncIterator[str]:
        async with aclosing(site.events.stream(seen)) as changes:
            async for change in changes:
                if not site.sessions.lasts(session):
                    return
                yield _lines(change)

    return StreamingResponse(lines(), media_type="text/event-stream")


def _lines(change: Change | None) -> str:
    if change is None or change.kind == "woken":
        return f"retry: {RETRY_MS}\n\n"
    if not change.run:
        return f"id: {change.at}\nevent: {change.kind}\ndata: {{}}\n\n"
    told = json.dumps({"run": change.run, "seq": change.seq, "kind": change.kind})
    queue = f"event: queue\ndata: {told}\n\n" if change.queue else ""
    return f"{queue}id: {change.at}\nevent: run\ndata: {told}\n\n"


async def _stop(request: Request, _form: FormData) -> Response:
    site_of(request).house.store.set_stopped(True)
    return go_to(request, "/", "Everything is stopped: nothing is sent until somebody lets it go on.")


async def _go_on(request: Request, _form: FormData) -> Response:
    site_of(request).house.store.set_stopped(False)
    return go_to(request, "/runs?show=unfinished", "Runs may send again. These are not finished.")


async def _theme(request: Request, form: FormData) -> Response:
    theme = text_in(form, "theme")
    response = go_to(request, "/settings")
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
