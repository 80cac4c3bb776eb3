"""What other people do in PostSyncer's own pages while a client works: at once, or as the clock passes."""

import re
from pathlib import Path
from typing import Any

import pytest

from agent.errors import SettingsError
from agent.sandbox.edits import Edit
from agent.sandbox.state import State
from agent.sandbox.world import World
from agent.yaml_files import parse_yaml
from tests.sandbox.box import NOW, Client, at, body, connect, shop

POSTS: list[dict[str, Any]] = [
    {"workspace": 11, "id": 1001, "text": "Out", "accounts": ["linkedin"], "status": "published", "at": "-1d 09:00"},
    {"workspace": 11, "id": 1002, "text": "Due", "accounts": ["linkedin"], "status": "scheduled", "at": "+1h"},
    {"workspace": 11, "id": 1003, "text": "Draft", "accounts": ["linkedin"]},
    {"workspace": 11, "id": 1004, "text": "Bare", "accounts": ["instagram"]},
]


def box(*behind: dict[str, Any]) -> State:
    return shop(posts=POSTS, behind=behind)


async def shown(client: Client, post: int) -> tuple[str, str, str | None]:
    found = await client.get(f"/posts/{post}")
    return found["status"], found["content"][0]["text"], found["scheduled_at"]


#: Edits that the pages allow, and how the post stands afterwards.
MADE = [
    ({"post": 1002, "text": "Mine"}, ("SCHEDULED", "Mine", "2026-03-03 11:00")),
    ({"post": 1003, "text": "Mine"}, ("DRAFT", "Mine", None)),
    ({"post": 1002, "due": "+2h"}, ("SCHEDULED", "Due", "2026-03-03 12:00")),
    ({"post": 1003, "due": "tomorrow 09:00"}, ("SCHEDULED", "Draft", "2026-03-04 09:00")),
    ({"post": 1003, "due": "2026-03-05T09:00"}, ("SCHEDULED", "Draft", "2026-03-05 09:00")),
    ({"post": 1002, "publish": True}, ("IN_QUEUE", "Due", "2026-03-03 10:00")),
    ({"post": 1003, "publish": True}, ("IN_QUEUE", "Draft", "2026-03-03 10:00")),
    ({"post": 1002, "unschedule": True}, ("DRAFT", "Due", None)),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("edit", "stands"), MADE)
async def test_an_edit_is_made_at_once_and_stands_in_no_log(edit: dict[str, Any], stands: Any) -> None:
    state = box()
    async with connect(state) as client:
        state.advance(30)
        assert await client.control("edit", edit) == {"post": edit["post"]}
        assert await shown(client, edit["post"]) == stands
        assert (await client.get(f"/posts/{edit['post']}"))["updated_at"] == "2026-03-03 10:00"
    assert state.effects() == []


@pytest.mark.anyio
@pytest.mark.parametrize(("edit", "stands"), MADE)
async def test_a_world_may_hold_edits_that_come_with_the_clock(edit: dict[str, Any], stands: Any) -> None:
    state = box(edit | {"at": "+30s"})
    async with connect(state) as client:
        before = await shown(client, edit["post"])
        state.advance(29)
        assert await shown(client, edit["post"]) == before
        state.advance(1)
        assert await shown(client, edit["post"]) == stands
    assert state.effects() == []
    assert "behind" not in state.export()


@pytest.mark.anyio
async def test_a_post_is_deleted_behind_our_back() -> None:
    state = box({"post": 1003, "at": "+5m", "delete": True})
    async with connect(state) as client:
        note = await client.post("/comments", {"post_id": 1003, "content": "Ready?"})
        state.advance(300)
        await client.get("/posts/1003", 404)
        await client.get(f"/comments/{note['id']}", 404)
        await client.put("/posts/1003", {"content": [{"text": "Too late"}]}, 404)
        await client.control("edit", {"post": 1002, "delete": True})
        assert [post["id"] for post in (await client.get("/posts"))["data"]] == [1004, 1001]


@pytest.mark.anyio
async def test_comments_are_those_of_the_team() -> None:
    comments = [{"text": "Is it red?", "platform": "linkedin"}]
    tokens = [{"token": "1|sandbox", "user": "mara"}, {"token": "2|b", "user": "lee"}]
    state = shop(posts=[POSTS[0] | {"comments": comments}], tokens=tokens)
    async with connect(state) as client:
        (asked,) = (await client.get("/comments", params={"post_id": 1001}))["data"]
        await client.control("edit", {"post": 1001, "comment": "Who answers?"})
        await client.control("edit", {"post": 1001, "comment": "It is.", "reply_to": asked["id"], "by": "lee"})
        (note,) = (await client.get("/comments", params={"post_id": 1001, "source": "INTERNAL"}))["data"]
        assert (note["content"], note["user"]["name"], note["platform"]) == ("Who answers?", "a colleague", None)
        await client.put(f"/comments/{note['id']}", {"content": "Me"}, 403)
        (reply,) = (await client.get(f"/comments/{asked['id']}"))["replies"]
        assert (reply["content"], reply["user"]["id"], reply["platform"]) == ("It is.", 2, "linkedin")
        async with connect(state, "2|b") as lee:
            await lee.put(f"/comments/{reply['id']}", {"content": "It is red."})


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"post": 9999, "text": "x"}, "Not found"),
    ({"post": 1001, "text": "x"}, "not published yet"),
    ({"post": 1001, "due": "+1h"}, "not published yet"),
    ({"post": 1003, "unschedule": True}, "not scheduled"),
    ({"post": 1002, "due": "-1h"}, "must be a date after now"),
    ({"post": 1004, "publish": True}, "Instagram requires media"),
    ({"post": 1004, "due": "+1h"}, "Instagram requires media"),
    ({"post": 1003, "comment": "x", "reply_to": 77}, "The selected reply to is invalid"),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("edit", "said"), REFUSED)
async def test_an_edit_that_the_pages_would_not_allow(edit: dict[str, Any], said: str) -> None:
    state = box()
    async with connect(state) as client:
        before = state.export()
        assert said in (await client.control("edit", edit, 422))["message"]
        assert state.export() == before
    if edit["post"] == 9999:
        return
    # The same edit of a world does not happen when its time comes.
    later = box(edit | {"at": "+1s"})
    later.advance(1)
    assert later.export() == before


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"post": 1003}, "this one has none"),
        ({"post": 1003, "text": "x", "publish": True}, "this one has text and publish"),
        ({"post": 1003, "text": ""}, "at least 1 character"),
        ({"post": 1003, "due": "soon"}, '"soon" is no time'),
        ({"post": 1003, "text": "x", "at": "later"}, '"later" is no time'),
        ({"post": 1003, "text": "x", "by": "lee"}, "by only goes with a comment"),
        ({"post": 1003, "title": "x"}, "Extra inputs"),
        ({"post": 0, "text": "x"}, "greater than 0"),
    ],
)
async def test_an_edit_that_is_none(edit: dict[str, Any], said: str) -> None:
    state = box()
    async with connect(state) as client:
        refused = await client.control("edit", edit, 422)
        assert any(said in problem["msg"] for problem in refused["errors"])
    with pytest.raises(ValueError, match=r"."):
        World.model_validate({"workspaces": [{"name": "Home"}], "behind": [edit]})


@pytest.mark.anyio
async def test_an_edit_may_be_ordered_for_later() -> None:
    state = box()
    async with connect(state) as client:
        await client.control("edit", {"post": 1003, "at": "today 10:05", "text": "Later"})
        assert (await shown(client, 1003))[1] == "Draft"
        state.advance(5 * 60)
        assert (await shown(client, 1003))[1] == "Later"


@pytest.mark.anyio
async def test_edits_and_posts_take_turns_by_their_times() -> None:
    state = box(
        {"post": 1002, "at": "+2h", "text": "Too late, it is out"},
        {"post": 1002, "at": "+30m", "due": "+5h"},
        {"post": 1002, "at": "+4h", "text": "In time"},
        {"post": 1003, "at": "+1h", "due": "+1m"},
    )
    state.advance(24 * 3600)
    async with connect(state) as client:
        moved = await client.get("/posts/1002")
        assert (moved["status"], moved["posted_on"]) == ("PUBLISHED", ["2026-03-03 15:30"])
        assert moved["content"][0]["text"] == "In time"
        assert (await client.get("/posts/1003"))["posted_on"] == ["2026-03-03 11:01"]


@pytest.mark.anyio
async def test_at_one_instant_the_post_goes_before_the_edit() -> None:
    state = box({"post": 1002, "at": "+1h", "text": "Too late"})
    state.advance(2 * 3600)
    async with connect(state) as client:
        assert (await shown(client, 1002))[:2] == ("PUBLISHED", "Due")


@pytest.mark.anyio
async def test_a_post_that_a_client_is_still_to_make_can_be_edited() -> None:
    state = box({"post": 1005, "at": "+1h", "text": "Somebody else's words"})
    async with connect(state) as client:
        made = await client.post(
            "/posts", body("Ours", schedule_type="schedule", schedule_for=at("2026-03-04", "09:00"))
        )
        assert made["id"] == 1005
        state.advance(3600)
        assert (await shown(client, 1005))[1] == "Somebody else's words"
    assert [effect["operation"] for effect in state.effects()] == ["CreatePost"]


def test_an_edit_of_a_post_that_the_world_lacks_is_a_mistake() -> None:
    with pytest.raises(SettingsError, match="behind, number 1: there is no post 7"):
        box({"post": 7, "at": "+1h", "text": "x"})


def test_what_is_to_come_is_exported_but_for_posts_that_are_gone() -> None:
    state = box(
        {"post": 1002, "at": "+10m", "due": "next friday 10:00"},
        {"post": 1003, "at": "today 12:00", "comment": "Hm", "by": "lee"},
        {"post": 1004, "at": "+1h", "text": "x"},
        {"post": 1005, "at": "+1h", "text": "x"},
    )
    state.advance(60)
    state.edit_behind(1003, "Now")
    with pytest.raises(SettingsError, match="Not found"):
        state.edit_behind(1005, "Not yet")
    exported = state.export()
    assert exported["behind"] == [
        {"post": 1002, "at": "2026-03-03T09:10:00+00:00", "due": "next friday 10:00"},
        {"post": 1003, "at": "2026-03-03T11:00:00+00:00", "comment": "Hm", "by": "lee"},
        {"post": 1004, "at": "2026-03-03T10:00:00+00:00", "text": "x"},
        {"post": 1005, "at": "2026-03-03T10:00:00+00:00", "text": "x"},
    ]
    again = State.create(None, World.model_validate(exported), state.world_now())
    again.freeze(state.world_now())
    assert again.export() == exported
    for each in (state, again):
        each.advance(7200)
    assert again.export() == state.export()


def test_the_documented_edits_are_edits() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "SANDBOX.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(behind:.*?)```", page, re.DOTALL)
    world = parse_yaml("workspaces: [{name: Home}]\n" + example, World, "docs/SANDBOX.md")
    assert [edit.post for edit in world.behind] == [1004, 1004, 1023]
    table = page.split("| Key | Does |")[1].split("\n\n")[0]
    named = set(re.findall(r"`(\w+)(?:: true)?`", table)) & set(Edit.model_fields)
    assert named == set(Edit.model_fields) - {"post", "at"}


@pytest.mark.anyio
async def test_an_edit_of_a_deleted_post_is_forgotten() -> None:
    state = box({"post": 1004, "at": "+1h", "text": "x"}, {"post": 1003, "at": "+1h", "text": "y"})
    async with connect(state) as client:
        await client.delete("/posts/1004")
        assert [edit["post"] for edit in state.export()["behind"]] == [1003]
        state.advance(3600)
        await client.get("/posts/1004", 404)
    assert state.world_now() > NOW
