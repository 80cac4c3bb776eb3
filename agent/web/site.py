"""What all pages share: the house, who is logged in, and how a page is drawn."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from agent.assembly import House
from agent.errors import JournalError
from agent.gate.decisions import ROLES, Person
from agent.planner.loop import Planner
from agent.review.reviewer import Reviewer
from agent.templates import Pages
from agent.web.events import Events
from agent.web.guard import session_of
from agent.web.sessions import Session, Sessions
from agent.web.throttle import Throttle
from agent.web.users import People
from agent.web.work import Work

HERE = Path(__file__).parent
THEMES = ("", "light", "dark")


@dataclass
class Site:
    """One server over one house."""

    house: House
    people: People
    sessions: Sessions
    throttle: Throttle
    pages: Pages
    events: Events
    work: Work
    planner: Callable[[], Planner]
    #: The language model, for those who make a loop of their own over it.
    model: Callable[[], Any]
    #: The person at this machine, who logs in by a one-time link.
    local: Person
    #: Tells the terminal that `psa serve` runs in.
    tell: Callable[[str], None]
    address: str = ""
    tls: bool = False
    #: The name of the session's cookie.
    cookie: str = ""
    #: State that a page keeps between requests, by the page's name.
    rooms: dict[str, Any] = field(default_factory=dict)
    #: What pages have begun and ends with the server.
    ends: AsyncExitStack = field(default_factory=AsyncExitStack)

    def reviewer(self, person: Person) -> Reviewer:
        """The queue, with somebody in front of it."""
        house = self.house
        return Reviewer(house.gate, house.store, house.clock, person, self.planner, house.open_run)

    def offer(self) -> str:
        """A link that logs the person at this machine in, once."""
        return f"{self.address}/login?token={self.sessions.offer(self.local)}"


@dataclass(frozen=True)
class Seat:
    """Who looks at a page: the person, their zone, their theme, and the token of their forms."""

    person: Person
    zone: tzinfo
    theme: str
    token: str

    def may(self, role: str) -> bool:
        """Whether they have this role or a higher one."""
        return ROLES[self.person.role] >= ROLES[role]


def site_of(request: Request) -> Site:
    """The server a request came to."""
    site: Site = request.app.state.site
    return site


def seat_of(request: Request) -> Seat:
    """Who asks. The guard lets nobody past who is not logged in."""
    session = session_of(request)
    if session is None:
        raise LookupError("a page without a session")
    return Seat(session.person, zone_of(request), theme_of(request), session.token)


def zone_of(request: Request) -> tzinfo:
    """The reader's zone as their browser named it, else this machine's."""
    name = unquote(request.cookies.get("psa_zone", ""))
    try:
        return ZoneInfo(name) if name else _here()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _here()


def _here() -> tzinfo:
    return datetime.now(UTC).astimezone().tzinfo or UTC


def theme_of(request: Request) -> str:
    """`light`, `dark`, or empty: as the reader's system has it."""
    theme = request.cookies.get("psa_theme", "")
    return theme if theme in THEMES else ""


def asks_for_part(request: Request) -> bool:
    """Whether a page of ours asks for a part of itself."""
    return "hx-request" in request.headers


def draw(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page, or a part of one, with what all templates may use (see `Frame`)."""
    site = site_of(request)
    session = session_of(request)
    html = site.pages.render(template, frame=_frame(request, site, session), **values)
    return HTMLResponse(html, status)


@dataclass(frozen=True)
class Frame:
    """What every template may use, as `frame`."""

    path: str
    seat: Seat | None
    theme: str
    token: str
    service: str
    sandbox: bool
    stopped: bool
    waiting: int
    now: datetime
    zone: tzinfo
    notes: tuple[str, ...]
    #: Where the news of this page begin: see `events.Cursor`.
    news: str


def _frame(request: Request, site: Site, session: Session | None) -> Frame:
    house = site.house
    stopped, waiting = _of_the_journal(house) if session is not None else (False, 0)
    return Frame(
        path=request.url.path,
        seat=seat_of(request) if session is not None else None,
        theme=theme_of(request),
        token=session.token if session is not None else "",
        service="the sandbox" if house.sandbox else house.service,
        sandbox=house.sandbox,
        stopped=stopped,
        waiting=waiting,
        now=house.clock.now(),
        zone=zone_of(request),
        notes=_notes(request, session),
        news=str(request.scope.get("news", "")),
    )


def _of_the_journal(house: House) -> tuple[bool, int]:
    """Whether everything is stopped, and how many wait. A damaged journal is told by a page that can still be drawn."""
    try:
        return house.store.stopped, house.store.ledger.count_waiting(house.service, house.clock.now())
    except JournalError:
        return False, 0


def _notes(request: Request, session: Session | None) -> tuple[str, ...]:
    """What the last action said, shown once."""
    if session is None or asks_for_part(request):
        return ()
    notes = tuple(session.notes)
    session.notes.clear()
    return notes
