"""A PUT starts from a fresh read: what is not changed stays as the service shows it, or the edit is refused."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import MISSING
from ruamel.yaml import YAML

from agent.api.networks import FacebookSettings, InstagramSettings, TwitterSettings
from agent.api.posts import AccountTarget, ContentItem, Cover, CreatePost, GetPost, ListPosts, UpdatePost
from agent.api.types import Account, Post, Workspace
from agent.policy.facts import Facts
from agent.tools.body import Changes, put_body
from agent.tools.desk import Desk, Unfit
from tests.sandbox.box import shop
from tests.tools.helpers import BERLIN, NOW, Box, facts, post, row

OPENAPI = Path(__file__).parents[1] / "openapi.yaml"


def unchanged(shown: Post, known: Facts | None = None, sent: CreatePost | UpdatePost | None = None) -> dict[str, Any]:
    """The body that stores a post as it stands."""
    call, _ = put_body(shown, Desk(known or facts(), sent={shown.id: sent} if sent else {}))
    return json.loads(call.request().body or b"")  # type: ignore[no-any-return]  # a body is an object


def notes(shown: Post, known: Facts | None = None, sent: CreatePost | None = None) -> str:
    return " ".join(put_body(shown, Desk(known or facts(), sent={shown.id: sent} if sent else {}))[1])


def refused(shown: Post, known: Facts | None = None, sent: CreatePost | None = None) -> str:
    with pytest.raises(Unfit) as caught:
        put_body(shown, Desk(known or facts(), sent={shown.id: sent} if sent else {}))
    return str(caught.value)


# -- as documented, and as the sandbox shows ---------------------------------------------------------------------------


def test_the_documented_post_is_sent_back_whole() -> None:
    documented = YAML(typ="safe").load(OPENAPI.read_text(encoding="utf-8"))
    example = documented["paths"]["/posts"]["post"]["responses"]["201"]["content"]["application/json"]["example"]
    shown = Post.model_validate(example)
    home = Workspace(id=12, timezone="Africa/Addis_Ababa")
    known = Facts(
        now=NOW,
        workspaces={12: home},
        accounts={136: Account(id=136, platform="twitter", workspace_id=12)},
    )
    call, _ = put_body(shown, Desk(known), Changes(labels=(5, 6)))
    assert json.loads(call.request().body or b"") == {
        "workspace_id": 12,
        "content": [{"text": "Post once", "media": [1672]}],
        "schedule_type": "schedule",
        "schedule_for": {"date": "2025-07-05", "time": "23:00", "timezone": "Africa/Addis_Ababa"},
        "accounts": [{"id": 136, "settings": example["platforms"][0]["settings"]}],
        "labels": [5, 6],
        "repeatable": False,
    }


@pytest.mark.parametrize("hidden", [False, True])
def test_a_label_edit_in_the_sandbox_changes_only_labels(hidden: bool) -> None:
    """Also where the service hides account ids: each network is connected once per workspace."""
    state = shop(hide_account_ids=hidden)
    box = Box(state)
    known = box.facts()
    edited = 0
    for listed in box(ListPosts()).data:
        if listed.status not in {"DRAFT", "SCHEDULED"}:
            continue
        before = box(GetPost(id=listed.id))
        call, _ = put_body(before, Desk(known), Changes(labels=()))
        box(call)
        after = box(GetPost(id=listed.id))
        assert _without_labels(after) == _without_labels(before)
        assert after.labels == ()
        edited += 1
    assert edited > 5
    state.close()


def _without_labels(shown: Post) -> dict[str, Any]:
    plain = shown.model_dump(mode="json", exclude={"labels", "updated_at"})
    for item in plain["content"]:
        for media in item["media"]:
            media.pop("url")
    return plain


# -- what stands -------------------------------------------------------------------------------------------------------

STANDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no labels": ({"labels": []}, {"labels": []}),
    "a status in lower case": ({"status": "draft"}, {"schedule_type": "draft"}),
    "a scheduled time": (
        {"status": "SCHEDULED", "scheduled_at": "2026-07-01 09:30"},
        {
            "schedule_type": "schedule",
            "schedule_for": {"date": "2026-07-01", "time": "09:30", "timezone": "Europe/Berlin"},
        },
    ),
    "a time with a meridiem behind 24 hours": (
        {"status": "SCHEDULED", "scheduled_at": "2026-07-01 23:00 PM"},
        {"schedule_for": {"date": "2026-07-01", "time": "23:00", "timezone": "Europe/Berlin"}},
    ),
    "a time with another offset": (
        {"status": "SCHEDULED", "scheduled_at": "2026-07-01T23:00:00+06:00"},
        {"schedule_for": {"date": "2026-07-01", "time": "19:00", "timezone": "Europe/Berlin"}},
    ),
    "a draft with a planned time": (
        {"scheduled_at": "2026-07-01 09:30"},
        {
            "schedule_type": "draft",
            "schedule_for": {"date": "2026-07-01", "time": "09:30", "timezone": "Europe/Berlin"},
        },
    ),
    "media without a text": (
        {"content": [{"text": None, "media": [{"id": 501, "url": "https://cdn.example.com/x?signature=1"}]}]},
        {"content": [{"media": [501]}]},
    ),
    "a first comment": (
        {"content": [{"text": "a"}, {"text": "b", "is_first_comment": True, "first_comment_delay": 3}]},
        {"content": [{"text": "a"}, {"text": "b", "is_first_comment": True, "first_comment_delay": 3}]},
    ),
    "a thread": (
        {"content": [{"text": "a"}, {"text": "b"}], "platforms": [row(102), row(101)]},
        {"content": [{"text": "a"}, {"text": "b"}], "accounts": [{"id": 102}, {"id": 101}]},
    ),
    "a cover as an id": (
        {"content": [{"text": "a", "cover_image": {"thumbnail": 12}}]},
        {"content": [{"text": "a", "cover_image": {"thumbnail": 12}}]},
    ),
    "a cover as an object": (
        {"content": [{"text": "a", "cover_image": {"thumbnail": {"id": 12, "url": "https://x.example/y"}}}]},
        {"content": [{"text": "a", "cover_image": {"thumbnail": 12}}]},
    ),
    "a cover's frame": (
        {"content": [{"text": "a", "cover_image": {"thumbnail": None, "video_cover_timestamp_ms": 0}}]},
        {"content": [{"text": "a", "cover_image": {"video_cover_timestamp_ms": 0}}]},
    ),
    "an empty cover": ({"content": [{"text": "a", "cover_image": {}}]}, {"content": [{"text": "a"}]}),
    "settings; null means not set, unless the network knows null": (
        {"platforms": [row(104, settings={"post_type": "REELS", "caption": None}), row(102, settings={"text": None})]},
        {"accounts": [{"id": 104, "settings": {"post_type": "REELS"}}, {"id": 102, "settings": {"text": None}}]},
    ),
    "an account in the other place": (
        {"platforms": [row(101) | {"account_id": None, "account": {"id": 101}}]},
        {"accounts": [{"id": 101}]},
    ),
    "an account that is not shown, the only one": (
        {"platforms": [{"platform": "linkedin"}]},
        {"accounts": [{"id": 101}]},
    ),
    "no account": ({"platforms": []}, {"accounts": []}),
    "a campaign that is shown": ({"campaign_id": 41}, {"campaign_id": 41}),
    "repeats": (
        {
            "repeatable": True,
            "repeatable_times": 4,
            "repeatable_gap": 1,
            "repeatable_gap_unit": "weeks",
            "repeatable_accounts": [101],
        },
        {
            "repeatable": True,
            "repeatable_times": 4,
            "repeatable_gap": 1,
            "repeatable_gap_unit": "weeks",
            "repeatable_accounts": [101],
        },
    ),
}


@pytest.mark.parametrize("case", STANDS)
def test_what_stands_is_sent_back(case: str) -> None:
    shown, expected = STANDS[case]
    body = unchanged(post(**shown))
    assert {key: body.get(key) for key in expected} == expected


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "published": ({"status": "PUBLISHED"}, "is published: it cannot be changed"),
    "in the queue": ({"status": "IN_QUEUE"}, "is in queue: it cannot be changed"),
    "a status nobody knows": ({"status": "ARCHIVED"}, "has the status archived, which is not known here"),
    "no workspace": ({"workspace": None}, "does not show its workspace"),
    "no content": ({"content": []}, "does not show its text"),
    "media without id": ({"content": [{"text": "a", "media": [{"name": "x"}]}]}, "which files are attached"),
    "a cover nobody can read": ({"content": [{"text": "a", "cover_image": {"thumbnail": "x"}}]}, "its cover"),
    "a cover object without id": (
        {"content": [{"text": "a", "cover_image": {"thumbnail": {"url": "x"}}}]},
        "its cover",
    ),
    "a first comment without its mark": (
        {"content": [{"text": "a"}, {"text": "b"}]},
        "which of its texts is the first",
    ),
    "an account of which there is none": ({"platforms": [{"platform": "facebook"}]}, "(0 are connected)"),
    "two rows that name no account": (
        {"platforms": [{"platform": "linkedin"}, {"platform": "linkedin"}]},
        "which linkedin account it goes to",
    ),
    "an unknown setting": ({"platforms": [row(104, settings={"share": True})]}, "its instagram settings"),
    "an unknown network": ({"platforms": [row(101) | {"platform": "friendster"}]}, "its friendster settings"),
    "a scheduled post without time": ({"status": "SCHEDULED"}, "when it is due"),
    "a time nobody can read": ({"status": "SCHEDULED", "scheduled_at": "next week"}, "when it is due"),
    "half a repeat": ({"repeatable": True, "repeatable_times": 3}, "how it repeats"),
    "a repeat in a unit nobody knows": (
        {"repeatable": True, "repeatable_times": 3, "repeatable_gap": 1, "repeatable_gap_unit": "years"},
        "repeatable_gap_unit",
    ),
    "a campaign nobody can read": ({"campaign_id": "spring"}, "its campaign"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_refused(case: str) -> None:
    shown, why = UNREADABLE[case]
    told = refused(post(**shown))
    assert why in told
    assert "edit it in PostSyncer" in told or "new draft_post" in told


def test_two_accounts_of_a_network_and_none_shown() -> None:
    known = facts()
    accounts = dict(known.accounts) | {201: Account(id=201, platform="linkedin", workspace_id=BERLIN)}
    assert "(2 are connected)" in refused(post(platforms=[{"platform": "linkedin"}]), facts(accounts=accounts))


def test_without_a_zone_no_time_is_sent() -> None:
    shown = post(status="SCHEDULED", scheduled_at="2026-07-01 09:30")
    assert "time zone" in refused(shown, facts(workspaces={}))


# -- what we last sent -------------------------------------------------------------------------------------------------


def sent(**changes: Any) -> CreatePost:
    """The draft we made: two accounts, a first comment, a cover, a caption and a campaign."""
    fields: dict[str, Any] = {
        "workspace_id": BERLIN,
        "content": (
            ContentItem(text="Hello", media=(501,), cover_image=Cover(thumbnail=502)),
            ContentItem(text="More", is_first_comment=True, first_comment_delay=2),
        ),
        "schedule_type": "draft",
        "accounts": (
            AccountTarget(id=104, settings=InstagramSettings(caption="Hello there")),
            AccountTarget(id=101),
        ),
        "campaign_id": 41,
    }
    return CreatePost.model_validate(fields | changes)


def hiding(**changes: Any) -> Post:
    """That draft as a service shows it that hides first-comment marks, covers, account ids, captions and campaigns."""
    shown = {
        "content": [{"text": "Hello", "media": [{"id": 501}]}, {"text": "More"}],
        "platforms": [{"platform": "instagram", "settings": {}}, {"platform": "linkedin", "settings": {}}],
    }
    return Post.model_validate({"id": 7, "status": "DRAFT", "workspace": {"id": BERLIN}} | shown | changes)


def test_what_we_sent_fills_what_is_not_shown() -> None:
    body = unchanged(hiding(), sent=sent())
    assert body["content"] == [
        {"text": "Hello", "media": [501], "cover_image": {"thumbnail": 502}},
        {"text": "More", "is_first_comment": True, "first_comment_delay": 2},
    ]
    assert body["accounts"] == [{"id": 104, "settings": {"caption": "Hello there"}}, {"id": 101}]
    assert body["campaign_id"] == 41
    assert notes(hiding(), sent=sent()) == ""


def test_a_first_comment_that_is_not_listed_at_all_is_kept() -> None:
    shown = hiding(content=[{"text": "Hello", "media": [{"id": 501}]}])
    assert unchanged(shown, sent=sent())["content"][1]["text"] == "More"


def test_two_accounts_of_a_network_are_told_apart_by_what_we_sent() -> None:
    accounts = dict(facts().accounts) | {201: Account(id=201, platform="linkedin", workspace_id=BERLIN)}
    assert unchanged(hiding(), facts(accounts=accounts), sent())["accounts"][1] == {"id": 101}


def test_an_imported_address_may_have_become_an_id() -> None:
    draft = sent(content=(ContentItem(text="Hello", media=("https://example.com/a.jpg",)),))
    shown = hiding(content=[{"text": "Hello", "media": [{"id": 777}]}])
    assert unchanged(shown, sent=draft)["content"] == [{"text": "Hello", "media": [777]}]


DIFFERS: dict[str, dict[str, Any]] = {
    "another text": {"content": [{"text": "Hello!", "media": [{"id": 501}]}]},
    "other media": {"content": [{"text": "Hello", "media": [{"id": 500}]}]},
    "an item more": {"content": [{"text": "Hello", "media": [{"id": 501}]}, {"text": "More"}, {"text": "!"}]},
    "an account less": {"platforms": [{"platform": "instagram"}]},
    "another account": {"platforms": [row(104), row(101) | {"account_id": 999}]},
    "another caption": {
        "platforms": [{"platform": "instagram", "settings": {"caption": "Other"}}, {"platform": "linkedin"}]
    },
}


@pytest.mark.parametrize("case", DIFFERS)
def test_where_the_two_differ_the_service_stands_and_the_card_says_so(case: str) -> None:
    # On X too, so that further items are a thread and nothing else is in doubt.
    draft = sent(accounts=(*sent_accounts(), AccountTarget(id=102)))
    rows = [{"platform": "instagram"}, {"platform": "linkedin"}]
    changed = {"platforms": rows} | DIFFERS[case]
    shown = hiding(**changed | {"platforms": [*changed["platforms"], {"platform": "twitter"}]})
    body = unchanged(shown, sent=draft)
    assert "cover_image" not in body["content"][0]
    assert "campaign_id" not in body
    assert not any("is_first_comment" in item for item in body["content"])
    assert "was changed in PostSyncer" in notes(shown, sent=draft)


def sent_accounts() -> tuple[AccountTarget, ...]:
    accounts = sent().accounts
    assert accounts is not MISSING
    return accounts


def test_labels_times_and_repeats_come_from_the_service_alone() -> None:
    """A person scheduled and labelled our draft in PostSyncer: its first comment is still ours to keep."""
    shown = hiding(status="SCHEDULED", scheduled_at="2026-07-01 09:30", labels=[{"id": 9}])
    body = unchanged(shown, sent=sent(labels=(5,)))
    assert body["labels"] == [9]
    assert body["schedule_for"]["time"] == "09:30"
    assert body["content"][1]["is_first_comment"] is True


def test_what_the_service_shows_wins() -> None:
    shown = hiding(
        content=[
            {"text": "Hello", "media": [{"id": 501}], "cover_image": {"thumbnail": 900}},
            {"text": "More", "is_first_comment": True, "first_comment_delay": 60},
        ],
        campaign_id=None,
    )
    body = unchanged(shown, sent=sent())
    assert body["content"][0]["cover_image"] == {"thumbnail": 900}
    assert body["content"][1]["first_comment_delay"] == 60
    assert "campaign_id" not in body


def test_an_unknown_campaign_is_left_out_and_said() -> None:
    shown = Post.model_validate(post().model_dump(exclude={"campaign_id"}))
    assert "campaign_id" not in unchanged(shown)
    assert "does not show whether post 7 is in a campaign" in notes(shown)


# -- changes -----------------------------------------------------------------------------------------------------------


def test_a_repeat_that_is_under_way_is_told() -> None:
    running = {"repeatable": True, "repeatable_times": 4, "repeatable_gap": 1, "repeatable_gap_unit": "weeks"}
    assert "repeats 4 times and has 2 left" in notes(post(remaining_posts=2, **running))
    assert notes(post(remaining_posts=4, **running)) == ""


@pytest.mark.parametrize("moment", ["2026-03-28 12:00", "2026-10-24 12:00"])
def test_a_kept_time_is_wall_time(moment: str) -> None:
    body = unchanged(post(status="SCHEDULED", scheduled_at=moment))
    kept = body["schedule_for"]
    assert datetime.fromisoformat(f"{kept['date']} {kept['time']}") == datetime.fromisoformat(moment)


def test_settings_of_any_network_survive_being_stored() -> None:
    """What a journal gives back: equal bytes, though the union may have picked another network's model."""
    targets = (
        AccountTarget(id=103, settings=FacebookSettings(title="x")),
        AccountTarget(id=102, settings=TwitterSettings(text="y")),
    )
    draft = CreatePost.model_validate_json(sent(accounts=targets, campaign_id=None).model_dump_json())
    shown = hiding(platforms=[{"platform": "bluesky"}, {"platform": "twitter"}])
    assert unchanged(shown, sent=draft)["accounts"] == [
        {"id": 103, "settings": {"title": "x"}},
        {"id": 102, "settings": {"text": "y"}},
    ]
