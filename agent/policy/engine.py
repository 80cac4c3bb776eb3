"""The decision: every rule that applies, the strictest wins, and what no rule permits is denied. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from agent.api.endpoint import Effect, Endpoint
from agent.journal import records as r
from agent.journal.findings import Finding, Verdict
from agent.policy.effects import effect
from agent.policy.facts import Facts
from agent.policy.pack import Pack, Rule
from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found
from agent.policy.scopes import in_force
from agent.policy.standing import permitted
from agent.policy.verdict import Judgement
from agent.text import one_line, shorten

#: Rewriting that has not come to rest after so many passes is held.
PASSES = 4
_EVIDENCE = 2000
_ACCOUNTS = re.compile(r"\b[Aa]ccounts? (\d{1,12})(?: and (\d{1,12}))?\b")

#: Findings of the engine itself.
NOT_PERMITTED = "effect.permitted"
NOT_AT_REST = "effect.rewriting"
OWN_LIMIT = "account.limit"


def decide(call: Endpoint[Any], facts: Facts, pack: Pack) -> Judgement:
    """The policy's answer to a call: what may be sent, the verdict, and the findings, gravest first.

    What rules rewrite is rewritten first, until none wants more; then all rules judge the call as it would be sent. On
    drafts only what is unsafe denies; all other findings are kept as `later` and bite when the draft is promoted.
    """
    asked = _case(call, facts, pack)
    case, rewrites = _at_rest(asked, pack)
    findings = [*rewrites, *_findings(case, pack), *_own_limits(case)]
    verdict = max((finding.verdict for finding in findings if not finding.later), default=Verdict.ALLOW)
    floor = pack.floors.get(case.effect, Verdict.DENY)
    if floor > verdict:
        verdict = floor
        findings.append(_floor(case.effect, floor))
    standing: r.StandingUse | None = None
    if pack.standing and verdict is Verdict.HOLD:
        standing, notes = permitted(case, pack.standing, findings, pack.publishing_words)
        findings += notes
    return Judgement(
        call=case.call,
        effect=case.effect,
        verdict=verdict,
        findings=tuple(sorted(set(findings), key=_gravest_first)),
        rewritten=case is not asked,
        standing=standing,
    )


def _at_rest(case: Case, pack: Pack) -> tuple[Case, list[Finding]]:
    """The case after all rewriting, with a finding for each; one more holds what does not come to rest."""
    rewrites: list[Finding] = []
    for _ in range(PASSES):
        rewrite = next(_rewriting(case, pack), None)
        if rewrite is None:
            return case, rewrites
        finding, call = rewrite
        rewrites.append(finding)
        case = _case(call, case.facts, pack)
    restless = Finding(
        rule=NOT_AT_REST,
        verdict=Verdict.HOLD,
        says="The rules rewrite each other's words without end.",
        passes="a person approves the card, or another wording",
    )
    return case, [*rewrites, restless]


def _rewriting(case: Case, pack: Pack) -> Iterator[tuple[Finding, Endpoint[Any]]]:
    for rule, one in _found(case, pack, Verdict.REWRITE):
        if one.instead is not None:
            yield _finding(rule, one, Verdict.REWRITE, case.facts, later=False), one.instead


def _case(call: Endpoint[Any], facts: Facts, pack: Pack) -> Case:
    return Case(call, facts, effect(call, facts), pack.networks, own=pack.own_limits)


def _found(case: Case, pack: Pack, verdict: Verdict | None = None) -> Iterator[tuple[Rule, Found]]:
    """What the rules find, or only those of one verdict; by id, so that their order in the pack does not matter."""
    for rule, narrowed in in_force(case, pack, verdict):
        for one in rule.code.check(narrowed, rule.params):
            yield rule, one


def _findings(case: Case, pack: Pack) -> Iterator[Finding]:
    """What all rules say of the call as it would be sent. What could not be rewritten is held."""
    for rule, one in _found(case, pack):
        verdict = rule.verdict if one.verdict is None else one.verdict
        if verdict is Verdict.REWRITE:
            verdict = Verdict.HOLD
        if not rule.code.judged:
            verdict = Verdict.ALLOW
        bites = case.effect is not Effect.DRAFT or (rule.unsafe_on_draft and verdict is Verdict.DENY)
        yield _finding(rule, one, verdict, case.facts, later=not bites and verdict is not Verdict.ALLOW)


def _own_limits(case: Case) -> Iterator[Finding]:
    """A note for each account whose limits are not its network's, with the reason: it belongs into the journal."""
    for target in case.everybody:
        own, usual = case.limits(target), case.networks.of(target.network)
        for name in type(own).model_fields if own is not usual else ():
            mine, theirs = getattr(own, name), getattr(usual, name)
            if mine != theirs:
                usually = "none" if theirs is None else str(theirs.value)
                yield Finding(
                    rule=OWN_LIMIT,
                    verdict=Verdict.ALLOW,
                    says=f"Account {target.account.id} has a limit of its own: {name} {mine.value}, not {usually}.",
                    evidence=f"{mine.source} (read {mine.read})",
                )


def _finding(rule: Rule, one: Found, verdict: Verdict, facts: Facts, *, later: bool) -> Finding:
    evidence = "; ".join(part for part in (*_names(one, facts), one.evidence) if part)
    return Finding(
        rule=rule.id,
        verdict=verdict,
        says=one.says,
        evidence=shorten(evidence, _EVIDENCE),
        passes=one.passes,
        later=later,
    )


def _names(one: Found, facts: Facts) -> Iterator[str]:
    """What the accounts of a sentence are called: it has their ids only, since the model reads it."""
    for found in _ACCOUNTS.finditer(one.says):
        for number in found.groups():
            account = facts.accounts.get(int(number)) if number else None
            if account is not None and account.label not in one.evidence:
                yield f"account {number} is {one_line(account.label, 60)} on {account.platform}"


def _floor(effect_class: Effect, floor: Verdict) -> Finding:
    if floor is Verdict.DENY:
        says = f"No rule of this policy permits {effect_class.value} calls."
        return Finding(rule=NOT_PERMITTED, verdict=floor, says=says, passes="a policy whose effects permit them")
    says = f"A person decides on {effect_class.value} calls."
    return Finding(rule=NOT_PERMITTED, verdict=floor, says=says, passes="a person approves the card")


def _gravest_first(finding: Finding) -> tuple[bool, int, str, str, str]:
    return finding.later, -finding.verdict, finding.rule, finding.says, finding.evidence
