"""What a finding says would pass is enough to mend the call with: its figures stand in it, and the result passes."""

from typing import Any

import pytest

from agent.policy.rules.control import without_hidden
from tests.policy.helpers import draft, findings, promote, said, target

THREAD = [{"text": "One."}, {"text": "Two."}]
COMMENT = {"text": "More.", "is_first_comment": True}
PICTURE, FRAME = {"thumbnail": 41}, {"video_cover_timestamp_ms": 100}


def covered(network: str, cover: Any) -> Any:
    return promote(None, network, content=[{"text": "A.", "media": [41], "cover_image": cover}])


#: Rule, the call, what `passes` says, the call mended by that alone.
CASES: list[tuple[str, Any, str, Any]] = [
    ("post.length", promote("a" * 283, "twitter"), "take 3 weighted characters off", promote("a" * 280, "twitter")),
    ("post.length", promote("(" * 1501, "linkedin"), "take 2 characters", promote("(" * 1500, "linkedin")),
    (
        "post.length",
        promote("a" * 283, "twitter", "linkedin"),
        "or give twitter a shorter variant",
        promote("a" * 283, target("twitter", text="Short."), "linkedin"),
    ),
    (
        "post.length",
        promote("a" * 503, "mastodon", "linkedin"),
        "or give mastodon a shorter text in a draft of its own",
        promote("a" * 503, "linkedin"),
    ),
    (
        "post.length",
        promote("a. " * 101, "bluesky"),
        "or write it as shorter thread parts",
        promote(None, "bluesky", content=[{"text": "a. " * 50}, {"text": "a. " * 51}]),
    ),
    ("post.length", promote("a <b>", target("youtube")), "write it without < and >", promote("a b", "youtube")),
    ("post.hashtags", promote("#a1 #b2 #c3 #d4 #e5", "twitter"), "2 hashtags or fewer", promote("#a1 #b2", "twitter")),
    ("post.mentions", promote("@a @b @c @d", "twitter"), "3 mentions or fewer", promote("@a @b @c", "twitter")),
    ("post.media_needed", promote("A.", "instagram"), "add a picture or video", promote("A.", "linkedin")),
    (
        "post.thread",
        promote(None, "twitter", "linkedin", content=THREAD),
        "make a draft of its own, with one item, for linkedin",
        promote(None, "linkedin", content=THREAD[:1]),
    ),
    (
        "post.first_comment",
        promote(None, "twitter", "linkedin", content=[THREAD[0], COMMENT]),
        "make a draft without it for twitter",
        promote(None, "twitter", content=THREAD[:1]),
    ),
    (
        "post.first_comment",
        promote(None, "linkedin", content=[*THREAD, COMMENT]),
        "leave the first comment out, or the thread items",
        promote(None, "linkedin", content=[THREAD[0], COMMENT]),
    ),
    ("post.cover", covered("tiktok", PICTURE), "use video_cover_timestamp_ms", covered("tiktok", FRAME)),
    ("post.cover", covered("youtube", FRAME), "use thumbnail", covered("youtube", PICTURE)),
    ("post.empty", promote(" ", "linkedin"), "write a text, or add media", promote("A.", "linkedin")),
    ("time.zone", promote("A.", zone="Asia/Tokyo"), "give the time in Europe/Berlin", promote("A.")),
    ("time.zone", promote("A.", zone=None), "give the time in Europe/Berlin", promote("A.")),
    ("time.past", promote("A.", at="2026-11-24 09:59"), "name a time ahead", promote("A.", at="2026-11-25 09:59")),
    (
        "time.lead",
        promote("A.", at="2026-11-24 10:05"),
        "name 2026-11-24 10:10 or later",
        promote("A.", at="2026-11-24 10:10"),
    ),
    (
        "time.exists",
        promote("A.", at="2027-03-28 02:30"),
        "ask the person which is meant: 01:30 (UTC+01:00) or 03:30 (UTC+02:00)",
        promote("A.", at="2027-03-28 03:30"),
    ),
    (
        "link.safe",
        draft("See http://example.com/a"),
        "use a public https:// address",
        draft("See https://example.com/a"),
    ),
    (
        "text.control",
        draft("Mugs\u202e are\u200b in"),
        "write it without U+202E RIGHT-TO-LEFT OVERRIDE at 5, U+200B ZERO WIDTH SPACE at 10",
        draft("Mugs are in"),
    ),
]


@pytest.mark.parametrize(("rule", "call", "passes", "mended"), CASES)
def test_what_would_pass_passes(rule: str, call: Any, passes: str, mended: Any) -> None:
    found = findings(rule, call)
    assert any(passes in finding.passes for finding in found), [finding.passes for finding in found]
    assert said(rule, mended) == "allow"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain", "plain"), ("a\u200bb\u202ec", "abc"), ("\u200b\u200d\u200d", ""), ("\U0001f44d\u200d", "\U0001f44d")],
)
def test_hidden_characters_can_be_taken_out(text: str, expected: str) -> None:
    assert without_hidden(text) == expected
    assert said("text.control", draft(without_hidden(text) + ".")) == "allow"
