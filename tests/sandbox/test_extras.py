"""Auto-plug, moderation, contact collection, and the analysis of an X post."""

from typing import Any

import pytest

from tests.sandbox.box import Client

TRIGGERS = {name: {"enabled": True, "count": 3} for name in ("likes", "reposts", "replies", "views")}
PLUG = {"enabled": True, "name": "p", "is_default": False, "reply_text": "Thanks!"} | TRIGGERS
REMOVED = ("profanity", "negativity", "all_comments", "custom_topics", "urls", "emails", "phones", "mentions")
MODERATION = {f"remove_{name}": False for name in (*REMOVED, "hashtags", "keywords")} | {"ai_reply": True}


@pytest.mark.anyio
async def test_auto_plug_is_stored_and_cleared(client: Client) -> None:
    plug = (await client.patch("/posts/1001/auto-plug", PLUG | {"colour": "red"}))["auto_plug"]
    assert {name: plug[name] for name in PLUG} == PLUG
    assert plug["id"]
    assert "colour" not in plug
    assert (await client.patch("/posts/1001/auto-plug", PLUG | {"id": "mine"}))["auto_plug"]["id"] == "mine"
    assert (await client.patch("/posts/1001/auto-plug", {"enabled": False}))["auto_plug"] is None


@pytest.mark.anyio
async def test_moderation_and_contacts_keep_their_settings_when_switched_off(client: Client) -> None:
    path = "/posts/1001/comment-moderation"
    on = await client.patch(path, {"enabled": True, "settings": MODERATION | {"keywords_list": ["spam"]}})
    assert on["comments_settings"] == MODERATION | {"keywords_list": ["spam"], "enabled": True}
    off = await client.patch(path, {"enabled": False})
    assert off["comments_settings"] == on["comments_settings"] | {"enabled": False}
    path = "/posts/1001/contact-collection"
    rules = {"mode": "keyword_rules", "keyword_rules": [{"keyword": "price", "list_id": 3}]}
    on = await client.patch(path, {"enabled": True, "settings": rules})
    assert on["contact_collection_settings"] == rules | {"enabled": True}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("page", "sent", "field"),
    [
        ("auto-plug", {}, "enabled"),
        ("auto-plug", {"enabled": True, "name": "x"}, "likes"),
        ("auto-plug", PLUG | {"likes": {"enabled": True, "count": -1}}, "likes.count"),
        ("comment-moderation", {"enabled": True}, "settings"),
        ("comment-moderation", {"enabled": True, "settings": {"ai_reply": True}}, "settings.remove_urls"),
        ("contact-collection", {"enabled": True, "settings": {"mode": "add_all"}}, "settings.list_id"),
        ("contact-collection", {"enabled": True, "settings": {"mode": "some"}}, "settings.mode"),
    ],
)
async def test_pages_that_are_refused(client: Client, page: str, sent: Any, field: str) -> None:
    assert field in (await client.patch(f"/posts/1001/{page}", sent, 422))["errors"]


@pytest.mark.anyio
async def test_analysis_is_the_worlds_and_quotes_ones_own_posts(client: Client) -> None:
    sent = {"url": "https://x.com/someone/status/123?s=20", "question": "Who is best?"}
    found = await client.post("/posts/analyze-twitter", sent, 200)
    assert "must follow @potterydaily" in found["answer"]
    assert found["tweet"]["id"] == "123"
    posts = (await client.get("/posts"))["data"]
    own = next(
        row["post_url"] for p in posts for row in p["platforms"] if row["platform"] == "twitter" and row["post_url"]
    )
    assert (await client.post("/posts/analyze-twitter", sent | {"url": own}, 200))["tweet"]["author"][
        "username"
    ] == "fernandclay"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"question": "Who?"}, "url"),
        ({"url": "https://x.com/a/status/1"}, "question"),
        ({"url": "https://x.com/a/status/1", "question": "x"}, "question"),
        ({"url": "https://x.com/a/status/1", "question": "x" * 2001}, "question"),
        ({"url": "https://x.com/a", "question": "Who?"}, "url"),
        ({"url": "https://x.com.evil.example/a/status/1", "question": "Who?"}, "url"),
    ],
)
async def test_analyses_that_are_refused(client: Client, sent: Any, field: str) -> None:
    assert list((await client.post("/posts/analyze-twitter", sent, 422))["errors"]) == [field]
