"""The rules told for people: one page, generated from a pack."""

from collections.abc import Iterator
from typing import Any

from agent.api.endpoint import Effect
from agent.policy.about import meaning
from agent.policy.engine import NOT_AT_REST, NOT_PERMITTED, OWN_LIMIT
from agent.policy.groups import ORDER, OTHERS, group_of
from agent.policy.pack import Pack, Rule

_HEAD = """# Rules

Every call is judged by all rules that look at its effect; the strictest finding wins. From lenient to strict the
verdicts are *allow* (the rule is off), *rewrite* (shown with before and after, then all rules run again), *hold* (a
person decides) and *deny*. A scheduled or published post is first a draft. On a draft only the rules marked *yes* under
"Drafts" deny; what others find is kept with the draft and bites when it is promoted; rewriting happens already there.

Generated from `policies/default.yaml`. When nobody is there `policies/unattended.yaml` lies over it, and a home's own
`policy.yaml` over both: it may make anything stricter, and looser only what is marked ° here. Networks' limits are in
`policies/networks.yaml`. How to own the policy (overlays, tests, trying a change on the past, rules of your own in
Python) is in [POLICY.md](POLICY.md); `psa policy explain RULE` tells one rule as it is in force in your home.
"""

_OVERLAYS = """## Figures for one workspace, account or campaign

An overlay may say figures for single objects. For an object the strictest counts of what is said of it, of what it lies
in, and in general; only what is marked ° goes both ways, and there the most special one counts: account, then campaign,
then workspace. An account may also have limits of its own, with a reason and the day it was looked up: that is shown on
cards and stands in the journal (`{limit}`).

```yaml
rules:
  post.mentions: {{most: 2}}
workspaces:
  11:
    rules:
      time.lead: {{minutes: 60}}
campaigns:
  20:
    rules:
      post.mentions: {{most: 0}}
accounts:
  101:
    rules:
      post.mentions: {{most: 1, verdict: deny}}
    limits: {{text: 25000, reason: a paying account, read: 2026-11-26}}
```
"""


_SHOWN = "The service's answers cannot decide these: what they find stands on cards as notes, which count for nothing."


def rules_markdown(pack: Pack) -> str:
    """A page with what each effect is given at least, every rule in its group, and how figures for one object are said.

    What a pack says is told in tables, what its parameters mean below them.
    """
    lines = [_HEAD, "## Effects", "", "| Effect | At least |", "|---|---|"]
    lines += [f"| {effect.value} | {pack.floors[effect].word} |" for effect in Effect]
    lines += [
        "",
        f"What is stricter than its rules for this reason alone is told as `{NOT_PERMITTED}`; words that rules rewrite",
        f"without end are held as `{NOT_AT_REST}`.",
        "",
    ]
    for group in (*ORDER, OTHERS):
        rules = [rule for rule in pack.by_id if group_of(rule.id) == group and rule.code.judged]
        lines += _section(group, rules, "Verdict") if rules else []
    shown = [rule for rule in pack.by_id if not rule.code.judged]
    if shown:
        lines += _section("Shown, not judged", shown, "")
        lines += [_SHOWN, ""]
    lines.append(_OVERLAYS.format(limit=OWN_LIMIT))
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(title: str, rules: list[Rule], verdict: str) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield f"| Rule | {verdict or 'Shown'} | Drafts | What it wants | Parameters | Source |"
    yield "|---|---|---|---|---|---|"
    yield from (_row(rule) for rule in rules)
    yield ""
    meanings = [f"- `{rule.id}`: {told}" for rule in rules if (told := meaning(rule.params))]
    yield from [*meanings, ""] if meanings else []


def _row(rule: Rule) -> str:
    free = rule.params.loosenable
    figures = "; ".join(f"{name} {_told(value)}{_mark(name, free)}" for name, value in rule.parameters.items())
    verdict = (rule.verdict.word if rule.code.judged else "yes" if rule.on else "no") + _mark("verdict", free)
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
