"""The queue: what waits for a person, most urgent first; one item in full; several cards together."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from agent.api.catalogue import parse
from agent.api.posts import CreatePost, UpdatePost
from agent.assembly import OFFLINE
from agent.errors import Declined, PsaError
from agent.journal.ledger import Item
from agent.web.batches import MOST, batch_of
from agent.web.items import ItemTold, Looking, broken, tell
from agent.web.looks import looks_of
from agent.web.pages.deciding import ACTIONS
from agent.web.places import places
from agent.web.previews import PostCall
from agent.web.routing import number_in, page
from agent.web.site import Site, asks_for_part, draw, seat_of, site_of

PER_PAGE = 10
KINDS = ("card", "draft", "question", "task")
_LONGEST_WORDS = 100


async def _queue(request: Request) -> Response:
    site = site_of(request)
    ledger, service, now = site.house.store.ledger, site.house.service, site.house.clock.now()
    kind, words, home = _asked(request)
    there = places(site)
    counts = ledger.kinds_waiting(service, now, words=words, workspace=home)
    total = counts.get(kind, 0) if kind else sum(counts.values())
    pages = max(1, -(-total // PER_PAGE))
    at = min(_page_of(request), pages)
    asked: dict[str, Any] = {"kind": kind, "words": words, "workspace": home}
    items = ledger.waiting(service, now, **asked, most=PER_PAGE, skip=(at - 1) * PER_PAGE)
    told = _told(request, items)
    return draw(
        request,
        "review/list.html" if asks_for_part(request) else "review/queue.html",
        items=told,
        groups=_groups(told),
        counts=counts,
        everything=sum(counts.values()),
        kinds=KINDS,
        kind=kind,
        words=words,
        home=home,
        homes=sorted(there.workspaces.values(), key=lambda one: one.name.casefold()),
        at=at,
        pages=pages,
        total=total,
        address=lambda **more: _address(**{"kind": kind, "q": words, "workspace": home, "page": at, **more}),
        **_shared(site),
    )


def _asked(request: Request) -> tuple[str, str, int]:
    """Which kind, which words and which workspace (0: all) the page is asked for."""
    kind = request.query_params.get("kind", "")
    words = " ".join(request.query_params.get("q", "")[:_LONGEST_WORDS].split())
    home = request.query_params.get("workspace", "")
    known = home.isascii() and home.isdigit() and len(home) < 16
    return kind if kind in KINDS else "", words, int(home) if known else 0


def _page_of(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1


def _address(**asked: Any) -> str:
    """The queue's address with what is asked for; what is usual is left out."""
    kept = {name: value for name, value in asked.items() if value and (name, value) != ("page", 1)}
    return f"/?{urlencode(kept)}" if kept else "/"


def _shared(site: Site) -> dict[str, Any]:
    """What every template that shows items uses."""
    return {"offline": site.house.model_name == OFFLINE}


def _told(request: Request, items: Iterable[Item]) -> list[ItemTold]:
    """Items as pages tell them. One that cannot be read hides no other."""
    site = site_of(request)
    looks = looks_of(site)
    looking = _looking(request)
    told = []
    for item in items:
        try:
            told.append(tell(item, looks.state(item.run), looking))
        except PsaError as error:
            told.append(broken(item, str(error)))
        except (ValueError, LookupError):
            told.append(
                broken(item, "This version of psa cannot read its call. `psa runs verify` looks at its journal.")
            )
    return told


def _looking(request: Request) -> Looking:
    site, seat = site_of(request), seat_of(request)
    house = site.house

    def sent(post: int) -> PostCall | None:
        found = house.store.ledger.last_sent(house.service, post)
        call = parse(*found) if found is not None else None
        return call if isinstance(call, CreatePost | UpdatePost) else None

    return Looking(seat.person, seat.zone, house.packs, sent)


def _groups(told: list[ItemTold]) -> list[tuple[str, int, str]]:
    """Cards of one kind that a page shows, where they are several: what they do, how many, the page to decide them."""
    kinds: dict[str, list[int]] = {}
    for one in told:
        if one.open and one.parts and one.item.kind == "card" and (one.counted or not one.confirm):
            kinds.setdefault(one.doing.word, []).append(one.item.number)
    return [
        (word, len(numbers), "/review/batch?" + urlencode([("number", number) for number in numbers]))
        for word, numbers in kinds.items()
        if len(numbers) > 1
    ]


async def _item(request: Request) -> Response:
    site, seat = site_of(request), seat_of(request)
    shown = site.reviewer(seat.person).show(number_in(request.path_params["number"]))
    told = tell(shown.item, shown.state, _looking(request))
    trouble = site.work.trouble(shown.item.run)
    return draw(request, "review/item.html", told=told, trouble=trouble, live=False, **_shared(site))


async def _batch(request: Request) -> Response:
    site, seat = site_of(request), seat_of(request)
    numbers = sorted({number_in(one) for one in request.query_params.getlist("number")[: MOST + 1]})
    reviewer = site.reviewer(seat.person)
    shown = [reviewer.show(number) for number in numbers]
    if any(one.card is None for one in shown):
        raise Declined("Only cards are decided together.", hint="Select cards alone.")
    batch = batch_of([one.card for one in shown if one.card is not None])
    items = _told(request, [one.item for one in shown])
    return draw(request, "review/batch.html", items=items, batch=batch, **_shared(site))


ROUTES = (page("/", _queue), page("/review/batch", _batch), page("/review/{number}", _item), *ACTIONS)
