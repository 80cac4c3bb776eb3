"""`psa policy test`: the policy's tests, as data, against the policy in force."""

from collections import Counter
from pathlib import Path

import click

from agent.assembly import load_packs, packs_with
from agent.commands.light import json_option, print_json, tell
from agent.errors import Exit
from agent.policy.given import load_world
from agent.policy.suite import Outcomes, run_own, run_shipped, test_files, world_of
from agent.settings import data_folder, find_home

#: How an outcome is told.
_WORDS = {"passed": "pass", "stricter": "stricter", "looser": "looser", "otherwise": "other", "failed": "FAIL"}


@click.command("test")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Only what did not pass, and the summary.")
@json_option
def test_command(files: tuple[Path, ...], quiet: bool, as_json: bool) -> int:
    """Run the shipped tests and those of the home (policy_tests/*.yaml), or only FILES.

    A shipped test that comes out otherwise because your own policy changed the rule is told (`stricter`, `looser`,
    `other`) and is no failure. Exit code 1 where one fails.
    """
    home, folder = find_home(Path.cwd()), data_folder("policies") / "tests"
    world = load_world(folder / "world.yaml")
    packs = load_packs(home)
    shipped = [path for path in files if path.resolve().parent == folder.resolve()] if files else test_files(folder)
    own = [path for path in files if path not in shipped] if files else test_files(home / "policy_tests")
    found = run_shipped(shipped, world, packs, packs_with(None))
    found += run_own(own, world_of(home / "policy_tests", world), packs)
    counted: Counter[str] = Counter(one.outcome for one in found)
    if as_json:
        print_json({"passed": not counted["failed"], "counts": dict(counted), "tests": [_row(one) for one in found]})
    else:
        _tell(found, quiet)
        tell(_summary(counted, len(found)))
    return Exit.FAILED if counted["failed"] else Exit.OK


def _tell(found: list[Outcomes], quiet: bool) -> None:
    for one in found:
        if one.outcome != "passed" or not quiet:
            test = one.tested.test
            why = f": {one.why}" if one.why else ""
            tell(f"{_WORDS[one.outcome]:<8}  {test.rule}: {test.name} ({one.tested.path.name}){why}")


def _summary(counted: Counter[str], count: int) -> str:
    parts = [f"{counted['passed']} of {count} tests passed"]
    parts += [f"{counted[name]} {name} here" for name in ("stricter", "looser", "otherwise") if counted[name]]
    parts += [f"{counted['failed']} failed"] if counted["failed"] else []
    return ", ".join(parts) + "."


def _row(outcomes: Outcomes) -> dict[str, object]:
    tested = outcomes.tested
    return {
        "file": str(tested.path),
        "rule": tested.test.rule,
        "name": tested.test.name,
        "shipped": outcomes.shipped,
        "outcome": outcomes.outcome,
        "expected": tested.test.expect,
        "got": tested.got,
        "why": outcomes.why,
        "findings": [{**one.model_dump(mode="json"), "verdict": one.verdict.word} for one in tested.findings],
    }
