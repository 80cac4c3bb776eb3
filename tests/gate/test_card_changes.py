"""A person changes what a card would do: decided on the new bytes, or shown again; never about something else."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.api.endpoint import Endpoint
from agent.api.posts import UpdatePost
from agent.errors import Declined
from agent.gate.decisions import Person, put_on_card, with_text
from tests.house import call, finish, home_in

pytestmark = pytest.mark.anyio


async def _card(home: Any) -> tuple[Any, int]:
    run = await home.run(
        "Draft and schedule it for 1 December",
        [
            [call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm.")],
            [call("schedule_post", post=1023, at="2026-12-01 09:00")],
            finish(),
        ],
    )
    return run, next(iter(run.state.cards))


async def test_a_change_that_is_not_decided_waits_as_a_card_of_its_own(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        _, number = await _card(home)
        run, said = await home.reviewer().change(number, lambda one: with_text(one, "Come in."), decides=False)
        assert said == f"The change waits as card {number + 1}."
        assert run.state.cards[number].state == "void"
        assert run.state.cards[number].says == "edited by ana; shown again to be decided"
        fresh = run.state.cards[number + 1]
        assert fresh.state == "open"
        assert '"Come in."' in fresh.parts[0].arguments
        await home.reviewer().approve(number + 1, "", ())
        assert home.writes()[-1]["body"]["content"][0]["text"] == "Come in."


async def test_a_change_with_new_findings_is_shown_again_with_them(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        _, number = await _card(home)
        tags = " ".join(f"#kiln{count}" for count in range(12))
        run, said = await home.reviewer().change(number, lambda one: with_text(one, f"Come in. {tags}"))
        assert said.startswith(f"The new text has findings; it waits as card {number + 1}: ")
        assert run.state.cards[number].says == "edited by ana; shown again with new findings"
        assert home.operations() == ["CreatePost"]


async def test_who_asked_may_change_what_two_look_at_but_not_decide_it(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("rules: {approval.four_eyes: {people: [ana, ben]}}", encoding="utf-8")
    async with home_in(tmp_path) as home:
        run = await home.run("Disconnect account 106", [[call("disconnect_account", account=106)], finish()])
        number = next(iter(run.state.cards))
        with pytest.raises(Declined, match="somebody else than ana"):
            await home.reviewer().change(number, lambda one: one)
        await home.reviewer().change(number, lambda one: one, decides=False)
        with pytest.raises(Declined, match="somebody else than ana"):
            await home.reviewer().approve(number + 1, "@fernandclay", ())
        assert home.operations() == []


async def test_a_card_tells_the_workspace_that_all_its_calls_are_about(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        posts = home.box.export()["posts"]
        drafts = {one["workspace"]: one["id"] for one in posts if one["accounts"][0]["status"] == "DRAFT"}
        goal = f"Delete the posts 1004, {drafts[11]} and {drafts[12]}"
        both = [call("delete_posts", posts=[drafts[11], drafts[12]])]
        run = await home.run(goal, [[call("delete_posts", posts=[1004])], both, finish()])
        assert [view.card.workspace for view in run.state.open_cards] == [11, 0]


async def test_a_second_change_by_the_same_person_is_noted_once(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        _, number = await _card(home)
        await home.reviewer().change(number, lambda one: with_text(one, "Come in."), decides=False)
        run, _ = await home.reviewer().change(number + 1, lambda one: with_text(one, "Come in now."), decides=False)
        assert run.state.cards[number + 2].card.notes == ("Edited by ana.",)


async def test_another_time_on_a_card_is_what_is_sent(tmp_path: Path) -> None:
    def later(one: Endpoint[Any]) -> Endpoint[Any]:
        values = one.model_dump(mode="json")
        values["schedule_for"]["time"] = "15:30"
        return UpdatePost.model_validate_json(json.dumps(values))

    async with home_in(tmp_path) as home:
        _, number = await _card(home)
        await home.reviewer().change(number, later)
        assert home.writes()[-1]["body"]["schedule_for"]["time"] == "15:30"


@pytest.mark.parametrize(
    "changes", [{"id": 1004}, {"workspace_id": 12}, {"schedule_type": "publish_now", "schedule_for": None}]
)
async def test_no_change_makes_a_card_about_something_else(tmp_path: Path, changes: dict[str, Any]) -> None:
    async with home_in(tmp_path) as home:
        run, number = await _card(home)

        def other(one: Endpoint[Any]) -> Endpoint[Any]:
            return UpdatePost.model_validate_json(json.dumps(one.model_dump(mode="json") | changes))

        with pytest.raises(Declined, match="keeps what it is about"):
            put_on_card(home.house.gate, run, number, Person("ana", "owner", "test"), other)
        assert run.state.cards[number].state == "open"
