"""The door for rules that users write in Python: one file of the home, loaded only where an overlay names it.

    from agent.policy.own import Case, Found, Params, rule

    @rule("own.no_exclamations")
    def check_exclamations(case: Case, params: Params):
        '''Our posts do not shout.'''
        for where, text in case.strings:
            if "!!" in text:
                yield Found(f"There is more than one exclamation mark in {where}.", passes="one is enough")

Such a rule is a pure function like the shipped ones: nothing but the case and its parameters decides. It judges and
never rewrites. One that raises holds what it could not judge, and never ends the program.
"""

import hashlib
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import getdoc
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from agent.api.endpoint import Effect
from agent.errors import SettingsError
from agent.journal.findings import Verdict
from agent.policy.entities import hashtags, links, mentions
from agent.policy.rules.case import Case, Target, text_of
from agent.policy.rules.rule import (
    ALL_EFFECTS,
    OUT_EFFECTS,
    POST_EFFECTS,
    AtLeast,
    AtMost,
    Found,
    Params,
    Plain,
    RuleCode,
    Stricter,
)
from agent.text import one_line

__all__ = [
    "ALL_EFFECTS",
    "OUT_EFFECTS",
    "POST_EFFECTS",
    "AtLeast",
    "AtMost",
    "Case",
    "Effect",
    "Found",
    "Params",
    "Plain",
    "Stricter",
    "Target",
    "Verdict",
    "hashtags",
    "links",
    "mentions",
    "rule",
    "text_of",
]

PREFIX = "own."
#: More findings than these are of no use to anybody, and a rule that finds without end has to end.
_MOST = 100
OwnCheck = Callable[[Case, Any], Iterable[Found] | None]


@dataclass(frozen=True)
class OwnRule(RuleCode[Any]):
    """A user's rule, with what it says of itself: a pack may make it stricter like any other."""

    given: Params


@dataclass(frozen=True)
class OwnRules:
    """The rules of one file, by id, and the hash of the very text they were made from."""

    path: Path
    rules: dict[str, OwnRule]
    digest: str


def rule(
    rule_id: str,
    *,
    params: type[Params] = Params,
    effects: Iterable[Effect | str] | Effect | str = POST_EFFECTS,
    verdict: str = "hold",
    source: str = "house rule",
    loosenable: tuple[str, ...] = (),
    unsafe_on_draft: bool = False,
) -> Callable[[OwnCheck], OwnRule]:
    """Declare a function to be a rule; the first line of its docstring is the rule's sentence.

    `params` may be a class of your own derived from `Params`, with a default for each figure. Raises ValueError.
    """
    if not rule_id.startswith(PREFIX) or not rule_id[len(PREFIX) :].replace("_", "").isalnum():
        raise ValueError(f'the id {rule_id!r} has to start with "{PREFIX}", then letters, digits and _')

    def declare(check: OwnCheck) -> OwnRule:
        says = (getdoc(check) or "").partition("\n")[0].strip()
        if not says:
            raise ValueError(f"{rule_id} needs a docstring: its first line is the rule's sentence")
        # Read as a pack is read: the words of a verdict are checked there.
        values: dict[str, Any] = {"says": says, "source": source, "verdict": verdict, "loosenable": loosenable}
        return OwnRule(rule_id, params, looks_at, unsafe_on_draft, _guarded(rule_id, check), params(**values))

    looks_at = _effects(rule_id, effects)
    return declare


def _effects(rule_id: str, given: Iterable[Effect | str] | Effect | str) -> frozenset[Effect]:
    """The effects a rule looks at. Raises ValueError for a word that is none, and for none: it would never be asked."""
    names = [given] if isinstance(given, str) else list(given)
    known = {effect.value: effect for effect in Effect}
    wrong = [str(name) for name in names if name not in known]
    if wrong or not names:
        said = f"there is no effect {wrong[0]!r}" if wrong else "`effects` is empty"
        raise ValueError(f"{rule_id}: {said}; use some of {', '.join(known)}")
    return frozenset(known[name] for name in names)


def _guarded(rule_id: str, check: OwnCheck) -> Callable[[Case, Any], Iterable[Found]]:
    """The function as the engine may call it: whatever it does wrong becomes one finding that holds."""

    file = getattr(getattr(check, "__code__", None), "co_filename", "")

    def judge(case: Case, params: Any) -> Iterator[Found]:
        case = replace(case)  # of its own: whatever it does to what was worked out, the other rules see nothing of it
        try:
            found = iter(check(case, params) or ())
            for one in islice(found, _MOST):
                yield _sound(one)
            if next(found, None) is not None:
                raise ValueError(f"it finds more than {_MOST} things, and nobody reads so many")
        except (Exception, SystemExit) as error:
            yield Found(
                f"The rule {rule_id} failed, so nobody knows what it would say.",
                evidence=f"{_line_of(error, file)}{_told(error)}",
                passes=f"correct {rule_id} in its file, or a person approves the card",
                verdict=Verdict.HOLD,
            )

    return judge


def _sound(one: object) -> Found:
    """A finding that the engine can take, without a rewritten call. Raises TypeError."""
    if not isinstance(one, Found) or not all(isinstance(text, str) for text in (one.says, one.evidence, one.passes)):
        raise TypeError("a rule yields Found(says, evidence, passes), all of them text")
    if not isinstance(one.verdict, Verdict | None):
        raise TypeError("the verdict of a Found is one of Verdict, or None")
    if one.verdict is Verdict.REWRITE or not one.says:
        raise TypeError("a rule of your own says something, and does not rewrite")
    return replace(one, instead=None)


def load_rules(path: Path) -> OwnRules:
    """The rules of a file. Raises SettingsError that names the file and the line."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error}.", hint="An overlay names it under `python`.") from error
    return _loaded(path, text)


@lru_cache(maxsize=16)
def _loaded(path: Path, text: bytes) -> OwnRules:
    """The rules of this very text. What was read is what runs, and what the hash names."""
    digest = hashlib.sha256(text).hexdigest()
    module = ModuleType(f"psa_own_rules_{digest[:16]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # annotations of parameter classes are looked up there
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102 - the home's own file, named by its overlay
    except SyntaxError as error:
        raise SettingsError(f"{path}, line {error.lineno or 1}: not valid Python: {error.msg}.") from error
    except (Exception, SystemExit) as error:
        raise SettingsError(f"{path}, {_line_of(error, str(path)) or 'line 1: '}{_told(error)}.") from error
    rules: dict[str, OwnRule] = {}
    for one in vars(module).values():
        if isinstance(one, OwnRule):
            if rules.get(one.id, one) is not one:
                raise SettingsError(f"{path}: two rules have the id {one.id}.")
            rules[one.id] = one
    if not rules:
        raise SettingsError(f"{path}: it declares no rule.", hint="See docs/POLICY.md for an example.")
    return OwnRules(path, rules, digest)


def _told(error: BaseException) -> str:
    """What an error says, on one line; its own words may fail, too."""
    try:
        said = one_line(str(error), 300)
    except Exception:
        said = ""
    return f"{type(error).__name__}: {said or 'no reason given'}"


def _line_of(error: BaseException, filename: str) -> str:
    """`line 7: ` for the last step inside a file; empty where the error never was there."""
    lines = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == filename]
    return f"line {lines[-1]}: " if lines else ""
