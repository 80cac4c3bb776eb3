"""`psa watch`, `review again`, `runs undo`, `export` and `import` as people use them: words, files, exit codes."""

import json
import sqlite3
from pathlib import Path

import pytest

from agent.errors import Corrupt, Declined, SettingsError
from agent.sandbox.edits import Edit
from agent.sandbox.state import State
from tests.commands.test_cli import NOW, SCHEDULE, empty_home, ok, run, told

__all__ = ["empty_home"]

LATER = ["--now", "2026-12-01T08:30Z"]


def approved() -> None:
    ok("run", SCHEDULE, *NOW)
    ok("review", "approve", "2", *NOW)


def behind(home: Path, **edit: object) -> None:
    state = State.open(home / "runs" / "sandbox.db")
    state.edit(Edit.model_validate({"post": 1023} | edit))
    state.close()


def test_watching_tells_what_is_out_and_when_the_next_is_due(empty_home: Path) -> None:
    approved()
    early = ok("watch", *NOW)
    assert "No post was due" in early.stdout and "Next: a post is due 2026-12-01 08:00 UTC" in early.stderr
    late = ok("watch", *LATER)
    assert late.return_value == 0 and "is out on LinkedIn (Fern & Clay)" in late.stdout
    assert told("watch", "--json", *LATER) == {"posts": [], "next": None}
    assert "Read back after the due time" in ok("runs", "report", "r1").stdout


def test_scanning_ends_the_hold_for_posts_that_were_never_read(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    told_all = ok("scan", *NOW)
    assert told_all.stdout.startswith("All posts are read: ") and "page 1" in told_all.stderr
    row = told("scan", "--json", *NOW)
    assert row["whole"] is True and f"{row['posts']} posts" in told_all.stdout


def test_watching_a_post_that_is_gone_fails_and_leaves_a_task(empty_home: Path) -> None:
    approved()
    behind(empty_home, delete=True)
    gone = ok("watch", *LATER)
    assert gone.return_value == 8 and "GONE" in gone.stdout and "psa review show 3" in gone.stdout
    assert "draft it anew" in ok("review", "show", "3").stdout


def test_a_void_card_says_how_to_ask_again(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    behind(empty_home, text="Other words.")
    void = ok("review", "approve", "2", *NOW)
    assert void.return_value == 1 and "`psa review again 2` makes a new card from what stands now" in void.stdout
    again = ok("review", "again", "2", *NOW)
    assert "Other words." in again.stderr and "note: Card 2 asked for this before" in again.stderr
    assert ok("review", "approve", "3", *NOW).stdout.startswith("card 3: applied")
    with pytest.raises(Declined, match="is done"):
        raise run("review", "again", "3", *NOW).exception or AssertionError("it was asked for again")


def test_a_command_for_another_kind_of_item_is_told_the_right_one(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    refused = run("review", "approve", "1", *NOW).exception
    assert isinstance(refused, Declined) and "1 is a draft, not a card." in str(refused)
    assert refused.hint == "For a draft: `psa review schedule 1 --at 'YYYY-MM-DD HH:MM'`."


def test_undoing_proposes_cards(empty_home: Path) -> None:
    approved()
    undone = ok("runs", "undo", "r1", *NOW)
    assert undone.stdout.startswith("card 3    Draft on LinkedIn") and "Card 3: Delete post 1023" in undone.stdout
    data = told("runs", "undo", "r1", "--json", *NOW)
    assert [one["state"] for one in data["effects"]] == ["card"]
    assert "changed nothing" in ok("runs", "undo", "r2", *NOW).stderr + ok("runs", "undo", "r2", *NOW).stdout
    assert isinstance(run("runs", "undo", "r99", *NOW).exception, SettingsError)


def test_runs_go_to_another_home_and_nothing_is_lost(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    approved()
    ok("runs", "export", "--to", "backup.jsonl")
    assert ok("runs", "export").stdout == (empty_home / "backup.jsonl").read_text(encoding="utf-8")
    report = told("runs", "report", "r1", "--json")
    other = empty_home.parent / "other"
    other.mkdir()
    monkeypatch.setenv("PSA_HOME", str(other))
    assert "records taken in" in ok("runs", "import", "backup.jsonl").stdout
    assert "was here already" in ok("runs", "import", "backup.jsonl").stdout
    assert told("runs", "report", "r1", "--json") == report
    assert told("runs", "verify", "--json")[0]["mirror_mended"] is False
    assert list((other / "runs" / "r1" / "before").glob("*.json"))
    text = (empty_home / "backup.jsonl").read_text(encoding="utf-8")
    (empty_home / "broken.jsonl").write_text(text.replace("Tuesday", "Monday"), encoding="utf-8")
    assert isinstance(run("runs", "import", "broken.jsonl").exception, Corrupt)
    assert isinstance(run("runs", "export", "--to", "nowhere/x.jsonl").exception, SettingsError)


def test_stopping_and_going_on_names_what_was_halted(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    assert "nothing is sent" in ok("stop").stdout
    halted = run("review", "approve", "2", *NOW).exception
    assert halted is not None and "Recorded, not sent." in str(halted)
    assert "r1 stands where it was halted: `psa runs resume r1`" in ok("resume-all").stdout
    assert json.loads(ok("runs", "resume", "r1", "--json", *NOW).stdout)["outcome"] == "done"


def test_a_clock_that_jumped_back_is_said_and_may_be_trusted(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    ok("review", "approve", "2", "--no-advance", *NOW)
    yesterday = ["--now", "2026-11-23T09:00Z"]
    refused = run("runs", "resume", "r1", *yesterday).exception
    assert isinstance(refused, SettingsError) and "--trust-clock" in refused.hint
    ok("runs", "resume", "r1", "--trust-clock", *yesterday)
    assert "the clock was wrong then" in ok("review", "list", "--all").stdout + ok("runs", "show", "r1").stdout


def test_a_journal_that_lost_its_end_is_found_by_its_mirror(empty_home: Path) -> None:
    approved()
    db = sqlite3.connect(empty_home / "runs" / "journal.db")
    last = db.execute("SELECT max(seq) FROM records").fetchone()[0]
    db.execute("DELETE FROM records WHERE seq > ?", (last - 2,))
    db.commit()
    told = ok("runs", "verify")
    assert told.return_value == 10 and f"ends at record {last - 2}, but its journal.jsonl goes on" in told.stdout
    (empty_home / "runs" / "r1" / "journal.jsonl").unlink()
    assert ok("runs", "verify").return_value == 0
