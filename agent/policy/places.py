"""Places in a call, such as `content.1.text`, and networks as people call them: the model and `--json` keep ours."""

import re
from collections.abc import Callable

from agent.api.networks import NETWORK_NAMES

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

_NAMES = "|".join(NETWORK_NAMES)
#: Only where a sentence of ours names a network: never a host, and no word that somebody else wrote.
_NETWORKS = (
    re.compile(rf"(?P<before>^)(?P<network>{_NAMES})(?= (?:takes|has) )"),
    re.compile(rf"(?P<before>\b(?:on|for|What|where|give|that|leave|fit) )(?P<network>{_NAMES})(?=[ ,:;)]|\.?$|\. )"),
)


def in_words(sentence: str) -> str:
    """A sentence of ours with its places and networks in words. Pure."""
    for pattern in _NETWORKS:
        sentence = pattern.sub(lambda found: found["before"] + NETWORK_NAMES[found["network"]], sentence)
    return places_in_words(sentence)


def places_in_words(found: str) -> str:
    """What a finding was found in, with its places in words; all else may be somebody's own text. Pure."""
    for pattern, say in _PLACES:
        found = pattern.sub(say, found)
    return found
