"""What is counted over runs, and what a denial leaves to do: replies to one author, cards, batches, four eyes."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import Declined
from agent.gate.decisions import Person
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.review.reviewer import Reviewer
from agent.review.showing import card_text
from tests.contract import assert_contract
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio

POST = 1014
GOAL = f"Answer the comments of post {POST}"
WORLD = """
workspaces: [{id: 11, name: Shop, slug: shop, timezone: Europe/Berlin}]
tokens: [{token: 1|sandbox, user: mara}]
accounts: [{id: 101, workspace: shop, platform: linkedin, username: shop, name: Shop, is_default: true}]
posts:
  - id: 1014
    workspace: shop
    text: The new glazes are here.
    accounts: [linkedin]
    status: published
    at: -5d 09:00
    comments:
"""


def world(folder: Path, *comments: str) -> str:
    """A world whose one post has these comments; returns its path."""
    path = folder / "world.yaml"
    path.write_text(WORLD + "".join(f"      - {{{one}}}\n" for one in comments), encoding="utf-8")
    return str(path)


def by(author: str, number: int, text: str, at: str = "-1d 10:00") -> str:
    return f'id: {number}, author: {author}, handle: {author.lower()}, platform: linkedin, at: {at}, text: "{text}"'


def reply(comment: int, text: str = "Thank you!") -> Step:
    return [call("reply_to_comment", comment=comment, text=text)]


async def answering(home: Home, *comments: int) -> Run:
    steps: Sequence[Step] = [[call("list_comments", post=POST)], *(reply(one) for one in comments), finish()]
    return await home.run(GOAL, steps)


async def test_nobody_is_answered_three_times_a_day_by_any_runs(tmp_path: Path) -> None:
    comments = [by("Mia", number, f"Question {number}") for number in (5001, 5002, 5003)]
    async with home_in(tmp_path, psa_world=world(tmp_path, *comments, by("Tom", 5004, "Nice"))) as home:
        first = await answering(home, 5001)
        await home.reviewer().approve(first.state.open_cards[0].card.number, "", ())
        second = await answering(home, 5002)  # it waits on a card: that counts, too
        third = await answering(home, 5003, 5004)
        [denied] = home.report(third).denied
        assert "The author of comment 5003 was answered 2 times within 24 hours." in denied.findings[0].says
        assert len(third.state.open_cards) == 1
        await home.reviewer().reject(second.state.open_cards[0].card.number, "no", delete_draft=False)
        fourth = await answering(home, 5003)
        assert len(fourth.state.open_cards) == 1
        home.box.advance(timedelta(hours=25).total_seconds())
        await home.reviewer().approve(fourth.state.open_cards[0].card.number, "", ())
        assert home.operations() == ["CreateComment", "CreateComment"]
        assert_contract(home.box, home.house.store)


async def test_a_card_that_was_approved_does_not_count_against_itself(tmp_path: Path) -> None:
    comments = [by("Mia", number, f"Question {number}") for number in (5001, 5002)]
    async with home_in(tmp_path, psa_world=world(tmp_path, *comments)) as home:
        run = await answering(home, 5001, 5002)
        for view in list(run.state.open_cards):
            await home.reviewer().approve(view.card.number, "", ())
        assert home.operations() == ["CreateComment", "CreateComment"]


async def test_whoever_says_stop_after_the_approval_is_left_alone(tmp_path: Path) -> None:
    comments = [by("Mia", 5001, "Where?"), by("Mia", 5002, "Stop!")]
    async with home_in(tmp_path, psa_world=world(tmp_path, *comments)) as home:
        run = await answering(home, 5001)
        assert not run.state.open_cards
        assert "wants no replies (comment 5002)" in home.report(run).denied[0].findings[0].says


async def test_what_a_person_answers_leaves_a_task_and_no_words(tmp_path: Path) -> None:
    comments = [by("Mia", 5001, "You will hear from my lawyer")]
    async with home_in(tmp_path, psa_world=world(tmp_path, *comments)) as home:
        run = await home.run(
            GOAL, [[call("list_comments", post=POST)], reply(5001), reply(5001, "We are sorry."), finish()]
        )
        assert not run.state.cards and home.operations() == []
        [task] = run.state.tasks.values()
        assert task.says.startswith("Comment 5001 is about a legal matter: a person answers it, in their own words.")
        assert "sorry" not in str(task) and home.report(run).outcome == "held"
        home.reviewer().close_task(task.number, "answered in PostSyncer")
        assert_contract(home.box, home.house.store)


async def test_beyond_the_cards_of_a_day_one_task_says_so(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("rules: {approval.cards: {per_day: 2}}", encoding="utf-8")
    comments = [by(name, 5001 + place, "Nice") for place, name in enumerate(("Ana", "Ben", "Cy", "Dee"))]
    async with home_in(tmp_path, psa_world=world(tmp_path, *comments)) as home:
        run = await answering(home, 5001, 5002, 5003, 5004)
        assert len(run.state.open_cards) == 2 and len(run.state.tasks) == 1
        other = await answering(home, 5003)
        assert not other.state.cards and len(other.state.tasks) == 1
        home.box.advance(timedelta(hours=25).total_seconds())
        assert len((await answering(home, 5003)).state.open_cards) == 1


async def test_eleven_deletions_at_once_are_too_many(tmp_path: Path) -> None:
    drafts = "".join(
        f"\n  - {{id: {number}, workspace: shop, text: Draft {number}, accounts: [linkedin], status: draft}}"
        for number in range(1101, 1112)
    )
    path = Path(world(tmp_path, by("Mia", 5001, "Hi")))
    path.write_text(path.read_text(encoding="utf-8") + drafts.lstrip("\n") + "\n", encoding="utf-8")
    async with home_in(tmp_path, psa_world=str(path)) as home:
        many = list(range(1101, 1112))
        goal = f"Delete the drafts {', '.join(map(str, many))}"
        run = await home.run(
            goal, [[call("delete_posts", posts=many)], [call("delete_posts", posts=many[:10])], finish()]
        )
        [card] = run.state.open_cards
        assert len(card.parts) == 10 and len(home.report(run).denied) == 11
        await home.reviewer().approve(card.card.number, "10", ())
        assert home.operations() == ["DeletePost"] * 10


def as_person(home: Home, name: str) -> Reviewer:
    house = home.house
    planner = lambda: house.planner(ScriptedModel(()))  # noqa: E731 - one line says it
    return Reviewer(house.gate, house.store, house.clock, Person(name, "owner", "test"), planner, house.open_run)


async def test_another_person_approves_what_two_look_at(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("rules: {approval.four_eyes: {people: [ana, ben]}}", encoding="utf-8")
    async with home_in(tmp_path) as home:
        run = await home.run("Disconnect account 106", [[call("disconnect_account", account=106)], finish()])
        [card] = [view.card for view in run.state.open_cards]
        assert "needs: owner, another than ana" in card_text(run.state.cards[card.number])
        assert card.not_by == "ana" and "looked at by two people" in str(card.parts[0].findings)
        with pytest.raises(Declined, match="somebody else than ana"):
            await as_person(home, "ana").approve(card.number, card.confirm, ())
        await as_person(home, "ben").approve(card.number, card.confirm, ())
        assert home.operations() == ["DeleteAccount"]
        assert_contract(home.box, home.house.store)


async def test_with_one_person_the_typed_name_is_enough(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Disconnect account 106", [[call("disconnect_account", account=106)], finish()])
        [card] = [view.card for view in run.state.open_cards]
        assert not card.not_by and card.confirm
        await as_person(home, "ana").approve(card.number, card.confirm, ())
        assert home.operations() == ["DeleteAccount"]


async def test_contacts_are_collected_by_an_owners_decision(tmp_path: Path) -> None:
    async with home_in(tmp_path, psa_features=("contacts",)) as home:
        goal = f"Collect the commenters of post {POST} as contacts on list 1"
        collect = call("set_contact_collection", post=POST, enabled=False)
        run = await home.run(goal, [[call("find_posts", limit=50)], [collect], finish()])
        [card] = run.state.open_cards
        assert card.card.role == "owner"
        with pytest.raises(Declined, match="needs the role owner"):
            await home.reviewer("editor").approve(card.card.number, "", ())
