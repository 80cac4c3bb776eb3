"""The queue as people read it: whose time, which card a draft belongs to, who decided what."""

import os
import pty
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.commands.test_cli import NOW, SCHEDULE, empty_home, ok, run, told

__all__ = ["empty_home"]


def lines(text: str) -> dict[int, str]:
    """The queue's lines by number."""
    return {int(line.split()[0]): line for line in text.splitlines() if line.split()[:1] and line.split()[0].isdigit()}


def test_times_are_the_accounts_own_with_its_zone(empty_home: Path) -> None:
    ok("run", SCHEDULE + " and Mastodon", *NOW)
    listed = lines(ok("review", "list").stdout)
    berlin, york = (next(line for line in listed.values() if place in line) for place in ("Berlin", "New_York"))
    assert berlin.endswith("(decide before Tue 1 Dec 2026 08:58 Europe/Berlin)")
    assert york.endswith("(decide before Tue 1 Dec 2026 04:00 America/New_York)")  # a week at most
    zones = {item["zone"] for item in told("review", "list", "--json")}
    assert zones == {"", "Europe/Berlin", "America/New_York"}
    shown = ok("review", "show", york.split()[0], *NOW).stdout
    assert "  decide before Tue 1 Dec 2026 04:00 America/New_York\n" in shown


def test_what_has_no_due_time_is_told_in_the_readers_zone(empty_home: Path) -> None:
    ok("run", "Delete the drafts", *NOW)
    ok("run", 'Publish "We are open." on LinkedIn', *NOW)
    card = next(line for line in lines(ok("review", "list").stdout).values() if "Publish now" in line)
    assert card.endswith("(decide before 2026-11-24 11:00 UTC)")


def test_a_draft_names_the_card_that_waits_about_it(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    assert lines(ok("review", "list").stdout)[1].endswith("  (card 2 is about it)")
    ok("review", "reject", "2", *NOW)
    assert "card 2" not in lines(ok("review", "list").stdout)[1]
    ok("review", "schedule", "1", "--at", "2026-12-02 09:00", *NOW)
    assert lines(ok("review", "list").stdout)[1].endswith("  (card 3 is about it)")


def test_a_damaged_card_keeps_nobody_from_the_queue(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    with sqlite3.connect(empty_home / "runs" / "journal.db") as db:
        db.execute("UPDATE records SET body = '{' WHERE kind = 'card'")
    assert lines(ok("review", "list").stdout)[2].endswith(
        "(due 2026-12-01 08:00 UTC, decide before 2026-12-01 07:58 UTC)"
    )
    assert run("runs", "verify").return_value == 10


def test_the_steps_of_a_run_tell_who_decided_what_and_on_which_day(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    ok("review", "reject", "2", "not our tone", "--as", "ben", "--role", "editor", "--now", "2026-11-25T23:30Z")
    steps = ok("runs", "show", "r1").stdout.splitlines()
    assert steps[:2] == ["Times are in Europe/Berlin.", "Tue 24 Nov 2026"] and "Thu 26 Nov 2026" in steps
    assert "00:30:00  rejected  card 2 by ben (editor, cli): not our tone" in steps


def test_going_on_with_what_is_at_its_end_says_so(empty_home: Path) -> None:
    ok("run", 'Draft "We are open." for LinkedIn', *NOW)
    assert "run r1 was at its end: there was nothing to go on with" in ok("runs", "resume", "r1", *NOW).stderr


def test_undoing_says_what_to_approve_and_what_is_gone_already(empty_home: Path) -> None:
    ok("run", 'Draft "We are open." for LinkedIn', *NOW)
    undone = ok("runs", "undo", "r1", *NOW)
    assert "Nothing is taken back yet: psa review approve 2" in undone.stderr
    ok("review", "approve", "2", *NOW)
    again = ok("runs", "undo", "r1", *NOW).stdout
    assert "Post 1023 is not in PostSyncer any more: there is nothing to take back." in again


def on_a_terminal(home: Path, *args: str, asked: bytes = b"", typed: bytes = b"") -> str:
    """What a terminal shows of a command; `typed` is entered once it shows `asked`."""
    here, there = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    command = [sys.executable, "-m", "agent", *args]
    with subprocess.Popen(command, cwd=home, env=environment, stdin=there, stdout=there, stderr=there) as process:
        os.close(there)
        watch = threading.Timer(30, process.kill)
        watch.start()
        seen = b""
        with suppress(OSError):  # the other end is closed
            while piece := os.read(here, 4096):
                seen += piece
                if typed and asked in seen:
                    os.write(here, typed)
                    typed = b""
        process.wait()
        watch.cancel()
    os.close(here)
    assert process.returncode >= 0, "it was killed: it waited for something"
    return seen.decode()


@pytest.mark.slow
def test_what_is_decided_right_after_a_run_is_told(empty_home: Path) -> None:
    seen = on_a_terminal(empty_home, "run", SCHEDULE, *NOW, asked=b"psa> ", typed=b"reject 2 too dull\n")
    assert "card 2: rejected, nothing was sent" in seen


@pytest.mark.slow
def test_a_draft_that_left_the_queue_is_not_offered_for_deletion(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    asked = on_a_terminal(empty_home, "review", "reject", "1", *NOW, asked=b"Type yes", typed=b"no\n")
    assert "out of the queue, post 1023 stays a draft" in asked
    again = on_a_terminal(empty_home, "review", "reject", "1", *NOW)
    assert "already left the queue" in again and "Type yes" not in again


def test_a_card_says_what_can_be_typed_next(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    shown = ok("review", "show", "2", *NOW).stderr
    assert shown.endswith("next: psa review approve 2, edit 2 'other words', or reject 2 'why'\n")
    ok("runs", "undo", "r1", *NOW)
    assert ok("review", "show", "3", *NOW).stderr.endswith("next: psa review approve 3, or reject 3 'why'\n")
    ok("review", "reject", "3", *NOW)
    assert "next:" not in ok("review", "show", "3", *NOW).stderr


def test_without_permissions_it_is_said_where_they_are_told(empty_home: Path) -> None:
    assert "docs/STANDING.md" in ok("policy", "standing").stdout
