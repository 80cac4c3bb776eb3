"""A full disk and failing writes: nothing is sent that cannot be journaled, and what was sent is settled by reading."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from agent.errors import JournalError
from agent.journal import records as r
from agent.journal.lease import lease
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from tests.contract import Tally
from tests.house import Home, call, finish
from tests.torture.bench import DRAFT, GOAL, Bench, Moment, begin, fails_after_commit, go_on, next_post, watched

ROOT = Path(__file__).parent.parent.parent
CASES = ("intent:draft", "outcome:draft", "intent:card", "outcome:card")
NEW_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def disk_kind() -> str:
    """A file system of its own where this machine lets one be mounted, else a limit on the growth of files."""
    try:
        tried = subprocess.run(
            [*NEW_NAMESPACE, "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"], capture_output=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return "limit"
    return "limit" if tried.returncode else "tmpfs"


def on_a_disk(folder: Path, kind: str, cases: tuple[str, ...]) -> list[dict[str, Any]]:
    """What the worker found."""
    command = [sys.executable, "-m", "tests.torture.disk_worker", str(folder), kind, *cases]
    done = subprocess.run(
        [*NEW_NAMESPACE, *command] if kind == "tmpfs" else command, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def added(results: list[dict[str, Any]]) -> Tally:
    """The contracts of all cases together; every command spoke in words."""
    tally = Tally()
    for result in results:
        end = {name: value for name, value in result["end"].items() if name != "operations"}
        tally.add(Tally(**end))
        for said in (result["full"], *result["went_on"]):
            assert "Traceback" not in said["words"] and "something of ours broke" not in said["words"], said
    assert not tally.breaches, "\n".join(tally.breaches)
    return tally


@pytest.mark.slow
def test_a_full_disk_sends_nothing_and_what_was_sent_is_settled_by_reading(
    tmp_path: Path, numbers: Callable[[str], None]
) -> None:
    """Full right before the intent, and full once the answer is there; for a draft, and for an approved card."""
    kind = disk_kind()
    results = {result["case"]: result for result in on_a_disk(tmp_path, kind, CASES)}
    for case, sent in (("intent:draft", []), ("intent:card", ["CreatePost"])):
        told = results[case]["full"]
        assert told["code"] == 10 and results[case]["sent"] == sent
        assert "The journal could not be written" in told["words"]
        assert "Nothing was sent after this. Free some disk space, then `psa runs resume`." in told["words"]
    for case, sent in (("outcome:draft", ["CreatePost"]), ("outcome:card", ["CreatePost", "UpdatePost"])):
        told = results[case]["full"]
        assert told["code"] == 10 and results[case]["sent"] == sent
        assert "What became of a request that was sent is not known now" in told["words"]
        assert "psa runs resume r1" in told["words"]
    for result in results.values():
        assert [said["code"] for said in result["went_on"]] == [0] * len(result["went_on"]), result["went_on"]
        assert result["end"]["operations"] == ["CreatePost", "UpdatePost"]
    numbers(f"full disk ({kind}): {added(list(results.values())).line(len(results))}")


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_a_disk_of_any_size(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    """From no free page to more than enough."""
    kind = disk_kind()
    if kind != "tmpfs":
        pytest.skip("a limit on the growth of files strikes the sandbox too: only the exact moments can be played")
    cases = tuple(f"free:{pages}" for pages in range(0, 260, 4))
    results = on_a_disk(tmp_path, kind, cases)
    assert {result["full"]["code"] for result in results} == {0, 10}
    assert all(result["end"]["operations"] == ["CreatePost", "UpdatePost"] for result in results)
    numbers(f"disks of {len(cases)} sizes ({kind}): {added(results).line(len(results))}")


# -- one write after the other ----------------------------------------------------------------------------------------


class Fails:
    """Lets the n-th transaction of the store fail, before its commit or after it; and all that follow, if it lasts."""

    def __init__(self, nth: int, moment: Moment, *, lasts: bool) -> None:
        self.nth = nth
        self.moment = moment
        self.lasts = lasts
        self.count = 0
        self.hit = False

    def strike(self, moment: Moment, _records: tuple[r.AnyRecord, ...]) -> None:
        self.count += moment == "before"
        due = self.count == self.nth or (self.lasts and self.count > self.nth)
        if moment == self.moment and due:
            self.hit = True
            raise sqlite3.OperationalError("disk I/O error") if moment == "before" else fails_after_commit()


#: Draft, card, and in the end an approval. The first post that is made here gets this id.
STEPS: list[Step] = [[DRAFT], [call("schedule_post", post=1023, at="2026-12-01 09:00")], finish()]


async def whole_way(home: Home) -> None:
    """From wherever an earlier process left it to the approval; a journal without a run is begun anew."""
    runs = [row.run for row in home.house.store.ledger.runs()]
    if runs:
        run = await go_on(home, STEPS, runs[0])
    else:
        assert next_post(home) == 1023
        run = await begin(home, GOAL)
        await home.house.planner(ScriptedModel(STEPS)).advance(run)
    for view in list(run.state.open_cards):
        await home.reviewer().approve(view.card.number, "", ())


async def one_failure(bench: Bench, nth: int, moment: Moment, lasts: bool) -> bool:
    """Let one write fail, then go on with a healthy disk; whether there was such a write."""
    name, fails = f"{nth}-{moment}-{lasts}", Fails(nth, moment, lasts=lasts)
    try:
        async with bench.home(name, watched(fails.strike), check=False) as home:
            await whole_way(home)
    except JournalError as error:
        assert "disk I/O error" in str(error)
    async with bench.home(name) as home:
        assert len(home.operations()) <= len(_intents(home)), "something was sent without an intent on disk"
        await whole_way(home)
        assert home.operations() == ["CreatePost", "UpdatePost"], name
        assert home.house.store.ledger.unsettled() == []
    return fails.hit


def _intents(home: Home) -> list[r.Intent]:
    rows = home.house.store.ledger.runs()
    found = [entry.record for row in rows for entry in home.house.store.read(row.run)]
    return [record for record in found if isinstance(record, r.Intent)]


async def failures(bench: Bench, places: range, *, lasts: bool) -> int:
    """Each place, before and after the commit; returns how many writes there were to fail."""
    found = 0
    for moment in ("before", "after"):
        for nth in places:
            if not await one_failure(bench, nth, moment, lasts):
                break
            found += 1
        else:
            pytest.fail("there are more writes than places")
    return found


@pytest.mark.anyio
async def test_every_write_may_fail(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    bench = Bench(tmp_path)
    count = await failures(bench, range(2, 200, 13), lasts=False)
    numbers(f"a sample of failing writes: {bench.tally.line(count)}")
    assert count >= 4


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.anyio
@pytest.mark.parametrize("lasts", [False, True], ids=["once", "from then on"])
async def test_every_single_write_may_fail(lasts: bool, tmp_path: Path, numbers: Callable[[str], None]) -> None:
    bench = Bench(tmp_path)
    count = await failures(bench, range(1, 200), lasts=lasts)
    numbers(f"each write fails {'from then on' if lasts else 'once'}: {bench.tally.line(count)}")
    assert count > 40


@pytest.mark.anyio
async def test_a_lease_that_could_not_be_given_back_holds_up_no_one(tmp_path: Path) -> None:
    """The disk is full when the run ends: the same process, which lives on, takes the run up again."""
    bench = Bench(tmp_path)
    async with bench.home() as home:
        run = await begin(home, GOAL)
        store = home.house.store
        with patch.object(store, "release"), lease(store, run.id):
            pass
        again = Run.load(store, run.id, home.house.clock)
        assert await home.house.planner(ScriptedModel([[DRAFT], finish()])).advance(again) == "done"
