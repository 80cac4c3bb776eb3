"""All posts are read once a night: resumable, told, and what is gone is gone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.api.posts import CreatePost, DeletePost
from agent.assembly import House
from agent.errors import Busy, Halted
from agent.journal import records as r
from agent.journal.lease import lease
from agent.journal.run import Run
from agent.night.scan import AGAIN, read_all, scan
from agent.sandbox.faults import Fault
from tests.house import Home, home_in

pytestmark = pytest.mark.anyio
MANY = 230


async def made(home: Home, count: int) -> None:
    """So many drafts in PostSyncer that no run of ours knows of."""

    for n in range(count):
        body: dict[str, Any] = {
            "workspace_id": 11,
            "content": [{"text": f"Words number {n}."}],
            "accounts": [{"id": 101}],
        }
        await home.house.client.send(CreatePost.model_validate({**body, "schedule_type": "draft"}, strict=False))


def known(house: House) -> int:
    return len([post for post in house.store.ledger.mirrored(house.service).values() if post is not None])


async def test_all_pages_are_read_and_told(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await made(home, MANY)
        all_of_them = len(home.box.export()["posts"])
        lines: list[str] = []
        await scan(home.house, "ana", lines.append)
        assert known(home.house) == all_of_them
        assert lines[0] == "reading all posts: page 1" and lines[1] == "reading all posts: page 2 of 3"
        assert lines[-1] == f"all posts are read: {all_of_them} posts"
        [row] = home.house.store.ledger.runs()
        assert row.outcome == "done" and row.channel == "scan"
        run = Run.load(home.house.store, row.run, home.house.clock)
        assert run.state.scanned is not None and run.state.scanned.whole and run.state.requests == 3
        assert run.state.known.posts == {}, "no run can name what it did not ask for"


async def test_it_is_done_once_a_night(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        for wait, runs in ((timedelta(), 1), (AGAIN - timedelta(minutes=1), 1), (timedelta(minutes=1), 2)):
            home.box.advance(int(wait.total_seconds()))
            await scan(home.house, "ana", print)
            assert len(home.house.store.ledger.runs()) == runs


async def test_one_that_was_cut_short_is_gone_on_with(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await made(home, MANY)
        home.box.set_faults([Fault(kind="status", status=503, operations=("ListPosts",), nth=2, times=50)])
        lines: list[str] = []
        await scan(home.house, "ana", lines.append)
        assert (
            "not all posts were read" in lines[-1]
            and home.house.store.ledger.mirror_state(home.house.service).scanned is None
        )
        home.box.set_faults([])
        await scan(home.house, "ana", lines.append)
        [row] = home.house.store.ledger.runs()
        assert row.outcome == "done" and known(home.house) == len(home.box.export()["posts"])
        run = Run.load(home.house.store, row.run, home.house.clock)
        pages = [one.record.arguments for one in run.store.read(run.id) if isinstance(one.record, r.Read)]
        assert len(pages) == len(set(pages)) == 3


async def test_one_that_was_cut_short_long_ago_is_begun_anew(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        home.box.set_faults([Fault(kind="status", status=503, operations=("ListPosts",), nth=1, times=50)])
        await scan(home.house, "ana", print)
        home.box.set_faults([])
        home.box.advance(7 * 3600)
        await scan(home.house, "ana", print)
        assert [row.outcome for row in home.house.store.ledger.runs()] == ["done", "failed_safe"]


async def test_what_a_whole_scan_does_not_show_is_gone(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await scan(home.house, "ana", print)
        before = known(home.house)
        gone = min(post["id"] for post in home.box.export()["posts"])
        await home.house.client.send(DeletePost(id=gone))
        home.box.advance(int(AGAIN.total_seconds()))
        await scan(home.house, "ana", print)
        assert known(home.house) == before - 1
        assert home.house.store.ledger.mirrored(home.house.service)[gone] is None


async def test_a_person_reads_all_posts_at_any_time_and_the_night_stops_where_a_person_does_not(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await scan(home.house, "ana", print)
        await made(home, 3)
        told = await read_all(home.house, "ana", print, person=True)
        assert told.whole and told.posts == known(home.house) == len(home.box.export()["posts"])
        assert [row.mode for row in home.house.store.ledger.runs()] == ["person", "unattended"]
        home.house.store.set_stopped(True)
        with pytest.raises(Halted):
            await read_all(home.house, "ana", print, person=False)
        assert (await read_all(home.house, "ana", print, person=True)).whole


async def test_a_scan_that_another_process_is_at_is_left_to_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        home.box.set_faults([Fault(kind="status", status=503, operations=("ListPosts",), nth=1, times=50)])
        await scan(home.house, "ana", print)
        home.box.set_faults([])
        with lease(home.house.store, "r1"), pytest.raises(Busy, match="is being advanced"):
            await read_all(home.house, "ana", print, person=True)
        assert (await read_all(home.house, "ana", print, person=True)).whole
        assert len(home.house.store.ledger.runs()) == 1
