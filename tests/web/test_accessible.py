"""axe-core over every page, in both themes, on a telephone and a desk: nothing serious."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from agent.assembly import Choices
from tests.house import NOW, settings
from tests.web import screenshots
from tests.web.serving import Served, served
from tests.web.test_hostile_texts import addresses

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
#: The vendored calendar calls its days cells of a table without rows; the list beside it holds the same.
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter((one) => !(one.id.startsWith("aria-required-") && one.nodes.every((node) => /class="ec[- ]/.test(node.html))))
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    asyncio.run(screenshots.fill(home))
    with served(home, settings(), Choices(now=NOW)) as running:
        yield running


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (360, "light"), (1440, "dark"), (1440, "light")])
def test_no_page_has_a_serious_issue(
    site: Served, chromium: Browser, width: int, theme: Literal["dark", "light"]
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, base_url=site.url, has_touch=width < 500
    )
    page = context.new_page()
    found: dict[str, list[str]] = {}
    page.goto(site.link())
    page.evaluate(AXE)
    found["/login with a link"] = page.evaluate(RUN)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    for path in addresses(site, most=1):
        if "text/html" not in page.request.get(path).headers["content-type"]:
            continue
        page.goto(path)
        if page.locator("main").count():
            page.evaluate(AXE)
            found[path] = page.evaluate(RUN)
    context.close()
    assert {path: issues for path, issues in found.items() if issues} == {}
