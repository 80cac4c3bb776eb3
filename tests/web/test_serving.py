"""Getting in and being kept out: links, sessions, hosts, forms; and what every answer carries."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.web.serving import Served, Visitor, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as running:
        yield running


def test_a_link_logs_in_once(site: Served) -> None:
    link = site.link()
    with Visitor(site.url) as first:
        assert "Log in" in first.page(link.removeprefix(site.url))
        token = link.rpartition("=")[2]
        assert first.post("/login", data={"link": token}).status_code == 303
        assert "Nothing waits for you." in first.page("/")
    with Visitor(site.url) as second:
        answer = second.post("/login", data={"link": token})
        assert answer.status_code == 403
        assert "used already" in answer.text
        assert second.get("/").status_code == 303


def test_an_answer_leaves_at_once(site: Served) -> None:
    with site.somebody() as visitor:
        took = []
        for _ in range(5):
            began = time.monotonic()
            visitor.page("/")
            took.append(time.monotonic() - began)
    assert min(took) < 0.035  # an answer whose end waits for an acknowledgement takes 40 ms and more


def test_another_host_is_not_answered(site: Served) -> None:
    assert httpx.get(site.url + "/login", headers={"Host": "evil.example:80"}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({}, 303),
    ],
)
def test_only_pages_of_ours_change_anything(site: Served, headers: dict[str, str], status: int) -> None:
    with site.somebody() as visitor:
        token = visitor.token()
        assert visitor.post("/stop", data={"token": token}, headers=headers).status_code == status
        if status == 303:
            assert "Everything is stopped" in visitor.page("/")
            visitor.submit("/resume-all")


def test_a_form_needs_the_sessions_own_token(site: Served) -> None:
    with site.somebody() as visitor, site.somebody() as other:
        for token in ("", "x", other.token()):
            assert visitor.post("/stop", data={"token": token}).status_code == 403
        assert "Everything is stopped" not in visitor.page("/")


def test_a_person_logs_in_by_link_and_stops_everything(site: Served, chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()
    page.get_by_role("button", name="Stop everything").click()
    expect(page.get_by_text("Everything is stopped: nothing is sent.")).to_be_visible()
    page.get_by_role("button", name="Let runs go on").click()
    context.close()
    assert wrong == []
