"""Numbers, campaigns, standing orders, and the two local tools."""

from typing import Any

import pytest

from agent.api.analytics import (
    GetAnalyticsAccount,
    GetAnalyticsPost,
    GetAnalyticsSummary,
    GetAnalyticsWorkspace,
    SyncPostAnalytics,
)
from agent.api.campaigns import CreateCampaign, DeleteCampaign, ListCampaigns, UpdateCampaign
from agent.api.endpoint import Endpoint
from agent.api.posts import UpdatePostAutoPlug
from agent.api.types import Campaign
from agent.policy.facts import Facts
from agent.tools.local import Finish
from agent.tools.registry import TOOLS, parse
from agent.tools.wording import example
from tests.tools.helpers import BERLIN, NEW_YORK, Reads, body, facts, parts, said, unfit

ALL_ON = facts(features=frozenset({"auto_plug", "moderation", "contacts", "campaigns"}))

# -- numbers -----------------------------------------------------------------------------------------------------------

NUMBERS: dict[str, tuple[dict[str, Any], Facts, tuple[Endpoint[Any], ...]]] = {
    "a post": ({"posts": [7]}, facts(), (GetAnalyticsPost(post=7),)),
    "posts, each once": ({"posts": [8, 7, 8]}, facts(), (GetAnalyticsPost(post=8), GetAnalyticsPost(post=7))),
    "an account": ({"account": 101}, facts(), (GetAnalyticsAccount(account=101),)),
    "a workspace": ({"workspace": BERLIN}, facts(), (GetAnalyticsWorkspace(workspace=BERLIN),)),
    "all": ({}, facts(), (GetAnalyticsSummary(),)),
    "all in scope": ({}, facts(scope=frozenset({NEW_YORK})), (GetAnalyticsWorkspace(workspace=NEW_YORK),)),
    "all, all in scope": ({"posts": None}, facts(scope=frozenset({BERLIN, NEW_YORK})), (GetAnalyticsSummary(),)),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_are_read(case: str) -> None:
    given, known, calls = NUMBERS[case]
    assert parts("get_numbers", given, known=known).calls == calls


def test_numbers_of_one_thing_at_a_time() -> None:
    assert "not posts and workspace" in unfit("get_numbers", {"posts": [7], "workspace": BERLIN})
    assert "no account 999" in unfit("get_numbers", {"account": 999})
    assert "no workspace 99" in unfit("get_numbers", {"workspace": 99})
    assert "at most 25 of them" in unfit("get_numbers", {"posts": list(range(1, 30))})
    assert "at least 1 of them" in unfit("get_numbers", {"posts": []})


def test_numbers_of_several_posts_are_refreshed_each_once() -> None:
    made = parts("sync_numbers", {"posts": [7, 8, 7]})
    assert made.calls == (SyncPostAnalytics(post=7), SyncPostAnalytics(post=8))
    assert "posts is missing" in unfit("sync_numbers", {})


# -- campaigns ---------------------------------------------------------------------------------------------------------


def test_campaigns() -> None:
    reads = Reads({"GetCampaign": Campaign(id=41)})
    made = {"workspace_id": BERLIN, "name": "Spring"}
    assert parts("list_campaigns", {}, known=ALL_ON).calls == (ListCampaigns(),)
    assert parts("create_campaign", made, known=ALL_ON).calls == (CreateCampaign(workspace_id=BERLIN, name="Spring"),)
    assert parts("update_campaign", {"campaign": 41, "name": "x"}, known=ALL_ON).calls == (
        UpdateCampaign(id=41, name="x"),
    )
    assert parts("delete_campaign", {"campaign": 41}, reads, known=ALL_ON).calls == (DeleteCampaign(id=41),)


@pytest.mark.parametrize("tool", [name for name, view in TOOLS.items() if view.feature])
def test_what_is_off_is_refused(tool: str) -> None:
    view = parse(tool, example(TOOLS[tool]))
    assert "is not switched on here" in unfit(tool, view.model_dump(mode="json"))


# -- standing orders ---------------------------------------------------------------------------------------------------


def test_an_automatic_reply() -> None:
    made = body("set_auto_plug", {"post": 7, "enabled": True, "reply_text": "Thanks", "likes": 10}, known=ALL_ON)
    off = {"enabled": False, "count": 0}
    assert made == {
        "enabled": True,
        "name": "Auto-plug",
        "is_default": False,
        "reply_text": "Thanks",
        "likes": {"enabled": True, "count": 10},
        "reposts": off,
        "replies": off,
        "views": off,
    }
    stopped = parts("set_auto_plug", {"post": 7, "enabled": False}, known=ALL_ON).calls
    assert stopped == (UpdatePostAutoPlug(post=7, enabled=False),)
    for lacking in ({"reply_text": "x"}, {"likes": 1}):
        assert "needs reply_text and one of" in unfit(
            "set_auto_plug", {"post": 7, "enabled": True} | lacking, known=ALL_ON
        )


def test_moderation() -> None:
    given = {"post": 7, "enabled": True, "remove": ["urls"], "keywords": ["spam"], "ai_reply": False}
    made = body("set_moderation", given, known=ALL_ON)
    assert made["enabled"] is True
    assert {name for name, value in made["settings"].items() if value is True} == {"remove_urls", "remove_keywords"}
    assert made["settings"]["keywords_list"] == ["spam"]
    assert body("set_moderation", {"post": 7, "enabled": False}, known=ALL_ON) == {"enabled": False}
    assert "a list of profanity" in unfit("set_moderation", {"post": 7, "enabled": True}, known=ALL_ON)
    wrong = {"post": 7, "enabled": True, "remove": ["spam"]}
    assert "remove[0]: one of profanity" in unfit("set_moderation", wrong, known=ALL_ON)


def test_contacts() -> None:
    made = body("set_contact_collection", {"post": 7, "enabled": True, "list_id": 3}, known=ALL_ON)
    assert made == {"enabled": True, "settings": {"mode": "add_all", "list_id": 3}}
    rules = [{"keyword": "price", "list_id": 3}]
    given = {"post": 7, "enabled": True, "keyword_rules": rules, "case_sensitive": False}
    made = body("set_contact_collection", given, known=ALL_ON)
    assert made["settings"] == {"mode": "keyword_rules", "keyword_rules": rules, "keyword_case_sensitive": False}
    assert body("set_contact_collection", {"post": 7, "enabled": False}, known=ALL_ON) == {"enabled": False}
    for odd in ({}, {"list_id": 3, "keyword_rules": rules}):
        assert "needs one of list_id" in unfit(
            "set_contact_collection", {"post": 7, "enabled": True} | odd, known=ALL_ON
        )


# -- local -------------------------------------------------------------------------------------------------------------


def test_local_tools_send_nothing() -> None:
    assert said("ask", {"question": "Which one?"}) == {"asked": "Which one?"}
    assert said("finish", {"said": "Done."}) == {"ok": True}


@pytest.mark.parametrize(
    ("refused", "refusal"),
    [
        ('"the rest is unsafe"', "the rest is unsafe"),
        ("true", "Done."),
        ("false", ""),
        ("null", ""),
        ('""', ""),
        ('"None."', ""),
        ('" no "', ""),
    ],
)
def test_what_was_refused(refused: str, refusal: str) -> None:
    view = parse("finish", f'{{"said":"Done.","refused":{refused}}}')
    assert isinstance(view, Finish)
    assert view.refusal == refusal
