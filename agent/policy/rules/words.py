"""The words themselves: lists of a brand, placeholders that nobody filled, topics, other people's data, shouting."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import regex
from pydantic import Field

from agent.api.endpoint import Effect
from agent.policy.entities import hashtags, links, mentions
from agent.policy.provenance import texts_of_post
from agent.policy.rules.case import Case, is_comment
from agent.policy.rules.rule import AtMost, Example, Found, Params, Stricter, rule

#: Effects of calls whose words the public reads, now or later.
WORDS = frozenset({Effect.DRAFT, Effect.OUTBOUND, Effect.CONFIG, Effect.DESTRUCTIVE})
_WORD = re.compile(r"#?\w+")
_LANGUAGE = re.compile(r"([a-z]{2}): *(.+)")

#: Words and phrases, each whole and in any case; `de: gift` counts only where the workspace's language is German, or
#: is not known.
WordList = Annotated[
    tuple[Annotated[str, Field(min_length=2)], ...], Stricter("more"), Example("cheap", "de: billig", "free of charge")
]


def language_of(case: Case) -> str:
    """The two letters of the workspace's language; empty where it is not known."""
    key = getattr(case.call, "workspace_id", None)
    workspace = case.facts.workspaces.get(key) if isinstance(key, int) else None
    return (workspace.language or "")[:2].lower() if workspace else ""


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """A text as its words are looked for: one width, no case, no accents, no hidden signs."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (letter for letter in plain if unicodedata.category(letter) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFC", "".join(kept))


@lru_cache(maxsize=512)
def _words_of(text: str) -> tuple[str, ...]:
    """The words of a text; a hashtag keeps its sign."""
    return tuple(_WORD.findall(folded(text)))


@lru_cache(maxsize=256)
def _phrases(words: tuple[str, ...], language: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The phrases of a list by their first words; those of another language are left out."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for word in words:
        match = _LANGUAGE.fullmatch(word)
        if match is None or not language or match[1] == language:
            phrase = _words_of(match[2] if match else word)
            if phrase:
                found[phrase[0]] = (*found.get(phrase[0], ()), phrase)
    return found


@lru_cache(maxsize=1024)
def listed(text: str, words: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The phrases of a list that stand in a text, in folded words."""
    spoken, phrases = _words_of(text), _phrases(words, language)
    found = [
        " ".join(phrase)
        for at, word in enumerate(spoken)
        for phrase in phrases.get(word, ())
        if spoken[at : at + len(phrase)] == phrase
    ]
    return tuple(dict.fromkeys(found))


class ListParams(Params):
    """`words` that the brand does not use; see docs/RULES.md for how a list is written."""

    words: WordList = ()


@rule("words.blocked", ListParams, effects=WORDS)
def check_blocked(case: Case, params: ListParams) -> Iterable[Found]:
    """A brand's own list, empty as shipped; overlays say it per workspace."""
    yield from _on_list(case, params.words, "A blocked word stands in")


@rule("words.names", ListParams, effects=WORDS)
def check_names(case: Case, params: ListParams) -> Iterable[Found]:
    """Competitors, and people who have not agreed; empty as shipped."""
    yield from _on_list(case, params.words, "A name that is to be looked at stands in")


def _on_list(case: Case, words: tuple[str, ...], says: str) -> Iterator[Found]:
    for where, text in case.said if words else ():
        found = listed(text, words, language_of(case))
        if found:
            yield Found(f"{says} {where}.", evidence=", ".join(found), passes="write it without")


class TopicParams(Params):
    """Words by which a topic is known, per topic."""

    health: WordList = ()
    finance: WordList = ()
    politics: WordList = ()
    giveaway: WordList = ()


@rule("words.topics", TopicParams, effects=WORDS)
def check_topics(case: Case, params: TopicParams) -> Iterable[Found]:
    """Topics with laws and rules of networks of their own; known by words, not by a model."""
    for where, text in case.said:
        for topic in ("health", "finance", "politics", "giveaway"):
            found = listed(text, getattr(params, topic), language_of(case))
            if found:
                yield Found(
                    f"The text in {where} seems to be about {topic}.",
                    evidence=", ".join(found),
                    passes="leave that out, or a person approves the card",
                )


class PlaceholderParams(Params):
    """`words` that stand for a text still to be written, whole and in capitals where they are written so."""

    words: WordList = ()


_BRACES = re.compile(
    r"\{\{?\s*[A-Za-z_][\w .-]{0,40}\}?\}|<(?:insert|your|add|name|link|date)\b[^>\n]{0,40}>|%[A-Z_]{3,}%"
)
_BRACKETS = re.compile(
    r"(?i)\[(?:(?:insert|your|add|enter|hier|ihr|dein|tu|su|votre)\b[^\]\n]{0,40}"
    r"|(?:link|url|name|date|datum|time|uhrzeit|place|ort|city|price|preis|product|company|firma|image|bild|cta|hashtags?)"
    r"(?: [^\]\n]{0,20})?)\](?!\()"
)


@rule("words.placeholder", PlaceholderParams, effects=WORDS)
def check_placeholder(case: Case, params: PlaceholderParams) -> Iterable[Found]:
    """`{name}`, `[link]`, `TODO`, `lorem ipsum`: nobody meant these to be read."""
    language = language_of(case)
    for where, text in case.said:
        found = _placeholders(text, params.words, language)
        if found:
            yield Found(
                f"A placeholder stands in {where}.", evidence=", ".join(found[:5]), passes="write what is meant"
            )


@lru_cache(maxsize=512)
def _placeholders(text: str, words: tuple[str, ...], language: str) -> tuple[str, ...]:
    found = [match[0] for match in _BRACES.finditer(text)] if any(sign in text for sign in "{<%") else []
    found += [match[0] for match in _BRACKETS.finditer(text)] if "[" in text else []
    found += listed(text, tuple(word for word in words if not word.isupper()), language)
    return (*found, *(word for word in words if word.isupper() and word in text and _alone(word, text, language)))


def _alone(word: str, text: str, language: str) -> bool:
    """Whether a word stands there in capitals; where `todo` is an ordinary word, only with a colon or on its own."""
    if language in {"es", "pt", "gl"}:
        return re.search(rf"(?m)^\s*{re.escape(word)}\s*$|(?<!\w){re.escape(word)}\s*:", text) is not None
    return re.search(rf"(?<![\w#@]){re.escape(word)}(?!\w)", text) is not None


class PersonalParams(Params):
    """`contacts` are numbers and addresses of ours; figures of phone numbers count, not how they are written."""

    contacts: Annotated[tuple[str, ...], Example("hello@example.com", "+49 30 123456")] = ()


_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}(?![\w-])")
_NO_FIGURE = r"(?<![\w.,/€$£-])"
_PHONE = re.compile(
    rf"{_NO_FIGURE}(?:\+|00)\d(?:[ \u00a0./()-]{{0,3}}\d){{6,14}}(?!\w)"
    rf"|{_NO_FIGURE}\(?0\d{{1,5}}\)?[ /-]{{1,2}}\d(?:[ /-]?\d){{4,11}}(?!\w)"
)
_NORTH_AMERICAN = re.compile(rf"{_NO_FIGURE}\(?[2-9]\d{{2}}\)?[ .-]\d{{3}}[ .-]\d{{4}}(?!\w)")
_STREET = re.compile(
    r"\b[A-ZÄÖÜ][\w-]*(?:straße|strasse|str\.|gasse|allee|platz)\s\d{1,4}\s?[a-z]?\b"
    r"|\b\d{1,5}\s(?:[A-Z][\w.-]*\s){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Boulevard|Blvd|Drive)\b\.?"
    r"|\b\d{1,4}(?:,| bis,?)?\s(?:rue|avenue|boulevard|place)\s(?:de |du |des |d')?[A-Z][\w'-]+"
)


@rule("words.personal", PersonalParams, effects=WORDS)
def check_personal(case: Case, params: PersonalParams) -> Iterable[Found]:
    """Phone numbers, mail and street addresses; those in the goal and in the list of ours may go."""
    if case.facts.decided:
        return
    ours = case.post is not None and case.post.id in case.facts.ours
    stood = texts_of_post(case.post) if ours and case.post is not None else ()  # judged when it was written
    known = _even(" ".join((case.facts.goal, *params.contacts, *stood)))
    for where, text in case.said:
        for kind, found in _personal(text):
            if _even(found) not in known:
                yield Found(
                    f"What looks like {kind} stands in {where}.",
                    evidence=f'"{found}"',
                    passes="leave it out, or the person names it in the goal",
                )


@lru_cache(maxsize=512)
def _personal(text: str) -> tuple[tuple[str, str], ...]:
    found = [("a mail address", match[0]) for match in _MAIL.finditer(text)] if "@" in text else []
    if any(letter.isdigit() for letter in text):
        for kind, pattern in (("a phone number", _PHONE), ("a phone number", _NORTH_AMERICAN), ("a street", _STREET)):
            found += [(kind, match[0].strip()) for match in pattern.finditer(text)]
    return tuple(dict.fromkeys(found))


def _even(text: str) -> str:
    """Without case, blanks and the signs that phone numbers are broken up with."""
    return re.sub(r"[\s().,/-]|\+|(?<!\d)00(?=[1-9])", "", text.casefold())


class ShoutingParams(Params):
    """`percent` of the letters in capitals, or of the signs emoji; short texts are not counted."""

    percent: AtMost


_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Regional_Indicator}{2}")
_JOINED = regex.compile(r"[\ufe0f\u200d\p{Emoji_Modifier}]")
_FEW_LETTERS, _FEW_EMOJI = 20, 4


@rule("words.shouting", ShoutingParams, effects=WORDS)
def check_shouting(case: Case, params: ShoutingParams) -> Iterable[Found]:
    """All capitals, a flood of emoji, or nothing but a link."""
    for where, text in case.said:
        loud = _loudness(text)
        if loud.letters >= _FEW_LETTERS and 100 * loud.capitals > params.percent * loud.letters:
            share = f"{100 * loud.capitals // loud.letters} % of {loud.letters} letters"
            yield Found(
                f"The text in {where} is mostly in capitals.", evidence=share, passes="write it in small letters"
            )
        if loud.emoji > _FEW_EMOJI and 100 * loud.emoji > params.percent * loud.signs:
            evidence = f"{loud.emoji} of {loud.signs} signs"
            yield Found(f"The text in {where} is mostly emoji.", evidence=evidence, passes="use fewer emoji")
        if loud.only_link and not _first_comment(case, where):
            yield Found(f"There is nothing but a link in {where}.", passes="say what it leads to")


@dataclass(frozen=True, slots=True)
class _Loudness:
    """How many letters that have capitals a text has, and how many are; how many signs, and how many are emoji."""

    letters: int
    capitals: int
    signs: int
    emoji: int
    only_link: bool


@lru_cache(maxsize=512)
def _loudness(text: str) -> _Loudness:
    words, has_link = _words_only(text)
    letters = [letter for letter in words if letter.lower() != letter.upper()]
    return _Loudness(
        letters=len(letters),
        capitals=sum(1 for letter in letters if letter.isupper()),
        signs=len(_JOINED.sub("", "".join(words.split()))),
        emoji=0 if words.isascii() else len(_EMOJI.findall(words)),
        only_link=has_link and not any(letter.isalnum() for letter in words),
    )


def _words_only(text: str) -> tuple[str, bool]:
    """The text without links, hashtags and mentions, and whether it had a link."""
    spans = links(text, "twitter") if "." in text or "://" in text else ()
    has_link = bool(spans)
    spans += hashtags(text, "linkedin") if "#" in text else ()
    spans += mentions(text, "instagram") if "@" in text else ()
    for span in sorted(spans, key=lambda one: one.start, reverse=True):
        text = text[: span.start] + text[span.end :]
    return text, has_link


def _first_comment(case: Case, where: str) -> bool:
    """A link alone is what first comments are for."""
    place = where.split(".")[1] if where.startswith("content.") else ""
    return case.fields is not None and place.isdigit() and is_comment(case.fields.content[int(place)])
