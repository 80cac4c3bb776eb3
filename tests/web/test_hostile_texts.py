"""Every page over a home full of hostile text, in a real browser: nothing runs, nothing leaves, nothing hides."""

import asyncio
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page
from starlette.routing import Route

from agent.assembly import Choices
from agent.text import visible
from agent.web.app import ROUTES
from agent.web.menu import MENU
from tests.house import NOW
from tests.web import hostile_home
from tests.web.routes import STREAM
from tests.web.serving import Served, served

#: What a page of ours never has, wherever it came from.
FOREIGN = """() => ({
  scripts: [...document.scripts].filter((one) => !one.src.startsWith(location.origin + "/static/")).length,
  handlers: [...document.querySelectorAll("*")].filter((one) => one.getAttributeNames().some(
    (name) => name.startsWith("on") || name.startsWith("hx-on"))).length,
  addresses: [...document.querySelectorAll("[href], [src], [action], [formaction]")].map((one) =>
    ["href", "src", "action", "formaction"].map((name) => one.getAttribute(name) || "")).flat().filter(
    (one) => one && !one.startsWith("/") && !one.startsWith("#") && !one.startsWith("?") && !one.startsWith("https://")),
  frames: document.querySelectorAll("iframe, object, embed, base, meta[http-equiv]").length,
  wide: !!document.querySelector("main") && document.documentElement.scrollWidth > document.documentElement.clientWidth,
  pwned: typeof window.pwned,
})"""
CLEAN = {"scripts": 0, "handlers": 0, "addresses": [], "frames": 0, "wide": False, "pwned": "undefined"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    asyncio.run(hostile_home.fill(home))
    with served(home, hostile_home.with_settings(home), Choices(now=NOW)) as running:
        yield running


def addresses(site: Served, most: int) -> list[str]:
    """Every page, for at most so many of each thing that it can be about."""
    store = site.site.house.store
    ledger = store.ledger
    waiting = site.there(lambda: ledger.waiting(site.site.house.service, NOW))
    kinds: dict[str, list[int]] = {}
    for item in waiting:
        kinds.setdefault(item.kind, []).append(item.number)
    numbers = [number for found in kinds.values() for number in found[:most]]
    posts = [first + place for first in (hostile_home.DRAFT, hostile_home.PUBLISHED) for place in range(most)]
    values: dict[str, list[Any]] = {
        "number": numbers,
        "run": ["r1", "r2", "r3"][:most],
        "run_id": ["r1"],
        "post": [hostile_home.DRAFT, hostile_home.PUBLISHED],
    }
    found = []
    for route in ROUTES:
        assert isinstance(route, Route)
        if route.path.endswith(STREAM) or "GET" not in (route.methods or ()):
            continue
        names = [name.partition(":")[0] for name in re.findall(r"\{([^}]+)\}", route.path)]
        known = values | {"number": posts} if route.path.startswith("/posts/") else values
        for chosen in product(*(known.get(name, [101]) for name in names)):
            path = route.path
            for value in chosen:
                path = re.sub(r"\{[^}]+\}", str(value), path, count=1)
            found.append(path)
    return found


@pytest.fixture
def browser(chromium: Browser, site: Served) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 360, "height": 800}, base_url=site.url)
    page = context.new_page()
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    page.close()
    yield context
    context.close()


def watched(context: BrowserContext, site: Served) -> tuple[Page, list[str]]:
    """A page, and what it did that it may not: dialogs, errors, requests elsewhere, new windows."""
    wrong: list[str] = []
    page = context.new_page()

    def dismissed(dialog: Dialog) -> None:
        wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismissed)
    page.on("console", lambda said: wrong.append(f"console {said.text}") if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("popup", lambda popup: wrong.append(f"window {popup.url}"))
    page.on("download", lambda load: wrong.append(f"download {load.url}"))
    page.on("request", lambda one: None if one.url.startswith(site.url) else wrong.append(f"request {one.url}"))
    page.on(
        "response",
        lambda one: wrong.append(f"{one.request.method} {one.url}: {one.status}") if one.status >= 400 else None,
    )
    return page, wrong


@pytest.mark.timeout(180)
def test_nothing_runs_and_nothing_hides_on_any_page(site: Served, browser: BrowserContext) -> None:
    page, wrong = watched(browser, site)
    seen = ""
    for path in addresses(site, most=6):
        answer = page.request.get(path, headers={"Accept": "text/html"})
        if "text/html" not in answer.headers.get("content-type", ""):
            assert "attachment" in answer.headers.get("content-disposition", "") or answer.status >= 400, path
            continue
        text = answer.text()
        assert visible(text) == text, f"{path} shows what nobody sees: {hidden_in(text)}"
        if answer.status == 200:
            if "<main" in text:
                page.goto(path)
            else:  # a part: as a page takes it in
                page.goto(next((room for room, *_ in MENU[1:] if path.startswith(room)), "/"))
                page.evaluate("(html) => { document.querySelector('main').innerHTML = html }", text)
            found = page.evaluate(FOREIGN)
            assert found == CLEAN, path
            seen += page.inner_text("body")
    assert wrong == []
    for name in ("script", "attribute", "svg", "template", "card"):
        first = hostile_home.PAYLOADS[name].split("\n")[0]
        assert first in seen, f"{name} is nowhere to be read"
    for escape in ("\\u202e", "\\u200b", "\\U000e0041"):
        assert escape in seen
    assert " 49 " not in seen


def hidden_in(text: str) -> str:
    return (
        next(
            (text[max(0, at - 60) : at + 20] for at, letter in enumerate(text) if visible(letter) != letter), "a joiner"
        )
        .encode("unicode_escape")
        .decode()
    )
