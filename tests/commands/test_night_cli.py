"""`psa night` as people use it: what is due, the report on paper and as JSON, wrong input, ending a loop."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import PsaError
from agent.journal.files import write_night
from agent.night.told import NightTold
from tests.commands.test_cli import NOW, empty_home, ok, run, told

__all__ = ["empty_home"]

JOBS = """\
jobs:
  - {name: hours, goal: 'Draft "We open at nine." for LinkedIn', workspace: Fern & Clay, at: "22:00"}
  - {name: mugs, goal: 'Schedule "New <b>mugs</b>." for next Tuesday 9:00 on LinkedIn', workspace: 11, at: "03:00"}
"""


@pytest.fixture(autouse=True)
def jobs(empty_home: Path) -> Path:
    path = empty_home / "jobs.yaml"
    path.write_text(JOBS)
    return path


def test_a_night_is_told_with_what_waits_and_where_it_stands(empty_home: Path) -> None:
    result = ok("night", *NOW)
    assert result.return_value == 0 and "hours 2026-11-23: done" in result.stdout
    assert re.search(r"card 3 +Schedule on LinkedIn", result.stdout) and re.search(r"\[r2#\d+\]", result.stdout)
    assert "due            Tue 1 Dec 2026 09:00 Europe/Berlin" in result.stdout
    assert "hours                goal" in result.stderr
    [report] = (empty_home / "runs" / "nights").glob("*.md")
    text = report.read_text()
    run_id, seq = re.findall(r"\(\[(r\d+) (\d+)\]\(\.\./", text)[0]
    line = (empty_home / "runs" / run_id / "journal.jsonl").read_text().splitlines()[int(seq) - 1]
    assert json.loads(line)["seq"] == int(seq)
    assert json.loads(ok("runs", "show", run_id, "--record", seq).stdout) == json.loads(line)
    assert (empty_home / "runs" / run_id / "report.md").is_file()
    assert "<b>" not in text and "&lt;b&gt;mugs" in text


def test_json_is_one_object_and_what_is_done_is_not_done_again() -> None:
    report = NightTold.model_validate(told("night", *NOW, "--json"))
    assert [job.outcome for job in report.jobs] == ["held", "done"]
    again = NightTold.model_validate(told("night", *NOW, "--json"))
    assert again.jobs == () and len(again.already) == 2
    assert again.next is not None and again.next.job == "hours"
    assert "Nothing is due" in ok("night", *NOW).stdout


def test_a_dry_run_begins_nothing(empty_home: Path) -> None:
    result = ok("night", "--dry-run", *NOW)
    assert "due Mon 2026-11-23 22:00 Europe/Berlin" in result.stdout and result.return_value == 0
    assert told("runs", "list", "--json") == []
    rows = told("night", "--dry-run", "--json", *NOW)["jobs"]
    assert [(row["job"], row["state"]) for row in rows] == [("hours", "new"), ("mugs", "new")]


def test_a_lost_job_is_in_the_exit_code(jobs: Path) -> None:
    jobs.write_text(JOBS.replace("workspace: 11", "workspace: 13"))
    result = ok("night", *NOW)
    assert result.return_value == 4 and "mugs: lost" in result.stdout and 'no workspace "13"' in result.stdout


def test_a_night_that_could_begin_nothing_has_one_report_a_day(empty_home: Path) -> None:
    ok("stop")
    result = ok("night")
    assert result.return_value == 6 and "psa resume-all" in result.stdout
    [report] = (empty_home / "runs" / "nights").glob("*.md")
    assert report.stem.endswith("not-begun") and "Put off" in report.read_text()
    again = write_night(empty_home / "runs", datetime.now(UTC), "Put off again.", begun=False)
    assert again == report and report.read_text() == "Put off again."


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["night", "nowhere.yaml"], "psa init"),
        (["night", "--loop", "--json"], "--loop"),
        (["night", "--now", "tonight"], "ISO"),
    ],
)
def test_wrong_input_gets_words(args: list[str], words: str) -> None:
    error = run(*args).exception
    assert isinstance(error, PsaError) and words in str(error)


def test_a_bad_key_names_line_and_neighbour(jobs: Path) -> None:
    jobs.write_text(JOBS.replace("at:", "att:"))
    error = run("night").exception
    assert isinstance(error, PsaError) and "jobs.yaml, line 2" in str(error) and '"at"' in str(error)


@pytest.mark.slow
def test_a_loop_does_what_is_due_then_sleeps_and_ends_at_once(empty_home: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    psa = [sys.executable, "-m", "agent", "night", "--loop"]
    with subprocess.Popen(psa, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        asleep = next(line for line in lines if "sleeping until" in line)
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=5)
    assert "Ctrl-C ends it" in asleep and process.returncode == 5 and "stopped" in rest
    # The reading of all posts, that of the numbers, and two jobs.
    assert sorted(row["outcome"] for row in told("runs", "list", "--json")) == ["done", "done", "done", "held"]
