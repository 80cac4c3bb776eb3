"""Writing in a real browser: counters while typing, a file's way up, keys."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from agent.assembly import Choices
from tests.house import NOW, call, finish, home_in, settings
from tests.web.aside import aside
from tests.web.serving import Served, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")

    async def fill() -> None:
        async with home_in(home) as filled:
            draft = call("draft_post", workspace_id=11, accounts=[101, 102], text="New mugs are in.")
            await filled.run('Draft "New mugs are in." for LinkedIn and X', [[draft], finish()])

    aside(fill)
    with served(home, settings(), Choices(now=NOW)) as running:
        yield running


@contextmanager
def page_of(site: Served, chromium: Browser, *, width: int = 1280, script: bool = True) -> Iterator[Page]:
    """A page of somebody who is logged in; nothing may go wrong in it."""
    context = chromium.new_context(
        timezone_id="America/New_York", viewport={"width": width, "height": 800}, java_script_enabled=script
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    yield page
    context.close()
    assert wrong == []


def test_a_counter_turns_red_while_typing_and_ctrl_enter_saves(site: Served, chromium: Browser) -> None:
    with page_of(site, chromium) as page:
        page.goto(f"{site.url}/edit/1")
        text = page.locator("#text")
        text.fill("long " * 70)
        expect(page.locator("#sum")).to_contain_text("350 of 280 on X, 70 too many")
        expect(page.locator("#checked li.bad")).to_contain_text("70 too many")
        text.fill("Short again.")
        expect(page.locator("#sum")).to_contain_text("12 of 280 on X")
        expect(text).to_be_focused()
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("heading", name="What came of it")).to_be_visible()
        expect(page.locator("#came")).to_contain_text("saved")


def test_a_time_is_told_while_it_is_picked_and_a_clock_change_offers_others(site: Served, chromium: Browser) -> None:
    with page_of(site, chromium) as page:
        page.goto(f"{site.url}/edit/1")
        page.get_by_label("At a time").check()
        page.locator("#at").fill("2027-03-28T02:30")
        expect(page.locator("#time-told")).to_contain_text("does not exist")
        page.get_by_role("button", name="Sun 28 Mar 03:30").click()
        expect(page.locator("#time-told")).to_contain_text("Sat 27 Mar 2027 21:30 EDT for you")
        expect(page.get_by_role("button", name="Save and approve")).to_be_visible()
        page.evaluate("window.onbeforeunload = null")


def test_a_picture_goes_up_with_what_is_typed_left_alone(site: Served, chromium: Browser) -> None:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "olive").save(made, "PNG")
    with page_of(site, chromium, width=360) as page:
        page.goto(f"{site.url}/compose")
        page.get_by_role("checkbox", name="Fern & Clay X").check()
        page.locator("#text").fill("With a picture.")
        page.locator('input[type="file"]').set_input_files(
            {"name": "mug.png", "mimeType": "image/png", "buffer": made.getvalue()}
        )
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.locator("#media .file").first).to_contain_text(re.compile(r"mug-.*\.png"))
        expect(page.locator("#text")).to_have_value("With a picture.")
        page.get_by_role("button", name="Add a part").click()
        page.get_by_label("Part 2").fill("And a second part.")
        expect(page.locator("#checked")).to_contain_text("part 2")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#came")).to_contain_text("With a picture.")


def test_without_scripts_a_draft_is_checked_and_saved_by_buttons(site: Served, chromium: Browser) -> None:
    with page_of(site, chromium, script=False) as page:
        page.goto(f"{site.url}/compose")
        page.get_by_role("checkbox", name="Fern & Clay X").check()
        page.locator("#text").fill("No scripts here.")
        page.get_by_role("button", name="Check").last.click()
        expect(page.locator("#checked")).to_contain_text("16 / 280")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#came")).to_contain_text("No scripts here.")


def test_hostile_words_are_text_and_nothing_else(site: Served, chromium: Browser, tmp_path: Path) -> None:
    hostile = "</textarea><img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    with page_of(site, chromium) as page:
        page.goto(f"{site.url}/compose")
        page.get_by_role("checkbox", name="Fern & Clay X").check()
        page.locator("#text").fill(hostile)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#came")).to_contain_text("<img src=x")
        page.locator("#came a", has_text="Edit post").click()
        expect(page.locator("#text")).to_have_value(hostile)
        page.get_by_role("link", name="Versions").click()
        expect(page.locator("main")).to_contain_text(hostile)
        assert page.locator("main img").count() == 0
        assert page.title() != "broken"
