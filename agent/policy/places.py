"""Places in a call, such as `content.1.text`, in words for people: the model and `--json` have them as they are."""

import re
from collections.abc import Callable

_Say = Callable[[re.Match[str]], str]
_PLACES: tuple[tuple[re.Pattern[str], _Say], ...] = (
    (re.compile(r"\b(T|t)he text in (?:content\.0\.text|content(?![\w.]))"), lambda found: f"{found[1]}he text"),
    (re.compile(r"\bThe text in content\.(\d+)\.text\b"), lambda found: f"Part {int(found[1]) + 1}"),
    (re.compile(r"\bcontent\.0\.text\b"), lambda _found: "the text"),
    (re.compile(r"\bcontent\.(\d+)\.text\b"), lambda found: f"part {int(found[1]) + 1}"),
    (re.compile(r"\bin content(?![\w.])"), lambda _found: "in the comment"),
    (
        re.compile(r"\baccounts\.(\d+)\.settings\.(\w+)\b"),
        lambda found: f"the {found[2]} of its own that account no. {int(found[1]) + 1} has",
    ),
)


def in_words(sentence: str) -> str:
    """A sentence of ours with its places in words. Pure."""
    for pattern, say in _PLACES:
        sentence = pattern.sub(say, sentence)
    return sentence
