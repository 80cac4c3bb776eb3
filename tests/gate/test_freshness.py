"""What a run knows of a post may be old: a draft that somebody scheduled meanwhile waits for a decision."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent.api.posts import AccountTarget, ContentItem, DeletePost, UpdatePost
from agent.journal import records as r
from agent.journal.run import Run
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio


async def drafted(home: Home) -> tuple[Run, int]:
    """A run that made a draft, and the draft's number."""
    steps = [[call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm.")], finish()]
    run = await home.run("Draft it", steps)
    (view,) = run.state.effects.values()
    assert view.outcome is not None and view.outcome.object_id is not None
    return run, view.outcome.object_id


def edit(post: int) -> UpdatePost:
    return UpdatePost(
        id=post,
        workspace_id=11,
        content=(ContentItem(text="Other words."),),
        schedule_type="draft",
        accounts=(AccountTarget(id=101),),
    )


async def schedule(home: Home, number: int) -> None:
    run = await home.reviewer().promote(number, "2026-12-01 10:00", next_slot=False, confirmed=True)
    assert [view.state for view in run.state.effects.values()] == ["applied"]


async def propose(home: Home, run: Run, post: int) -> str:
    run.catch_up()
    run.add(r.Goal(number=len(run.state.goals) + 1, text="Go on", by="ana"))
    (result,) = await home.house.gate.propose(run, 9, 0, "edit_post", [edit(post)])
    return result.state


async def test_a_draft_that_another_run_scheduled_waits_for_a_person(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, post = await drafted(home)
        await schedule(home, next(iter(run.state.drafts)))
        before = home.operations()
        assert await propose(home, run, post) == "waiting"
        assert home.operations() == before


async def test_a_draft_that_was_read_long_ago_is_looked_at_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, post = await drafted(home)
        home.box.freeze(home.house.clock.now() + timedelta(seconds=11))
        requests = run.state.requests
        assert await propose(home, run, post) == "applied"
        assert [name for name, _ in list(run.state.reads)][-1] == "GetPost"
        assert run.state.requests > requests


@pytest.mark.parametrize(("seconds", "looks"), [(0, False), (10, False), (11, True)])
async def test_what_was_read_within_ten_seconds_is_not_read_again(seconds: int, looks: bool, tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Edit post 1004", [[call("get_post", post=1004)], finish()])
        home.box.freeze(home.house.clock.now() + timedelta(seconds=seconds))
        before = len(home.box.requests())
        assert await propose(home, run, 1004) in {"applied", "waiting"}
        assert ("GET" in [one["verb"] for one in home.box.requests()[before:]]) is looks


async def test_a_draft_that_was_deleted_meanwhile_is_told_as_gone(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, post = await drafted(home)
        await home.house.client.send(DeletePost(id=post))
        home.box.freeze(home.house.clock.now() + timedelta(seconds=11))
        assert await propose(home, run, post) == "failed"
