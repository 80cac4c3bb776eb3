"""The store: append-only, chained, refused on conflict, readable again."""

import json
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from agent.clock import FrozenClock
from agent.errors import Conflict, Corrupt, Halted, JournalError
from agent.journal import ledger_tables
from agent.journal import records as r
from agent.journal.lease import advancing, lease
from agent.journal.ledger import RunsLike
from agent.journal.run import Run
from agent.journal.store import GENESIS, INLINE_BYTES, SCHEMA_VERSION, chain, line_of
from tests.journal.helpers import NOW, goal, opened, store_in


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened(), goal()], NOW)
    store.append(run, 2, [r.Stopped(who="ana")], NOW + timedelta(seconds=1))
    entries = list(store.read(run))
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.record.kind for entry in entries] == ["opened", "goal", "stopped"]
    assert entries[0].record == opened()
    assert store.verify(run) == 3


def test_a_second_writer_is_refused_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    first, second = store_in(tmp_path), store_in(tmp_path)
    run = first.new_run()
    first.append(run, 0, [opened()], NOW)
    second.append(run, 1, [goal("second")], NOW)
    with pytest.raises(Conflict):
        first.append(run, 1, [goal("first"), r.Stopped(who="ana")], NOW)
    assert [entry.record.kind for entry in first.read(run)] == ["opened", "goal"]


def test_an_outcome_lands_whatever_was_written_meanwhile(tmp_path: Path) -> None:
    first, second = store_in(tmp_path), store_in(tmp_path)
    run = first.new_run()
    first.append(run, 0, [opened(), goal()], NOW)
    second.append(run, 2, [r.Stopped(who="ben")], NOW)
    first.append_anyway(run, [r.Said(goal=1, text="done")], NOW)
    assert [entry.record.kind for entry in second.read(run)][-2:] == ["stopped", "said"]
    assert second.verify(run) == 4


@pytest.mark.parametrize("column", ["body", "at", "hash"])
def test_a_changed_record_is_found_and_named(tmp_path: Path, column: str) -> None:
    store = store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened(), goal(), r.Stopped(who="ana")], NOW)
    db = sqlite3.connect(tmp_path / "runs" / "journal.db")
    statement = "UPDATE records SET COLUMN = replace(COLUMN, substr(COLUMN, 12, 1), '9') WHERE seq = 2"
    db.execute(statement.replace("COLUMN", column))
    db.commit()
    with pytest.raises(Corrupt, match=r"record [23]"):
        store.verify(run)


def test_a_removed_record_is_found(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened(), goal(), r.Stopped(who="ana")], NOW)
    db = sqlite3.connect(tmp_path / "runs" / "journal.db")
    db.execute("DELETE FROM records WHERE seq = 2")
    db.commit()
    with pytest.raises(Corrupt):
        store.verify(run)


def test_long_texts_are_kept_once_by_hash(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    long = "ä" * INLINE_BYTES * 2
    assert store.keep("short") == "short"
    name = store.keep(long)
    assert name.startswith("blob:") and store.keep(long) == name and store.load(name) == long
    assert store.load(store.keep("blob:looks like a name")) == "blob:looks like a name"
    db = sqlite3.connect(tmp_path / "runs" / "journal.db")
    db.execute("UPDATE blobs SET body = body || 'x'")
    db.commit()
    with pytest.raises(Corrupt):
        store.load(name)


def test_numbers_of_the_queue_and_of_runs_are_never_given_twice(tmp_path: Path) -> None:
    first, second = store_in(tmp_path), store_in(tmp_path)
    assert [first.new_items(2), second.new_items(1), first.new_items(1)] == [1, 3, 4]
    assert [first.new_run(), second.new_run()] == ["r1", "r2"]


def test_a_stopped_home_takes_no_intent(tmp_path: Path) -> None:
    store, other = store_in(tmp_path), store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened()], NOW)
    other.set_stopped(True)
    with pytest.raises(Halted, match="resume-all"):
        store.append(run, 1, [goal()], NOW, unless_stopped=True)
    store.append(run, 1, [goal()], NOW)
    other.set_stopped(False)
    store.append(run, 2, [goal()], NOW, unless_stopped=True)


def test_the_mirror_shows_every_record_and_can_be_made_anew(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened(), goal("naïve 🚀")], NOW)
    lines = (tmp_path / "runs" / run / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines == store.mirror(run)
    assert json.loads(lines[1])["record"]["text"] == "naïve 🚀"


def test_a_lease_is_held_by_one_until_it_is_over(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    later = NOW + timedelta(minutes=1)
    assert store.lease("r1", "a", NOW, later) == "a"
    assert store.lease("r1", "b", NOW, later) == "a"
    assert store.lease("r1", "a", NOW, later) == "a"
    assert store.lease("r1", "b", later, later + timedelta(minutes=1)) == "b"
    store.release("r1", "b")
    assert store.lease("r1", "a", NOW, later) == "a"


def test_a_journal_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    store_in(tmp_path).close()
    db = sqlite3.connect(tmp_path / "runs" / "journal.db")
    db.execute("PRAGMA user_version = 99")
    db.commit()
    with pytest.raises(JournalError, match=f"knows {SCHEMA_VERSION}"):
        store_in(tmp_path)


def test_a_date_of_a_job_is_run_once(tmp_path: Path) -> None:
    store, other = store_in(tmp_path), store_in(tmp_path)
    job = opened().model_copy(update={"mode": "unattended", "job": "hours", "date": "2026-11-24"})
    run, again, late = store.new_run(), other.new_run(), other.new_run()
    store.append(run, 0, [job], NOW)
    with pytest.raises(Conflict):
        other.append(again, 0, [job], NOW)
    other.append(late, 0, [job.model_copy(update={"date": "2026-11-25"})], NOW)
    found = store.ledger.last_job_run(job.service, "hours")
    assert found is not None and found.run == late and store.ledger.last_job_run("elsewhere", "hours") is None
    assert [row.run for row in store.ledger.unfinished_jobs(job.service)] == [run, late]
    store.append(run, 1, [r.Closed(outcome="done")], NOW)
    assert [row.run for row in store.ledger.unfinished_jobs(job.service)] == [late]


def test_a_journal_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened(), goal(), r.Closed(outcome="done")], NOW)
    store.close()
    db = sqlite3.connect(tmp_path / "runs" / "journal.db")
    body = json.loads(db.execute("SELECT body FROM records WHERE seq = 1").fetchone()[0])
    for later in ("channel", "job", "date", "overlay"):
        del body[later]
    old, previous = json.dumps(body, separators=(",", ":")), GENESIS
    db.execute("UPDATE records SET body = ? WHERE seq = 1", (old,))
    for seq, at, text in db.execute("SELECT seq, at, body FROM records ORDER BY seq").fetchall():
        previous = chain(previous, line_of(run, seq, at, text))
        db.execute("UPDATE records SET hash = ? WHERE seq = ?", (previous, seq))
    db.execute("DROP TABLE runs")
    db.execute("CREATE TABLE runs (run TEXT PRIMARY KEY) STRICT")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    again = store_in(tmp_path)
    assert [(row.run, row.outcome, row.goal) for row in again.ledger.runs()] == [(run, "done", "draft something")]
    assert again.verify(run) == 3 and "channel" not in again.mirror(run)[0]


def test_a_file_that_is_no_journal_is_refused_with_words(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "journal.db").write_bytes(b"this is not a database, whatever its name says" * 20)
    with pytest.raises(JournalError, match="cannot be opened"):
        store_in(tmp_path)


def test_the_ledger_can_be_rebuilt_from_the_records(tmp_path: Path) -> None:

    store = store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened(), goal(), r.Asked(number=1, turn=1, call=0, text="Which?")], NOW)
    before = (store.ledger.runs(), store.ledger.items())
    db = sqlite3.connect(tmp_path / "runs" / "journal.db")
    entries = [(one.run, one.seq, one.at.isoformat(timespec="microseconds"), one.record) for one in store.read(run)]
    ledger_tables.rebuild(db, entries)
    db.commit()
    assert (store.ledger.runs(), store.ledger.items()) == before


@pytest.mark.parametrize(("late", "state"), [("rejected", "sending"), ("not_sent", "sending"), ("applied", "applied")])
def test_a_late_word_about_an_earlier_attempt_is_no_word_about_the_next(
    tmp_path: Path, late: r.OutcomeState, state: str
) -> None:
    store = store_in(tmp_path)
    run = Run.open(store, FrozenClock(NOW), opened())
    key = f"{run.id}.1.0.0"

    def intent(attempt: int) -> r.Intent:
        return r.Intent(
            key=key,
            attempt=attempt,
            operation="DeletePost",
            arguments='{"id":7}',
            digest="d",
            effect="destructive",
            send_before=NOW,
            deadline=NOW,
        )

    first = r.Outcome(key=key, attempt=1, state="not_sent")
    run.add(intent(1), first, intent(2))
    run.flush()
    run.land(r.Outcome(key=key, attempt=1, state=late))
    assert Run.load(store, run.id, FrozenClock(NOW)).state.effects[key].state == state
    assert bool(store.ledger.unsettled()) == (state == "sending")


def test_records_are_told_piece_by_piece(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    run = store.new_run()
    store.append(run, 0, [opened(), goal(), r.Stopped(who="ana")], NOW)
    assert store.outline(run, 1, 1) == [(2, NOW, "goal")]
    assert store.outline(run, 3, 10) == []
    assert list(store.lines(run, 1)) == store.mirror(run)[1:]


def test_who_holds_a_run_is_told_while_it_lasts(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    assert store.holder("r1", NOW) == ""
    store.lease("r1", "a", NOW, NOW + timedelta(minutes=1))
    assert store.holder("r1", NOW) == "a"
    assert store.holder("r1", NOW + timedelta(minutes=1)) == ""
    assert advancing(store, "r2") == ""
    with lease(store, "r2"):
        assert advancing(store, "r2").startswith(f"process {os.getpid()} on ")
    assert advancing(store, "r2") == ""


def test_runs_are_asked_for_by_whose_they_are_what_came_of_them_and_words(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    for text, mode, channel in (
        ("Draft 100%", "attended", ""),
        ("Draft 100 mugs", "person", ""),
        ("Talk", "attended", "chat"),
    ):
        opening = opened().model_copy(update={"mode": mode, "channel": channel})
        store.append(store.new_run(), 0, [opening, goal(text)], NOW)
    store.append("r1", 2, [r.Closed(outcome="done")], NOW)

    def found(wanted: RunsLike, limit: int = 50, before: int = 0) -> list[str]:
        return [row.run for row in store.ledger.runs_like(wanted, limit, before)]

    assert found(RunsLike()) == ["r3", "r2", "r1"]
    assert found(RunsLike(), limit=1, before=3) == ["r2"]
    assert found(RunsLike("goals")) == ["r3", "r1"]
    assert found(RunsLike("own")) == ["r2"]
    assert found(RunsLike(outcomes=("done", "held"))) == ["r1"]
    assert found(RunsLike(outcomes=("",))) == ["r3", "r2"]
    assert found(RunsLike(words="100%")) == ["r1"]
    assert found(RunsLike(words="draft")) == ["r2", "r1"]
    assert [row.run for row in store.ledger.conversations(opened().service)] == ["r3"]
    assert store.ledger.conversations("https://elsewhere.example") == []
