"""Performance: how accounts and posts did, from numbers that runs and nights have read."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import Declined
from agent.journal.overview import Numbers
from agent.review.measuring import read_numbers
from agent.web import measured
from agent.web.connected import Connected, connected
from agent.web.measured import DAYS, NAMES, PER_PAGE, Scope, Seen
from agent.web.routing import action, go_to, number_in, page
from agent.web.site import Site, draw, seat_of, site_of

#: The name under which numbers are read behind the pages, one reading at a time.
READING = "numbers"


@dataclass(frozen=True)
class Wish:
    """What the reader wants to see."""

    scope: Scope
    metric: str
    days: int
    page: int

    @property
    def chosen(self) -> str:
        """The scope as the list has it."""
        return f"{self.scope.kind}-{self.scope.key}" if self.scope.kind != "all" else ""

    def query(self, **changes: object) -> str:
        """As an address holds it."""
        return urlencode({"of": self.chosen, "metric": self.metric, "days": self.days, "page": self.page, **changes})


def _wish(request: Request, known: Connected) -> Wish:
    """Raises Declined for what is no account, number or page."""
    asked = request.query_params
    metric, days = asked.get("metric", "") or "impressions", asked.get("days", "") or "30"
    if metric not in NAMES or days not in {str(one) for one in DAYS}:
        raise Declined("There are no such numbers.", hint="Choose from the lists of the page.")
    return Wish(_scope(asked.get("of", ""), known), metric, int(days), max(1, number_in(asked.get("page", "") or "1")))


def _scope(text: str, known: Connected) -> Scope:
    if not text:
        return Scope()
    kind, _, key = text.partition("-")
    if kind == "account" and number_in(key) in known.accounts:
        return Scope("account", int(key))
    if kind == "workspace" and number_in(key) in known.workspaces:
        return Scope("workspace", int(key))
    raise Declined("That account or workspace is not known here.", hint="Choose from the list of the page.")


async def _show(request: Request) -> Response:
    site = site_of(request)
    ledger, service = site.house.store.ledger, site.house.service
    known = connected(site.house.store, service)
    wish = _wish(request, known)
    now = site.house.clock.now()
    days = ledger.overview.days(service, wish.scope.kind, wish.scope.key, (now - timedelta(days=wish.days)).date())
    found = measured.publications(ledger, service, known, _seen(site), wish.scope)
    ranked = measured.by_metric(found, wish.metric)
    most = max(1, -(-len(ranked) // PER_PAGE))
    shown_from = (min(wish.page, most) - 1) * PER_PAGE
    return draw(
        request,
        "performance/page.html",
        wish=wish,
        known=known,
        names=NAMES,
        spans=DAYS,
        shown=measured.shown,
        chosen=wish.chosen,
        elsewhere=lambda one, zone: measured.elsewhere(one, known, zone),
        tiles=measured.tiles(days, last := _last(site, wish.scope)),
        last=last,
        days=days[::-1],
        line=measured.over_time(days, wish.metric, wish.days, now.date()),
        hours=measured.by_hour(found, wish.metric, known),
        accounts=measured.account_rows(ledger, service, known, wish.scope, wish.metric),
        best=ranked[: measured.BEST],
        worst=measured.weakest(ranked),
        posts=ranked[shown_from : shown_from + PER_PAGE],
        total=len(ranked),
        page=min(wish.page, most),
        pages=most,
        reading=site.work.going(READING),
        trouble=site.work.trouble(READING),
    )


def _last(site: Site, scope: Scope) -> Numbers | None:
    read = site.house.store.ledger.overview.measured(site.house.service, scope.kind)
    return next((one for one in read if one.object == scope.key), None)


def _seen(site: Site) -> Seen:
    seen = site.rooms.setdefault("performance", Seen())
    assert isinstance(seen, Seen)
    return seen


async def _read(request: Request, _form: FormData) -> Response:
    site, person = site_of(request), seat_of(request).person
    said: list[str] = []

    async def read() -> None:
        said.append((await read_numbers(site.house, person.name, person=True)).says)

    site.work.begin(READING, read())
    await site.work.wait(READING, 2.0)
    going = "The numbers are being read; this page shows them as they come."
    trouble = site.work.trouble(READING)
    return go_to(request, "/performance", said[0] if said else "" if trouble else going)


async def _export(request: Request) -> Response:
    site = site_of(request)
    ledger, service = site.house.store.ledger, site.house.service
    known = connected(site.house.store, service)
    wish = _wish(request, known)
    match request.path_params["what"]:
        case "posts":
            found = measured.publications(ledger, service, known, _seen(site), wish.scope)
            text = measured.csv_of(measured.POST_HEAD, measured.post_cells(found, known))
        case "accounts":
            rows = measured.account_rows(ledger, service, known, wish.scope, wish.metric)
            text = measured.csv_of(measured.ACCOUNT_HEAD, measured.account_cells(rows))
        case "days":
            since = (site.house.clock.now() - timedelta(days=wish.days)).date()
            days = ledger.overview.days(service, wish.scope.kind, wish.scope.key, since)
            text = measured.csv_of(measured.DAY_HEAD, measured.day_cells(days))
        case _:
            raise Declined("There is no such file.", hint="The page of performance offers three.")
    name = f"{request.path_params['what']}-{site.house.clock.now():%Y-%m-%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = (
    page("/performance", _show),
    page("/performance/{what}.csv", _export),
    action("/performance/read", _read),
)
