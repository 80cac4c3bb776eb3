"""Names that look like others: letters of two scripts in one name, and names that only look like ours."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated

import regex

from agent.policy.lookalikes import skeleton
from agent.policy.provenance import host_of, mentions_in
from agent.policy.rules.case import Case
from agent.policy.rules.rule import Example, Found, Params, rule

_SCRIPT = (
    ("Latin", regex.compile(r"\p{Latin}")),
    ("Cyrillic", regex.compile(r"\p{Cyrillic}")),
    ("Greek", regex.compile(r"\p{Greek}")),
    ("Armenian", regex.compile(r"\p{Armenian}")),
    ("Cherokee", regex.compile(r"\p{Cherokee}")),
)
_LABEL = regex.compile(r"[\p{L}\p{M}\p{N}]+")


class ConfusableParams(Params):
    """`own` are further names and hosts of ours that may be imitated."""

    own: Annotated[tuple[str, ...], Example("example.com")] = ()


@rule("text.confusable", ConfusableParams)
def check_confusable(case: Case, params: ConfusableParams) -> Iterable[Found]:
    """Handles and hosts; words in the running text may mix scripts as they like."""
    if case.facts.decided:
        return
    names = [(where, words.lstrip("@＠")) for where, text in case.public for _, words in mentions_in(text)]
    names += [(where, host) for host, (where, _) in case.hosts.items()]
    if not names:
        return
    ours = {name.casefold() for name in (*_ours(case), *params.own)}
    skeletons = {skeleton(name): name for name in ours}
    for where, name in dict.fromkeys(names):
        name = _decoded(name.casefold())
        if name in ours:
            continue
        scripts = _mixed(name)
        like = skeletons.get(skeleton(name))
        if scripts or like:
            problem = f"mixes letters of {scripts}" if scripts else "only looks like a name of ours"
            yield Found(
                f"A name in {where} {problem}.",
                evidence=f"{name} ({_spelled(name)})" + (f", beside {like}" if like else ""),
                passes="write the name as it is, or leave it out",
            )


def _ours(case: Case) -> Iterator[str]:
    for account in case.facts.accounts.values():
        if account.username:
            yield account.username.lstrip("@")


def _decoded(name: str) -> str:
    """A host with its labels as people see them; one that cannot be read stays as it is and hides no other."""
    return ".".join(map(_label, host_of(name).split("."))) if "xn--" in name else name


def _label(label: str) -> str:
    try:
        return label.encode().decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return label


@lru_cache(maxsize=1024)
def _mixed(name: str) -> str:
    """The scripts of the first part of a name that has letters of more than one of them; empty where none has."""
    if name.isascii():
        return ""
    for label in _LABEL.findall(name):
        scripts = [script for script, pattern in _SCRIPT if pattern.search(label)]
        if len(scripts) > 1:
            return " and ".join(scripts)
    return ""


def _spelled(name: str) -> str:
    """The letters beyond ASCII by their names."""
    return (
        ", ".join(unicodedata.name(letter, f"U+{ord(letter):04X}") for letter in name if ord(letter) > 127) or "ASCII"
    )
