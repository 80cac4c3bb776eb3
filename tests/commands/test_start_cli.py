"""The first day: what `psa init` writes is usable as it stands and as it suggests, and `psa doctor` names the ids."""

import re
from pathlib import Path

import pytest

from tests.commands.test_cli import NOW, empty_home, ok, run, told

__all__ = ["empty_home"]


def test_the_home_is_where_init_writes_wherever_it_is_called(
    empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "elsewhere" / "home"
    monkeypatch.setenv("PSA_HOME", str(home))
    out = ok("init").stdout
    assert out.startswith(f"home     {home}\n") and (home / "policy.yaml").is_file()
    assert not (empty_home / "policy.yaml").exists()
    assert "kept     policy.yaml" in ok("init").stdout


def test_every_example_of_the_first_policy_can_be_used_as_it_stands(empty_home: Path) -> None:
    ok("init")
    policy = empty_home / "policy.yaml"
    text = policy.read_text()
    used = re.sub(r"^( *)#(?=\S)", r"\1", text, flags=re.MULTILINE)
    assert text.count("#") - used.count("#") == 6
    policy.write_text(used)
    rows = {row["id"]: row["parameters"] for row in told("policy", "list", "--json")}
    assert rows["time.quiet"] == {"start": "20:00", "end": "08:00"} and rows["words.blocked"]["words"] != []
    ok("run", 'Draft "Hello." for X', *NOW)
    (empty_home / "post.txt").write_text("Not cheap at all. #a #b")
    found = run("policy", "check", "post.txt", "--on", "102", "--at", "2026-12-31 21:00", *NOW).stdout
    assert all(rule in found for rule in ("words.blocked", "time.blackout", "time.quiet", "post.hashtags"))


def test_a_job_of_a_workspace_that_is_not_there_says_what_to_correct(empty_home: Path) -> None:
    ok("init")
    told = " ".join(ok("night", "--dry-run", *NOW).stdout.split())
    assert "11 Fern & Clay" in told and "Correct `workspace:` of this job." in told
    jobs = empty_home / "jobs.yaml"
    jobs.write_text(jobs.read_text().replace("My workspace", "Fern & Clay"))
    assert ok("night", "--dry-run", *NOW).return_value == 0


def test_somebody_who_may_log_in_gets_a_password_from_a_file(empty_home: Path) -> None:
    (empty_home / "password").write_text("kiln and wheel\n")
    assert "ana may log in as editor" in ok("users", "set", "ana", "--password-file", "password").stdout
    assert told("users", "list", "--json") == [{"name": "ana", "role": "editor"}]


def test_doctor_names_the_ids_that_policies_and_jobs_want(empty_home: Path) -> None:
    lines = ok("doctor").stdout.splitlines()
    assert "ok     workspace 11 is Fern & Clay, Europe/Berlin" in lines
    accounts = next(line for line in lines if line.startswith("ok     accounts of 11: "))
    assert "101 linkedin Fern & Clay" in accounts and "201 " not in accounts
    labels = next(line for line in lines if line.startswith("ok     labels of 11: "))
    assert re.search(r"\b\d+ \w+", labels.partition(": ")[2])
