"""Lost answers: what reading settles, what is sent again, and what a person is asked. Checked against the effect log.

The contract: an applied effect happened once; an unknown one has an open task; nothing doubled, nothing lost.
"""

from pathlib import Path
from typing import Any

import pytest

from agent.api.posts import AccountTarget, ContentItem, CreatePost
from agent.journal.run import Run
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests.contract import assert_contract, compare
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio

GOAL = "Draft “The kiln is warm again.” for LinkedIn and publish or schedule it for next Tuesday 9:00"
DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")


def made_like_ours(home: Home) -> list[dict[str, Any]]:
    return [post for post in home.box.export()["posts"] if "kiln is warm again" in str(post)]


def lose(home: Home, kind: Any, operation: str, **values: Any) -> None:
    home.box.set_faults([Fault(kind=kind, operations=(operation,), **values)])


@pytest.mark.parametrize(
    ("kind", "values", "attempts"),
    [
        ("drop_after", {}, 1),
        ("drop_before", {}, 2),
        ("status", {"status": 500, "applied": True}, 1),
        ("status", {"status": 503, "applied": False}, 2),
        ("malformed", {"body": "html"}, 1),
        ("malformed", {"body": "truncated"}, 1),
        ("redirect", {}, 2),
    ],
)
async def test_a_lost_draft_is_made_once(tmp_path: Path, kind: Any, values: dict[str, Any], attempts: int) -> None:
    async with home_in(tmp_path) as home:
        lose(home, kind, "CreatePost", **values)
        run = await home.run(GOAL, [[DRAFT], finish()])
        told = home.report(run)
        assert [(effect.operation, effect.outcome) for effect in told.effects] == [("CreatePost", "applied")]
        assert len(made_like_ours(home)) == 1
        assert home.operations() == ["CreatePost"]
        state = Run.load(home.house.store, run.id, home.house.clock).state
        assert next(iter(state.effects.values())).attempts == attempts


async def promoted(home: Home, tool: str, **arguments: Any) -> Run:
    new = max(one["id"] for one in home.box.export()["posts"]) + 1
    return await home.run(GOAL, [[DRAFT], [call(tool, post=new, **arguments)], finish()])


@pytest.mark.parametrize(
    ("kind", "values"),
    [("drop_after", {}), ("drop_before", {}), ("status", {"applied": True}), ("status", {"applied": False})],
)
async def test_a_lost_schedule_is_settled_by_reading(tmp_path: Path, kind: Any, values: dict[str, Any]) -> None:
    async with home_in(tmp_path) as home:
        run = await promoted(home, "schedule_post", at="2026-12-01 09:00")
        lose(home, kind, "UpdatePost", **values)
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        told = home.report(run)
        assert told.outcome == "done" and told.cards[0].state == "done"
        assert home.operations() == ["CreatePost", "UpdatePost"]


async def test_a_lost_publish_that_went_out_is_found(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await promoted(home, "publish_post")
        lose(home, "drop_after", "UpdatePost")
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        assert home.report(run).effects[-1].outcome == "applied"
        assert home.operations() == ["CreatePost", "UpdatePost"]


async def test_a_lost_publish_that_did_not_go_out_becomes_a_task_and_is_not_sent_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await promoted(home, "publish_post")
        lose(home, "drop_before", "UpdatePost")
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        told = home.report(run)
        assert told.outcome == "held" and told.effects[-1].outcome == "unknown"
        task = next(one for one in told.waiting if one.kind == "task")
        assert "publish" in task.text
        assert home.operations() == ["CreatePost"]
        home.reviewer().close_task(task.number, "it was not published")
        assert not [one for one in home.report(run).waiting if one.kind == "task"]


async def test_a_lost_deletion_is_sent_again_only_while_the_post_is_there(tmp_path: Path) -> None:
    for kind in ("drop_after", "drop_before"):
        async with home_in(tmp_path / kind) as home:
            post = home.box.export()["posts"][0]["id"]
            run = await home.run(f"Delete post {post}", [[call("delete_posts", posts=[post])], finish()])
            lose(home, kind, "DeletePost")
            await home.reviewer().approve(home.report(run).cards[0].number, "", ())
            assert home.report(run).effects[-1].outcome == "applied"
            assert home.operations() == ["DeletePost"]


async def lost_and_unreadable(home: Home) -> Run:
    """A draft was made, its answer lost, and nothing could be read since; then the service is well again."""
    home.box.set_faults(
        [
            Fault(kind="drop_after", operations=("CreatePost",)),
            Fault(kind="status", status=503, verb="GET", operations=("ListPosts",), nth=2, times=50),
        ]
    )
    run = await home.run(GOAL, [[DRAFT]])
    assert home.report(run).outcome == "deferred"
    assert home.report(run).effects[0].outcome in {"unknown", "sending"}
    home.box.set_faults([])
    home.box.advance(600)
    return run


async def go_on(home: Home, run: Run) -> None:
    again = Run.load(home.house.store, run.id, home.house.clock)
    await home.reviewer(steps=[finish()])._planner().advance(again)


async def test_while_the_service_cannot_be_read_the_run_is_deferred_and_settles_later(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await lost_and_unreadable(home)
        await go_on(home, run)
        assert home.report(run).outcome == "done" and len(made_like_ours(home)) == 1
        assert home.operations() == ["CreatePost"]


async def test_a_lost_draft_is_found_behind_a_hundred_newer_posts(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await lost_and_unreadable(home)
        newer = CreatePost(
            workspace_id=12,
            content=(ContentItem(text="Another cafe."),),
            schedule_type="draft",
            accounts=(AccountTarget(id=111),),
        )
        for _ in range(101):
            await home.house.client.send(newer)
        await go_on(home, run)
        assert home.report(run).outcome == "done" and len(made_like_ours(home)) == 1


async def test_a_lost_draft_that_somebody_edited_meanwhile_is_a_task_and_not_made_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await lost_and_unreadable(home)
        made = max(one["id"] for one in home.box.export()["posts"])
        home.box.edit(Edit(post=made, text="The kiln is cold again."))
        await go_on(home, run)
        assert home.operations() == ["CreatePost"]
        (task,) = home.report(run).waiting
        assert task.kind == "task" and f"post {made} may be it, changed since" in task.text


async def test_a_lost_draft_that_another_run_deleted_meanwhile_is_a_task_and_not_made_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await lost_and_unreadable(home)
        made = max(one["id"] for one in home.box.export()["posts"])
        other = await home.run(f"Delete post {made}", [[call("delete_posts", posts=[made])], finish()])
        await home.reviewer().approve(home.report(other).cards[0].number, "", ())
        await go_on(home, run)
        assert home.operations() == ["CreatePost", "DeletePost"]
        (task,) = home.report(run).waiting
        assert task.kind == "task" and f"post {made} may have been it, deleted from here since" in task.text
        assert_contract(home.box, home.house.store)


async def test_a_lost_draft_that_somebody_deleted_meanwhile_is_made_again_and_there_once(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await lost_and_unreadable(home)
        made = max(one["id"] for one in home.box.export()["posts"])
        home.box.edit(Edit(post=made, delete=True))
        await go_on(home, run)
        assert home.report(run).outcome == "done" and len(made_like_ours(home)) == 1
        assert compare(home.box, home.house.store).doubled, "nobody is known to have deleted the first"
        assert_contract(home.box, home.house.store, edited=[made])


async def test_a_refused_write_is_told_and_not_repeated(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        lose(home, "status", "CreatePost", status=422)
        run = await home.run(GOAL, [[DRAFT], finish("Nothing.", "the service refused it")])
        assert home.report(run).effects[0].outcome == "rejected"
        assert home.report(run).outcome == "refused"
        assert home.operations() == []


async def test_a_rate_limit_is_waited_for(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        lose(home, "too_many", "CreatePost", times=1)
        run = await home.run(GOAL, [[DRAFT], finish()])
        assert home.report(run).effects[0].outcome == "applied" and home.operations() == ["CreatePost"]
