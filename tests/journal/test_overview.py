"""Looking back over runs: numbers as last read and day by day, and how often each rule found something."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from agent.gate.decisions import Person
from agent.journal.findings import Verdict
from agent.review.measuring import read_numbers
from tests.house import NOW, call, finish, home_in
from tests.numbers import read_posts

TODAY = NOW.date()
ANA = Person("ana", "owner", "web")


@pytest.mark.anyio
async def test_numbers_are_kept_as_last_read_and_by_day(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        overview, service = home.house.store.ledger.overview, home.house.service
        assert overview.measured(service, "account") == []
        first = await read_numbers(home.house, "ana", person=True)
        before = {one.object: one for one in overview.measured(service, "account")}
        home.box.advance(24 * 3600)
        second = await read_numbers(home.house, "ana", person=True)
        assert first.accounts == second.accounts == len(before) and first.left == 0
        after = {one.object: one for one in overview.measured(service, "account")}
        assert all(after[key].at > before[key].at for key in before)
        [everything] = overview.measured(service, "all")
        days = overview.days(service, "all", 0, TODAY)
        assert [day for day, _ in days] == [TODAY, TODAY + timedelta(days=1)] and days[-1][1] == everything
        assert overview.days(service, "all", 0, TODAY + timedelta(days=2)) == []
        publications = overview.measured(service, "publication")
        assert publications and all(one.account in after and one.counts for one in publications)
        shown = next(one for one in after.values() if one.counts)
        assert shown.counts["impressions"] == sum(
            one.counts.get("impressions", 0) for one in publications if one.account == shown.object
        )
        assert overview.measured("https://elsewhere.example", "account") == []


@pytest.mark.anyio
async def test_numbers_that_an_agent_reads_count_as_well_and_empty_ones_stay_empty(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await home.run("How did posts 1001 and 1004 do?", [read_posts(1001, 1004), finish()])
        posts = {one.object: one for one in home.house.store.ledger.overview.measured(home.house.service, "post")}
        assert set(posts) == {1001, 1004}
        assert posts[1004].counts == {} and posts[1004].get("likes") is None  # a draft has no numbers, not zeros
        days = home.house.store.ledger.overview.days(home.house.service, "post", 1004, date.min)
        assert days == []


@pytest.mark.anyio
async def test_what_rules_found_is_counted_by_judged_calls(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        draft = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm, come and see.")
        publish = call("publish_post", post=1004)
        await home.run("Draft something and publish post 1004", [[draft], [publish], finish()])
        overview, service = home.house.store.ledger.overview, home.house.service
        found = overview.found(service, TODAY)
        assert found["post.draft_by_default"][Verdict.HOLD] == 1
        assert overview.found(service, TODAY + timedelta(days=1)) == {}
        assert overview.found("https://elsewhere.example", TODAY) == {}
