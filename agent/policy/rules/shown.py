"""What the service's answers cannot decide: told on the card for a person to look at, and counted for nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated

import regex
from pydantic import MISSING, Field

from agent.api.comments import CreateComment
from agent.api.endpoint import Effect
from agent.api.types import PostMedia
from agent.policy.provenance import mentions_in
from agent.policy.rules.case import Case, media_of
from agent.policy.rules.rule import OUT_EFFECTS, Example, Found, ShownParams, rule
from agent.policy.rules.words import WordList, language_of, listed

_SCRIPTS = {
    "el": regex.compile(r"\p{Greek}"),
    "ru": regex.compile(r"\p{Cyrillic}"),
    "ko": regex.compile(r"\p{Hangul}"),
    "ar": regex.compile(r"\p{Arabic}"),
    "he": regex.compile(r"\p{Hebrew}"),
    "hi": regex.compile(r"\p{Devanagari}"),
    "th": regex.compile(r"\p{Thai}"),
}
_KANA, _HAN = regex.compile(r"[\p{Hiragana}\p{Katakana}ー]"), regex.compile(r"\p{Han}")
#: Small words that are common in one language; some are in several.
_SMALL_WORDS = """
    en the and of is with for you our this that are from at your we have a to in it
    de der die das und ist mit für nicht ein eine wir auf von zu im den dem sie unser in es
    fr le la les des et est pour avec une un nous dans vous sur pas du au de à votre notre en
    es el la los las y es para con una un nuestro por del que más nuestra tu su de en al se
    it il la gli e è per con una un nostro della che di non nel nostra sono del in
    pt o a os as e é para com uma um nosso de da do não em que nossa você por no na
    nl de het een en is met voor niet wij van op ons onze zijn je te dat in
"""
_SMALL: Mapping[str, frozenset[str]] = {
    line.split()[0]: frozenset(line.split()[1:]) for line in _SMALL_WORDS.strip().splitlines()
}
_LETTERS = re.compile(r"[^\W\d_]+")
_LEAST_WORDS = 6


class NoteParams(ShownParams):
    """Nothing to set but whether it is shown."""


class LanguageParams(ShownParams):
    """`language` in two letters is said by an overlay of an account; without it the workspace's counts."""

    language: Annotated[str, Field(pattern="^([a-z]{2})?$"), Example("de")] = ""


class WordNoteParams(ShownParams):
    """`words` that are looked for."""

    words: WordList = ()


@rule("words.language", LanguageParams, effects=OUT_EFFECTS)
def show_language(case: Case, params: LanguageParams) -> Iterable[Found]:
    """By its script and its small words only: no detector is asked."""
    wanted = params.language or language_of(case)
    for where, text in case.said if wanted in {*_SMALL, *_SCRIPTS, "ja", "zh"} else ():
        language = likely_language(text)
        if language and language != wanted:
            yield Found(
                f"The text in {where} seems to be in another language than the account's.",
                evidence=f"{language}, not {wanted}",
            )


@lru_cache(maxsize=512)
def likely_language(text: str) -> str:
    """The language of a text where its script or small words tell; empty where they do not."""
    letters = sum(1 for letter in text if letter.isalpha())
    if not text.isascii():
        for language, script in _SCRIPTS.items():
            if 2 * len(script.findall(text)) > letters > 0:
                return language
        kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
        if 2 * (kana + han) > letters > 0:
            return "ja" if kana else "zh"
    words = [word.casefold() for word in _LETTERS.findall(text)]
    if len(words) < _LEAST_WORDS:
        return ""
    counts = sorted(((sum(word in small for word in words), key) for key, small in _SMALL.items()), reverse=True)
    (most, language), (second, _) = counts[0], counts[1]
    return language if most >= 2 and most >= 2 * second else ""


@rule("media.generated", WordNoteParams, effects=OUT_EFFECTS)
def show_generated(case: Case, params: WordNoteParams) -> Iterable[Found]:
    """Nobody tells how a picture was made; its name may."""
    fields = case.fields
    if fields is None:
        return
    for key in (one for item in fields.content for one in media_of(item)):
        media = case.facts.media.get(key) if isinstance(key, int) else None
        shown = media or _in_post(case, key)
        names = re.sub(r"[_-]+", " ", f"{shown.name} {getattr(media, 'alt', None) or ''}") if shown is not None else ""
        found = listed(names, params.words, "")
        if found:
            yield Found(
                f"Media {key} seems to be made by a machine: no field of the service labels it, the text has to.",
                evidence=", ".join(found),
            )


def _in_post(case: Case, key: object) -> PostMedia | None:
    items = case.post.content if case.post is not None else ()
    return next((media for item in items for media in item.media if media.id == key), None)


@rule("post.riding", WordNoteParams, effects=OUT_EFFECTS)
def show_riding(case: Case, params: WordNoteParams) -> Iterable[Found]:
    """Whether a tag fits the post is for people to say; these tags fit none."""
    for where, text in case.said:
        found = listed(text, tuple(f"#{word}" for word in params.words), "") if "#" in text else ()
        if found:
            yield Found(f"Tags in {where} ride on what is trending.", evidence=", ".join(found))


@rule("mastodon.manners", NoteParams, effects=OUT_EFFECTS)
def show_mastodon(case: Case, _params: NoteParams) -> Iterable[Found]:
    """The service tells neither the account's bot mark nor its server's rules."""
    if case.going_out is None:
        return
    for target in case.targets:
        if target.network == "mastodon":
            yield Found(
                f"Whether account {target.account.id} carries the bot mark, and what its server's rules ask,"
                " cannot be read here.",
                evidence="the server's page /about tells its rules",
            )


@rule("comment.x_reply", NoteParams, effects={Effect.OUTBOUND})
def show_x_reply(case: Case, _params: NoteParams) -> Iterable[Found]:
    """Since 2026 X takes replies from applications only where its author mentioned or quoted the account."""
    call = case.call
    if not isinstance(call, CreateComment) or call.parent_comment_id is MISSING:
        return
    comment = case.facts.comments.get(call.parent_comment_id)
    if comment is None or (comment.platform or "").lower() not in {"twitter", "x"}:
        return
    handles = set(_handles(case))
    if not any(token in handles for token, _ in mentions_in(comment.content or "")):
        yield Found(
            f"Comment {call.parent_comment_id} is on X and names none of our accounts:"
            " X may refuse the reply, and counts unasked ones against the account.",
        )


def _handles(case: Case) -> Iterator[str]:
    for account in case.facts.accounts.values():
        if account.platform == "twitter" and account.username:
            yield "@" + account.username.lstrip("@").casefold()
