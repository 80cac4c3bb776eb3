"""One rate budget in several processes: exact, first come first served, fair. No time passes: `now` is given."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.api.limits import SqliteBudget
from tests.api.test_limits import NOW, SHARE, fullest

ROUNDS, EACH = 10, 125


class Worker:
    """Another process on the same budget file."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.budget_worker", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, now: float, count: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{now} {count}\n")
        self._process.stdin.flush()

    def slots(self) -> list[float]:
        assert self._process.stdout is not None
        return [float(at) for at in json.loads(self._process.stdout.readline())]

    def end(self) -> None:
        self._process.communicate(timeout=20)
        assert self._process.returncode == 0


@pytest.fixture
def workers(tmp_path: Path) -> list[Worker]:
    """Two processes that open a budget which does not exist yet, both at once."""
    return [Worker(tmp_path / "budget.db") for _ in range(2)]


@pytest.mark.slow
def test_two_processes_share_one_budget_exactly_and_fairly(workers: list[Worker], tmp_path: Path) -> None:
    rounds: list[list[list[float]]] = []
    for number in range(ROUNDS):
        for worker in workers:
            worker.ask(NOW + 7 * number, EACH)
        rounds.append([worker.slots() for worker in workers])
    for worker in workers:
        worker.end()

    slots = [at for answers in rounds for answer in answers for at in answer]
    assert len(slots) == 2 * ROUNDS * EACH
    assert fullest(slots) == SHARE
    assert max(slots) - NOW <= len(slots) / SHARE * 60 / 0.98
    for answers in rounds:
        assert all(answer == sorted(answer) for answer in answers)
    for before, after in itertools.pairwise(rounds):
        assert max(max(answer) for answer in before) <= min(min(answer) for answer in after)

    here = SqliteBudget(tmp_path / "budget.db", "token")
    assert here.reserve(NOW, person=True) == NOW, "people get through while two processes queue"
    assert here.reserve(NOW, person=False) >= max(slots), "and a third process stands behind both"
    here.close()
