"""What a hostile tester broke, and holds now: one bad job, journal, model or clock spoils no other night."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agent.api.limits import MemoryBudget
from agent.errors import Declined, ModelUnavailable
from agent.journal.run import Run
from agent.planner.model import read_completion
from agent.planner.scripted import ScriptedModel
from tests.house import call, home_in
from tests.night.nights import DRAFT, finish, job_of, jobs_text, night, outcomes

pytestmark = pytest.mark.anyio

DAY = 86_400


class KilledError(BaseException):
    """As good as kill -9: nothing after it is written."""


GONE = ModelUnavailable("The model is gone.")


async def test_nothing_is_sent_from_a_journal_whose_chain_is_broken(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await night(home, jobs_text("hours", "prices"), {"hours": [[DRAFT], GONE], "prices": [[DRAFT], GONE]})
        sent = len(home.operations())
        db = sqlite3.connect(tmp_path / "runs" / "journal.db")
        db.execute("UPDATE records SET body = replace(body, 'ana', 'eve') WHERE run = 'r2' AND seq = 2")
        db.commit()
        home.box.advance(600)
        told = await night(home, jobs_text("hours", "prices"), {"prices": [finish()]})
        assert outcomes(told)["hours"] == "failed_safe" and "does not fit the chain" in job_of(told, "hours").why
        assert outcomes(told)["prices"] == "done" or len(home.operations()) >= sent
        home.box.advance(DAY)
        later = await night(home, jobs_text("hours", "prices"))
        assert [job.outcome for job in later.jobs if job.date == "2026-11-24"] == ["done", "done"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("    policy: broken.yaml\n", "rulez"),
        ("    limits: {money: .inf}\n", "money"),
    ],
)
async def test_a_job_that_cannot_be_is_refused_before_anything_begins(extra: str, words: str, tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        (tmp_path / "broken.yaml").write_text("rulez: {}\n")
        text = jobs_text("bad") + extra + jobs_text("good").removeprefix("jobs:")
        try:
            told = await night(home, text)
        except Exception as error:
            assert words in str(error) and home.operations() == []
            return
        assert outcomes(told) == {"bad": "lost", "good": "done"} and words in job_of(told, "bad").why


async def test_a_goal_that_holds_a_key_is_neither_carried_out_nor_kept(tmp_path: Path) -> None:
    key = "sk-canary-9f3e1c77aa"
    async with home_in(tmp_path, openai_api_key=SecretStr(key)) as home:
        told = await night(home, jobs_text("hours").replace("nine.", f"nine {key}."))
        assert outcomes(told) == {"hours": "lost"} and key not in told.model_dump_json()
        assert key not in (tmp_path / "runs" / "journal.db").read_bytes().decode("latin-1")


async def test_handling_a_nights_draft_does_not_bring_the_job_back(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = await night(home, jobs_text("hours"))
        await home.reviewer().reject(told.waiting[0].number, "no", delete_draft=False)
        assert (await night(home, jobs_text("hours"))).jobs == ()
        home.box.advance(DAY)
        later = await night(home, jobs_text("hours"))
        assert [(job.date, job.outcome) for job in later.jobs] == [("2026-11-24", "done")]


async def test_a_killed_job_has_its_whole_time_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = jobs_text("hours") + "    limits: {seconds: 600}\n"

        class Killed(ScriptedModel):
            async def complete(self, body: bytes, on_text: object = None) -> object:  # type: ignore[override]
                raise KilledError

        with pytest.raises(KilledError):
            await night(home, text, model=lambda _: Killed([]))
        home.box.advance(3600)
        assert outcomes(await night(home, text)) == {"hours": "done"} and home.operations() == ["CreatePost"]


async def test_a_date_older_than_one_that_is_done_is_never_run(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        assert [job.date for job in (await night(home, jobs_text("hours", at="08:00"))).jobs] == ["2026-11-24"]
        assert (await night(home, jobs_text("hours", at="22:00"))).jobs == ()
        home.box.freeze(home.house.clock.now() - timedelta(days=1))
        assert (await night(home, jobs_text("hours", at="08:00"))).jobs == () and home.operations() == ["CreatePost"]


async def test_limits_hold_within_one_turn_and_one_question_is_enough(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        many = [call("draft_post", workspace_id=11, accounts=[101], text=f"We open at {n}.") for n in range(20)]
        asks = [call("ask", question=f"Which {n}?") for n in range(5)]
        text = jobs_text("hours", "asks").replace(
            '    at: "22:00"\n', '    at: "22:00"\n    limits: {requests: 6, cards: 1}\n'
        )
        told = await night(home, text, {"hours": [many, finish()], "asks": [asks]})
        assert home.operations().count("CreatePost") <= 6 and job_of(told, "hours").requests <= 8
        run = Run.load(home.house.store, job_of(told, "asks").run, home.house.clock)
        assert len(run.state.questions) == 1


async def test_a_jobs_overlay_holds_for_its_draft_in_the_daytime_too(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        (tmp_path / "strict.yaml").write_text("effects:\n  outbound: deny\n")
        told = await night(home, jobs_text("hours") + "    policy: strict.yaml\n")
        with pytest.raises(Declined, match="denies"):
            await home.reviewer().promote(told.waiting[0].number, None, next_slot=False, confirmed=True)
        assert home.operations() == ["CreatePost"]


async def test_a_model_that_is_back_halts_nobody_although_an_older_run_still_waits(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = "side_by_side: 1\n" + jobs_text("one", "two")
        await night(home, text, {"one": [GONE]})
        home.box.advance(60)  # the first run is put off for five minutes
        told = await night(home, text)
        assert outcomes(told) == {"one": "deferred", "two": "done"} and not told.put_off


async def test_the_mirror_is_mended_before_links_lead_into_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await night(home, jobs_text("hours"), {"hours": [[DRAFT], GONE]})
        mirror = tmp_path / "runs" / "r2" / "journal.jsonl"
        mirror.write_text("".join(mirror.read_text().splitlines(keepends=True)[:-3]))
        home.box.advance(600)
        told = await night(home, jobs_text("hours"), {"hours": [finish()]})
        lines = mirror.read_text().splitlines()
        for line in job_of(told, "hours").lines:
            assert json.loads(lines[line.seq - 1])["seq"] == line.seq


@pytest.mark.parametrize("waiters", [8, 64, 200])
def test_a_crowd_of_waiters_uses_the_budget_to_the_full(waiters: int) -> None:
    """Everybody wakes a little late; nobody is pushed back by what others only plan."""
    budget, now = MemoryBudget(), 1_772_445_600.0
    waiting = [(budget.reserve(now, person=False), number) for number in range(waiters)]
    sent: list[float] = []
    while len(sent) < 400:
        waiting.sort()
        slot, number = waiting.pop(0)
        woken = max(now, slot) + 0.01 * (number % 7)
        taken = budget.take(slot, woken, person=False)
        if taken > woken:
            waiting.append((taken, number))
            continue
        now = max(now, woken)
        sent.append(woken)
        budget.arrived(taken, woken + 0.3, person=False)
        waiting.append((budget.reserve(woken + 0.3, person=False), number))
    minutes = (max(sent) - min(sent)) / 60
    assert len(sent) >= 0.9 * 50 * minutes
    assert max(sum(1 for other in sent if at <= other < at + 60) for at in sent) <= 60


def test_a_closing_that_a_wrong_clock_wrote_is_forgotten() -> None:
    budget, now = MemoryBudget(), 1_772_445_600.0
    budget.exhausted(now + 86_400 + 30)
    assert budget.reserve(now, person=True) == now
    budget.exhausted(now + 30)
    assert MemoryBudget().left(now) == 60


@pytest.mark.parametrize(
    "usage", [{"prompt_tokens": 10**4000}, {"prompt_tokens": float("inf")}, {"prompt_tokens": "many"}, {}]
)
def test_tokens_that_make_no_sense_count_as_none(usage: dict[str, Any]) -> None:
    function = {"name": "a\ud800", "arguments": "{}"}
    message = {"role": "assistant", "tool_calls": [{"id": "\ud800", "function": function}]}
    reply = read_completion(json.dumps({"choices": [{"message": message}], "usage": usage}))
    assert reply.prompt_tokens == 0 and reply.calls[0].id == "?" and reply.calls[0].name == "a?"
    with pytest.raises(ModelUnavailable):
        read_completion("[" * 200_000)
