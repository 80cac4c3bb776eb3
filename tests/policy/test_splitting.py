"""Long texts as parts: each fits by exact counting, nothing is cut that belongs together, nothing is lost."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agent.policy.counting import NetworkLimits, excess
from agent.policy.entities import hashtags, links, mentions
from agent.policy.splitting import parts_of

TABLE = NetworkLimits.model_validate(YAML(typ="safe").load(Path(__file__).parents[2] / "policies" / "networks.yaml"))
THREADED = ("twitter", "threads", "bluesky", "mastodon")
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


def short(text: str, most: int, **more: object) -> tuple[str, ...] | None:
    return parts_of(text, lambda part: len(part) <= most, networks=["twitter"], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("It fits.", 8, ["It fits."]),
        ("One is here. Two is here. Three.", 26, ["One is here. Two is here.", "Three."]),
        ("One is here! (Two is here?) Three…", 16, ["One is here!", "(Two is here?)", "Three…"]),
        ("A title\n\nThe words below it", 20, ["A title", "The words below it"]),
        ("これは文です。次の文です。", 8, ["これは文です。", "次の文です。"]),
        ("यह पहला है। यह दूसरा है।", 14, ["यह पहला है।", "यह दूसरा है।"]),
        # full stops that end no sentence
        ("Ask Dr. Smith about it. He knows.", 25, ["Ask Dr. Smith about it.", "He knows."]),
        ("We meet, e.g. on Monday. Come by.", 26, ["We meet, e.g. on Monday.", "Come by."]),
        ("Am 3. Mai ist zu. Danach nicht.", 20, ["Am 3. Mai ist zu.", "Danach nicht."]),
        # a sentence that is too long itself: clauses, then words
        (
            "First the clay, then the wheel; last the fire.",
            18,
            ["First the clay,", "then the wheel;", "last the fire."],
        ),
        ("one two three four five", 9, ["one two", "three", "four five"]),
        # what leans on the sentence before it
        ("We open. Come by. #mugs #tea", 20, ["We open.", "Come by. #mugs #tea"]),
        ("It is out. Read it. https://example.com/a", 34, ["It is out.", "Read it. https://example.com/a"]),
        ("It is so hot! \U0001f525 Come in.", 16, ["It is so hot! \U0001f525", "Come in."]),
        # an address stays with words: those before it, or those it begins a line with
        ("It is out. Read it. https://example.com/a", 29, ["It is out.", "Read", "it. https://example.com/a"]),
        ("It is out and here. https://example.com/a", 27, ["It is out and", "here. https://example.com/a"]),
        ("Read on here: https://example.com/a", 22, None),
        ("So it is.\n\nhttps://example.com/a says more", 27, ["So it is.", "https://example.com/a says", "more"]),
        ("https://example.com/a says more", 27, ["https://example.com/a says", "more"]),
        ("Here it is:\nhttps://example.com/a\nCome by.", 24, None),
        ("Here it is:\nhttps://example.com/a\nCome by.", 25, ["Here it", "is:\nhttps://example.com/a", "Come by."]),
        ("See #this: https://example.com/a #that", 32, ["See #this: https://example.com/a", "#that"]),
        ("https://example.com/a https://example.com/b", 30, None),
        # nowhere to cut
        ("a" * 20, 19, None),
        ("https://example.com/a,b;c", 20, None),
        ("", 1, [""]),
    ],
)
def test_where_a_text_is_cut(text: str, most: int, parts: Sequence[str] | None) -> None:
    found = short(text, most)
    assert found == (None if parts is None else tuple(parts))


def test_words_to_keep_whole_stay_so() -> None:
    text = 'The motto is "Warm.  Round. Yours." and it stays. So it is.'
    assert short(text, 37, whole=["Warm. Round. Yours."]) == (
        'The motto is "Warm.  Round. Yours."',
        "and it stays. So it is.",
    )
    assert short(text, 22, whole=["Warm. Round. Yours."]) == (
        "The motto is",
        '"Warm.  Round. Yours."',
        "and it stays.",
        "So it is.",
    )
    assert short(text, 15, whole=["Warm. Round. Yours."]) is None


def test_numbers_fit_too() -> None:
    text = " ".join(f"Sentence number {at} is here." for at in range(10, 31))
    parts = short(text, 40, numbered=True)
    assert parts is not None and len(parts) == 21
    assert parts[0] == "Sentence number 10 is here. 1/21" and parts[-1].endswith(" 21/21")
    assert all(len(part) <= 40 for part in parts)
    assert short("a" * 20, 19, numbered=True) is None


WORDS = ["word", "end.", "so!", "日本語。", "a,", "b;", "#tag", "@ann", "@ann@example.social", "example.com"]
WORDS += [
    "https://example.com/a?b=c,d",
    FAMILY,
    "e\u0301",
    "क्षि",
    "\n",
    "\n\n",
    "—",
    "Dr.",
    "“quoted.”",
    "\r\n",
    "1\ufe0f\u20e3",
]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=60).map(" ".join)


def says_something(part: str, network: str) -> bool:
    """Whether a part has words, or no address at all."""
    spans = [span for door in (links, mentions, hashtags) for span in door(part, network)]
    inside = {place for span in spans for place in range(span.start, span.end)}
    return not links(part, network) or any(one.isalnum() for at, one in enumerate(part) if at not in inside)


@given(TEXTS, st.sampled_from(THREADED), st.integers(24, 80), st.booleans())
@example("example.com \r\n", "twitter", 24, False)
def test_parts_fit_and_lose_nothing(text: str, network: str, most: int, numbered: bool) -> None:
    limits = TABLE.of(network)
    limits = limits.model_copy(update={"text": limits.text.model_copy(update={"value": most})})

    def fits(part: str) -> bool:
        return excess(part, network, limits) is None

    parts = parts_of(text, fits, networks=[network], numbered=numbered)
    if parts is None:
        return
    assert all(fits(part) for part in parts)
    assert all(parts_of(part, fits, networks=[network], numbered=numbered) == (part,) for part in parts)
    if len(parts) == 1 and parts[0] == text:
        return
    bare = [part.rsplit(" ", 1)[0] if numbered else part for part in parts]
    assert "".join("".join(bare).split()) == "".join(text.split())
    assert all(says_something(part, network) for part in bare) or (len(bare) == 1 and not says_something(text, network))
    whole = [span.text for door in (links, mentions, hashtags) for span in door(text, network)]
    cut = [span.text for part in bare for door in (links, mentions, hashtags) for span in door(part, network)]
    assert sorted(cut) == sorted(whole)
    clusters = [one for part in bare for one in regex.findall(r"\X", part) if not one.isspace()]
    assert clusters == [one for one in regex.findall(r"\X", text) if not one.isspace()]


@given(st.text(max_size=200), st.integers(1, 40))
def test_any_text_is_cut_or_left(text: str, most: int) -> None:
    parts = short(text, most)
    assert parts is None or all(len(part) <= most for part in parts)


def test_a_long_text_is_cut_in_no_time() -> None:
    text = "Words and words, and more of them; then a stop. " * 200
    start = time.process_time()
    parts = parts_of(text, lambda part: excess(part, "twitter", TABLE.twitter) is None, networks=["twitter"])
    assert parts is not None and len(parts) == 40
    assert time.process_time() - start < 1
