"""What answers showed, found again: the newest of a kind, and all that showed comments."""

from pathlib import Path

import pytest

from agent.api.comments import ListComments
from agent.api.posts import GetPost
from agent.api.workspaces import ListWorkspaces
from tests.house import Home, home_in

pytestmark = pytest.mark.anyio
Reads = ListWorkspaces | ListComments | GetPost


async def read(home: Home, *calls: Reads) -> str:
    run = home.house.open_run("person", "ana")
    for place, call in enumerate(calls):
        await home.house.gate.read(run, f"{run.id}.0.0.{place}", call)
    run.flush()
    return run.id


async def test_the_newest_answer_of_an_operation_is_found(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        store, service = home.house.store, home.house.service
        assert store.shown.newest(service, "ListWorkspaces") is None
        await read(home, ListWorkspaces())
        await read(home, GetPost(id=1004))
        await read(home, ListWorkspaces())
        found = store.shown.newest(service, "ListWorkspaces")
        assert found is not None
        assert found.record.key == "r3.0.0.0"
        assert store.shown.newest("https://elsewhere.example", "ListWorkspaces") is None


async def test_reads_that_showed_comments_are_found_in_order_and_no_others(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        store, service = home.house.store, home.house.service
        await read(home, ListWorkspaces(), ListComments(post_id=1002), GetPost(id=1002))
        await read(home, GetPost(id=1002, include_comments=True))
        found = store.shown.comments(service, runs=10, most=10)
        assert [one.record.key for one in found] == ["r1.0.0.1", "r2.0.0.0"]
        assert [one.record.key for one in store.shown.comments(service, runs=1, most=10)] == ["r2.0.0.0"]
        assert [one.record.key for one in store.shown.comments(service, runs=10, most=1)] == ["r2.0.0.0"]
        after = store.shown.comments_after(service, found[0].row)
        assert [one.record.key for one in after] == ["r2.0.0.0"]
