"""Labels, campaigns and folders."""

from typing import Any

import pytest

from agent.sandbox.state import State
from tests.sandbox.box import Client, body


@pytest.mark.anyio
async def test_labels(client: Client, state: State) -> None:
    made = await client.post("/labels", {"workspace_id": 11, "name": "Summer", "color": "#00ff00"})
    assert (made["workspace"]["slug"], made["created_at"]) == ("fern-and-clay", "2026-03-03 10:00")
    assert [label["id"] for label in (await client.get("/labels"))["data"]] == [21, 22, 23, 24, 25, 26, made["id"]]
    post = await client.post("/posts", body(labels=[made["id"], 21]))
    changed = await client.put(f"/labels/{made['id']}", {"name": "Winter", "color": "#0000ff"})
    assert changed["name"] == "Winter"
    assert (await client.get(f"/posts/{post['id']}"))["labels"][0] == {
        "id": made["id"],
        "name": "Winter",
        "color": "#0000ff",
    }
    assert await client.delete(f"/labels/{made['id']}") == {"message": "Label deleted successfully"}
    assert [label["id"] for label in (await client.get(f"/posts/{post['id']}"))["labels"]] == [21]
    assert [label["id"] for label in (await client.put(f"/posts/{post['id']}", {}))["labels"]] == [21]
    await client.get(f"/labels/{made['id']}", 404)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": "x", "color": "#ffffff"}, "workspace_id"),
        ({"workspace_id": 11, "color": "#ffffff"}, "name"),
        ({"workspace_id": 11, "name": "", "color": "#ffffff"}, "name"),
        ({"workspace_id": 11, "name": "x" * 256, "color": "#ffffff"}, "name"),
        ({"workspace_id": 11, "name": "x"}, "color"),
        ({"workspace_id": 11, "name": "x", "color": "red"}, "color"),
    ],
)
async def test_labels_that_are_refused(client: Client, sent: Any, field: str) -> None:
    assert list((await client.post("/labels", sent, 422))["errors"]) == [field]
    assert list((await client.put("/labels/21", {"name": "x"}, 422))["errors"]) == ["color"]


@pytest.mark.anyio
async def test_campaigns(client: Client) -> None:
    made = await client.post("/campaigns", {"workspace_id": 11, "name": "June"})
    assert [row["id"] for row in (await client.get("/campaigns"))["data"]] == [41, 42, made["id"]]
    assert (await client.put(f"/campaigns/{made['id']}", {"name": "July", "workspace_id": 11}))["name"] == "July"
    await client.put(f"/campaigns/{made['id']}", {"name": "July", "workspace_id": 12}, 422)
    post = await client.post("/posts", body(campaign_id=made["id"]))
    await client.delete(f"/campaigns/{made['id']}")
    await client.get(f"/campaigns/{made['id']}", 404)
    assert (await client.get(f"/posts/{post['id']}"))["campaign_id"] is None
    assert (await client.put(f"/posts/{post['id']}", {"labels": [21]}))["campaign_id"] is None


@pytest.mark.anyio
async def test_folders_are_a_tree(client: Client) -> None:
    async def names(**params: Any) -> list[str]:
        return [row["name"] for row in (await client.get("/folders", params=params))["data"]]

    assert await names() == ["Products", "Mugs", "Videos", "Old ideas", "Café"]
    assert await names(workspace_id=12) == ["Café"]
    assert await names(parent_id=31) == ["Mugs"]
    assert await names(root="1", workspace_id=11) == ["Products", "Videos", "Old ideas"]
    assert await names(root="true", workspace_id=12) == ["Café"]
    assert await names(workspace_id=99) == []
    made = await client.post("/folders", {"workspace_id": 11, "name": "Bowls", "parent_id": 32})
    assert (made["color"], made["parent_id"]) == ("#4F46E5", 32)
    assert (await client.get(f"/folders/{made['id']}"))["parent"]["name"] == "Mugs"
    moved = await client.put(f"/folders/{made['id']}", {"parent_id": None, "name": "Plates", "color": "#111111"})
    assert (moved["parent_id"], moved["name"], moved["color"]) == (None, "Plates", "#111111")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("folder", "sent", "field"),
    [
        (31, {"parent_id": 31}, "parent_id"),
        (31, {"parent_id": 32}, "parent_id"),
        (31, {"parent_id": 35}, "parent_id"),
        (31, {"parent_id": 9999}, "parent_id"),
        (31, {}, "name"),
        (31, {"name": ""}, "name"),
    ],
)
async def test_folder_moves_that_are_refused(client: Client, folder: int, sent: Any, field: str) -> None:
    assert field in (await client.put(f"/folders/{folder}", sent, 422))["errors"]


@pytest.mark.anyio
async def test_a_deleted_folder_takes_everything_in_it_along(client: Client, state: State) -> None:
    assert await client.delete("/folders/31") == {"message": "Folder deleted successfully"}
    await client.get("/folders/32", 404)
    for media in (501, 502, 503):
        await client.get(f"/media/{media}", 404)
    (effect,) = state.effects()
    assert effect["ids"] == {"folder": [31, 32], "media": [501, 502, 503]}
