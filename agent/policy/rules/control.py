"""Signs that nobody sees: bidi and tag characters, controls, joiners where they join nothing."""

import unicodedata
from collections.abc import Iterable, Iterator

import regex

from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found, Params, rule

#: What has to be looked at: controls but tab and line ends, formats, variation selectors, fillers that show nothing.
_SUSPECT = regex.compile(
    r"[\p{Cc}\p{Cf}\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5]", regex.V1
)
_ASCII_CONTROL = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
#: Formats that show: number signs of Arabic and Syriac, Egyptian and shorthand joiners stay out.
_VISIBLE = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_FLAGS = regex.compile(
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_PICTURE = r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]"
_BEFORE_JOINER = regex.compile(rf"{_PICTURE}\ufe0f?$", regex.V1)
_PICTURE_AT = regex.compile(_PICTURE, regex.V1)
#: Scripts whose spelling needs joiners between letters.
_JOINING = regex.compile(
    r"[[\p{L}\p{M}]&&[\p{Arabic}\p{Syriac}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}"
    r"\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Tibetan}]]",
    regex.V1,
)
_RIGHT_TO_LEFT = regex.compile(r"[\p{L}&&[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]]", regex.V1)
_STYLED = regex.compile(r"[\p{Emoji}\p{S}\p{P}]", regex.V1)
_VARIED = regex.compile(r"[\p{Han}\p{Sm}]", regex.V1)
_SELECTORS = regex.compile(r"[\ufe00-\ufe0d\U000e0100-\U000e01ef]")


class ControlParams(Params):
    """Nothing to set but the verdict."""


@rule("text.control", ControlParams, unsafe_on_draft=True)
def check_control(case: Case, _params: ControlParams) -> Iterable[Found]:
    """Nothing is taken out silently: who wrote it says what was meant."""
    for where, text in case.strings:
        hidden = list(_hidden(text))
        if hidden:
            yield Found(
                f"There are hidden characters in {where}.",
                evidence=", ".join(hidden[:5]) + (f" and {len(hidden) - 5} more" if len(hidden) > 5 else ""),
                passes=f"write it without {', '.join(hidden[:20])}" + (" and so on" if len(hidden) > 20 else ""),
            )


def without_hidden(text: str) -> str:
    """The text without its hidden characters."""
    while found := list(_places(text)):  # what one was beside may stand otherwise once it is gone
        gone = set(found)
        text = "".join(sign for at, sign in enumerate(text) if at not in gone)
    return text


def _hidden(text: str) -> Iterator[str]:
    """The hidden characters of a text, each with name and place (from 1)."""
    for at in _places(text):
        name = unicodedata.name(text[at], "CONTROL CHARACTER")
        yield f"U+{ord(text[at]):04X} {name} at {at + 1}"


def _places(text: str) -> Iterator[int]:
    if text.isascii():
        found = _ASCII_CONTROL.finditer(text)
    else:
        text = _FLAGS.sub(lambda flag: "🏴" + "x" * (len(flag[0]) - 1), text)
        found = (match for match in _SUSPECT.finditer(text) if not _stands_well(text, match.start()))
    yield from (match.start() for match in found)


def _stands_well(text: str, at: int) -> bool:
    """Whether a sign that is hidden elsewhere has its proper use here."""
    sign, before, after = text[at], text[:at][-2:], text[at + 1 : at + 2]
    if sign in "\t\n" or sign in _VISIBLE:
        return True
    if sign == "\r":
        return after == "\n"
    if sign == "\u200d" and _BEFORE_JOINER.search(before) and _PICTURE_AT.match(after):
        return True
    if sign in "\u200c\u200d":
        return _JOINING.match(before[-1:]) is not None
    if sign in "\u200e\u200f\u061c":
        return _RIGHT_TO_LEFT.search(text) is not None
    if sign in "\ufe0e\ufe0f":
        return _STYLED.match(before[-1:]) is not None
    if _SELECTORS.match(sign):
        return _VARIED.match(before[-1:]) is not None
    return False
