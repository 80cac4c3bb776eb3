"""Where words come from: every text a run has read, with its origin, and what of an outgoing text stands in one.

Four kinds: `said` by the person (goal, answers) or the configuration; `known`, what was out before under our own names
(published posts, names of accounts and workspaces); `ours`, drafts of ours in which nothing was found; `outside`, all
else: comments, drafts that others left, analysed threads, names of files. What a person said is theirs wherever else it
stands; what was out before is ours even where strangers repeat it; a draft of ours proves nothing about what stands
outside as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

import regex

from agent.api.types import Account, Analysis, Campaign, Comment, Folder, Label, Media, Post, Workspace
from agent.policy.authors import by_us
from agent.policy.entities import links, mentions
from agent.policy.figures import figures_told
from agent.text import seen

Kind = Literal["said", "known", "ours", "outside"]
#: In scripts without blanks between words a sign is a word, and two of them count as one.
_SIGN = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_WORD = regex.compile(rf"{_SIGN}|[[\p{{L}}\p{{M}}\p{{N}}]--{_SIGN}]+", regex.V1)
_A_SIGN = regex.compile(_SIGN)

#: A source may name a host in any way; of what goes out only links count.
_DOTTED = regex.compile(r"(?<![\w.-])[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+")
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
        self._tokens: dict[Kind, dict[str, str]] = {"said": {}, "known": {}, "ours": {}, "outside": {}}
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
                    if source.kind != "outside":
                        said.add(gram)
                    elif source.origin not in outside.get(gram, ()):
                        outside[gram] = (*outside.get(gram, ()), source.origin)
        self._grams[words] = (outside, said, len(self._texts))
        return outside, said


@lru_cache(maxsize=512)
def _runs(text: str, most: int) -> tuple[tuple[int, int, str], ...]:
    """Every run of so many words: where it starts and ends, and the run itself. Of single signs twice as many."""
    places = [match.span() for match in _WORD.finditer(text)]
    words = [text[start:end].casefold() for start, end in places]
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
    """The hosts of a text's links, in lower case and without www, each with its link."""
    if "." not in text and "://" not in text:
        return ()
    found = [(host_of(link.text), link.text) for link in links(text, "twitter")]
    return tuple((host, link) for host, link in found if host)


def host_of(address: str) -> str:
    """The host of an address, with or without scheme, in lower case and without www; empty where there is none."""
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
    spans = {span.text for network in ("instagram", "mastodon") for span in mentions(text, network)}
    return tuple((mention_token(span), span) for span in sorted(spans))


def mention_token(name: str) -> str:
    """A handle as a token: without the sign, in lower case."""
    return "@" + name.lstrip("@＠").rstrip(".-").casefold()


# -- which texts a run has read ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ownership:
    """What tells ours from theirs: drafts of our runs, those of them in which something was found, posts that the goal
    names, and the accounts."""

    ours: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()
    named: frozenset[int] = frozenset()
    accounts: Mapping[int, Account] | None = None


def sources_in(thing: Any, own: Ownership) -> Iterator[Source]:
    """The texts of something that was read."""
    match thing:
        case Comment():
            yield from _comment(thing, own)
        case Post():
            yield from _post(thing, own)
        case Analysis():
            yield Source("an analysed thread", "outside", seen(thing.answer))
            if thing.tweet is not None and thing.tweet.text:
                yield Source("an analysed post", "outside", seen(thing.tweet.text))
        case Media():
            yield from _named("media", thing.id, thing.name, thing.alt)
        case Label() | Folder() | Campaign():
            yield from _named(type(thing).__name__.lower(), thing.id, thing.name)
        case Account():
            yield from _account(thing)
        case Workspace():
            yield from _own_name(f"workspace {thing.id}", thing.name)


def _comment(comment: Comment, own: Ownership) -> Iterator[Source]:
    if by_us(comment, own.accounts or {}):
        return
    origin = f"comment {comment.id}"
    yield Source(origin, "outside", seen(comment.content or ""))
    user = comment.user or {}
    for name in (user.get("name"), user.get("username")):
        if isinstance(name, str) and name:
            yield Source(f"the author of {origin}", "outside", seen(name))
    if isinstance(user.get("username"), str):
        yield Source(f"the author of {origin}", "outside", f"@{seen(user['username']).lstrip('@')}")


def _post(post: Post, own: Ownership) -> Iterator[Source]:
    origin, kind = f"post {post.id}", _kind_of(post, own)
    if kind is not None:
        yield from (Source(origin, kind, seen(text)) for text in texts_of_post(post))
    for media in (media for item in post.content for media in item.media if media.name):
        yield Source(f"media {media.id}", "outside", seen(media.name))
    for row in post.platforms:
        failure = (row.model_extra or {}).get("error")
        if isinstance(failure, str) and failure:
            yield Source(f"an error on {origin}", "outside", seen(failure))


def _kind_of(post: Post, own: Ownership) -> Kind | None:
    """None for a draft of ours in which something was found: it proves nothing, and is not from outside either."""
    if post.id in own.named:
        return "said"
    if post.status == "PUBLISHED":
        return "known"
    if post.id in own.ours:
        return None if post.id in own.doubtful else "ours"
    return "outside"


def texts_of_post(post: Post) -> Iterator[str]:
    """Every text of a post that the public reads."""
    yield from (item.text for item in post.content if item.text)
    for row in post.platforms:
        values = (row.settings.get(name) for name in ("text", "caption", "description", "title"))
        yield from (value for value in values if isinstance(value, str) and value)


def _named(kind: str, key: int, *names: str | None) -> Iterator[Source]:
    """A name that a person gave, or a file brought along."""
    yield from (Source(f"{kind} {key}", "outside", seen(name)) for name in names if name)


def _account(account: Account) -> Iterator[Source]:
    origin = f"account {account.id}"
    if account.username:
        handle = seen(account.username).lstrip("@")
        yield Source(origin, "known", f"@{handle}")
        if "." in handle:
            yield Source(origin, "known", f"https://{handle}")
    yield from _own_name(origin, account.name)


def _own_name(origin: str, name: str | None) -> Iterator[Source]:
    """A name of ours; one that is long, or holds an address, was meant for more than a name."""
    if name:
        text = seen(name)
        short = len(text.split()) <= 6 and not hosts_in(text)
        yield Source(origin, "known" if short else "outside", text)
