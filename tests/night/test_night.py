"""Nights end to end: each date once, nothing public, what goes wrong put off and told, every line with its record."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import Declined, ModelRefused, ModelUnavailable
from agent.journal import records as r
from agent.journal.lease import lease
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.sandbox.faults import Fault
from tests.house import Home, call, home_in
from tests.night.nights import DRAFT, Probe, finish, job_of, jobs_text, night, night_in, outcomes, record_of

pytestmark = pytest.mark.anyio

DAY = 86_400


def made(home: Home) -> int:
    return home.operations().count("CreatePost")


async def test_what_is_due_is_done_once_per_local_date(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = await night(home, jobs_text("hours", "prices"))
        assert outcomes(told) == {"hours": "done", "prices": "done"} and made(home) == 2
        again = await night(home, jobs_text("hours", "prices"))
        assert again.jobs == () and again.already == ("hours 2026-11-23", "prices 2026-11-23") and made(home) == 2
        home.box.advance(DAY)
        assert [job.date for job in (await night(home, jobs_text("hours"))).jobs] == ["2026-11-24"]


async def test_seven_missed_nights_are_caught_up_once(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await night(home, jobs_text("hours"))
        home.box.advance(7 * DAY)
        told = await night(home, jobs_text("hours"))
        assert [job.date for job in told.jobs] == ["2026-11-30"] and made(home) == 2


async def test_a_date_is_the_one_in_the_zone_of_the_workspace(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = jobs_text("berlin", at="04:00") + jobs_text("york", workspace=12, at="04:00").removeprefix("jobs:")
        told = await night(home, text, {"york": [finish()]})
        assert {job.job: job.date for job in told.jobs} == {"berlin": "2026-11-24", "york": "2026-11-24"}
        home.box.advance(20 * 3600)  # 06:00 on the 25th in Berlin, midnight in New York
        assert [job.job for job in (await night(home, text)).jobs] == ["berlin"]


async def test_nothing_is_public_and_nothing_destroyed(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        steps: list[Step] = [
            [DRAFT],
            [call("publish_post", post=new), call("delete_posts", posts=[1004])],
            finish(),
        ]
        text = jobs_text("hours").replace("for LinkedIn", "for LinkedIn, publish it and delete post 1004")
        told = await night(home, text, {"hours": steps})
        assert home.operations() == ["CreatePost"] and outcomes(told) == {"hours": "held"}
        denied = next(line for line in job_of(told, "hours").lines if line.says.startswith("refused: Delete"))
        assert isinstance(record_of(home, denied.run, denied.seq), r.Judged)
        assert [item.kind for item in told.waiting] == ["card", "draft"]


async def test_every_line_rests_on_the_record_it_names(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = await night(home, jobs_text("hours", "prices"))
        for job in told.jobs:
            kinds = [record_of(home, line.run, line.seq).kind for line in job.lines]
            assert kinds == ["outcome", "said"] and {line.run for line in job.lines} == {job.run}
        item = told.waiting[0]
        record = record_of(home, item.run, item.seq)
        assert isinstance(record, r.DraftLeft) and record.number == item.number


async def test_a_job_has_its_own_limits_policy_and_features(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        (tmp_path / "strict.yaml").write_text("rules:\n  post.hashtags:\n    most: 0\n")
        text = jobs_text("hours") + "    limits: {turns: 1}\n    policy: strict.yaml\n    features: [campaigns]\n"
        tagged = call("draft_post", workspace_id=11, accounts=[101], text="We open at nine. #pots")
        told = await night(home, text, {"hours": [[tagged]]})
        run = Run.load(home.house.store, job_of(told, "hours").run, home.house.clock)
        opened = run.state.opened
        assert opened is not None and opened.limits.turns == 1 and opened.overlay.endswith("strict.yaml")
        assert run.state.prompted is not None and "list_campaigns" in run.state.prompted.tools
        findings = [finding for judged in run.state.judged.values() for finding in judged.findings]
        assert any(finding.rule == "post.hashtags" for finding in findings)
        assert outcomes(told) == {"hours": "failed_safe"} and "1 of 1 model turns" in job_of(told, "hours").why


async def test_a_workspace_that_is_gone_loses_its_job_alone(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = jobs_text("hours") + jobs_text("gone", workspace="Fern & Cly").removeprefix("jobs:")
        told = await night(home, text)
        assert outcomes(told) == {"hours": "done", "gone": "lost"}
        assert 'Did you mean "Fern & Clay"?' in job_of(told, "gone").why


async def test_two_nights_at_once_begin_nothing_twice(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        first = asyncio.ensure_future(night(home, jobs_text("hours", "prices")))
        second = asyncio.ensure_future(night(home, jobs_text("hours", "prices")))
        results = await asyncio.gather(first, second, return_exceptions=True)
        [refused] = [result for result in results if isinstance(result, Exception)]
        assert isinstance(refused, Declined) and "already under way" in str(refused) and made(home) == 2


async def test_a_model_that_dies_in_the_night_puts_the_rest_off(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = "side_by_side: 1\n" + jobs_text("one", "two", "three", "four")
        gone = ModelUnavailable("The model is gone.", hint="Look at its endpoint.")
        told = await night(home, text, {"two": [[DRAFT], gone]})
        assert outcomes(told) == {"one": "done", "two": "deferred", "three": "put off", "four": "put off"}
        assert "The model is gone" in told.put_off and made(home) == 2
        assert job_of(told, "three").run == ""
        home.box.advance(600)
        again = await night(home, text, {"two": [finish()]})
        assert outcomes(again) == {"two": "done", "three": "done", "four": "done"} and made(home) == 4


async def test_a_model_that_refuses_stops_that_job_alone(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = await night(home, jobs_text("one", "two"), {"one": [ModelRefused("The request is too long.")]})
        assert outcomes(told) == {"one": "failed_safe", "two": "done"}


async def test_a_service_that_dies_in_the_night_puts_the_rest_off(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = "side_by_side: 1\n" + jobs_text("one", "two", "three")
        operations = ("ListWorkspaces", "ListAccounts", "CreatePost")
        # Alive at dusk and for the first job; every answer after that is a 503.
        home.box.set_faults([Fault(kind="status", status=503, operations=operations, nth=7, times=None)])
        told = await night(home, text)
        assert outcomes(told) == {"one": "done", "two": "deferred", "three": "put off"} and made(home) == 1
        home.box.set_faults([])
        home.box.advance(600)
        assert outcomes(await night(home, text)) == {"two": "done", "three": "done"} and made(home) == 3


@pytest.mark.parametrize("what", ["model", "token", "service", "stopped"])
async def test_what_is_wrong_at_dusk_begins_no_job(what: str, tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        probe = Probe(ModelUnavailable("The model is gone.")) if what == "model" else None
        if what == "token":
            home.box.set_faults([Fault(kind="status", status=401, operations=("ListAccounts",), times=None)])
        if what == "service":
            home.box.set_faults([Fault(kind="drop_before", operations=("ListWorkspaces",), times=None)])
        if what == "stopped":
            home.house.store.set_stopped(True)
        told = await night(home, jobs_text("one", "two"), probe=probe)
        assert outcomes(told) == {"one": "put off", "two": "put off"} and home.operations() == []
        assert any(check.state == "wrong" for check in told.checks) and told.put_off
        assert home.house.store.ledger.runs() == []


async def test_the_dusk_check_names_expired_accounts_and_clock_changes(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        home.box.freeze(home.house.clock.now() - timedelta(days=31))  # 24 October, the day before clocks go back
        _, checks = await night_in(home, jobs_text("cafe", workspace=12, at="02:30")).look()
        assert any("account 111" in check.what and check.state == "note" for check in checks)
        _, checks = await night_in(home, jobs_text("hours", at="02:30")).look()
        change = next(check for check in checks if "clocks go back" in check.what)
        assert "Europe/Berlin" in change.what and "hours" in change.what
        assert not any("account 111" in check.what for check in checks)


async def test_a_night_that_is_interrupted_goes_on_where_it_stands(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = "side_by_side: 2\n" + jobs_text("one", "two", "three")
        began = asyncio.Event()

        class Slow(ScriptedModel):
            async def complete(self, body: bytes, on_text: object = None) -> object:  # type: ignore[override]
                began.set()
                await asyncio.Event().wait()
                raise AssertionError

        working = asyncio.ensure_future(night_in(home, text, model=lambda _: Slow([])).carry_out())
        await asyncio.wait_for(began.wait(), 10)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        rows = [row for row in home.house.store.ledger.runs() if row.job]
        assert {row.outcome for row in rows} == {"deferred"} and len(rows) == 2
        told = await night(home, text)
        assert outcomes(told) == {"one": "done", "two": "done", "three": "done"} and made(home) == 3
        assert len([row for row in home.house.store.ledger.runs() if row.job]) == 3


async def test_an_unfinished_older_date_is_settled_and_given_up(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        gone = ModelUnavailable("The model is gone.")
        await night(home, jobs_text("hours"), {"hours": [[DRAFT], gone]})
        home.box.advance(DAY)
        told = await night(home, jobs_text("hours"))
        assert [(job.date, job.outcome) for job in told.jobs] == [("2026-11-23", "failed_safe"), ("2026-11-24", "done")]
        assert told.jobs[0].lines[0].says.startswith("applied: Draft")
        assert "2026-11-24 took over" in told.jobs[0].why and made(home) == 2


async def test_a_run_that_another_process_works_on_is_left_to_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        gone = ModelUnavailable("The model is gone.")
        await night(home, jobs_text("hours"), {"hours": [gone]})
        home.box.advance(600)
        with lease(home.house.store, "r2"):
            told = await night(home, jobs_text("hours"))
        assert outcomes(told) == {"hours": "elsewhere"} and made(home) == 0


async def test_a_home_that_is_stopped_meanwhile_sends_nothing_more(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        text = "side_by_side: 1\n" + jobs_text("one", "two")

        class Stops(ScriptedModel):
            async def complete(self, body: bytes, on_text: object = None) -> object:  # type: ignore[override]
                home.house.store.set_stopped(True)
                return await super().complete(body)

        told = await night(home, text, model=lambda _: Stops([[DRAFT], finish()]))
        assert outcomes(told) == {"one": "put off", "two": "put off"} and home.operations() == []
        assert "resume-all" in told.put_off
        home.house.store.set_stopped(False)
        again = await night(home, text, {"one": [finish()]})
        assert outcomes(again) == {"one": "done", "two": "done"} and made(home) == 2
