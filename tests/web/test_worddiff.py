"""Words that came and went, for eyes: whatever the texts, both can be read out of it again."""

import time

from hypothesis import given
from hypothesis import strategies as st

from agent.web.worddiff import Change, word_diff

TEXTS = st.text(alphabet="ab \n.é\u200d", max_size=40)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_it(before: str, after: str) -> None:
    found = word_diff(before, after)
    assert "".join(one.text for one in found if one.kind != "ins") == before
    assert "".join(one.text for one in found if one.kind != "del") == after
    assert all(one.text for one in found)


def test_words_are_compared_not_letters_and_phrases_stay_together() -> None:
    assert word_diff("We open at nine on Saturday.", "We open at ten on Saturday.") == (
        Change("same", "We open at "),
        Change("del", "nine"),
        Change("ins", "ten"),
        Change("same", " on Saturday."),
    )
    assert word_diff("Somebody else was here", "Before anybody looked now") == (
        Change("del", "Somebody else was here"),
        Change("ins", "Before anybody looked now"),
    )


def test_long_texts_take_no_time_to_speak_of() -> None:
    before, after = "one two three " * 1500, "four five six\n" * 1500
    began = time.perf_counter()
    found = word_diff(before, after)
    assert time.perf_counter() - began < 2
    assert "".join(one.text for one in found if one.kind != "del") == after
