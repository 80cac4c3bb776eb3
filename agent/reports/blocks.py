"""The parts a told run is made of. Their words are plain and may come from outside: whoever shows them cleans them."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar, TypeVar

from agent.charts import Chart

B = TypeVar("B")


class Code(str):
    """A command, shown as it is typed."""

    __slots__ = ()


NO_CODE = Code()


@dataclass(frozen=True)
class Title:
    """The first line."""

    kind: ClassVar = "title"
    text: str


@dataclass(frozen=True)
class Heading:
    """The heading of a section, or of a part of one."""

    kind: ClassVar = "heading"
    text: str
    small: bool = False


@dataclass(frozen=True)
class Facts:
    """Names with what they say, one a line."""

    kind: ClassVar = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Note:
    """A sentence of ours, with a command behind it."""

    kind: ClassVar = "note"
    text: str
    code: Code = NO_CODE


@dataclass(frozen=True)
class Line:
    """A line under an item: a name, what it says, a command."""

    name: str
    text: str = ""
    code: Code = NO_CODE


@dataclass(frozen=True)
class Source:
    """The journal record that something is told from: a run's id and the record's number."""

    run: str
    seq: int


@dataclass(frozen=True)
class Item:
    """One of a list: what it is called (`card 3`), what it says, more about it, the record it rests on."""

    text: str
    head: str = ""
    lines: tuple[Line, ...] = ()
    source: Source | None = None


@dataclass(frozen=True)
class Items:
    """A list."""

    kind: ClassVar = "items"
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Row:
    """A row of a table: key, label, details in words, and figures."""

    key: str
    label: str
    details: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Figures of several things. Names of the columns: of the key, the label, the details and the figures."""

    kind: ClassVar = "table"
    key: str
    label: str
    details: tuple[str, ...]
    figures: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Bars:
    """A chart."""

    kind: ClassVar = "bars"
    chart: Chart


@dataclass(frozen=True)
class Words:
    """The words of somebody else, line by line, which stand apart."""

    kind: ClassVar = "words"
    lines: tuple[str, ...]


Block = Title | Heading | Facts | Note | Items | Table | Bars | Words


def each_text(part: B, change: Callable[[str], str]) -> B:
    """The same part with every text in it changed, however deep it lies."""
    return _each(part, change)  # type: ignore[no-any-return]  # what goes in comes out


def _each(part: Any, change: Callable[[str], str]) -> Any:
    if isinstance(part, str):
        return change(part)
    if isinstance(part, tuple):
        return tuple(_each(one, change) for one in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{field.name: _each(getattr(part, field.name), change) for field in fields(part)})
    return part
