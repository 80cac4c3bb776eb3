"""`psa policy`: the rules in force."""

from pathlib import Path

import click

from agent.assembly import load_packs
from agent.commands.light import json_option, print_json, tell
from agent.commands.standing import standing_command
from agent.errors import SettingsError
from agent.settings import find_home
from agent.yaml_files import nearest


@click.group("policy")
def policy_command() -> None:
    """The rules every call is judged by."""


policy_command.add_command(standing_command)
unattended_option = click.option("--unattended", is_flag=True, help="As at night, when nobody watches.")


@policy_command.command("list")
@unattended_option
@json_option
def list_command(unattended: bool, as_json: bool) -> None:
    """Every rule in force: id, default verdict, sentence."""
    pack = load_packs(find_home(Path.cwd())).of("unattended" if unattended else "attended")
    rows = [rule.as_row() for rule in pack.rules]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        tell(f"{row['verdict']:<8} {row['id']:<26} {row['sentence']}")
    for one in pack.standing:
        tell(f"standing {one.told()}")


@policy_command.command("explain")
@click.argument("rule_id", metavar="RULE")
@unattended_option
@json_option
def explain_command(rule_id: str, unattended: bool, as_json: bool) -> None:
    """One rule: what it checks, with which parameters, and where it comes from."""
    pack = load_packs(find_home(Path.cwd())).of("unattended" if unattended else "attended")
    found = next((rule for rule in pack.rules if rule.id == rule_id), None)
    if found is None:
        known = [rule.id for rule in pack.rules]
        raise SettingsError(
            f'There is no rule "{rule_id}".{nearest(rule_id, known)}', hint="`psa policy list` shows all."
        )
    row = found.as_row()
    if as_json:
        print_json(row)
        return
    for key, value in row.items():
        tell(f"{key + ':':<14} {value}")
