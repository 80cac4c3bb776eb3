"""Drafting, editing, deleting posts."""

from typing import Any

import pytest

from agent.api.networks import SETTINGS, TEXT_FIELD
from agent.api.posts import CreatePost, DeletePost, GetPost
from agent.api.types import Account
from agent.errors import NotFound
from tests.tools.helpers import BERLIN, NEW_YORK, Reads, body, facts, parts, post, row, unfit

DRAFT = {"workspace_id": BERLIN, "accounts": [101], "text": "Hello"}


# -- draft_post --------------------------------------------------------------------------------------------------------

DRAFTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the least": ({}, {"schedule_type": "draft", "content": [{"text": "Hello"}], "accounts": [{"id": 101}]}),
    "several accounts, each once": (
        {"accounts": [102, 101, 102]},
        {"accounts": [{"id": 102}, {"id": 101}]},
    ),
    "media by id and address": (
        {"media": [501, "https://example.com/a.jpg"]},
        {"content": [{"text": "Hello", "media": [501, "https://example.com/a.jpg"]}]},
    ),
    "media without words": ({"text": "", "media": [501]}, {"content": [{"media": [501]}]}),
    "a thread": (
        {"accounts": [102], "thread": ["two", "three"]},
        {"content": [{"text": "Hello"}, {"text": "two"}, {"text": "three"}]},
    ),
    "a first comment": (
        {"first_comment": "Link below"},
        {"content": [{"text": "Hello"}, {"text": "Link below", "is_first_comment": True}]},
    ),
    "an empty first comment is none": ({"first_comment": " "}, {"content": [{"text": "Hello"}]}),
    "a thumbnail": (
        {"cover": {"thumbnail": 502}},
        {"content": [{"text": "Hello", "cover_image": {"thumbnail": 502}}]},
    ),
    "a frame": (
        {"cover": {"frame_ms": 0}},
        {"content": [{"text": "Hello", "cover_image": {"video_cover_timestamp_ms": 0}}]},
    ),
    "labels": ({"labels": [5, 6]}, {"labels": [5, 6]}),
    "a repeat": (
        {"repeat": {"times": 3, "every": 2, "unit": "weeks"}},
        {"repeatable": True, "repeatable_times": 3, "repeatable_gap": 2, "repeatable_gap_unit": "weeks"},
    ),
    "settings": (
        {"accounts": [104], "settings": {"104": {"post_type": "REELS"}}},
        {"accounts": [{"id": 104, "settings": {"post_type": "REELS"}}]},
    ),
    "settings and another text": (
        {
            "accounts": [104, 102],
            "settings": {"104": {"post_type": "REELS"}},
            "variants": [{"account": 104, "text": "Hi"}, {"account": 102, "text": "Hey"}],
        },
        {
            "accounts": [
                {"id": 104, "settings": {"caption": "Hi", "post_type": "REELS"}},
                {"id": 102, "settings": {"text": "Hey"}},
            ]
        },
    ),
    "null is absent": ({"thread": None, "labels": None, "repeat": None}, {"content": [{"text": "Hello"}]}),
}


@pytest.mark.parametrize("case", DRAFTS)
def test_a_draft_is_made(case: str) -> None:
    given, expected = DRAFTS[case]
    made = body("draft_post", DRAFT | given)
    assert {key: made.get(key) for key in expected} == expected
    assert made["schedule_type"] == "draft"
    assert "schedule_for" not in made


REFUSED_DRAFTS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown workspace": ({"workspace_id": 99}, "no workspace 99 in scope. Workspaces: 11 Fern & Clay; 12 Harbour"),
    "an unknown account": ({"accounts": [999]}, "There is no account 999. Accounts of workspace 11: 101 linkedin Fern"),
    "an account of another workspace": ({"accounts": [107]}, "Account 107 belongs to workspace 12, not 11"),
    "nothing to post": ({"text": ""}, "needs a text or media"),
    "blanks to post": ({"text": " \n"}, "needs a text or media"),
    "a text for an account that is not posted to": (
        {"variants": [{"account": 102, "text": "x"}]},
        "account 102 is not among the accounts of this post (101)",
    ),
    "two texts for one account": (
        {"accounts": [102], "variants": [{"account": 102, "text": "x"}, {"account": 102, "text": "y"}]},
        "account 102 is there twice",
    ),
    "two texts in two places": (
        {"accounts": [102], "variants": [{"account": 102, "text": "x"}], "settings": {"102": {"text": "y"}}},
        "gets two texts",
    ),
    "settings for an account that is not posted to": ({"settings": {"102": {}}}, 'here one of "101"'),
    "settings under a name": ({"settings": {"linkedin": {}}}, "settings go by account id"),
    "an unknown setting": (
        {"accounts": [104], "settings": {"104": {"post_typ": "REELS"}}},
        'Did you mean "post_type"? Its fields: post_type, caption. '
        "instagram takes post_type (one of POST, REELS, STORIES), caption (a text).",
    ),
    "an unknown value of a setting": (
        {"accounts": [101], "settings": {"101": {"visibility": "ALL"}}},
        "visibility: one of PUBLIC, CONNECTIONS, LOGGED_IN is expected",
    ),
    "a setting of the wrong kind": (
        {"accounts": [105], "settings": {"105": {"disable_duet": [1]}}},
        "disable_duet: true or false is expected",
    ),
    "no cover in the cover": ({"cover": {}}, "cover takes one of thumbnail"),
    "two covers": ({"cover": {"thumbnail": 1, "frame_ms": 1}}, "cover takes one of thumbnail"),
    "a campaign while they are off": ({"campaign_id": 41}, "not switched on"),
}


@pytest.mark.parametrize("case", REFUSED_DRAFTS)
def test_a_draft_is_refused(case: str) -> None:
    given, why = REFUSED_DRAFTS[case]
    assert why in unfit("draft_post", DRAFT | given)


def test_a_draft_outside_the_scope_is_refused() -> None:
    known = facts(scope=frozenset({NEW_YORK}))
    told = unfit("draft_post", DRAFT, known=known)
    assert "no workspace 11 in scope" in told
    assert "Fern" not in told


def test_a_campaign_goes_in_where_they_are_on() -> None:
    made = body("draft_post", DRAFT | {"campaign_id": 41}, known=facts(features=frozenset({"campaigns"})))
    assert made["campaign_id"] == 41


@pytest.mark.parametrize("network", SETTINGS)
def test_another_text_goes_into_the_networks_own_field(network: str) -> None:
    accounts = {1: Account(id=1, platform=network, workspace_id=BERLIN)}
    given = {"workspace_id": BERLIN, "accounts": [1], "text": "Hello", "variants": [{"account": 1, "text": "Hi"}]}
    if network in TEXT_FIELD:
        made = body("draft_post", given, known=facts(accounts=accounts))
        assert made["accounts"] == [{"id": 1, "settings": {TEXT_FIELD[network]: "Hi"}}]
    else:
        assert "make a second draft_post" in unfit("draft_post", given, known=facts(accounts=accounts))


# -- edit_post ---------------------------------------------------------------------------------------------------------

SHOWN = {
    "content": [
        {"text": "Hello", "media": [{"id": 501}]},
        {"text": "two", "media": [{"id": 502}]},
        {"text": "below", "is_first_comment": True, "first_comment_delay": 5},
    ],
    "platforms": [row(102, settings={"text": "Hey", "reply_settings": "everyone"}), row(101)],
}

EDITS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": (
        {"text": "Bye"},
        {
            "content": [
                {"text": "Bye", "media": [501]},
                {"text": "two", "media": [502]},
                {"text": "below", "is_first_comment": True, "first_comment_delay": 5},
            ]
        },
    ),
    "no media": ({"media": []}, {"content.0": {"text": "Hello"}}),
    "other media": ({"media": [9]}, {"content.0": {"text": "Hello", "media": [9]}}),
    "thread": ({"thread": ["2", "3"]}, {"content.1": {"text": "2"}, "content.2": {"text": "3"}}),
    "no thread": (
        {"thread": []},
        {"content.1": {"text": "below", "is_first_comment": True, "first_comment_delay": 5}},
    ),
    "first comment": (
        {"first_comment": "new"},
        {"content.2": {"text": "new", "is_first_comment": True, "first_comment_delay": 5}},
    ),
    "no first comment": (
        {"first_comment": ""},
        {"content": [{"text": "Hello", "media": [501]}, {"text": "two", "media": [502]}]},
    ),
    "cover": (
        {"cover": {"thumbnail": 3}},
        {"content.0": {"text": "Hello", "media": [501], "cover_image": {"thumbnail": 3}}},
    ),
    "labels": ({"labels": []}, {"labels": []}),
    "accounts; what was set for one stays with it": (
        {"accounts": [102, 103]},
        {"accounts": [{"id": 102, "settings": {"text": "Hey", "reply_settings": "everyone"}}, {"id": 103}]},
    ),
    "a setting; the others stay": (
        {"settings": {"102": {"reply_settings": "following"}}},
        {"accounts": [{"id": 102, "settings": {"text": "Hey", "reply_settings": "following"}}, {"id": 101}]},
    ),
    "another text for one account": (
        {"variants": [{"account": 102, "text": "Yo"}]},
        {"accounts": [{"id": 102, "settings": {"text": "Yo", "reply_settings": "everyone"}}, {"id": 101}]},
    ),
    "repeat": ({"repeat": {"times": 2, "every": 1, "unit": "days"}}, {"repeatable": True, "repeatable_times": 2}),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_changes_what_it_names_and_nothing_else(case: str) -> None:
    given, expected = EDITS[case]
    reads = Reads({"GetPost": post(**SHOWN)})
    before = body("edit_post", {"post": 7, "labels": [5]}, Reads({"GetPost": post(**SHOWN)}))
    made = body("edit_post", {"post": 7} | given, reads)
    assert reads.asked == [GetPost(id=7)]
    touched = {key.split(".")[0] for key in expected}
    for key, value in expected.items():
        name, _, place = key.partition(".")
        assert (made[name][int(place)] if place else made[name]) == value
    untouched = {key for key in before if key not in touched and not key.startswith("repeatable")}
    assert {key: made[key] for key in untouched} == {key: before[key] for key in untouched}


def test_a_scheduled_post_keeps_its_time() -> None:
    made = body("edit_post", {"post": 7, "text": "Bye"}, _scheduled())
    assert made["schedule_type"] == "schedule"
    assert made["schedule_for"] == {"date": "2026-07-01", "time": "09:30", "timezone": "Europe/Berlin"}


def test_repeating_can_be_ended() -> None:
    running = {"repeatable": True, "repeatable_times": 4, "repeatable_gap": 1, "repeatable_gap_unit": "weeks"}
    made = body("edit_post", {"post": 7, "no_repeat": True}, Reads({"GetPost": post(**running)}))
    assert made["repeatable"] is False
    assert "repeatable_times" not in made


def test_a_repeat_follows_the_accounts() -> None:
    running = {"repeatable": True, "repeatable_times": 4, "repeatable_gap": 1, "repeatable_gap_unit": "weeks"}
    shown = post(platforms=[row(101), row(102)], repeatable_accounts=[101, 102], **running)
    made = body("edit_post", {"post": 7, "accounts": [102]}, Reads({"GetPost": shown}))
    assert made["repeatable_accounts"] == [102]
    again = {"times": 2, "every": 3, "unit": "days"}
    made = body("edit_post", {"post": 7, "repeat": again}, Reads({"GetPost": shown}))
    assert (made["repeatable_times"], made["repeatable_accounts"]) == (2, [101, 102])
    made = body("edit_post", {"post": 7, "accounts": [103]}, Reads({"GetPost": shown}))
    assert "repeatable_accounts" not in made


def _scheduled() -> Reads:
    return Reads({"GetPost": post(status="SCHEDULED", scheduled_at="2026-07-01 09:30")})


REFUSED_EDITS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "nothing to change": ({}, {}, "needs something to change"),
    "only nulls": ({"text": None}, {}, "needs something to change"),
    "published": ({"text": "x"}, {"status": "PUBLISHED"}, "cannot be changed any more"),
    "nothing left": ({"text": "", "media": []}, {}, "needs a text or media"),
    "both repeats": ({"repeat": {"times": 1, "every": 1, "unit": "days"}, "no_repeat": True}, {}, "one of repeat and"),
    "an account of another workspace": ({"accounts": [107]}, {}, "belongs to workspace 12"),
    "a campaign while they are off": ({"campaign_id": 4}, {}, "not switched on"),
}


@pytest.mark.parametrize("case", REFUSED_EDITS)
def test_an_edit_is_refused(case: str) -> None:
    given, shown, why = REFUSED_EDITS[case]
    assert why in unfit("edit_post", {"post": 7} | given, Reads({"GetPost": post(**shown)}))


def test_an_edit_tells_what_one_may_not_expect() -> None:
    notes = " ".join(
        parts("edit_post", {"post": 7, "text": "x", "thread": ["y"]}, Reads({"GetPost": post(**SHOWN)})).notes
    )
    assert "Account 102 keeps the text it has of its own." in notes
    assert "further posts are left out" in notes
    failed = parts("edit_post", {"post": 7, "text": "x"}, Reads({"GetPost": post(status="FAILED")}))
    assert "had failed" in " ".join(failed.notes)


def test_an_account_that_gets_a_new_text_is_not_said_to_keep_its_own() -> None:
    given = {"post": 7, "text": "x", "variants": [{"account": 102, "text": "y"}]}
    assert parts("edit_post", given, Reads({"GetPost": post(**SHOWN)})).notes == ()


def test_a_post_that_is_not_there_is_told() -> None:
    gone = Reads({"GetPost": NotFound("GetPost", "gone")})
    assert unfit("edit_post", {"post": 7, "text": "x"}, gone) == "GetPost id 7: not found."


# -- delete_posts ------------------------------------------------------------------------------------------------------


def test_each_post_is_read_and_then_deleted_once() -> None:
    reads = Reads({"GetPost": lambda call: post(id=call.id)})
    made = parts("delete_posts", {"posts": [7, 8, 7]}, reads)
    assert made.calls == (DeletePost(id=7), DeletePost(id=8))
    assert reads.asked == [GetPost(id=7), GetPost(id=8)]


def test_a_post_that_is_gone_does_not_stop_the_others() -> None:
    reads = Reads({"GetPost": lambda call: post(id=8) if call.id == 8 else NotFound("GetPost", "gone")})
    made = parts("delete_posts", {"posts": [7, 8]}, reads)
    assert made.calls == (DeletePost(id=8),)
    assert made.impossible == ("GetPost id 7: not found.",)


def test_a_draft_is_one_frozen_call() -> None:
    (call,) = parts("draft_post", DRAFT).calls
    assert isinstance(call, CreatePost)
    assert CreatePost.model_validate_json(call.model_dump_json()) == call
