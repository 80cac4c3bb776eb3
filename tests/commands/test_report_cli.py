"""`psa runs report` as people see it: on a terminal, in a pipe, as JSON, where nothing can be written."""

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from agent.cli import psa
from agent.report import RunReport
from tests.house import call, finish, home_in
from tests.numbers import read_posts

GOAL = 'Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn'
NOW = ["--now", "2026-11-24T09:00Z"]


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("POSTSYNCER_", "OPENAI_", "PSA_")) or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


def run(*args: str) -> Result:
    result = CliRunner().invoke(psa, list(args), standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def with_numbers(home: Path) -> None:
    """A home whose first run read the numbers of three posts."""

    async def go() -> None:
        async with home_in(home) as house:
            await house.run("How did it go?", [[call("find_posts")], read_posts(1001, 1002, 1013), finish("Well.")])

    asyncio.run(go())


def process(*args: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, its output in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "agent", *args], capture_output=True, env=os.environ | environment, check=True
    )


def terminal(*args: str, **environment: str) -> str:
    """What a process writes to a terminal of 60 columns."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, True)
    code = f"import termios; termios.tcsetwinsize({theirs}, (24, 60))"
    subprocess.run([sys.executable, "-c", code], pass_fds=[theirs], check=True)
    child = subprocess.Popen(
        [sys.executable, "-m", "agent", *args],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"TERM": "xterm-256color"} | environment,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    assert child.wait() == 0
    return said.decode().replace("\r\n", "\n")


def test_the_end_of_a_run_and_its_report_tell_the_same(empty_home: Path) -> None:
    told = run("run", GOAL, *NOW).stdout
    again = run("runs", "report", "r1").stdout
    assert again.strip() in told and again.startswith("Run r1: waits for you (held)\n")
    assert "psa review approve 2" in again and "Tue 1 Dec 2026 08:58 Europe/Berlin" in again
    assert "##" not in again and "**" not in again and "\x1b" not in again


def test_json_is_one_object_and_markdown_is_the_file(empty_home: Path) -> None:
    run("run", GOAL, *NOW)
    value = json.loads(run("runs", "report", "r1", "--json").stdout)
    assert RunReport.model_validate(value).zone == "Europe/Berlin"
    printed = run("runs", "report", "r1", "--markdown").stdout
    assert printed.strip() == (empty_home / "runs" / "r1" / "report.md").read_text().strip()


def test_the_file_is_brought_up_to_date_after_a_decision(empty_home: Path) -> None:
    run("run", GOAL, *NOW)
    run("review", "approve", "2", *NOW)
    run("runs", "report", "r1")
    text = (empty_home / "runs" / "r1" / "report.md").read_text()
    assert "Waits for you" not in text and "**done**: Schedule on LinkedIn" in text


@pytest.mark.slow
def test_a_terminal_gets_its_width_and_colours_unless_they_are_unwanted(empty_home: Path) -> None:
    with_numbers(empty_home)
    colourful = terminal("runs", "report", "r1")
    assert "\x1b[1m" in colourful and "█" in colourful
    plain = terminal("runs", "report", "r1", NO_COLOR="1")
    assert "\x1b" not in plain and plain == re.sub(r"\x1b\[[0-9;]*m", "", colourful)
    assert max(cell_len(line) for line in plain.splitlines()) <= 60
    assert "\x1b" not in terminal("runs", "report", "r1", TERM="dumb")


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"FORCE_COLOR": "1"},
        {"COLUMNS": "40"},
        pytest.param({}, marks=pytest.mark.torture),
        pytest.param({"COLUMNS": "400"}, marks=pytest.mark.torture),
    ],
)
def test_a_pipe_gets_plain_text(empty_home: Path, environment: dict[str, str]) -> None:
    with_numbers(empty_home)
    text = process("runs", "report", "r1", **environment).stdout.decode()
    assert "\x1b" not in text and "█" in text
    assert max(cell_len(line) for line in text.splitlines()) <= min(int(environment.get("COLUMNS", "80")), 120)


@pytest.mark.slow
def test_an_encoding_without_blocks_gets_a_readable_report(empty_home: Path) -> None:
    with_numbers(empty_home)
    text = process("runs", "report", "r1", PYTHONIOENCODING="ascii").stdout.decode("ascii")
    assert "####" in text and "How fresh they are:" in text


def test_a_folder_that_cannot_be_written_keeps_nobody_from_reading(empty_home: Path) -> None:
    run("run", GOAL, *NOW)
    report = empty_home / "runs" / "r1" / "report.md"
    report.unlink()
    report.mkdir()
    result = run("runs", "report", "r1")
    assert result.stdout.startswith("Run r1") and "cannot be written" in result.stderr
    (empty_home / "runs" / "r2").write_text("in the way")
    result = run("run", GOAL, *NOW)
    assert "Run r2: waits for you" in result.stdout and "`psa runs report r2`" in result.stderr


def test_the_steps_of_a_run_say_in_which_zone_their_times_are(empty_home: Path) -> None:
    run("run", GOAL, *NOW)
    lines: list[Any] = run("runs", "show", "r1").stdout.splitlines()
    assert lines[:2] == ["Times are in Europe/Berlin.", "Tue 24 Nov 2026"] and lines[2].startswith("10:00:00  goal")
    assert any("read      post 10" in line for line in lines)


def test_live_progress_gives_a_reason_once_a_turn(empty_home: Path) -> None:
    steps = run("run", 'Delete the drafts called "test"', *NOW).stderr
    assert steps.count("is deleted for good") == 1 and steps.count("(for the same reason)") == 3
