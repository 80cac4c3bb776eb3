"""Checks of the fault matrix: a process that dies, is stopped or is doubled, and the journal it leaves behind."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.assembly import SANDBOX_TOKEN, Seams
from agent.commands.run import advance
from agent.errors import Busy, Conflict, Corrupt, Declined, JournalError, ModelUnavailable
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.store import open_store
from agent.planner.scripted import ScriptedModel, Step
from agent.report import report_of
from agent.sandbox.faults import Fault
from tests.contract import RunRecords, records_of
from tests.house import Home, call, finish
from tests.night.nights import jobs_text, night, outcomes
from tests.torture.bench import (
    DRAFT,
    GOAL,
    TEXT,
    Bench,
    Handle,
    Killed,
    Moment,
    begin,
    between,
    carded,
    deletion,
    fails_after_commit,
    go_on,
    is_write,
    kills,
    like_ours,
    next_post,
    watched,
)

ROOT = Path(__file__).parent.parent.parent
ALONE: list[Step] = [[DRAFT], finish()]


def looks(home: Home) -> list[str]:
    """Reads of posts and writes in their order, as the service heard them."""
    return [
        one["verb"] for one in home.box.requests() if one["target"].startswith("/api/v1/posts") or one["verb"] != "GET"
    ]


async def dies(bench: Bench, name: str, seams: Seams, steps: Sequence[Step] = ALONE, *, faults: Any = ()) -> None:
    """A run in a process that dies where the seams say."""
    async with bench.home(name, seams, check=False) as home:
        home.box.set_faults(list(faults))
        run = await begin(home)
        with pytest.raises(Killed):
            await home.house.planner(ScriptedModel(steps)).advance(run)


# -- around one effect ----------------------------------------------------------------------------------------------


async def killed_before_the_intent(bench: Bench) -> None:
    await dies(bench, "home", kills(r.Intent, "before"))
    async with bench.home() as home:
        assert home.operations() == []
        run = await go_on(home, ALONE)
        assert home.operations() == ["CreatePost"] and len(run.state.turns) == 2


async def torn(bench: Bench, kind: type[Any]) -> None:
    """Cut the write-ahead log at places inside the last commit, and go on with what is left."""
    sizes: list[int] = []
    wal = bench.folder / "home" / "runs" / "journal.db-wal"

    def strike(moment: Moment, records: tuple[r.AnyRecord, ...]) -> None:
        if any(isinstance(record, kind) for record in records):
            sizes.append(wal.stat().st_size)
            if moment == "after":
                raise Killed

    async with bench.home(seams=watched(strike), check=False) as home:
        run = await begin(home)
        with pytest.raises(Killed):
            await home.house.planner(ScriptedModel(ALONE)).advance(run)
        places = random.Random(9).sample(range(sizes[0] + 1, sizes[1] - 1), 200 if bench.thorough else 2)
        for place in (sizes[0], *places, sizes[1] - 1):
            copied = bench.copy("home", f"cut-{place}")
            with (copied / "runs" / "journal.db-wal").open("r+b") as log:
                log.truncate(place)
            db = sqlite3.connect(copied / "runs" / "journal.db")
            with db:  # the process that had it is gone, which its id cannot show here: it is this one
                db.execute("DELETE FROM leases")
            db.close()
    for place in (sizes[0], *places, sizes[1] - 1):
        async with bench.home(f"cut-{place}") as home:
            left = [entry.record for entry in home.house.store.read("r1")]
            assert not any(isinstance(record, kind) for record in left), "half a commit was read"
            await go_on(home, ALONE)
            assert home.operations() == ["CreatePost"], place


async def torn_intent(bench: Bench) -> None:
    await torn(bench, r.Intent)


async def torn_outcome(bench: Bench) -> None:
    await torn(bench, r.Outcome)


async def killed_before_sending(bench: Bench) -> None:
    await dies(bench, "home", kills(r.Intent, "after"))
    async with bench.home() as home:
        assert home.operations() == []
        heard = len(looks(home))
        await go_on(home, ALONE)
        assert looks(home)[heard:][0] == "GET", "it was sent again without a look"
        assert home.operations() == ["CreatePost"]


async def killed_while_the_request_was_out(bench: Bench) -> None:
    for kind in ("drop_before", "drop_after"):
        await dies(bench, kind, kills(r.Outcome, "before"), faults=[Fault(kind=kind, operations=("CreatePost",))])
        async with bench.home(kind) as home:
            assert len(like_ours(home)) == (kind == "drop_after")
            await go_on(home, ALONE)
            assert home.operations() == ["CreatePost"] and len(like_ours(home)) == 1


async def killed_before_the_outcome(bench: Bench) -> None:
    await dies(bench, "draft", kills(r.Outcome, "before"))
    async with bench.home("draft") as home:
        await go_on(home, ALONE)
        assert home.operations() == ["CreatePost"]
    for tool in ("schedule_post", "publish_post"):
        # The draft's outcome is the first, that of the card the second.
        async with bench.home(tool, kills(r.Outcome, "before", nth=2), check=False) as home:
            _, number = await carded(home, tool)
            with pytest.raises(Killed):
                await home.reviewer().approve(number, "", ())
        async with bench.home(tool) as home:
            run = await go_on(home, [])
            assert home.operations() == ["CreatePost", "UpdatePost"]
            assert home.report(run).cards[0].state == "done"


async def killed_at_the_card(bench: Bench) -> None:
    for moment, answered in (("before", False), ("after", False), ("before", True)):
        name = f"{moment}-{answered}"
        kind = r.Answered if answered else r.Card
        async with bench.home(name, kills(kind, moment, 2 if answered else 1), check=False) as home:  # type: ignore[arg-type]  # a Moment
            post = next_post(home)
            steps: list[Step] = [[DRAFT], [call("schedule_post", post=post, at="2026-12-01 09:00")], finish()]
            run = await begin(home)
            with pytest.raises(Killed):
                await home.house.planner(ScriptedModel(steps)).advance(run)
            shown = [item.number for item in home.house.store.ledger.items() if item.kind == "card"]
        async with bench.home(name) as home:
            run = await go_on(home, steps)
            cards = [item.number for item in home.house.store.ledger.items() if item.kind == "card"]
            assert len(cards) == 1 and shown in ([], cards)
            await home.reviewer().approve(cards[0], "", ())
            assert home.operations() == ["CreatePost", "UpdatePost"]


async def killed_after_the_decision(bench: Bench) -> None:
    for late in (False, True):
        name = "late" if late else "in time"
        async with bench.home(name, kills(r.Decided, "after"), check=False) as home:
            _, number = await carded(home)
            with pytest.raises(Killed):
                await home.reviewer().approve(number, "", ())
            assert home.operations() == ["CreatePost"]
        async with bench.home(name) as home:
            if late:
                decision = Run.load(home.house.store, "r1", home.house.clock).state.cards[number].decision
                assert decision is not None
                home.box.advance((decision.until - home.house.clock.now()).total_seconds() + 1)
            run = await go_on(home, [])
            assert home.operations() == ["CreatePost"] + ([] if late else ["UpdatePost"])
            assert home.report(run).cards[0].state == ("void" if late else "done")


async def decided_twice(bench: Bench) -> None:
    async with bench.home() as home, bench.home(check=False) as other:
        _, number = await carded(home)
        await other.reviewer().reject(number, "not now", delete_draft=False)
        with pytest.raises(Declined, match="rejected by ana"):
            await home.reviewer().approve(number, "", ())
        _, number = await carded(home)
        await home.reviewer().approve(number, "", (), advance=False)
        with pytest.raises(Declined, match="approved by ana"):
            await other.reviewer().reject(number, "no", delete_draft=False)
        # Both had read the card as open when they decided: the first that is written counts.
        _, number = await carded(home)
        stale = Run.load(other.house.store, home.house.store.ledger.item(number).run, other.house.clock)  # type: ignore[union-attr]  # it is there
        await home.reviewer().reject(number, "no", delete_draft=False)
        stale.add(r.Stopped(who="ana"))
        with pytest.raises(Conflict):
            stale.flush()
        assert home.operations() == ["CreatePost"] * 3
        await go_on(home, [], "r2")
        assert home.operations()[3:] == ["UpdatePost"]


# -- two processes --------------------------------------------------------------------------------------------------


def worker(folder: Path, at: str, **more: Any) -> "subprocess.Popen[str]":
    """A process with a run that stops itself, or runs out of memory, right after its first intent is on disk."""
    command = [sys.executable, "-m", "tests.torture.fault_worker", str(folder), at]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


async def paused_and_taken_over(bench: Bench) -> None:
    paused = worker(bench.folder / "home", "pause")
    try:
        _, status = await asyncio.to_thread(os.waitpid, paused.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), paused.stderr.read() if paused.stderr else ""
        async with bench.home() as home:
            with pytest.raises(Busy, match="being advanced by process"):
                await go_on(home, ALONE)
            db = sqlite3.connect(home.house.home / "runs" / "journal.db")
            with db:  # ten minutes have passed, and nobody renewed it
                db.execute("UPDATE leases SET until = '2026-01-01T00:00:00+00:00'")
            db.close()
            await go_on(home, ALONE)
            assert home.operations() == ["CreatePost"]
            os.kill(paused.pid, signal.SIGCONT)
            told, _ = await asyncio.to_thread(paused.communicate, timeout=30)
            assert json.loads(told)["intent"] == 1
            assert home.operations() == ["CreatePost"], "the first process sent after all"
            outcome = [one for one in home.house.store.read("r1") if isinstance(one.record, r.Outcome)]
            assert [one.record.state for one in outcome if isinstance(one.record, r.Outcome)] == [
                "not_sent",
                "applied",
                "not_sent",
            ]
    finally:
        paused.kill()
        paused.wait()


async def two_runs_at_once(bench: Bench) -> None:
    """The same text by two runs in the same minute, both answers lost: no draft is claimed by both."""
    async with bench.home() as home, bench.home(check=False) as other:
        home.box.set_faults([Fault(kind="drop_after", operations=("CreatePost",), times=2)])
        runs = [await begin(home), await begin(other)]
        await asyncio.gather(
            home.house.planner(ScriptedModel(ALONE)).advance(runs[0]),
            other.house.planner(ScriptedModel(ALONE)).advance(runs[1]),
        )
        assert home.operations() == ["CreatePost"] * 2
        told = [effect for run in runs for effect in home.report(run).effects]
        claimed = [one.object_id for one in told if one.outcome == "applied"]
        assert len(claimed) == len(set(claimed))
        tasks = [one for one in home.house.store.ledger.items() if one.kind == "task"]
        assert len(claimed) + len(tasks) == 2, "what reading cannot tell apart is put before a person"
    # One dies before it sends, the other makes the same draft: that one is not taken for the first one's.
    await dies(bench, "one after the other", kills(r.Intent, "after"))
    async with bench.home("one after the other") as home:
        second = await begin(home)
        await home.house.planner(ScriptedModel(ALONE)).advance(second)
        first = await go_on(home, ALONE)
        assert home.operations() == ["CreatePost"] * 2
        assert len({effect.object_id for run in (first, second) for effect in home.report(run).effects}) == 2


# -- the journal ------------------------------------------------------------------------------------------------------


async def sync_to_disk_fails(bench: Bench) -> None:
    """The commit of the first intent fails, or reports a failure: nothing follows, another process goes on."""
    for moment in ("before", "after"):

        def strike(at: Moment, records: tuple[r.AnyRecord, ...], wanted: str = moment) -> None:
            if at == wanted and any(isinstance(record, r.Intent) for record in records):
                raise sqlite3.OperationalError("disk I/O error") if at == "before" else fails_after_commit()

        async with bench.home(moment, watched(strike), check=False) as home:
            run = await begin(home)
            with pytest.raises(JournalError, match="disk I/O error"):
                await home.house.planner(ScriptedModel(ALONE)).advance(run)
            assert home.operations() == []
        async with bench.home(moment) as home:
            await go_on(home, ALONE)
            assert home.operations() == ["CreatePost"]


async def journal_that_is_no_good(bench: Bench) -> None:
    """Missing: the run is not known. Changed: nothing guarded. Another version: words."""
    async with bench.home(check=False) as home:
        _, number = await carded(home)
        db = sqlite3.connect(home.house.home / "runs" / "journal.db")
        with db:
            db.execute("UPDATE records SET body = replace(body, 'kiln', 'oven') WHERE kind = 'card'")
        with pytest.raises(Corrupt, match="does not fit the chain"):
            await home.reviewer().approve(number, "", ())
        with db:
            db.execute("PRAGMA user_version = 77")
        db.close()
        assert home.operations() == ["CreatePost"]
        with pytest.raises(JournalError, match="has schema 77"):
            open_store(home.house.home)
        for path in (home.house.home / "runs").glob("journal.db*"):
            path.rename(path.with_name(f"away-{path.name}"))
    async with bench.home(check=False) as home:
        with pytest.raises(Declined, match="There is no"):
            await home.reviewer().approve(number, "", ())
        assert home.operations() == ["CreatePost"]


async def told_while_written(bench: Bench) -> None:
    """At every commit another reader draws the report: always from whole records, never fewer than before."""
    seen: list[int] = []

    def strike(moment: Moment, records: tuple[r.AnyRecord, ...]) -> None:
        if moment == "before" and records and (bench.folder / "home" / "runs" / "journal.db").exists():
            reader = open_store(bench.folder / "home")
            entries = list(reader.read("r1"))
            if entries:
                assert reader.verify("r1") == len(entries)
                state = RunRecords("r1", [(one.seq, one.at, one.record) for one in entries])
                assert state.opened.who == "ana"
                told = report_of(Run.load(reader, "r1", _Still()).state)
                assert told.run == "r1"
            seen.append(len(entries))
            reader.close()

    async with bench.home(seams=watched(strike)) as home:
        _, number = await carded(home)
        await home.reviewer().approve(number, "", ())
        assert seen == sorted(seen) and len(seen) > 10


class _Still:
    """A clock nobody asks."""

    def now(self) -> Any:
        raise AssertionError("a report reads no clock")

    async def sleep(self, seconds: float, why: str = "") -> None:
        raise AssertionError("a report waits for nothing")


# -- nights, signals, limits of the machine ---------------------------------------------------------------------------


async def night_that_crashed(bench: Bench) -> None:
    """Killed at each commit in turn; the scheduler starts it again: one run of the date, one draft."""
    for boundary in bench.places(1, 60, sample=9):
        name, count = f"night-{boundary}", 0

        def strike(moment: Moment, records: tuple[r.AnyRecord, ...], last: int = boundary) -> None:
            nonlocal count
            count += bool(records) and moment == "after"
            if records and moment == "after" and count == last:
                raise Killed

        died = False
        async with bench.home(name, watched(strike), check=False) as home:
            try:
                await night(home, jobs_text("hours"))
            except Killed:
                died = True
        async with bench.home(name) as home:
            turns = [
                entry
                for row in home.house.store.ledger.runs()
                for entry in home.house.store.read(row.run)
                if entry.record.kind == "turn"
            ]
            steps: list[Step] = [[DRAFT], finish()]
            told = await night(home, jobs_text("hours"), {"hours": steps[len(turns) :]})
            assert set(outcomes(told).values()) <= {"done"} and home.operations() == ["CreatePost"], boundary
            # A night also reads all posts, in runs of no job: each that was killed is followed by another one.
            assert len([row for row in home.house.store.ledger.runs() if row.job]) == 1
        if not died:
            return
    pytest.fail("the night never ended")


async def interrupted_at_every_request(bench: Bench) -> None:
    """Ctrl-C (or SIGTERM, which is the same) while request n is out, carried out or not; then `resume`."""
    for arrives in (False, True):
        for nth in bench.places(1, 30, sample=4):
            name, heard, hangs = f"{nth}-{arrives}", 0, asyncio.Event()

            async def handle(
                request: httpx.Request, inner: Handle, last: int = nth, reaches: bool = arrives, out: Any = hangs
            ) -> httpx.Response:
                nonlocal heard
                heard += 1
                if heard != last:
                    return await inner(request)
                if reaches:
                    await inner(request)
                out.set()
                await asyncio.Event().wait()
                raise AssertionError

            goal = f'Draft "{TEXT}" for LinkedIn'
            async with bench.home(name, between(handle), check=False) as home:
                run = await begin(home, goal)
                work = asyncio.ensure_future(advance(home.house, run))
                ended = asyncio.ensure_future(hangs.wait())
                await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
                whole = work.done()
                ended.cancel()
                if not whole:
                    work.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await asyncio.wait_for(work, 5)
                    assert home.report(run).outcome == "stopped"
            if whole:
                break
            async with bench.home(name) as home:
                again = Run.load(home.house.store, "r1", home.house.clock)
                again.add(r.Resumed(who="ana"))
                again.flush()
                await advance(home.house, again)
                assert home.report(again).outcome == "done" and len(like_ours(home)) == 1, name
        else:
            pytest.fail("the run never ended")


async def out_of_memory(bench: Bench, kilobytes: int) -> bool:
    """Hardly any memory is left right after the intent; another process goes on. Whether the first one died of it."""
    name = f"memory-{kilobytes}"
    process = worker(bench.folder / name, f"memory:{kilobytes}")
    try:
        out, told = await asyncio.to_thread(process.communicate, timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()  # one that hangs is killed by somebody
        out, told = await asyncio.to_thread(process.communicate)
    async with bench.home(name) as home:
        assert len(list(home.house.store.read("r1"))) > 3, told
        await go_on(home, ALONE)
        assert home.operations() == ["CreatePost"], told
    return process.returncode != 0 or not out


async def key_is_changed_on_the_way(bench: Bench) -> None:
    """The old key is refused in the middle; with a new one the run goes on; no record holds either."""
    refused = False

    async def handle(request: httpx.Request, inner: Handle) -> httpx.Response:
        if refused and is_write(request):
            return httpx.Response(401, json={"message": "Unauthenticated."})
        return await inner(request)

    async with bench.home(seams=between(handle)) as home:
        run, number = await deletion(home)
        refused = True
        with pytest.raises(Declined, match="not sent"):
            await home.reviewer().approve(number, "3", ())
        assert home.report(run).outcome == "failed_safe" and home.operations() == []
        refused = False
        await go_on(home, [])
        assert home.operations() == ["DeletePost"] * 3
        kept = b"".join(path.read_bytes() for path in (bench.folder / "home" / "runs").glob("journal*"))
        assert SANDBOX_TOKEN.encode() not in kept and b"Bearer" not in kept


async def waits_for_another_channel(bench: Bench) -> None:
    """A card of the night that nobody sees: it waits, another face shows it, and time alone approves nothing."""
    async with bench.home() as home:
        steps: list[Step] = [[DRAFT], [call("schedule_post", post=next_post(home), at="2026-12-01 09:00")], finish()]
        text = jobs_text("hours").replace("Draft “We open at nine.” for LinkedIn", GOAL)
        await night(home, text, {"hours": steps})
        [item] = [one for one in home.house.store.ledger.items() if one.kind == "card"]
        assert home.operations() == ["CreatePost"]
        home.box.advance(3600)
        async with bench.home(check=False) as other:
            assert [one.number for one in other.house.store.ledger.items() if one.kind == "card"] == [item.number]
            await other.reviewer().approve(item.number, "", ())
        assert home.operations() == ["CreatePost", "UpdatePost"]
        _, number = await carded(home)
        home.box.advance(timedelta(days=30).total_seconds())
        with pytest.raises(Declined, match="nobody decided in time"):
            await home.reviewer().approve(number, "", ())
        assert home.operations() == ["CreatePost", "UpdatePost", "CreatePost"]


async def goes_on_with_another_model(bench: Bench) -> None:
    """The first model dies in the middle, a person resumes with another: scope, rules and cards are as they were."""
    async with bench.home() as home:
        run = await begin(home, workspaces=("11",))
        first = ScriptedModel([[DRAFT], ModelUnavailable("gone")], name="first")
        assert await home.house.planner(first).advance(run) == "failed_safe"
        again = Run.load(home.house.store, run.id, home.house.clock)
        again.add(r.Resumed(who="ana"))
        again.flush()
        foreign = call("draft_post", workspace_id=12, accounts=[107], text="Elsewhere.")
        steps: list[Step] = [[foreign, call("publish_post", post=next_post(home) - 1)], finish()]
        second = ScriptedModel(steps, name="second")
        await home.house.planner(second).advance(again)
        assert {request["model"] for request in second.requests} == {"second"}
        assert first.requests[0]["messages"][0] == second.requests[0]["messages"][0]
        assert first.requests[0]["tools"] == second.requests[0]["tools"]
        assert home.operations() == ["CreatePost"] and len(home.report(again).cards) == 1
        opened = records_of(home.house.store, run.id).opened
        assert opened.workspaces == ("11",)
