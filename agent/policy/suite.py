"""Policy tests against the pack in force: of shipped ones a home's own policy may change the answer, and that is told.

A test of the home has to come out as written. A shipped one that comes out otherwise, but as written with the shipped
pack, is no failure: the home's overlays changed the rule, and may.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.errors import SettingsError
from agent.journal.findings import Mode
from agent.policy.facts import Facts
from agent.policy.given import Given
from agent.policy.pack import Packs
from agent.policy.testing import Test, Tested, load_tests, run_test
from agent.yaml_files import load_yaml

Outcome = Literal["passed", "stricter", "looser", "otherwise", "failed"]
#: From lenient to strict, as `Test.expect` names answers. What bites only later is less strict than what bites now.
_STRICT = (
    "allow",
    "note",
    "rewrite later",
    "hold later",
    "deny later",
    "rewrite",
    "hold",
    "deny",
)


@dataclass(frozen=True)
class Outcomes:
    """How one test went, and `why` where it did not come out as written."""

    tested: Tested
    outcome: Outcome
    shipped: bool

    @property
    def why(self) -> str:
        """In words; empty where it passed."""
        test, got = self.tested.test, self.tested.got
        if self.outcome in {"stricter", "looser"}:
            return f"{got} here, {test.expect} in the shipped policy"
        if self.outcome == "otherwise":
            return f"here {self.tested.problem}"
        return self.tested.problem


def test_files(folder: Path) -> list[Path]:
    """The files of tests in a folder, without the world they start from."""
    return sorted(path for path in folder.glob("*.yaml") if path.stem != "world")


test_files.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for a test


def world_of(folder: Path, world: Facts) -> Facts:
    """What a home's tests start from: the shipped world, and over it the folder's own `world.yaml` where it has one."""
    own = folder / "world.yaml"
    return load_yaml(own, Given).over(world) if own.is_file() else world


def run_shipped(paths: Iterable[Path], world: Facts, packs: Packs, usual: Packs) -> list[Outcomes]:
    """Shipped tests against the packs in force; `usual` are the shipped ones. Raises SettingsError."""
    return [_of_shipped(path, test, world, packs, usual) for path, test in load_tests(list(paths))]


def run_own(paths: Iterable[Path], world: Facts, packs: Packs) -> list[Outcomes]:
    """Tests of the home, which have to come out as written. Raises SettingsError."""
    tested = [_run(path, test, world, packs) for path, test in load_tests(list(paths))]
    return [Outcomes(one, "passed" if one.passed else "failed", shipped=False) for one in tested]


def _of_shipped(path: Path, test: Test, world: Facts, packs: Packs, usual: Packs) -> Outcomes:
    tested = _run(path, test, world, packs)
    if tested.passed:
        return Outcomes(tested, "passed", shipped=True)
    if not _run(path, test, world, usual).passed:
        return Outcomes(tested, "failed", shipped=True)
    return Outcomes(tested, _against(test.expect, tested.got), shipped=True)


def _against(expected: str, got: str) -> Outcome:
    if expected == got:
        return "otherwise"
    return "stricter" if _STRICT.index(got) > _STRICT.index(expected) else "looser"


def _run(path: Path, test: Test, world: Facts, packs: Packs) -> Tested:
    mode: Mode = "unattended" if test.unattended else "attended"
    pack = packs.of(mode)
    try:
        return run_test(path, test, world, pack)
    except SettingsError as error:  # a call that cannot be made fails this test, not all of them
        return Tested(test, path, "nothing", (), str(error))
