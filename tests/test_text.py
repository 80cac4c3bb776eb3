"""Text made safe to show: what people see of hidden characters, and what a model sees."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.text import seen, seen_line, visible


@pytest.mark.parametrize(
    ("text", "shown", "told"),
    [
        ("a\u200bb", "a\\u200bb", "ab"),
        ("abc\u202edef", "abc\\u202edef", "abcdef"),
        ("x\U000e0041\U000e0042y", "x\\U000e0041\\U000e0042y", "xy"),
        ("😀\U000e0101\U000e0102!", "😀\\U000e0101\\U000e0102!", "😀!"),
        ("a\ufe0fb", "a\\ufe0fb", "ab"),
        ("a\ufe01b", "a\\ufe01b", "ab"),
        ("a\u3164b\u115f", "a\\u3164b\\u115f", "ab"),
        ("a\x1b[31m", "a\\u001b[31m", "a[31m"),
        ("می\u200cشود", "می\u200cشود", "می\u200cشود"),
        ("क्\u200dष", "क्\u200dष", "क्\u200dष"),
        ("👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3", "👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3", "👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("line\none\ttwo", "line\none\ttwo", "line\none\ttwo"),
    ],
)
def test_people_see_what_is_hidden_and_models_do_not(text: str, shown: str, told: str) -> None:
    assert visible(text) == shown
    assert seen(text) == told


def test_a_line_has_no_breaks_and_an_end() -> None:
    assert seen_line("a\nb\u202e c " + "d" * 80, 20) == "a b c ddddddddddddd…"


@given(st.text(max_size=60))
def test_nothing_hidden_is_left_and_nothing_else_is_taken(text: str) -> None:
    told = seen(text)
    assert not {letter for letter in told if unicodedata.category(letter) in {"Cc", "Co", "Cs", "Cn"}} - {"\n", "\t"}
    kept = iter(told)
    assert all(letter in "\u200d\u200c\ufe0e\ufe0f" or letter in text for letter in kept)
    assert [one for one in told if one.isalnum()] == [
        one for one in text if one.isalnum() and one not in "\u3164\uffa0\u115f\u1160"
    ]
