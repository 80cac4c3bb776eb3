"""What follows from an applied write: its echo is compared, drafts enter and leave the queue, posts are watched."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.assembly import Seams
from agent.journal.run import Run
from tests.contract import assert_contract
from tests.house import NOW, Home, call, finish, home_in

pytestmark = pytest.mark.anyio

GOAL = "Draft “The kiln is warm again.” for LinkedIn, publish it, schedule it in the next free slot, delete it"
DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")


def liar(verb: str, **instead: Any) -> Callable[[Any], httpx.AsyncBaseTransport]:
    """A service whose answers to one verb say something else than it did."""

    class Liar(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self._inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await self._inner.handle_async_request(request)
            if request.method != verb:
                return response
            shown = json.loads(await response.aread())
            inner = shown.get("data", shown)
            inner.update(instead)
            return httpx.Response(response.status_code, json=shown, request=request)

    return Liar


def newest(home: Home) -> int:
    return int(max(one["id"] for one in home.box.export()["posts"]))


async def approved(home: Home, tool: str, **values: Any) -> Run:
    """A draft, and one thing done with it that a person approved."""
    new = newest(home) + 1
    named = {"posts": [new]} if tool == "delete_posts" else {"post": new}
    run = await home.run(GOAL, [[DRAFT], [call(tool, **named, **values)], finish()])
    return await home.reviewer().approve(run.state.open_cards[0].card.number, "", ())


@pytest.mark.parametrize(
    ("verb", "instead", "tool", "values", "says"),
    [
        ("POST", {"status": "SCHEDULED"}, "", {}, "a draft was asked for, the service made it scheduled"),
        ("POST", {"content": [{"text": "Other words.", "media": []}]}, "", {}, "stored another text than was sent"),
        (
            "PUT",
            {"scheduled_at": "2026-12-01 10:00"},
            "schedule_post",
            {"at": "2026-12-01 09:00"},
            "approved was 2026-12-01 08:00 UTC, the service says 2026-12-01 09:00 UTC",
        ),
        ("PUT", {"scheduled_at": "soon"}, "schedule_post", {"at": "2026-12-01 09:00"}, "a time that cannot be read"),
        (
            "PUT",
            {"status": "DRAFT"},
            "schedule_post",
            {"at": "2026-12-01 09:00"},
            "scheduling was asked for, the post is draft",
        ),
        ("PUT", {"status": "DRAFT"}, "publish_post", {}, "publishing was asked for, the post is draft"),
    ],
)
async def test_an_answer_that_says_something_else_becomes_a_task(
    tmp_path: Path, verb: str, instead: dict[str, Any], tool: str, values: dict[str, Any], says: str
) -> None:
    async with home_in(tmp_path, Seams(transport=liar(verb, **instead))) as home:
        run = await approved(home, tool, **values) if tool else await home.run(GOAL, [[DRAFT], finish()])
        (task,) = run.state.tasks.values()
        assert says in task.says and task.look == f"Open post {newest(home)} in PostSyncer."


async def test_an_answer_that_agrees_is_no_task(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await approved(home, "schedule_post", at="2026-12-01 09:00")
        assert run.state.tasks == {}
        assert_contract(home.box, home.house.store)


@pytest.mark.parametrize(
    ("tool", "values", "how"),
    [
        ("schedule_post", {"at": "2026-12-01 09:00"}, "promoted"),
        ("publish_post", {}, "promoted"),
        ("delete_posts", {}, "deleted"),
    ],
)
async def test_a_draft_leaves_the_queue(tmp_path: Path, tool: str, values: dict[str, Any], how: str) -> None:
    async with home_in(tmp_path) as home:
        run = await approved(home, tool, **values)
        assert list(run.state.drafts_gone.values()) == [how]
        assert [item.state for item in home.house.store.ledger.items(("open", "done")) if item.kind == "draft"] == [
            "done"
        ]


async def test_a_draft_that_is_edited_or_another_one_stays_in_the_queue(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = newest(home) + 1
        steps = [
            [DRAFT, DRAFT],
            [call("edit_post", post=new, text="Warm.")],
            [call("publish_post", post=new + 1)],
            finish(),
        ]
        run = await home.run(GOAL, steps)
        await home.reviewer().approve(run.state.open_cards[0].card.number, "", ())
        run = Run.load(home.house.store, run.id, home.house.clock)
        assert [run.state.drafts[number].post for number in run.state.drafts_gone] == [new + 1]


async def test_a_draft_carries_what_has_to_be_mended(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        tagged = call("draft_post", workspace_id=11, accounts=[101], text="Warm. #a #b #c #d #e #f #g")
        run = await home.run(GOAL, [[tagged], finish()])
        (draft,) = run.state.drafts.values()
        assert draft.findings and draft.title.startswith("Draft on LinkedIn")


async def test_what_is_due_is_expected_then(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        for tool, values, due in (
            ("schedule_post", {"at": "2026-12-01 09:00"}, datetime(2026, 12, 1, 8, tzinfo=UTC)),
            ("schedule_post", {"next_slot": True}, datetime(2026, 11, 24, 11, tzinfo=UTC)),
            ("publish_post", {}, NOW),
        ):
            run = await approved(home, tool, **values)
            (expected,) = run.state.expected.values()
            assert abs((expected.due - due).total_seconds()) < 60 and expected.accounts == (101,)
            assert expected.zone == "Europe/Berlin"


async def test_a_slot_without_a_readable_time_is_watched_from_now_on(tmp_path: Path) -> None:
    async with home_in(tmp_path, Seams(transport=liar("PUT", scheduled_at="soon"))) as home:
        run = await approved(home, "schedule_post", next_slot=True)
        (expected,) = run.state.expected.values()
        assert abs((expected.due - NOW).total_seconds()) < 60


async def test_unscheduling_expects_nothing(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await approved(home, "schedule_post", at="2026-12-01 09:00")
        post = newest(home)
        back = await home.run(f"Unschedule post {post}", [[call("unschedule_post", post=post)], finish()])
        back = await home.reviewer().approve(back.state.open_cards[0].card.number, "", ())
        assert len(run.state.expected) == 1 and back.state.expected == {}
        assert home.house.store.ledger.next_awaited(home.house.service) is None
