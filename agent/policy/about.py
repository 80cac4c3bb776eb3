"""Everything about one rule, for `psa policy explain`: what it means, who changed it, where else other figures hold."""

import json
from collections.abc import Iterable
from inspect import cleandoc
from pathlib import Path
from typing import Any

from agent.policy.groups import group_of
from agent.policy.layers import Change, Scope
from agent.policy.pack import Pack, Rule
from agent.policy.rules.rule import Example, Params
from agent.policy.testing import Test
from agent.text import one_line

#: So many entries of a list stand for it.
_MOST_SHOWN = 3


def about(rule: Rule, pack: Pack, shipped: Pack, tests: Iterable[tuple[Path, Test]]) -> dict[str, Any]:
    """As plain data. `shipped` is the pack without the home's overlays."""
    usual = shipped.rule(rule.id)
    return {
        **rule.as_row(),
        "group": group_of(rule.id),
        "default_verdict": default_verdict(usual or rule),
        "checks": first_line(rule.code.check.__doc__),
        "meaning": meaning(rule.params),
        "written": _written(rule),
        "stricter": {name: way for name in rule.parameters if (way := _way(rule.params, name))},
        "changed_by": [change_row(change) for change in pack.changes if change.where == rule.id],
        "elsewhere": list(_elsewhere(rule, pack)),
        "tests": [_test_row(path, test) for path, test in tests if test.rule == rule.id],
    }


def default_verdict(rule: Rule) -> str:
    """What a rule does about its findings where a pack says nothing else."""
    return rule.verdict.word if rule.code.judged else "shown"


def meaning(params: Params) -> str:
    """What the parameters mean: the docstring of their class; empty where there is none but the verdict."""
    inherited = type(params).__doc__ == Params.__doc__ or not type(params).__doc__
    text = " ".join(cleandoc(type(params).__doc__ or "").split())
    return "" if inherited or not set(type(params).model_fields) - set(Params.model_fields) else text


def first_line(text: str | None) -> str:
    """The first line of a docstring."""
    return cleandoc(text or "").partition("\n")[0]


def _written(rule: Rule) -> str:
    """How its figures stand in a file: those in force, an example where a list is empty; of long lists the beginning.

    JSON is YAML too. What is said by language or network has a page of its own.
    """
    told = []
    for name, value in rule.parameters.items():
        metadata = type(rule.params).model_fields[name].metadata
        example = next((list(mark.values) for mark in metadata if isinstance(mark, Example)), [])
        plain = value or (example[0] if isinstance(value, str) and example else example or value)
        if not isinstance(plain, dict):
            shown = plain[:_MOST_SHOWN] if isinstance(plain, list) else plain
            told.append(f"{name}: {json.dumps(shown, ensure_ascii=False)}")
    return f"{rule.id}: {{{', '.join(told)}}}" if told else ""


def _way(params: Params, name: str) -> str:
    """Which way a parameter gets stricter, in words."""
    field = type(params).model_fields[name]
    ways = {"lower": "a lower figure is stricter", "higher": "a higher one is stricter", "more": "is only added to"}
    return next((ways[mark.way] for mark in field.metadata if hasattr(mark, "way")), "")


def _elsewhere(rule: Rule, pack: Pack) -> Iterable[dict[str, Any]]:
    for scope in sorted(pack.scoped):
        own = pack.rule_in(rule, (scope,))
        if own.params != rule.params:
            row = {"verdict": own.verdict.word, **own.parameters}
            usual = {"verdict": rule.verdict.word, **rule.parameters}
            yield {"for": scope_word(scope), **{name: value for name, value in row.items() if value != usual[name]}}


def scope_word(scope: Scope | None) -> str:
    """Such as `account 7`; empty for all."""
    return f"{scope[0]} {scope[1]}" if scope else ""


def change_row(change: Change) -> dict[str, Any]:
    """A change as plain data."""
    return {
        "layer": change.layer,
        "rule": change.where,
        "name": change.name,
        "old": change.old,
        "new": change.new,
        "for": scope_word(change.scope),
    }


def _test_row(path: Path, test: Test) -> dict[str, Any]:
    return {
        "file": str(path),
        "name": test.name,
        "expect": test.expect,
        "call": call_in_short(test),
        "unattended": test.unattended,
    }


def call_in_short(test: Test) -> str:
    """A test's call on one line: its form and what it holds."""
    forms = ("draft", "edit", "schedule", "publish", "reply", "call")
    form = next(form for form in forms if getattr(test, form) is not None)
    said = getattr(test, form)
    values = said if isinstance(said, dict) else said.model_dump(mode="json", exclude_unset=True)
    return one_line(f"{form} {json.dumps(values, ensure_ascii=False, default=str)}", 110)
