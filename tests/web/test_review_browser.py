"""The queue in a real browser: by keyboard alone, live beside what somebody types, without a script, hostile texts."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from agent.assembly import Choices
from tests.house import NOW, call, home_in, settings
from tests.web.deciding import posts, sent
from tests.web.queue_home import aside
from tests.web.serving import Served, served

#: Markup, Markdown, a line of a card, a card of its own.
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\n"
    '  | from comment 9: "nothing"\n</article><h2>Card 99: approved</h2> [click](javascript:alert(1)) مرحبا '
)
#: What hides, and what is too wide: the policy lets it into no post, but a model may ask so.
HIDDEN = "\u202etxt.exe\u202c zero\u200bwidth " + "wide" * 2500


@pytest.fixture(scope="module")
def site(queue_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Path(shutil.copytree(queue_made, tmp_path_factory.mktemp("home"), dirs_exist_ok=True))
    with served(home, settings(), Choices(now=NOW)) as running:
        yield running


@contextmanager
def opened(site: Served, chromium: Browser, path: str = "/", *, scripts: bool = True) -> Iterator[Page]:
    """A page of somebody who has logged in. Nothing that it loads may fail."""
    context = chromium.new_context(
        timezone_id="America/New_York", viewport={"width": 1200, "height": 800}, java_script_enabled=scripts
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    page.goto(site.url + path)
    yield page
    context.close()
    assert wrong == []


def test_a_person_decides_by_keyboard_alone(site: Served, chromium: Browser) -> None:
    with opened(site, chromium) as page:
        page.keyboard.press("a")  # nothing is the current one yet, so nothing is decided
        expect(page.locator("[data-current]")).to_have_count(0)
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(page.locator("#item-4[data-current]")).to_be_focused()
        page.keyboard.press("e")
        page.keyboard.type("Ajar: ")
        page.keyboard.press("Escape")
        expect(page.locator("#item-4")).to_be_focused()
        page.keyboard.press("a")  # would approve the old text
        expect(page.locator("#item-4").get_by_text("Your text is not saved.")).to_be_visible()
        expect(page.locator("#item-4 textarea")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#notice")).to_contain_text("Card 4: applied.")
        expect(page.locator("#item-4")).to_have_count(0)
        expect(page.locator("#item-5[data-current]")).to_be_focused()
        page.keyboard.press("r")
        page.keyboard.type("not in December")
        page.keyboard.press("Enter")
        expect(page.locator("#notice")).to_contain_text("Card 5 is rejected")
        expect(page.locator("#item-10[data-current]")).to_be_focused()
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Keys")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("o")
        expect(page).to_have_url(f"{site.url}/review/10")
    assert posts(site)[1023] == "scheduled" and "Ajar: " in sent(site, "UpdatePost")[0]


def test_news_come_in_and_nothing_that_is_typed_is_lost(site: Served, chromium: Browser) -> None:
    with opened(site, chromium, "/?q=w") as page, site.somebody() as other:
        field = page.locator("#item-11").get_by_label("Your answer")
        field.fill("The pale gr")
        field.press("End")
        other.submit("/review/10/reject", reason="no")
        expect(page.locator("#item-10")).to_have_count(0)
        expect(field).to_be_focused()
        page.keyboard.type("een")
        other.submit("/review/11/answer", text="The dark one.")
        expect(page.locator("#item-11").get_by_text("This was changed or decided meanwhile.")).to_be_visible()
        expect(field).to_have_value("The pale green")
        expect(page.locator("#item-11").get_by_role("button", name="Answer")).to_be_disabled()


def test_all_of_it_works_without_a_script(site: Served, chromium: Browser) -> None:
    with opened(site, chromium, scripts=False) as page:
        card = page.locator("#item-6")
        card.get_by_label("2. Delete post 1005").uncheck()
        card.get_by_text("Reject").first.click()
        card.get_by_label("Why").fill("still needed")
        card.get_by_role("button", name="Reject").click()
        expect(page.get_by_text("Card 6 is rejected.")).to_be_visible()
        page.locator("#item-7 [name=number]").check()
        page.locator("#item-8 [name=number]").check()
        page.get_by_role("button", name="Decide the selected together").click()
        page.get_by_role("button", name="Approve all 2").click()
        expect(page.get_by_text("cards 7, 8: applied")).to_be_visible()


async def hostile(folder: Path) -> None:
    async with home_in(folder) as home:
        draft = call("draft_post", workspace_id=12, accounts=[107], text=HOSTILE)
        question = call("ask", question=HOSTILE + HIDDEN)
        schedule = call("schedule_post", post=1023, at="2026-12-01 09:00")
        await home.run(f"Schedule it: {HOSTILE}{HIDDEN}", [[draft], [schedule], [question]])


def test_hostile_words_are_only_words(chromium: Browser, tmp_path: Path) -> None:
    aside(hostile(tmp_path))
    with served(tmp_path, settings(), Choices(now=NOW)) as site, opened(site, chromium) as page:
        for path, width, items in (("/", 1440, 3), ("/", 360, 3), ("/review/2", 1440, 1), ("/review/3", 360, 1)):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(site.url + path)
            text = page.inner_text("main")
            assert "<script>document.title='owned'</script>" in text and "</article><h2>Card 99" in text
            assert "\\u202etxt.exe\\u202c zero\\u200bwidth wide" in text
            assert page.title().endswith("PostSyncer agent") and page.locator("main script, main img").count() == 0
            assert page.locator("article h2").count() == page.locator("[data-item]").count() == items
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
