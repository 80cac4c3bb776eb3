"""Blocks as a terminal shows them: aligned, wrapped to its width, plain where there is no colour. Pure."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from agent import charts
from agent.charts import cells, cut
from agent.reports.blocks import (
    Bars,
    Block,
    Facts,
    Heading,
    Item,
    Items,
    Note,
    Row,
    Table,
    Title,
    Words,
    each_text,
)
from agent.text import one_line

NARROWEST, WIDEST = 40, 120
_MOST = 20_000
_GAP = "  "
#: A table's label column may shrink to this; below it each row is told over several lines.
_LEAST_LABEL = 20
#: Our own signs, for terminals that cannot show them.
_ASCII = str.maketrans({"“": '"', "”": '"', "…": "...", "–": "-", "→": "->", "│": "|", "─": "-", "·": "-"})


@dataclass(frozen=True)
class Screen:
    """What is written to: columns, whether colours are wanted, the encoding."""

    width: int = 100
    colour: bool = False
    encoding: str = "utf-8"

    @property
    def blocks(self) -> bool:
        """Whether block characters and typographic signs can be shown."""
        try:
            "█▏─│“…–→·".encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True


def terminal_text(blocks: Sequence[Block], screen: Screen) -> str:
    """The blocks as text for this screen; with colour codes only where colours are wanted."""
    page = _Page(screen)
    for block in blocks:
        page.put(block)
    return page.text()


class _Page:
    """Lines as they are put together."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._width = max(NARROWEST, min(screen.width, WIDEST))
        self._out = io.StringIO()
        self._last = ""
        self._console = Console(
            file=self._out,
            width=self._width,
            force_terminal=screen.colour,
            color_system="standard" if screen.colour else None,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
        )

    def text(self) -> str:
        """All that was put."""
        told = self._out.getvalue().strip("\n") + "\n"
        return told if self._screen.blocks else told.translate(_ASCII)

    def put(self, block: Block) -> None:
        """Add a block."""
        clean = each_text(block, self._clean)
        if isinstance(block, Note) and self._last in {"table", "items", "bars"}:
            self._line("")
        self._last = block.kind
        match clean:
            case Title():
                self._line(clean.text, style="bold")
                self._line(("─" if self._screen.blocks else "-") * min(cells(clean.text), self._width), style="dim")
            case Heading():
                self._line("")
                self._line(clean.text, style="bold" if clean.small else "bold cyan")
            case Facts():
                self._facts(clean)
            case Note():
                self._line(clean.text, first=_GAP)
                if clean.code:
                    self._line(clean.code, first=_GAP * 2, style="green")
            case Items():
                self._items(clean)
            case Table():
                self._table(clean)
            case Bars():
                self._bars(clean)
            case Words():
                bar = _GAP + ("│ " if self._screen.blocks else "| ")
                for line in clean.lines:
                    self._line(line, first=bar, rest=bar)

    def _clean(self, text: str) -> str:
        """One visible line that this encoding can carry."""
        line = one_line(text, _MOST)
        line = line if self._screen.blocks else line.translate(_ASCII)
        try:
            return line.encode(self._screen.encoding, "backslashreplace").decode(self._screen.encoding)
        except LookupError:
            return line.encode("ascii", "backslashreplace").decode("ascii")

    def _line(self, text: str, *, first: str = "", rest: str | None = None, style: str = "", head: int = 0) -> None:
        """A text, wrapped behind `first`, its further lines behind `rest`; `head` letters of `first` are bold."""
        rest = " " * cells(first) if rest is None else rest
        wrapped = Text(text, style=style).wrap(self._console, max(8, self._width - cells(first)))
        for place, line in enumerate(wrapped or [Text("")]):
            line.rstrip()
            told = Text(first if place == 0 else rest)
            if place == 0 and head:
                told.stylize("bold", 0, head)
            told.append_text(line)
            told.rstrip()
            self._console.print(told, no_wrap=True, overflow="ignore", crop=False)

    # -- lists -----------------------------------------------------------------------------------------------------

    def _named(self, name: str, text: str, wide: int, indent: str = "", style: str = "") -> None:
        """A name in a column of its own, and what it says."""
        first = indent + name + " " * (wide - cells(name)) + _GAP
        self._line(text, first=first, head=len(indent + name), style=style)

    def _facts(self, block: Facts) -> None:
        wide = max(cells(name) for name, _ in block.rows)
        for name, text in block.rows:
            self._named(name, text, wide)

    def _items(self, block: Items) -> None:
        wide = min(max(cells(item.head) for item in block.items), self._width // 3)
        for item in block.items:
            self._item(item, wide)

    def _item(self, item: Item, wide: int) -> None:
        text = f"{item.text}  [{item.source.run}#{item.source.seq}]" if item.source else item.text
        if cells(item.head) > wide:
            self._line(item.head, first=_GAP, style="bold")
            self._line(text, first=_GAP * 2)
        elif item.head:
            self._named(item.head, text, wide, indent=_GAP)
        else:
            self._line(text, first=f"{_GAP}- ")
        under = " " * (2 + wide + 2 if item.head else 4)
        column = max((cells(line.name) for line in item.lines), default=0)
        for line in item.lines:
            first = under + line.name + " " * (column - cells(line.name)) + _GAP
            self._line(line.text or line.code, first=first, style="green" if line.code else "")

    # -- numbers ---------------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        """As a table where the figures leave room for the labels, else each row over several lines."""
        wide = [
            max(cells(name), *(cells(row.figures[place]) for row in table.rows))
            for place, name in enumerate(table.figures)
        ]
        key = max(cells(table.key), *(cells(row.key) for row in table.rows))
        taken = 2 + key + 2 + sum(2 + width for width in wide)
        room = min(self._width - taken, max(cells(row.label) for row in table.rows))
        least = min(_LEAST_LABEL, max(cells(table.label), *(cells(row.label) for row in table.rows)))
        if self._width - taken < least:
            self._stacked(table, key)
            return
        room = max(room, cells(table.label))
        head = _GAP + _left(table.key, key) + _GAP + _left(table.label, room)
        self._line(head + "".join(_GAP + _right(name, size) for name, size in zip(table.figures, wide, strict=True)))
        for row in table.rows:
            start = _GAP + _left(row.key, key) + _GAP + _left(self._cut(row.label, room), room)
            self._whole(start + "".join(_GAP + _right(one, size) for one, size in zip(row.figures, wide, strict=True)))
            self._details(row, " " * (2 + key + 2))

    def _stacked(self, table: Table, key: int) -> None:
        under = " " * (2 + key + 2)
        for row in table.rows:
            self._named(row.key, self._cut(row.label, self._width - len(under)), key, indent=_GAP)
            self._details(row, under)
            self._flow([f"{name} {one}" for name, one in zip(table.figures, row.figures, strict=True)], under)

    def _cut(self, text: str, most: int) -> str:
        return cut(text, most, "…" if self._screen.blocks else "...")

    def _details(self, row: Row, under: str) -> None:
        dot = " · " if self._screen.blocks else " - "
        if any(row.details):
            self._line(dot.join(filter(None, row.details)), first=under, style="dim")

    def _flow(self, parts: Sequence[str], under: str) -> None:
        """Short texts side by side, as many on a line as fit, none broken."""
        line = ""
        for part in parts:
            longer = f"{line}{_GAP} {part}" if line else part
            if line and cells(under + longer) > self._width:
                self._whole(under + line)
                longer = part
            line = longer
        self._whole(under + line)

    def _whole(self, line: str, style: str = "") -> None:
        """A line that is laid out already."""
        self._console.print(Text(line.rstrip(), style=style), no_wrap=True, overflow="ignore", crop=False)

    def _bars(self, block: Bars) -> None:
        self._line("")
        self._line(block.chart.title, first=_GAP, style="bold")
        for line in charts.lines(block.chart, self._width - 2, blocks=self._screen.blocks):
            self._whole(_GAP + line)


def _left(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cells(text)) + text
