"""Nothing lost, doubled or unapproved with a hostile planner; and that what breaks the gate is found out."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.api.comments import CreateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import DeletePost
from agent.assembly import Seams
from agent.gate.door import Gate, Result
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.policy.pack import Pack, Packs
from agent.policy.verdict import Judgement, Verdict
from agent.tools.registry import TOOLS
from tests.contract import compare
from tests.house import Home, call, finish, home_in
from tests.torture.hostile import KNOWN, SHARED, WORLD, Count, play
from tests.torture.hostile_calls import Caller
from tests.torture.hostile_run import vacuous
from tests.torture.hostile_wire import Witness

Say = Callable[[str], None]


def assert_held(count: Count) -> None:
    assert not count.all_breaches, "\n".join(count.all_breaches)
    assert not vacuous(count)


@pytest.mark.parametrize("half", [0, 1])
def test_nothing_is_lost_doubled_or_unapproved(half: int, numbers: Say) -> None:
    count = play("short", range(15 * half, 15 * (half + 1)))
    numbers(count.line())
    assert count.sequences == 15 * SHARED and count.tally.guarded > 10
    assert_held(count)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(40))
def test_nothing_is_lost_doubled_or_unapproved_at_length(part: int, numbers: Say) -> None:
    count = play("long", range(250 * part, 250 * (part + 1)))
    numbers(count.line())
    assert count.sequences == 250 * SHARED
    assert_held(count)


def test_every_tool_is_called() -> None:
    assert {name for name in TOOLS if not hasattr(Caller, f"_{name}")} == set()


# -- what breaks the gate is found out ---------------------------------------------------------------------------------


def without_rules(home: Home) -> None:
    """A policy that permits everything."""
    shipped = home.house.packs

    def load(mode: Any, overlay: str) -> Pack:
        floors = dict.fromkeys(Effect, Verdict.ALLOW)
        return dataclasses.replace(shipped.of(mode, overlay), rules=(), floors=floors)

    home.house.packs = home.house.gate.packs = Packs(load)


def gate_of(kind: type[Gate], home: Home) -> None:
    """Puts another gate in place of the home's."""
    old = home.house.gate
    home.house.gate = kind(old.client, old.ledger, old.packs, old.clock, old.budget, old.surroundings)


class WithoutCards(Gate):
    """What should be held is sent."""

    def judge(self, run: Run, call: Endpoint[Any], together: int = 1) -> Judgement:
        judgement = super().judge(run, call, together)
        held = judgement.verdict is Verdict.HOLD
        return dataclasses.replace(judgement, verdict=Verdict.ALLOW) if held else judgement


class SignsItself(Gate):
    """Decides about its own cards, as a model would."""

    async def propose(self, run: Run, *given: Any, **more: Any) -> list[Result]:
        results = await super().propose(run, *given, **more)
        for view in run.state.open_cards:
            run.add(
                r.Decided(
                    card=view.card.number,
                    digest=view.card.digest,
                    decision="approve",
                    who="model",
                    role="viewer",
                    channel="model",
                    until=view.card.expires,
                )
            )
        return results


class Swaps(Gate):
    """Sends other words than those that were approved."""

    async def send(
        self, run: Run, key: str, call: Endpoint[Any], effect_class: Effect, card: CardView | None = None, **more: Any
    ) -> None:
        swapped = call.model_copy(update={"content": "Other words."}) if isinstance(call, CreateComment) else call
        await super().send(run, key, swapped, effect_class, card, **more)


@pytest.mark.slow
def test_a_policy_that_permits_everything_is_found_out() -> None:
    count = play("spoilt", range(4), spoil=without_rules)
    assert count.tally.unapproved
    told = "\n".join(count.breaches)
    assert "no accounts are named" in told and "no time is named" in told and "lies in workspace" in told


@pytest.mark.anyio
async def test_a_secret_on_the_wire_is_found_out(tmp_path: Path) -> None:
    told: list[str] = []
    witness = Witness(told.append)
    witness.secret = KNOWN
    async with home_in(tmp_path, Seams(transport=witness.around), psa_world=str(WORLD)) as home:
        without_rules(home)
        for text in (KNOWN, KNOWN[::-1], "\u200b".join(KNOWN), KNOWN.encode().hex(), "nothing"):
            await home.run("Draft it", [[call("draft_post", workspace_id=11, accounts=[101], text=text)], finish()])
        assert len(home.operations()) == 5
    assert [one.endswith("a secret leaves") for one in told] == [True] * 4


def test_a_gate_without_cards_is_found_out() -> None:
    count = play("spoilt", range(1), spoil=lambda home: gate_of(WithoutCards, home))
    assert count.tally.unapproved and all("names no card" in one for one in count.tally.unapproved)


async def replied(home: Home) -> list[str]:
    """A reply to a comment, approved where it still waits; returns the effects that nobody approved."""
    asks = [[call("list_comments", post=1001)], [call("reply_to_comment", comment=5001, text="They do.")], finish()]
    run = await home.run("Reply to the comments of post 1001", asks)
    for view in run.state.open_cards:
        await home.reviewer().approve(view.card.number, "", ())
    assert home.operations() == ["CreateComment"]
    return compare(home.box, home.house.store).unapproved


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "why"),
    [(Gate, ""), (SignsItself, "the role may decide"), (Swaps, "the bytes are those approved")],
)
async def test_a_forged_decision_and_other_bytes_are_found_out(kind: type[Gate], why: str, tmp_path: Path) -> None:
    async with home_in(tmp_path, psa_world=str(WORLD)) as home:
        gate_of(kind, home)
        found = await replied(home)
        assert [why in one for one in found] == ([True] if why else [])


@pytest.mark.anyio
async def test_what_goes_around_the_gate_is_found_out(tmp_path: Path) -> None:
    async with home_in(tmp_path, psa_world=str(WORLD)) as home:
        await home.house.client.send(DeletePost(id=1005))
        assert ["in no journal" in one for one in compare(home.box, home.house.store).unapproved] == [True]
