"""Text made safe to show: hidden and control characters become visible, long text is cut with a count."""

import unicodedata

#: Categories that never show: controls, formats (bidi, zero-width, tags), private use, surrogates, unassigned.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_JOINERS = frozenset("\u200d\ufe0f")


def visible(text: str, *, newlines: bool = True) -> str:
    """The text with every hidden character written as a code point, such as `\\u202e`; emoji joiners stay."""
    shown = []
    for position, letter in enumerate(text):
        if letter in "\n\t" and newlines:
            shown.append(letter)
        elif unicodedata.category(letter) in _HIDDEN and not _joins(text, position):
            shown.append(f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}")
        else:
            shown.append(letter)
    return "".join(shown)


def _joins(text: str, position: int) -> bool:
    """Whether a joiner stands between two pictographs, where it is part of an emoji."""
    if text[position] not in _JOINERS or position == 0 or position + 1 >= len(text):
        return False
    return all(unicodedata.category(text[at]) in {"So", "Sk", "Mn"} for at in (position - 1, position + 1))


def shorten(text: str, most: int) -> str:
    """The text, cut with a count of what is missing."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"


def one_line(text: str, most: int) -> str:
    """Visible, on one line, cut with an ellipsis."""
    line = " ".join(visible(text, newlines=False).replace("\\u000a", " ").replace("\\u000d", " ").split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def folded(text: str) -> str:
    """The text as it is compared with others: one width and case, without hidden characters, single spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(letter for letter in plain if letter.isspace() or unicodedata.category(letter) not in _HIDDEN)
    return " ".join(kept.split())
