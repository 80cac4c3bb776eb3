"""What a post must look like on each network."""

from typing import Any

import pytest

from agent.api.comments import CreateComment
from agent.api.networks import NETWORKS
from tests.policy.helpers import PUBLISHED, draft, findings, promote, said, target

ITEMS = [{"text": "One."}, {"text": "Two."}]
COMMENT = {"text": "https://example.com", "is_first_comment": True, "first_comment_delay": 1}


def post(*networks: Any, content: Any = None, media: bool = True, **more: Any) -> Any:
    items = content or [{"text": "A."}]
    if media:
        items = [{**items[0], "media": [41]}, *items[1:]]
    return promote(None, *networks, content=items, **more)


LENGTHS = {
    "twitter": 280,
    "facebook": 63206,
    "instagram": 2200,
    "tiktok": 2200,
    "youtube": 5000,
    "pinterest": 500,
    "threads": 500,
    "telegram": 1024,  # under media
    "linkedin": 3000,
    "bluesky": 300,
    "mastodon": 500,
}


@pytest.mark.parametrize("network", NETWORKS)
def test_lengths(network: str) -> None:
    most = LENGTHS[network]
    assert said("post.length", post(network, content=[{"text": "a" * most}])) == "allow"
    [finding] = findings("post.length", post(network, content=[{"text": "a" * (most + 3)}]))
    assert finding.verdict.word == "deny"
    assert finding.says.startswith(f"The text is 3 over on {network}: {most + 3} of {most} ")
    assert finding.passes.startswith("take 3 ") and finding.evidence == "content.0.text"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (draft("a" * 281, "twitter"), "deny later"),
        (promote("日" * 140, "twitter"), "allow"),
        (promote("日" * 141, "twitter"), "deny"),
        (promote("a" * 300, target("twitter", text="short"), "linkedin"), "allow"),
        (promote("short", target("twitter", text="a" * 281)), "deny"),
        (promote("a" * 300, "linkedin", "twitter"), "deny"),
        (post(target("youtube", title="a" * 100)), "allow"),
        (post(target("youtube", title="a" * 101)), "deny"),
        (post(target("youtube", title="a < b")), "deny"),
        (post("youtube", content=[{"text": "a > b"}]), "deny"),
        (post("youtube", content=[{"text": "A."}, {**COMMENT, "text": "a > b"}]), "allow"),
        (promote(None, "twitter", content=[{"text": "a"}, {"text": "a" * 281}]), "deny"),
        (promote(None, "linkedin", content=[{"text": "a"}, {**COMMENT, "text": "a" * 1251}]), "deny"),
        (promote(None, "linkedin", content=[{"text": "a"}, {**COMMENT, "text": "a" * 1250}]), "allow"),
        (promote("a" * 4096, "telegram"), "allow"),
        (CreateComment(post_id=PUBLISHED, content="a" * 5000), "allow"),
    ],
)
def test_length_cases(call: Any, expected: str) -> None:
    assert said("post.length", call) == expected


def test_each_network_is_told_once() -> None:
    call = promote("a" * 4000, "linkedin", {"id": 198}, "twitter")
    assert len(findings("post.length", call)) == 2


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (post("instagram"), "allow"),
        (post("instagram", media=False), "deny"),
        (post("tiktok", media=False), "deny"),
        (post("youtube", media=False), "deny"),
        (post("pinterest", media=False), "deny"),
        (post("linkedin", "twitter", media=False), "allow"),
        (post("linkedin", "instagram", media=False), "deny"),
        (draft("A.", "instagram"), "deny later"),
        (post("instagram", media=False, content=[{"text": "A."}, {**COMMENT, "media": [41]}]), "deny"),
        (post("instagram", media=False, content=[{"text": "A."}, {"media": [41]}]), "allow"),
    ],
)
def test_media_needed(call: Any, expected: str) -> None:
    assert said("post.media_needed", call) == expected


@pytest.mark.parametrize("network", NETWORKS)
def test_threads(network: str) -> None:
    has_threads = network in {"twitter", "threads", "bluesky", "mastodon"}
    assert said("post.thread", post(network, content=ITEMS)) == ("allow" if has_threads else "deny")
    assert said("post.thread", post(network)) == "allow"
    assert said("post.thread", post(network, content=[ITEMS[0], COMMENT])) == "allow"
    assert said("post.thread", draft(None, "linkedin", network, content=ITEMS)) == "deny later"


@pytest.mark.parametrize("network", NETWORKS)
def test_first_comments(network: str) -> None:
    has_comments = network in {"instagram", "facebook", "linkedin", "youtube"}
    assert said("post.first_comment", post(network, content=[ITEMS[0], COMMENT])) == (
        "allow" if has_comments else "deny"
    )
    assert said("post.first_comment", post(network, content=[*ITEMS, COMMENT])) == "deny"
    assert said("post.first_comment", post(network, content=[COMMENT])) == "deny"
    assert said("post.first_comment", post(network, content=ITEMS)) == "allow"


FRAME, PICTURE = {"video_cover_timestamp_ms": 100}, {"thumbnail": 41}


@pytest.mark.parametrize(
    ("networks", "cover", "expected"),
    [
        (["tiktok"], FRAME, "allow"),
        (["tiktok"], PICTURE, "deny"),
        (["tiktok"], {**FRAME, **PICTURE}, "deny"),
        (["youtube"], PICTURE, "allow"),
        (["youtube"], FRAME, "deny"),
        (["instagram", "facebook"], PICTURE, "allow"),
        (["facebook"], FRAME, "deny"),
        (["youtube", "tiktok"], PICTURE, "deny"),
        (["linkedin", "twitter"], PICTURE, "allow"),
        (["linkedin", "youtube"], PICTURE, "allow"),
    ],
)
def test_covers(networks: list[str], cover: Any, expected: str) -> None:
    assert said("post.cover", post(*networks, content=[{"text": "A.", "cover_image": cover}])) == expected


def test_only_the_first_item_has_a_cover() -> None:
    assert said("post.cover", post("twitter", content=[ITEMS[0], {"text": "B.", "cover_image": PICTURE}])) == "deny"
    assert said("post.cover", post("twitter", content=ITEMS)) == "allow"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (promote("@a @b @c", "twitter"), "allow"),
        (promote("@a @b @c @d", "twitter"), "hold"),
        (draft("@a @b @c @d", "twitter"), "hold later"),
        (promote("mail a@b.example, c@d.example and e@f.example, g@h.example", "twitter"), "allow"),
        (promote(None, "twitter", content=[{"text": "@a @b"}, {"text": "@c @d"}]), "hold"),
        (promote("@a @b @c @d", target("twitter", text="none")), "allow"),
        (promote("＠a ＠b ＠c ＠d", "twitter"), "hold"),
    ],
)
def test_mentions(call: Any, expected: str) -> None:
    assert said("post.mentions", call) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([{}], "deny"),
        ([{"text": " \n"}, {"text": None}], "deny"),
        ([{"media": []}], "deny"),
        ([{"media": [41]}], "allow"),
        ([{}, {"text": "A."}], "allow"),
    ],
)
def test_empty(content: Any, expected: str) -> None:
    assert said("post.empty", promote(None, "linkedin", content=content)) == expected
