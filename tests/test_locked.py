"""A file that another process holds: told as that, with the process, and never as a full disk."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.api.limits import SqliteBudget
from agent.errors import JournalError, SettingsError
from agent.journal.store import open_store
from agent.locked import holder, locked

HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
#: Where locks are not told, nobody can be named.
TOLD = Path("/proc/locks").exists()


@contextmanager
def held(path: Path) -> Iterator[int]:
    """Another process that writes to the file; gives its number."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process.pid
        finally:
            process.stdin.close()


@pytest.mark.slow
def test_a_journal_that_another_process_writes_to_names_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with held(tmp_path / "runs" / "journal.db") as pid, pytest.raises(JournalError) as busy:
        store.set_stopped(True)
    who = f"process {pid} (-c " if TOLD else "another process"
    assert f"journal.db is busy: 5 seconds were waited for {who}" in busy.value.message
    assert "Try again" in busy.value.hint and "disk" not in str(busy.value)
    store.set_stopped(True)
    assert store.stopped
    store.close()


def test_a_rate_budget_that_another_process_holds_names_it(tmp_path: Path) -> None:
    path = tmp_path / "budget.db"
    budget = SqliteBudget(path, "token", patience=0.05)
    with held(path) as pid, pytest.raises(SettingsError) as busy:
        budget.reserve(1000.0, person=True)
    who = f"process {pid}" if TOLD else "another process"
    assert f"budget.db is busy: {who}" in busy.value.message and "disk" not in str(busy.value)
    assert budget.reserve(1000.0, person=True) == 1000.0
    budget.close()


def test_nobody_is_named_where_locks_are_not_told(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    path.touch()
    assert holder(path, tmp_path / "no-locks") == "another process"
    odd = tmp_path / "locks"
    odd.write_text(f"1: POSIX ADVISORY READ 1 08:01:{path.stat().st_ino} 0 EOF\nsomething else\n\n")
    assert holder(path, odd) == "another process"


def test_other_errors_are_no_lock() -> None:
    assert not locked(None) and not locked(OSError("disk I/O error"))
