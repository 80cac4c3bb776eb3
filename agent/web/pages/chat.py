"""The chat: the conversation of `psa chat` in a browser. Nothing is decided by words, only by buttons and commands."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from agent.assembly import OFFLINE
from agent.chat.conversation import Conversation
from agent.gate.decisions import confirmation
from agent.planner.goal_text import MOST_GOAL
from agent.review.reviewer import Shown, leaves_draft
from agent.review.showing import became, due_text, text_of
from agent.web.guard import session_of
from agent.web.pages.live import RETRY_MS
from agent.web.pages.runs import shelf_of
from agent.web.places import places
from agent.web.routing import action, number_in, page, text_in
from agent.web.sessions import Session
from agent.web.site import Site, asks_for_part, draw, site_of
from agent.web.suggestions import suggestions
from agent.web.talk import Piece, Talk
from agent.web.talks import talks_of

#: Without a script a form's answer shows what became of it, if that takes no longer.
SOON_S = 3.0
#: Newest runs in which the workspaces and accounts are looked for.
_LOOKED_AT = 3


def _session(request: Request) -> Session:
    session = session_of(request)
    if session is None:
        raise HTTPException(401)
    return session


def _talk(request: Request) -> Talk:
    return talks_of(site_of(request)).of(_session(request))


# -- looking -----------------------------------------------------------------------------------------------------------


async def _page(request: Request) -> Response:
    site, talk = site_of(request), _talk(request)
    house = site.house
    stand = talk.stand
    return draw(
        request,
        "chat/chat.html",
        talk=talk,
        stand=stand,
        cards={one.number: _card(site, one.number) for one in talk.entries if one.kind == "card"},
        earlier=[one for one in house.store.ledger.conversations(house.service) if one.run != stand.run],
        suggested=_suggested(site, talk.workspaces) if not talk.entries else [],
        offline=house.model_name == OFFLINE,
        goal=request.query_params.get("goal", "")[:MOST_GOAL],
        homes=sorted(places(site).workspaces.values(), key=lambda one: one.name.casefold()),
        **_within(site, talk),
    )


def _within(site: Site, talk: Talk) -> dict[str, Any]:
    """The workspaces that the conversation keeps to, by name."""
    run = talk.conversation.run
    opened = run.state.opened if run is not None else None
    keeps = opened.workspaces if opened is not None else talk.workspaces
    there = places(site)
    return {"chosen": keeps, "within": [there.name(int(one)) if one.isdecimal() else one for one in keeps]}


def _suggested(site: Site, within: Sequence[str]) -> list[str]:
    """Goals to begin with, from what the newest runs read of these workspaces, or of all."""
    for row in site.house.store.ledger.runs(_LOOKED_AT):
        state = shelf_of(site).look(row.run).state
        if state.known.accounts and state.opened is not None and state.opened.service == site.house.service:
            homes = {key: one for key, one in state.known.workspaces.items() if not within or str(key) in within}
            accounts = {key: one for key, one in state.known.accounts.items() if one.workspace_id in homes}
            return suggestions(homes, accounts)
    return suggestions({}, {})


def _card(site: Site, number: int) -> dict[str, Any] | None:
    """A card as it stands now; None where it is none of this service."""
    item = site.house.store.ledger.item(number)
    if item is None or item.kind != "card":
        return None
    state = shelf_of(site).look(item.run).state
    view = state.cards.get(number)
    if view is None or state.opened is None or state.opened.service != site.house.service:
        return None
    single = view.parts[0] if len(view.parts) == 1 else None
    return {
        "view": view,
        "card": view.card,
        "run": item.run,
        "became": became(state, view) if view.state != "open" else "",
        "confirm": confirmation(view.card, len(view.parts)),
        "due": due_text(view.parts[0].instant) if view.card.due and view.parts[0].instant else "",
        "text": text_of(single.arguments) if single is not None else "",
        "leaves": leaves_draft(Shown(item, state, view)),
        "expired": view.state == "open" and view.card.expires <= site.house.clock.now(),
    }


async def _card_part(request: Request) -> Response:
    card = _card(site_of(request), number_in(request.path_params["number"]))
    if card is None:
        raise HTTPException(404)
    return draw(request, "chat/card.html", one=card)


async def _state(request: Request) -> Response:
    talk = _talk(request)
    return draw(request, "chat/state.html", stand=talk.stand)


async def _head(request: Request) -> Response:
    talk = _talk(request)
    return draw(request, "chat/head.html", talk=talk, stand=talk.stand, **_within(site_of(request), talk))


async def _events(request: Request) -> Response:
    """Server-sent events: each piece of the conversation, those since `after` or the last one heard first."""
    site, session, talk = site_of(request), _session(request), _talk(request)
    cursor = request.headers.get("last-event-id", "") or request.query_params.get("after", "")

    async def lines() -> AsyncIterator[str]:
        async with aclosing(talk.stream(cursor)) as pieces:
            async for piece in pieces:
                if not site.sessions.lasts(session):
                    return
                yield _lines(talk, piece)
                if piece is not None and piece.kind == "again":
                    return

    return StreamingResponse(lines(), media_type="text/event-stream")


def _lines(talk: Talk, piece: Piece | None) -> str:
    if piece is None:
        return f"retry: {RETRY_MS}\n\n"
    told = {"kind": piece.kind, "entry": piece.entry, "text": piece.text, "number": piece.number}
    return f"id: {talk.name}.{piece.id}\nevent: piece\ndata: {json.dumps(told)}\n\n"


# -- saying and deciding -----------------------------------------------------------------------------------------------


async def _say(request: Request, form: FormData) -> Response:
    talk = _talk(request)
    text = text_in(form, "text")
    if text.strip():
        await talk.take(text)
    return await _back(request, talk)


def _does(work: Callable[[Conversation, int, FormData], Awaitable[Any]]) -> Callable[..., Awaitable[Response]]:
    """An action on one card of the queue, or on the conversation where its path names none."""

    async def do(request: Request, form: FormData) -> Response:
        talk = _talk(request)
        number = number_in(request.path_params.get("number", "0"))
        await talk.do(work(talk.conversation, number, form))
        return await _back(request, talk)

    return do


async def _approve(talk: Conversation, number: int, form: FormData) -> None:
    await talk.approve([number], text_in(form, "confirm").strip())


async def _reject(talk: Conversation, number: int, form: FormData) -> None:
    await talk.reject([number], text_in(form, "why").strip(), delete=bool(text_in(form, "delete")))


async def _edit(talk: Conversation, number: int, form: FormData) -> None:
    await talk.edit(number, text_in(form, "text"))


async def _stop(talk: Conversation, _number: int, _form: FormData) -> None:
    if not await talk.stop("stopped in the browser"):
        talk.narrator.note("Nothing is being worked on.")


async def _go_on(talk: Conversation, _number: int, _form: FormData) -> None:
    talk.go_on()


async def _skip(talk: Conversation, _number: int, _form: FormData) -> None:
    talk.skip()


async def _new(request: Request, form: FormData) -> Response:
    """Another conversation, which keeps to a workspace where one is named."""
    home = text_in(form, "workspace")
    within = (str(number_in(home)),) if home else ()
    await talks_of(site_of(request)).anew(_session(request), workspaces=within)
    return RedirectResponse("/chat", 303)


async def _take_up(request: Request, form: FormData) -> Response:
    await talks_of(site_of(request)).anew(_session(request), text_in(form, "run"))
    return RedirectResponse("/chat", 303)


async def _back(request: Request, talk: Talk) -> Response:
    """To the conversation; with a script it hears by its stream what becomes of it."""
    if asks_for_part(request):
        return Response(status_code=204)
    await talk.settled(SOON_S)
    return RedirectResponse("/chat#end", 303)


ROUTES = (
    page("/chat", _page, "editor"),
    page("/chat/state", _state, "editor"),
    page("/chat/head", _head, "editor"),
    page("/chat/events", _events, "editor"),
    page("/chat/cards/{number}", _card_part, "editor"),
    action("/chat", _say),
    action("/chat/cards/{number}/approve", _does(_approve)),
    action("/chat/cards/{number}/reject", _does(_reject)),
    action("/chat/cards/{number}/edit", _does(_edit)),
    action("/chat/stop", _does(_stop)),
    action("/chat/continue", _does(_go_on)),
    action("/chat/skip", _does(_skip)),
    action("/chat/new", _new),
    action("/chat/take-up", _take_up),
)
