"""The way of a goal through the gate: what is sent, what waits, what is refused, judged by the sandbox's own log."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.api.posts import DeletePost
from agent.errors import Declined
from agent.journal.run import Run
from agent.planner.scripted import Step
from agent.sandbox.faults import Fault
from tests.contract import assert_contract, compare, replay_is_quiet
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio


async def test_reads_that_a_turn_begins_with_go_side_by_side(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        home.box.set_faults([Fault(kind="delay", seconds=5, operations=("ListLabels", "ListFolders"), times=2)])
        await home.run(
            "Which labels are there?", [[call("list_labels"), call("list_folders", workspace_id=11)], finish()]
        )
        began = [one["at"] for one in home.box.requests() if "/labels" in one["target"] or "/folders" in one["target"]]
        assert len(began) == 2
        first, second = map(datetime.fromisoformat, began)
        assert abs(second - first) < timedelta(seconds=5)


LINKEDIN, X = 101, 102
DRAFT = call("draft_post", workspace_id=11, accounts=[LINKEDIN], text="The kiln is warm again.")
GOAL = "Schedule “The kiln is warm again.” for next Tuesday 9:00 on LinkedIn"


async def scheduled(home: Home) -> tuple[Run, int]:
    """A run that left a draft and a card to schedule it; returns the run and the draft's id."""
    post = home.box.export()["posts"]
    new = max(one["id"] for one in post) + 1
    run = await home.run(GOAL, [[DRAFT], [call("schedule_post", post=new, at="2026-12-01 09:00")], finish()])
    return run, new


async def test_a_draft_is_made_without_asking(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Draft “The kiln is warm again.” for LinkedIn", [[DRAFT], finish("One draft.")])
        told = home.report(run)
        assert told.outcome == "done" and told.said == "One draft."
        assert [(effect.operation, effect.outcome) for effect in told.effects] == [("CreatePost", "applied")]
        assert home.operations() == ["CreatePost"]
        assert home.writes()[0]["body"]["schedule_type"] == "draft"


async def test_a_promotion_waits_and_is_sent_once_when_approved(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _post = await scheduled(home)
        assert home.report(run).outcome == "held"
        assert home.operations() == ["CreatePost"]
        card = home.report(run).cards[0]
        approved = await home.reviewer().approve(card.number, "", ())
        told = home.report(approved)
        assert told.outcome == "done" and told.cards[0].state == "done" and told.cards[0].decided_by == "ana"
        assert home.operations() == ["CreatePost", "UpdatePost"]
        sent = home.writes()[1]["body"]
        assert sent["schedule_type"] == "schedule"
        assert sent["schedule_for"] == {"date": "2026-12-01", "time": "09:00", "timezone": "Europe/Berlin"}
        with pytest.raises(Declined, match="carried out"):
            await home.reviewer().approve(card.number, "", ())
        assert home.operations() == ["CreatePost", "UpdatePost"]


async def test_a_rejected_card_sends_nothing_and_the_draft_can_go_too(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _post = await scheduled(home)
        number = home.report(run).cards[0].number
        await home.reviewer().reject(number, "not now", delete_draft=True)
        assert home.operations() == ["CreatePost", "DeletePost"]
        assert home.report(run).cards[0].state == "rejected"


async def test_an_edit_between_card_and_approval_voids_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, post = await scheduled(home)
        number = home.report(run).cards[0].number
        home.box.edit_behind(post, "Somebody else's words.")
        await home.reviewer().approve(number, "", ())
        told = home.report(run)
        assert told.cards[0].state == "void"
        assert home.operations().count("UpdatePost") == 0


async def test_a_card_expires(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _ = await scheduled(home)
        card = home.report(run).cards[0]
        home.box.advance((card.expires - home.house.clock.now() + timedelta(seconds=1)).total_seconds())
        with pytest.raises(Declined, match="in time"):
            await home.reviewer().approve(card.number, "", ())
        assert home.operations() == ["CreatePost"]


async def test_a_viewer_may_not_decide(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _ = await scheduled(home)
        with pytest.raises(Declined, match="role"):
            await home.reviewer("viewer").approve(home.report(run).cards[0].number, "", ())


async def test_deletions_of_one_call_share_a_card_and_ask_for_the_count(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        drafts = [post for post in home.box.export()["posts"] if post.get("status", "draft") == "draft"]
        tests = [post["id"] for post in drafts if "test" in str(post["content"][0].get("text", "")).lower()]
        assert len(tests) > 1
        find = call("find_posts", status="draft", contains="test")
        run = await home.run("Delete the drafts called test", [[find], [call("delete_posts", posts=tests)], finish()])
        card = home.report(run).cards[0]
        assert len(card.calls) == len(tests) and home.operations() == []
        with pytest.raises(Declined, match="confirm"):
            await home.reviewer().approve(card.number, "", ())
        await home.reviewer().approve(card.number, str(len(tests)), ())
        assert home.operations() == ["DeletePost"] * len(tests)
        assert list((tmp_path / "runs" / run.id / "before").glob("DeletePost-*.json"))


async def test_a_call_that_waits_is_not_carded_twice(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        promote = call("schedule_post", post=new, at="2026-12-01 09:00")
        run = await home.run(GOAL, [[DRAFT], [promote], [promote], finish()])
        assert len(home.report(run).cards) == 1


async def test_the_goal_decides_whether_anything_may_go_out(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        run = await home.run(
            "Draft “The kiln is warm again.” for LinkedIn", [[DRAFT], [call("publish_post", post=new)], finish()]
        )
        told = home.report(run)
        assert not told.cards and told.denied[0].findings[0].rule == "post.draft_by_default"


async def test_ids_that_nobody_read_are_refused(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        foreign = call("draft_post", workspace_id=11, accounts=[999], text="Hello.")
        run = await home.run("Draft “Hello.” for LinkedIn", [[foreign], finish("Nothing.", "no such account")])
        assert home.operations() == []
        assert home.report(run).outcome == "refused"


async def test_stop_halts_before_the_next_effect(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _ = await scheduled(home)
        home.house.store.set_stopped(True)
        with pytest.raises(Exception, match="stopped"):
            await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        assert home.operations() == ["CreatePost"]
        home.house.store.set_stopped(False)
        again = Run.load(home.house.store, run.id, home.house.clock)
        await home.reviewer()._planner().advance(again)
        assert home.operations() == ["CreatePost", "UpdatePost"]


async def test_a_question_waits_and_its_answer_goes_on(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Draft something nice", [[call("ask", question="About what?")]])
        told = home.report(run)
        assert told.outcome == "asked"
        after = await home.reviewer(steps=[[DRAFT], finish()]).answer(told.waiting[0].number, "About the kiln.")
        assert home.report(after).outcome == "done" and home.operations() == ["CreatePost"]


async def test_a_draft_of_the_queue_is_scheduled_by_a_person(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Draft “The kiln is warm again.” for LinkedIn", [[DRAFT], finish()])
        number = home.report(run).waiting[0].number
        await home.reviewer().promote(number, "2026-12-01 09:00", next_slot=False, confirmed=True)
        assert home.operations() == ["CreatePost", "UpdatePost"]
        assert not home.report(run).waiting


async def test_a_run_goes_on_where_its_journal_ends(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _ = await scheduled(home)
        before = home.report(run)
        requests = len(home.box.requests())
    async with home_in(tmp_path) as home:
        assert home.report(run) == before
        assert len(home.box.requests()) == requests


async def test_a_card_for_the_earliest_time_can_still_be_decided(tmp_path: Path) -> None:
    """Ten minutes ahead is allowed, so those minutes are for deciding; the last two are for sending."""
    async with home_in(tmp_path) as home:
        steps: list[Step] = [[call("schedule_post", post=1015, at="2026-11-24 10:10")], finish()]
        run = await home.run("Schedule draft 1015 for today at 10:10", steps)
        [card] = run.state.open_cards
        home.box.advance(7 * 60)
        await home.reviewer().approve(card.card.number, "", ())
        assert home.operations() == ["UpdatePost"]
        late = await home.run(
            "Schedule draft 1016 for today at 10:17",
            [[call("schedule_post", post=1016, at="2026-11-24 04:17")], finish()],
        )
        [card] = late.state.open_cards
        home.box.advance(9 * 60)
        with pytest.raises(Declined):
            await home.reviewer().approve(card.card.number, "", ())


async def test_the_contract_holds_over_a_day_of_decisions(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, _ = await scheduled(home)
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        again, _ = await scheduled(home)
        await home.reviewer().reject(home.report(again).cards[0].number, "not now", delete_draft=True)
        tally = assert_contract(home.box, home.house.store)
        assert (tally.effects, tally.guarded, tally.unknown) == (4, 2, 0)
        replay_is_quiet(home.box, tmp_path)


async def test_the_contract_sees_what_nobody_approved(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await scheduled(home)
        post = max(one["id"] for one in home.box.export()["posts"])
        await home.house.client.send(DeletePost(id=post))
        found = compare(home.box, home.house.store)
        assert len(found.doubled) == 1 and len(found.unapproved) == 1
