"""A small terminal: what a person would see of the bytes that were written to it."""

import re
import time

from prompt_toolkit.utils import get_cwidth

_SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b\][^\x07]*\x07|\x1b[=>78]")


class Screen:
    """A file to write to, `width` cells wide and as long as it takes; `at` knows when a text was first written."""

    encoding = "utf-8"

    def __init__(self, width: int) -> None:
        self.width = width
        self.raw = ""
        self._at: list[tuple[int, float]] = []
        self._rows: list[list[str]] = [[]]
        self._row = self._column = 0
        self._left = ""

    def write(self, data: str) -> int:
        self.raw += data
        self._at.append((len(self.raw), time.monotonic()))
        text, place = self._left + data, 0
        self._left = ""
        while place < len(text):
            found = _SEQUENCE.match(text, place)
            if found:
                self._obey(found[1], found[2] or "")
                place = found.end()
            elif text[place] == "\x1b" and len(text) - place < 12:
                self._left = text[place:]  # the rest of it comes with the next write
                break
            else:
                self._put(text[place])
                place += 1
        return len(data)

    def flush(self) -> None:
        pass

    def fileno(self) -> int:
        raise OSError("no file")

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        """The rows, without blanks at their ends and without empty rows at the foot."""
        rows = ["".join(row).rstrip() for row in self._rows]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def at(self, text: str) -> float:
        """When a text was whole on its way to the screen, by the monotonic clock."""
        end = self.raw.index(text) + len(text)
        return next(moment for length, moment in self._at if length >= end)

    def _obey(self, values: str, letter: str) -> None:
        count = int(values) if values.isdigit() else 1
        match letter:
            case "A":
                self._row = max(0, self._row - count)
            case "B":
                self._down(count)
            case "C":
                self._column = min(self.width - 1, self._column + count)
            case "D":
                self._column = max(0, self._column - count)
            case "K":
                del self._rows[self._row][self._column :]
            case "J":
                del self._rows[self._row][self._column :]
                del self._rows[self._row + 1 :]
            case "m" | "h" | "l" | "n" | "":
                pass
            case _:
                raise AssertionError(f"unknown sequence {values}{letter}")

    def _down(self, count: int) -> None:
        self._row += count
        while len(self._rows) <= self._row:
            self._rows.append([])

    def _put(self, letter: str) -> None:
        if letter == "\n":
            self._down(1)
        elif letter == "\r":
            self._column = 0
        elif letter == "\x08":
            self._column = max(0, self._column - 1)
        elif letter >= " ":
            self._write(letter)

    def _write(self, letter: str) -> None:
        cells = get_cwidth(letter)
        if self._column + cells > self.width:
            self._down(1)
            self._column = 0
        row = self._rows[self._row]
        row.extend(" " * (self._column - len(row)))
        row[self._column : self._column + max(1, cells)] = [letter] + [""] * (cells - 1)
        self._column += cells
