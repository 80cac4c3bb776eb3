"""`psa policy standing`, and how reports of runs and nights tell of what went out without a card."""

import asyncio
import json
from pathlib import Path

import pytest

from agent.errors import Declined
from agent.night.morning import morning_blocks
from agent.reports.markdown import markdown_of
from agent.sandbox.faults import Fault
from tests.commands.test_cli import NOW, empty_home, ok, run, told
from tests.gate.test_standing import TIPS, permitted, steps, tip
from tests.house import home_in
from tests.night.nights import night

__all__ = ["empty_home"]


def a_tip(folder: Path, *faults: Fault) -> None:
    async def go() -> None:
        async with permitted(folder) as home:
            home.box.set_faults(faults)
            await tip(home)
            home.box.set_faults([])

    asyncio.run(go())


def test_without_permissions_that_is_said(empty_home: Path) -> None:
    assert "No standing permissions" in ok("policy", "standing", *NOW).stdout
    assert told("policy", "standing", "--json", *NOW) == []


def test_the_list_tells_what_each_did(empty_home: Path) -> None:
    a_tip(empty_home)
    told_line, use, *_ = ok("policy", "standing", *NOW).stdout.splitlines()
    assert told_line.startswith("in force  weekday tips: posts with label 21 on account 101")
    assert "used 1 time in 30 days" in told_line
    assert use.split() == ["2026-11-24", "post", "1023", "applied", "(r1)"]
    [row] = told("policy", "standing", "--json", *NOW)
    assert row["state"] == "in force" and row["uses"] == [
        {"sent_on": "2026-11-24", "post": 1023, "run": "r1", "state": "applied"}
    ]
    assert "standing weekday tips" in ok("policy", "list").stdout
    report = " ".join(ok("runs", "report", "r1").stdout.split())
    assert "without a card, by the standing permission weekday tips" in report and "Standing permission" in report
    (empty_home / "policy.yaml").write_text("name: mine\n", encoding="utf-8")
    assert ok("policy", "standing", *NOW).stdout.startswith("gone      weekday tips: no longer in the policy")


def test_a_revoked_one_is_given_back_by_an_owner(empty_home: Path) -> None:
    a_tip(empty_home, Fault(kind="status", operations=("UpdatePost",), status=422, applied=False))
    listed = ok("policy", "standing", *NOW).stdout
    assert listed.startswith("revoked") and "revoked in r1: rejected" in listed
    assert "psa policy standing allow 'weekday tips'" in listed
    assert "Revoked" in ok("runs", "report", "r1").stdout
    with pytest.raises(Declined, match="Only an owner"):
        raise run("policy", "standing", "allow", "weekday tips", "--role", "editor", *NOW).exception or AssertionError
    given = ok("policy", "standing", "allow", "weekday tips", *NOW)
    assert "is in force again" in given.stdout and "rejected" in given.stdout
    assert ok("policy", "standing", *NOW).stdout.startswith("in force")
    with pytest.raises(Declined, match="is revoked"):
        raise run("policy", "standing", "allow", "weekday tip", *NOW).exception or AssertionError


def test_a_person_takes_one_back_and_an_owner_gives_it_back(empty_home: Path) -> None:
    (empty_home / "policy.yaml").write_text(json.dumps({"standing": [TIPS]}), encoding="utf-8")
    for words, role, why in (
        (("weekday tip",), "editor", "Did you mean"),
        (("weekday tips",), "viewer", "Only an editor"),
        (("weekday tips", "--reason", "x" * 201), "editor", "201 letters"),
    ):
        with pytest.raises(Declined, match=why):
            raise run("policy", "standing", "revoke", *words, "--role", role, *NOW).exception or AssertionError
    said = ok("policy", "standing", "revoke", "weekday tips", "--reason", "too many", "--role", "editor", *NOW)
    assert "is revoked" in said.stdout
    listed = ok("policy", "standing", *NOW).stdout
    assert listed.startswith("revoked") and "taken back by" in listed and "too many" in listed
    with pytest.raises(Declined, match="revoked already"):
        raise run("policy", "standing", "revoke", "weekday tips", *NOW).exception or AssertionError
    assert "too many" in ok("policy", "standing", "allow", "weekday tips", *NOW).stdout
    assert ok("policy", "standing", *NOW).stdout.startswith("in force")


def test_an_ended_one_is_told_as_ended(empty_home: Path) -> None:
    (empty_home / "policy.yaml").write_text(json.dumps({"standing": [{**TIPS, "until": "2026-11-23"}]}))
    assert ok("policy", "standing", *NOW).stdout.startswith("ended ")


def test_the_morning_tells_of_them(tmp_path: Path) -> None:
    async def go() -> str:
        (tmp_path / "policy.yaml").write_text(json.dumps({"standing": [{**TIPS, "unattended": True}]}))
        async with home_in(tmp_path) as home:
            jobs = "jobs:\n  - {name: tips, goal: Draft a tip and schedule it, workspace: 11, at: '09:30'}\n"
            morning = await night(home, jobs, {"tips": steps(home)})
            return markdown_of(morning_blocks(morning), home.house.templates)

    text = asyncio.run(go())
    assert "## Standing permissions" in text and "used 1 time in 30 days" in text
    assert "(by the standing permission weekday tips)" in text
