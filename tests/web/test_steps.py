"""A run as its page tells it: goals, turns, verdicts, budgets and how it stands. Without any page."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent.journal import records as r
from agent.journal.fold import RunState
from agent.web.run_states import BROKEN_OFF, WORKING, badge, face
from agent.web.steps import MOST_TURNS, budgets_of, steps_of
from tests.house import NOW, call, finish, home_in
from tests.journal.helpers import goal, opened

DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")


def state_of(*records: r.AnyRecord) -> RunState:
    return RunState("r1", lambda text: text).fold((place, NOW, one) for place, one in enumerate(records, 1))


@pytest.mark.anyio
async def test_calls_are_told_with_verdict_effect_and_card(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        scheduled = [call("schedule_post", post=1023, at="2026-12-01 09:00")]
        run = await home.run("Draft and schedule “The kiln is warm again.”", [[DRAFT], scheduled, finish("It waits.")])
        asked, first, second, last = steps_of(run.state).steps
        assert (asked.kind, asked.text) == ("goal", "Draft and schedule “The kiln is warm again.”")
        (draft,) = first.calls[0].judged
        assert (draft.effect, draft.object_id, draft.card) == ("applied", 1023, None)
        (held,) = second.calls[0].judged
        assert (held.verdict, held.effect, held.card) == ("hold", "", next(iter(run.state.cards)))
        assert held.findings[0].says
        assert (last.text, last.calls) == ("It waits.", ())
        await home.reviewer().approve(held.card or 0, "", ())
        (sent,) = steps_of(home.reviewer().show(held.card or 0).state).steps[2].calls[0].judged
        assert sent.effect == "applied"


def test_the_newest_turns_are_told_and_lead_to_the_earlier_ones() -> None:
    turns = [r.Turn(turn=number, reply="{}", text=f"Words {number}") for number in range(1, 46)]
    state = state_of(opened(), goal(), r.Told(text="Do it", goal=1), *turns)
    newest = steps_of(state)
    assert [one.number for one in newest.steps] == list(range(46 - MOST_TURNS, 46))
    assert (newest.earlier, newest.later) == (25, 0)
    first = steps_of(state, 5)
    assert [one.kind for one in first.steps] == ["goal", *["turn"] * 5]
    assert (first.earlier, first.later) == (0, 25)
    assert steps_of(state, 999) == newest


def test_what_a_model_says_with_finish_is_told_however_it_wrote_it() -> None:
    def told(arguments: str) -> str:
        finishing = r.ToolCall(id="1", name="finish", arguments=arguments)
        state = state_of(opened(), goal(), r.Turn(turn=1, reply="{}", text="So.", calls=(finishing,)))
        return steps_of(state).steps[0].text

    assert told('{"said": "Done.", "refused": "Not all."}') == "So.\nDone.\nNot all."
    assert told('{"said": 3}') == "So."
    assert told("[1]") == "So.\n[1]"
    assert told("{nonsense") == "So.\n{nonsense"


def test_budgets_warn_before_they_are_used_up() -> None:
    limits = r.Limits(turns=10, seconds=100)
    state = state_of(opened().model_copy(update={"limits": limits}), goal())
    state.spent.turns, state.spent.money = 9, 0.5
    told = {one.name: one for one in budgets_of(state, NOW + timedelta(seconds=125), priced=True)}
    assert (told["Model turns"].kind, told["Model turns"].shown) == ("warn", "9 of 10")
    assert (told["Time"].kind, told["Time"].shown) == ("bad", "2:05 of 1:40 min")
    assert (told["Money"].kind, told["Money"].shown) == ("", "$0.5000 of $1.00")
    assert "Money" not in {one.name for one in budgets_of(state, NOW, priced=False)}


def test_how_a_run_stands_is_a_word_of_its_own() -> None:
    assert badge("", moving=True) == WORKING
    assert badge("", moving=False) == BROKEN_OFF
    outcomes: list[r.RunOutcome] = ["done", "held", "asked", "refused", "deferred", "stopped", "failed_safe"]
    looks = [badge(one, moving=False) for one in outcomes] + [WORKING, BROKEN_OFF]
    assert len({look.word for look in looks}) == len(looks)
    assert face("unattended", "night", "comments", "2026-11-24") == "night job comments of 2026-11-24"
    assert face("attended", "chat", "", "") == "chat"
