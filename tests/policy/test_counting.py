"""Lengths, network by network, and the table of limits."""

import ast
import sys
import time
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from agent.policy.counting import Count, Figure, Limits, NetworkLimits, measure, over
from agent.policy.entities import NETWORKS, links, mentions

ROOT = Path(__file__).parents[2]
LIMITS_FILE = ROOT / "policies" / "networks.yaml"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
FLAG = "\U0001f1ea\U0001f1f9"
THUMB = "\U0001f44d\U0001f3fd"
KEYCAP = "1\ufe0f\u20e3"
KSHI = "\u0915\u094d\u0937\u093f"
BOLD = "\U0001d400\U0001d401"
LONG_URL = "https://example.com/" + "a" * 80
URL_WITH_STOP = "https://example.com/" + "a" * 27 + "."


def units(text: str, network: str) -> int:
    return measure(text, network).units


# Columns: code points, UTF-16 units, UTF-8 bytes, graphemes (of two readings the larger), weight on X.
GOLDEN = [
    ("a" * 280, 280, 280, 280, 280, 280),
    (LONG_URL, 100, 100, 100, 100, 23),
    ("see example.com now", 19, 19, 19, 19, 31),
    (FAMILY, 7, 11, 25, 1, 2),
    (FLAG, 2, 4, 8, 1, 2),
    (THUMB, 2, 4, 8, 1, 2),
    (KEYCAP, 3, 3, 7, 1, 2),
    ("あいうえお", 5, 5, 15, 5, 10),
    ("ሀለሐመሠ", 5, 5, 15, 5, 10),
    ("e\u0301", 2, 2, 3, 1, 1),
    (KSHI, 4, 4, 12, 2, 4),
    ("wait…", 5, 5, 7, 5, 6),
    ("a—b", 3, 3, 5, 3, 3),
    (BOLD, 2, 4, 8, 2, 4),
    ("https://example.newtldxyz/abc", 29, 29, 29, 29, 29),
    ("go to foo.shop", 14, 14, 14, 14, 29),
    ("http://192.168.1.1/x", 20, 20, 20, 20, 20),
    (URL_WITH_STOP, 48, 48, 48, 48, 24),
]


@pytest.mark.parametrize(("text", "points", "utf16", "utf8", "graphemes", "weight"), GOLDEN)
def test_golden_table(text: str, points: int, utf16: int, utf8: int, graphemes: int, weight: int) -> None:
    assert measure(text, "pinterest") == Count(points, "characters")
    assert measure(text, "facebook") == Count(points, "characters")
    for network in ("telegram", "tiktok", "instagram"):
        assert measure(text, network) == Count(utf16, "UTF-16 units")
    assert measure(text, "youtube") == Count(utf8, "UTF-8 bytes")
    assert measure(text, "bluesky") == Count(graphemes, "graphemes", Count(utf8, "UTF-8 bytes"))
    assert measure(text, "twitter") == Count(weight, "weighted characters")


# Weights as twitter-text-parser 3.0.0 gives them.
@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("Read https://example.com/a, then http://example.org.", 59),
        ("(see https://en.wikipedia.org/wiki/Rust_(fungus))", 29),
        ("example.com/path?q=1#top", 23),
        ("example.com?q=1", 27),
        ("https://example.com?q=1", 23),
        ("HTTPS://EXAMPLE.COM/A", 23),
        ("https://example.com:8443/a_(b)_c!", 24),
        ("https://t.co/abc123-more", 28),
        ("joe@example.com wrote", 21),
        ("wait...is it", 12),
        ("file main.py and README.md", 56),
        ("foo_bar.com is none, foo_bar.example.com is", 51),
        ("https://example.comを見て", 29),
        ("これはexample.comです", 33),
        ("https://münchen.de/über", 23),
        ("example.рф", 23),
        ("$example.com @example.com #example.com", 38),
        ("“example.com” — example.org…", 53),
        ("e.g. 3.5 U.S. 10:30", 19),
        ("\U0001f469\U0001f3fd\u200d\U0001f680 ❤️ ❤ © ™ ☎", 17),
        ("\U0001f9d1\u200d\U0001f4bb", 5),  # joined after Unicode 12: counted in parts
        ("\U0001f1ea\U0001f1f9\U0001f1e6\U0001f1e6", 6),  # the second pair is no flag
        ("#️⃣ *⃣ 7", 7),
        ("“quotes” ‘single’ – — …", 24),
        ("→ ✓ ½ ² № €", 15),
        ("a\u200db\u200c", 4),
    ],
)
def test_x_weight_agrees_with_its_own_parser(text: str, weight: int) -> None:
    assert units(text, "twitter") == weight


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("http://a.newtldxyz", 23),  # if the ending is known by now it is 23
        ("https://example.com.newtldxyz/abc", 23 + len(".newtldxyz/abc")),
        ("https://user:word@example.com/x", 31),
        ("xhttps://example.com", 24),
        ("https://spa.music/" + "a" * 40, 58),  # in one of the two lists of endings only
        ("see spa.music", 4 + 23),
    ],
)
def test_x_weight_takes_the_larger_of_two_readings(text: str, weight: int) -> None:
    assert units(text, "twitter") == weight


@pytest.mark.parametrize(
    ("network", "text", "expected"),
    [
        ("mastodon", LONG_URL, 23),
        ("mastodon", "http://a.co", 23),
        ("mastodon", "see example.com now", 19),
        ("mastodon", "hi @ann@example.social, you", len("hi @ann, you")),
        ("mastodon", "hi @ann@example.social.", len("hi @ann.")),
        ("mastodon", "mail ann@example.social", 23),
        ("mastodon", "@ann@host", 9),
        ("mastodon", "https://x.example.com/@ann@example.social/1", 23),
        ("mastodon", FAMILY, 1),
        ("threads", "abc " + FAMILY, 4 + 25),
        ("threads", "é ሀ e\u0301", 6),
        ("threads", KEYCAP + " 1", 7 + 2),
        ("threads", FLAG + THUMB, 16),
        ("linkedin", "plain", 5),
        ("linkedin", "|{}@[]()<>#\\*_~", 30),
        ("linkedin", "a #tag (b)", 13),
        ("bluesky", LONG_URL, 100),
        ("bluesky", "a\r\nb", 3),
        ("bluesky", "\u0928\u092e\u0938\u094d\u0924\u0947", 4),
        ("youtube", "é…", 5),
        ("instagram", "\U0001f389", 2),
        ("youtube", "a\ud800", 1 + 3),  # a lone surrogate counts like the replacement sign
        ("telegram", "a\ud800", 1 + 1),
        ("twitter", "a\ud800", 1 + 2),
    ],
)
def test_each_network_counts_in_its_own_unit(network: str, text: str, expected: int) -> None:
    assert units(text, network) == expected


def test_a_mastodon_server_may_count_links_otherwise() -> None:
    assert measure("see " + LONG_URL, "mastodon", mastodon_url=30).units == 34


@pytest.mark.parametrize(
    ("network", "text", "fits"),
    [
        ("twitter", "a" * 256 + " " + LONG_URL, True),  # raw length taken for X: a legal post refused
        ("twitter", "\U0001f389" * 140, True),  # UTF-8 bytes for emoji and curly quotes: refused
        ("twitter", "“" * 280, True),
        ("twitter", "ሀ" * 141, False),  # code points for wide letters: accepted
        ("twitter", "a" * 270 + " a.co", False),  # link not counted, or counted raw: accepted
        ("bluesky", FAMILY * 100, True),  # code points or UTF-16 taken for graphemes: refused
        ("bluesky", FAMILY * 121, False),  # graphemes alone: 3,025 bytes accepted
        ("mastodon", "a" * 470 + " " + LONG_URL, True),  # link counted raw: refused
        ("mastodon", "a" * 480 + " http://a.co", False),  # short link counted raw: accepted
        ("threads", "\U0001f389" * 126, False),  # UTF-16 for emoji: accepted
        ("linkedin", "(" * 1501, False),  # escapes counted once: accepted
    ],
)
def test_mistakes_other_validators_make(network: str, text: str, fits: bool) -> None:
    assert (over(text, network, table().of(network)) == 0) is fits


# The limits


@cache
def table() -> NetworkLimits:
    return NetworkLimits.model_validate(YAML(typ="safe").load(LIMITS_FILE))


def test_every_network_has_limits_with_source_and_date() -> None:
    limits = table()
    assert tuple(NetworkLimits.model_fields) == NETWORKS
    for network in NETWORKS:
        for name, _ in Limits.model_fields.items():
            figure = getattr(limits.of(network), name)
            assert figure is None or (figure.source and figure.read >= date(2026, 11, 23)), (network, name)


def test_the_figures_that_rules_stand_on() -> None:
    limits = table()
    by_network = {network: limits.of(network) for network in NETWORKS}
    assert {n: figures.text.value for n, figures in by_network.items()} == {
        "twitter": 280,
        "facebook": 63206,
        "instagram": 2200,
        "tiktok": 2200,
        "youtube": 5000,
        "pinterest": 500,
        "threads": 500,
        "telegram": 4096,
        "linkedin": 3000,
        "bluesky": 300,
        "mastodon": 500,
    }
    assert {n for n in NETWORKS if by_network[n].hashtags.value != 5} == {"twitter", "threads"}
    assert (limits.twitter.hashtags.value, limits.threads.hashtags.value) == (2, 1)
    assert {n for n in NETWORKS if by_network[n].media_needed.value} == {"instagram", "tiktok", "youtube", "pinterest"}
    assert {n for n in NETWORKS if by_network[n].threads_allowed.value} == {"twitter", "threads", "bluesky", "mastodon"}
    assert {n for n in NETWORKS if by_network[n].first_comment_allowed.value} == {
        "instagram",
        "facebook",
        "linkedin",
        "youtube",
    }


@pytest.mark.parametrize(
    ("network", "name"),
    [
        ("twitter", "text"),
        ("mastodon", "text"),
        ("pinterest", "text"),
        ("instagram", "hashtags"),
        ("youtube", "hashtags"),
        ("instagram", "posts_per_day"),
        ("linkedin", "posts_per_day"),
    ],
)
def test_where_sources_differ_the_table_says_so(network: str, name: str) -> None:
    assert getattr(table().of(network), name).conflict


def test_the_model_refuses_what_it_does_not_know_and_what_is_missing() -> None:
    raw = YAML(typ="safe").load(LIMITS_FILE)
    raw["twitter"]["hashtag"] = raw["twitter"].pop("hashtags")
    raw["threads"]["text"]["value"] = "500"
    del raw["mastodon"]
    with pytest.raises(ValidationError) as refused:
        NetworkLimits.model_validate(raw)
    assert {".".join(map(str, error["loc"])) for error in refused.value.errors()} == {
        "twitter.hashtag",
        "twitter.hashtags",
        "threads.text.value",
        "mastodon",
    }


def small(**changed: int) -> Limits:
    """The table's own limits of Bluesky with some figures changed: shorter ones meet more edges."""
    figures = {
        name: Figure[int](value=value, source="test", read=date(2026, 11, 23)) for name, value in changed.items()
    }
    return table().bluesky.model_copy(update=figures)


def test_over_takes_the_limit_of_the_part() -> None:
    limits = table()
    assert over("a" * 1100, "telegram", limits.telegram) == 0
    assert over("a" * 1100, "telegram", limits.telegram, with_media=True) == 76
    assert over("a" * 1300, "linkedin", limits.linkedin) == 0
    assert over("a" * 1300, "linkedin", limits.linkedin, part="comment") == 50
    assert over("a" * 300, "twitter", limits.twitter, part="comment") == 20
    assert over("\U0001f389" * 51, "youtube", limits.youtube, part="title") == 2
    assert over("a" * 999, "mastodon", limits.mastodon, part="title") == 0
    assert over(FAMILY * 10, "bluesky", small(text=5, text_bytes=200)) == 50
    assert over("abcdef", "bluesky", small(text=5, text_bytes=200)) == 1
    assert over("http://a.co", "mastodon", small(text=10, link_units=12)) == 2


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
def test_any_text_has_a_length(text: str, network: str) -> None:
    count = measure(text, network)
    assert count.units >= 0
    assert (count.units == 0) is (text == "")


@given(TEXTS, NETWORK, st.integers(0, 12))
def test_what_fits_fits_by_every_stricter_reading(text: str, network: str, most: int) -> None:
    limits = small(text=most, text_bytes=most * 3)
    if over(text, network, limits):
        return
    points, utf16 = len(text), len(text.encode("utf-16-le", "surrogatepass")) // 2
    utf8 = len(text.encode("utf-8", "surrogatepass"))
    clusters = len(regex.findall(r"\X", text))
    linkless = unicodedata.normalize("NFC", text) if not links(text, network) else ""
    wide = sum(1 for cluster in regex.findall(r"\X", linkless) if "\u3040" <= cluster[0] <= "\U0001faff")
    readings = {
        "twitter": [2 * wide],
        "bluesky": [clusters, -(-utf8 // 3)],
        "mastodon": [] if links(text, network) or mentions(text, network) else [clusters],
        "threads": [points],
        "linkedin": [points + text.count("#") + text.count("@")],
        "youtube": [utf8],
    }
    longest = readings.get(network, [points if network in ("facebook", "pinterest") else utf16])
    assert all(reading <= most for reading in longest)


WEIGHED = [("word", 4, 4), ("日本", 4, 2), ("ሀ", 2, 1), (FAMILY, 2, 1), (THUMB, 2, 1), (KEYCAP, 2, 1), (FLAG, 2, 1)]
WEIGHED += [("“so”", 4, 4), ("so…", 4, 3), ("e\u0301", 1, 1), (LONG_URL, 23, 23), ("http://a.co", 23, 23)]
WEIGHED += [("example.com", 23, 11), ("joe@example.com", 15, 15), ("#tag", 4, 4), ("@ann@example.social", 19, 4)]


@given(st.lists(st.sampled_from(WEIGHED), min_size=1))
def test_a_text_weighs_what_its_words_weigh(words: list[tuple[str, int, int]]) -> None:
    text = " ".join(word for word, _, _ in words)
    assert units(text, "twitter") == sum(weight for _, weight, _ in words) + len(words) - 1
    assert units(text, "mastodon") == sum(shown for _, _, shown in words) + len(words) - 1


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
    for network in ("twitter", "mastodon", "threads", "bluesky"):
        measure(text, network)
    assert time.process_time() - start < 1


#: How much work of measuring a post may be, in units of a fixed piece of plain Python (about 20 µs on a quiet machine).
MOST_WORK = {"twitter": 15, "mastodon": 15, "bluesky": 3, "threads": 3}
POST = ("We launch the beta \U0001f389 — read https://example.com/blog?utm=1, ask @ann… #beta e.g. " * 4)[:280]


@pytest.mark.parametrize("network", NETWORKS)
def test_measuring_an_ordinary_post_is_little_work(network: str) -> None:
    """Compared with other work of the same moment, whatever else the machine does; about 80 µs on a quiet one."""
    pairs = [(_seconds(lambda: measure(POST, network)), _seconds(_yardstick)) for _ in range(30)]
    work = min(mine for mine, _ in pairs) / min(yardstick for _, yardstick in pairs)
    assert work < MOST_WORK.get(network, 1)


def _yardstick() -> int:
    total = 0
    for number in range(400):
        total += number % 7
    return total


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(50):
        work()
    return time.process_time() - start


# A package of its own

PACKAGE = {f"agent.policy.{name}" for name in ("counting", "domains", "entities", "splitting", "x_emoji")}


def test_counting_needs_nothing_else_of_this_project() -> None:
    """It can be taken out as it is, with the table of limits."""
    for module in PACKAGE:
        path = ROOT / f"{module.replace('.', '/')}.py"
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        found = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        found |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        ours = {name for name in found if name and name.split(".")[0] == "agent"}
        assert ours <= PACKAGE, module
        others = {str(name).split(".")[0] for name in found - ours} - sys.stdlib_module_names
        assert others <= {"regex", "pydantic"}, module
