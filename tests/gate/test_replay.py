"""Past calls judged again as the run knew things then, with no request: what a changed policy would have changed."""

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.api.catalogue import parse
from agent.api.posts import DeletePost
from agent.assembly import load_packs, packs_with, surroundings_of
from agent.errors import SettingsError
from agent.gate.past import OF_TODAY, REBUILT, Past, not_rebuilt
from agent.gate.replay import Replayed, replay
from agent.journal import records as r
from agent.journal.findings import Finding
from agent.journal.store import open_store
from agent.policy.engine import decide
from agent.policy.facts import Facts
from tests.house import NOW, Home, call, finish, home_in

pytestmark = pytest.mark.anyio

LINKEDIN, X = 101, 102
SHIPPED = packs_with(None)
LONG_AGO = NOW - timedelta(days=90)


def overlay(folder: Path, text: str, name: str = "new.yaml") -> Any:
    (folder / name).write_text(text, encoding="utf-8")
    return packs_with(folder / name)


def past_of(home: Home) -> Past:
    house = home.house
    return Past(house.store, house.packs, house.gate.surroundings, house.service, NOW)


async def drafted_and_scheduled(home: Home, text: str = "Hi @ann @bob @cid") -> int:
    new: int = max(one["id"] for one in home.box.export()["posts"]) + 1
    draft = call("draft_post", workspace_id=11, accounts=[LINKEDIN], text=text)
    steps = [[draft], [call("schedule_post", post=new, at="2026-12-01 09:00")], finish()]
    await home.run(f"Schedule “{text}” for next Tuesday 9:00 on LinkedIn", steps)
    return new


def told(findings: Sequence[Finding]) -> list[Finding]:
    """What rests on facts that are rebuilt: how much of all posts was read then is not."""
    return [one for one in findings if one.rule != "posts.read"]


async def test_the_same_policy_says_the_same_again(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = await drafted_and_scheduled(home)
        tagged = call("draft_post", workspace_id=11, accounts=[X], text="Warm. #a1 #b2 #c3")
        await home.run("Draft something warm for X", [[tagged], [call("delete_posts", posts=[new])], finish()])
        past, seen = past_of(home), 0
        for row in home.house.store.ledger.runs():
            for run, entry in past.walk(row.run):
                record = entry.record
                if isinstance(record, r.Judged):
                    text = past.store.load(record.proposed or record.arguments)
                    again = decide(parse(record.operation, text), past.facts(run, entry.at), SHIPPED.of("attended"))
                    assert again.verdict.word == record.verdict
                    assert told(again.findings) == told(record.findings)
                    seen += 1
        assert seen >= 4
        assert replay(past, SHIPPED, SHIPPED, LONG_AGO).differences == []


async def test_what_would_have_been_held_denied_rewritten_or_let_through(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await drafted_and_scheduled(home)
        requests = len(home.writes())
        strict = overlay(tmp_path, "rules:\n  post.mentions: {most: 2, verdict: deny}\n")
        found = replay(past_of(home), SHIPPED, strict, LONG_AGO)
        told = [(one.operation, one.before, one.after, one.rules, one.on_promotion) for one in found.differences]
        assert told == [
            ("CreatePost", "let through", "denied", ("post.mentions",), True),
            ("UpdatePost", "held", "denied", ("post.mentions",), False),
        ]
        one = found.differences[1]
        assert (one.run, one.at) == ("r1", NOW) and "Hi @ann @bob @cid" in one.title and "3 mentions" in one.says
        assert json.loads(json.dumps(one.as_row()))["rules"] == ["post.mentions"]
        back = replay(past_of(home), strict, SHIPPED, LONG_AGO)
        assert [(one.before, one.after) for one in back.differences] == [("denied", "let through"), ("denied", "held")]
        assert back.differences[1].rules == ("post.mentions",)  # it no longer says what it said
        assert len(home.writes()) == requests


async def test_what_would_be_rewritten_otherwise(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        tagged = call("draft_post", workspace_id=11, accounts=[LINKEDIN], text="Warm. #a1 #b2 #c3 #d4 #e5 #f6")
        await home.run("Draft something warm for LinkedIn", [[tagged], finish()])
        strict = overlay(tmp_path, "rules:\n  post.hashtags: {most: 4}\n")
        [one] = replay(past_of(home), SHIPPED, strict, LONG_AGO).differences
        assert (one.before, one.after, one.rules) == ("rewritten", "rewritten", ("post.hashtags",))


async def test_only_calls_since_then_and_of_this_service(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await drafted_and_scheduled(home)
        past = past_of(home)
        assert replay(past, SHIPPED, SHIPPED, LONG_AGO).judged == 2
        assert replay(past, SHIPPED, SHIPPED, NOW + timedelta(days=1)) == Replayed()
        house = home.house
        elsewhere = Past(house.store, house.packs, house.gate.surroundings, "https://elsewhere/api", NOW)
        assert replay(elsewhere, SHIPPED, SHIPPED, LONG_AGO).judged == 0


async def test_a_jobs_own_policy_is_laid_over_both_where_it_can_be(tmp_path: Path) -> None:
    job = tmp_path / "job.yaml"
    job.write_text("rules:\n  post.mentions: {most: 2}\n")
    async with home_in(tmp_path) as home:
        run = home.house.open_run("unattended", "night", overlay=str(job))
        await home.house.gate.propose(run, 1, 0, "delete_posts", [DeletePost(id=1)])
        past = past_of(home)
        assert replay(past, SHIPPED, SHIPPED, LONG_AGO).left_out == []
        strict = overlay(tmp_path, "rules:\n  post.mentions: {most: 1}\n")
        found = replay(past, SHIPPED, strict, LONG_AGO)
        assert found.judged == 1 and "looser than 1" in found.left_out[0]
        broken = overlay(tmp_path, "rules:\n  post.mentions: {most: many}\n", "broken.yaml")
        run = home.house.open_run("attended", "ana")
        await home.house.gate.propose(run, 1, 0, "delete_posts", [DeletePost(id=1)])
        with pytest.raises(SettingsError, match="valid integer"):
            replay(past, SHIPPED, broken, LONG_AGO)


async def test_what_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await drafted_and_scheduled(home)
        run = home.house.open_run("attended", "ana")
        odd: Any = {"tool": "t", "effect": "read", "verdict": "allow", "arguments": "{}"}
        run.add(r.Judged(key=f"{run.id}.1.0.0", operation="NoSuchThing", **odd))
        run.add(r.Judged(key=f"{run.id}.1.1.0", operation="GetPost", **odd))
        run.flush()
        home.house.store._db.execute("UPDATE records SET body = '{' WHERE run = 'r1' AND seq = 3")
        told: list[tuple[int, int, int]] = []
        found = replay(past_of(home), SHIPPED, SHIPPED, LONG_AGO, lambda *counts: told.append(counts))
        assert found.left_out[0].startswith("run r1: ") and len(found.left_out) == 3
        assert f"{run.id}.1.0.0 is no call that this version knows" in found.left_out[1]
        assert told == [(0, 1, 2), (0, 2, 2)]


def test_every_fact_is_rebuilt_or_named_as_not() -> None:
    names = {field.name for field in dataclasses.fields(Facts)}
    assert names >= REBUILT and REBUILT.isdisjoint(not_rebuilt()) and REBUILT.union(not_rebuilt()) == names
    assert {"syncs", "replies", "requests_left"} <= set(not_rebuilt()) and set(OF_TODAY) <= REBUILT


async def test_facts_of_then_not_of_now(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = await drafted_and_scheduled(home)
        past = past_of(home)
        known = [(len(past.facts(run, entry.at).posts), entry.record.kind) for run, entry in past.walk("r1")]
        assert known[0] == (0, "opened") and known[-1][0] > 0
        facts = past.facts(past.whole("r1"), NOW + timedelta(hours=1))
        assert facts.now == NOW + timedelta(hours=1) and new in facts.ours and new in facts.posts
        assert (facts.requests_left, facts.replies, facts.syncs) == (60, {}, {})


@pytest.mark.slow
async def test_a_thousand_calls_take_seconds(tmp_path: Path, numbers: Callable[[str], None]) -> None:
    async with home_in(tmp_path) as home:
        await drafted_and_scheduled(home)
        entries = [entry.record for entry in home.house.store.read("r1")]
        judged = next(one for one in entries if isinstance(one, r.Judged) and one.operation == "UpdatePost")
        reads = [one for one in entries if isinstance(one, r.Read)]
        for _ in range(10):
            run = home.house.open_run("attended", "ana")
            run.add(r.Goal(number=1, text="Schedule it", by="ana"), *reads)
            for place in range(100):
                run.add(judged.model_copy(update={"key": f"{run.id}.{place + 1}.0.0"}))
            run.flush()
        strict = overlay(tmp_path, "rules:\n  post.mentions: {most: 2, verdict: deny}\n")
        start = time.process_time()  # what other processes take of the machine is not counted
        found = replay(past_of(home), SHIPPED, strict, LONG_AGO)
        took = time.process_time() - start
        numbers(f"{found.judged} calls judged again with two policies in {took:.1f} s")
        assert found.judged == 1002 and len(found.differences) == 1002 and took < 20


async def test_it_has_nothing_to_send_with(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        past = past_of(home)
        with pytest.raises(AttributeError):
            await past._judge.read(home.house.open_run("attended", "ana"), "r1.0.0.0", DeletePost(id=1))


def test_the_home_without_a_house(tmp_path: Path) -> None:
    from tests.house import settings

    store = open_store(tmp_path)
    past = Past(store, load_packs(tmp_path), surroundings_of(settings(), tmp_path), "s", NOW)
    assert replay(past, SHIPPED, SHIPPED, LONG_AGO) == Replayed()
    store.close()
