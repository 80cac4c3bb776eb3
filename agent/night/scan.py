"""All posts of the service, read once a night or by `psa scan`: what cadence and duplicates are judged by.

The service lists posts newest first, a hundred to a request, and filters by nothing. Each page is journaled as it is
read, so that a scan which was cut short is gone on with.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.api.answers import read_answer
from agent.api.pages import MAX_PAGES
from agent.api.posts import ListPosts
from agent.api.types import Page, Post
from agent.assembly import House
from agent.errors import Halted, PsaError
from agent.gate.mirroring import read_posts
from agent.journal import records as r
from agent.journal.lease import Lease, lease
from agent.journal.mirror import MIRRORS, PER_PAGE, SCAN
from agent.journal.run import Run
from agent.reports.words import counted

#: All posts are read again after this, and a scan that was cut short is gone on with up to this long after it began.
AGAIN, GOES_ON = timedelta(hours=20), timedelta(hours=6)
#: Pages that are read once more for what came in meanwhile.
_TOP_UP = 3


@dataclass
class _Seen:
    """What the pages of a scan showed."""

    posts: set[int] = field(default_factory=set)
    total: int | None = None
    page: int = 0
    ended: bool = False

    def take(self, number: int, page: Page[Post]) -> bool:
        """Take in a page; whether it brought anything new."""
        new = {post.id for post in page.data} - self.posts
        self.posts |= new
        self.total = page.total if page.total is not None else self.total
        self.page = max(self.page, number)
        last = number >= page.last_page if page.last_page is not None else page.has_next is False
        self.ended = self.ended or last or len(page.data) < PER_PAGE
        return bool(new)

    @property
    def whole(self) -> bool:
        """Whether no post can have been missed: the service counts as many as were seen."""
        return self.ended and self.total is not None and len(self.posts) >= self.total


async def scan(house: House, who: str, notice: Callable[[str], None]) -> None:
    """Read all posts where that was not done lately. What goes wrong is noticed, and gone on with another time."""
    scanned = house.store.ledger.mirror_state(house.service).scanned
    if scanned is not None and house.clock.now() - scanned < AGAIN:
        return
    try:
        told = await read_all(house, who, notice, person=False)
        notice(f"all posts are read: {counted(told.posts, 'post')}")
    except PsaError as error:
        notice(f"not all posts were read: {error.message} The next night goes on with it.")


async def read_all(house: House, who: str, notice: Callable[[str], None], *, person: bool) -> r.Scanned:
    """Read all posts now, or go on with a scan that was cut short. Raises PsaError; what was read stays.

    `person` says that somebody waits for it: it may be done while the home is stopped, and draws on the share of the
    rate limit kept for people.
    """
    run, seen, began = _begun(house, who, person=person)
    with lease(house.store, run.id) as held:
        await _read_on(_Scan(house, run, held, person=person), seen, notice)
        told = r.Scanned(began=began, posts=len(seen.posts), whole=seen.whole)
        run.add(told, r.Closed(outcome="done"))
        run.flush()
    return told


@dataclass(frozen=True)
class _Scan:
    house: House
    run: Run
    held: Lease
    person: bool

    async def page(self, number: int) -> Page[Post]:
        """One page of all posts. Raises PsaError."""
        run = self.run
        if run.store.stopped and not self.person:
            raise Halted
        self.held.renew()
        return await read_posts(
            self.house.client, run, f"{run.id}.0.{number}.{run.state.requests}", number, person=self.person
        )


async def _read_on(scanning: _Scan, seen: _Seen, notice: Callable[[str], None]) -> None:
    while not seen.ended and seen.page < MAX_PAGES:
        number = seen.page + 1
        of = f" of {-(-seen.total // PER_PAGE)}" if seen.total is not None else ""
        notice(f"reading all posts: page {number}{of}")
        seen.take(number, await scanning.page(number))
    for number in range(1, _TOP_UP + 1):
        # What came in while the pages were read stands on the first ones.
        if seen.total is None or len(seen.posts) >= seen.total or not seen.ended:
            return
        if not seen.take(number, await scanning.page(number)):
            return


def _begun(house: House, who: str, *, person: bool) -> tuple[Run, _Seen, datetime]:
    """A new scan, or the one that was cut short a while ago with what it has read."""
    now, last = house.clock.now(), house.store.ledger.last_scan(house.service)
    if last is not None and not last.outcome:
        run = Run.load(house.store, last.run, house.clock)
        if now - last.opened < GOES_ON:
            return run, _read_before(run), last.opened
        run.add(r.GaveUp(says="It was cut short."), r.Closed(outcome="failed_safe"))
        run.flush()
    run = house.open_run("person" if person else "unattended", who, channel=SCAN)
    run.add(r.Goal(number=1, text="Read all posts, for cadence and duplicates", by=who))
    run.flush()
    return run, _Seen(), now


def _read_before(run: Run) -> _Seen:
    seen = _Seen()
    for entry in run.store.read(run.id):
        if isinstance(entry.record, r.Read) and entry.record.key.endswith(MIRRORS):
            number = ListPosts.model_validate_json(entry.record.arguments).page
            page = read_answer(ListPosts.route, json.loads(run.store.load(entry.record.body)))
            seen.take(number if isinstance(number, int) else 1, page)
    return seen
