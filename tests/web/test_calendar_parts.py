"""What the calendar is given, without pages: days of a look, times of posts, silence of the policy."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.api.types import Account, Workspace
from agent.assembly import packs_with
from agent.journal.mirror import MirrorPost
from agent.policy.mirror import kept
from agent.web.agenda import Agenda, Entry, Filter
from agent.web.look import Look, read_look, read_query
from agent.web.places import Places
from agent.web.silence import silence

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PLACES = Places(
    {11: Workspace(id=11, name="Fern", timezone="Europe/Berlin"), 12: Workspace(id=12, timezone="America/New_York")},
    {
        101: Account(id=101, platform="linkedin", workspace_id=11, name="Fern"),
        102: Account(id=102, platform="twitter", workspace_id=11),
        107: Account(id=107, platform="facebook", workspace_id=12),
    },
)


def agenda(*posts: MirrorPost, waiting: tuple[tuple[int, MirrorPost], ...] = (), whose: Filter | None = None) -> Agenda:
    shelf = {one.id: kept(one, PLACES.zone(one.workspace)) for one in posts}
    cards = [(card, kept(one, PLACES.zone(one.workspace), NOW)) for card, one in waiting]
    return Agenda(shelf, cards, PLACES, whose or Filter())


def in_the_year(one: Agenda) -> list[Entry]:
    return [one.entry(slot) for slot in one.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("view", "day", "first", "end", "title"),
    [
        ("month", date(2026, 11, 24), date(2026, 10, 26), date(2026, 12, 7), "November 2026"),
        ("month", date(2027, 2, 1), date(2027, 2, 1), date(2027, 3, 1), "February 2027"),
        ("week", date(2026, 12, 31), date(2026, 12, 28), date(2027, 1, 4), "28 Dec to 3 Jan 2027"),
        ("list", date(2026, 11, 24), date(2026, 11, 24), date(2026, 12, 22), "24 Nov to 21 Dec 2026"),
    ],
)
def test_a_look_shows_whole_weeks(view: str, day: date, first: date, end: date, title: str) -> None:
    look = read_look({"view": view, "day": day.isoformat()}, NOW.date())
    assert (look.first, look.end, look.title) == (first, end, title)
    assert look.moved(1).moved(-1).first == first
    assert read_query(look.query, date(2000, 1, 1)) == look


def test_the_first_and_last_days_have_neighbours() -> None:
    for day in (date(2000, 1, 1), date(2199, 12, 31)):
        look = Look("month", day)
        assert look.moved(-1).first <= look.moved(1).first


def test_a_post_is_there_once_for_each_time_it_goes_out() -> None:
    post = MirrorPost(
        id=1, workspace=11, status="SCHEDULED", accounts=(101,), due="2026-12-01 09:00", repeats=(2, 1, "weeks")
    )
    first, second, third = in_the_year(agenda(post))
    assert first.at == datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    assert (first.again, second.again, third.again) == (False, True, True)
    assert first.movable
    assert not second.movable


def test_what_a_card_would_bring_out_stands_at_its_time_under_the_posts_own_words() -> None:
    draft = MirrorPost(id=1, workspace=11, status="DRAFT", accounts=(101,), head="New mugs", text="new mugs")
    planned = MirrorPost(id=1, workspace=11, status="PLANNED", accounts=(101,), due="2026-12-01 09:00")
    both = agenda(draft, waiting=((7, planned),))
    (entry,) = in_the_year(both)
    assert (entry.kind, entry.card, entry.head, entry.names) == ("waiting", 7, "New mugs", ("LinkedIn · Fern",))
    assert not entry.movable
    assert both.undated() == []
    assert [one.kind for one in both.of(1)] == ["draft", "waiting"]
    assert [one.post.id for one in agenda(draft).undated()] == [1]


@pytest.mark.parametrize(
    ("post", "accounts"),
    [
        (MirrorPost(id=1, workspace=11, status="FAILED", failed=(101,), due="2026-11-01 09:00"), {101}),
        (MirrorPost(id=1, workspace=11, status="PUBLISHED", networks=("twitter",), due="2026-11-01 09:00"), {102}),
        (MirrorPost(id=1, workspace=12, status="SCHEDULED", accounts=(107,), due="2026-11-01 09:00"), {107}),
    ],
)
def test_a_post_is_found_by_each_of_its_accounts(post: MirrorPost, accounts: set[int]) -> None:
    found = {key for key in PLACES.accounts if in_the_year(agenda(post, whose=Filter(account=key)))}
    assert found == accounts
    assert not in_the_year(agenda(post, whose=Filter(workspace=13)))


def test_silence_is_told_where_all_accounts_have_the_same() -> None:
    pack = packs_with(None).of("person")
    here = silence(pack, PLACES, Filter(workspace=11))
    assert here.hours is not None
    assert here.hours.hold(datetime(2026, 11, 24, 21, 30, tzinfo=UTC))
    assert not here.hours.hold(datetime(2026, 11, 24, 6, 30, tzinfo=UTC))
    shaded = list(here.shaded(date(2026, 11, 24), date(2026, 11, 25), ZoneInfo("Asia/Tokyo")))
    since, until = shaded[1]
    assert (since.isoformat(), until.isoformat()) == ("2026-11-24T06:00:00+09:00", "2026-11-24T15:00:00+09:00")
    everywhere = silence(pack, PLACES, Filter())
    assert everywhere.hours is None
    assert everywhere.differ == "Quiet hours 22:00 to 07:00 on the clock of each workspace"


def test_quiet_hours_around_a_clock_change_are_those_of_the_wall() -> None:
    hours = silence(packs_with(None).of("person"), PLACES, Filter(workspace=11)).hours
    assert hours is not None
    since, until = hours.on(date(2026, 10, 24))
    assert (until.astimezone(UTC) - since.astimezone(UTC)).total_seconds() == 10 * 3600
