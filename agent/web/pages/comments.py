"""Comments: an inbox over all posts, from what runs have read, with the cards that wait about each."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from agent.gate.decisions import confirmation
from agent.journal import records as r
from agent.policy.verdict import Finding, Verdict
from agent.review.showing import text_of
from agent.web.asking import TOLD
from agent.web.hearing import READING, Inbox, Look, inbox_of, newest_out, read_look, room_of
from agent.web.inbox import STATES, Line, author
from agent.web.pages.answering import ACTIONS, BESIDES
from agent.web.routing import number_in, page
from agent.web.site import Site, asks_for_part, draw, site_of

#: Comments of a page.
_ROWS = 50
#: Characters of a comment in the list; the rest stands on a page of its own.
_SHOWN = 2000


async def _comments(request: Request) -> Response:
    site, look = site_of(request), read_look(request.query_params)
    inbox = inbox_of(site)
    mine = inbox.of(look)
    found = mine if look.all else [one for one in mine if one.open]
    rows = [inbox.told(one) for one in found[(look.page - 1) * _ROWS : look.page * _ROWS]]
    values: dict[str, Any] = {
        "groups": [(post, list(some)) for post, some in groupby(rows, key=lambda one: one.post)],
        "cards": _cards(site, rows),
        "look": look,
        "total": len(found),
        "count_open": sum(one.open for one in mine),
        "count_all": len(mine),
        "pages": -(-len(found) // _ROWS),
        "most": _SHOWN,
        **_common(site, inbox),
    }
    return draw(request, "comments/list.html" if asks_for_part(request) else "comments/page.html", **values)


async def _comment(request: Request) -> Response:
    site = site_of(request)
    inbox = inbox_of(site)
    line = inbox.line(number_in(request.path_params["comment"]))
    values = _common(site, inbox) | {"line": line, "cards": _cards(site, [line]), "look": Look(all=True), "most": 10**6}
    return draw(request, "comments/one.html", **values)


async def _how_old(request: Request) -> Response:
    site = site_of(request)
    return draw(request, "comments/age.html", **_common(site, inbox_of(site)))


def _common(site: Site, inbox: Inbox) -> dict[str, Any]:
    """What every part of this page may show."""
    house, room = site.house, room_of(site)
    newest = len(newest_out(site, inbox.posts))
    return {
        "places": inbox.places,
        "posts": inbox.posts,
        "states": STATES,
        "author": author,
        "reading": site.work.going(READING),
        "reading_said": room.said,
        "trouble": site.work.trouble(READING),
        "newest": newest,
        "requests": newest + BESIDES,
        "requests_left": house.gate.budget.left(house.clock.now().timestamp()),
        "ever": bool(room.heard.threads),
        "reasons": _reasons(site),
        "language_model": bool(house.settings.psa_model),
    }


def _reasons(site: Site) -> list[str]:
    """For what others' comments are taken away without the policy asking back."""
    rule = site.house.packs.of("person").rule("comments.reason")
    return list(rule.parameters["words"]) if rule is not None else []


@dataclass(frozen=True)
class Waiting:
    """A card about a comment, as far as this page shows it: what would be said, and what has to be typed for it."""

    card: r.Card
    text: str
    confirm: str
    findings: tuple[Finding, ...]


def _cards(site: Site, rows: list[Line]) -> dict[int, Waiting]:
    """The cards about these comments that can be decided now, by number."""
    store, found = site.house.store, dict[int, Waiting]()
    for number in {card for one in rows for card in one.cards.values()}:
        item = store.ledger.item(number)
        card = store.shown.card(item.run, item.seq) if item is not None and item.state == "open" else None
        if card is not None:
            text = text_of(card.parts[0].arguments) if card.operation in {"CreateComment", "UpdateComment"} else ""
            every = [one for part in card.parts for one in part.findings]
            findings = tuple(one for one in every if one.verdict > Verdict.ALLOW and one.rule not in TOLD)
            found[number] = Waiting(card, text, confirmation(card, len(card.parts)), findings)
    return found


ROUTES = (
    page("/comments", _comments),
    page("/comments/age", _how_old),
    page("/comments/{comment}", _comment),
    *ACTIONS,
)
