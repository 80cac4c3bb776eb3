"""What goes out is judged by all posts of the service: read once before it is carded, and not for drafts."""

from pathlib import Path
from typing import Any

import pytest

from agent.api.posts import CreatePost, ListPosts, UpdatePost
from agent.journal import records as r
from agent.journal.run import Run
from agent.sandbox.faults import Fault
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio
GOAL = "Schedule “The kiln is warm again.” and “New mugs are in.” on LinkedIn for 1 December 9:00"


def draft(text: str) -> Any:
    return call("draft_post", workspace_id=11, accounts=[101], text=text)


def looks(run: Run) -> int:
    """How often the newest posts were read for the mirror."""
    return sum(
        isinstance(entry.record, r.Read | r.ReadFailed) and entry.record.key.endswith(".posts")
        for entry in run.store.read(run.id)
    )


def next_post(home: Home) -> int:
    ids: list[int] = [one["id"] for one in home.box.export()["posts"]]
    return 1 + max(ids)


async def elsewhere(home: Home, text: str, at: str = "") -> int:
    """A post that somebody else makes in PostSyncer."""
    body: dict[str, Any] = {"workspace_id": 11, "content": [{"text": text}], "accounts": [{"id": 101}]}
    made = CreatePost.model_validate({**body, "schedule_type": "draft"}, strict=False)
    post = await home.house.client.send(made)
    if at:
        date, time = at.split()
        when = {"date": date, "time": time, "timezone": "Europe/Berlin"}
        body |= {"id": post.id, "schedule_type": "schedule", "schedule_for": when}
        await home.house.client.send(UpdatePost.model_validate(body, strict=False))
    return int(post.id)


def said(run: Run, number: int) -> dict[str, str]:
    [part] = run.state.cards[number].card.parts
    return {finding.rule: finding.says for finding in part.findings}


async def scheduled(home: Home, *times: str) -> Run:
    """A run that drafts a post for each time and asks to schedule it."""
    first = next_post(home)
    texts = ("The kiln is warm again.", "New mugs are in.", "We sell gift cards now.")
    promotes = [call("schedule_post", post=first + n, at=f"2026-12-01 {at}") for n, at in enumerate(times)]
    drafts = [draft(text) for text in texts[: len(times)]]
    return await home.run(GOAL, [drafts, promotes, finish()])


async def test_drafts_cost_no_request(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Draft “The kiln is warm again.”", [[draft("The kiln is warm again.")], finish()])
        assert looks(run) == 0


async def test_promotions_of_a_while_share_one_request(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await scheduled(home, "09:00", "14:00")
        assert len(run.state.cards) == 2 and looks(run) == 1
        assert said(run, min(run.state.cards))["posts.read"].startswith(
            "All posts of the service were last read at 2026"
        )
        assert set(run.state.known.posts) < {one["id"] for one in home.box.export()["posts"]}, "others stay unread"


async def test_what_is_denied_costs_no_request(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        first = next_post(home)
        steps = [[draft("The kiln is warm.")], [call("publish_post", post=first)], finish(refused="a draft only")]
        run = await home.run("Make a draft only: “The kiln is warm.”", steps)
        assert looks(run) == 0 and not run.state.cards


async def test_what_others_planned_is_seen(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        other = await elsewhere(home, "Open day!", "2026-12-01 09:10")
        run = await scheduled(home, "09:00")
        [number] = run.state.cards
        assert said(run, number)["cadence.gap"] == f"Account 101 has post {other} within 30 minutes (10 apart)."


async def test_posts_that_cannot_be_read_leave_what_is_known(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        first = next_post(home)
        await home.house.client.send(ListPosts(per_page=1))
        home.box.set_faults([Fault(kind="status", status=500, operations=("ListPosts",), nth=2, times=50)])
        run = await home.run(
            GOAL, [[draft("The kiln is warm.")], [call("schedule_post", post=first, at="2026-12-01 09:00")], finish()]
        )
        [number] = run.state.cards
        assert looks(run) == 1 and "ever read" in said(run, number)["posts.read"]
        await home.reviewer().approve(number, "", ())
        assert home.operations() == ["CreatePost", "UpdatePost"]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
async def test_cards_tell_of_each_other_and_can_be_approved_in_any_order(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    async with home_in(tmp_path) as home:
        run = await scheduled(home, "09:00", "09:10", "09:20")
        numbers = sorted(run.state.cards)
        assert "cadence.gap" not in said(run, numbers[0])
        assert "cadence.gap" in said(run, numbers[1]) and "cadence.day" in said(run, numbers[2])
        for place in order:
            await home.reviewer().approve(numbers[place], "", ())
        assert home.operations() == ["CreatePost"] * 3 + ["UpdatePost"] * 3


async def test_what_came_in_since_the_card_voids_it_once_it_is_read(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await scheduled(home, "09:00")
        [number] = run.state.cards
        await elsewhere(home, "Open day!", "2026-12-01 09:10")
        home.box.advance(600)
        await scheduled(home, "14:00")
        run = await home.reviewer().approve(number, "", ())
        view = run.state.cards[number]
        assert view.state == "void" and "within 30 minutes" in view.says and "UpdatePost" not in home.operations()[-1:]


async def test_a_person_asks_for_a_post_of_the_queue(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await home.run("Draft “The kiln is warm.”", [[draft("The kiln is warm.")], finish()])
        [item] = home.house.store.ledger.items()
        run = await home.reviewer().promote(item.number, "2026-12-01 09:00", next_slot=False, confirmed=True)
        assert looks(run) == 1 and home.operations() == ["CreatePost", "UpdatePost"]


async def test_an_edit_on_a_card_is_not_shown_again_for_an_age(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await scheduled(home, "09:00")
        [number] = run.state.cards
        _, told = await home.reviewer().edit(number, "The kiln is hot.")
        assert "is approved with the new text" in told
