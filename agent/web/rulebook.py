"""The rules as the page of the policy shows them: in force for whom, changed by what, and what each did. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from agent.journal.findings import Verdict
from agent.policy.about import default_verdict, scope_word
from agent.policy.groups import ORDER, group_of
from agent.policy.layers import Change, Scope
from agent.policy.pack import Pack, Rule
from agent.text import one_line

#: How far back it is counted what rules did.
TOLD_DAYS = 30
_MOST_VALUE = 80


@dataclass(frozen=True)
class RuleRow:
    """A rule in force: its verdict, the shipped one, the figures, what layers changed, and what it did.

    `found` are verdicts with the number of judged calls, the strictest first.
    """

    id: str
    says: str
    verdict: str
    shipped: str
    figures: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    found: tuple[tuple[str, int], ...]

    @property
    def changed(self) -> bool:
        """Whether any layer or scope made it other than shipped."""
        return bool(self.changes) or self.verdict != self.shipped

    @property
    def off(self) -> bool:
        """Whether it is not asked."""
        return self.verdict == Verdict.ALLOW.word


def groups(
    pack: Pack, shipped: Pack, scopes: Sequence[Scope], found: Mapping[str, Mapping[Verdict, int]]
) -> list[tuple[str, list[RuleRow]]]:
    """Every rule in its group, as it holds for an object of these scopes."""
    rows = [_row(rule, pack, shipped, scopes, found.get(rule.id, {})) for rule in pack.by_id]
    rows.sort(key=lambda row: (_place(group_of(row.id)), row.id))
    return [(group, list(some)) for group, some in groupby(rows, key=lambda row: group_of(row.id))]


def _place(group: str) -> int:
    return ORDER.index(group) if group in ORDER else len(ORDER)


def _row(rule: Rule, pack: Pack, shipped: Pack, scopes: Sequence[Scope], found: Mapping[Verdict, int]) -> RuleRow:
    own = pack.rule_in(rule, scopes)
    return RuleRow(
        id=rule.id,
        says=rule.sentence,
        verdict=default_verdict(own),
        shipped=default_verdict(shipped.rule(rule.id) or rule),
        figures=tuple((name, told(value)) for name, value in own.parameters.items()),
        changes=tuple(_changes(pack.changes, rule.id, scopes)),
        found=tuple((verdict.word, found[verdict]) for verdict in sorted(found, reverse=True)),
    )


def _changes(changes: Sequence[Change], rule: str, scopes: Sequence[Scope]) -> Iterator[str]:
    for one in changes:
        if one.where == rule and (one.scope is None or one.scope in scopes):
            scope = f" for {scope_word(one.scope)}" if one.scope else ""
            yield f"{one.name}: {told(one.old)} → {told(one.new)}{scope} ({one.layer})"


def told(value: Any) -> str:
    """A figure in short: of lists by language only the languages."""
    if isinstance(value, dict):
        return one_line(f"by {', '.join(map(str, value))}", _MOST_VALUE)
    if isinstance(value, list | tuple):
        return one_line(", ".join(map(str, value)), _MOST_VALUE) or "none"
    return one_line(str(value), _MOST_VALUE)
