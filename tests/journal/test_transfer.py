"""Runs out of one home and into another: the same records, the same queue, and nothing at all where a byte differs."""

import json
import random
import sqlite3
from pathlib import Path

import pytest

from agent.errors import Corrupt, Declined
from agent.journal.run import Run
from agent.journal.store import Row, SqliteStore
from agent.journal.transfer import export_lines, read_export
from agent.report import report_of
from tests.house import Home, call, finish, home_in
from tests.journal.helpers import store_in

pytestmark = pytest.mark.anyio

GOAL = "Schedule “The kiln is warm again.” for next Tuesday 9:00 on LinkedIn and delete post 1002"


async def busy(home: Home) -> list[str]:
    """A home with a decided, an open and a destructive card, long texts, and what they left; its export."""
    new = max(one["id"] for one in home.box.export()["posts"]) + 1
    draft = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")
    steps = [[draft], [call("schedule_post", post=new, at="2026-12-01 09:00"), call("delete_posts", posts=[1002])]]
    await home.run(GOAL, [*steps, finish()])
    await home.reviewer().approve(2, "", ())
    await home.run(GOAL, [[call("find_posts", workspace_id=11)], finish()])
    return list(export_lines(home.house.store, ["r1", "r2"]))


def queue(store: SqliteStore) -> list[tuple[object, ...]]:
    return [(item.number, item.run, item.kind, item.state, item.title) for item in store.ledger.items(("open", "done"))]


async def test_an_export_comes_back_as_it_was(tmp_path: Path) -> None:
    async with home_in(tmp_path / "old") as home:
        lines = await busy(home)
        found = read_export(lines)
        store = store_in(tmp_path / "new")
        assert store.adopt(found.runs, found.blobs) == {run: len(rows) for run, rows in found.runs.items()}
        assert list(export_lines(store, ["r1", "r2"])) == lines
        assert queue(store) == queue(home.house.store) and store.verify("r1") == len(found.runs["r1"])
        for run in ("r1", "r2"):
            here = report_of(Run.load(store, run, home.house.clock).state)
            assert here == report_of(Run.load(home.house.store, run, home.house.clock).state)
        assert store.new_run() == "r3" and store.new_items(1) == home.house.store.new_items(1)
        assert store.adopt(found.runs, found.blobs) == {"r1": 0, "r2": 0}


async def test_a_run_that_went_on_is_taken_in_from_where_it_stood(tmp_path: Path) -> None:
    async with home_in(tmp_path / "old") as home:
        await busy(home)
        store = store_in(tmp_path / "new")
        for expected in (True, False):
            found = read_export(export_lines(home.house.store, ["r1"]))
            assert (store.adopt(found.runs, found.blobs)["r1"] > 5) == expected
            if expected:
                await home.reviewer().reject(3, "keep it", delete_draft=False)
        assert store.mirror("r1") == home.house.store.mirror("r1")


async def test_another_run_of_that_name_is_left_alone(tmp_path: Path) -> None:
    async with home_in(tmp_path / "one") as one, home_in(tmp_path / "two") as two:
        found = read_export(await busy(one))
        await two.run("Draft “Hello.” for LinkedIn", [[call("ask", question="Which one?")]])
        before = two.house.store.mirror("r1")
        with pytest.raises(Declined, match="r1 is here already and went on otherwise"):
            two.house.store.adopt(found.runs, found.blobs)
        with pytest.raises(Declined, match="numbers of the review queue"):
            two.house.store.adopt({"r2": [], "r9": _renamed(one, "r9")}, {})
        assert two.house.store.mirror("r1") == before and len(two.house.store.ledger.runs()) == 1


def _renamed(home: Home, run: str) -> list[Row]:
    """Rows whose chain is not looked at here: only their numbers of the queue count."""
    found = read_export(export_lines(home.house.store, ["r1"]))
    return [Row(run, row.seq, row.at, row.record, row.body, row.hash) for row in found.runs["r1"]]


async def test_any_line_that_is_cut_changed_moved_or_missing_is_found(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        lines = await busy(home)
    chance = random.Random(9)
    for at in chance.sample(range(1, len(lines)), min(40, len(lines) - 1)):
        place = chance.randrange(len(lines[at]))
        other = chr((ord(lines[at][place]) + 1) % 127 or 1)
        for broken in (
            [*lines[:at], lines[at][:place] + other + lines[at][place + 1 :], *lines[at + 1 :]],
            [*lines[:at], lines[at][:place], *lines[at + 1 :]],
            [*lines[:at], *lines[at + 1 :]] if at < len(lines) - 1 else lines[:2],
        ):
            with pytest.raises(Corrupt):
                read_export(broken)


@pytest.mark.parametrize(
    "lines", [[], ["hello"], ['{"psa_export": 99, "runs": []}'], ['{"psa_export": 1, "runs": ["r1"]}']]
)
def test_what_is_no_export_is_refused(lines: list[str]) -> None:
    with pytest.raises(Corrupt):
        read_export(lines)


async def test_a_corrupt_run_is_not_exported(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await busy(home)
        db = sqlite3.connect(tmp_path / "runs" / "journal.db")
        body = db.execute("SELECT body FROM records WHERE run = 'r1' AND seq = 2").fetchone()[0]
        db.execute("UPDATE records SET body = ? WHERE run = 'r1' AND seq = 2", (body.replace("delete", "remove"),))
        db.commit()
        with pytest.raises(Corrupt, match="r1: record 2"):
            list(export_lines(home.house.store, ["r1"]))
        assert json.loads(next(iter(export_lines(home.house.store, ["r2"]))))["runs"].keys() == {"r2"}
