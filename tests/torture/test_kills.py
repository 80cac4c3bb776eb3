"""The kill matrix: a real kill at every boundary of three scenarios, and at pairs of boundaries of a short one."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.contract import Tally
from tests.torture.kills import Scenario, checked, kill_at, left_behind, restore, resume
from tests.torture.scenarios import SCENARIOS, SHORT

SEED = 20
SAMPLE = 36


@dataclass
class Matrix:
    """One scenario in one folder: recorded clean, then killed again and again. The home has always the same path."""

    folder: Path
    scenario: Scenario
    tally: Tally = field(default_factory=Tally)
    cases: int = 0
    kills: int = 0
    #: What kills left behind, and which boundaries going on from there passed.
    resumed: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home, self.fresh = self.folder / "home", self.folder / "fresh"
        self.scenario.prepare(self.fresh)
        restore(self.home, self.fresh)
        self.boundaries = resume(self.home, self.scenario)
        tally, self.clean = checked(self.home, given=self.scenario.standing)
        assert not tally.breaches, tally.breaches

    def kill(self, snapshot: Path, boundary: int) -> bool:
        """From a snapshot, play until the kill at a boundary."""
        restore(self.home, snapshot)
        reached = kill_at(self.home, self.scenario, boundary)
        self.kills += reached
        return reached

    def go_on(self, what: str) -> list[str]:
        """Resume what a kill left, and check how it ends; the boundaries that resuming passed.

        Where two kills leave the same behind, to the last row and file, resuming sees no difference: it goes on once
        for both.
        """
        digest = left_behind(self.home)
        if digest not in self.resumed:
            self.resumed[digest] = resume(self.home, self.scenario)
            self.check(what)
        return self.resumed[digest]

    def check(self, what: str) -> None:
        tally, _ = checked(self.home, self.clean, self.scenario.standing)
        for breaches in (tally.doubled, tally.lost, tally.unapproved, tally.other):
            breaches[:] = [f"killed {what}: {breach}" for breach in breaches]
        self.cases += 1
        self.tally.add(tally)

    def kill_once(self, boundaries: Sequence[int]) -> None:
        """A kill at each of these boundaries, every one from a fresh home."""
        for boundary in boundaries:
            assert self.kill(self.fresh, boundary), f"boundary {boundary} was not reached"
            self.go_on(self.boundaries[boundary - 1])

    def kill_twice(self) -> int:
        """A kill at each boundary, then one at every other one of resuming; returns how many pairs that stands for.

        Two boundaries in a row mostly leave the same behind: nothing is written between one thing and the next. What
        first kills leave alike is killed again once for all of them, at the odd or at the even boundaries.
        """
        seen: dict[str, int] = {}
        pairs = 0
        for boundary in range(1, len(self.boundaries) + 1):
            snapshot = self.folder / "killed"
            self.kill(self.fresh, boundary)
            restore(snapshot, self.home)
            digest = left_behind(self.home)
            if digest not in seen:
                seen[digest] = self._kill_again(snapshot, boundary)
            pairs += seen[digest]
        return pairs

    def _kill_again(self, snapshot: Path, first: int) -> int:
        named = self.boundaries[first - 1]
        passed = self.go_on(named)
        chosen = range(1 + len(self.resumed) % 2, len(passed) + 1, 2)
        for second in chosen:
            assert self.kill(snapshot, second), f"killed {named}: boundary {second} was not reached"
            self.go_on(f"{named}, then {passed[second - 1]}")
        return len(chosen)

    @property
    def line(self) -> str:
        return self.tally.line(self.cases, self.kills)


def test_a_scenario_passes_every_kind_of_boundary(tmp_path: Path) -> None:
    names = [name for scenario in SCENARIOS for name in Matrix(tmp_path / scenario.name, scenario).boundaries]
    for kind in ("before", "inserted, not committed", "committed, not mirrored", "after"):
        for record in (
            "opened",
            "goal",
            "prompted",
            "reserved",
            "turn",
            "card",
            "decided",
            "intent",
            "outcome",
            "closed",
        ):
            assert any(kind in name and record in name for name in names), (kind, record)
    for moment in ("before connecting, ", "sent, ", "carried out, no answer, ", "answered, "):
        for request in (
            "POST /posts",
            "PUT /posts/1023",
            "POST /comments",
            "DELETE /posts/1004",
            "POST /media/upload/file",
        ):
            assert any(name == moment + request for name in names), (moment, request, sorted(set(names)))


def test_killed_at_a_sample_of_boundaries(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    told = Tally()
    kills = 0
    chosen = random.Random(SEED)
    for scenario in SCENARIOS:
        matrix = Matrix(tmp_path / scenario.name, scenario)
        lost = {place for place, name in enumerate(matrix.boundaries, 1) if is_lost_answer(name)}
        others = sorted(set(range(1, len(matrix.boundaries) + 1)) - lost)
        matrix.kill_once(sorted(lost) + sorted(chosen.sample(others, SAMPLE // len(SCENARIOS) - len(lost))))
        told.add(matrix.tally)
        kills += matrix.kills
    numbers(told.line(kills, kills))
    assert not told.breaches, "\n".join(told.breaches)


def is_lost_answer(boundary: str) -> bool:
    """The worst moments: a write was carried out, and nobody has heard of it."""
    return boundary.startswith("carried out, no answer, ") and ", GET " not in boundary


@pytest.mark.torture
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: str(scenario.name))
def test_killed_at_every_boundary(tmp_path: Path, scenario: Scenario, numbers: Callable[[str], None]) -> None:
    matrix = Matrix(tmp_path, scenario)
    matrix.kill_once(range(1, len(matrix.boundaries) + 1))
    numbers(matrix.line)
    assert matrix.kills == len(matrix.boundaries)
    assert not matrix.tally.breaches, "\n".join(matrix.tally.breaches)


@pytest.mark.torture
@pytest.mark.timeout(2400)
def test_killed_again_while_resuming(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    matrix = Matrix(tmp_path, SHORT)
    pairs = matrix.kill_twice()
    numbers(f"{pairs} pairs of kills by {matrix.line}")
    assert pairs > len(matrix.boundaries) ** 2 / 4
    assert not matrix.tally.breaches, "\n".join(matrix.tally.breaches[:50])
