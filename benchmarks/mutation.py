"""Mutation testing of the gate and the policy engine: every negated condition has to make a test fail.

    make mutation                      all modules, side by side in two copies of the project
    python benchmarks/mutation.py agent/gate/door.py ...

cosmic-ray puts a `not` into one condition at a time (its operator core/AddNot) in a copy of the project, and runs the
tests there that reach the line: which do is measured once, before anything is changed. A survivor is printed with its
line; the exit code is 1 where one is left that is not listed in SAME.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = [
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "agent" / "gate").glob("*.py") if path.stem != "__init__"),
    *(f"agent/policy/{name}.py" for name in ("effects", "engine", "layers", "pack", "scopes", "verdict")),
]
#: The tests that stand for them.
TESTS = (
    "tests/gate",
    "tests/review",
    "tests/torture/test_two_owners.py",
    "tests/torture/test_rows_in_full.py",
    "tests/policy",
    "tests/planner",
    "tests/night/test_attacks.py",
    "tests/night/test_night.py",
    "tests/journal/test_mirror.py",
    "tests/commands/test_policy_cli.py",
)
COPIES = 2
#: Negated conditions that change nothing anybody could see, by module and source line, each with the reason.
SAME: dict[tuple[str, str], str] = {
    (
        "agent/gate/judge.py",
        "{run.id: gathered} if len(self._sources) > MOST_RUNS else {**self._sources, run.id: gathered}",
    ): "a run whose sources are forgotten has them gathered again: it only takes longer",
    (
        "agent/gate/judge.py",
        "if judged and post is not None and any(one.rule.startswith(rules) for one in judged.findings):",
    ): "the ledger, read again after each effect, tells the same",
}


def reached(copy: Path) -> None:
    """Run the tests once, and keep in `reached.json` which of them reach which line, the quickest first."""
    command = [sys.executable, "-m", "coverage", "run", "--source=agent/gate,agent/policy", "-m", "pytest", "-q"]
    command += ["-n", "0", "-m", "not torture", "-p", "benchmarks.reaching", "--timeout", "300", *TESTS]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The tests fail before anything is changed:\n{done.stdout[-3000:]}")


def conditions(copy: Path, modules: deque[str]) -> list[tuple[str, int, str]]:
    """Mutate modules in a copy of the project until none is left; the survivors as (module, line number, line)."""
    survivors = []
    while True:
        try:
            module = modules.popleft()
        except IndexError:
            return survivors
        config, session = copy / "mutation.toml", copy / f"{module.replace('/', '.')}.sqlite"
        config.write_text(
            f'[cosmic-ray]\nmodule-path = "{module}"\ntimeout = 600.0\nexcluded-modules = []\n'
            f'test-command = "{sys.executable} -m benchmarks.reaching {module} {ROOT}"\n'
            '[cosmic-ray.distributor]\nname = "local"\n'
            '[cosmic-ray.filters.operators-filter]\nexclude-operators = ["(?!core/AddNot).*"]\n',
            encoding="utf-8",
        )
        for step in (["cosmic-ray", "init"], ["cr-filter-operators"], ["cosmic-ray", "exec"]):
            order = [str(session), str(config)] if step[0] == "cr-filter-operators" else [str(config), str(session)]
            subprocess.run([str(Path(sys.executable).parent / step[0]), *step[1:], *order], cwd=copy, check=True)
        lines = (copy / module).read_text(encoding="utf-8").splitlines()
        done = 0
        for work, result in dumped(copy, session):
            if result is None or result["worker_outcome"] == "skipped":
                continue
            done += 1
            if result["test_outcome"] == "survived":
                number = work["mutations"][0]["start_pos"][0]
                survivors.append((module, number, lines[number - 1].strip()))
        print(f"{module}: {done} conditions negated, {sum(one[0] == module for one in survivors)} survived", flush=True)


def dumped(copy: Path, session: Path) -> list[tuple[dict, dict | None]]:
    """The session's work items with their results."""
    told = subprocess.run(
        [str(Path(sys.executable).parent / "cosmic-ray"), "dump", str(session)],
        cwd=copy,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [tuple(json.loads(line)) for line in told.splitlines()]


def main() -> int:
    modules = sys.argv[1:] or MODULES
    with tempfile.TemporaryDirectory(prefix="mutation-") as scratch:
        copies = []
        for number in range(COPIES):
            copy = Path(scratch) / str(number)
            shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "runs", "dist", ".mypy_cache"))
            (copy / "runs").mkdir(exist_ok=True)
            copies.append(copy)
        reached(copies[0])
        for copy in copies[1:]:
            shutil.copy(copies[0] / "reached.json", copy)
        with ThreadPoolExecutor(COPIES) as pool:
            found = pool.map(conditions, copies, [deque(modules)] * COPIES)
        survivors = [one for of_copy in found for one in of_copy]
    left = [one for one in survivors if (one[0], one[2]) not in SAME]
    for module, number, line in survivors:
        reason = SAME.get((module, line), "SURVIVED")
        print(f"{module}:{number}: {line}   [{reason}]")
    print(f"{len(modules)} modules, {len(survivors)} survivors, {len(left)} of them unexplained")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
