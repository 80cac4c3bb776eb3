"""Numbers grow with the clock, lag until refreshed, and add up."""

from typing import Any

import pytest

from agent.sandbox.metrics import shown_numbers, total
from agent.sandbox.rows import Counts, Numbers, Target
from agent.sandbox.state import State
from tests.sandbox.box import NOW, Client, body, connect, shop


@pytest.mark.anyio
async def test_numbers_start_at_nothing_and_show_after_a_refresh(client: Client, state: State) -> None:
    made = await client.post("/posts", body("x", ("linkedin", "twitter"), schedule_type="publish_now"))
    path = f"/analytics/posts/{made['id']}"
    assert (await client.get(path))["accounts"][0]["analytics"] == {}
    state.advance(24 * 3600)
    assert (await client.get(path))["total"]["impressions"] == 0
    ordered = await client.post(f"{path}/sync", None, 200)
    assert ordered == {"post_id": made["id"], "jobs_dispatched": 2, "skipped": False, "skip_reason": None}
    assert (await client.get(path))["total"]["impressions"] == 0
    state.advance(5)
    day = await client.get(path)
    assert day["total"]["impressions"] > 0
    state.advance(24 * 3600)
    assert (await client.get(path)) == day
    await client.post(f"{path}/sync", None, 200)
    state.advance(5)
    assert (await client.get(path))["total"]["impressions"] > day["total"]["impressions"]
    assert (await client.get(f"/posts/{made['id']}"))["platforms"][0]["analytics"]["impressions"] > 0


@pytest.mark.anyio
async def test_totals_add_up_over_posts_accounts_and_workspaces(client: Client) -> None:
    summary = await client.get("/analytics")
    homes = [await client.get(f"/analytics/workspaces/{home}") for home in (11, 12)]
    assert summary["workspaces"] == homes
    accounts = [await client.get(f"/analytics/accounts/{account}") for account in range(101, 112)]
    for name in Counts.model_fields:
        assert summary["total"][name] == sum(home["total"][name] for home in homes)
        assert summary["total"][name] == sum(row["total"][name] for row in accounts)
    rows = accounts[0]["platform_posts"]
    assert [row["platform_post_id"] for row in rows] == sorted((row["platform_post_id"] for row in rows), reverse=True)
    assert any(row["analytics"] == {} for row in rows)


@pytest.mark.anyio
async def test_what_the_world_says_is_shown_at_its_loading(client: Client) -> None:
    found = await client.get("/analytics/accounts/101")
    assert any(row["analytics"].get("impressions") == 6500 for row in found["platform_posts"])


@pytest.mark.anyio
async def test_a_lapsed_subscription_refreshes_nothing() -> None:
    state = shop(subscribed=False)
    async with connect(state) as client:
        skipped = await client.post("/analytics/posts/1001/sync", None, 200)
        assert (skipped["skipped"], skipped["jobs_dispatched"]) == (True, 0)
        assert skipped["skip_reason"] == "post_owner_subscription_inactive"
    assert state.effects() == []


def out(**counts: int) -> Target:
    numbers = Numbers(base=Counts(**counts), since=NOW, more=Counts(), seen_at=NOW)
    return Target(id=1, account_id=1, platform="linkedin", status="PUBLISHED", numbers=numbers)


@pytest.mark.parametrize(
    ("targets", "rate"),
    [
        ([], 0.0),
        ([out(impressions=100, likes=10)], 10.0),
        ([out(impressions=100, likes=10), out(impressions=300, likes=6)], 4.0),  # weighted: (10*100 + 2*300) / 400
        ([out(likes=5), out(likes=3)], 0.0),
    ],
)
def test_the_rate_is_weighted_by_impressions(targets: list[Target], rate: float) -> None:
    summed: dict[str, Any] = total(shown_numbers(targets, NOW))
    assert summed["engagement_rate"] == rate
