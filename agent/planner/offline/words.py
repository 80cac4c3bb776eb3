"""A goal's words: quotations and addresses set aside, the rest taken phrase by phrase. What is left: not understood."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.policy.facts import quoted_in

#: One private-use letter stands for each quotation, another for each address, while the words around them are read.
_QUOTES, _URLS, _END = 0xE000, 0xE800, 0xF000
QUOTE = f"[{chr(_QUOTES)}-{chr(_URLS - 1)}]"
URL = f"[{chr(_URLS)}-{chr(_END - 1)}]"
_TAKEN = " ¦ "
#: Characters outside of quotations that are read; quotations may be of any length.
_MOST_WORDS = 1500

_OPENING, _CLOSING = "\"“„«'", "\"”“»'"
_DOUBLE = re.compile('["“”„«»]')
_ADDRESS = re.compile(r"https?://[^\s<>\"“”„«»]+", re.IGNORECASE)
_MEANS = re.compile(rf"\w|{QUOTE}|{URL}")
_TOKEN = re.compile(r"[^\s,;:!?¦()]+")

NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
}
NUMBER = rf"(?:\d{{1,3}}|{'|'.join(NUMBERS)})"

#: How each network is written, and the words that mean it.
NETWORKS = {
    "linkedin": ("LinkedIn", r"linked ?in"),
    "twitter": ("X", r"x/twitter|twitter/x|twitter|x"),
    "bluesky": ("Bluesky", r"blue ?sky"),
    "instagram": ("Instagram", r"instagram|insta"),
    "facebook": ("Facebook", r"facebook"),
    "tiktok": ("TikTok", r"tik ?tok"),
    "youtube": ("YouTube", r"you ?tube"),
    "threads": ("Threads", r"threads"),
    "mastodon": ("Mastodon", r"mastodon"),
    "pinterest": ("Pinterest", r"pinterest"),
    "telegram": ("Telegram", r"telegram"),
}
#: "threads" is the network where it is capitalised or stands where a network does.
_THREADS = r"(?-i:Threads)|(?:(?<=on )|(?<=for )|(?<=and )|(?<=, ))threads"
_NAMES = "|".join([words for key, (_, words) in NETWORKS.items() if key != "threads"] + [_THREADS])
NETWORK = rf"(?<![\w.@/-])(?:{_NAMES})(?![\w@/’'-])"
EVERYWHERE = r"\beverywhere\b|\b(?:all|every)(?: of)?(?: our| my| the)? (?:networks?|accounts?|channels?|platforms?)\b"

#: Words that carry no wish of their own. "not", "or", "except" and "without" are never among them.
_FILLER = frozenset(
    " ".join(
        (
            "a an all also and as at both but by each for from in into is it its of on one only that the their",
            "them then there these this to too under up via which while will with are am be so some",
            "i me my we us our ours you your let lets let's can could want need would like please kindly just",
            "hello hey hi now new same separate short social different current currently",
            "account accounts audience channel channels followers media network networks page pages",
            "draft drafts message post posts text thread update updates word words",
            "compose create do get give go have make prepare put reading reads saves save say saying says",
            "use using write",
        )
    ).split()
)


class CannotDo(Exception):
    """The goal is not understood or cannot be done: the message says why, and what would be understood."""


@dataclass(frozen=True)
class Masked:
    """A goal with each quotation and each address outside of them replaced by one letter."""

    text: str
    quotes: tuple[str, ...]
    urls: tuple[str, ...]


def mask(goal: str) -> Masked:
    """The goal with its quotations and addresses set aside. Raises CannotDo for a quotation that is not closed."""
    quotes: list[str] = []
    pieces: list[str] = []
    end = 0
    for words in quoted_in(goal):
        at = _quoted_at(goal, words, end)
        if at is not None:
            pieces += [_bare(goal[end : at - 1]), chr(_QUOTES + len(quotes))]
            quotes.append(words)
            end = at + len(words) + 1
    text = "".join([*pieces, _bare(goal[end:])])
    if len(text) > _MOST_WORDS:
        raise CannotDo("The goal is too long for the offline planner; put the words to post in quotes.")
    if _DOUBLE.search(text):
        raise CannotDo("A quotation in the goal is empty or not closed.")
    urls: list[str] = []

    def aside(match: re.Match[str]) -> str:
        address = match.group().rstrip(".,;:!?)")
        urls.append(address)
        return chr(_URLS + len(urls) - 1) + match.group()[len(address) :]

    return Masked(_ADDRESS.sub(aside, text), tuple(quotes), tuple(urls))


def _bare(words: str) -> str:
    """Words outside of quotations, without the letters that have a meaning here."""
    return "".join(" " if _QUOTES <= ord(letter) < _END or letter == "¦" else letter for letter in words)


def _quoted_at(goal: str, words: str, start: int) -> int | None:
    """Where these words stand in quotes from `start` on; a quotation inside another one stands nowhere."""
    at = goal.find(words, start)
    while at >= 0:
        end = at + len(words)
        if at > start and goal[at - 1] in _OPENING and end < len(goal) and goal[end] in _CLOSING:
            return at
        at = goal.find(words, at + 1)
    return None


class Scanner:
    """A goal being read: each phrase that is understood is taken out of `rest`."""

    def __init__(self, goal: str) -> None:
        masked = mask(goal)
        self.rest = " " + " ".join(masked.text.split()) + " "
        self._quotes = masked.quotes
        self._urls = masked.urls

    def take(self, pattern: str) -> re.Match[str] | None:
        """The first place where the pattern fits, taken out; case does not matter."""
        match = re.search(pattern, self.rest, re.IGNORECASE)
        if match:
            self.rest = self.rest[: match.start()] + _TAKEN + self.rest[match.end() :]
        return match

    def take_all(self, pattern: str) -> list[re.Match[str]]:
        """Every place where the pattern fits, taken out in order."""
        found = []
        while match := self.take(pattern):
            found.append(match)
        return found

    def has(self, pattern: str) -> bool:
        """Whether the pattern fits somewhere in what is left."""
        return re.search(pattern, self.rest, re.IGNORECASE) is not None

    def plain(self, words: str) -> str:
        """Words with quotations and addresses put back: a lone one as it is, others in their quotes."""
        alone = words.strip()
        if len(alone) == 1 and _QUOTES <= ord(alone) < _URLS:
            return self._quotes[ord(alone) - _QUOTES]
        return "".join(self._letter(letter) for letter in words).strip()

    def _letter(self, letter: str) -> str:
        code = ord(letter)
        if _QUOTES <= code < _URLS:
            return f'"{self._quotes[code - _QUOTES]}"'
        return self._urls[code - _URLS] if _URLS <= code < _END else letter

    def quotes_left(self) -> list[str]:
        """The letters of quotations not taken yet, in order."""
        return re.findall(QUOTE, self.rest)

    def leftover(self) -> str:
        """The words that nothing has understood, each as written; empty where all were."""
        words = []
        for token in _TOKEN.findall(self.rest):
            word = token.strip(".'’-–—&+").casefold().replace("’", "'")
            if _MEANS.search(word) and word not in _FILLER:
                words.append("".join(self._letter(letter) for letter in token.rstrip(".")))
        return " ".join(words)


def count_of(word: str) -> int:
    """A number written in figures or letters."""
    return NUMBERS.get(word.casefold()) or int(word)


def network_of(words: str) -> str:
    """The network that words matching `NETWORK` mean."""
    for network, (_, pattern) in NETWORKS.items():
        if re.fullmatch(pattern, words, re.IGNORECASE):
            return network
    raise CannotDo(f'"{words}" is no network.')


def written(network: str) -> str:
    """A network's name as people write it."""
    return NETWORKS[network][0] if network in NETWORKS else network


def listed(words: Sequence[object]) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    *most, last = [str(word) for word in words] or [""]
    return f"{', '.join(most)} and {last}" if most else last
