"""Numbers, prices, dates, times in a text, in one spelling: `1.299,00` is 1299, `2 pm` is 14:00, `1. Dezember` 12-01.

Pure functions. A number that cannot be told (`1,250` may be 1250 or 1.25) is read as a thousand.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.policy.entities import hashtags, links, mentions

Kind = Literal["price", "date", "time", "number"]

_MONTHS = (
    "january januar enero janvier gennaio januari janeiro jan",
    "february februar febrero février febbraio februari fevereiro feb",
    "march märz marzo mars maart março mar",
    "april abril avril aprile apr",
    "may mai mayo maggio mei maio",
    "june juni junio juin giugno junho jun",
    "july juli julio juillet luglio julho jul",
    "august agosto août augustus aug",
    "september septiembre septembre settembre setembro sep sept",
    "october oktober octubre octobre ottobre outubro oct okt",
    "november noviembre novembre novembro nov",
    "december dezember diciembre décembre dicembre dezembro dec dez",
)
_MONTH: Mapping[str, int] = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_SPELLED: Mapping[str, int] = {
    name: number
    for names in (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen twenty",
        "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn"
        " siebzehn achtzehn neunzehn zwanzig",
    )
    for number, name in enumerate(names.split())
} | {
    name: number
    for names in (
        "thirty forty fifty sixty seventy eighty ninety hundred",
        "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert",
    )
    for number, name in zip(range(30, 101, 10), names.split(), strict=True)
}
_THOUSAND = frozenset({"thousand", "tausend"})

_NUMBER = r"\d(?:[\d'’]|[.,](?=\d)|[\u00a0\u202f ](?=\d{3}(?!\d)))*"
_CURRENCY = r"[€$£¥₹₽₺₩]|\b(?:EUR|USD|GBP|CHF|CAD|AUD|JPY|INR|SEK|NOK|DKK|PLN|BRL|MXN)\b"
_UNIT = r"%|‰|\b(?:percent|per cent|prozent|euros?|dollars?|pounds?|francs?|franken|cents?|pence|reais|pesos?|yen)\b"
_MONTH_NAME = rf"(?:{'|'.join(sorted(_MONTH, key=len, reverse=True))})\b\.?"
_ISO = r"(?P<iso>(?<!\d)\d{4}-\d{1,2}-\d{1,2}(?!\d))"
_SHORT = (
    r"(?P<short>(?<![\d.,/])\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?(?![\d%€$£])"
    r"|(?<![\d.,/])\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})(?!\d))"
)
_DAY_FIRST = (
    r"(?P<day>(?<!\d)\d{1,2})(?:st|nd|rd|th|er|\.|º)?\s+(?:of |de |d')?"
    rf"(?P<month>{_MONTH_NAME})(?:\s+(?:de )?\d{{4}})?"
)
_MONTH_FIRST = rf"\b(?P<month2>{_MONTH_NAME})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+\d{{4}})?"
_CLOCK = (
    r"(?P<clock>(?<![\d.:])\d{1,2}(?::|h)\d{2}(?:\s?[ap]\.?m\b\.?)?(?![\d:])"
    r"|(?<![\d.:])\d{1,2}\s?(?:[ap]\.?m\b\.?|uhr\b|heures?\b))"
)
_PRICE = rf"(?P<price>(?:{_CURRENCY})\s?{_NUMBER}|{_NUMBER}\s?(?:{_CURRENCY}|{_UNIT}))"
_FIGURE = re.compile(
    rf"(?i){_ISO}|{_DAY_FIRST}|{_MONTH_FIRST}|{_CLOCK}|{_PRICE}|{_SHORT}|(?P<number>(?<![\w]){_NUMBER})"
)
_DIGIT = re.compile(r"\d")
_NAMES = "|".join(sorted((*_SPELLED, *_THOUSAND), key=len, reverse=True))
_UNIT_WORD = re.compile(rf"(?i)(?:{_CURRENCY}|{_UNIT})")
_IN_WORDS = re.compile(rf"(?i)\b(?P<words>(?:{_NAMES})(?:(?:\s+and\s+|[\s-]+)(?:{_NAMES}))*)\s+(?:{_CURRENCY}|{_UNIT})")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at [start, end). Any of `same` among the figures of a source means that it comes from there."""

    start: int
    end: int
    text: str
    kind: Kind
    same: tuple[str, ...]


@lru_cache(maxsize=512)
def figures(text: str) -> tuple[Figure, ...]:
    """The figures of a text in order, but those in links, hashtags, mentions, and those that count items of a list.

    Prices and shares count in words, too.
    """
    plain = _without_names(_in_ascii_digits(text))
    found = [_figure(text, plain, match) for match in _FIGURE.finditer(plain)] if _DIGIT.search(plain) else []
    if _UNIT_WORD.search(plain):
        found += [_spelled(text, match) for match in _IN_WORDS.finditer(plain)]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.start))


@lru_cache(maxsize=4096)
def figures_told(text: str) -> frozenset[str]:
    """Every spelling of a figure that a source gives, also of numbers written as words."""
    told = {one for figure in figures(text) for one in figure.same}
    text = _in_ascii_digits(text)
    told |= {f"n:{_value(match[0])}" for match in re.finditer(_NUMBER, text)} if _DIGIT.search(text) else set()
    told |= {f"n:{_SPELLED[word]}" for word in _WORD.findall(text.casefold()) if word in _SPELLED}
    return frozenset(told)


def _without_names(text: str) -> str:
    """The text with blanks where links, hashtags and mentions stand, so that places stay."""
    spans = links(text, "twitter") if "." in text or "://" in text else ()
    spans += hashtags(text, "linkedin") if "#" in text else ()
    spans += mentions(text, "instagram") if "@" in text else ()
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _in_ascii_digits(text: str) -> str:
    """The text with every sign that stands for a digit (raised, in a circle, of other scripts) as that; places stay."""
    if text.isascii():
        return text
    return "".join(sign if sign.isascii() else str(unicodedata.digit(sign, sign)) for sign in text)


def _figure(shown: str, text: str, match: re.Match[str]) -> Figure | None:
    """A figure of a text, `shown` as it was before its digits were spelled alike."""
    kind, same = _read(match)
    if kind == "number" and _counts(text, match):
        return None
    return Figure(match.start(), match.end(), shown[match.start() : match.end()].strip(), kind, same) if same else None


def _spelled(shown: str, match: re.Match[str]) -> Figure:
    """A price or share whose number is written in words."""
    whole, below = 0, 0
    for word in _WORD.findall(match["words"].casefold()):
        if word in _THOUSAND:
            whole, below = whole + (below or 1) * 1000, 0
        elif _SPELLED.get(word) == 100:
            below = (below or 1) * 100
        else:
            below += _SPELLED.get(word, 0)
    return Figure(*match.span(), shown[match.start() : match.end()].strip(), "price", (f"n:{whole + below}",))


def _counts(text: str, match: re.Match[str]) -> bool:
    """Whether a number only counts: `1.` or `2)` at the start of a line, `3/5` of a thread. Such numbers are small."""
    if len(match[0]) > 2:
        return False
    line = text.rfind("\n", 0, match.start()) + 1
    before, after = text[line : match.start()].strip(), text[match.end() : match.end() + 1]
    return (not before and after in {".", ")", "/", ":"}) or "/" in (after, text[match.start() - 1 : match.start()])


def _read(match: re.Match[str]) -> tuple[Kind, tuple[str, ...]]:
    got = match.groupdict()
    if got["iso"]:
        _, month, day = got["iso"].split("-")
        return "date", _date(int(day), int(month))
    if got["month"] or got["month2"]:
        name = (got["month"] or got["month2"]).rstrip(".").casefold()
        return "date", _date(int(got["day"] or got["day2"]), _MONTH[name])
    if got["clock"]:
        return "time", tuple(_time(got["clock"].casefold()))
    if got["short"]:
        first, second = (int(one) for one in re.split(r"[./]", got["short"])[:2])
        return "date", (*_date(first, second), *_date(second, first))
    if got["price"]:
        number = re.search(_NUMBER, got["price"])
        return "price", (f"n:{_value(number[0])}",) if number else ()
    return "number", (f"n:{_value(got['number'])}",)


def _date(day: int, month: int) -> tuple[str, ...]:
    return (f"d:{month:02d}-{day:02d}",) if 1 <= month <= 12 and 1 <= day <= 31 else ()


def _time(clock: str) -> Iterator[str]:
    hour, minute = (int(one) for one in [*re.findall(r"\d+", clock), "0"][:2])
    if re.search(r"[ap]\.?m", clock):
        hour = hour % 12 + (12 if "p" in clock else 0)
    yield f"t:{hour:02d}:{minute:02d}"
    if minute == 0:
        yield from (f"n:{one}" for one in dict.fromkeys((hour, hour % 12 or 12)))


def _value(number: str) -> str:
    """`1.299,00` as `1299`, `4,50` as `4.5`."""
    number = re.sub(r"[\s'’\u00a0\u202f]", "", number)
    last = max(number.rfind("."), number.rfind(","))
    parts = re.split(r"[.,]", number)
    mixed = "." in number and "," in number
    if last >= 0 and (mixed or len(parts[-1]) != 3) and (mixed or len(parts) == 2):
        whole, rest = "".join(parts[:-1]), parts[-1].rstrip("0")
    else:
        whole, rest = "".join(parts), ""
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{rest}" if rest else whole
