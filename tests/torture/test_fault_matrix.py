"""The fault matrix, row by row: each fault is provoked, and the contract of effects compared afterwards."""

import ast
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.journal import records as r
from agent.journal.store import open_store
from agent.sandbox.faults import Fault
from agent.sandbox.state import State
from agent.sandbox.world import load_world
from tests.contract import Tally, assert_contract
from tests.house import home_in
from tests.night.test_two_processes import served
from tests.torture import fault_checks_crash as crash
from tests.torture.bench import TEXT, Bench, carded, go_on, like_ours
from tests.torture.fault_rows import ROWS, Row
from tests.torture.test_journal_damage import psa as in_process

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


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.anyio
async def test_a_process_without_memory_is_as_good_as_killed(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    bench = Bench(tmp_path)
    amounts = (0, 1, 2, 3, 5, 8, 12, 16, 20, 30, 40, 80, 160, 320, 640)
    died = [kilobytes for kilobytes in amounts if await crash.out_of_memory(bench, kilobytes)]
    numbers(f"{len(died)} of {len(amounts)} processes died without memory: {bench.tally.line(bench.cases)}")
    assert len(died) > 3 and bench.tally.effects == len(amounts)


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_a_process_without_files_is_as_good_as_killed(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    """From hardly any open file allowed to enough for the whole goal."""
    goal, now, codes, tally = f'Draft "{TEXT}" for LinkedIn', ["--now", "2026-11-24T09:00Z"], [], Tally()
    for files in range(4, 28):
        home = tmp_path / str(files)
        home.mkdir()
        environment = {name: text for name, text in os.environ.items() if not name.startswith(("POSTSYNCER", "PSA"))}
        environment |= {"PSA_HOME": str(home), "XDG_STATE_HOME": str(tmp_path / "state")}

        def few(most: int = files) -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        command = [sys.executable, "-m", "agent", "run", goal, *now]
        done = subprocess.run(command, env=environment, cwd=TESTS.parent, capture_output=True, preexec_fn=few)
        codes.append(done.returncode)
        rows = json.loads(in_process(home, "runs", "list", "--json")[1])
        code, told = in_process(home, "runs", "resume", "r1", *now) if rows else in_process(home, "run", goal, *now)
        if "before it had a goal" in told:
            code, told = in_process(home, "run", goal, *now)
        assert code == 0, (files, told)
        box, store = State.open(home / "runs" / "sandbox.db"), open_store(home)
        found = assert_contract(box, store)
        assert found.effects == 1, files
        tally.add(found)
        box.close()
        store.close()
    numbers(f"exit codes {sorted(set(codes))} with few files: {tally.line(len(codes))}")
    assert 0 in codes and len(set(codes)) > 1


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
