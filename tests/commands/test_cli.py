"""The command line as people use it: words, exit codes, one JSON value on stdout, wrong input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent.cli import psa
from agent.errors import PsaError
from agent.report import RunReport

NOW = ["--now", "2026-11-24T09:00Z"]
SCHEDULE = 'Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn'


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "POSTSYNCER_API_TOKEN",
        "POSTSYNCER_BASE_URL",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "PSA_MODEL",
        "PSA_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(psa, list(args), input=stdin, standalone_mode=False)


def ok(*args: str) -> Result:
    result = run(*args)
    assert result.exception is None, result.exception
    return result


def told(*args: str) -> Any:
    return json.loads(ok(*args).stdout)


def test_a_goal_becomes_drafts_and_a_report(empty_home: Path) -> None:
    result = ok("run", 'Draft "The kiln is warm again." for LinkedIn and X', *NOW)
    assert "What was done" in result.stdout and "CreatePost" in result.stderr
    assert result.stderr.startswith("psa: sandbox (embedded) · offline planner · policy ")
    assert (empty_home / "runs" / "r1" / "report.md").exists()
    assert (empty_home / "runs" / "r1" / "journal.jsonl").exists()


def test_json_is_one_object_that_fits_the_published_schema() -> None:
    result = ok("run", SCHEDULE, *NOW, "--json")
    report = RunReport.model_validate_json(result.stdout)
    assert report.outcome == "held" and result.return_value == 0
    assert report.cards[0].calls[0].arguments["schedule_for"]["date"] == "2026-12-01"


def test_the_queue_from_list_to_decision() -> None:
    ok("run", SCHEDULE, *NOW)
    items = told("review", "list", "--json")
    assert {item["kind"] for item in items} == {"draft", "card"}
    due = next(item["due"] for item in items if item["kind"] == "card")
    assert due == "2026-12-01T08:00:00Z", "as reports write instants"
    card = next(item["number"] for item in items if item["kind"] == "card")
    shown = ok("review", "show", str(card), *NOW).stdout
    assert "The kiln is warm again." in shown and "Europe/Berlin" in shown
    report = told("review", "approve", str(card), "--as", "ben", "--role", "editor", *NOW, "--json")
    assert report["outcome"] == "done" and report["cards"][0]["decided_by"] == "ben"
    assert told("review", "list", "--json") == []


def test_an_edited_card_goes_out_with_the_new_words(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    (empty_home / "new.txt").write_text("The kiln is warm: come in.")
    card = next(item["number"] for item in told("review", "list", "--json") if item["kind"] == "card")
    report = told("review", "edit", str(card), "--file", "new.txt", *NOW, "--json")
    assert report["effects"][-1]["arguments"]["content"][0]["text"] == "The kiln is warm: come in."


def test_what_is_not_understood_does_nothing() -> None:
    result = ok("run", "Brew me a coffee", *NOW, "--json")
    report = json.loads(result.stdout)
    assert report["outcome"] == "refused" and report["effects"] == [] and result.return_value == 3


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["run", "  "], "empty"),
        (["run", "x" * 100_000], "characters"),
        (["run", "Draft it", "--now", "tomorrow"], "ISO"),
        (["run", "Draft it", "--workspace", "Fern & Cly"], "Fern & Clay"),
        (["review", "approve", "99"], "no 99"),
        (["review", "approve", "x"], "number"),
        (["runs", "show", "r9"], "no run"),
        (["runs", "resume", "r9"], "no run"),
        (["policy", "explain", "post.hashtag"], "post.hashtags"),
    ],
)
def test_wrong_input_gets_words(args: list[str], words: str) -> None:
    result = run(*args)
    assert isinstance(result.exception, PsaError), result.exception
    assert words in str(result.exception)
    assert int(result.exception.exit_code) != 0


def test_settings_halfway_are_named(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSA_MODEL", "gpt-5-mini")
    assert "OPENAI_API_KEY" in str(run("run", "Draft it").exception)
    monkeypatch.delenv("PSA_MODEL")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert "PSA_MODEL" in str(run("run", "Draft it").exception)


@pytest.mark.slow
def test_a_dead_service_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSYNCER_BASE_URL", "http://127.0.0.1:1/api/v1")
    monkeypatch.setenv("POSTSYNCER_API_TOKEN", "1|x")
    result = ok("run", "Draft it", "--json")
    report = json.loads(result.stdout)
    assert report["outcome"] == "failed_safe" and "POSTSYNCER_BASE_URL" in report["why"] and result.return_value == 4


def test_sandbox_switches_are_refused_on_the_real_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSYNCER_BASE_URL", "http://127.0.0.1:1/api/v1")
    monkeypatch.setenv("POSTSYNCER_API_TOKEN", "1|x")
    assert "sandbox" in str(run("run", "Draft it", *NOW).exception)
    assert "sandbox" in str(run("review", "approve", "1", "--as", "ben").exception)


def test_runs_are_listed_shown_and_verified() -> None:
    ok("run", SCHEDULE, *NOW)
    assert told("runs", "list", "--json")[0]["run"] == "r1"
    assert "card" in ok("runs", "show", "r1").stdout
    assert ok("runs", "report", "r1").stdout.startswith("Run r1: waits for you")
    assert told("runs", "verify", "--json")[0]["error"] == ""


def test_two_runs_with_one_clock_give_the_same_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    for name in ("a", "b"):
        folder = tmp_path / name / "home"
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        ok("run", SCHEDULE, *NOW)
        lines.append((folder / "runs" / "r1" / "journal.jsonl").read_text())
    assert lines[0] == lines[1]


def test_policy_and_doctor_and_init(empty_home: Path) -> None:
    rows = told("policy", "list", "--json")
    assert {"id", "sentence", "verdict", "parameters", "source"} <= rows[0].keys()
    assert "hashtag" in ok("policy", "explain", "post.hashtags").stdout
    assert all(found["state"] != "wrong" for found in told("doctor", "--json"))
    ok("init")
    assert "POSTSYNCER_API_TOKEN" in (empty_home / ".env.example").read_text()
    assert "kept" in ok("init").stdout


def test_a_policy_file_with_an_unknown_key_names_line_and_neighbour(empty_home: Path) -> None:
    (empty_home / "policy.yaml").write_text("rulez: {}\n")
    error = run("policy", "list").exception
    assert isinstance(error, PsaError) and "line 1" in error.message and "rules" in error.message


def test_help_starts_light() -> None:
    code = "import sys; from agent.cli import psa; psa.main(['--help'], standalone_mode=False); " + (
        "print([name for name in ('openai', 'starlette', 'httpx') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().endswith("[]")


def test_review_list_starts_without_the_heavy_libraries() -> None:
    code = "import sys; from agent.cli import psa; psa.main(['review', 'list'], standalone_mode=False); " + (
        "print([name for name in ('openai', 'starlette') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().endswith("[]")


def test_of_several_cards_one_that_cannot_be_decided_stops_no_other() -> None:
    ok("run", SCHEDULE, *NOW)
    result = ok("review", "approve", "99,2", *NOW)
    assert "card 99" in result.stderr and "card 2: applied" in result.stdout and result.return_value == 1
