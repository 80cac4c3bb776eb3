"""Hashtags, mentions and links as each network reads them, and taking hashtags out."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.policy.counting import measure
from agent.policy.entities import NETWORKS, hashtags, links, mentions, without_hashtags_over

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


@pytest.mark.parametrize(
    ("network", "text", "expected"),
    [
        ("twitter", "#one, #two_2 and ＃three!", ["#one", "#two_2", "＃three"]),
        ("twitter", "a#b 1#b é#b _#b", []),
        ("twitter", "#2026 #20a #_", ["#20a"]),
        ("instagram", "#2026 #20a", ["#20a"]),
        ("bluesky", "#2026 #_ #20a", ["#20a"]),
        ("tiktok", "#2026", ["#2026"]),
        ("threads", "#first and #second", ["#first", "#second"]),
        ("instagram", "#one#two", ["#one", "#two"]),
        ("instagram", "#yes\U0001f389 #\U0001f389", ["#yes\U0001f389", "#\U0001f389"]),
        ("twitter", "#yes\U0001f389 #\U0001f389", ["#yes"]),
        ("twitter", "https://example.com/#frag example.com/a#b #c", ["#c"]),
        ("twitter", "https://example.com#frag", []),
        ("twitter", "#️⃣ 1️⃣#tag ❤️#tag", ["#tag", "#tag"]),
        ("twitter", "#हिन्दी #ኢትዮጵያ #日本語", ["#हिन्दी", "#ኢትዮጵያ", "#日本語"]),
        ("twitter", "(#a) “#b” /#c #d-e #f's", ["#a", "#b", "#c", "#d", "#f"]),
        ("twitter", "# a #! #https://example.com", []),
    ],
)
def test_hashtags(network: str, text: str, expected: list[str]) -> None:
    found = hashtags(text, network)
    assert [span.text for span in found] == expected
    assert all(text[span.start : span.end] == span.text for span in found)


@pytest.mark.parametrize(
    ("network", "text", "expected"),
    [
        ("twitter", "@ann, (@bob) ＠eve", ["@ann", "@bob", "＠eve"]),
        ("twitter", "ann@example.com", []),
        ("twitter", "https://example.com/@ann medium.com/@bob", []),
        ("instagram", "@ann.lee. @x", ["@ann.lee", "@x"]),
        ("mastodon", "@ann@example.social @bob", ["@ann@example.social", "@bob"]),
        ("bluesky", "@ann.bsky.social!", ["@ann.bsky.social"]),
        ("linkedin", "@[Ann Lee](urn:li:person:1) @bob", ["@[Ann Lee](urn:li:person:1)", "@bob"]),
        ("youtube", "@ @! @@ann", ["@ann"]),
    ],
)
def test_mentions(network: str, text: str, expected: list[str]) -> None:
    assert [span.text for span in mentions(text, network)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://example.com/a?b=c#d. Or (http://example.org/x_(y))", 2),
        ("bare example.com and www.example.org/x", 2),
        ("ann@example.com, 3.5, e.g., wait...is", 0),
        ("http://192.168.1.1/x http://localhost:8000/ http://[::1]/a", 3),
        ("https://user:word@example.com/x", ["https://user:word@example.com/x"]),
        ("https://good.example.com@evil.example.org/x", ["https://good.example.com@evil.example.org/x"]),
        ("https://good.com.evilending/x y", ["https://good.com.evilending/x"]),
        ("https://example.comを見て", ["https://example.com"]),
        ("http://1.1.1.1/?to=https://example.com", ["http://1.1.1.1/?to=", "https://example.com"]),
        ("http:// https://. http", 0),
    ],
)
def test_links(text: str, expected: int | list[str]) -> None:
    for network in NETWORKS:
        found = [span.text for span in links(text, network)]
        assert (len(found) if isinstance(expected, int) else found) == expected


@pytest.mark.parametrize(
    ("text", "keep", "expected"),
    [
        ("We like #one and  two", 1, "We like #one and  two"),
        ("News #one #two #three", 1, "News #one"),
        ("News\n\n#one #two\n", 0, "News"),
        ("#one #two News", 0, "News"),
        ("a #one b #two c", 1, "a #one b c"),
        ("a #one  b", 0, "a b"),
        ("A \t#x  \nB\n#y\nC", 0, "A\nB\n\nC"),
        ("#a, #b, #c, #d end", 2, "#a, #b end"),
        ("#a | #b | #c", 1, "#a"),
        ("Hello #world! See (#this).", 0, "Hello! See."),
        ("see #b(now) or #c :)", 0, "see (now) or :)"),
        ("(#a text", 0, "(text"),
        ("#London's #foo-bar #b", 0, "London's foo-bar"),
        ("#k#a#foo-bar z", 1, "#k foo-bar z"),
        ("##foo-bar", 0, "# foo-bar"),
        ("https://example.com/#frag #a #b.", 1, "https://example.com/#frag #a."),
        ("See https://example.com/x #a.", 0, "See https://example.com/x."),
        ("See https://example.com/(x #a)", 0, "See https://example.com/(x )"),
        ("#a #b https://example.com", 1, "#a https://example.com"),
        ("no #link-made.com here", 0, "no -made.com here"),
        ("＃one #️⃣ a#b", 0, "#️⃣ a#b"),
    ],
)
def test_without_hashtags_over(text: str, keep: int, expected: str) -> None:
    assert without_hashtags_over(text, "twitter", keep) == expected


def test_cannot_keep_fewer_than_none() -> None:
    with pytest.raises(ValueError, match="give 0 or more"):
        without_hashtags_over("#a", "twitter", -1)


@pytest.mark.parametrize("door", [measure, hashtags, mentions, links])
def test_an_unknown_network_is_named_with_those_there_are(door: Any) -> None:
    with pytest.raises(ValueError, match=r"'x' is no network; use one of twitter.*X is called twitter"):
        door("text", "x")


# Properties

MARKS = "#＃@.:/-_ \n,()[]'\"&…—\u0301\u200d\ufe0f\u20e3\ud83d\ude00\U0001f3fd\U0001f1ea\U0001f1f9aé日क्ष1"
PIECES = ["#one", "#two-x", "http://a.co/x", "example.com", "https://", "@ann", FAMILY, "\r\n", " ", ", ", "."]
TEXTS = st.one_of(
    st.text(),
    st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(MARKS))).map("".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(["word", "end."]))).map(" ".join),
    st.text(st.characters(categories=["Cs", "Cn", "Co", "Mn", "So"])),
)
NETWORK = st.sampled_from(NETWORKS)


@given(TEXTS, NETWORK)
def test_entities_stand_in_order_and_hold_their_text(text: str, network: str) -> None:
    for door in (hashtags, mentions, links):
        at = 0
        for span in door(text, network):
            assert at <= span.start < span.end
            assert text[span.start : span.end] == span.text
            at = span.end


@given(TEXTS, NETWORK, st.integers(0, 3))
def test_removal_is_never_over_and_idempotent_and_keeps_all_else(text: str, network: str, keep: int) -> None:
    before = hashtags(text, network)
    shorter = without_hashtags_over(text, network, keep)
    after = hashtags(shorter, network)
    assert len(after) == min(keep, len(before))
    assert without_hashtags_over(shorter, network, keep) == shorter
    if len(before) <= keep:
        assert shorter == text
    addresses = [span.text for span in links(text, network)]
    assert all(address in shorter for address in addresses)
    assert all(span.text in addresses for span in links(shorter, network))


@given(st.lists(st.sampled_from(["word", "#tag", "#two", "end.", "(a", "b)", "https://example.com/a#b", "\n"])))
def test_removal_leaves_words_lines_and_single_blanks(words: list[str]) -> None:
    text = "start " + " ".join(words) + " stop"
    shorter = without_hashtags_over(text, "twitter", 1)
    assert [word for word in shorter.split() if word[0] != "#"] == [word for word in text.split() if word[0] != "#"]
    assert shorter.count("\n") == text.count("\n")
    if shorter != text:
        assert "  " not in shorter.replace(" \n ", "\n")


# Speed

WORST = [
    "#",
    "@",
    "a.",
    "a",
    "#a",
    "#a, ",
    "@a.",
    "http://",
    "https://a.",
    "http://1.1.1.1/",
    "a.co,",
    "a_",
    "a.com/((",
]
WORST += [
    "@[",
    "a.xn--",
    "é.",
    "\u094d",
    "\u0915\u094d",
    "\U0001f1e6",
    "\u200d",
    "(#a)",
    "#a#b-c",
    "@u@h.",
    "http://a@",
]


@pytest.mark.parametrize("unit", WORST)
def test_a_hostile_text_of_100_kb_takes_under_a_second(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    for door in (hashtags, mentions, links):
        door(text, "instagram")
    without_hashtags_over(text, "instagram", 1)
    assert time.process_time() - start < 1
