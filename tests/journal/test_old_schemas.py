"""Journals of every earlier schema are opened, brought up to date, decided on and carried out by the present code."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from agent.clock import FrozenClock
from agent.errors import Declined, JournalError
from agent.journal import ledger_tables
from agent.journal.run import Run
from agent.journal.store import SCHEMA_VERSION, open_store
from agent.planner.scripted import ScriptedModel
from agent.report import report_of
from agent.sandbox.state import State
from agent.sandbox.world import World
from tests.house import NOW, call, finish, home_in

KEPT = Path(__file__).parent / "fixtures"
ROOT = Path(__file__).parent.parent.parent
#: The schemas that homes may still have.
OLD = tuple(sorted(int(path.stem.partition("-")[2]) for path in KEPT.glob("schema-*.sql")))
ALL = ("open", "approved", "rejected", "void", "done")


def old_home(folder: Path, version: int) -> Path:
    """A home as that version left it; returns its journal."""
    runs = folder / "runs"
    runs.mkdir(parents=True)
    db = sqlite3.connect(runs / "journal.db")
    db.executescript((KEPT / f"schema-{version}.sql").read_text(encoding="utf-8"))
    db.execute(f"PRAGMA user_version = {version}")
    db.commit()
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    world = World.model_validate_json((KEPT / f"world-{version}.json").read_text(encoding="utf-8"))
    State.create(runs / "sandbox.db", world, NOW).close()
    return runs / "journal.db"


def told(path: Path) -> dict[str, object]:
    """All that a journal file holds, without changing it: its version, and its tables by name."""
    db = sqlite3.connect(path)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    rows = {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names}  # noqa: S608 - their own names
    version = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return {"version": version, **rows}


def test_every_schema_up_to_the_present_one_is_kept() -> None:
    assert set(range(1, SCHEMA_VERSION)) <= set(OLD)


@pytest.mark.parametrize("version", OLD)
def test_an_old_journal_is_brought_up_to_date(version: int, tmp_path: Path) -> None:
    journal = old_home(tmp_path, version)
    before = told(journal)
    store = open_store(tmp_path)
    runs = [row.run for row in store.ledger.runs()]
    assert [store.verify(run) for run in runs] and all(store.verify(run) > 3 for run in runs)
    items = {item.number: (item.kind, item.state) for item in store.ledger.items(ALL)}
    store.close()
    after = told(journal)
    assert after["version"] == SCHEMA_VERSION
    for untouched in ("records", "blobs", "meta"):
        assert after[untouched] == before[untouched]
    # The old ledger's rows told the same of the queue.
    kinds = sqlite3.connect(":memory:")
    kinds.executescript((KEPT / f"schema-{version}.sql").read_text(encoding="utf-8"))
    assert items == {
        number: (kind, state) for number, kind, state in kinds.execute("SELECT number, kind, state FROM items")
    }
    assert {("card", "done"), ("card", "rejected"), ("card", "approved"), ("card", "open")} <= set(items.values())
    assert {("task", "open"), ("question", "open"), ("draft", "open"), ("draft", "done")} <= set(items.values())


@pytest.mark.parametrize("version", OLD)
def test_the_ledger_is_the_one_that_the_records_give(version: int, tmp_path: Path) -> None:
    journal = old_home(tmp_path, version)
    open_store(tmp_path).close()
    before = told(journal)
    store = open_store(tmp_path)
    entries = [
        (entry.run, entry.seq, entry.at.isoformat(timespec="microseconds"), entry.record)
        for row in reversed(store.ledger.runs())
        for entry in store.read(row.run)
    ]
    store.close()
    db = sqlite3.connect(journal)
    with db:
        ledger_tables.rebuild(db, entries)
    db.close()
    assert told(journal) == before


@pytest.mark.parametrize("version", OLD)
def test_a_report_of_an_old_run_is_drawn(version: int, tmp_path: Path) -> None:
    old_home(tmp_path, version)
    store = open_store(tmp_path)
    for row in store.ledger.runs():
        report = report_of(Run.load(store, row.run, FrozenClock(NOW)).state)
        assert report.run == row.run and report.model_dump_json()
    store.close()


@pytest.mark.anyio
@pytest.mark.parametrize("version", OLD)
async def test_open_cards_of_an_old_journal_are_decided_and_carried_out(version: int, tmp_path: Path) -> None:
    old_home(tmp_path, version)
    async with home_in(tmp_path) as home:
        store = home.house.store
        waiting = {item.number: item for item in store.ledger.items() if item.kind == "card"}
        sent: list[str] = []
        for number, item in sorted(waiting.items()):
            # The first decision also sends what an older version had approved and not sent.
            confirm = "2" if item.title.startswith("2 calls") else ""
            run = await home.reviewer().approve(number, confirm, ())
            view = run.state.cards[number]
            sent = home.operations()
            assert view.state == "done" or (view.state == "void" and view.says), view
        assert sent.count("UpdatePost") == 2 and sent.count("DeletePost") == 2
        left = {item.kind: item for item in store.ledger.items() if item.kind in {"task", "question"}}
        home.reviewer().close_task(left["task"].number, "it was not carried out")
        hours = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm, come and see.")
        answered = await home.reviewer(steps=[[hours], finish()]).answer(left["question"].number, "About the kiln.")
        assert home.report(answered).outcome == "done" and home.operations()[-1] == "CreatePost"
        with pytest.raises(Declined, match="already carried out"):
            await home.reviewer().approve(min(waiting), "", ())
        assert store.verify("r1") == answered.state.seq and store.ledger.unsettled() == []


@pytest.mark.anyio
async def test_a_night_that_an_older_version_put_off_goes_on(tmp_path: Path) -> None:
    old_home(tmp_path, 2)
    async with home_in(tmp_path) as home:
        home.box.advance(600)
        [row] = home.house.store.ledger.unfinished_jobs(home.house.service)
        assert (row.job, row.date, row.outcome) == ("hours", "2026-11-23", "deferred")
        hours = call("draft_post", workspace_id=11, accounts=[101], text="Hours.")
        run = Run.load(home.house.store, row.run, home.house.clock)
        assert await home.house.planner(ScriptedModel([[hours], finish()])).advance(run) == "done"
        assert home.operations() == ["CreatePost"]


def test_a_newer_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    journal = old_home(tmp_path, OLD[-1])
    db = sqlite3.connect(journal)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    before = told(journal)
    with pytest.raises(JournalError, match=f"has schema {SCHEMA_VERSION + 1}; this version knows {SCHEMA_VERSION}"):
        open_store(tmp_path)
    assert told(journal) == before


#: Dies inside the upgrade, at the n-th record that the ledger takes in.
DIES = """
import os, sys
from pathlib import Path
from agent.journal import ledger_tables
from agent.journal.store import open_store
usual, left = ledger_tables.project, int(sys.argv[2])
def project(*args):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)
    usual(*args)
ledger_tables.project = project
open_store(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("version", [one for one in OLD if one < SCHEMA_VERSION])
def test_an_upgrade_that_is_killed_leaves_the_old_version_as_it_was(version: int, tmp_path: Path) -> None:
    journal = old_home(tmp_path, version)
    before = told(journal)
    command = [sys.executable, "-c", DIES, str(tmp_path), "50"]
    died = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT)
    assert died.returncode == -9
    assert told(journal) == before
    store = open_store(tmp_path)
    assert store.verify("r1") > 0
    store.close()
    assert told(journal)["version"] == SCHEMA_VERSION
