"""The fault matrix, row by row: each fault is provoked, and the contract of effects compared afterwards."""

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.journal import records as r
from agent.sandbox.faults import Fault
from agent.sandbox.state import State
from agent.sandbox.world import load_world
from tests.contract import Tally
from tests.house import home_in
from tests.night.test_two_processes import served
from tests.torture import fault_checks_crash as crash
from tests.torture.bench import TEXT, Bench, carded, go_on, like_ours
from tests.torture.fault_rows import ROWS, Row

TESTS = Path(__file__).parent.parent


def test_every_row_is_there_once() -> None:
    assert [row.id for row in ROWS] == [f"F{number}" for number in range(1, 51)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_is_shown_somewhere(row: Row) -> None:
    assert row.happens and row.holds and (row.checks or row.elsewhere or row.reason)
    for shown in row.elsewhere:
        file, _, function = shown.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert function in names, f"{row.id} names {shown}, which is not there"


@pytest.mark.anyio
@pytest.mark.parametrize("row", [row for row in ROWS if row.checks], ids=lambda row: row.id)
async def test_what_must_hold_holds(row: Row, tmp_path: Path) -> None:
    for check in row.checks:
        bench = Bench(tmp_path / check.__name__)
        await check(bench)
        assert bench.cases > 0 or row.id == "F37", "no home was compared"


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.anyio
async def test_every_row_at_every_place(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    tally, cases = Tally(), 0
    for row in ROWS:
        for check in row.checks:
            bench = Bench(tmp_path / row.id / check.__name__, thorough=True)
            await check(bench)
            tally.add(bench.tally)
            cases += bench.cases
    numbers(f"fault matrix: {tally.line(cases)}")


def psa(home: Path, url: str, *args: str) -> "subprocess.Popen[str]":
    """The command line in a process of its own, against a sandbox that is served."""
    environment = os.environ | {
        "PSA_HOME": str(home),
        "POSTSYNCER_BASE_URL": url,
        "POSTSYNCER_API_TOKEN": "1|sandbox",
        "XDG_STATE_HOME": str(home.parent / "state"),
    }
    command = [sys.executable, "-m", "agent", *args]
    return subprocess.Popen(
        command, env=environment, cwd=TESTS.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.torture
@pytest.mark.timeout(300)
@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT], ids=lambda which: signal.Signals(which).name)
@pytest.mark.parametrize("operation", ["ListWorkspaces", "ListPosts", "CreatePost"])
def test_a_signal_ends_the_process_in_time(operation: str, which: int, tmp_path: Path) -> None:
    """A real signal while a real request hangs; under five seconds later the process has said what to do."""
    home = tmp_path / "home"
    home.mkdir()
    state = State.create(tmp_path / "box.db", load_world("shop"), datetime.now(UTC))
    with served(state) as url:
        state.set_faults([Fault(kind="delay", operations=(operation,), seconds=8)])
        process = psa(home, url, "run", f'Draft "{TEXT}" for LinkedIn')
        ends, path = time.monotonic() + 60, {"ListWorkspaces": "/workspaces"}.get(operation, "/posts")
        verb = "POST" if operation == "CreatePost" else "GET"
        while not [one for one in state.requests() if one["verb"] == verb and path in one["target"]]:
            assert time.monotonic() < ends and process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(which)
        asked = time.monotonic()
        _, told = process.communicate(timeout=20)
        assert time.monotonic() - asked < 5 and process.returncode == 5, told
        assert "psa runs resume r1" in told and "Traceback" not in told
        state.set_faults([])
        resumed = psa(home, url, "runs", "resume", "r1")
        out, told = resumed.communicate(timeout=120)
        assert resumed.returncode == 0, out + told
        assert [one["operation"] for one in state.effects()] == ["CreatePost"]
    state.close()


LIMITS = [*(f"files:{spare}" for spare in range(4)), *(f"memory:{mega * 1_000_000}" for mega in (0, 1, 2, 4, 8, 16))]


@pytest.mark.torture
@pytest.mark.timeout(300)
@pytest.mark.anyio
@pytest.mark.parametrize("limit", LIMITS)
async def test_no_limit_of_the_machine_breaks_the_contract(limit: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await crash.runs_out(bench, limit)
    assert bench.tally.effects == 1


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.anyio
async def test_a_run_resumes_quickly_beside_a_gigabyte(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    """Other runs of the home are not read: what a run costs does not grow with the journal."""
    async with home_in(tmp_path) as home:
        _, number = await carded(home)
        await home.reviewer().approve(number, "", (), advance=False)
        store = home.house.store
        for _ in range(100):
            other = home.house.open_run("attended", "ana")
            text = r.Told(text="x" * 10_000)
            for _ in range(10):
                store.append_anyway(other.id, [text] * 100, home.house.clock.now())
    size = (tmp_path / "runs" / "journal.db").stat().st_size
    began = time.monotonic()
    async with home_in(tmp_path) as home:
        await go_on(home, [])
        took = time.monotonic() - began
        assert home.operations() == ["CreatePost", "UpdatePost"] and len(like_ours(home)) == 1
    numbers(f"a run resumed in {took:.2f} s beside a journal of {size / 1e9:.2f} GB")
    assert size > 1e9 and took < 5
