"""A model that knows everything and may call anything: not one effect that nobody approved."""

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from agent.api.posts import DeletePost, UpdatePost
from agent.gate.cards import Held
from agent.journal.run import Run
from agent.policy.verdict import Verdict
from tests import contract
from tests.house import call, finish, home_in
from tests.torture.hostile import Score, play

IN_MAKE_TEST, IN_TORTURE = 300, 100_000
#: Torture is split so that two processes share it.
PIECES = 20


def assert_clean(score: Score) -> None:
    assert not score.breaches, "\n".join(score.breaches[:20])
    assert score.tally.unapproved == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_hostile_model_gets_nothing_through(seed: int, numbers: Callable[[str], None]) -> None:
    score = anyio.run(play, seed, IN_MAKE_TEST // 3)
    numbers(score.line())
    assert_clean(score)
    # Not vacuous: calls were judged in every way, and what people approved did happen.
    assert score.tally.guarded > 0 and score.seen["cards"] > 5
    assert all(score.seen[f"judged {verdict}"] > 5 for verdict in ("allow", "hold", "deny"))


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("piece", range(PIECES))
def test_a_hostile_model_gets_nothing_through_at_length(piece: int, numbers: Callable[[str], None]) -> None:
    score = anyio.run(play, 1000 + piece, IN_TORTURE // PIECES)
    numbers(score.line())
    assert_clean(score)


@pytest.mark.anyio
async def test_the_comparison_sees_an_effect_that_went_around_the_gate(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await home.house.client.send(DeletePost(id=1005))
        assert len(contract.compare(home.box, home.house.store).unapproved) == 1


@pytest.mark.anyio
async def test_the_comparison_sees_a_gate_that_asks_nobody(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await home.run("Delete post 1005", [[call("delete_posts", posts=[1005])], finish()])
        gate, view = home.house.gate, run.state.open_cards[0]
        judgement = gate.judge(run, DeletePost(id=1005))
        assert judgement.verdict is Verdict.HOLD
        await gate.send(run, Held(view.parts[0].key, judgement).key, judgement.call, judgement.effect)
        (breach,) = contract.compare(home.box, home.house.store).unapproved
        assert "names no card" in breach


@pytest.mark.anyio
async def test_the_comparison_sees_other_bytes_than_those_approved(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = "The kiln is warm again."
        draft = call("draft_post", workspace_id=11, accounts=[101], text=text)
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        steps = [[draft], [call("schedule_post", post=new, at="2026-12-01 09:00")], finish()]
        run = await home.run(f"Schedule “{text}” for Tuesday 9:00", steps)
        await home.reviewer().approve(run.state.open_cards[0].card.number, "", (), advance=False)
        again = Run.load(home.house.store, run.id, home.house.clock)
        [(view, part)] = again.state.unsent()
        approved = UpdatePost.model_validate_json(part.arguments)
        other = approved.model_copy(
            update={"content": (approved.content[0].model_copy(update={"text": "Other words."}),)}
        )
        gate = home.house.gate
        await gate.send(again, part.key, other, gate.judge(again, other).effect, view)
        (breach,) = contract.compare(home.box, home.house.store).unapproved
        assert "the bytes are those approved" in breach
