"""Text made safe to show: hidden and control characters become visible, long text is cut with a count."""

import unicodedata
from functools import lru_cache

#: Categories that never show: controls, formats (bidi, zero-width, tags), private use, surrogates, unassigned.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
#: Signs of other categories that show nothing: joiners, fillers, and variation selectors, which can carry whole texts.
_UNSEEN = frozenset(
    [
        *map(chr, range(0xFE00, 0xFE10)),
        *map(chr, range(0xE0100, 0xE01F0)),
        *"\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0",
    ]
)
_EMOJI_JOINERS = frozenset("\u200d\ufe0e\ufe0f")
_WORD_JOINERS = frozenset("\u200c\u200d")


def visible(text: str, *, newlines: bool = True) -> str:
    """The text with every hidden character written as a code point, such as `\\u202e`; joiners in their place stay."""
    if text.isascii() and text.isprintable():
        return text
    shown = []
    for position, letter in enumerate(text):
        if letter in "\n\t" and newlines:
            shown.append(letter)
        elif _hides(text, position):
            shown.append(f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}")
        else:
            shown.append(letter)
    return "".join(shown)


def seen(text: str) -> str:
    """What a reader of the text sees: hidden characters are left out, line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter for at, letter in enumerate(text) if letter in "\n\t" or not _hides(text, at))


def _hides(text: str, at: int) -> bool:
    hidden = text[at] in _UNSEEN or unicodedata.category(text[at]) in _HIDDEN
    return hidden and not _joins(text, at)


def _joins(text: str, at: int) -> bool:
    """Whether a joiner stands where its script or an emoji needs it."""
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if sign in _WORD_JOINERS and _in_word(before) and _in_word(after):
        return True
    if sign not in _EMOJI_JOINERS or not before:
        return False
    pictured = {"So", "Sk", "Sm"}
    if sign == "\u200d":
        return bool(after) and unicodedata.category(after) in pictured and (before == "\ufe0f" or _pictures(before))
    return _pictures(before) or before in "#*0123456789" or unicodedata.category(before) in {"Sm", "Po"}


def _in_word(sign: str) -> bool:
    """Whether a sign is of a script without capitals, such as Persian and Hindi: there joiners are spelling."""
    return bool(sign) and unicodedata.category(sign) in {"Lo", "Mn", "Mc"} and sign not in _UNSEEN


def _pictures(sign: str) -> bool:
    return unicodedata.category(sign) in {"So", "Sk"}


def shorten(text: str, most: int) -> str:
    """The text, cut with a count of what is missing."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"


def one_line(text: str, most: int) -> str:
    """Visible, on one line, cut with an ellipsis."""
    line = " ".join(visible(text, newlines=False).replace("\\u000a", " ").replace("\\u000d", " ").split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """The text as it is compared with others: one width and case, without hidden characters, single spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isprintable() and plain.isascii():
        return " ".join(plain.split())
    kept = "".join(letter for letter in plain if letter.isspace() or unicodedata.category(letter) not in _HIDDEN)
    return " ".join(kept.split())


def even(text: str) -> str:
    """A text as it is compared: letters composed, single blanks between words and none around."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def seen_line(text: str, most: int) -> str:
    """What a reader of the text sees, on one line, cut with an ellipsis: texts from outside as a model reads them."""
    return one_line(seen(text), most)
