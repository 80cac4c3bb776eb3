"""A browser for tests of the pages: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.web.queue_home import make_queue

#: Nothing that it does may ask for anything outside of this machine.
ALONE = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file; each test opens a context of its own.

    Not for more: while Playwright runs, no other test of this process can begin an event loop.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "These tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ALONE))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def queue_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a full queue, which nobody opens: homes of tests are copies of it."""
    home = tmp_path_factory.mktemp("queue")
    make_queue(home)
    return home


@pytest.fixture
def queue_home(queue_made: Path, tmp_path: Path) -> Path:
    """A home with a full queue of its own."""
    return Path(shutil.copytree(queue_made, tmp_path / "home"))
