"""Charts as geometry: lines over days, columns over hours, bars in tables. Pure; templates draw them as SVG.

The plot is 1,000 wide and 100 high and is stretched to its place; words stand around it as text of the page.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 1000.0, 100.0
#: Room within the plot's edges, for dots.
_MARGIN = 4.0


@dataclass(frozen=True)
class Mark:
    """Something drawn: where it is, how high it is (columns), and what it says."""

    x: float
    y: float
    height: float
    says: str


@dataclass(frozen=True)
class Figure:
    """A chart. `words` tells it to those who cannot see it.

    `scale` goes from top to bottom, `along` from left to right; `grid` are the heights of the scale's lines, `line`
    joins the marks where it is a line.
    """

    title: str
    words: str
    marks: tuple[Mark, ...]
    scale: tuple[str, ...]
    grid: tuple[float, ...]
    along: tuple[str, ...]
    line: str = ""
    width: float = 0.0


def lines(
    title: str, values: Sequence[tuple[date, float]], span: tuple[date, date], show: Callable[[float], str]
) -> Figure:
    """Values over the days of a span, both ends included; the scale fits the values and need not begin at 0."""
    first, last = span
    days = max(1, (last - first).days)
    low, high, step = scale_of([value for _, value in values], whole=False)
    steps = _steps(low, high, step)
    marks = tuple(
        Mark(
            round(_MARGIN + (day - first).days / days * (WIDTH - 2 * _MARGIN), 1),
            _at(value, low, high),
            0.0,
            f"{told(day)}: {show(value)}",
        )
        for day, value in values
    )
    return Figure(
        title=title,
        words="; ".join(mark.says for mark in marks),
        marks=marks,
        scale=tuple(show(value) for value in steps),
        grid=tuple(_at(value, low, high) for value in steps),
        along=tuple(told(first + timedelta(days=days * part // 2)) for part in range(3)),
        line=" ".join(f"{mark.x},{mark.y}" for mark in marks),
    )


def columns(
    title: str, values: Sequence[float | None], says: Sequence[str], along: Sequence[str], show: Callable[[float], str]
) -> Figure:
    """One column for each value, from 0 up; None is a gap. `says` are the words of each."""
    low, high, step = scale_of([value for value in values if value is not None], whole=True)
    steps = _steps(low, high, step)
    each = WIDTH / len(values)
    marks = tuple(
        Mark(round(place * each + each * 0.15, 1), y := _at(value, low, high), round(HEIGHT - y, 1), words)
        for place, (value, words) in enumerate(zip(values, says, strict=True))
        if value is not None
    )
    return Figure(
        title=title,
        words="; ".join(mark.says for mark in marks),
        marks=marks,
        scale=tuple(show(value) for value in steps),
        grid=tuple(_at(value, low, high) for value in steps),
        along=tuple(along),
        width=round(each * 0.7, 1),
    )


def share(value: float | None, longest: float) -> float:
    """How much of a bar is filled, in percent; whatever is more than nothing shows."""
    if value is None or value <= 0 or longest <= 0:
        return 0.0
    return max(1.0, round(min(1.0, value / longest) * 100, 1))


def scale_of(values: Sequence[float], *, whole: bool) -> tuple[float, float, float]:
    """Bottom, top and step of a scale with three to six round lines; `whole` begins at 0."""
    low, high = (0.0 if whole else min(values, default=0.0)), max(values, default=0.0)
    if high - low <= 1e-9 * max(1.0, abs(low), abs(high)):
        high = low + max(1.0, abs(low) * 0.1)
    rough = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next(one for one in (1, 2, 2.5, 5, 10) if one * unit >= rough * 0.999)
    return math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step, step


def _steps(low: float, high: float, step: float) -> list[float]:
    """The values of the scale's lines, from top to bottom."""
    return [high - step * place for place in range(round((high - low) / step) + 1)]


def _at(value: float, low: float, high: float) -> float:
    return round(HEIGHT - (value - low) / (high - low) * HEIGHT, 1)


def told(day: date) -> str:
    """A day in short, such as `26 Nov`."""
    return f"{day.day} {day:%b}"
