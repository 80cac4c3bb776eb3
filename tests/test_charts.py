"""Charts: well-formed whatever the labels say, never wider than asked, readable without colour or blocks."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.charts import MOST_BARS, Bar, Chart, cells, cut, lines, svg

SVG = "{http://www.w3.org/2000/svg}"
anything = st.text(max_size=60)
bars = st.builds(
    Bar,
    label=anything,
    value=st.one_of(st.integers(-10, 10**18), st.floats(-1, 1e9, allow_nan=False)),
    shown=anything,
)
charts = st.builds(
    Chart, name=st.just("chart"), title=anything, bars=st.lists(bars, min_size=1, max_size=20).map(tuple)
)


def chart(*values: int, label: str = "post") -> Chart:
    return Chart("impressions", "Impressions", tuple(Bar(f"{label} {value}", value, f"{value:,}") for value in values))


def drawn(picture: str) -> list[ElementTree.Element]:
    # Our own output, checked to be XML at all: nothing is fetched or expanded.
    return [one for one in ElementTree.fromstring(picture).iter(f"{SVG}rect") if one.get("class") == "bar"]  # noqa: S314


@pytest.mark.slow
@given(charts)
def test_any_text_gives_well_formed_svg_without_script_or_reference(told: Chart) -> None:
    root = ElementTree.fromstring(svg(told))  # noqa: S314
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "desc", "style", "rect", "text"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if "href" in name or name.startswith("on")}
    assert root.get("role") == "img" and root.get("aria-label") is not None and root[0].tag == f"{SVG}title"
    assert "url(" not in svg(told).partition("</style>")[0].rpartition("<style>")[2]


@pytest.mark.slow
@given(charts, st.integers(20, 120), st.booleans())
def test_terminal_bars_fit(told: Chart, width: int, blocks: bool) -> None:
    rows = lines(told, max(width, 40), blocks=blocks)
    assert all(cells(row) <= max(width, 40) for row in rows)
    assert all(not re.search(r"[\x00-\x1f\x7f-\x9f]", row) for row in rows)


@given(st.text(max_size=80), st.integers(3, 60))
def test_a_cut_text_fits_and_says_that_it_is_cut(text: str, most: int) -> None:
    short = cut(text, most)
    assert cells(short) <= most
    assert short == text or short.endswith("…")


def test_lengths_follow_the_values() -> None:
    lengths = [float(bar.get("width") or 0) for bar in drawn(svg(chart(1000, 500, 0)))]
    assert lengths[0] == 2 * lengths[1] > 0 and lengths[2] == 0
    full, half, nothing = (row.count("#") for row in lines(chart(1000, 500, 0), 60, blocks=False))
    assert abs(full - 2 * half) <= 1 and nothing == 0


def test_whatever_is_more_than_nothing_shows() -> None:
    assert all(float(bar.get("width") or 0) >= 1 for bar in drawn(svg(chart(10**9, 1))))
    assert lines(chart(10**9, 1), 60)[1].count("▏") == 1
    assert lines(chart(10**9, 1), 60, blocks=False)[1].count("#") == 1


@pytest.mark.parametrize(("count", "words"), [(1, ""), (12, ""), (13, "and 1 more"), (40, "and 28 more")])
def test_at_most_twelve_bars_then_how_many_more(count: int, words: str) -> None:
    told = chart(*range(100, 100 + count))
    assert len(drawn(svg(told))) == min(count, MOST_BARS)
    assert (words in svg(told)) if words else ("more" not in svg(told).partition("</style>")[2])
    assert len(lines(told, 60)) == min(count, MOST_BARS) + bool(words)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ('"quoted" & <b>', "&quot;quoted&quot; &amp; &lt;b&gt;"),
        ("]]> <!-- -->", "]]&gt; &lt;!-- --&gt;"),
        ("right \u202e left", "\\u202e"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("bell \x07 escape \x1b[31m", "\\u001b[31m"),
        ("two\nlines", "two lines"),
        ("half \ud83d pair", "\\ud83d"),
        ("no character \uffff", "\\uffff"),
    ],
)
def test_labels_from_outside_are_words_only(label: str, shown: str) -> None:
    picture = svg(Chart("c", "t", (Bar(label, 1, "1"), Bar("other", 2, "2"))))
    ElementTree.fromstring(picture)  # noqa: S314
    assert shown in picture
    picture.encode()


def test_long_labels_are_cut_wide_letters_counted_twice() -> None:
    assert cut("日本語のとても長い投稿", 9) == "日本語の…"
    row = lines(Chart("c", "t", (Bar("x" * 300, 1, "1"),)), 60)[0]
    assert row.startswith("x" * 19 + "…")


def test_the_words_of_a_chart_tell_all_of_it() -> None:
    assert chart(1500, 20).words == "Impressions. post 1500: 1,500; post 20: 20"


def test_light_and_dark_have_a_ground_of_their_own() -> None:
    style = svg(chart(1, 2)).partition("<style>")[2].partition("</style>")[0]
    light, dark = style.split("prefers-color-scheme: dark")
    assert ".ground" in light and ".ground" in dark and "text {" in dark
