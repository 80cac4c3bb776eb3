"""The page of performance: numbers read at a press, shown by account, post, hour and day, and taken along."""

import csv
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from agent.assembly import Choices
from agent.gate.decisions import Person
from tests.house import NOW
from tests.web.serving import Served, served

VIEWER = Person("vera", "viewer", "web")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # The box's numbers grow by its clock: it stands still here.
    with served(tmp_path_factory.mktemp("home"), choices=Choices(now=NOW)) as running:
        yield running


@pytest.fixture(scope="module")
def read(site: Served) -> Served:
    """The site once its numbers were read."""
    with site.somebody() as visitor:
        assert "No run has read numbers of this yet." in visitor.page("/performance")
        assert visitor.submit("/performance/read").headers["location"] == "/performance"
        assert "The numbers of 11 accounts were read." in visitor.page("/performance")
    return site


def test_numbers_are_read_through_a_run_and_shown(read: Served) -> None:
    with read.somebody() as visitor:
        page = visitor.page("/performance")
        for words in ("60,908", "TikTok · Fern &amp; Clay Studio", "By hour of posting", "Best", "Totals as read"):
            assert words in page, words
        assert 'role="img"' in page and "<desc" in page and "style=" not in page
        one = visitor.page("/performance?of=account-101&metric=engagement_rate&days=7")
        assert "Engagement rate by day" in one and "Harbour Coffee Boards" not in one.partition("By account")[2]
        assert "Fern" in visitor.page("/performance?of=workspace-11")


def test_what_is_exported_is_what_is_shown(read: Served) -> None:
    with read.somebody() as visitor:
        answer = visitor.get("/performance/accounts.csv?of=account-101")
        assert answer.headers["content-disposition"].startswith('attachment; filename="accounts-2')
        [head, row] = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
        shown = dict(zip(head, row, strict=True))
        assert shown["account"] == "101" and int(shown["impressions"]) > 0 and shown["read_utc"].endswith("Z")
        days = list(csv.reader(io.StringIO(visitor.get("/performance/days.csv").text)))
        assert len(days) == 2 and days[1][1] == "60908"
        posts = list(csv.DictReader(io.StringIO(visitor.get("/performance/posts.csv").text.lstrip("\ufeff"))))
        assert len(posts) > 10 and all(row["account_name"] and row["zone"] for row in posts)


@pytest.mark.parametrize(
    "query",
    ["of=account-999999", "of=workspace-x", "of=account-²", "of=nonsense", "metric=money", "days=1000", "page=-1"],
)
def test_what_is_not_there_is_told(read: Served, query: str) -> None:
    with read.somebody() as visitor:
        for path in ("/performance", "/performance/posts.csv"):
            answer = visitor.get(f"{path}?{query}")
            assert answer.status_code == 409 and "notice danger" in answer.text
        assert visitor.get("/performance/secrets.csv").status_code == 409
        assert visitor.get("/performance?page=99999").status_code == 200


def test_a_viewer_looks_and_reads_nothing(read: Served) -> None:
    with read.somebody(VIEWER) as visitor:
        assert "60,908" in visitor.page("/performance") and "Read the numbers now" not in visitor.page("/performance")
        assert visitor.submit("/performance/read").status_code == 409


def test_the_charts_are_seen_and_fit_a_telephone(read: Served, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800}, color_scheme="dark")
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(read.link())
    page.get_by_role("button", name="Log in").click()
    page.goto(read.url + "/performance")
    expect(page.get_by_role("img", name="Impressions by hour of posting")).to_be_visible()
    column = page.locator(".plot-column").first.bounding_box()
    assert column is not None and column["height"] > 5 and column["width"] > 2
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    context.close()
    assert wrong == []
