"""SIGTERM and SIGINT to real processes while something is in flight: out within five seconds, resumed once in all."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.api.limits import LIMIT, SqliteBudget, fingerprint
from agent.errors import Exit
from agent.journal.store import SqliteStore
from agent.sandbox.faults import Fault
from agent.sandbox.serve import running
from agent.sandbox.state import State
from agent.sandbox.world import load_world
from tests.contract import Tally, compare, replay_is_quiet

ROOT = Path(__file__).parent.parent.parent
TOKEN = "1|sandbox"
GOAL = 'Draft "The kiln is warm again." for LinkedIn'
SEED = 20
ANY_TIMES = 24
#: What a stop may take, from the signal to the end of the process.
OUT_WITHIN_S = 5.0
#: Longer than any test waits: what is in flight stays in flight.
FOR_EVER_S = 60.0


@dataclass
class Place:
    """A home, and a sandbox that is served for it in real time."""

    home: Path
    url: str
    state: State
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """A real `psa` process."""
        return subprocess.Popen(
            [sys.executable, "-m", "agent", *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def psa(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A `psa` process that runs to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=150)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def delay(self, operation: str) -> None:
        """The operation is carried out, and its answer does not come."""
        self.state.set_faults([Fault(kind="delay", operations=(operation,), seconds=FOR_EVER_S)])

    def wait_for(self, verb: str, path: str) -> None:
        """Until the service has taken such a request in."""
        self.until(lambda: any(one["verb"] == verb and path in one["target"] for one in self.state.requests()))

    def until(self, happened: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not happened():
            assert time.monotonic() < end, "the moment for the signal never came"
            time.sleep(0.01)

    def check(self) -> tuple[Tally, Counter[str]]:
        with closing(SqliteStore(self.home / "runs" / "journal.db")) as store:
            tally = compare(self.state, store, settled=True)
        replay_is_quiet(self.state, self.home)
        return tally, Counter(one["operation"] for one in self.state.effects())


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    home = folder / "home"
    (home / "runs").mkdir(parents=True)
    state = State.create(None, load_world("shop"), datetime.now(UTC))
    with running(state) as url:
        environment = {
            "PATH": os.environ["PATH"],
            "PSA_HOME": str(home),
            "POSTSYNCER_BASE_URL": f"{url}/api/v1",
            "POSTSYNCER_API_TOKEN": TOKEN,
            "XDG_STATE_HOME": str(folder / "state"),
        }
        yield Place(home, url, state, environment)
    state.close()


def stop(process: "subprocess.Popen[str]", by: signal.Signals) -> float:
    """Send the signal; seconds until the process was gone."""
    began = time.monotonic()
    process.send_signal(by)
    process.communicate(timeout=30)
    return time.monotonic() - began


# -- moments: each starts a process and returns once it is where the signal shall find it ----------------------------


def in_discovery(at: Place) -> "subprocess.Popen[str]":
    at.delay("ListAccounts")
    process = at.start("run", GOAL)
    at.wait_for("GET", "/accounts")
    return process


def while_the_model_thinks(at: Place) -> "subprocess.Popen[str]":
    with socket.create_server(("127.0.0.1", 0)) as silent:
        model = {"PSA_MODEL": "silent", "OPENAI_BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/v1"}
        process = at.start("run", GOAL, **model, OPENAI_API_KEY="none")
        silent.settimeout(30)
        asked, _ = silent.accept()
        asked.recv(1)
    _KEPT.append(asked)  # hung up, it would be a model that fails, not one that thinks
    return process


_KEPT: list[socket.socket] = []


def while_a_write_is_in_flight(at: Place) -> "subprocess.Popen[str]":
    at.delay("CreatePost")
    process = at.start("run", GOAL)
    at.wait_for("POST", "/posts")
    return process


def while_a_lost_answer_is_looked_for(at: Place) -> "subprocess.Popen[str]":
    at.state.set_faults([Fault(kind="drop_before", operations=("CreatePost",))])
    process = at.start("run", GOAL)
    _until_told(process, "before looking again")
    return process


def while_waiting_for_the_rate_budget(at: Place) -> "subprocess.Popen[str]":
    base = at.environment["POSTSYNCER_BASE_URL"]
    path = Path(at.environment["XDG_STATE_HOME"]) / "psa" / "budget.db"
    with closing(SqliteBudget(path, fingerprint(base, TOKEN))) as budget:
        for _ in range(LIMIT):
            now = time.time()
            budget.take(budget.reserve(now, person=True), now, person=True)
    process = at.start("run", GOAL)
    _until_told(process, "for room in PostSyncer's rate limit")
    path.unlink()  # the resume need not wait for the minute to end
    return process


def while_an_approval_is_in_flight(at: Place) -> "subprocess.Popen[str]":
    assert at.psa("run", 'Schedule "The kiln is warm again." for LinkedIn in 9 days at 9:00').returncode == Exit.OK
    at.delay("UpdatePost")
    process = at.start("review", "approve", "2")
    at.wait_for("PUT", "/posts/")
    return process


def _until_told(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"the process ended without a word of {words!r}")


MOMENTS = (
    in_discovery,
    while_the_model_thinks,
    while_a_write_is_in_flight,
    while_a_lost_answer_is_looked_for,
    while_waiting_for_the_rate_budget,
    while_an_approval_is_in_flight,
)


@pytest.mark.torture
@pytest.mark.waits
@pytest.mark.timeout(200)
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: str(moment.__name__))
def test_stopped_by_a_signal(
    tmp_path: Path,
    moment: Callable[[Place], "subprocess.Popen[str]"],
    by: signal.Signals,
    numbers: Callable[[str], None],
) -> None:
    with place(tmp_path) as at:
        process = moment(at)
        took = stop(process, by)
        at.state.set_faults([])
        assert process.returncode == Exit.STOPPED
        assert took < OUT_WITHIN_S
        resumed = at.psa("runs", "resume", "r1")
        assert resumed.returncode == Exit.OK, resumed.stderr
        tally, operations = at.check()
        approved = moment is while_an_approval_is_in_flight
        assert operations == Counter({"CreatePost": 1, **({"UpdatePost": 1} if approved else {})})
        assert not tally.breaches, "\n".join(tally.breaches)
        numbers(f"out after {took:.2f} s, exit code {process.returncode}; {tally.line(1)}")


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_stopped_at_any_time(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    """From the first import to after the end; half of the signals come from people who press Ctrl-C again and again."""
    chosen = random.Random(SEED)
    told, longest, codes = Tally(), 0.0, Counter[int]()
    for case in range(ANY_TIMES):
        by, after = chosen.choice([signal.SIGTERM, signal.SIGINT]), chosen.uniform(0.05, 2.5)
        again = chosen.choice([0, 2])
        with place(tmp_path / str(case)) as at:
            process = at.start("run", GOAL)
            time.sleep(after)  # any moment is right
            for _ in range(again):
                process.send_signal(by)
                time.sleep(0.05)
            took = stop(process, by)
            # Stopped in its work; stopped by the system before that; or it had ended.
            assert process.returncode in {Exit.STOPPED, -by, Exit.OK} or not begun(at), process.returncode
            codes[process.returncode] += 1
            longest = max(longest, took)
            if begun(at):
                assert at.psa("runs", "resume", "r1").returncode == Exit.OK
                tally, operations = at.check()
                assert operations == Counter({"CreatePost": 1}), f"{by.name} after {after:.2f} s: {operations}"
                told.add(tally)
            else:
                assert not at.state.effects()
    numbers(f"out after {longest:.2f} s at most, exit codes {dict(codes)}; {told.line(ANY_TIMES)}")
    assert longest < OUT_WITHIN_S
    assert not told.breaches, "\n".join(told.breaches)


def begun(at: Place) -> bool:
    """Whether there is a run that has its goal."""
    if not (at.home / "runs" / "journal.db").exists():
        return False
    with closing(SqliteStore(at.home / "runs" / "journal.db")) as store:
        return any(row.goal for row in store.ledger.runs())
