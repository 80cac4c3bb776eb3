"""The state: a file that processes share, its clock, starting over, and reads that never scan."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.clock import Clock
from agent.errors import SettingsError
from agent.sandbox.clock import SandboxClock
from agent.sandbox.rows import LabelRow, PostRow
from agent.sandbox.state import State
from agent.sandbox.world import World, load_world
from tests.sandbox.box import NOW, Client, body, connect, shop

SMALL = World.model_validate(
    {"workspaces": [{"name": "Home"}], "accounts": [{"workspace": "home", "platform": "threads"}]}
)


@pytest.mark.anyio
async def test_a_file_is_opened_again_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "box.db"
    first = State.create(path, load_world("shop"), NOW)
    first.freeze(NOW)
    async with connect(first) as client:
        made = await client.post("/posts", body(schedule_type="publish_now"))
    second = State.open(path)
    second.advance(20)
    async with connect(first) as client:
        assert (await client.get(f"/posts/{made['id']}"))["status"] == "PUBLISHED"
    assert first.export() == second.export()
    assert first.effects() == second.effects()
    first.close()
    second.close()


@pytest.mark.anyio
async def test_a_second_box_of_a_world_starts_as_the_first() -> None:
    """The rows of a world at an instant are kept: no box hears of another, and another instant has rows of its own."""
    instant = NOW + timedelta(days=3, minutes=7)
    boxes = [State.create(None, load_world("shop"), instant) for _ in range(3)]
    for box in boxes:
        box.freeze(instant)
    told, made = boxes[0].export(), []
    for box in boxes[:2]:
        assert box.export() == told
        async with connect(box) as client:
            made.append(await client.post("/posts", body(schedule_type="publish_now")))
    assert made[0] == made[1] and boxes[0].export() == boxes[1].export() != told
    assert boxes[2].export() == told
    later = State.create(None, load_world("shop"), instant + timedelta(days=1))
    assert later.export()["posts"] != told["posts"]
    for box in (*boxes, later):
        box.close()


def test_files_that_hold_no_box(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no sandbox"):
        State.open(tmp_path / "none.db")
    other = tmp_path / "other.db"
    other.write_text("This is a letter and not a database, whatever its name may say about it.")
    with pytest.raises(SettingsError, match=r"cannot be opened|not a sandbox"):
        State.open(other)
    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(SettingsError, match="not a sandbox"):
        State.open(tmp_path / "empty.db")
    path = tmp_path / "box.db"
    State.create(path, SMALL, NOW).close()
    with pytest.raises(SettingsError, match="already holds"):
        State.create(path, SMALL, NOW)
    with pytest.raises(SettingsError, match="cannot be opened"):
        State.create(tmp_path / "no" / "folder.db", SMALL, NOW)


def test_a_refused_world_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "box.db"
    wrong = SMALL.model_copy(update={"labels": (SMALL.accounts[0].model_copy(update={"workspace": "away"}),)})
    with pytest.raises(SettingsError):
        State.create(path, wrong, NOW)
    State.create(path, SMALL, NOW).close()


WRITER = """
import sys
from pathlib import Path
from agent.sandbox.rows import LabelRow
from agent.sandbox.state import State
state = State.open(Path(sys.argv[1]))
for number in range(60):
    with state.transaction() as tx:
        made = {"id": tx.new_id(LabelRow), "workspace_id": 11, "name": "x", "color": "#000000"}
        tx.put(LabelRow(**made, created_at=tx.now, updated_at=tx.now))
state.close()
"""


@pytest.mark.slow
def test_processes_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "box.db"
    state = State.create(path, SMALL, NOW)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    with state.transaction() as tx:
        assert [row.id for row in tx.every(LabelRow)] == list(range(21, 201))
    state.close()


def test_a_failed_transaction_leaves_no_trace() -> None:
    state = shop()
    before = state.export()
    with pytest.raises(RuntimeError), state.transaction() as tx:
        post = tx.get(PostRow, 1001)
        assert post is not None
        tx.remove(post)
        raise RuntimeError("stop")
    assert state.export() == before


def test_the_clock_starts_at_the_given_time_and_runs() -> None:
    state = State.create(None, SMALL, NOW)
    first = state.world_now()
    assert timedelta(0) <= first - NOW < timedelta(seconds=30)
    assert state.world_now() > first
    state.advance(3600)
    assert state.world_now() - first >= timedelta(hours=1)
    assert not state.is_frozen()


def test_the_clock_can_be_stopped_moved_and_let_go() -> None:
    state = State.create(None, SMALL, NOW)
    state.freeze(NOW)
    assert state.world_now() == state.world_now() == NOW
    state.advance(90.5)
    assert state.world_now() == NOW + timedelta(seconds=90.5)
    state.advance(-5)
    assert state.world_now() == NOW + timedelta(seconds=90.5)
    state.freeze(datetime(2027, 1, 1, tzinfo=UTC))
    state.thaw()
    assert timedelta(0) <= state.world_now() - datetime(2027, 1, 1, tzinfo=UTC) < timedelta(seconds=30)


@pytest.mark.anyio
async def test_waiting_moves_a_stopped_clock() -> None:
    state = shop()
    clock: Clock = SandboxClock(state)
    await clock.sleep(600)
    await clock.sleep(-5)
    assert clock.now() == NOW + timedelta(minutes=10)
    state.thaw()
    before = clock.now()
    await clock.sleep(0.001)
    assert timedelta(0) < clock.now() - before < timedelta(seconds=30)


@pytest.mark.anyio
async def test_starting_over() -> None:
    state = shop()
    fresh = state.export()
    async with connect(state) as client:
        await client.post("/posts", body())
    state.reset()
    assert state.export() == fresh
    assert (state.effects(), state.requests(), state.is_frozen()) == ([], [], True)
    async with connect(state) as client:
        await client.post("/posts", body())
    assert [effect["seq"] for effect in state.effects()] == [1]
    state.reset(SMALL, NOW + timedelta(days=1))
    assert state.world_now() == NOW + timedelta(days=1)
    assert [home["name"] for home in state.export()["workspaces"]] == ["Home"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path",
    [
        "/workspaces",
        "/accounts",
        "/posts",
        "/posts/1001",
        "/posts/by-platform-post-id/1",
        "/posts/by-url/x",
        "/media?folder_id=32",
        "/comments?post_id=1001",
        "/folders?root=true",
        "/labels",
        "/analytics/accounts/101",
    ],
)
async def test_no_request_reads_a_whole_table(state: State, client: Client, path: str) -> None:
    seen: list[str] = []
    with state.transaction() as tx:
        db = tx.db
    db.set_trace_callback(seen.append)
    await client.send("GET", path)
    db.set_trace_callback(None)
    asked = [statement for statement in seen if statement.startswith("SELECT") and " FROM " in statement]
    assert len(asked) > 3
    for statement in asked:
        for *_, detail in db.execute(f"EXPLAIN QUERY PLAN {statement}"):
            assert not detail.startswith("SCAN") or detail == "SCAN faults", f"{detail}: {statement}"
