"""`psa policy list` and `psa policy explain`."""

from itertools import groupby
from pathlib import Path
from typing import Any

import click

from agent.assembly import load_packs, packs_with
from agent.commands.light import json_option, print_json, tell
from agent.errors import WrongUsage
from agent.journal.findings import Mode
from agent.policy.about import about, default_verdict
from agent.policy.engine import NOT_AT_REST, NOT_PERMITTED, OWN_LIMIT
from agent.policy.groups import ORDER, group_of
from agent.policy.pack import Pack
from agent.policy.standing import NEAR, NOT_USED, USED
from agent.policy.suite import test_files
from agent.policy.testing import load_tests
from agent.settings import data_folder, find_home
from agent.text import one_line
from agent.yaml_files import nearest

#: What the engine says by itself, under an id that no pack has.
BY_ENGINE = {
    NOT_PERMITTED: "No rule of its own: `effects` of the policy give calls of this effect at least this verdict.",
    NOT_AT_REST: "No rule of its own: rules that rewrite each other's words without end are held.",
    USED: "No rule of its own: a note that a standing permission lets a post go out (`psa policy standing`).",
    NOT_USED: "No rule of its own: a note why a standing permission that covers a post is not used.",
    NEAR: "No rule of its own: others' words may be in a draft, so no standing permission lets it out.",
    OWN_LIMIT: "No rule of its own: a note that an account has limits of its own (`accounts` of an overlay).",
}
unattended_option = click.option("--unattended", is_flag=True, help="As at night, when nobody watches.")


def mode_of(unattended: bool) -> Mode:
    """The mode a flag names."""
    return "unattended" if unattended else "attended"


@click.command("list")
@unattended_option
@json_option
def list_command(unattended: bool, as_json: bool) -> None:
    """Every rule in force: id, verdict, sentence, in groups. `shown` rules are not judged."""
    pack = load_packs(find_home(Path.cwd())).of(mode_of(unattended))
    rows = list_rows(pack, packs_with(None).of("attended"))
    if as_json:
        print_json(rows)
        return
    for group, some in groupby(sorted(rows, key=_in_order), key=lambda row: row["group"]):
        tell(f"{group}")
        for row in some:
            tell(f"  {row['verdict']:<8} {row['id']:<26} {row['sentence']}")
    for one in pack.standing:
        tell(f"standing {one.told()}")


def list_rows(pack: Pack, shipped: Pack) -> list[dict[str, Any]]:
    """All rules as plain data, with the shipped verdict beside the one in force."""
    rows = []
    for rule in pack.rules:
        default = default_verdict(shipped.rule(rule.id) or rule)
        rows.append({**rule.as_row(), "default_verdict": default, "group": group_of(rule.id)})
    return rows


def _in_order(row: dict[str, Any]) -> tuple[int, str]:
    group = row["group"]
    return (ORDER.index(group) if group in ORDER else len(ORDER)), row["id"]


@click.command("explain")
@click.argument("rule_id", metavar="RULE")
@unattended_option
@json_option
def explain_command(rule_id: str, unattended: bool, as_json: bool) -> None:
    """One rule: what it wants and means, which layer changed it, where other figures hold, and its tests."""
    home = find_home(Path.cwd())
    pack = load_packs(home).of(mode_of(unattended))
    found = pack.rule(rule_id)
    if found is None and rule_id in BY_ENGINE:
        print_json({"id": rule_id, "sentence": BY_ENGINE[rule_id]}) if as_json else tell(BY_ENGINE[rule_id])
        return
    if found is None:
        known = [rule.id for rule in pack.rules]
        raise WrongUsage(f'There is no rule "{rule_id}".{nearest(rule_id, known)}', hint="`psa policy list` shows all.")
    files = [*test_files(data_folder("policies") / "tests"), *test_files(home / "policy_tests")]
    row = about(found, pack, packs_with(None).of("attended"), load_tests(files))
    if as_json:
        print_json(row)
        return
    for line in explained(row):
        tell(line)


def explained(row: dict[str, Any]) -> list[str]:
    """What is known about a rule, in lines."""
    verdict = row["verdict"] if row["verdict"] == row["default_verdict"] else f"{row['verdict']} (shipped: "
    verdict += "" if row["verdict"] == row["default_verdict"] else f"{row['default_verdict']})"
    lines = [
        f"{row['id']} ({row['group']})",
        f"  {row['sentence']}",
        f"  verdict     {verdict}{_free('verdict', row)}",
        f"  looks at    {', '.join(row['effects'])} calls"
        + ("; denies drafts, too" if row["unsafe_on_draft"] else "; on drafts it waits for the promotion"),
        f"  source      {row['source']}",
    ]
    for name, value in row["parameters"].items():
        way = f" ({row['stricter'][name]})" if name in row["stricter"] else ""
        lines.append(f"  parameter   {name} = {_told(value)}{way}{_free(name, row)}")
    if row["written"]:
        lines.append(f"  in a file   rules: {{{row['written']}}}")
    if row["meaning"]:
        lines.append(f"  meaning     {row['meaning']}")
    if row["checks"]:
        lines.append(f"  in code     {row['checks']}")
    lines += [f"  changed by  {_change(change)}" for change in row["changed_by"]]
    for other in row["elsewhere"]:
        figures = ", ".join(f"{name} {_told(value)}" for name, value in other.items() if name != "for")
        lines.append(f"  elsewhere   {other['for']}: {figures}")
    lines += [f"  test        {test['expect']:<12} {test['name']}: {test['call']}" for test in row["tests"]]
    return lines


def _change(change: dict[str, Any]) -> str:
    scope = f" for {change['for']}" if change["for"] else ""
    return f"{change['layer']}: {change['name']} {_told(change['old'])} → {_told(change['new'])}{scope}"


def _free(name: str, row: dict[str, Any]) -> str:
    return ", loosenable" if name in row["loosenable"] else ""


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return one_line(f"by {', '.join(value)}", 160)
    return one_line(", ".join(map(str, value)) if isinstance(value, list) else str(value), 160)
