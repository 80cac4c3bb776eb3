"""A person's whole way through the pages, in one sitting, in a real browser: from the link to the big stop."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from agent.assembly import Choices
from tests.house import NOW, settings
from tests.web.deciding import posts, sent
from tests.web.serving import served
from tests.web.test_calendar import day_of, drag
from tests.web.test_review_browser import opened


def test_from_logging_in_to_the_big_stop(queue_home: Path, chromium: Browser) -> None:
    with served(queue_home, settings(), Choices(now=NOW)) as site, opened(site, chromium) as page:
        # Read the queue: the most urgent card comes first.
        first = page.locator("[data-item]").first
        expect(first).to_have_id("item-4")
        expect(first).to_contain_text("Tue 1 Dec 2026 09:00 Europe/Berlin")
        first.get_by_text("Edit text").click()
        first.get_by_role("link", name="Edit fully").click()

        # Edit: a counter turns red while typing, and good again.
        page.locator("#text").fill("long " * 70)
        expect(page.locator("#checked li.bad").first).to_contain_text("70 too many")
        page.locator("#text").fill("The kiln is warm again. Come by on Saturday.")
        expect(page.locator("#checked li.bad")).to_have_count(0)

        # Approve, and watch it become scheduled.
        page.get_by_role("button", name="Save and approve").click()
        expect(page.locator("#came")).to_contain_text("applied")
        assert posts(site)[1023] == "scheduled"
        assert "Come by on Saturday." in sent(site, "UpdatePost")[0]

        # Reject with a reason.
        page.goto(site.url)
        card = page.locator("#item-5")
        card.get_by_text("Reject").first.click()
        card.get_by_label("Why").fill("not in December")
        card.get_by_role("button", name="Reject").click()
        expect(page.locator("#notice")).to_contain_text("Card 5 is rejected")
        expect(card).to_have_count(0)

        # Drag in the calendar: nothing moves before it is approved.
        page.goto(f"{site.url}/calendar?view=month&day=2026-11-24&whose=w11")
        page.get_by_role("button", name="Read all posts now").click()
        chip = page.locator("#component .chip", has_text="The planter set").first
        expect(chip).to_be_visible()
        drag(page, chip, day_of(page, "Monday 30 November"), 60)
        said = page.get_by_text(re.compile(r"Card \d+ waits for a decision: post \d+ on Mon 30 Nov 2026 12:00"))
        expect(said).to_be_visible()
        number = re.findall(r"Card (\d+)", said.inner_text())[0]
        before = len(sent(site, "UpdatePost"))
        page.goto(f"{site.url}/review/{number}")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text(f"Card {number}: applied.")).to_be_visible()
        assert len(sent(site, "UpdatePost")) == before + 1
        assert "2026-11-30" in sent(site, "UpdatePost")[-1]

        # A goal in the chat becomes a draft.
        page.goto(f"{site.url}/chat")
        page.get_by_label("Say what you want, or answer").fill('Draft "New mugs are in." for LinkedIn')
        page.keyboard.press("Enter")
        expect(page.get_by_text("CreatePost").last).to_be_visible()
        assert "New mugs are in." in sent(site, "CreatePost")[-1]

        # The big stop: what is approved now is kept, and nothing is sent.
        page.get_by_role("button", name="Stop everything").click()
        expect(page.get_by_text("Everything is stopped: nothing is sent.").first).to_be_visible()
        before = len(sent(site, "UpdatePost"))
        page.goto(f"{site.url}/review/10")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("is approved, not sent yet")).to_be_visible()
        assert len(sent(site, "UpdatePost")) == before
