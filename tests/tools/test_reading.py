"""Finding and reading posts."""

from typing import Any

import pytest

from agent.api.posts import AnalyzeTwitterPost, GetPost, GetPostByPlatformPostId, GetPostByUrl, ListPosts
from agent.api.types import Page, Post
from tests.sandbox.box import shop
from tests.tools.helpers import BERLIN, NEW_YORK, Box, Reads, facts, parts, post, row, said, unfit

POSTS = (
    post(id=1, content=[{"text": "The Café opens"}]),
    post(id=2, status="SCHEDULED", scheduled_at="2026-03-05 09:00"),
    post(id=3, status="PUBLISHED", posted_on=["2026-03-01 09:00 AM"]),
    post(id=4, status="PARTIALLY_FAILED", scheduled_at="2026-03-01T23:30:00+00:00"),
    post(id=5, status="FAILED", scheduled_at="whenever"),
    post(id=6, workspace={"id": NEW_YORK}, platforms=[row(107)], content=[{"text": "a"}, {"text": "CAFÉ"}]),
    post(id=8, status="IN_QUEUE", scheduled_at="2026-03-03 10:00"),
    post(id=9, status="PUBLISHED", scheduled_at="2026-04-01 23:59", posted_on=["2026-04-02 00:01"]),
    post(id=10, status="SCHEDULED", scheduled_at="2026-05-08 09:00", posted_on=["2026-05-01 09:00"]),
    post(id=11, status="FAILED", platforms=[row(102, settings={"text": "Straight from the KILN."})]),
)


def listed(*posts: Post) -> Page[Post]:
    return Page[Post](data=posts, last_page=1)


FINDS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "everything": ({}, [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]),
    "one workspace": ({"workspace_id": NEW_YORK}, [6]),
    "drafts": ({"status": "draft"}, [1, 6]),
    "scheduled": ({"status": "scheduled"}, [2, 10]),
    "published, wholly, partly or just now": ({"status": "published"}, [3, 4, 8, 9]),
    "failed, wholly or partly": ({"status": "failed"}, [4, 5, 11]),
    "words, in any case and any item": ({"contains": "cafe\u0301"}, [1, 6]),
    "words that one network has of its own": ({"contains": "kiln"}, [11]),
    "from a day": ({"due_from": "2026-03-03"}, [2, 8, 9, 10]),
    "the day it went out, not the one it was due": ({"due_from": "2026-04-01", "due_to": "2026-04-01"}, []),
    "the day it went out": ({"due_from": "2026-04-02", "due_to": "2026-04-02"}, [9]),
    "a day something repeated went out": ({"due_to": "2026-05-01", "due_from": "2026-05-01"}, [10]),
    "the day it is due again": ({"due_from": "2026-05-08"}, [10]),
    "to a day": ({"due_to": "2026-03-01"}, [3]),
    "a day on the workspace's clock": ({"due_from": "2026-03-02", "due_to": "2026-03-02"}, [4]),
    "the newest few": ({"limit": 2}, [1, 2]),
}


@pytest.mark.parametrize("case", FINDS)
def test_posts_are_found(case: str) -> None:
    given, expected = FINDS[case]
    reads = Reads({"ListPosts": listed(*POSTS)})
    told = said("find_posts", given, reads)
    assert [row["id"] for row in told["posts"]] == expected
    assert ("more" in told) == (case == "the newest few")
    assert reads.asked == [ListPosts(page=1, per_page=100)]


def test_posts_outside_the_scope_are_not_shown() -> None:
    told = said("find_posts", {}, Reads({"ListPosts": listed(*POSTS)}), known=facts(scope=frozenset({NEW_YORK})))
    assert [row["id"] for row in told["posts"]] == [6]


def test_the_walk_follows_pages_and_passes_over_what_came_twice() -> None:
    pages = {
        1: Page[Post](data=(post(id=9), post(id=8)), current_page=1, last_page=3),
        2: Page[Post](data=(post(id=8), post(id=7)), current_page=2, last_page=3),
        3: Page[Post](data=(post(id=6),), current_page=3, last_page=3),
    }
    reads = Reads({"ListPosts": lambda call: pages[call.page]})
    assert [row["id"] for row in said("find_posts", {}, reads)["posts"]] == [9, 8, 7, 6]


def test_the_walk_stops_when_enough_is_found_and_at_a_page_without_news() -> None:
    same = Reads({"ListPosts": Page[Post](data=(post(id=9),), has_next=True)})
    assert len(said("find_posts", {}, same)["posts"]) == 1
    assert len(same.asked) == 2
    many = Reads(
        {"ListPosts": lambda call: Page[Post](data=(post(id=call.page), post(id=1000 + call.page)), has_next=True)}
    )
    assert said("find_posts", {"limit": 1}, many)["more"] == "there are more; narrow the search or raise limit"
    assert len(many.asked) == 1


def test_the_walk_ends_somewhere_and_says_so() -> None:
    endless = Reads({"ListPosts": lambda call: Page[Post](data=(post(id=call.page),), has_next=True)})
    told = said("find_posts", {"contains": "nothing"}, endless)
    assert told == {"posts": [], "more": "only the newest 10 posts were looked at"}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"workspace_id": 99}, "no workspace 99"),
        ({"due_from": "2026-02-30"}, "2026-02-30 is no day of the calendar"),
        ({"due_from": "2026-03-02", "due_to": "2026-03-01"}, "due_to 2026-03-01 lies before due_from 2026-03-02"),
    ],
)
def test_a_search_is_refused(given: dict[str, Any], why: str) -> None:
    assert why in unfit("find_posts", given)


def test_single_reads_are_one_call() -> None:
    url = "https://x.com/acme/status/1"
    assert parts("get_post", {"post": 7}).calls == (GetPost(id=7),)
    assert parts("find_post_by_url", {"url": url}).calls == (GetPostByUrl(post_url=url),)
    assert parts("find_post_by_network_id", {"id": "1"}).calls == (GetPostByPlatformPostId(platform_post_id="1"),)
    assert "dots alone" in unfit("find_post_by_network_id", {"id": ".."})  # another path of the service
    asked = parts("analyze_x_post", {"url": url, "question": "Friendly?"}).calls
    assert asked == (AnalyzeTwitterPost(url=url, question="Friendly?"),)


def test_the_sandbox_is_searched() -> None:
    state = shop()
    box = Box(state)
    told = said("find_posts", {"workspace_id": BERLIN, "status": "scheduled"}, box, known=box.facts())
    assert len(told["posts"]) == 3
    assert all(row["due"].endswith(" Europe/Berlin") for row in told["posts"])
    state.close()
