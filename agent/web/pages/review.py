"""The queue: what waits for a person, most urgent first."""

from starlette.requests import Request
from starlette.responses import Response

from agent.web.routing import page
from agent.web.site import draw, site_of


async def _queue(request: Request) -> Response:
    house = site_of(request).house
    items = house.store.ledger.waiting(house.service, house.clock.now())
    return draw(request, "review/queue.html", items=items[:50], more=max(0, len(items) - 50))


ROUTES = (page("/", _queue),)
