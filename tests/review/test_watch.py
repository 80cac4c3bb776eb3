"""`psa watch`: what should be out is read back, told once, and becomes a task where a person is needed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent import sandbox
from agent.gate.watching import look_at
from agent.journal import records as r
from agent.journal.run import Run
from agent.review.watch import Found, Watch
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests.contract import assert_contract
from tests.house import Home, call, finish, home_in
from tests.tools.helpers import NOW as MARCH
from tests.tools.helpers import facts, post, row

pytestmark = pytest.mark.anyio

GOAL = "Schedule or publish “The kiln is warm again.” for next Tuesday 9:00"
DUE = "2026-12-01 09:00"
#: Accounts of the sandbox's shop: LinkedIn, and in the sister workspace Facebook and Pinterest, which has expired.
LINKEDIN, FACEBOOK, PINTEREST = 101, 107, 111


async def promoted(home: Home, accounts: list[int], *, workspace: int = 11, publish: bool = False) -> tuple[Run, int]:
    """A post that was approved to go out; its run and id."""
    new = max(one["id"] for one in home.box.export()["posts"]) + 1
    settings = {"pinterest": {"title": "Warm kiln", "link": "https://harbour.example", "board_id": "7"}}
    extra = {"settings": settings} if PINTEREST in accounts else {}
    draft = call("draft_post", workspace_id=workspace, accounts=accounts, text="The kiln is warm again.", **extra)
    out = call("publish_post", post=new) if publish else call("schedule_post", post=new, at=DUE)
    run = await home.run(GOAL, [[draft], [out], finish()])
    await home.reviewer().approve(home.report(run).cards[0].number, "", ())
    return run, new


async def look(home: Home) -> list[Found]:
    return await Watch(home.house.gate, home.house.store).look()


def wait(home: Home, **delta: float) -> None:
    home.box.advance(timedelta(**delta).total_seconds())


async def test_what_is_out_is_told_once(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, post = await promoted(home, [LINKEDIN])
        assert await look(home) == [] and home.house.store.ledger.next_awaited(home.house.service) is not None
        wait(home, days=7)
        (found,) = await look(home)
        assert (found.post, found.run, found.state, found.task) == (post, run.id, "published", None)
        assert "is out on LinkedIn (Fern & Clay)" in found.says
        assert await look(home) == []
        state = Run.load(home.house.store, run.id, home.house.clock).state
        assert state.closed is not None and home.report(run).outcome == "done"
        assert_contract(home.box, home.house.store)


async def test_publishing_at_once_is_watched_too(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await promoted(home, [LINKEDIN], publish=True)
        wait(home, minutes=4)
        assert await look(home) == []
        wait(home, minutes=2)
        assert [found.state for found in await look(home)] == ["published"]


async def test_a_post_that_fails_somewhere_says_where_and_why(tmp_path: Path) -> None:
    async with home_in(tmp_path, psa_world=failing(tmp_path)) as home:
        run, post = await promoted(home, [LINKEDIN, 102])
        wait(home, days=7)
        (found,) = await look(home)
        assert found.state == "partly" and found.task is not None
        assert "is out on LinkedIn (Fern & Clay), but not everywhere: X (Fern & Clay): Duplicate content" in found.says
        assert home.report(run).outcome == "held"
        shown = home.reviewer().show(found.task)
        assert "not everywhere" in shown.item.title and "send it again" in shown.state.tasks[found.task].next
        assert await look(home) == []
        again = await home.reviewer().again(found.task)
        told = home.report(again)
        assert told.outcome == "held" and [effect.operation for effect in told.effects] == ["CreatePost"]
        assert [target["id"] for target in told.effects[0].arguments["accounts"]] == [102]
        card = told.cards[0]
        assert card.title.startswith("Publish now on X (Fern & Clay)") and f"Post {post}" in card.notes[-1]
        assert home.report(run).outcome == "done"  # its task is closed: the card goes on with it
        await home.reviewer().approve(card.number, "", ())
        tally = assert_contract(home.box, home.house.store)
        assert tally.guarded == 2


def failing_world(folder: Path) -> str:
    """The shop with an X account on which every publication fails."""
    from ruamel.yaml import YAML

    from agent.sandbox.world import load_world

    world = load_world("shop").model_dump(mode="json", exclude_defaults=True)
    next(one for one in world["accounts"] if one["id"] == 102)["fails"] = "Duplicate content"
    with (folder / "failing.yaml").open("w") as file:
        YAML(typ="safe").dump(world, file)
    return "failing.yaml"


def world(folder: Path, old: str, new: str) -> str:
    """The shop with one thing changed, as a file of the home."""
    shop = (Path(sandbox.__file__).parent / "worlds" / "shop.yaml").read_text(encoding="utf-8")
    assert old in shop
    (folder / "changed.yaml").write_text(shop.replace(old, new), encoding="utf-8")
    return "changed.yaml"


def failing(folder: Path) -> str:
    """The shop with an X account on which every publication fails."""
    account = "platform: twitter, username: fernandclay,"
    return world(folder, account, f"{account} fails: Duplicate content,")


async def test_a_post_that_fails_everywhere_is_drafted_anew(tmp_path: Path) -> None:
    async with home_in(tmp_path, psa_world=failing(tmp_path)) as home:
        await promoted(home, [102])
        wait(home, days=7)
        (found,) = await look(home)
        assert found.state == "failed" and "did not go out: X (Fern & Clay): Duplicate content" in found.says
        assert found.task is not None
        again = await home.reviewer().again(found.task)
        assert home.report(again).cards[0].state == "open"


async def test_a_late_post_is_a_task_until_it_is_out(tmp_path: Path) -> None:
    slow = world(tmp_path, "seed: 20", "seed: 20\npublish_seconds: 3600")
    async with home_in(tmp_path, psa_world=slow) as home:
        run, _ = await promoted(home, [LINKEDIN], publish=True)
        wait(home, minutes=20)
        (found,) = await look(home)
        assert found.state == "late" and found.task is not None and "still in queue" in found.says
        assert [again.news for again in await look(home)] == [False]
        assert home.report(run).outcome == "held"
        wait(home, hours=1)
        (out,) = await look(home)
        assert out.state == "published" and home.report(run).outcome == "done"
        assert await look(home) == []


async def test_a_post_that_somebody_moved_is_waited_for_at_its_new_time(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        _, post = await promoted(home, [LINKEDIN])
        home.box.edit(Edit(post=post, due="2026-12-02 12:00"))
        wait(home, days=7)
        (moved,) = await look(home)
        assert moved.state == "moved" and "Wed 02 Dec 2026 12:00 Europe/Berlin by somebody else" in moved.says
        assert await look(home) == []
        wait(home, days=2)
        assert [found.state for found in await look(home)] == ["published"]


@pytest.mark.parametrize(("edit", "state", "task"), [("delete", "gone", True), ("unschedule", "withdrawn", False)])
async def test_what_somebody_took_away_is_said(tmp_path: Path, edit: str, state: str, task: bool) -> None:
    async with home_in(tmp_path) as home:
        _, post = await promoted(home, [LINKEDIN])
        home.box.edit(Edit.model_validate({"post": post, edit: True}))
        wait(home, days=8)
        (found,) = await look(home)
        assert found.state == state and (found.task is not None) == task
        assert await look(home) == []


async def test_what_we_took_back_ourselves_is_not_watched(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        _, post = await promoted(home, [LINKEDIN])
        back = await home.run(f"Unschedule post {post}", [[call("unschedule_post", post=post)], finish()])
        await home.reviewer().approve(home.report(back).cards[0].number, "", ())
        wait(home, days=8)
        assert await look(home) == []


async def test_a_service_that_cannot_be_read_is_asked_again_later(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await promoted(home, [LINKEDIN])
        _, second = await promoted(home, [LINKEDIN])
        wait(home, days=8)
        home.box.set_faults([Fault(kind="status", status=503, operations=("GetPost",), nth=2, times=None)])
        found = await look(home)
        assert [(one.state, one.news) for one in found] == [("published", True), ("unread", False)]
        home.box.set_faults([])
        assert [one.post for one in await look(home)] == [second]


def rows(*accounts: int, hidden: int = 0, bare: int = 0) -> list[dict[str, Any]]:
    """Published rows; `hidden` is an account whose id the service does not show, `bare` one without a link."""
    return [
        row(
            one,
            status="PUBLISHED",
            account_id=None if one == hidden else one,
            post_url=None if one == bare else f"https://network.example/{one}",
        )
        for one in accounts
    ]


@pytest.mark.parametrize(
    ("shown", "state", "says"),
    [
        (rows(101, 102), "published", "is out on LinkedIn (Fern) and X (Fern)."),
        (
            rows(101, 102, bare=102),
            "published",
            "is out on LinkedIn (Fern) and X (Fern). PostSyncer shows no link for X (Fern).",
        ),
        (rows(101), "partly", "is out on LinkedIn (Fern), but not everywhere: X (Fern): not listed with the post."),
        (rows(101, hidden=101), "published", "is out on LinkedIn."),
        (rows(101, 103, hidden=103), "published", "is out on LinkedIn (Fern) and Bluesky."),
    ],
    ids=["all with links", "one without a link", "one missing", "no account shown", "not every account shown"],
)
def test_what_a_published_post_shows_and_does_not_show(shown: list[dict[str, Any]], state: str, says: str) -> None:
    expected = r.Expected(key="r1.1.0.0", post=7, due=MARCH, accounts=(101, 102))
    seen = look_at(expected, MARCH, post(status="PUBLISHED", platforms=shown), facts())
    assert (seen.state, seen.says) == (state, f"Post 7 “Hello” {says}")
    assert seen.failed == ((102,) if state == "partly" else ())
