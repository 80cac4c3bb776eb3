"""The reasons of a run, each told once: the same sentence about twelve cards is one line with the list of cards."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.journal import records as r
from agent.journal.findings import Finding, Verdict
from agent.journal.fold import RunState
from agent.journal.subjects import subject_of
from agent.reports.told import Reason


@dataclass(frozen=True)
class Found:
    """A finding with the call it was made about."""

    finding: Finding
    arguments: str
    title: str
    card: int | None = None


def reasons_of(found: Iterable[Found]) -> tuple[Reason, ...]:
    """The reasons, in the order in which they first came up. Same is what differs only in the object's own id."""
    groups: dict[tuple[object, ...], list[Found]] = {}
    for one in found:
        groups.setdefault(same(one.finding, one.arguments), []).append(one)
    return tuple(_reason(group) for group in groups.values())


def same(finding: Finding, arguments: str) -> tuple[object, ...]:
    """What is equal for findings that people need to be told only once. `arguments` are those of the call."""
    number = subject_of(arguments)
    says = re.sub(rf"(?<![\d.,]){number}(?![\d.,]*\d)", "\0", finding.says) if number else finding.says
    evidence = finding.evidence if finding.verdict is Verdict.REWRITE else ""
    return finding.rule, says, evidence, finding.passes, finding.later


def _reason(group: list[Found]) -> Reason:
    first = group[0].finding
    other = {one.finding.says: subject_of(one.arguments) for one in group if one.finding.says != first.says}
    return Reason(
        rule=first.rule,
        says=first.says,
        verdict=first.verdict.word,
        evidence=first.evidence,
        passes=first.passes,
        later=first.later,
        also=tuple(dict.fromkeys(other.values())),
        cards=tuple(sorted({one.card for one in group if one.card is not None})),
        calls=tuple(dict.fromkeys(one.title for one in group)),
    )


def held_because(state: RunState) -> tuple[Reason, ...]:
    """Why the open cards wait, and what was found beside."""
    return reasons_of(
        Found(finding, part.arguments, part.says, view.card.number)
        for view in state.open_cards
        for part in view.parts
        for finding in part.findings
    )


def denied_because(state: RunState, titles: dict[str, str]) -> tuple[Reason, ...]:
    """Why the policy denied calls. `titles` are those of the calls by key."""
    return reasons_of(
        Found(finding, state.load(judged.arguments), titles[key])
        for key, judged in _judged(state, titles)
        for finding in judged.findings
        if judged.verdict == "deny" and finding.verdict is Verdict.DENY
    )


def changed_because(state: RunState, titles: dict[str, str]) -> tuple[Reason, ...]:
    """Why the policy changed calls before they were sent."""
    return reasons_of(
        Found(finding, state.load(judged.arguments), titles[key])
        for key, judged in _judged(state, titles)
        for finding in judged.findings
        if judged.proposed and finding.verdict is Verdict.REWRITE
    )


def _judged(state: RunState, titles: dict[str, str]) -> list[tuple[str, r.Judged]]:
    return [(key, judged) for key, judged in state.judged.items() if key in titles]
