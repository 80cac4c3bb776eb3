"""Asking again for what came to nothing, and taking back what a run did: new cards, never a call by itself."""

from pathlib import Path
from typing import Any

import pytest

from agent.errors import Declined, Halted
from agent.journal.run import Run
from agent.sandbox.faults import Fault
from tests.contract import assert_contract
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio

GOAL = "Schedule or publish “The kiln is warm again.” for next Tuesday 9:00 and reply to comment 5010"
DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")


def newest(home: Home) -> int:
    return int(max(one["id"] for one in home.box.export()["posts"]))


async def carded(home: Home, *more: tuple[str, Any]) -> tuple[Run, int]:
    """A run with a draft and a card to schedule it: run and post."""
    new = newest(home) + 1
    steps = [[DRAFT], [call("schedule_post", post=new, at="2026-12-01 09:00"), *more], finish()]
    return await home.run(GOAL, steps), new


async def test_a_card_voided_by_an_edit_is_asked_for_again_as_the_post_stands(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, post = await carded(home)
        number = home.report(run).cards[0].number
        with pytest.raises(Declined, match="is open"):
            await home.reviewer().again(number)
        home.box.edit_behind(post, "Somebody else's better words.")
        await home.reviewer().approve(number, "", ())
        assert home.report(run).cards[0].state == "void"
        again = home.report(await home.reviewer().again(number))
        assert "Somebody else's better words." in again.cards[0].title
        assert again.cards[0].notes[-1].startswith(f"Card {number} asked for this before: post {post} was changed")
        await home.reviewer().approve(again.cards[0].number, "", ())
        assert home.operations() == ["CreatePost", "UpdatePost"]
        assert_contract(home.box, home.house.store, edited=[post])


async def test_a_reply_that_nobody_knows_of_is_sent_again_only_as_a_new_card(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        reads = call("list_comments", post=1003)
        reply = call("reply_to_comment", comment=5010, text="They do.")
        run = await home.run(GOAL, [[reads], [reply], finish()])
        home.box.set_faults([Fault(kind="drop_before", operations=("CreateComment",))])
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        (waiting,) = home.report(run).waiting
        assert waiting.kind == "task" and waiting.text.startswith("Reply to comment 5010")
        assert "nobody knows whether it arrived" in waiting.text
        task = home.reviewer().show(waiting.number).state.tasks[waiting.number]
        assert "at the comments of post" in task.look and "They do." in task.look and "a new card" in task.next
        again = home.report(await home.reviewer().again(waiting.number))
        assert "sent once already" in again.cards[0].notes[-1] and home.operations() == []
        assert home.report(run).outcome == "done"
        with pytest.raises(Declined, match="already closed"):
            await home.reviewer().again(waiting.number)
        await home.reviewer().approve(again.cards[0].number, "", ())
        assert home.operations() == ["CreateComment"]
        assert_contract(home.box, home.house.store)


async def test_undo_deletes_what_the_run_made_and_says_what_cannot_be_undone(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        label = ("create_label", {"workspace_id": 11, "name": "Kiln news", "color": "#112233"})
        run, post = await carded(home, label)
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        undone, told = await home.reviewer().undo(run.id)
        assert [(one.title.split()[0], one.state) for one in told] == [("Draft", "card"), ("Create", "card")]
        for card in home.report(undone).cards:
            await home.reviewer().approve(card.number, card.confirm, ())
        assert home.operations()[-2:] == ["DeletePost", "DeleteLabel"]
        assert post not in {one["id"] for one in home.box.export()["posts"]}
        assert_contract(home.box, home.house.store)


async def test_what_is_published_is_only_said(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = newest(home) + 1
        run = await home.run(GOAL, [[DRAFT], [call("publish_post", post=new)], finish()])
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        home.box.advance(3600)
        with_undo, told = await home.reviewer().undo(run.id)
        assert [one.state for one in told] == ["no"] and "not to be taken back for certain" in told[0].says
        assert home.report(with_undo).cards == () and home.operations()[-1] == "UpdatePost"


async def test_an_edited_or_moved_post_is_put_back_as_it_was(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        first, post = await carded(home)
        await home.reviewer().approve(home.report(first).cards[0].number, "", ())
        move = call("schedule_post", post=post, at="2026-12-03 15:00")
        second = await home.run(f"Move post {post} to Thursday 15:00", [[move], finish()])
        await home.reviewer().approve(home.report(second).cards[0].number, "", ())
        undone, told = await home.reviewer().undo(second.id)
        assert [one.state for one in told] == ["card"]
        card = home.report(undone).cards[0]
        assert "Tue 1 Dec 2026 09:00 Europe/Berlin" in card.title
        await home.reviewer().approve(card.number, "", ())
        assert home.writes()[-1]["body"]["schedule_for"]["date"] == "2026-12-01"
        assert_contract(home.box, home.house.store)


async def test_a_deleted_draft_comes_back_as_a_new_one(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        first = await home.run("Draft “The kiln is warm again.” for LinkedIn", [[DRAFT], finish()])
        post = newest(home)
        second = await home.run(f"Delete post {post}", [[call("delete_posts", posts=[post])], finish()])
        card = home.report(second).cards[0]
        await home.reviewer().approve(card.number, card.confirm, ())
        undone, told = await home.reviewer().undo(second.id)
        assert [one.state for one in told] == ["done"] and newest(home) != post
        assert home.report(undone).drafts[0].text == "The kiln is warm again."
        assert first.id != undone.id
        assert_contract(home.box, home.house.store)


async def test_comments_and_labels_are_put_back(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        reads = [call("list_comments", post=1003), call("list_labels"), call("list_comments", post=1008)]
        edits = [
            call("edit_comment", comment=5013, text="The next firing is on Friday."),
            ("update_label", {"label": 21, "name": "Start"}),
            call("hide_comment", comment=5010),
        ]
        goal = "Edit comment 5013, rename label 21 to Start and hide comment 5010"
        run = await home.run(goal, [reads, edits, finish()])
        for card in home.report(run).cards:
            await home.reviewer().approve(card.number, card.confirm, ())
        _, told = await home.reviewer().undo(run.id)
        states = {one.title.split(":")[0].split(" ")[0]: one.state for one in told}
        assert states == {"Hide": "no", "Edit": "card", "Change": "done"}
        assert home.writes()[-1]["body"]["name"] == "Launch"


async def test_a_run_that_changed_nothing_has_nothing_to_undo(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("How many drafts are there?", [finish("Some.")])
        _, told = await home.reviewer().undo(run.id)
        assert told == []


async def test_a_stopped_home_records_decisions_and_begins_nothing_of_a_persons_own(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _ = await carded(home)
        number = home.report(run).cards[0].number
        home.house.store.set_stopped(True)
        with pytest.raises(Halted, match="Recorded, not sent"):
            await home.reviewer().approve(number, "", ())
        with pytest.raises(Halted, match="resume-all"):
            await home.reviewer().undo(run.id)
        assert len(home.house.store.ledger.runs()) == 1 and home.operations() == ["CreatePost"]


async def test_what_was_done_on_another_service_is_not_undone_here(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        opened = home.house.open_run("attended", "ana").state.opened
        assert opened is not None
        there = opened.model_copy(update={"service": "https://elsewhere.example/api/v1"})
        run = Run.open(home.house.store, home.house.clock, there)
        with pytest.raises(Declined, match=rf"Run {run.id} belongs to https://elsewhere.example/api/v1; in use is"):
            await home.reviewer().undo(run.id)
        assert len(home.house.store.ledger.runs()) == 2
