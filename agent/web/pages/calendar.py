"""The calendar: what went out, goes out, waits and failed, by month, week and list; and asking for another time."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import Declined
from agent.journal.run import Run
from agent.night.scan import read_all
from agent.tools.promotion import SchedulePost
from agent.web.agenda import KINDS, Agenda, Entry, Filter, by_day
from agent.web.asking import look_around, propose
from agent.web.look import VIEWS, Look, read_look, read_query
from agent.web.places import Places, places
from agent.web.posts import mirrored_posts, planned_posts
from agent.web.routing import action, go_to, number_in, page, text_in
from agent.web.silence import silence
from agent.web.site import Site, asks_for_part, draw, seat_of, site_of, zone_of

#: What is shown of one day in a month and in a week; the rest is counted, and a list of that day shows it.
_MOST = {"month": 4, "week": 12}
#: Rows of a page of a list.
_ROWS = 50
#: Drafts without a time that stand beside the days.
_BESIDE = 12
#: The reading of all posts, as work behind the pages.
_READING = "reading all posts"


@dataclass
class _Room:
    """What the calendar keeps between requests: how far the reading of all posts is."""

    said: str = ""


def _room(site: Site) -> _Room:
    room: _Room = site.rooms.setdefault("calendar", _Room())
    return room


def _agenda(site: Site, there: Places, whose: Filter) -> Agenda:
    return Agenda(mirrored_posts(site, there), planned_posts(site, there), there, whose)


@dataclass(frozen=True)
class _Zones:
    """The zone that times are shown in, and the other one that may be chosen."""

    shown: tzinfo
    name: str
    other: str = ""


def _zones(request: Request, look: Look, there: Places) -> _Zones:
    """The workspace's zone where all that are shown have the same, else the reader's."""
    reader = zone_of(request)
    mine = _name(reader, site_of(request).house.clock.now())
    home = there.accounts[look.account].workspace_id if look.account in there.accounts else look.workspace
    homes = {there.zone(one).key for one in ([home] if home else there.workspaces)}
    if len(homes) != 1:
        return _Zones(reader, mine)
    theirs = ZoneInfo(homes.pop())
    if theirs.key == mine:
        return _Zones(theirs, theirs.key)
    return _Zones(reader, mine, theirs.key) if look.own_zone else _Zones(theirs, theirs.key, mine)


def _name(zone: tzinfo, now: datetime) -> str:
    return zone.key if isinstance(zone, ZoneInfo) else str(zone.tzname(now))


# -- looking -----------------------------------------------------------------------------------------------------------


async def _calendar(request: Request) -> Response:
    site = site_of(request)
    there = places(site)
    look = read_look(request.query_params, site.house.clock.now().astimezone(zone_of(request)).date())
    zones = _zones(request, look, there)
    today = site.house.clock.now().astimezone(zones.shown).date()
    if "day" not in request.query_params:
        look = read_look({**request.query_params, "day": today.isoformat()}, today)
    agenda = _agenda(site, there, Filter(look.workspace, look.account))
    values: dict[str, Any] = _shown(site, agenda, look, zones, there) | _age(site)
    values |= {"look": look, "places": there, "zones": zones, "today": today, "views": VIEWS, "kinds": KINDS}
    return draw(request, "calendar/board.html" if asks_for_part(request) else "calendar/page.html", **values)


@dataclass(frozen=True)
class _Day:
    """What is shown of a day, and how much there is."""

    entries: list[Entry]
    count: int


def _shown(site: Site, agenda: Agenda, look: Look, zones: _Zones, there: Places) -> dict[str, Any]:
    """What lies in the days that are looked at, and beside them the drafts without a time."""
    undated = agenda.undated()
    rule = silence(site.house.packs.of("person"), there, agenda.whose)
    found = undated if look.view == "drafts" else agenda.between(*look.span(zones.shown))
    rows = found[(look.page - 1) * _ROWS : look.page * _ROWS]
    days = {} if look.view == "drafts" else by_day(rows if look.view == "list" else found, zones.shown)
    most = _MOST.get(look.view, _ROWS)
    return {
        "days": {day: _Day([agenda.entry(one) for one in some[:most]], len(some)) for day, some in days.items()},
        "rows": [agenda.entry(one) for one in rows] if look.view == "drafts" else [],
        "total": len(found),
        "pages": -(-len(found) // _ROWS) if look.view in {"list", "drafts"} else 1,
        "undated": [agenda.entry(one) for one in undated[:_BESIDE]],
        "undated_count": len(undated),
        "silence": rule,
        "shaded": list(rule.shaded(look.first, look.end, zones.shown)) if look.view == "week" else [],
    }


def _age(site: Site) -> dict[str, Any]:
    """How old the mirror is, and whether it is being read."""
    house = site.house
    left = house.gate.budget.left(house.clock.now().timestamp())
    return {
        "state": house.store.ledger.mirror_state(house.service),
        "reading": site.work.going(_READING),
        "reading_said": _room(site).said,
        "trouble": site.work.trouble(_READING),
        "requests_left": left,
    }


async def _how_old(request: Request) -> Response:
    return draw(request, "calendar/age.html", **_age(site_of(request)))


async def _post(request: Request) -> Response:
    site = site_of(request)
    there = places(site)
    entries = _entries_of(site, there, number_in(request.path_params["post"]))
    back = read_query(request.query_params.get("back", ""), site.house.clock.now().date())
    template = "calendar/post_part.html" if asks_for_part(request) else "calendar/post.html"
    return draw(request, template, entries=entries, entry=_main(entries), places=there, back=back, kinds=KINDS)


def _entries_of(site: Site, there: Places, post: int) -> list[Entry]:
    """All times of a post. Raises Declined where the mirror does not have it."""
    found = _agenda(site, there, Filter()).of(post)
    if not found:
        raise Declined(
            f"The journal's mirror has no post {post}.",
            hint="Read all posts in the calendar; a post that is not there then is gone.",
        )
    return found


def _main(entries: list[Entry]) -> Entry:
    """The one that says how the post itself stands, not the card about it."""
    return next((one for one in entries if one.kind != "waiting"), entries[0])


# -- asking for something ----------------------------------------------------------------------------------------------


async def _move(request: Request, form: FormData) -> Response:
    """Another time for a draft or a scheduled post: a call of this person, judged like any other."""
    site, person = site_of(request), seat_of(request).person
    there = places(site)
    entry = _main(_entries_of(site, there, number_in(text_in(form, "post"))))
    at = _wall_time(text_in(form, "day"), text_in(form, "time"), text_in(form, "zone"), entry.zone)
    _may_move(entry)
    run, result = await propose(
        site,
        person,
        f"Schedule post {entry.post} for {at:%Y-%m-%d %H:%M} ({entry.zone.key})",
        SchedulePost(post=entry.post, at=f"{at:%Y-%m-%d %H:%M}"),
        overlay=_overlay(site, entry.post),
    )
    back = read_query(text_in(form, "back"), at.date())
    when = f"{at:%a} {at.day} {at:%b %Y %H:%M} {entry.zone.key}"
    if result.card is not None:
        says = f"Card {result.card} waits for a decision: post {entry.post} on {when}."
    else:
        says = f"Post {entry.post} on {when}: {result.state} (run {run.id})."
    return go_to(request, "/calendar?" + back.query, says)


def _may_move(entry: Entry) -> None:
    if entry.card:
        raise Declined(
            f"Card {entry.card} waits about post {entry.post} already.", hint="Decide on it first, in the queue."
        )
    if not entry.movable:
        raise Declined(f"Post {entry.post} is {entry.word}: its time cannot be changed.")


def _wall_time(day: str, hour: str, zone: str, home: ZoneInfo) -> datetime:
    """A day and a time of a clock in a zone (the workspace's where none is named), on the workspace's clock."""
    try:
        wall = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour))
        shown = ZoneInfo(zone) if zone else home
    except (ValueError, KeyError, OSError) as error:
        raise Declined(
            f"{day[:20]!r}, {hour[:20]!r} is no day and time.", hint="Write them as 2026-12-01 and 09:00."
        ) from error
    try:
        return wall if shown.key == home.key else wall.replace(tzinfo=shown).astimezone(home).replace(tzinfo=None)
    except OverflowError as error:
        raise Declined(f"{day} lies outside the calendar.") from error


def _overlay(site: Site, post: int) -> str:
    """The policy of the night's job that left the post as a draft; empty where none did."""
    house = site.house
    run_id = house.store.ledger.draft_left_by(house.service, post)
    opened = Run.load(house.store, run_id, house.clock).state.opened if run_id else None
    return opened.overlay if opened is not None else ""


async def _read(request: Request, form: FormData) -> Response:
    """Read all posts, a hundred to a request, behind the pages."""
    site, person = site_of(request), seat_of(request).person
    house, room = site.house, _room(site)
    back = read_query(text_in(form, "back"), house.clock.now().date())

    def notice(line: str) -> None:
        room.said = line

    async def read() -> None:
        notice("reading workspaces and accounts")
        await look_around(site, person, "Read workspaces, accounts and all posts for the calendar")
        await read_all(house, person.name, notice, person=True)

    begun = site.work.begin(_READING, read())
    says = "All posts are being read." if begun else "All posts are being read already."
    return go_to(request, "/calendar?" + back.query, says)


ROUTES = (
    page("/calendar", _calendar),
    page("/calendar/age", _how_old),
    page("/calendar/post/{post}", _post),
    action("/calendar/move", _move),
    action("/calendar/read", _read),
)
