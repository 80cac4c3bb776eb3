"""The comments' inbox: what waits for an answer, how hostile words are shown, and that answering is judged first."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from agent.assembly import Choices
from agent.gate.decisions import Person
from agent.sandbox.state import State
from tests.house import NOW, settings
from tests.web.serving import Served, Visitor, served, wait_for

#: Comments that are more than they say.
HOSTILE = """      - {author: "<b>Mal</b>", handle: "mal\\u202etsal", platform: linkedin, at: -1d 05:00,
         text: "<img src=x onerror=alert(1)><script>alert(2)</script> https://evil.example/pay"}
      - {author: Zero, handle: zero, platform: linkedin, at: -1d 06:00, text: "pay\\u200bpal \\u202eevil\\u202c"}
      - {author: Long, handle: long, platform: twitter, at: -1d 07:00, text: "%s the end"}
""" % ("long words " * 950)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    shop = (Path(__file__).parents[2] / "agent" / "sandbox" / "worlds" / "shop.yaml").read_text()
    before = "      - {author: Priya N.,"
    assert before in shop
    (home / "hostile.yaml").write_text(shop.replace(before, HOSTILE + before, 1))
    with served(home, settings(psa_world="hostile.yaml"), Choices(now=NOW)) as running:
        with running.somebody() as visitor:
            assert "No run has read any comments yet" in visitor.page("/comments")
            refused = visitor.submit("/comments/read")
            assert "knows no post that went out lately" in refused.text
            visitor.submit("/calendar/read")
            wait_for(visitor, "/calendar/age", "All posts read")
            visitor.submit("/comments/read")
            wait_for(visitor, "/comments/age", "requests or a few more")
        yield running


@pytest.fixture
def visitor(site: Served) -> Iterator[Visitor]:
    with site.somebody() as somebody:
        yield somebody


def comment_of(page: str, who: str) -> str:
    """The number of the first comment of somebody."""
    found = re.search(rf'id="comment-(\d+)"(?:(?!id="comment-).)*?{re.escape(who)}', page, re.DOTALL)
    assert found is not None, f"nobody called {who}"
    return found[1]


def part_of(page: str, comment: str) -> str:
    """What a page shows of one comment."""
    return page.partition(f'id="comment-{comment}"')[2].partition("</article>")[0]


def said(visitor: Visitor, path: str = "/comments?all=1") -> str:
    """What the last action told."""
    found = re.search(r'<p class="notice" role="status">.*?<span>(.*?)</span>', visitor.page(path), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def writes(site: Served) -> list[str]:
    return [effect["operation"] for effect in State.open(site.home / "runs" / "sandbox.db").effects()]


def test_what_nobody_answered_comes_first_and_all_the_rest_is_there(visitor: Visitor) -> None:
    page = visitor.page("/comments")
    assert "How much is shipping to Ireland?" in page
    assert "Want 10k followers?" not in page, "it is resolved"
    every = visitor.page("/comments?all=1")
    assert "Want 10k followers?" in every
    assert every.index("How much is shipping") < every.index("Want 10k followers?")
    assert "Thank you Lena! The next firing is on Thursday." in every


def test_hostile_words_are_shown_as_what_they_are(visitor: Visitor) -> None:
    page = visitor.page("/comments")
    assert "&lt;img src=x onerror=alert(1)&gt;&lt;script&gt;alert(2)&lt;/script&gt;" in page
    assert "&lt;b&gt;Mal&lt;/b&gt; @mal\\u202etsal" in page
    assert "pay\\u200bpal \\u202eevil\\u202c" in page
    assert 'href="https://evil' not in page
    assert "the end" not in page
    long = comment_of(page, "Long @long")
    assert "more characters" in part_of(page, long)
    assert "the end" in visitor.page(f"/comments/{long}")


def test_only_the_comments_of_an_account_or_a_post_are_shown(visitor: Visitor) -> None:
    linkedin = visitor.page("/comments?whose=a101")
    assert "How much is shipping" in linkedin
    assert "Long @long" not in linkedin
    assert "How much is shipping" not in visitor.page("/comments?whose=w12")
    post = re.search(r"Post (\d+)</a> · Fern", linkedin)
    assert post is not None
    one = visitor.page(f"/comments?post={post[1]}")
    assert f"Only post {post[1]}" in one
    assert one.count('class="thread card"') == 1


def test_own_words_are_sent_at_once_where_nothing_is_found(visitor: Visitor, site: Served) -> None:
    comment = comment_of(visitor.page("/comments"), "Jonas Weber")
    visitor.submit("/comments/reply", comment=comment, text="They do, at 40 degrees.", send="yes")
    assert re.fullmatch(rf"Reply to comment {comment} on post \d+: sent \(card \d+, run r\d+\)\.", said(visitor))
    assert writes(site).count("CreateComment") == 1
    assert "answered" in part_of(visitor.page("/comments?all=1"), comment)
    assert f'id="comment-{comment}"' not in visitor.page("/comments")


def test_words_with_a_finding_wait_and_so_does_what_is_put_in_the_queue(visitor: Visitor, site: Served) -> None:
    before = writes(site)
    clay = comment_of(visitor.page("/comments"), "wheelspinner")
    visitor.submit("/comments/reply", comment=clay, text="IT IS STONEWARE, AS WE SAID BEFORE!", send="yes")
    assert "waits for a decision" in said(visitor)
    assert 'class="small finding"' in part_of(visitor.page("/comments"), clay)
    comment = comment_of(visitor.page("/comments"), "Priya N.")
    visitor.submit("/comments/reply", comment=comment, text="Nine euros.", send="")
    card = re.search(r"card (\d+) waits for a decision", said(visitor))
    assert card is not None
    shown = part_of(visitor.page("/comments"), comment)
    assert "a reply waits" in shown
    assert "Nine euros." in shown
    assert f'action="/review/{card[1]}/approve"' in shown
    assert f'action="/review/{card[1]}/reject"' in shown
    again = visitor.submit("/comments/reply", comment=comment, text="Ten euros.", send="yes")
    assert again.status_code in {303, 409}
    assert writes(site) == before


def test_a_reply_that_waits_is_decided_in_the_inbox(visitor: Visitor, site: Served) -> None:
    comment = comment_of(visitor.page("/comments"), "Sven")
    visitor.submit("/comments/reply", comment=comment, text="It does.", send="")
    card = re.search(r"card (\d+) waits for a decision", said(visitor))
    assert card is not None
    before = writes(site).count("CreateComment")
    answer = visitor.submit(f"/review/{card[1]}/approve", back="/comments?all=1")
    assert answer.headers["location"] == "/comments?all=1"
    assert writes(site).count("CreateComment") == before + 1
    assert "answered" in part_of(visitor.page("/comments?all=1"), comment)


def test_taking_a_comment_away_is_a_card_that_is_confirmed_by_typing(visitor: Visitor, site: Served) -> None:
    before = writes(site)
    comment = comment_of(visitor.page("/comments"), "Zero @zero")
    visitor.submit("/comments/hide", comment=comment, why="spam")
    assert re.fullmatch(rf"Hide comment {comment}: spam: card \d+ waits for a decision\.", said(visitor))
    shown = part_of(visitor.page("/comments"), comment)
    assert 'Type hide to confirm <input name="typed" required pattern="hide"' in shown
    assert 'formaction="/comments/hide"' not in shown
    other = comment_of(visitor.page("/comments"), "Long @long")
    visitor.submit("/comments/delete", comment=other)
    assert "gives no reason to take it away" in html.unescape(part_of(visitor.page("/comments"), other))
    assert writes(site) == before


def test_the_agent_suggests_replies_that_wait(visitor: Visitor) -> None:
    page = visitor.page("/comments?whose=w12")
    post = re.search(r'action="/comments/suggest">.*?name="post" value="(\d+)"', page, re.DOTALL)
    assert post is not None
    visitor.submit("/comments/suggest", post=post[1], back="whose=w12")
    wait_for(visitor, "/comments?whose=w12", "Thank you for your comment.")
    assert "a reply waits" in visitor.page("/comments?whose=w12")


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("/comments/reply", {"comment": "999999", "text": "Hello."}, "No run has read comment 999999"),
        ("/comments/reply", {"comment": "x", "text": "Hello."}, "is no number"),
        ("/comments/reply", {"text": " \n "}, "The reply is empty"),
        ("/comments/reply", {"text": "x" * 70_000}, "cannot be asked for"),
        ("/comments/hide", {"why": "y" * 400}, "300 at most"),
        ("/comments/suggest", {"comment": "", "post": "999999"}, "No run has read comments of post 999999"),
        ("/comments/read", {"post": "-1"}, "is no number"),
    ],
)
def test_what_cannot_be_is_said(visitor: Visitor, path: str, fields: dict[str, str], says: str) -> None:
    comment = comment_of(visitor.page("/comments?all=1"), "Mika")
    answer = visitor.submit(path, **{"comment": comment, **fields})
    assert answer.status_code == 409
    assert says in html.unescape(answer.text)


def test_a_viewer_reads_and_asks_for_nothing(site: Served) -> None:
    with site.somebody(Person("vic", "viewer", "web")) as viewer:
        page = viewer.page("/comments?all=1")
        assert "Which clay is that?" in page
        assert 'action="/comments/' not in page
        assert 'action="/review/' not in page
        for name in ("read", "reply", "hide", "delete", "suggest"):
            assert "needs the role editor" in viewer.submit(f"/comments/{name}", comment="1").text


@pytest.mark.parametrize("query", ["whose=zzz&post=-3&page=0", "page=999999999", "all=2&whose=a1%00", "post=%E2%80%AE"])
def test_an_address_that_says_nonsense_shows_an_inbox(visitor: Visitor, query: str) -> None:
    assert "<h1>Comments</h1>" in visitor.page(f"/comments?{query}")


def test_nothing_hostile_runs_and_a_reply_is_written_by_keys(site: Served, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    wrong: list[str] = []
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("console", lambda told: wrong.append(told.text) if "Content Security" in told.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{site.url}/comments?all=1")
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("j")
    expect(page.locator("[data-comment]").first).to_be_focused()
    page.locator("[data-comment]", has_text="Mika @mika-clay").focus()
    page.keyboard.press("r")
    page.keyboard.type("Written by keys.")
    assert page.locator("textarea:focus").input_value() == "Written by keys."
    context.close()
    assert wrong == []
