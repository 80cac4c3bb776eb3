"""The rules told for people: one page, generated from a pack."""

from typing import Any

from agent.api.endpoint import Effect
from agent.policy.engine import NOT_AT_REST, NOT_PERMITTED
from agent.policy.pack import Pack, Rule

_HEAD = """# Rules

Every call is judged by all rules that look at its effect; the strictest finding wins. From lenient to strict the
verdicts are *allow* (the rule is off), *rewrite* (shown with before and after, then all rules run again), *hold* (a
person decides) and *deny*. A scheduled or published post is first a draft. On a draft only the rules marked *yes* under
"Drafts" deny; what others find is kept with the draft and bites when it is promoted; rewriting happens already there.

Generated from `policies/default.yaml`. When nobody is there `policies/unattended.yaml` lies over it, and a home's own
`policy.yaml` over both: it may make anything stricter, and looser only what is marked ° here. Networks' limits are in
`policies/networks.yaml`.
"""


def rules_markdown(pack: Pack) -> str:
    """A page with what each effect is given at least, every rule in a table, and its source and parameters."""
    lines = [_HEAD, "## Effects", "", "| Effect | At least |", "|---|---|"]
    lines += [f"| {effect.value} | {pack.floors[effect].word} |" for effect in Effect]
    lines += [
        "",
        f"What is stricter than its rules for this reason alone is told as `{NOT_PERMITTED}`; words that rules rewrite",
        f"without end are held as `{NOT_AT_REST}`.",
        "",
        "## All rules",
        "",
        "| Rule | Verdict | Drafts | What it wants | Parameters | Source |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(rule) for rule in sorted(pack.rules, key=lambda rule: rule.id)]
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    free = rule.params.loosenable
    figures = "; ".join(f"{name} {_told(value)}{_mark(name, free)}" for name, value in rule.parameters.items())
    verdict = rule.verdict.word + _mark("verdict", free)
    drafts = "yes" if rule.unsafe_on_draft else ""
    cells = (f"`{rule.id}`", verdict, drafts, rule.sentence, figures, rule.source)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _mark(name: str, loosenable: tuple[str, ...]) -> str:
    return "°" if name in loosenable else ""


def _told(value: Any) -> str:
    """A parameter's value in short: of lists by language only the languages."""
    if isinstance(value, dict):
        return f"({', '.join(value)})"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
