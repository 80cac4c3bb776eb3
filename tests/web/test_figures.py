"""Charts as geometry, and the tables and files of numbers beside them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.api.types import Account, Workspace
from agent.journal.overview import Numbers
from agent.web.connected import Connected
from agent.web.figures import HEIGHT, WIDTH, columns, lines, scale_of, share
from agent.web.measured import Publication, by_hour, by_metric, csv_of, elsewhere, weakest

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
KNOWN = Connected(
    {11: Workspace(id=11, name="Fern", timezone="Asia/Kathmandu")},
    {101: Account(id=101, platform="twitter", workspace_id=11, name="Fern")},
)
FIGURES = st.lists(st.floats(min_value=-1e12, max_value=1e12), min_size=1, max_size=40)


def publication(post: int, out: datetime | None = NOW, **counts: float) -> Publication:
    return Publication(Numbers(post, 101, NOW, dict(counts)), KNOWN.accounts[101], "words", out, 11)


@given(FIGURES, st.booleans())
def test_a_scale_holds_all_values_on_a_few_round_lines(values: list[float], whole: bool) -> None:
    values = [abs(value) for value in values] if whole else values
    low, high, step = scale_of(values, whole=whole)
    slack = max(map(abs, (low, high))) * 1e-6
    assert low - slack <= min(values) and max(values) <= high + slack
    assert 1 <= round((high - low) / step) <= 7
    assert low == 0 or not whole


@given(FIGURES)
def test_everything_drawn_lies_in_the_plot(values: list[float]) -> None:
    days = [(date(2026, 11, 1 + at % 28), value) for at, value in enumerate(values)]
    drawn = lines("t", days, (date(2026, 11, 1), date(2026, 11, 30)), str)
    bars = columns("t", [abs(value) for value in values], ["w"] * len(values), [], str)
    for figure in (drawn, bars):
        assert all(-0.1 <= mark.x <= WIDTH and -0.1 <= mark.y <= HEIGHT + 0.1 for mark in figure.marks)
        assert len(figure.scale) == len(figure.grid) and figure.grid[0] == 0 and figure.grid[-1] == HEIGHT


def test_a_line_says_each_day_to_those_who_cannot_see_it() -> None:
    values = [(date(2026, 11, 1), 10.0), (date(2026, 11, 30), 20.0)]
    figure = lines("Likes by day", values, (date(2026, 11, 1), date(2026, 11, 30)), lambda one: f"{one:.0f}")
    assert figure.words == "1 Nov: 10; 30 Nov: 20" and figure.along == ("1 Nov", "15 Nov", "30 Nov")
    assert figure.line.split() == [f"{mark.x},{mark.y}" for mark in figure.marks]


@pytest.mark.parametrize(
    ("value", "longest", "filled"), [(None, 5, 0), (0, 5, 0), (5, 5, 100), (0.001, 5, 1), (-3, 5, 0), (3, 0, 0)]
)
def test_more_than_nothing_shows(value: float | None, longest: float, filled: float) -> None:
    assert share(value, longest) == filled


def test_hours_are_those_of_the_workspace() -> None:
    figure = by_hour([publication(1, likes=4), publication(2, likes=8), publication(3, None, likes=99)], "likes", KNOWN)
    assert figure is not None
    assert [mark.says for mark in figure.marks] == ["14:00 to 15:00: 6 on average of 2"]  # 09:00 UTC in Kathmandu
    assert by_hour([publication(3, None, likes=1), publication(4, saves=1)], "likes", KNOWN) is None
    assert elsewhere(publication(1), KNOWN, UTC) and not elsewhere(publication(1), KNOWN, ZoneInfo("Asia/Kathmandu"))


def test_the_weakest_are_neither_the_best_nor_uncounted() -> None:
    ranked = by_metric([publication(post, likes=post % 7, saves=post % 7) for post in range(14)], "likes")
    assert [one.numbers.get("likes") for one in ranked[:2]] == [6, 6]
    assert [one.numbers.get("likes") for one in weakest(ranked)] == [1, 1, 2, 2, 3]
    assert weakest(ranked[:5]) == []


def test_no_cell_is_a_formula() -> None:
    text = csv_of(["a"], [["=1+1"], [" @sum"], ["-2"], [-2], ['say "hi", you'], ["+4\nnext"]])
    assert text.splitlines() == ["a", "'=1+1", "' @sum", "'-2", "-2", '"say ""hi"", you"', "\"'+4", 'next"']
