"""Pictures of every page of the menu, a card and a run, in both themes and widths: `make screenshots`."""

import asyncio
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from agent.assembly import Choices
from agent.web.menu import MENU
from tests.house import NOW, call, finish, home_in, settings
from tests.web.conftest import ALONE
from tests.web.serving import Served, served

WHERE = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = {"desk": (1440, 900), "phone": (360, 780)}
COLOURS = 64
#: What is read before there is something to see.
READS = (("/posts/1006", "Read it from"), ("/comments", "Read comments now"), ("/performance", "Read the numbers now"))
LAUNCH = "Six new glazes, one shelf. The spring mugs are in the shop from Tuesday. #pottery"
HOURS = "We open at nine on Saturday, with coffee from next door."


async def fill(home: Path) -> None:
    """What a shop's morning looks like: promotions, a deletion and a question that wait, drafts."""
    async with home_in(home) as there:
        for text, accounts, at in ((LAUNCH, [101, 102], "2026-12-01 09:00"), (HOURS, [101, 103], "2026-11-27 12:00")):
            draft = [call("draft_post", workspace_id=11, accounts=accounts, text=text)]
            run = await there.run(f"Draft “{text}”", [draft, finish("The draft is ready.")])
            post = next(iter(run.state.drafts.values())).post
            steps = [
                [call("get_post", post=post)],
                [call("schedule_post", post=post, at=at)],
                finish("It waits for you."),
            ]
            await there.run(f"Schedule post {post} for {at}", steps)
        ideas = [call("draft_post", workspace_id=11, accounts=[103], text="Loop or ear: which handle would you pick?")]
        await there.run("Draft an idea about handles for Bluesky", [ideas, finish("One draft, for you to look at.")])
        await there.run(
            "Delete the test posts 1004 and 1005",
            [
                [call("get_post", post=1004), call("get_post", post=1005)],
                [call("delete_posts", posts=[1004, 1005])],
                finish("Both wait for you."),
            ],
        )
        asked = [call("ask", question="Is the workshop on Friday or on Saturday?")]
        await there.run("Announce the workshop on LinkedIn", [asked])


def shoot(browser: Browser, site: Served, into: Path) -> None:
    """All pictures."""
    store, service = site.site.house.store, site.site.house.service
    waiting = site.there(lambda: store.ledger.waiting(service, NOW))
    card = next(item.number for item in waiting if item.kind == "card")
    pages = {name.lower(): path for path, name, *_ in MENU}
    pages |= {"card": f"/review/{card}", "edit": f"/edit/{card}", "run": "/runs/r2", "post": "/posts/1006"}
    for size, (width, height) in WIDTHS.items():
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if theme == "dark" else "light",
                base_url=site.url,
                timezone_id="Europe/Berlin",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto(site.link())
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url("**/")
            for path, button in READS if (size, theme) == ("desk", "light") else ():
                if page.goto(path) and page.get_by_role("button", name=button).count():
                    page.get_by_role("button", name=button).first.click()
                    page.wait_for_load_state()
            for name, path in pages.items():
                answer = page.goto(path)
                if answer is None or answer.status != 200:
                    continue
                page.wait_for_timeout(150)
                _keep(page.screenshot(), into / f"{name}-{size}-{theme}.png")
            context.close()


def _keep(picture: bytes, path: Path) -> None:
    """As small as a picture of a page can be."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main(into: Path) -> int:
    """Make them anew; returns how many there are."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ALONE))
        home = Path(folder)
        # Playwright's own loop runs in this thread.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(fill(home))).result()
        with served(home, settings(), Choices(now=NOW)) as site:
            shoot(browser, site, into)
        browser.close()
    return len(list(into.iterdir()))


if __name__ == "__main__":
    print(f"{main(Path(sys.argv[1]) if len(sys.argv) > 1 else WHERE)} pictures")  # noqa: T201
