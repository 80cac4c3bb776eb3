"""Worlds: the shipped shop, strict loading, ids, and the way out and in again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.networks import NETWORKS
from agent.errors import SettingsError
from agent.sandbox.state import State
from agent.sandbox.world import World, load_world
from tests.sandbox.box import NOW, connect


def made(**parts: Any) -> dict[str, Any]:
    world = World.model_validate({"workspaces": [{"name": "Home", "timezone": "Europe/Berlin"}]} | parts)
    state = State.create(None, world, NOW)
    state.freeze(NOW)
    return state.export()


def test_the_shop_has_what_the_first_run_needs() -> None:
    world = load_world("shop")
    assert [token.token for token in world.tokens] == ["1|sandbox"]
    assert [(home.name, home.timezone) for home in world.workspaces] == [
        ("Fern & Clay", "Europe/Berlin"),
        ("Harbour Coffee", "America/New_York"),
    ]
    assert sorted(account.platform for account in world.accounts) == sorted(NETWORKS)
    first = {account.platform for account in world.accounts if account.workspace == "fern-and-clay"}
    assert first == {"linkedin", "twitter", "bluesky", "instagram", "tiktok", "youtube"}
    texts = [(post.text or "").lower() for post in world.posts if post.status == "draft"]
    assert sum(text.startswith("test") for text in texts) >= 3
    assert any(post.status == "scheduled" and post.at == "next friday 10:00" for post in world.posts)
    used = {item.folder for item in world.media} | {folder.parent for folder in world.folders}
    assert {folder.name for folder in world.folders} - used == {"Old ideas"}


def test_the_shop_is_relative_to_its_loading() -> None:
    later = State.create(None, load_world("shop"), NOW + timedelta(days=400))
    assert len(later.export()["posts"]) == len(load_world("shop").posts)
    assert "2027" in later.export()["posts"][0]["created"]


def test_ids_are_given_in_the_order_of_creation_around_those_given_by_hand() -> None:
    posts = [
        {"workspace": "home", "text": "newest", "created": "-1d 09:00"},
        {"workspace": "home", "text": "by hand", "created": "-9d 09:00", "id": 1002},
        {"workspace": "home", "text": "oldest", "created": "-3d 09:00"},
    ]
    found = {post["content"][0]["text"]: post["id"] for post in made(posts=posts)["posts"]}
    assert found == {"oldest": 1001, "by hand": 1002, "newest": 1003}


@pytest.mark.anyio
async def test_a_world_may_say_where_ids_start() -> None:
    world = World.model_validate(
        {
            "workspaces": [{"name": "Home"}],
            "accounts": [{"workspace": "home", "platform": "threads"}],
            "posts": [{"workspace": "home", "text": "x", "accounts": ["threads"]}],
            "first_ids": {"workspace": 700, "account": 800, "post": 9000, "label": 50},
        }
    )
    async with connect(State.create(None, world, NOW)) as client:
        (post,) = (await client.get("/posts"))["data"]
        assert (post["workspace"]["id"], post["platforms"][0]["account_id"], post["id"]) == (700, 800, 9000)
        sent = {"workspace_id": 700, "schedule_type": "draft", "content": [{"text": "y"}], "accounts": []}
        assert (await client.post("/posts", sent))["id"] == 9001
        assert (await client.post("/labels", {"workspace_id": 700, "name": "x", "color": "#000000"}))["id"] == 50


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"labels": [{"workspace": "hom", "name": "x"}]}, 'no workspace "hom". Did you mean "home"?'),
        ({"posts": [{"workspace": "home", "labels": ["x"]}]}, 'has no label "x"'),
        ({"posts": [{"workspace": "home", "text": "x", "created": "someday"}]}, '"someday" is no time'),
        ({"labels": [{"workspace": 11, "name": "x", "id": 5}, {"workspace": 11, "name": "y", "id": 5}]}, "the id 5"),
        (
            {
                "labels": [{"workspace": 11, "name": "x"}, {"workspace": 11, "name": "x"}],
                "posts": [{"workspace": 11, "labels": ["x"]}],
            },
            "more than one label",
        ),
    ],
)
def test_a_world_that_names_what_is_not_there_is_refused(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said.replace("?", r"\?").replace(".", r"\.")):
        made(**parts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("workspaces: [{name: Home}]\nlables: []\n", 'line 2: unknown key "lables". Did you mean "labels"?'),
        ("workspaces: [{name: Home, timezone: Berlin}]\n", "no IANA time zone"),
        ("workspaces: []\n", "workspaces"),
        ("workspaces: [{name: Home}]\nposts: [{workspace: home, status: published}]\n", "needs its time under at"),
        ("workspaces: [{name: Home, slots: ['9']}]\n", "a slot is written HH:MM"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "world.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_world(str(path))
    assert said in str(caught.value)


def test_an_unknown_world_names_the_shipped_ones() -> None:
    with pytest.raises(SettingsError, match='Did you mean "shop"'):
        load_world("shopp")


def test_unquoted_dates_of_yaml_are_times() -> None:
    post = {"workspace": "home", "text": "x", "status": "scheduled", "at": NOW + timedelta(days=2)}
    assert made(posts=[post])["posts"][0]["at"].startswith("2026-03-05T09:00")


def test_the_export_is_a_world_that_exports_the_same() -> None:
    state = State.create(None, load_world("shop"), NOW)
    state.freeze(NOW)
    first = state.export()
    again = State.create(None, World.model_validate(first), NOW + timedelta(days=3))
    again.freeze(NOW)
    assert again.export() == first


POSTS = st.fixed_dictionaries(
    {
        "workspace": st.just("home"),
        "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        "status": st.sampled_from(["draft", "scheduled", "published", "failed", "partially_failed", "in_queue"]),
        "at": st.sampled_from(["-3d 09:00", "-1h", "+2h", "next friday 10:00"]),
        "accounts": st.lists(st.sampled_from(["linkedin", "telegram", "bluesky"]), unique=True),
        "labels": st.lists(st.sampled_from(["one", "two"]), unique=True),
        "comments": st.lists(st.fixed_dictionaries({"text": st.just("Hi"), "own": st.booleans()}), max_size=2),
        "incoming": st.lists(st.fixed_dictionaries({"text": st.just("Hey"), "at": st.just("+1h")}), max_size=1),
        "repeat": st.none() | st.fixed_dictionaries({"times": st.integers(1, 4), "unit": st.just("days")}),
    }
)


EDITS = st.builds(
    lambda post, at, change: {"post": post, "at": at} | change,
    st.integers(1001, 1008),
    st.sampled_from(["+1m", "+3h", "next friday 10:00", "+3d 12:00"]),
    st.sampled_from(
        [{"text": "x"}, {"due": "+2h"}, {"publish": True}, {"unschedule": True}, {"delete": True}, {"comment": "Hm"}]
    ),
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(POSTS, max_size=5), st.lists(EDITS, max_size=4), st.integers(0, 4 * 24 * 3600))
def test_any_world_at_any_time_exports_to_itself(
    posts: list[dict[str, Any]], behind: list[dict[str, Any]], seconds: int
) -> None:
    last = 1000 + len(posts)
    parts: dict[str, Any] = {
        "workspaces": [{"name": "Home", "timezone": "Europe/Berlin"}],
        "accounts": [
            {"workspace": "home", "platform": "linkedin", "username": "home"},
            {"workspace": "home", "platform": "telegram", "fails": "Chat not found."},
            {"workspace": "home", "platform": "bluesky", "has_expired": True},
        ],
        "labels": [{"workspace": "home", "name": "one"}, {"workspace": "home", "name": "two"}],
        "posts": posts,
        "behind": [edit for edit in behind if edit["post"] <= last or edit["post"] > 1005],
    }
    state = State.create(None, World.model_validate(parts), NOW)
    state.freeze(NOW)
    state.advance(seconds)
    first = state.export()
    again = State.create(None, World.model_validate(first), state.world_now())
    again.freeze(state.world_now())
    assert again.export() == first
