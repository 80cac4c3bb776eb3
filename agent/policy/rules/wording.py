"""Whether a goal asks for something to go out, or only for a draft: word lists per language, kept in the pack."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

import regex
from pydantic import BaseModel, ConfigDict

_NUMBER = r"\d{1,2}(?:[:.]\d{2})?"
_MARKS = "\"'“”„«»‘’"
_ADDRESS = re.compile(r"https?://\S+")
#: A clock time or an ISO date, in any language.
_CLOCK = re.compile(r"(?<![\d:])\d{1,2}[:h]\d{2}(?![\d:])|(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_LETTER = regex.compile(r"\p{L}")
_LATIN = regex.compile(r"\p{Latin}")


class Words(BaseModel):
    """How one language says it; `#` stands for a number, words are whole and lower case.

    verbs           ask for publishing wherever they stand
    also_nouns      verbs that are nouns too: they count at the start of a clause, behind one of `before`, or before
                    one of `after`
    numbered        those of them that name an object where an id follows ("post 504")
    without_draft   count only where no word of `drafts` stands in the goal: announcing, sharing, dates and times
    drafts          words for a draft
    only_drafts     phrases that ask for a draft only, whatever else is said
    negations       words that turn one of the next three words around
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    verbs: tuple[str, ...]
    also_nouns: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()
    without_draft: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    only_drafts: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()

    @cached_property
    def _asking(self) -> re.Pattern[str]:
        found = [_any(self.verbs)]
        if self.also_nouns:
            before = rf"(?:^|[.!?;:,&\n(–—-]\s*|{_any(self.before)}\s+)"
            named = rf"(?!{_any(self.numbered)}\s+#?\d{{3}})"
            found.append(rf"{before}(?P<noun>{named}{_any(self.also_nouns)})")
            found.append(rf"{_any(self.also_nouns)}(?=\s+{_any(self.after)})")
        return re.compile("|".join(found))

    @cached_property
    def _telling(self) -> re.Pattern[str]:
        return re.compile(_any(self.without_draft))

    @cached_property
    def _drafting(self) -> re.Pattern[str]:
        return re.compile(_any(self.drafts))

    @cached_property
    def _only(self) -> re.Pattern[str]:
        return re.compile(_any(self.only_drafts))

    @cached_property
    def _not(self) -> re.Pattern[str]:
        return re.compile(rf"{_any(self.negations)}(?:\s+[^\s.!?;]+){{0,2}}\s+$")

    def only_draft(self, goal: str) -> bool:
        """Whether the goal says that a draft is all that is wanted."""
        return self._only.search(goal) is not None

    def speaks_of_drafts(self, goal: str) -> bool:
        """Whether a word for a draft stands in the goal."""
        return self._drafting.search(goal) is not None

    def asks(self, goal: str, *, drafting: bool) -> str:
        """The first word that asks for publishing; empty where there is none."""
        for pattern in (self._asking,) if drafting else (self._asking, self._telling):
            for match in pattern.finditer(goal):
                start = match.start("noun") if match.groupdict().get("noun") else match.start()
                if not self._not.search(goal[max(0, start - 60) : start]):
                    return match.group().strip(" .!?;:,&\n(–—-")
        return ""


def plain_goal(goal: str, quoted: Iterable[str]) -> str:
    """The goal as its words are looked for: no quoted texts, no addresses, lower case."""
    for words in quoted:
        goal = re.sub(rf"[{_MARKS}]{re.escape(words)}[{_MARKS}]", " … ", goal)
    return unicodedata.normalize("NFC", _ADDRESS.sub(" … ", goal)).replace("’", "'").casefold()


def asked_word(goal: str, lists: Mapping[str, Words]) -> str:
    """The word by which a plain goal asks for publishing, in any of the languages; empty where it asks for drafts."""
    if any(words.only_draft(goal) for words in lists.values()):
        return ""
    drafting = any(words.speaks_of_drafts(goal) for words in lists.values())
    for words in lists.values():
        if found := words.asks(goal, drafting=drafting):
            return found
    clock = None if drafting else _CLOCK.search(goal)
    return clock.group() if clock else ""


def says_any(goal: str, phrases: Iterable[str]) -> bool:
    """Whether one of the phrases stands in a plain goal."""
    return _any_of(tuple(phrases)).search(goal) is not None


@lru_cache(maxsize=256)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_any(phrases))


def is_foreign(goal: str) -> bool:
    """Whether most letters are of a script that no list is written in."""
    letters = len(_LETTER.findall(goal))
    return letters > 0 and 2 * len(_LATIN.findall(goal)) < letters


def _any(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases as whole words; one that never matches where there are none."""
    spelled = [_spelled(phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    return rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)" if spelled else r"(?!)"


def _spelled(phrase: str) -> str:
    words = unicodedata.normalize("NFC", phrase).casefold().split()
    return r"\s+".join(re.escape(word).replace(r"\#", _NUMBER) for word in words)
