"""Writing posts: what is taken, what is refused and in which words."""

from typing import Any

import pytest

from agent.sandbox.state import State
from tests.sandbox.box import ACCOUNT, Client, at, body, connect, shop


@pytest.mark.anyio
async def test_a_draft_is_saved_as_sent_and_ids_go_up(client: Client) -> None:
    sent = body("Grüße 🎉", ("linkedin", "twitter"), labels=[21], campaign_id=41)
    sent["accounts"][1]["settings"] = {"text": "short", "reply_settings": "everyone"}
    sent["content"][0]["media"] = [501]
    made = await client.post("/posts", sent)
    assert made["status"] == "DRAFT"
    assert made["scheduled_at"] is None
    assert made["created_at"] == "2026-03-03 10:00 AM"
    read = await client.get(f"/posts/{made['id']}")
    assert read["created_at"] == "2026-03-03 10:00"
    assert read["content"][0]["text"] == "Grüße 🎉"
    assert [item["name"] for item in read["content"][0]["media"]] == ["spring-mugs.jpg"]
    assert read["content"][0]["media"][0]["type"] == "image/jpeg"
    assert [(row["account_id"], row["settings"]) for row in read["platforms"]] == [
        (101, {}),
        (102, {"text": "short", "reply_settings": "everyone"}),
    ]
    assert [label["name"] for label in read["labels"]] == ["Launch"]
    assert read["campaign_id"] == 41
    assert (await client.post("/posts", body()))["id"] == made["id"] + 1
    assert (await client.get("/posts"))["data"][0]["id"] == made["id"] + 1


@pytest.mark.anyio
async def test_unknown_keys_are_ignored_everywhere(client: Client, state: State) -> None:
    sent = body(scheduled_at="2026-04-01 10:00", schedule_type="draft")
    sent["content"][0]["alt"] = "nothing"
    sent["accounts"][0] |= {"settings": {"visibility": "PUBLIC", "type": "POST"}, "name": "x"}
    made = await client.post("/posts", sent)
    assert made["scheduled_at"] is None
    assert made["platforms"][0]["settings"] == {"visibility": "PUBLIC"}
    assert state.effects()[0]["body"] == sent


@pytest.mark.anyio
async def test_numbers_in_texts_are_understood_as_the_framework_does(client: Client) -> None:
    sent = body(workspace_id="11", accounts=[{"id": "101"}], labels=["21"], repeatable="0")
    made = await client.post("/posts", sent)
    assert made["platforms"][0]["account_id"] == 101
    assert made["labels"][0]["id"] == 21


@pytest.mark.anyio
async def test_no_accounts_means_the_default_one(client: Client) -> None:
    sent = body()
    del sent["accounts"]
    assert [row["account_id"] for row in (await client.post("/posts", sent))["platforms"]] == [101]
    async with connect(shop(accounts=[{"workspace": 11, "platform": "threads"}], posts=[])) as other:
        assert (await other.post("/posts", sent, 422))["errors"] == {"accounts": ["The accounts field is required."]}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"workspace_id": None}, "workspace_id", "The workspace id field is required."),
    ({"workspace_id": "x"}, "workspace_id", "The workspace id field must be an integer."),
    ({"workspace_id": 99}, "workspace_id", "The selected workspace id is invalid."),
    ({"content": []}, "content", "The content field is required."),
    ({"content": "x"}, "content", "The content field must be an array."),
    ({"content": [{}]}, "content", "The content field must have at least one item with text or media."),
    ({"content": [{"text": " "}]}, "content", "The content field must have at least one item with text or media."),
    ({"content": [{"text": 5}]}, "content.0.text", "The content.0.text field must be a string."),
    ({"content": [{"text": "a", "media": [9999]}]}, "content.0.media.0", "The selected content.0.media.0 is invalid."),
    ({"content": [{"text": "a", "media": [509]}]}, "content.0.media.0", "The selected content.0.media.0 is invalid."),
    (
        {"content": [{"text": "a", "media": ["https://missing.example/a.jpg"]}]},
        "content.0.media.0",
        "The content.0.media.0 could not be downloaded.",
    ),
    ({"schedule_type": "now"}, "schedule_type", "The selected schedule type is invalid."),
    ({"accounts": [{"id": 107}]}, "accounts.0.id", "The selected accounts.0.id is invalid."),
    ({"accounts": [{"id": 101}, {"id": 101}]}, "accounts.1.id", "The accounts.1.id field has a duplicate value."),
    ({"accounts": [{}]}, "accounts.0.id", "The accounts.0.id field is required."),
    (
        {"accounts": [{"id": 101, "settings": {"visibility": "ALL"}}]},
        "accounts.0.settings.visibility",
        "The selected visibility is invalid.",
    ),
    ({"labels": [25]}, "labels.0", "The selected labels.0 is invalid."),
    ({"labels": ["x"]}, "labels.0", "The labels.0 field must be an integer."),
    ({"campaign_id": 42}, "campaign_id", "The selected campaign id is invalid."),
    (
        {"repeatable": True},
        "repeatable_times",
        "The repeatable times field is required when repeatable is true.",
    ),
    (
        {"content": [{"text": "a", "is_first_comment": True}]},
        "content.0.is_first_comment",
        "The first content item cannot be a first comment.",
    ),
    (
        {"content": [{"text": "a", "cover_image": {"thumbnail": 505}}], "accounts": [{"id": 106}]},
        "content.0.cover_image.thumbnail",
        "The content.0.cover image.thumbnail must be an image.",
    ),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("changes", "field", "said"), REFUSED)
async def test_refused_fields(client: Client, changes: dict[str, Any], field: str, said: str) -> None:
    refused = await client.post("/posts", body(**changes), 422)
    assert refused["message"] == said
    assert refused["errors"][field] == [said]


@pytest.mark.anyio
async def test_the_message_is_the_first_error_in_declared_order(client: Client) -> None:
    refused = await client.post("/posts", {"schedule_type": "x", "accounts": [{}], "labels": "x"}, 422)
    assert list(refused["errors"]) == ["workspace_id", "content", "schedule_type", "accounts.0.id", "labels"]
    assert refused["message"] == refused["errors"]["workspace_id"][0]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("accounts", "changes", "said"),
    [
        (("instagram",), {}, "Instagram requires media"),
        (("linkedin", "tiktok"), {}, "TikTok requires media"),
        (("youtube",), {}, "YouTube requires media"),
        (
            ("twitter",),
            {"content": [{"text": "a"}, {"text": "b", "is_first_comment": True}]},
            "First comments are only supported on Instagram, Facebook, LinkedIn and YouTube",
        ),
        (
            ("linkedin",),
            {"content": [{"text": "a", "cover_image": {"video_cover_timestamp_ms": 5}}]},
            "A cover timestamp is only supported on TikTok",
        ),
        (
            ("tiktok",),
            {"content": [{"text": "a", "media": [505], "cover_image": {"thumbnail": 501}}]},
            "A cover thumbnail is only supported on YouTube, Instagram and Facebook",
        ),
    ],
)
async def test_network_rules(client: Client, accounts: tuple[str, ...], changes: dict[str, Any], said: str) -> None:
    sent = body("x", accounts, schedule_type="schedule", **changes)
    assert await client.post("/posts", sent, 422) == {"message": said}


@pytest.mark.anyio
async def test_a_draft_may_still_lack_media_and_accounts(client: Client) -> None:
    assert (await client.post("/posts", body("x", ("instagram", "tiktok"))))["status"] == "DRAFT"
    empty = await client.post("/posts", body(accounts=[]))
    assert empty["platforms"] == []
    refused = await client.put(f"/posts/{empty['id']}", {"schedule_type": "publish_now"}, 422)
    assert refused["errors"] == {"accounts": ["The accounts field is required."]}


@pytest.mark.anyio
async def test_covers_and_first_comments_are_shown_unless_the_world_hides_them() -> None:
    content = [
        {"text": "a", "media": [505], "cover_image": {"thumbnail": 501, "video_cover_timestamp_ms": 900}},
        {"text": "b", "is_first_comment": True, "cover_image": {"thumbnail": 502}},
    ]
    sent = body("x", ("youtube", "tiktok"), content=content)
    async with connect(shop()) as client:
        shown = await client.post("/posts", sent)
        assert shown["content"][0]["cover_image"] == {"thumbnail": 501, "video_cover_timestamp_ms": 900}
        assert shown["content"][1]["cover_image"] is None
        assert (shown["content"][1]["is_first_comment"], shown["content"][1]["first_comment_delay"]) == (True, 1)
        assert [row["account_id"] for row in shown["platforms"]] == [106, 105]
    async with connect(shop(hide_account_ids=True)) as client:
        hidden = await client.post("/posts", sent)
        assert hidden["content"][0]["cover_image"] is None
        assert "is_first_comment" not in hidden["content"][1]
        assert all("account_id" not in row for row in hidden["platforms"])


@pytest.mark.anyio
async def test_an_address_in_a_post_is_imported(client: Client) -> None:
    content = [{"text": "a", "media": [501, "https://example.com/pic.png"]}]
    made = await client.post("/posts", body(content=content))
    assert [item["name"] for item in made["content"][0]["media"]] == ["spring-mugs.jpg", "pic.png"]
    assert (await client.get("/media"))["data"][0]["name"] == "pic.png"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("schedule_for", "shown"),
    [
        (at("2026-03-06", "14:30"), "2026-03-06 14:30 PM"),
        (at("2026-03-06", "14:30", "America/New_York"), "2026-03-06 20:30 PM"),
        (at("2026-03-03", "10:01"), "2026-03-03 10:01 AM"),
        (at("2026-03-29", "02:30"), "2026-03-29 03:30 AM"),
        (None, "2026-03-03 12:00 PM"),
        ({}, "2026-03-03 12:00 PM"),
    ],
)
async def test_schedule_times(client: Client, schedule_for: Any, shown: str) -> None:
    made = await client.post("/posts", body(schedule_type="schedule", schedule_for=schedule_for))
    assert (made["status"], made["scheduled_at"]) == ("SCHEDULED", shown)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("schedule_for", "field", "said"),
    [
        (at("2026-03-03", "10:00"), "schedule_for", "The schedule for field must be a date after now."),
        (at("2020-01-01", "10:00"), "schedule_for", "The schedule for field must be a date after now."),
        (at("2026-02-30", "10:00"), "schedule_for.date", "valid date"),
        (at("0001-01-01", "00:00", "Asia/Tokyo"), "schedule_for.date", "valid date"),
        (at("2026-03-06", "24:30"), "schedule_for.time", "H:i"),
        (at("2026-03-06", "14:30", "Berlin"), "schedule_for.timezone", "valid timezone"),
        (at("2026-03-06", "14:30", "../etc"), "schedule_for.timezone", "valid timezone"),
        (at("6 March", "14:30"), "schedule_for.date", "format is invalid"),
        ({"date": "2026-03-06"}, "schedule_for.time", "is required"),
        ("tomorrow", "schedule_for", "must be an array"),
    ],
)
async def test_schedule_times_that_are_refused(client: Client, schedule_for: Any, field: str, said: str) -> None:
    refused = await client.post("/posts", body(schedule_type="schedule", schedule_for=schedule_for), 422)
    assert said in refused["errors"][field][0]


@pytest.mark.anyio
async def test_free_slots_are_handed_out_one_by_one(client: Client) -> None:
    times = [(await client.post("/posts", body(schedule_type="schedule")))["scheduled_at"] for _ in range(4)]
    assert [time[5:16] for time in times] == ["03-03 12:00", "03-03 15:00", "03-03 18:00", "03-04 09:00"]


@pytest.mark.anyio
async def test_a_partial_put_changes_only_what_it_names(client: Client) -> None:
    sent = body("One", ("linkedin", "twitter"), schedule_type="schedule", schedule_for=at("2026-03-06", "14:30"))
    sent |= {"labels": [21], "campaign_id": 41}
    sent["accounts"][1]["settings"] = {"text": "short"}
    made = await client.post("/posts", sent)
    changed = await client.put(f"/posts/{made['id']}", {"content": [{"text": "Two"}]})
    assert changed["content"][0]["text"] == "Two"
    same = ("status", "scheduled_at", "labels", "campaign_id", "platforms", "created_at")
    assert [changed[name] for name in same] == [made[name] for name in same]
    moved = await client.put(f"/posts/{made['id']}", {"schedule_for": at("2026-03-07", "08:00", "America/New_York")})
    assert moved["scheduled_at"] == "2026-03-07 14:00 PM"
    assert (await client.put(f"/posts/{made['id']}", {"schedule_for": None}))["scheduled_at"] == "2026-03-03 12:00 PM"


@pytest.mark.anyio
async def test_a_full_put_replaces_and_can_take_a_post_off_its_schedule(client: Client) -> None:
    made = await client.post("/posts", body(schedule_type="schedule", labels=[21]))
    drafted = await client.put(f"/posts/{made['id']}", body("Two", ("twitter",), labels=[]))
    assert (drafted["status"], drafted["scheduled_at"], drafted["labels"]) == ("DRAFT", None, [])
    assert [row["account_id"] for row in drafted["platforms"]] == [ACCOUNT["twitter"]]
    slotted = await client.put(f"/posts/{made['id']}", {"schedule_type": "schedule"})
    assert slotted["scheduled_at"] == "2026-03-03 12:00 PM"


@pytest.mark.anyio
async def test_a_post_stays_in_its_workspace(client: Client) -> None:
    made = await client.post("/posts", body())
    refused = await client.put(f"/posts/{made['id']}", {"workspace_id": 12}, 422)
    assert refused["errors"] == {"workspace_id": ["The selected workspace id is invalid."]}


@pytest.mark.anyio
async def test_repeats_are_kept_and_cleared(client: Client) -> None:
    repeat = {"repeatable": True, "repeatable_times": 3, "repeatable_gap": 2, "repeatable_gap_unit": "weeks"}
    made = await client.post("/posts", body("x", ("linkedin", "twitter"), repeatable_accounts=[101], **repeat))
    assert {name: made[name] for name in repeat} == repeat
    assert (made["remaining_posts"], made["repeatable_accounts"]) == (3, [101])
    kept = await client.put(f"/posts/{made['id']}", {"content": [{"text": "y"}]})
    assert (kept["repeatable"], kept["repeatable_accounts"]) == (True, [101])
    cleared = await client.put(f"/posts/{made['id']}", {"repeatable": False})
    assert (cleared["repeatable"], cleared["repeatable_times"], cleared["repeatable_accounts"]) == (None, None, None)
    assert (await client.get(f"/posts/{made['id']}"))["repeatable"] is False


@pytest.mark.anyio
async def test_a_deleted_post_is_gone_with_its_comments(client: Client, state: State) -> None:
    post = next(p for p in (await client.get("/posts?include_comments=1"))["data"] if p["comments"])
    assert (await client.delete(f"/posts/{post['id']}")) == {"message": "Post deleted successfully"}
    await client.get(f"/posts/{post['id']}", 404)
    await client.get(f"/comments/{post['comments'][0]['id']}", 404)
    await client.delete(f"/posts/{post['id']}", 404)
    assert [effect["operation"] for effect in state.effects()] == ["DeletePost"]
    assert (await client.post("/posts", body()))["id"] == 1023


@pytest.mark.anyio
async def test_pages_are_whole_and_newest_first(client: Client) -> None:
    everything = (await client.get("/posts"))["data"]
    ids = [post["id"] for post in everything]
    assert ids == sorted(ids, reverse=True)
    pages = [await client.get("/posts", params={"page": n, "per_page": 5}) for n in range(1, 7)]
    assert [post["id"] for page in pages for post in page["data"]] == ids
    assert {(page["last_page"], page["total"], page["per_page"]) for page in pages} == {(5, len(ids), 5)}


@pytest.mark.anyio
async def test_live_envelopes() -> None:
    async with connect(shop(live_envelopes=True)) as client:
        assert isinstance(await client.get("/workspaces"), list)
        assert isinstance(await client.get("/accounts"), list)
        assert isinstance(await client.get("/folders"), list)
        page = await client.get("/posts", params={"per_page": 5, "page": 2})
        assert page["meta"] | {"links": None} == page["meta"] | {
            "current_page": 2,
            "from": 6,
            "to": 10,
            "total": 22,
            "links": None,
        }
        assert page["links"]["next"] == "http://sandbox/api/v1/posts?page=3"


@pytest.mark.anyio
async def test_nulls_of_a_put_are_absent_but_for_time_and_campaign(client: Client) -> None:
    sent = body(schedule_type="schedule", schedule_for=at("2026-03-06", "14:30"), labels=[21], campaign_id=41)
    made = await client.post("/posts", sent)
    nothing = dict.fromkeys(("content", "accounts", "labels", "schedule_type", "repeatable"))
    same = await client.put(f"/posts/{made['id']}", nothing)
    assert same == made
    cleared = await client.put(f"/posts/{made['id']}", {"schedule_for": None, "campaign_id": None})
    assert (cleared["scheduled_at"], cleared["campaign_id"]) == ("2026-03-03 12:00 PM", None)
