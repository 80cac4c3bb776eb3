"""Horizontal bar charts: as a small SVG that needs nothing else, and as lines for a terminal. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from agent.text import one_line

MOST_BARS = 12
#: Longer labels are cut before anything is measured: a label may be all marks that take no room.
_MOST_LABEL = 120
#: Columns of a figure: 999,999,999,999 fits.
_FIGURE = 15
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True)
class Bar:
    """One bar: what it is about, how long it is, and the figure written behind it."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True)
class Chart:
    """A chart. `name` is its file's name without ending; bars stand as given, those after the twelfth are counted."""

    name: str
    title: str
    bars: tuple[Bar, ...]

    @property
    def shown(self) -> Sequence[Bar]:
        """The bars that are drawn."""
        return self.bars[:MOST_BARS]

    @property
    def left_out(self) -> str:
        """`and 3 more`; empty where all bars are drawn."""
        more = len(self.bars) - MOST_BARS
        return f"and {more} more" if more > 0 else ""

    def share(self, bar: Bar) -> float:
        """A bar's length, from 0 to 1 of the longest."""
        longest = max(bar.value for bar in self.bars)
        return max(0.0, bar.value / longest) if longest > 0 else 0.0

    @property
    def words(self) -> str:
        """The chart in words, for those who cannot see it."""
        told = "; ".join(f"{_label(bar.label, 40)}: {bar.shown}" for bar in self.shown)
        return ". ".join(filter(None, [f"{self.title}. {told}", self.left_out]))


def cells(text: str) -> int:
    """How many columns a text takes: wide letters take two, marks and joiners none."""
    return sum(_cells(letter) for letter in text)


def _cells(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, most: int, mark: str = "…") -> str:
    """The text in at most so many columns, with a mark where something is missing."""
    if cells(text) <= most:
        return text
    kept, room = "", most - cells(mark)
    for letter in text:
        room -= _cells(letter)
        if room < 0:
            break
        kept += letter
    return kept.rstrip(" \u200d\ufe0f") + mark


def _label(text: str, most: int, mark: str = "…") -> str:
    return cut(one_line(text, _MOST_LABEL), most, mark)


# -- SVG ---------------------------------------------------------------------------------------------------------------

_WIDTH, _TOP, _ROW, _BAR = 720, 52, 28, 16
_LABELS, _BARS_AT, _LONGEST = 34, 268, 320

#: An opaque ground of its own: readable on any page, also where the page does not follow the reader's colours.
_STYLE = """
  .ground { fill: #ffffff; stroke: #d5d9df; }
  text { fill: #24292f; font: 13px system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; }
  .head { font-weight: 600; font-size: 15px; }
  .more { fill: #5c6670; }
  .bar { fill: #2f6fba; }
  .rail { fill: #eef1f4; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #161b22; stroke: #30363d; }
    text { fill: #e6edf3; }
    .more { fill: #9aa5b1; }
    .bar { fill: #5aa2f0; }
    .rail { fill: #21262d; }
  }
"""


def svg(chart: Chart) -> str:
    """The chart as a whole SVG document, without script and without outside reference."""
    rows = [_row(chart, bar, _TOP + place * _ROW) for place, bar in enumerate(chart.shown)]
    height = _TOP + len(rows) * _ROW + 12
    if chart.left_out:
        rows.append(f'<text class="more" x="16" y="{height + 4}">{escape(chart.left_out)}</text>')
        height += 20
    title, words = escape(_label(chart.title, 70)), escape(one_line(chart.words, 2000))
    name = f'role="img" aria-label="{title}"'
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    ground = f'<rect class="ground" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="8"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {name}>',
            f"<title>{title}</title>",
            f"<desc>{words}</desc>",
            f"<style>{_STYLE}</style>",
            ground,
            f'<text class="head" x="16" y="30">{title}</text>',
            *rows,
            "</svg>\n",
        ]
    )


def _row(chart: Chart, bar: Bar, top: int) -> str:
    length = max(round(chart.share(bar) * _LONGEST, 1), 1.0 if bar.value > 0 else 0.0)
    base = top + _BAR - 3
    return (
        # A window of its own: a label of wide letters ends at its edge, not on the bar.
        f'<svg x="16" y="{top - 4}" width="{_BARS_AT - 24}" height="{_BAR + 8}">'
        f'<text y="{_BAR + 1}">{escape(_label(bar.label, _LABELS))}</text></svg>'
        f'<rect class="rail" x="{_BARS_AT}" y="{top}" width="{_LONGEST}" height="{_BAR}" rx="3"/>'
        f'<rect class="bar" x="{_BARS_AT}" y="{top}" width="{length}" height="{_BAR}" rx="3"/>'
        f'<text x="{_BARS_AT + _LONGEST + 10}" y="{base}">{escape(_label(bar.shown, _FIGURE))}</text>'
    )


# -- terminal ----------------------------------------------------------------------------------------------------------


def lines(chart: Chart, width: int, *, blocks: bool = True) -> list[str]:
    """The chart's bars in at most `width` columns (20 at least); without block characters where `blocks` is off."""
    mark = "…" if blocks else "..."
    labels = [_label(bar.label, max(8, width // 3), mark) for bar in chart.shown]
    figures = [_label(bar.shown, _FIGURE, mark) for bar in chart.shown]
    wide = max(cells(label) for label in labels)
    room = max(2, width - wide - 2 - 1 - max(cells(figure) for figure in figures))
    told = []
    for bar, label, figure in zip(chart.shown, labels, figures, strict=True):
        drawn = _drawn(chart.share(bar), room, blocks=blocks)
        told.append(f"{label}{' ' * (wide - cells(label))}  {drawn} {figure}".rstrip())
    return [*told, chart.left_out] if chart.left_out else told


def _drawn(share: float, room: int, *, blocks: bool) -> str:
    """A bar of at most `room` columns; whatever is more than nothing shows."""
    eighths = max(round(share * room * 8), 1 if share > 0 else 0)
    if not blocks:
        return "#" * -(-eighths // 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
