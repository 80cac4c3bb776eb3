"""Comments: fetching, replying, changing one's own, hiding, deleting."""

from typing import Any

import pytest

from agent.sandbox.state import State
from tests.sandbox.box import Client, connect, shop


async def spring(client: Client) -> Any:
    """The post with most comments."""
    posts = (await client.get("/posts?include_comments=true"))["data"]
    return max(posts, key=lambda post: len(post["comments"]))


async def texts(client: Client, **params: Any) -> list[str]:
    post = (await spring(client))["id"]
    return [item["content"][:12] for item in (await client.get("/comments", params={"post_id": post} | params))["data"]]


@pytest.mark.anyio
async def test_page_one_fetches_what_has_arrived_and_page_two_does_not(client: Client, state: State) -> None:
    post = (await spring(client))["id"]
    await client.get("/comments", params={"post_id": post, "page": 2})
    assert len((await spring(client))["comments"]) == 4
    assert (await texts(client))[0] == "Ordered two."
    assert len((await spring(client))["comments"]) == 5
    state.advance(2 * 3600)
    assert (await texts(client, source="INTERNAL")) == []
    assert (await texts(client))[0] == "Do you offer"
    assert state.effects() == []


@pytest.mark.anyio
async def test_filters_and_threads(client: Client) -> None:
    assert await texts(client, provider="instagram") == ["The second o"]
    assert await texts(client, is_resolved="true") == ["Want 10k fol"]
    assert len(await texts(client, is_resolved="false")) == 4
    assert await texts(client, is_approved="true") == []
    assert len(await texts(client)) == 5
    assert len(await texts(client, include_replies="false")) == 6
    assert len(await texts(client, per_page=2, page=3)) == 1
    found = (await spring(client))["comments"]
    thread = next(item for item in found if item["replies"])
    assert thread["replies"][0]["user"]["name"] == "mara"
    assert thread["contact"] == {"name": "Lena", "username": "lena.makes", "platform": "instagram"}
    assert "contact" not in thread["replies"][0]
    assert (await client.get(f"/comments/{thread['id']}"))["replies"][0]["id"] == thread["replies"][0]["id"]


@pytest.mark.anyio
async def test_a_sync_says_which_networks_were_asked(client: Client, state: State) -> None:
    post = await spring(client)
    synced = (await client.post("/comments/sync", {"post_id": post["id"]}, 200))["data"]
    assert [(row["provider"], row["synced"]) for row in synced["platform_posts"]] == [
        ("linkedin", True),
        ("twitter", True),
        ("instagram", False),
    ]
    assert [effect["operation"] for effect in state.effects()] == ["SyncComments"]
    await client.post("/comments/sync", {"post_id": post["id"]}, 200)
    assert len(state.effects()) == 1
    await client.post("/comments/sync", {"post_id": 999999}, 404)


@pytest.mark.anyio
async def test_a_sync_brings_what_has_arrived_on_its_networks(client: Client, state: State) -> None:
    post = await spring(client)
    before = {item["id"] for item in post["comments"]}
    state.advance(3 * 3600)
    assert {item["id"] for item in (await spring(client))["comments"]} == before
    await client.post("/comments/sync", {"post_id": post["id"]}, 200)
    fresh = [item for item in (await spring(client))["comments"] if item["id"] not in before]
    assert [(item["platform"], item["content"][:12]) for item in fresh] == [
        ("twitter", "Ordered two."),
        ("linkedin", "Do you offer"),
    ]
    assert min(item["id"] for item in fresh) > max(before)


@pytest.mark.anyio
async def test_replies_lie_in_replies_and_go_with_what_they_answer(client: Client) -> None:
    post = await spring(client)
    top = post["comments"][0]
    ids = [top["id"]]
    for text in ("One", "Two", "Three"):
        sent = {"post_id": post["id"], "parent_comment_id": ids[-1], "content": text}
        ids.append((await client.post("/comments", sent))["id"])
    nested = await client.get(f"/comments/{ids[0]}")
    seen = []
    while nested:
        seen.append((nested["id"], nested["platform"]))
        nested = next(iter(nested["replies"]), None)
    assert seen == [(comment, top["platform"]) for comment in ids]
    await client.delete(f"/comments/{ids[1]}")
    for comment in ids[1:]:
        await client.get(f"/comments/{comment}", 404)
    assert (await client.get(f"/comments/{ids[0]}"))["replies"] == []


@pytest.mark.anyio
async def test_a_reply_takes_source_and_network_of_its_parent(client: Client) -> None:
    post = await spring(client)
    parent = post["comments"][0]
    sent = {"post_id": post["id"], "parent_comment_id": parent["id"], "content": "Yes!", "media": [501, 9999]}
    reply = await client.post("/comments", sent)
    assert (reply["source"], reply["platform"], reply["user"]) == (
        "SOCIAL",
        "linkedin",
        {"id": 1, "name": "mara", "username": None},
    )
    assert [item["id"] for item in reply["media"]] == [501]
    assert (await client.get(f"/comments/{parent['id']}"))["replies"][-1]["id"] == reply["id"]
    note = await client.post("/comments", {"post_id": post["id"], "content": "Ask Tom"})
    assert (note["source"], note["platform"], note["parent_comment_id"]) == ("INTERNAL", None, None)
    assert await texts(client, source="INTERNAL") == ["Ask Tom"]


@pytest.mark.anyio
async def test_replies_that_are_refused(client: Client) -> None:
    post = await spring(client)
    other = next(p["id"] for p in (await client.get("/posts"))["data"] if p["id"] != post["id"])
    parent = post["comments"][0]["id"]
    for sent, field in (
        ({"content": "x"}, "post_id"),
        ({"post_id": post["id"]}, "content"),
        ({"post_id": post["id"], "content": "  "}, "content"),
        ({"post_id": post["id"], "media": [9999]}, "content"),
        ({"post_id": other, "parent_comment_id": parent, "content": "x"}, "parent_comment_id"),
        ({"post_id": post["id"], "content": "x" * 65536}, "content"),
        ({"post_id": post["id"], "media": [501] * 11}, "media"),
    ):
        assert field in (await client.post("/comments", sent, 422))["errors"]
    await client.post("/comments", {"post_id": 999999, "content": "x"}, 404)


@pytest.mark.anyio
async def test_only_ones_own_comment_is_changed(client: Client) -> None:
    post = await spring(client)
    refused = await client.put(f"/comments/{post['comments'][0]['id']}", {"content": "x"}, 403)
    assert refused == {"message": "This action is unauthorized."}
    own = await client.post("/comments", {"post_id": post["id"], "content": "One", "media": [501]})
    changed = await client.put(f"/comments/{own['id']}", {"content": ""})
    assert (changed["content"], len(changed["media"])) == (None, 1)
    changed = await client.put(f"/comments/{own['id']}", {"content": "Two", "media": []})
    assert (changed["content"], changed["media"]) == ("Two", [])
    assert "media" in (await client.put(f"/comments/{own['id']}", {"media": [9999]}, 422))["errors"]
    tokens = [{"token": "1|sandbox", "user": "mara"}, {"token": "2|b", "user": "lee"}]
    state = shop(tokens=tokens)
    async with connect(state) as mara, connect(state, "2|b") as lee:
        note = await mara.post("/comments", {"post_id": post["id"], "content": "Mine"})
        await lee.put(f"/comments/{note['id']}", {"content": "Yours"}, 403)


@pytest.mark.anyio
async def test_hiding_and_deleting(client: Client, state: State) -> None:
    post = await spring(client)
    parent = next(item for item in post["comments"] if item["replies"])
    assert await client.patch(f"/comments/{parent['id']}/hide", {}) == {"message": "Comment hidden successfully"}
    assert (await client.get(f"/comments/{parent['id']}"))["is_hidden"] is True
    await client.patch(f"/comments/{parent['id']}/hide", {})
    assert len(state.effects()) == 1
    note = await client.post("/comments", {"post_id": post["id"], "content": "Ask Tom"})
    await client.patch(f"/comments/{note['id']}/hide", {}, 422)
    await client.delete(f"/comments/{parent['id']}")
    await client.get(f"/comments/{parent['id']}", 404)
    await client.get(f"/comments/{parent['replies'][0]['id']}", 404)


@pytest.mark.anyio
async def test_what_still_waits_on_a_network_cannot_be_read(client: Client, state: State) -> None:
    waiting = [item["id"] for post in state.export()["posts"] for item in post.get("incoming", [])]
    assert len(waiting) == 3
    for comment in waiting:
        await client.get(f"/comments/{comment}", 404)
