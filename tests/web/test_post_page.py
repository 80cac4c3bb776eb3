"""A post in full, whatever became of it: words, accounts, reasons and links; what nobody read is read on request."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.api.types import Post
from agent.assembly import Choices, packs_with
from agent.policy.facts import Facts
from agent.web.shown_post import told_post
from tests.house import NOW, settings
from tests.web.serving import Served, Visitor, served, wait_for

OUT, PARTLY, FAILED = 1014, 1006, 1009
PACK = packs_with(None).of("person")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home"), settings(), Choices(now=NOW)) as site:
        yield site


@pytest.fixture
def visitor(site: Served) -> Iterator[Visitor]:
    with site.somebody() as visitor:
        yield visitor


def read(visitor: Visitor, post: int) -> str:
    """The page of a post after somebody had it read."""
    answer = visitor.submit(f"/posts/{post}/read", back="post")
    assert answer.status_code == 303 and answer.headers["location"] == f"/posts/{post}"
    return visitor.page(f"/posts/{post}")


def test_a_post_that_nobody_read_is_not_asked_for_by_looking(visitor: Visitor) -> None:
    page = visitor.page("/posts/1001")
    assert "No run of this home has read this post" in page and 'name="back" value="post"' in page


def test_a_published_post_is_told_in_full(visitor: Visitor) -> None:
    page = read(visitor, OUT)
    assert "The spring glazes are out of the kiln. Which green is yours?" in page
    assert "See it on linkedin.com" in page and 'rel="noopener noreferrer' in page
    assert "Europe/Berlin" in page
    assert "media 501 not read" not in page and f"/posts/{OUT}/edit&#34;" not in page


def test_a_failed_post_says_why_and_can_be_sent_again(visitor: Visitor) -> None:
    page = read(visitor, FAILED)
    assert "Why: The account&#39;s connection has expired" in page
    assert f'href="/posts/{FAILED}/edit"' in page and "send it again" in page


def test_a_post_that_failed_on_some_accounts_says_where_it_is_out(visitor: Visitor) -> None:
    page = read(visitor, PARTLY)
    assert "failed on some accounts" in page and "See it on facebook.com" in page and "Why: The account" in page
    assert f'href="/posts/{PARTLY}/edit"' not in page, "it can no longer be changed"


def test_the_calendar_leads_there(visitor: Visitor) -> None:
    visitor.submit("/calendar/read")
    wait_for(visitor, f"/calendar/post/{OUT}", f'href="/posts/{OUT}"')


def shown(**changes: Any) -> Post:
    row = {"platform": "linkedin", "status": "PUBLISHED", "account_id": 7, **changes.pop("row", {})}
    fields = {"id": 5, "status": "PUBLISHED", "content": [{"text": "Hello"}], "workspace_id": 3, "platforms": [row]}
    return Post.model_validate(fields | changes)


def told(post: Post) -> Any:
    return told_post(post, Facts(now=NOW), PACK, BERLIN, (("Text", "Hello"),))


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://www.linkedin.com/feed/1", "https://www.linkedin.com/feed/1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,hello", ""),
        (" https://evil.example", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_web_addresses_become_links(address: str | None, link: str) -> None:
    assert told(shown(row={"post_url": address})).rows[0].link == link


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        ("DRAFT", "draft", "draft"),
        ("SCHEDULED", "scheduled", "scheduled"),
        ("IN_QUEUE", "scheduled", "being published"),
        ("FAILED", "failed", "failed"),
        ("PARTIALLY_FAILED", "failed", "failed on some accounts"),
        ("SOMETHING_NEW", "scheduled", "being published"),
    ],
)
def test_states_are_told(status: str, kind: str, word: str) -> None:
    found = told(shown(status=status, row={"status": status}))
    assert (found.kind, found.word) == (kind, word)


def test_a_time_that_cannot_be_read_is_shown_as_it_is() -> None:
    row = told(shown(row={"posted_on": ["2026-11-24 09:00:00", "yesterday"]})).rows[0]
    assert [one.astimezone(BERLIN).hour for one in row.at] == [9] and row.unread == ("yesterday",)


def test_a_post_without_a_workspace_is_told_by_its_texts() -> None:
    found = told(shown(workspace_id=None))
    assert found.previews == () and found.texts == (("Text", "Hello"),)
