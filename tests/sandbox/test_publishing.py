"""What the clock does: queueing, publishing, failing, repeating, looking up by what the networks gave."""

from typing import Any
from urllib.parse import quote

import pytest

from agent.sandbox.state import State
from tests.sandbox.box import ACCOUNT, Client, at, body, connect, shop


async def statuses(client: Client, post: int) -> tuple[str, dict[str, str]]:
    found = await client.get(f"/posts/{post}")
    return found["status"], {row["platform"]: row["status"] for row in found["platforms"]}


@pytest.mark.anyio
async def test_publish_now_is_queued_first_and_out_later(client: Client, state: State) -> None:
    made = await client.post("/posts", body("x", ("linkedin", "twitter"), schedule_type="publish_now"))
    assert made["status"] == "IN_QUEUE"
    assert {row["status"] for row in made["platforms"]} == {"IN_QUEUE"}
    state.advance(19)
    assert (await statuses(client, made["id"]))[0] == "IN_QUEUE"
    state.advance(1)
    out = await client.get(f"/posts/{made['id']}")
    assert out["status"] == "PUBLISHED"
    assert out["posted_on"] == ["2026-03-03 10:00"]
    row = out["platforms"][1]
    assert row["status"] == "PUBLISHED"
    assert row["post_url"] == f"https://x.com/fernandclay/status/{row['platform_post_id']}"
    assert row["posted_on"] == ["2026-03-03 10:00"]


@pytest.mark.anyio
async def test_a_scheduled_post_goes_out_at_its_time_whoever_looks_when(client: Client, state: State) -> None:
    made = await client.post("/posts", body(schedule_type="schedule", schedule_for=at("2026-03-03", "14:30")))
    state.advance(4.5 * 3600 - 1)
    assert (await statuses(client, made["id"]))[0] == "SCHEDULED"
    state.advance(1)
    assert (await statuses(client, made["id"])) == ("IN_QUEUE", {"linkedin": "IN_QUEUE"})
    state.advance(3 * 24 * 3600)
    out = await client.get(f"/posts/{made['id']}")
    assert (out["status"], out["posted_on"]) == ("PUBLISHED", ["2026-03-03 14:30"])


FAILING = [
    {"workspace": 11, "platform": "linkedin", "id": 101, "is_default": True},
    {"workspace": 11, "platform": "twitter", "id": 102, "has_expired": True},
    {"workspace": 11, "platform": "bluesky", "id": 103, "fails": "Rate limited by Bluesky."},
]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("accounts", "status"),
    [(("linkedin",), "PUBLISHED"), (("linkedin", "twitter"), "PARTIALLY_FAILED"), (("twitter", "bluesky"), "FAILED")],
)
async def test_accounts_decide_how_publishing_ends(accounts: tuple[str, ...], status: str) -> None:
    state = shop(accounts=FAILING, posts=[], publish_seconds=0)
    async with connect(state) as client:
        made = await client.post("/posts", body("x", accounts, schedule_type="publish_now"))
        out = await client.get(f"/posts/{made['id']}")
        assert out["status"] == status
        reasons = {row["platform"]: row.get("error") for row in out["platforms"]}
        assert reasons.get("bluesky", "Rate limited by Bluesky.") == "Rate limited by Bluesky."
        assert "expired" in (reasons.get("twitter") or "expired")
        assert [row["post_url"] is None for row in out["platforms"]] == [
            row["status"] == "FAILED" for row in out["platforms"]
        ]


@pytest.mark.anyio
async def test_what_is_queued_or_out_is_not_edited_and_what_failed_is(client: Client, state: State) -> None:
    made = await client.post("/posts", body(schedule_type="publish_now"))
    said = {"message": "Only posts that are not published yet can be updated"}
    assert await client.put(f"/posts/{made['id']}", {"labels": [21]}, 422) == said
    state.advance(60)
    assert await client.put(f"/posts/{made['id']}", body(), 422) == said
    listed = (await client.get("/posts"))["data"]
    failed = next(post for post in listed if post["status"] == "FAILED")
    assert (await client.put(f"/posts/{failed['id']}", {"content": [{"text": "again"}]}))["status"] == "DRAFT"


REPEAT: dict[str, Any] = {"repeatable": True, "repeatable_times": 3, "repeatable_gap": 1, "repeatable_gap_unit": "days"}


@pytest.mark.anyio
async def test_a_repeating_post_comes_again_on_the_same_wall_clock(client: Client, state: State) -> None:
    sent = body(
        "x", ("linkedin", "twitter"), schedule_type="schedule", schedule_for=at("2026-03-28", "09:00"), **REPEAT
    )
    made = await client.post("/posts", sent | {"repeatable_accounts": [ACCOUNT["twitter"]]})
    seen = []
    await client.control("clock", {"freeze": "2026-03-28T12:00:00Z"})
    for _ in range(4):
        post = await client.get(f"/posts/{made['id']}")
        seen.append((post["status"], post["remaining_posts"], post["scheduled_at"]))
        state.advance(24 * 3600)
    assert seen == [
        ("SCHEDULED", 2, "2026-03-29 09:00"),
        ("SCHEDULED", 1, "2026-03-30 09:00"),
        ("PUBLISHED", 0, "2026-03-30 09:00"),
        ("PUBLISHED", 0, "2026-03-30 09:00"),
    ]
    out = await client.get(f"/posts/{made['id']}")
    assert out["posted_on"] == ["2026-03-28 09:00", "2026-03-29 09:00", "2026-03-30 09:00"]
    assert {row["platform"]: len(row["posted_on"]) for row in out["platforms"]} == {"linkedin": 1, "twitter": 3}


@pytest.mark.anyio
async def test_posts_are_found_by_what_the_networks_gave(client: Client) -> None:
    for post in (await client.get("/posts"))["data"]:
        for row in post["platforms"]:
            if not row["post_url"]:
                continue
            by_url = await client.get(f"/posts/by-url/{quote(row['post_url'], safe='')}")
            by_id = await client.get(f"/posts/by-platform-post-id/{quote(row['platform_post_id'], safe='')}")
            assert by_url["id"] == by_id["id"] == post["id"]
            assert "comments" not in by_url
            with_comments = f"/posts/by-url/{quote(row['post_url'], safe='')}?include_comments=true"
            assert isinstance((await client.get(with_comments))["comments"], list)


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["https%3A%2F%2Fx.com%2Fnobody%2Fstatus%2F1", "https://x.com/nobody/status/1", "x"])
async def test_an_address_that_is_not_stored_is_not_found(client: Client, url: str) -> None:
    await client.get(f"/posts/by-url/{url}", 404)


@pytest.mark.anyio
async def test_a_disconnected_account_leaves_what_is_not_out(client: Client, state: State) -> None:
    alone = await client.post("/posts", body(schedule_type="schedule"))
    shared = await client.post("/posts", body("x", ("linkedin", "twitter"), schedule_type="schedule"))
    queued = await client.post("/posts", body("x", ("linkedin", "twitter"), schedule_type="publish_now"))
    assert await client.delete("/accounts/101") == {"message": "Account deleted successfully"}
    assert await statuses(client, alone["id"]) == ("DRAFT", {})
    assert await statuses(client, shared["id"]) == ("SCHEDULED", {"twitter": "SCHEDULED"})
    state.advance(60)
    assert await statuses(client, queued["id"]) == ("PARTIALLY_FAILED", {"linkedin": "FAILED", "twitter": "PUBLISHED"})
    published = [p for p in (await client.get("/posts"))["data"] if p["status"] == "PUBLISHED"]
    assert any(row["platform"] == "linkedin" for post in published for row in post["platforms"])
    await client.get("/analytics/accounts/101", 404)
    await client.delete("/accounts/101", 404)
    await client.delete("/accounts/mine", 422)
    assert all(row["id"] != 101 for row in (await client.get("/accounts"))["data"])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("repeats_on", "days", "status", "out"),
    [
        (["twitter", "linkedin"], 1, "SCHEDULED", 1),  # goes on where it still can
        (["linkedin"], 1, "PUBLISHED", 1),  # nothing is left to repeat on
        (["linkedin"], 0, "SCHEDULED", 0),  # it still goes out once
        ([], 1, "SCHEDULED", 1),
    ],
)
async def test_a_disconnected_account_is_not_repeated_on(
    client: Client, state: State, repeats_on: list[str], days: int, status: str, out: int
) -> None:
    sent = body("x", ("linkedin", "twitter"), schedule_type="schedule", schedule_for=at("2026-03-04", "09:00"))
    accounts = [ACCOUNT[network] for network in repeats_on]
    made = await client.post("/posts", sent | REPEAT | {"repeatable_accounts": accounts})
    state.advance(days * 24 * 3600)
    await client.delete("/accounts/101")
    found = await client.get(f"/posts/{made['id']}")
    assert (found["status"], len(found["posted_on"])) == (status, out)
    assert [row["platform"] for row in found["platforms"]] == ["twitter"]
    if status == "SCHEDULED":
        assert (await client.put(f"/posts/{made['id']}", {"labels": [21]}))["status"] == "SCHEDULED"
    state.advance(10 * 24 * 3600)
    assert (await client.get(f"/posts/{made['id']}"))["status"] == "PUBLISHED"


@pytest.mark.anyio
async def test_what_was_out_everywhere_stays_out_without_its_last_account(client: Client, state: State) -> None:
    made = await client.post("/posts", body(schedule_type="schedule", schedule_for=at("2026-03-04", "09:00"), **REPEAT))
    state.advance(24 * 3600)
    await client.delete("/accounts/101")
    assert await statuses(client, made["id"]) == ("PUBLISHED", {})


@pytest.mark.anyio
async def test_an_error_goes_when_the_post_is_tried_again() -> None:
    state = shop(accounts=FAILING, posts=[], publish_seconds=0)
    async with connect(state) as client:
        made = await client.post("/posts", body("x", ("twitter",), schedule_type="publish_now"))
        assert "error" in (await client.get(f"/posts/{made['id']}"))["platforms"][0]
        state.edit_behind(made["id"], "Again")
        again = await client.get(f"/posts/{made['id']}")
        assert again["status"] == "DRAFT"
        assert "error" not in again["platforms"][0]
