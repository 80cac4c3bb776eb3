"""The calendar: what it shows of posts and cards, in which zone, and that moving a post asks for it and no more."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from agent.assembly import Choices
from agent.gate.decisions import Person
from agent.sandbox.state import State
from tests.house import NOW
from tests.web.serving import Served, Visitor, served, wait_for

#: A post of the shipped world that is due on Friday 27 November at 10:00 in Berlin, one that is out, a draft.
WORKSHOP, PUBLISHED = "Workshop places for April", "The spring glazes"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    (home / "policy.yaml").write_text(
        "name: fern\nrules:\n  time.blackout:\n    dates: ['2026-12-24/2026-12-26: Christmas <b>break</b>']\n"
        "accounts:\n  102:\n    rules:\n      time.quiet: {start: '20:00'}\n"
    )
    with served(home, choices=Choices(now=NOW)) as running:
        with running.somebody() as visitor:
            assert "Not all posts were ever read" in visitor.page("/calendar")
            visitor.submit("/calendar/read")
            wait_for(visitor, "/calendar/age", "All posts read")
        yield running


@pytest.fixture
def visitor(site: Served) -> Iterator[Visitor]:
    with site.somebody() as somebody:
        somebody.cookies.set("psa_zone", "Asia/Tokyo")
        yield somebody


def writes(site: Served) -> list[str]:
    """What the sandbox was told to change."""
    state = State.open(site.home / "runs" / "sandbox.db")
    return [effect["operation"] for effect in state.effects()]


def chips(page: str) -> list[tuple[str, str, str]]:
    """Kind, post and wall time of what the days show."""
    return re.findall(r'class="chip (\w+)"[^>]*?data-post="(\d+)" data-at="([^"]+)"', page)


def post_called(page: str, head: str) -> str:
    """The number of the post that a page shows with these words."""
    found = re.search(rf'data-post="(\d+)"(?:(?!data-post).)*?{re.escape(head)}', page, re.DOTALL)
    assert found is not None, f"no {head!r}"
    return found[1]


def test_days_show_what_is_out_and_what_is_due_in_the_workspaces_zone(visitor: Visitor) -> None:
    page = visitor.page("/calendar?view=month&day=2026-11-24&whose=w11")
    post = post_called(page, WORKSHOP)
    assert ("scheduled", post, "2026-11-27T10:00") in chips(page)
    assert ("published", post_called(page, PUBLISHED), "2026-11-21T09:00") in chips(page)
    assert "Times in Europe/Berlin" in page
    mine = visitor.page("/calendar?view=week&day=2026-11-24&whose=w11&zone=mine")
    assert ("scheduled", post, "2026-11-27T18:00") in chips(mine)
    assert "Times in Asia/Tokyo" in mine
    assert "10:00 Europe/Berlin" in mine


def test_workspaces_in_several_zones_are_shown_in_the_readers(visitor: Visitor) -> None:
    page = visitor.page("/calendar?view=list&day=2026-11-24")
    assert "Times in Asia/Tokyo" in page
    assert "Quiet hours 22:00 to 07:00" not in page, "account 102 has hours of its own"
    assert "Quiet hours differ between these accounts" in page
    assert "America/New_York" in page


def test_only_the_posts_of_an_account_are_shown(visitor: Visitor) -> None:
    every = {post for _, post, _ in chips(visitor.page("/calendar?view=month&day=2026-11-24&whose=w11"))}
    linkedin = visitor.page("/calendar?view=month&day=2026-11-24&whose=a101")
    mine = {post for _, post, _ in chips(linkedin)}
    assert post_called(linkedin, WORKSHOP) in mine
    assert mine < every


def test_quiet_hours_and_blackout_days_are_those_of_the_accounts_that_are_shown(visitor: Visitor) -> None:
    linkedin = visitor.page("/calendar?view=week&day=2026-12-24&whose=a101")
    assert "Quiet hours 22:00 to 07:00 Europe/Berlin" in linkedin
    assert 'data-from="2026-12-24T22:00" data-to="2026-12-25T07:00"' in linkedin
    assert "Christmas &lt;b&gt;break&lt;/b&gt;" in linkedin
    assert "Quiet hours 20:00 to 07:00 Europe/Berlin" in visitor.page("/calendar?view=week&day=2026-12-24&whose=a102")


def test_moving_a_post_waits_as_a_card_and_moves_nothing(visitor: Visitor, site: Served) -> None:
    look = "/calendar?view=month&day=2026-11-24&whose=w11"
    post = post_called(visitor.page(look), WORKSHOP)
    answer = visitor.submit(
        "/calendar/move", post=post, day="2026-12-03", time="18:30", zone="Asia/Tokyo", back=look.partition("?")[2]
    )
    assert answer.headers["location"] == look
    page = visitor.page(look)
    said = re.search(r"Card (\d+) waits for a decision: post \d+ on Thu 3 Dec 2026 10:30 Europe/Berlin", page)
    assert said is not None, page
    assert ("scheduled", post, "2026-11-27T10:00") in chips(page)
    assert ("waiting", post, "2026-12-03T10:30") in chips(page)
    assert "Moves or edits" in visitor.page(f"/review/{said[1]}")
    assert writes(site) == []
    again = visitor.submit("/calendar/move", post=post, day="2026-12-04", time="10:00")
    assert again.status_code == 409
    assert f"Card {said[1]} waits about post {post} already." in again.text
    assert f'href="/review/{said[1]}"' in visitor.page(f"/calendar/post/{post}")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"post": "999999", "day": "2026-12-03", "time": "10:00"}, "has no post 999999"),
        ({"post": "x' OR 1=1", "day": "2026-12-03", "time": "10:00"}, "is no number"),
        ({"day": "2026-02-30", "time": "10:00"}, "is no day and time"),
        ({"day": "", "time": ""}, "is no day and time"),
        ({"day": "2026-12-03", "time": "10:00", "zone": "../etc/passwd"}, "is no day and time"),
        ({"day": "0001-01-01", "time": "00:00", "zone": "Asia/Tokyo"}, "outside the calendar"),
        ({"day": "2026-11-01", "time": "10:00"}, "The policy denies it"),
        ({"day": "2026-12-25", "time": "10:00"}, "a blackout date of the policy"),
    ],
)
def test_what_cannot_be_is_said(visitor: Visitor, fields: dict[str, str], says: str) -> None:
    draft = post_called(visitor.page("/calendar?view=drafts&whose=w11"), "test post please ignore")
    answer = visitor.submit("/calendar/move", **{"post": draft, **fields})
    assert answer.status_code == 409
    assert says in html.unescape(answer.text)


def test_a_post_that_can_change_leads_to_its_editor(visitor: Visitor, site: Served) -> None:
    draft = post_called(visitor.page("/calendar?view=drafts&whose=w11"), "test post please ignore")
    shown = visitor.page(f"/calendar/post/{draft}")
    assert f'href="/posts/{draft}/edit"' in shown
    assert f"Edit post {draft}" in shown
    out = post_called(visitor.page("/calendar?view=month&day=2026-11-24&whose=w11"), PUBLISHED)
    assert f"/posts/{out}/edit" not in visitor.page(f"/calendar/post/{out}"), "what is out cannot be edited"
    with site.somebody(Person("vera", "viewer", "web")) as vera:
        assert f"All of post {draft}" in vera.page(f"/calendar/post/{draft}")
        unread = vera.page("/posts/999/edit")
        assert "Reading it needs the role editor." in unread
        assert 'action="/posts/999/read"' not in unread


def test_a_post_that_is_out_is_not_moved(visitor: Visitor) -> None:
    post = post_called(visitor.page("/calendar?view=month&day=2026-11-24&whose=w11"), PUBLISHED)
    assert 'action="/calendar/move"' not in visitor.page(f"/calendar/post/{post}")
    answer = visitor.submit("/calendar/move", post=post, day="2026-12-03", time="10:00")
    assert answer.status_code == 409
    assert "is published: its time cannot be changed" in answer.text


def test_a_viewer_looks_and_asks_for_nothing(site: Served) -> None:
    with site.somebody(Person("vic", "viewer", "web")) as viewer:
        page = viewer.page("/calendar?view=month&day=2026-11-24")
        assert "data-may-move" not in page
        for path in ("/calendar/move", "/calendar/read"):
            assert "needs the role editor" in viewer.submit(path, post="1").text


@pytest.mark.parametrize(
    "query",
    [
        *("view=nonsense&day=yesterday", "day=9999-12-31", "day=0001-01-01&view=week", "whose=w999999", "whose=a%00"),
        *("page=-1", "view=list&page=99999999999999999999", "view=list&days=0", "zone=%E2%80%AE"),
        "whose=<script>alert(1)</script>",
    ],
)
def test_an_address_that_says_nonsense_shows_a_calendar(visitor: Visitor, query: str) -> None:
    page = visitor.page(f"/calendar?{query}")
    assert "<h1>Calendar</h1>" in page
    assert "<script>alert" not in page


@contextmanager
def calendar(site: Served, chromium: Browser, query: str) -> Iterator[Page]:
    """The calendar in a browser far away; nothing in it may go wrong."""
    context = chromium.new_context(timezone_id="Asia/Tokyo", viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{site.url}/calendar?{query}")
    yield page
    context.close()
    assert wrong == []


def drag(page: Page, chip: Locator, target: Locator, y: float) -> None:
    """Take a post to a place in a day."""
    chip.scroll_into_view_if_needed()
    start, end = chip.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + y, steps=8)
    page.mouse.up()


def day_of(page: Page, label: str) -> Locator:
    return page.locator("#component .ec-day", has=page.get_by_title(label))


def test_a_post_is_dragged_to_another_day(site: Served, chromium: Browser) -> None:
    with calendar(site, chromium, "view=month&day=2026-11-24&whose=w11") as page:
        drag(
            page,
            page.locator("#component .chip", has_text="The planter set").first,
            day_of(page, "Monday 30 November"),
            60,
        )
        expect(
            page.get_by_text(re.compile(r"Card \d+ waits .* on Mon 30 Nov 2026 12:00 Europe/Berlin"))
        ).to_be_visible()
        page.locator("#component .chip.waiting", has_text="The planter set").click()
        dialog = page.get_by_role("dialog", name="Post")
        expect(dialog.get_by_role("link", name=re.compile("Decide on card"))).to_be_visible()
        page.keyboard.press("Escape")
        draft = page.locator(".tray .chip", has_text="test post please ignore")
        drag(page, draft, day_of(page, "Thursday 3 December"), 60)
        expect(page.get_by_text(re.compile(r"Card \d+ waits .* on Thu 3 Dec 2026 09:00 Europe/Berlin"))).to_be_visible()


def stands_at(page: Page, chip: Locator, x: float) -> None:
    """Wait until a chip stands there: the calendar is drawn anew after a move was refused."""
    for _ in range(100):
        box = chip.bounding_box() if chip.count() else None
        if box is not None and box["x"] == x:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it stands at {box and box['x']} instead of {x}")


def test_a_drag_that_the_policy_denies_is_told_and_taken_back(site: Served, chromium: Browser) -> None:
    with calendar(site, chromium, "view=week&day=2026-11-29&whose=w12") as page:
        chip = page.locator("#component .ec-event", has_text="Closed on Thursday")
        expect(chip).to_contain_text("17:00")
        before = chip.bounding_box()
        drag(page, chip, page.locator("#component .ec-day").first, 400)
        expect(page.get_by_role("alert")).to_contain_text("The policy denies it")
        assert before is not None
        stands_at(page, chip, before["x"])
