"""Where words come from: every text a run has read, with its origin, and what of an outgoing text stands in one.

Five kinds: `said` by the person (goal, answers) or the configuration; `known`, what was out before under our own names
(published posts, names of accounts and workspaces); `ours`, drafts of ours in which nothing was found; `borrowed`,
drafts of ours that hold words from outside; `outside`, all else: comments, drafts that others left, analysed threads,
names of files. What a person said is theirs wherever else it stands; what was out before is ours even where strangers
repeat it; a draft of ours proves nothing about what stands outside as well.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

import regex

from agent.api.types import Post
from agent.policy.entities import links, mentions
from agent.policy.figures import figures_told
from agent.policy.lookalikes import reads_as

Kind = Literal["said", "known", "ours", "borrowed", "outside"]
#: In scripts without blanks between words a sign is a word, and two of them count as one.
_SIGN = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_WORD = regex.compile(rf"{_SIGN}|[[\p{{L}}\p{{M}}\p{{N}}]--{_SIGN}]+", regex.V1)
_A_SIGN = regex.compile(_SIGN)

#: A source may name a host in any way; of what goes out only links count.
_DOTTED = regex.compile(r"(?<![\w.-])[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+")
_SIGN_BEFORE = regex.compile(r"[/$#][\p{L}\p{N}_-]+\.")
_FILE = regex.compile(
    r"(?i)[\w-][\w.-]*\.(?:jpe?g|png|gif|webp|heic|svg|mp4|mov|m4v|webm|avi|mkv|pdf|env|txt|key|pem)\b"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A text that was read, and where: `comment 12`, `the goal`."""

    origin: str
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an outgoing text that stand in texts from outside."""

    start: int
    end: int
    text: str
    origins: tuple[str, ...]


#: How the origins begin where people outside write at will.
STRANGERS = ("comment ", "the author of", "an analysed")


class Sources:
    """The texts of a run, searched by runs of words and by hosts, mentions and figures. Grows; forgets nothing."""

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self._waiting = list(sources)
        self._texts: list[Source] = []
        self._tokens: dict[Kind, dict[str, str]] = {"said": {}, "known": {}, "ours": {}, "borrowed": {}, "outside": {}}
        self._strangers: dict[str, str] = {}
        self._grams: dict[int, tuple[dict[str, tuple[str, ...]], set[str], int]] = {}

    def add(self, sources: Iterable[Source]) -> None:
        """Take in more texts; they are looked into when somebody asks."""
        self._waiting += sources

    def _settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for source in waiting:
            tokens = self._tokens[source.kind]
            for token in tokens_of(source.text):
                tokens.setdefault(token, source.origin)
                if source.kind == "outside" and source.origin.startswith(STRANGERS):
                    self._strangers.setdefault(token, source.origin)
            self._texts.append(source)

    def strangers(self, token: str) -> str:
        """The comment or thread that names a token, and the person does not; empty where none does."""
        self._settle()
        return "" if token in self._tokens["said"] else self._strangers.get(token, "")

    @property
    def has_strangers(self) -> bool:
        """Whether people outside wrote something that was read."""
        self._settle()
        return bool(self._strangers)

    def outside(self, token: str) -> str:
        """The outside text that a token stands in; empty where it stands in none, or comes from us."""
        self._settle()
        if token in self._tokens["said"] or token in self._tokens["known"]:
            return ""
        return self._strangers.get(token, "") or self._tokens["outside"].get(token, "")

    def trusts(self, token: str) -> bool:
        """Whether a token comes from the person, from what was out before, or from a draft of ours alone."""
        self._settle()
        if token in self._tokens["said"] or token in self._tokens["known"]:
            return True
        return token in self._tokens["ours"] and token not in self._tokens["outside"]

    def spans(self, text: str, words: int, but: frozenset[str] = frozenset()) -> list[Span]:
        """The runs of so many words and more that stand in outside texts, unless only in the origins named in `but`.

        What the person said, or was out before under our names, word for word is no finding.
        """
        outside, said = self._index(words)
        found: list[Span] = []
        for start, end, gram in _runs(text, words) if outside else ():
            origins = tuple(one for one in outside.get(gram, ()) if one not in but)
            if not origins or gram in said:
                continue
            if found and start <= found[-1].end and set(origins) & set(found[-1].origins):
                last = found.pop()
                start, origins = last.start, tuple(dict.fromkeys((*last.origins, *origins)))
            found.append(Span(start, end, text[start:end], origins))
        return found

    def _index(self, words: int) -> tuple[dict[str, tuple[str, ...]], set[str]]:
        self._settle()
        outside, said, done = self._grams.get(words, ({}, set(), 0))
        for source in self._texts[done:]:
            if source.kind != "ours":
                for _, _, gram in _runs(source.text, words):
                    if source.kind in {"said", "known"}:
                        said.add(gram)
                    elif source.origin not in outside.get(gram, ()):
                        outside[gram] = (*outside.get(gram, ()), source.origin)
        self._grams[words] = (outside, said, len(self._texts))
        return outside, said


@lru_cache(maxsize=512)
def _runs(text: str, most: int) -> tuple[tuple[int, int, str], ...]:
    """Every run of so many words: where it starts and ends, and the run itself. Of single signs twice as many."""
    places = [match.span() for match in _WORD.finditer(text)]
    words = [reads_as(text[start:end]) for start, end in places]
    signs = [bool(_A_SIGN.match(word)) for word in words] if not text.isascii() else [False] * len(words)
    found = []
    for at in range(len(words) - most + 1):
        size = 2 * most if 2 * sum(signs[at : at + most]) > most else most
        if at + size <= len(words):
            found.append((places[at][0], places[at + size - 1][1], " ".join(words[at : at + size])))
    return tuple(found)


@lru_cache(maxsize=4096)
def tokens_of(text: str) -> frozenset[str]:
    """What a text names: `host:…`, `@…`, and its figures."""
    names = [f"host:{host}" for host, _ in hosts_in(text)]
    names += [name for name, _ in mentions_in(text)]
    if "." in text:
        names += [f"file:{match[0].casefold()}" for match in _FILE.finditer(text)]
        names += [f"host:{match[0].casefold().removeprefix('www.')}" for match in _DOTTED.finditer(text)]
    return frozenset(names) | figures_told(text)


@lru_cache(maxsize=1024)
def hosts_in(text: str) -> tuple[tuple[str, str], ...]:
    """The hosts of a text's links, in lower case and without www, each with its link.

    Bare ones count that some network makes links of, though X would not.
    """
    if text.isascii() and "." not in text and "://" not in text:
        return ()
    found = [(host_of(link.text), link.text) for link in links(text, "twitter")]
    known = {host for host, _ in found}
    found += [(host, shown) for host, shown in _bare_hosts(text) if host not in known]
    return tuple((host, link) for host, link in found if host)


def _bare_hosts(text: str) -> Iterator[tuple[str, str]]:
    """Names with a known ending behind a sign that X does not read past, or in letters it does not read as hosts."""
    if text.isascii() and not _SIGN_BEFORE.search(text):
        return
    even = _even(text)
    for match in _DOTTED.finditer(even):
        if even[match.start() - 1 : match.start()] == "@":  # a mention, or the place of a mailbox
            continue
        name = match[0].casefold().removeprefix("www.")
        ascii_form = _ascii(name)
        whole = [link for link in links(ascii_form, "twitter") if link.text == ascii_form]
        if whole:
            yield name, match[0]


def _even(text: str) -> str:
    """A text in one width, with one spelling of the dot."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).replace("。", ".")


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""


def host_of(address: str) -> str:
    """The host of an address, with or without scheme, in one width, lower case and without www; empty where none is."""
    address = _even(address)
    try:
        host = urlsplit(address if "://" in address else f"https://{address}").hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").removeprefix("www.")


@lru_cache(maxsize=1024)
def mentions_in(text: str) -> tuple[tuple[str, str], ...]:
    """The mentions of a text as tokens, in every reading of the networks, each with its words."""
    if "@" not in text and "＠" not in text:
        return ()
    spans = {span.text for network in ("instagram", "mastodon", "linkedin") for span in mentions(text, network)}
    return tuple((mention_token(span), span) for span in sorted(spans))


def mention_token(name: str) -> str:
    """A handle as a token: without the sign, in lower case."""
    return "@" + name.lstrip("@＠").rstrip(".-").casefold()


def texts_of_post(post: Post) -> Iterator[str]:
    """Every text of a post that the public reads."""
    yield from (item.text for item in post.content if item.text)
    for row in post.platforms:
        values = (row.settings.get(name) for name in ("text", "caption", "description", "title"))
        yield from (value for value in values if isinstance(value, str) and value)
