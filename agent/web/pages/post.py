"""A post in full, whatever its state: its words, what became of it on each account, and what can be done next."""

from starlette.requests import Request
from starlette.responses import Response

from agent.api.types import Post
from agent.tools.body import CHANGEABLE
from agent.web.pages.edit import number_in
from agent.web.places import places
from agent.web.routing import page
from agent.web.shown_post import told_post
from agent.web.site import Site, draw, seat_of, site_of
from agent.web.subjects import seen_post
from agent.web.versions import post_texts
from agent.web.world import facts_in, trial


async def _show(request: Request) -> Response:
    site, person, number = site_of(request), seat_of(request).person, number_in(request)
    seen = seen_post(site, number)
    if seen is None:
        return draw(request, "edit/unread.html", post=number, back="post")
    post, there = seen.post, places(site)
    run = trial(site, person, f"Look at post {number}", post=post)
    pack = site.house.packs.of("person")
    return draw(
        request,
        "post/page.html",
        post=post,
        seen=seen,
        told=told_post(post, facts_in(run), pack, there.zone(post.home), post_texts(post)),
        workspace=there.name(post.home),
        cards=_cards(site, post),
        open=post.status in CHANGEABLE,
    )


def _cards(site: Site, post: Post) -> list[int]:
    """The cards that wait to bring it out."""
    house = site.house
    return [card for card, one in house.store.ledger.planned_by(house.service, house.clock.now()) if one.id == post.id]


ROUTES = (page("/posts/{number}", _show),)
