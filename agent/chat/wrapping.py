"""Texts cut into lines of at most so many terminal cells: between words where it can be, greedily from the left."""

import re

from prompt_toolkit.utils import get_cwidth

_WORDS = re.compile(r" *[^ ]+|^ +$| +$")


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells; a text without anything gives one empty line. Tabs become four blanks."""
    lines: list[str] = []
    line, room = "", width
    for word in _WORDS.findall(text.replace("\t", "    ")):
        cells = get_cwidth(word)
        if cells <= room:
            line, room = line + word, room - cells
            continue
        if line:
            lines.append(line)
            word = word.lstrip(" ")
        *full, line = _cut(word, width)
        lines += full
        room = width - get_cwidth(line)
    return [*lines, line]


def _cut(word: str, width: int) -> list[str]:
    """A word in pieces of at most `width` cells."""
    pieces, room = [""], width
    for letter in word:
        cells = get_cwidth(letter)
        if cells > room and pieces[-1]:
            pieces.append("")
            room = width
        pieces[-1] += letter
        room -= cells
    return pieces


def tail(text: str, width: int) -> tuple[list[str], str]:
    """A text that still grows: its lines that are full, which stay as they are, and the last."""
    *full, last = wrap(text, width)
    return full, last
