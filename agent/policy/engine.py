"""The decision: every rule that applies, the strictest wins, and what no rule permits is denied. Pure."""

from collections.abc import Iterator
from typing import Any

from agent.api.endpoint import Effect, Endpoint
from agent.journal.findings import Finding, Verdict
from agent.policy.effects import effect
from agent.policy.facts import Facts
from agent.policy.pack import Pack, Rule
from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found
from agent.policy.verdict import Judgement
from agent.text import shorten

#: Rewriting that has not come to rest after so many passes is held.
PASSES = 4
_EVIDENCE = 2000

#: Findings of the engine itself.
NOT_PERMITTED = "effect.permitted"
NOT_AT_REST = "effect.rewriting"


def decide(call: Endpoint[Any], facts: Facts, pack: Pack) -> Judgement:
    """The policy's answer to a call: what may be sent, the verdict, and the findings, gravest first.

    Where a rule rewrites, all rules run again on the rewritten call. On drafts only what is unsafe denies; all other
    findings are kept as `later` and bite when the draft is promoted.
    """
    case = _case(call, facts, pack)
    rewrites: list[Finding] = []
    for _ in range(PASSES):
        found = list(_found(case, pack))
        rewrite = next(((rule, one) for rule, one in found if _rewrites(rule, one)), None)
        if rewrite is None:
            return _judgement(case, pack, [*rewrites, *_findings(case, found)], rewritten=bool(rewrites))
        rule, one = rewrite
        rewrites.append(_finding(rule, one, Verdict.REWRITE, later=False))
        case = _case(one.instead or call, facts, pack)
    restless = Finding(
        rule=NOT_AT_REST,
        verdict=Verdict.HOLD,
        says="The rules rewrite each other's words without end.",
        passes="a person approves the card, or another wording",
    )
    kept = [(rule, one) for rule, one in _found(case, pack) if not _rewrites(rule, one)]
    return _judgement(case, pack, [*rewrites, restless, *_findings(case, kept)], rewritten=True)


def _case(call: Endpoint[Any], facts: Facts, pack: Pack) -> Case:
    return Case(call, facts, effect(call, facts), pack.networks)


def _found(case: Case, pack: Pack) -> Iterator[tuple[Rule, Found]]:
    """What the rules find, by rule id: their order in the pack does not matter."""
    for rule in sorted(pack.rules, key=_rule_id):
        if case.effect in rule.effects and rule.verdict is not Verdict.ALLOW:
            for one in rule.code.check(case, rule.params):
                yield rule, one


def _rule_id(rule: Rule) -> str:
    return rule.id


def _verdict(rule: Rule, one: Found) -> Verdict:
    return rule.verdict if one.verdict is None else one.verdict


def _rewrites(rule: Rule, one: Found) -> bool:
    return one.instead is not None and _verdict(rule, one) is Verdict.REWRITE


def _findings(case: Case, found: list[tuple[Rule, Found]]) -> Iterator[Finding]:
    on_draft = case.effect is Effect.DRAFT
    for rule, one in found:
        verdict = _verdict(rule, one)
        if verdict is not Verdict.ALLOW:
            bites = not on_draft or (rule.unsafe_on_draft and verdict is Verdict.DENY)
            yield _finding(rule, one, verdict, later=not bites)


def _finding(rule: Rule, one: Found, verdict: Verdict, *, later: bool) -> Finding:
    return Finding(
        rule=rule.id,
        verdict=verdict,
        says=one.says,
        evidence=shorten(one.evidence, _EVIDENCE),
        passes=one.passes,
        later=later,
    )


def _judgement(case: Case, pack: Pack, findings: list[Finding], *, rewritten: bool) -> Judgement:
    verdict = max((finding.verdict for finding in findings if not finding.later), default=Verdict.ALLOW)
    floor = pack.floors.get(case.effect, Verdict.DENY)
    if floor > verdict:
        verdict = floor
        findings = [*findings, _floor(case, floor)]
    return Judgement(
        call=case.call,
        effect=case.effect,
        verdict=verdict,
        findings=tuple(sorted(set(findings), key=_gravest_first)),
        rewritten=rewritten,
    )


def _floor(case: Case, floor: Verdict) -> Finding:
    if floor is Verdict.DENY:
        says = f"No rule of this policy permits {case.effect.value} calls."
        return Finding(rule=NOT_PERMITTED, verdict=floor, says=says, passes="a policy whose effects permit them")
    says = f"A person decides on {case.effect.value} calls."
    return Finding(rule=NOT_PERMITTED, verdict=floor, says=says, passes="a person approves the card")


def _gravest_first(finding: Finding) -> tuple[bool, int, str, str, str]:
    return finding.later, -finding.verdict, finding.rule, finding.says, finding.evidence
