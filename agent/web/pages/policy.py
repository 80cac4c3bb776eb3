"""Policy: the rules in force and what each did, standing permissions, and checking a text without sending it."""

import asyncio
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from agent.assembly import House, packs_with, surroundings_of
from agent.errors import Declined
from agent.gate.past import Past
from agent.journal.findings import Mode
from agent.journal.store import open_store
from agent.policy.about import about
from agent.policy.checking import Checked, check
from agent.policy.layers import Scope
from agent.policy.places import in_words, places_in_words
from agent.reports.standing import TOLD_DAYS, standing_told
from agent.review.checking import Subject, Wish, known_of, of_text
from agent.review.standing import allow, revoke
from agent.web import rulebook
from agent.web.connected import Connected, connected, named
from agent.web.routing import action, go_to, number_in, page, text_in
from agent.web.site import draw, seat_of, site_of

#: Longer texts are not checked: no network takes one.
MOST_TEXT = 100_000


@dataclass(frozen=True)
class Of:
    """Whom the rules are shown for, as the form has it, and their scopes from the general to the special."""

    chosen: str
    scopes: tuple[Scope, ...]


def _of(text: str, known: Connected) -> Of:
    kind, _, key = text.partition("-")
    if not text:
        return Of("", ())
    if kind == "workspace" and number_in(key) in known.workspaces:
        return Of(text, (("workspace", int(key)),))
    if kind == "account" and (account := known.accounts.get(number_in(key))) is not None:
        home: tuple[Scope, ...] = (("workspace", account.workspace_id),) if account.workspace_id else ()
        return Of(text, (*home, ("account", account.id)))
    raise Declined("That account or workspace is not known here.", hint="Choose from the list of the page.")


def _mode(text: str) -> Mode:
    return "unattended" if text == "unattended" else "attended"


async def _rules(request: Request) -> Response:
    house = site_of(request).house
    known = connected(house.store, house.service)
    of, mode = _of(request.query_params.get("of", ""), known), _mode(request.query_params.get("mode", ""))
    pack = house.packs.of(mode)
    since = (house.clock.now() - timedelta(days=rulebook.TOLD_DAYS)).date()
    found = house.store.ledger.overview.found(house.service, since)
    return draw(
        request,
        "policy/rules.html",
        groups=rulebook.groups(pack, packs_with(None).of("attended"), of.scopes, found),
        pack=pack,
        known=known,
        chosen=of.chosen,
        mode=mode,
        days=rulebook.TOLD_DAYS,
    )


async def _rule(request: Request) -> Response:
    house = site_of(request).house
    mode = _mode(request.query_params.get("mode", ""))
    pack = house.packs.of(mode)
    rule = pack.rule(request.path_params["rule"])
    if rule is None:
        raise Declined("There is no such rule.", hint="The page of the policy lists them all.")
    since = (house.clock.now() - timedelta(days=rulebook.TOLD_DAYS)).date()
    found = house.store.ledger.overview.found(house.service, since).get(rule.id, {})
    return draw(
        request,
        "policy/rule.html",
        rule=about(rule, pack, packs_with(None).of("attended"), ()),
        found=[(verdict.word, found[verdict]) for verdict in sorted(found, reverse=True)],
        told=rulebook.told,
        mode=mode,
        days=rulebook.TOLD_DAYS,
    )


# -- standing permissions ----------------------------------------------------------------------------------------------


async def _standing(request: Request) -> Response:
    house = site_of(request).house
    pack = house.packs.of("attended")
    told = standing_told(pack.standing, house.store.ledger, house.service, house.clock.now())
    return draw(request, "policy/standing.html", permissions=told, days=TOLD_DAYS)


async def _revoke(request: Request, form: FormData) -> Response:
    name = text_in(form, "name")
    revoke(site_of(request).house, seat_of(request).person, name, text_in(form, "reason").strip())
    return go_to(request, "/policy/standing", f"{name} is revoked: what it would let out waits on a card.")


async def _allow(request: Request, form: FormData) -> Response:
    name = text_in(form, "name")
    allow(site_of(request).house, seat_of(request).person, name)
    return go_to(request, "/policy/standing", f"{name} is in force again.")


# -- checking a text ---------------------------------------------------------------------------------------------------


async def _ask(request: Request) -> Response:
    return _drawn(request, None, "", "", "", "")


def _drawn(
    request: Request, answer: tuple[Subject, Checked] | None, text: str, on: str, at: str, mode: str
) -> Response:
    house = site_of(request).house
    known = connected(house.store, house.service)
    return draw(
        request,
        "policy/check.html",
        subject=answer[0] if answer else None,
        checked=answer[1] if answer else None,
        in_words=in_words,
        places_in_words=places_in_words,
        known=known,
        named=named,
        text=text,
        on=on,
        at=at,
        mode=mode,
    )


async def _check(request: Request, form: FormData) -> Response:
    """Nothing is sent and nothing is kept."""
    house = site_of(request).house
    text, at, mode = text_in(form, "text"), text_in(form, "at").strip(), text_in(form, "mode")
    on = text_in(form, "on")
    if not text.strip():
        raise Declined("There is no text to check.", hint="Write or paste one.")
    if len(text) > MOST_TEXT:
        raise Declined(f"That text has {len(text):,} letters.", hint=f"Check {MOST_TEXT:,} at most.")
    wish = Wish(_accounts(on, connected(house.store, house.service)), (), at.replace("T", " "), mode == "unattended")
    now = house.clock.now()
    return _drawn(request, await asyncio.to_thread(_judged, house, text, wish, now), text, on, at, mode)


def _accounts(on: str, known: Connected) -> tuple[str, ...]:
    """The accounts that are meant: one, all of a workspace, or what a text is checked for by itself."""
    of = _of(on, known)
    if not of.scopes:
        return ()
    kind, key = of.scopes[-1]
    return (str(key),) if kind == "account" else tuple(str(one.id) for one in known.of(key))


def _judged(house: House, text: str, wish: Wish, now: datetime) -> tuple[Subject, Checked]:
    """On a thread of its own, with a journal of its own: reading what a run knew must hold up no page."""
    with closing(open_store(house.home)) as store:
        past = Past(store, house.packs, surroundings_of(house.settings, house.home), house.service, now)
        pack = house.packs.of(wish.mode)
        subject = of_text(text, known_of(past), wish, now, pack)
        return subject, check(subject.call, subject.facts, pack, of_text=True)


ROUTES = (
    page("/policy", _rules),
    page("/policy/rules/{rule}", _rule),
    page("/policy/standing", _standing),
    action("/policy/standing/revoke", _revoke),
    action("/policy/standing/allow", _allow, role="owner"),
    page("/policy/check", _ask),
    action("/policy/check", _check, role="viewer", most=1024 * 1024),
)
