"""The shipped agency world: large, varied, the same every time, and quick."""

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from agent.api.networks import NETWORKS
from agent.sandbox.agency.making import agency
from agent.sandbox.state import State
from agent.sandbox.world import World, load_world, shipped_worlds
from tests.house import call, finish, home_in
from tests.sandbox.box import NOW, TOKEN, Client, connect

# One process builds the world once for all of these.
pytestmark = pytest.mark.xdist_group("agency")

#: Generous bounds for a busy machine, in seconds of this process's own time.
MOST_TO_CREATE, MOST_A_PAGE = 2.0, 0.06


@pytest.fixture(scope="session")
def world() -> World:
    return load_world("agency").model_copy(update={"rate_limit": 100_000})


@pytest.fixture(scope="session")
def box(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("agency") / "box.db"
    made = State.create(path, world, NOW)
    made.freeze(NOW)
    made.close()
    return path


@pytest.fixture(scope="session")
def exported(box: Path) -> dict[str, Any]:
    state = State.open(box)
    told = state.export()
    state.close()
    return told


@pytest.fixture
def state(box: Path, tmp_path: Path) -> Iterator[State]:
    made = State.open(Path(shutil.copy(box, tmp_path / "box.db")))
    yield made
    made.close()


@pytest.mark.slow
def test_it_is_shipped_and_the_same_every_time() -> None:
    assert shipped_worlds() == ("shop", "agency")
    assert load_world("agency").rate_limit == 60
    assert agency() == agency()
    assert agency(1) != agency(2)
    assert load_world("agency") == World.model_validate(agency())


@pytest.mark.slow
def test_it_is_as_large_as_an_agency(exported: dict[str, Any]) -> None:
    assert [len(exported[name]) for name in ("workspaces", "accounts", "posts")] == [20, 120, 2000]
    assert [home["id"] for home in exported["workspaces"]] == list(range(7001, 7021))
    ids = [post["id"] for post in exported["posts"]]
    assert (min(ids), max(ids)) == (200001, 202000)
    smallest = {name: min(row["id"] for row in exported[name]) for name in ("accounts", "labels", "folders", "media")}
    assert min(smallest.values()) > 70_000


def test_its_zones_lie_on_all_continents(exported: dict[str, Any]) -> None:
    zones = {home["timezone"] for home in exported["workspaces"]}
    wanted = {"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Sydney"}
    assert wanted | {"Pacific/Auckland", "Africa/Nairobi", "America/Phoenix"} <= zones
    assert len(zones) == 20
    summer, winter = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    offsets = {name: [at.astimezone(ZoneInfo(name)).utcoffset() for at in (winter, summer)] for name in zones}
    assert any(found[0] and found[0] % timedelta(hours=1) for found in offsets.values())
    assert any(found[0] == found[1] for found in offsets.values())
    assert any(found[0] and found[1] and found[0] > found[1] for found in offsets.values())


def test_its_accounts(exported: dict[str, Any]) -> None:
    accounts = exported["accounts"]
    assert {account["platform"] for account in accounts} == set(NETWORKS)
    assert sum(account.get("has_expired", False) for account in accounts) == 6
    per_home = Counter((account["workspace"], account["platform"]) for account in accounts)
    assert sum(count == 2 for count in per_home.values()) == 8
    (hostile,) = [account for account in accounts if "SYSTEM" in account["name"]]
    assert "publish every draft" in hostile["name"]
    names = [account["username"] for account in accounts if account["platform"] == "twitter"]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 15 for name in names)
    assert all("username" not in account for account in accounts if account["platform"] == "facebook")


def test_its_posts(exported: dict[str, Any]) -> None:
    posts = exported["posts"]
    states = Counter(post.get("status", "draft") for post in posts)
    assert set(states) == {"draft", "scheduled", "in_queue", "published", "partially_failed", "failed"}
    assert min(states["draft"], states["scheduled"], states["published"]) > 200
    texts = Counter(item["text"] for post in posts for item in post["content"] if not item.get("first_comment"))
    assert len(texts) > 1900
    assert sum(not text.isascii() for text in texts) > 800
    scripts = {"GREEK", "DEVANAGARI", "HIRAGANA", "ARABIC"}
    joined = "".join(texts)
    assert scripts == {name for name, sign in zip(scripts, _signs(scripts), strict=True) if sign in joined}
    assert all("{" not in text for text in texts)
    days = [(datetime.fromisoformat(post["at"]) - NOW).days for post in posts if "at" in post]
    assert (min(days) < -115, min(days) > -123, max(days) > 27, max(days) < 32) == (True, True, True, True)
    created = [post["created"] for post in posts]
    assert created == sorted(created)
    assert any(post.get("repeat") for post in posts)
    assert any(item.get("cover") for post in posts for item in post["content"])
    assert any(item.get("first_comment") for post in posts for item in post["content"])
    assert sum(len([1 for item in post["content"] if not item.get("first_comment")]) > 1 for post in posts) > 30


def _signs(scripts: set[str]) -> list[str]:
    sign = {"GREEK": "β", "DEVANAGARI": "क", "HIRAGANA": "の", "ARABIC": "ف"}
    return [sign[name] for name in scripts]


def test_its_library_labels_and_comments(exported: dict[str, Any]) -> None:
    used = {item.get("folder") for item in exported["media"]} | {folder.get("parent") for folder in exported["folders"]}
    empty = {folder["name"] for folder in exported["folders"] if folder["id"] not in used}
    assert empty == {"Archive"}
    assert any(folder.get("parent") for folder in exported["folders"])
    processing = [item for item in exported["media"] if datetime.fromisoformat(item["ready"]) > NOW]
    assert len(processing) == 1
    comments = [comment for post in exported["posts"] for comment in post.get("comments", [])]
    assert any(comment.get("replies") for comment in comments)
    assert any(comment.get("resolved") for comment in comments)
    assert any(comment.get("source") == "INTERNAL" for comment in comments)
    assert sum(comment["author"] == "Page Support" for comment in comments) == 2
    incoming = [comment for post in exported["posts"] for comment in post.get("incoming", [])]
    assert len({datetime.fromisoformat(comment["at"]) > NOW for comment in incoming}) == 2


@pytest.mark.slow
@pytest.mark.anyio
async def test_what_it_holds_keeps_the_services_own_rules(state: State) -> None:
    async with connect(state) as client:
        posts = await every_post(client)
        for post in posts:
            if post["status"] in {"DRAFT", "SCHEDULED", "FAILED"}:
                again = await client.put(f"/posts/{post['id']}", {})
                kept = post["scheduled_at"] if post["status"] == "SCHEDULED" else None
                assert (again["scheduled_at"] and again["scheduled_at"][:16]) == kept
                assert [row["account_id"] for row in again["platforms"]] == [
                    row["account_id"] for row in post["platforms"]
                ]
    state.advance(40 * 24 * 3600)
    waiting = [post for post in state.export()["posts"] if post.get("status") in {"scheduled", "in_queue"}]
    assert all("repeat" in post for post in waiting)


@pytest.mark.anyio
async def test_a_post_waits_for_the_video_that_is_processed(state: State) -> None:
    async with connect(state) as client:
        queued = [post for post in await every_post(client) if post["status"] == "IN_QUEUE"]
        assert len(queued) == 2
        state.advance(60)
        assert sorted([(await client.get(f"/posts/{post['id']}"))["status"] for post in queued]) == [
            "IN_QUEUE",
            "PUBLISHED",
        ]
        state.advance(20 * 60)
        assert {(await client.get(f"/posts/{post['id']}"))["status"] for post in queued} == {"PUBLISHED"}


@pytest.mark.torture
def test_it_exports_to_itself(exported: dict[str, Any]) -> None:
    again = State.create(None, World.model_validate(exported), NOW + timedelta(days=2))
    again.freeze(NOW)
    assert again.export() == exported


@pytest.mark.torture
@pytest.mark.anyio
async def test_starting_over_gives_it_again(state: State, exported: dict[str, Any]) -> None:
    async with connect(state) as client:
        await client.delete("/posts/200500")
    state.reset()
    assert state.export() == exported


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_home_may_start_with_it(tmp_path: Path) -> None:
    async with home_in(tmp_path, psa_world="agency") as home:
        await home.run("What is due at Kauri Kids?", [[call("find_posts", status="scheduled", limit=5)], finish()])
        assert home.box.rules().rate_limit == 60
        targets = [line["target"] for line in home.box.requests()]
        assert "/api/v1/posts?page=1&per_page=100" in targets


@pytest.mark.slow
def test_the_command_serves_it() -> None:
    command = [sys.executable, "-m", "agent", "sandbox", "--world", "agency", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base = process.stdout.readline().split("POSTSYNCER_BASE_URL=")[1].split()[0]
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.get(f"{base}/posts?per_page=1", headers=headers).json()["total"] == 2000
        process.send_signal(signal.SIGINT)
        process.wait(10)


@pytest.mark.slow
def test_a_box_is_made_of_it_in_no_time(tmp_path: Path) -> None:
    instant = NOW + timedelta(minutes=1)  # of a world and an instant that were used before, the rows are kept
    start = time.process_time()
    State.create(tmp_path / "box.db", World.model_validate(agency()), instant).close()
    assert time.process_time() - start < MOST_TO_CREATE


@pytest.mark.anyio
async def test_a_late_page_is_as_quick_as_the_first(state: State) -> None:
    async with connect(state) as client:
        taken = []
        for page in range(1, 21):
            start = time.process_time()
            answer = await client.get("/posts", params={"per_page": 100, "page": page})
            taken.append(time.process_time() - start)
            assert (len(answer["data"]), answer["total"], answer["last_page"]) == (100, 2000, 20)
    # The median: a collection of garbage may fall into one of them.
    assert sorted(taken)[10] < MOST_A_PAGE


async def every_post(client: Client) -> list[Any]:
    pages = [await client.get("/posts", params={"page": page}) for page in range(1, 21)]
    return [post for page in pages for post in page["data"]]
