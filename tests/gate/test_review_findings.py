"""Ways an approval could be lost, used for something else, or told falsely: each was a bug once."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from agent.api.folders import CreateFolder, DeleteFolder
from agent.api.posts import ContentItem, ScheduleFor, UpdatePost
from agent.errors import Corrupt, Declined
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.sandbox.faults import Fault
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio

DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")
GOAL = "Publish or schedule “The kiln is warm again.” on LinkedIn for next Tuesday 9:00"
TESTS = [1004, 1005, 1007]
DELETE_GOAL = "Delete the posts 1004, 1005 and 1007"


async def promoted(home: Home, tool: str = "schedule_post", **arguments: Any) -> tuple[Run, int]:
    new = max(one["id"] for one in home.box.export()["posts"]) + 1
    values = arguments or {"at": "2026-12-01 09:00"}
    run = await home.run(GOAL, [[DRAFT], [call(tool, post=new, **values)], finish()])
    return run, home.report(run).cards[0].number


async def test_a_card_of_one_service_is_never_decided_on_another(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        _, number = await promoted(home)
        home.house.gate.client._bases[False] = "http://elsewhere.local/api/v1"
        with pytest.raises(Declined, match="belongs to"):
            await home.reviewer().approve(number, "", ())
        with pytest.raises(Declined, match="belongs to"):
            await home.reviewer().promote(number - 1, None, next_slot=False, confirmed=True)
        assert home.operations() == ["CreatePost"]


@pytest.mark.parametrize(
    ("decision", "happened"), [("approve", "already carried out, approved by {}"), ("reject", "rejected by {}")]
)
async def test_a_second_decision_is_told_what_happened_and_through_whom(
    decision: str, happened: str, tmp_path: Path
) -> None:
    async with home_in(tmp_path) as home:
        _, number = await promoted(home)
        first = home.reviewer()
        if decision == "approve":
            decided = await first.approve(number, "", ())
        else:
            decided = await first.reject(number, "no", delete_draft=False)
        who = decided.state.cards[number].decision
        assert who is not None and who.who
        with pytest.raises(Declined) as refused:
            await home.reviewer().approve(number, "", ())
        assert str(refused.value).startswith(f"Card {number} is {happened.format(who.who)}.")


LATE = """
from agent.policy.own import Effect, Found, Verdict, rule

@rule("own.late", effects=[Effect.OUTBOUND])
def check_late(case, params):
    '''Posts are looked at again in the afternoon.'''
    late = case.facts.now.hour >= 12
    yield Found("It is late." if late else "It is early.", verdict=Verdict.HOLD if late else Verdict.ALLOW)
"""


async def test_what_a_card_only_noted_and_a_rule_holds_now_is_not_carried_out(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text("python: late.py\n", encoding="utf-8")
    async with home_in(tmp_path) as home:
        run, number = await promoted(home)
        assert "It is early." in [one.says for one in run.state.cards[number].card.parts[0].findings]
        home.box.advance(5 * 3600)
        decided = await home.reviewer().approve(number, "", ())
        view = decided.state.cards[number]
        assert view.state == "void" and "It is late." in view.says and home.operations() == ["CreatePost"]


async def test_rejecting_an_edit_of_a_scheduled_post_never_deletes_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        goal = "Change the text of post 1017 and keep its time"
        run = await home.run(goal, [[call("edit_post", post=1017, text="Workshop places for April.")], finish()])
        await home.reviewer().reject(home.report(run).cards[0].number, "no", delete_draft=True)
        assert home.operations() == []


async def test_a_refused_token_leaves_approved_calls_to_be_sent(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run(DELETE_GOAL, [[call("delete_posts", posts=TESTS)], finish()])
        number = home.report(run).cards[0].number
        home.box.set_faults([Fault(kind="status", status=401, operations=("DeletePost",), times=None)])
        with pytest.raises(Declined, match="not sent"):
            await home.reviewer().approve(number, "3", ())
        assert home.report(run).outcome == "failed_safe" and home.operations() == []
        home.box.set_faults([])
        again = Run.load(home.house.store, run.id, home.house.clock)
        again.add(r.Resumed(who="ana"))
        again.flush()
        await home.house.planner(ScriptedModel([])).advance(again)
        assert home.operations() == ["DeletePost"] * 3 and home.report(run).outcome == "done"


async def test_a_passing_failure_before_sending_does_not_void_an_approval(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, number = await promoted(home)
        home.box.set_faults([Fault(kind="status", status=503, operations=("GetPost",), times=4)])
        with pytest.raises(Declined, match="not sent"):
            await home.reviewer().approve(number, "", ())
        assert home.report(run).outcome == "deferred"
        home.box.advance(600)
        again = Run.load(home.house.store, run.id, home.house.clock)
        await home.house.planner(ScriptedModel([])).advance(again)
        assert home.report(run).cards[0].state == "done" and home.operations()[-1] == "UpdatePost"


async def test_a_task_that_a_person_closed_stays_closed(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, number = await _published(home)
        home.box.set_faults([Fault(kind="drop_before", operations=("UpdatePost",))])
        await home.reviewer().approve(number, "", ())
        task = next(one for one in home.report(run).waiting if one.kind == "task")
        home.reviewer().close_task(task.number, "it did not go out")
        again = Run.load(home.house.store, run.id, home.house.clock)
        await home.house.planner(ScriptedModel([])).advance(again)
        assert not [one for one in home.report(run).waiting if one.kind == "task"]
        assert home.report(run).cards[0].state == "done" and home.operations() == ["CreatePost"]
        assert all(item.kind == "draft" for item in home.house.store.ledger.items(("open", "approved")))


async def _published(home: Home) -> tuple[Run, int]:
    new = max(one["id"] for one in home.box.export()["posts"]) + 1
    run = await home.run(GOAL, [[DRAFT], [call("publish_post", post=new)], finish()])
    return run, home.report(run).cards[0].number


async def test_a_strike_that_is_not_on_the_card_is_refused(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run(DELETE_GOAL, [[call("delete_posts", posts=TESTS)], finish()])
        number = home.report(run).cards[0].number
        with pytest.raises(Declined, match="1 to 3"):
            await home.reviewer().approve(number, "2", (1004,))
        await home.reviewer().approve(number, "2", (1,))
        assert [effect["ids"]["post"] for effect in home.writes()] == [[1005], [1007]]


async def test_a_changed_journal_stops_an_approval(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run(DELETE_GOAL, [[call("delete_posts", posts=[1004])], finish()])
        number = home.report(run).cards[0].number
        db = sqlite3.connect(tmp_path / "runs" / "journal.db")
        db.execute("UPDATE records SET body = replace(body, '1004', '1017') WHERE kind = 'card'")
        db.commit()
        db.close()
        with pytest.raises(Corrupt):
            await home.reviewer().approve(number, "", ())
        assert home.operations() == []


async def test_a_lost_edit_of_a_network_text_is_not_taken_for_applied(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        variants = [{"account": 102, "text": "X words of its own."}]
        goal = "Give post 1018 other words on X"
        run = await home.run(goal, [[call("edit_post", post=1018, variants=variants)], finish()])
        told = home.report(run)
        home.box.set_faults([Fault(kind="drop_before", operations=("UpdatePost",))])
        await home.reviewer().approve(told.cards[0].number, "", ())
        assert home.report(run).effects[-1].outcome == "applied"
        assert home.operations() == ["UpdatePost"], "it was sent again after reading showed it missing"


async def test_an_edited_card_still_rests_on_the_version_that_was_shown(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run, number = await promoted(home)
        card = home.report(run).cards[0]
        home.box.edit_behind(card.calls[0].arguments["id"], "Somebody else's words.")
        await home.reviewer().edit(number, "The kiln is warm: come in.")
        assert home.report(run).cards[0].state == "void" and "UpdatePost" not in home.operations()


@pytest.mark.slow
async def test_a_killed_batch_goes_on_with_the_same_parts(tmp_path: Path) -> None:
    """Killed at each write to the journal in turn; both drafts are labelled once in the end."""
    goal = "Put label 22 on the drafts 1004 and 1005"
    posts = [1004, 1005]
    for boundary in range(1, 30):
        async with home_in(tmp_path / str(boundary)) as home:
            steps: list[Step] = [
                [call("label_posts", posts=posts, add=[22])],
                finish(),
            ]
            run = home.house.open_run("attended", "ana")
            run.add(r.Goal(number=1, text=goal, by="ana"))
            run.flush()
            killed = await _killed(home, run, ScriptedModel(steps), boundary)
            again = Run.load(home.house.store, run.id, home.house.clock)
            model = ScriptedModel(steps[len(again.state.turns) :])
            await home.house.planner(model).advance(again)
            labelled = [effect["ids"]["post"][0] for effect in home.writes() if effect["operation"] == "UpdatePost"]
            assert sorted(labelled) == posts, f"killed at {boundary}"
            if not killed:
                return
    pytest.fail("the run never ended")


class Killed(BaseException):
    """Stands for kill -9: nothing after it is written."""


async def _killed(home: Home, run: Run, model: ScriptedModel, boundary: int) -> bool:
    store, count = home.house.store, 0
    append = store._insert

    def counted(*args: Any) -> Any:
        nonlocal count
        count += 1
        if count == boundary:
            raise Killed
        return append(*args)

    store._insert = counted  # type: ignore[method-assign, assignment]  # the boundary is inside the store
    try:
        await home.house.planner(model).advance(run)
    except Killed:
        return True
    finally:
        store._insert = append  # type: ignore[method-assign]  # as above
    return False


async def test_a_draft_that_was_scheduled_elsewhere_is_neither_deleted_nor_published_from_the_queue(
    tmp_path: Path,
) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Draft “The kiln is warm again.” for LinkedIn", [[DRAFT], finish()])
        number = home.report(run).waiting[0].number
        post = next(effect.object_id for effect in home.report(run).effects)
        assert post is not None
        by_hand = UpdatePost(
            id=post,
            workspace_id=11,
            content=(ContentItem(text="The kiln is warm again."),),
            schedule_type="schedule",
            schedule_for=ScheduleFor(date="2026-12-01", time="09:00", timezone="Europe/Berlin"),
        )
        await home.house.client.send(by_hand, person=True)
        with pytest.raises(Declined, match="no longer a draft"):
            await home.reviewer().promote(number, None, next_slot=False, confirmed=True)
        with pytest.raises(Declined, match="no longer a draft"):
            await home.reviewer().reject(number, "no", delete_draft=True)
        assert home.operations() == ["CreatePost", "UpdatePost"]


async def test_a_folder_that_took_something_in_is_not_deleted(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        goal = "Delete the folder 34"
        run = await home.run(goal, [[call("delete_folders", folders=[34])], finish()])
        [card] = home.report(run).cards
        await home.house.gate.client.exchange(CreateFolder(workspace_id=11, name="Not to be lost", parent_id=34))
        await home.reviewer().approve(card.number, "", ())
        [after] = home.report(run).cards
        assert after.state == "void" and "DeleteFolder" not in home.operations()
        assert "folder 34 has got folder 36 since the card was made" in str(
            [entry.record for entry in run.store.read(run.id)]
        )
        again = await home.run(goal, [[call("delete_folders", folders=[34])], finish()])
        [card] = home.report(again).cards
        assert "With it: folder 36" in str([finding.says for each in card.calls for finding in each.findings])
        await home.reviewer().approve(card.number, "", ())
        assert home.operations()[-1] == "DeleteFolder"


async def test_a_folder_that_is_gone_voids_its_card(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Delete the folder 31", [[call("delete_folders", folders=[31])], finish()])
        [card] = home.report(run).cards
        assert "folder 32" in str([finding.says for each in card.calls for finding in each.findings])
        await home.house.gate.client.exchange(DeleteFolder(folder_id=32))
        await home.reviewer().approve(card.number, "", ())
        [after] = home.report(run).cards
        assert after.state == "void"
        assert 31 in {folder["id"] for folder in home.box.export()["folders"]}


async def test_a_card_over_several_posts_is_decided_before_the_first_of_them_goes_out(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        alone = []
        for posts in ([1017], [1018], [1017, 1018], [1018, 1017]):
            goal = f"Put label 22 on the posts {posts}"
            run = await home.run(goal, [[call("label_posts", posts=posts, add=[22])], finish()])
            [view] = run.state.open_cards
            assert view.card.due is not None and view.card.expires < view.card.due
            alone.append(view.card.due)
            await home.reviewer().reject(view.card.number, "", delete_draft=False)
        first, second, *both = alone
        assert first != second
        assert set(both) == {min(first, second)}
