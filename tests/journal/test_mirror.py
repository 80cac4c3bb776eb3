"""The mirror is made from records alone: posts as last read, what cards plan, what is gone."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.api.answers import read_answer
from agent.api.posts import ListPosts
from agent.api.types import Page, Post
from agent.clock import FrozenClock
from agent.journal import ledger_tables
from agent.journal import records as r
from agent.journal.mirror import MIRRORS, MirrorPost, lean, mirrored
from agent.journal.mirror_tables import LAG
from agent.journal.run import Run
from agent.journal.store import SqliteStore, open_store
from agent.journal.transfer import export_lines, read_export
from tests.journal.helpers import opened

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SERVICE = opened().service
FIRST = {"text": "First!", "is_first_comment": True}


def post(number: int, text: str = "Hello.", status: str = "SCHEDULED", **more: Any) -> dict[str, Any]:
    row = {"platform": "linkedin", "status": status, "account_id": 101}
    return {"id": number, "content": [{"text": text}], "status": status, "platforms": [row], "workspace_id": 11, **more}


class World:
    """A store with a run that reads, at a clock that is moved."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock(NOW)
        self.store: SqliteStore = open_store(folder)
        self.run = Run.open(self.store, self.clock, opened())
        self._count = 0

    def later(self, **time: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**time))

    def listed(self, *posts: dict[str, Any], page: int = 1, key: str = "", **meta: Any) -> None:
        body = json.dumps({"data": posts, "current_page": page, **meta})
        self._read("ListPosts", json.dumps({"page": page, "per_page": 100}), body, key)

    def got(self, one: dict[str, Any]) -> None:
        self._read("GetPost", json.dumps({"id": one["id"]}), json.dumps(one), "")

    def _read(self, operation: str, arguments: str, body: str, key: str) -> None:
        self._count += 1
        key = f"{self.run.id}.1.{self._count}.0{key}"
        self.run.add(r.Read(key=key, operation=operation, arguments=arguments, body=self.store.keep(body)))
        self.run.flush()

    def known(self) -> dict[int, MirrorPost | None]:
        return self.store.ledger.mirrored(SERVICE)

    def there(self) -> set[int]:
        return {key for key, one in self.known().items() if one is not None}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_every_read_fills_it(world: World) -> None:
    world.got(post(7))
    world.listed(post(8), post(9), last_page=3)
    assert world.there() == {7, 8, 9}
    one = world.known()[8]
    assert one == MirrorPost(id=8, workspace=11, status="SCHEDULED", accounts=(101,), text="hello.", head="Hello.")


def test_what_people_know_a_post_by_is_kept_as_written(world: World) -> None:
    rows = [
        {"platform": "linkedin", "status": "FAILED", "account_id": 101},
        {"platform": "bluesky", "status": "FAILED"},
    ]
    world.got(post(7, "  A  Title\n\nand more " + "x" * 500, "FAILED", platforms=rows))
    world.got({**post(8), "content": [FIRST, {"text": None}], "platforms": [{"platform": "threads", "status": "DRAFT",
               "settings": {"title": "On Threads"}}]})  # fmt: skip
    failed, threads = world.known()[7], world.known()[8]
    assert failed is not None
    assert threads is not None
    assert failed.head.startswith("A Title and more xx")
    assert len(failed.head) == 140
    assert (failed.accounts, failed.failed) == ((), (101,))
    assert threads.head == "On Threads"


def test_what_is_read_later_counts(world: World) -> None:
    world.got(post(7, "Old."))
    before = world.store.ledger.mirror_state(SERVICE).change
    world.later(minutes=1)
    world.got(post(7, "New."))
    world.got(post(8, "Other."))
    changed = world.store.ledger.mirrored(SERVICE, before)
    assert {key: one.text if one else "" for key, one in changed.items()} == {7: "new.", 8: "other."}
    world.later(minutes=1)
    before = world.store.ledger.mirror_state(SERVICE).change
    world.got(post(7, "New."))
    assert world.store.ledger.mirrored(SERVICE, before) == {}, "nothing changed"


@pytest.mark.parametrize(
    ("meta", "whole"),
    [
        ({"last_page": 1, "total": 2}, True),
        ({"last_page": 1}, True),
        ({"links": {"next": None}}, True),
        ({"last_page": 2, "total": 102}, False),
        ({"links": {"next": "more"}}, False),
    ],
)
def test_a_first_page_that_shows_all_is_a_full_reading(world: World, meta: dict[str, Any], whole: bool) -> None:
    world.got(post(6))
    world.later(seconds=LAG.total_seconds() + 1)
    world.listed(post(7), post(8), **meta)
    state = world.store.ledger.mirror_state(SERVICE)
    assert state.looked == world.clock.now() and state.scanned == (world.clock.now() if whole else None)
    assert world.there() == ({7, 8} if whole else {6, 7, 8})


def test_a_full_page_is_not_believed_to_be_the_last(world: World) -> None:
    world.listed(*(post(n) for n in range(1, 101)), last_page=1)
    assert world.store.ledger.mirror_state(SERVICE).scanned is None


def test_what_was_read_a_moment_ago_is_not_gone(world: World) -> None:
    world.got(post(6))
    world.later(minutes=1)
    world.listed(post(7), last_page=1)
    assert world.there() == {6, 7}


def test_a_second_page_is_no_look_at_the_newest(world: World) -> None:
    world.listed(post(7), page=2, last_page=2)
    state = world.store.ledger.mirror_state(SERVICE)
    assert state.looked is None and state.scanned is None and world.there() == {7}


def test_a_404_shows_that_a_post_is_gone(world: World) -> None:
    world.got(post(7))
    failed = r.ReadFailed(
        key="r1.1.9.0", operation="GetPost", arguments='{"id":7}', error="not_found", says="", status=404
    )
    world.run.add(failed)
    world.run.flush()
    assert world.known() == {7: None}


def test_a_scan_is_a_full_reading_and_only_a_whole_one_takes_away(world: World) -> None:
    world.got(post(6))
    world.later(hours=1)
    for whole, left in ((False, {6, 7}), (True, {7})):
        began = world.clock.now()
        world.listed(post(7), page=2, last_page=2, key=MIRRORS)
        world.run.add(r.Scanned(began=began, posts=1, whole=whole))
        world.run.flush()
        assert world.there() == left and world.store.ledger.mirror_state(SERVICE).scanned == began


def test_a_read_for_the_mirror_is_none_of_the_runs_own(world: World) -> None:
    world.listed(post(7), key=MIRRORS, last_page=1)
    assert world.run.state.known.posts == {} and world.run.state.requests == 1
    assert Run.load(world.store, world.run.id, world.clock).state.reads == {}


def test_a_post_made_small() -> None:
    shown = Post.model_validate(
        post(
            7,
            "Our NEW\u200b mugs\n are  in.",
            status="PARTIALLY_FAILED",
            platforms=[
                {"platform": "twitter", "status": "PUBLISHED", "account": {"id": 102}, "settings": {"text": "Mugs!"}},
                {"platform": "facebook", "status": "FAILED", "account_id": 103},
                {"platform": "linkedin", "status": "PUBLISHED", "posted_on": ["2026-11-20 09:01"]},
            ],
            content=[
                {"text": "Our NEW\u200b mugs\n are  in."},
                {"text": "More"},
                {"text": "First!", "is_first_comment": True},
            ],
            posted_on=["2026-11-20 09:00"],
        )
    )
    one = mirrored(shown)
    assert one.accounts == (102,) and one.networks == ("linkedin",), "where it failed it is not out"
    assert one.text == "our new mugs are in. more" and one.text_on("twitter") == "mugs!"
    assert one.out == ("2026-11-20 09:00", "2026-11-20 09:01")


def test_out_but_nobody_says_since_when() -> None:
    shown = Post.model_validate(post(7, status="IN_QUEUE", updated_at="2026-11-24 10:00"))
    assert mirrored(shown).out == ("2026-11-24 10:00",)


def test_a_lean_page_says_the_same() -> None:
    repeats: dict[str, Any] = {
        "scheduled_at": "2026-12-01 09:00 AM",
        "remaining_posts": 2,
        "repeatable_accounts": [102],
    }
    repeats |= {"repeatable": True, "repeatable_times": 3, "repeatable_gap": 2, "repeatable_gap_unit": "days"}
    rows = [
        {"platform": "twitter", "status": "SCHEDULED", "account": {"id": 102}, "settings": {"text": "Mugs!", "x": 1}},
        {"platform": "linkedin", "status": "SCHEDULED", "posted_on": ["2026-11-20 09:00"]},
    ]
    posts = [
        post(7, **repeats),
        post(8, platforms=rows, workspace={"id": 12}, workspace_id=None, created_at="2026-11-01 10:00"),
        post(9, content=[{"text": None}, FIRST]),
    ]
    for meta in ({"last_page": 4, "total": 302}, {"has_next": True}, {"has_next": False}, {}):
        page = Page[Post].model_validate({"data": posts, "current_page": 2, **meta})
        again = read_answer(ListPosts.route, json.loads(lean(page)))
        assert [mirrored(one) for one in again.data] == [mirrored(one) for one in page.data]
        assert (again.last_page, again.total, again.has_next) == (
            page.last_page,
            page.total,
            page.has_next or again.has_next,
        )
        assert len(lean(page)) < len(page.model_dump_json())


def test_what_is_long_is_found_again_and_the_tables_can_be_made_anew(world: World, tmp_path: Path) -> None:
    world.listed(*(post(n, f"Words of {n}. " * 30) for n in range(1, 80)), last_page=1)
    world.later(minutes=20)
    world.listed(*(post(n) for n in range(60, 90)), last_page=1)
    before, state = world.known(), world.store.ledger.mirror_state(SERVICE)
    entries = [
        (entry.run, entry.seq, entry.at.isoformat(timespec="microseconds"), entry.record)
        for entry in world.store.read(world.run.id)
    ]
    db = sqlite3.connect(tmp_path / "runs" / "journal.db")
    with db:
        ledger_tables.rebuild(db, entries)
    db.close()
    assert world.known() == before and world.store.ledger.mirror_state(SERVICE) == state


def test_it_comes_along_with_a_run_that_is_carried_to_another_machine(world: World, tmp_path: Path) -> None:
    world.listed(*(post(n, f"Words of {n}. " * 30) for n in range(1, 80)), last_page=1)
    exported = read_export(export_lines(world.store, [world.run.id]))
    there = open_store(tmp_path / "there")
    there.adopt(exported.runs, exported.blobs)
    assert there.ledger.mirrored(SERVICE) == world.known()
