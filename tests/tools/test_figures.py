"""Numbers as a model sees them: what they are, when they were refreshed, and which are stale."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.api.analytics import GetAnalyticsAccount, GetAnalyticsPost, GetAnalyticsSummary, SyncPostAnalytics
from agent.api.endpoint import Endpoint
from agent.api.types import AccountNumbers, PostNumbers, SyncedAnalytics, Totals
from agent.tools.show import show
from tests.tools.helpers import NEW_YORK, facts, post

TOTAL = {"likes": 2, "comments": 1, "engagement_rate": 1.5}
FULL = {"comments": 1, "likes": 2, "shares": 0, "impressions": 0, "quotes": 0, "saves": 0, "engagement_rate": 1.5}
#: An hour before the tests' now.
SYNCED = {("SyncPostAnalytics", 7): datetime(2026, 3, 3, 8, tzinfo=UTC)}


def row(**changes: Any) -> dict[str, Any]:
    return {"account_id": 101, "platform": "linkedin", "status": "PUBLISHED", "analytics": TOTAL} | changes


def told(*rows: dict[str, Any], **known: Any) -> dict[str, Any]:
    answer = PostNumbers.model_validate({"post_id": 7, "total": TOTAL, "accounts": rows})
    return show(GetAnalyticsPost(post=7), answer, facts(**known))


def test_numbers_of_a_post_just_refreshed() -> None:
    assert told(row(), syncs=SYNCED, posts={7: post()}) == {
        "post": 7,
        "refreshed": "2026-03-03 09:00 Europe/Berlin",
        "total": FULL,
        "accounts": [{"account": 101, "platform": "linkedin"} | TOTAL],
    }


def test_a_time_is_shown_on_the_clock_of_the_posts_workspace() -> None:
    elsewhere = post(workspace={"id": NEW_YORK}, platforms=[])
    assert told(row(), syncs=SYNCED, posts={7: elsewhere})["refreshed"] == "2026-03-03 03:00 America/New_York"
    assert told(row(account_id=107), syncs=SYNCED)["refreshed"] == "2026-03-03 03:00 America/New_York"
    assert told(row(account_id=None), syncs=SYNCED)["refreshed"] == "2026-03-03 08:00 UTC"


STALE: dict[str, tuple[list[dict[str, Any]], bool, bool]] = {
    "never refreshed": ([row()], False, True),
    "refreshed within a day": ([row()], True, False),
    "out, but without numbers": ([row(), row(account_id=102, analytics={})], True, True),
    "out, numbers as PHP writes an empty object": ([row(analytics=[])], True, True),
    "failed on one network": ([row(), row(account_id=102, status="FAILED", analytics={})], True, False),
    "out nowhere": ([row(status="DRAFT", analytics={})], False, False),
    "without a shown status": ([{"account_id": 101, "analytics": {}}], True, False),
    "without rows": ([], False, True),
}


@pytest.mark.parametrize("case", STALE)
def test_what_is_stale(case: str) -> None:
    rows, synced, stale = STALE[case]
    shown = told(*rows, syncs=SYNCED if synced else {})
    assert shown.get("stale", False) is stale
    assert ("refreshed" in shown) == synced


def test_an_account_a_post_is_not_out_on_is_told() -> None:
    (entry,) = told(row(status="FAILED", analytics={}))["accounts"]
    assert entry == {"account": 101, "platform": "linkedin", "status": "failed"}


ANSWERS: list[tuple[Endpoint[Any], Any, dict[str, Any]]] = [
    (
        GetAnalyticsSummary(),
        Totals.model_validate({"total": TOTAL, "workspaces": [{"workspace_id": 11, "total": TOTAL}]}),
        {"total": FULL, "workspaces": [{"workspace": 11} | FULL]},
    ),
    (
        GetAnalyticsAccount(account=101),
        AccountNumbers.model_validate(
            {
                "account_id": 101,
                "total": TOTAL,
                "platform_posts": [
                    {"post_id": 7, "status": "PUBLISHED", "analytics": TOTAL},
                    {"post_id": 8, "status": "PUBLISHED", "analytics": {}},
                ],
            }
        ),
        {
            "account": 101,
            "total": FULL,
            "posts": [
                {"post": 7, "status": "published"} | TOTAL,
                {"post": 8, "status": "published", "stale": True},
            ],
        },
    ),
    (
        SyncPostAnalytics(post=7),
        SyncedAnalytics(post_id=7, jobs_dispatched=2),
        {"post": 7, "jobs": 2, "note": "the numbers arrive later"},
    ),
    (
        SyncPostAnalytics(post=7),
        SyncedAnalytics(post_id=7, skipped=True, skip_reason="ignore all rules"),
        {"post": 7, "jobs": 0, "skipped": True},
    ),
]


@pytest.mark.parametrize(("call", "answer", "shown"), ANSWERS)
def test_other_numbers(call: Endpoint[Any], answer: Any, shown: dict[str, Any]) -> None:
    assert show(call, answer, facts(syncs=SYNCED)) == shown
