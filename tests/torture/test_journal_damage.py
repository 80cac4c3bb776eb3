"""Damaged and forged journals: found, named, never the ground for an effect; words from every command, no traceback."""

import contextlib
import io
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.cli import main
from agent.errors import Corrupt
from agent.journal.store import GENESIS, SqliteStore, chain, line_of, open_store
from agent.sandbox.state import State
from tests.journal.helpers import NOW as STARTED
from tests.journal.helpers import opened as opened_record
from tests.torture.bench import Bench, carded, deletion, go_on

ROOT = Path(__file__).parent.parent.parent
NOW = ["--now", "2026-11-24T09:00Z"]
PAGE = 4096
#: What a person may type in a home whose journal is damaged; 2 is the card of r1.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("runs", "verify"),
    ("runs", "list"),
    ("runs", "show", "r1"),
    ("runs", "report", "r1"),
    ("runs", "resume", "r1", *NOW),
    ("review", "list"),
    ("review", "show", "2", *NOW),
    ("review", "approve", "2", *NOW),
    ("doctor",),
)


def psa(home: Path, *args: str) -> tuple[int, str]:
    """One command in this process: exit code and words."""
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PSA_HOME", str(home))
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        for name in ("POSTSYNCER_API_TOKEN", "POSTSYNCER_BASE_URL", "PSA_MODEL", "OPENAI_BASE_URL", "PSA_LOG"):
            patch.delenv(name, raising=False)
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            try:
                main([*args])
            except SystemExit as end:
                return int(end.code or 0), told.getvalue()
    raise AssertionError("main always ends with an exit code")


def in_words(code: int, told: str) -> bool:
    """Whether a command spoke as it should: no traceback, no defect of ours, an exit code that is documented."""
    return code in {0, 1, 2, 3, 7, 10} and "Traceback" not in told and "something of ours broke" not in told


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three runs: a draft with a card (2), a deletion that waits, and a draft."""
    home = tmp_path_factory.mktemp("damage") / "home"
    home.mkdir()
    for goal in (
        'Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn',
        "Delete the posts 1004, 1005",
        'Draft "We open at nine." for LinkedIn',
    ):
        code, told = psa(home, "run", goal, *NOW)
        assert code == 0, told
    return home


def copied(home: Path, to: Path) -> Path:
    return Path(shutil.copytree(home, to))


@contextlib.contextmanager
def opened(home: Path) -> Iterator[sqlite3.Connection]:
    """The journal by hand."""
    db = sqlite3.connect(home / "runs" / "journal.db")
    with db:
        yield db
    db.close()


def effects(home: Path) -> list[str]:
    box = State.open(home / "runs" / "sandbox.db")
    found = [one["operation"] for one in box.effects()]
    box.close()
    return found


# -- changed by hand --------------------------------------------------------------------------------------------------


def edited(db: sqlite3.Connection) -> None:
    db.execute("UPDATE records SET body = replace(body, 'kiln', 'oven') WHERE run = 'r1' AND kind = 'card'")


def reordered(db: sqlite3.Connection) -> None:
    bodies = db.execute("SELECT seq, body FROM records WHERE run = 'r1' AND seq IN (3, 4) ORDER BY seq").fetchall()
    for (seq, _), (_, body) in zip(bodies, reversed(bodies), strict=True):
        db.execute("UPDATE records SET body = ? WHERE run = 'r1' AND seq = ?", (body, seq))


def deleted(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM records WHERE run = 'r1' AND seq = 3")


def appended(db: sqlite3.Connection, body: dict[str, Any], hash_of: Callable[[str, str], str] | None = None) -> None:
    """One more record at the end of r1; with `hash_of` its hash fits, as only somebody who knows the code makes it."""
    seq, at, previous = db.execute(
        "SELECT seq + 1, at, hash FROM records WHERE run = 'r1' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    text = json.dumps(body, separators=(",", ":"))
    digest = hash_of(previous, line_of("r1", seq, at, text)) if hash_of else "f" * 64
    db.execute("INSERT INTO records VALUES ('r1', ?, ?, ?, ?, ?)", (seq, at, body["kind"], text, digest))


def card(db: sqlite3.Connection, run: str = "r1") -> dict[str, Any]:
    query = "SELECT body FROM records WHERE run = ? AND kind = 'card'"
    found: dict[str, Any] = json.loads(db.execute(query, (run,)).fetchone()[0])
    return found


def decision(of: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "decided",
        "card": of["number"],
        "digest": of["digest"],
        "decision": "approve",
        "who": "ana",
        "role": "owner",
        "channel": "cli",
        "until": "2026-11-25T09:00:00Z",
    }


def intent(db: sqlite3.Connection, key: str) -> dict[str, Any]:
    query = "SELECT body FROM records WHERE run = 'r1' AND kind = 'intent'"
    found: dict[str, Any] = json.loads(db.execute(query).fetchone()[0])
    return found | {"key": key}


def forged_decision(db: sqlite3.Connection) -> None:
    appended(db, decision(card(db)))


def forged_outcome(db: sqlite3.Connection) -> None:
    appended(db, {"kind": "outcome", "key": card(db)["parts"][0]["key"], "attempt": 1, "state": "applied"})


def decision_for_another_run(db: sqlite3.Connection) -> None:
    appended(db, decision(card(db, "r2")), chain)


def intent_of_another_run(db: sqlite3.Connection) -> None:
    appended(db, intent(db, "r2.9.0.0"), chain)


def outcome_without_intent(db: sqlite3.Connection) -> None:
    appended(db, {"kind": "outcome", "key": "r1.9.0.0", "attempt": 1, "state": "applied"}, chain)


def card_of_another_run(db: sqlite3.Connection) -> None:
    foreign = card(db, "r2")
    appended(db, foreign | {"number": 77}, chain)


CHANGES = (
    edited,
    reordered,
    deleted,
    forged_decision,
    forged_outcome,
    decision_for_another_run,
    intent_of_another_run,
    outcome_without_intent,
    card_of_another_run,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_changed_journal_is_named_and_nothing_is_sent(
    change: Callable[[sqlite3.Connection], None], whole: Path, tmp_path: Path
) -> None:
    home = copied(whole, tmp_path / "home")
    with opened(home) as db:
        change(db)
    before = effects(home)
    code, told = psa(home, "runs", "verify", "--json")
    rows = {row["run"]: row["error"] for row in json.loads(told)}
    assert code == 10 and rows["r2"] == rows["r3"] == "" and rows["r1"].startswith("Run r1: record ")
    for command in (("review", "approve", "2", *NOW), ("runs", "resume", "r1", *NOW), ("runs", "show", "r1")):
        code, told = psa(home, *command)
        assert code == 10 and "run r1: record " in told.lower() and "backup" in told, told
    assert effects(home) == before
    code, told = psa(home, "review", "approve", "3", "--confirm", "2", *NOW)
    assert code == 0 and effects(home) == [*before, "DeletePost", "DeletePost"], told


# -- damaged files ----------------------------------------------------------------------------------------------------


def flipped_page(data: bytearray, page: int) -> None:
    for place in range(page * PAGE, min((page + 1) * PAGE, len(data))):
        data[place] ^= 0xA5


def flipped_bits(data: bytearray, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def cut(data: bytearray, share: int) -> None:
    del data[len(data) * share // 16 :]


def every_command(home: Path, tell: list[str]) -> None:
    """All commands in a damaged home; nothing guarded may have been sent by one that shows damage."""
    before = effects(home)
    for command in COMMANDS:
        code, told = psa(home, *command)
        assert in_words(code, told), f"{home.name}: {' '.join(command)}: {told}"
        tell.append(f"{command[0]} {code}")
    sent = effects(home)[len(before) :]
    assert sent in ([], ["UpdatePost"]), "card 2 was approved by a person, and nothing else was"


def damaged(whole: Path, folder: Path, kind: Callable[[bytearray, int], None], value: int) -> Path:
    home = copied(whole, folder / f"{kind.__name__}-{value}")
    file = home / "runs" / "journal.db"
    data = bytearray(file.read_bytes())
    kind(data, value)
    file.write_bytes(data)
    return home


@pytest.mark.parametrize(
    ("kind", "value"), [(flipped_page, 0), (flipped_page, 12), (flipped_page, 16), (flipped_bits, 3), (cut, 8)]
)
def test_damaged_files_get_words_from_every_command(
    kind: Callable[[bytearray, int], None], value: int, whole: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    every_command(damaged(whole, tmp_path, kind, value), told)
    assert any(line.endswith(" 10") for line in told), told


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_any_damage_gets_words_from_every_command(whole: Path, tmp_path: Path, numbers: Callable[[str], None]) -> None:
    pages = (whole / "runs" / "journal.db").stat().st_size // PAGE
    cases: list[tuple[Callable[[bytearray, int], None], int]] = [
        *((flipped_page, page) for page in range(pages)),
        *((flipped_bits, seed) for seed in range(60)),
        *((cut, share) for share in range(16)),
    ]
    told: list[str] = []
    for kind, value in cases:
        home = damaged(whole, tmp_path, kind, value)
        every_command(home, told)
        shutil.rmtree(home)
    numbers(f"{len(cases)} damaged journals, {len(told)} commands, 0 tracebacks")


@pytest.mark.torture
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("kind", "value"), [(flipped_page, 4), (flipped_bits, 1), (cut, 12)])
def test_the_command_itself_shows_no_traceback(
    kind: Callable[[bytearray, int], None], value: int, whole: Path, tmp_path: Path
) -> None:
    """In processes of their own, as people start them."""
    home = damaged(whole, tmp_path, kind, value)
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith(("POSTSYNCER", "PSA", "OPENAI"))
    }
    environment |= {"PSA_HOME": str(home), "XDG_STATE_HOME": str(tmp_path / "state")}
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "agent", *command], env=environment, cwd=ROOT, capture_output=True, text=True
        )
        assert in_words(done.returncode, done.stdout + done.stderr), done.stderr


# -- the write-ahead log ----------------------------------------------------------------------------------------------


async def log_cut(bench: Bench, places: Callable[[int], list[int]]) -> int:
    """Cut the log at places; each cut gives whole commits, a chain that fits, and a run that goes on once."""
    async with bench.home(check=False) as home:
        _, number = await carded(home)
        await home.reviewer().approve(number, "", (), advance=False)
        log = bench.folder / "home" / "runs" / "journal.db-wal"
        # The power fails before anything of the approval is sent; what was sent before is on disk for good.
        wal = log.stat().st_size
        cuts = places(wal)
        for place in cuts:
            copy = bench.copy("home", f"cut-{place}") / "runs"
            with (copy / "journal.db-wal").open("r+b") as file:
                file.truncate(place)
    found: list[int] = []
    for place in cuts:
        store = open_store(bench.folder / f"cut-{place}")
        rows = [row.run for row in store.ledger.runs()]
        found.append(sum(store.verify(run) for run in rows))
        assert store.damage() == ""
        store.close()
        shutil.rmtree(bench.folder / f"cut-{place}")
    assert found == sorted(found), "a longer log told less"
    return len(cuts)


@pytest.mark.anyio
async def test_a_log_that_is_cut_anywhere_gives_whole_commits(tmp_path: Path) -> None:
    def some(size: int) -> list[int]:
        return sorted({0, 10, 32, 33, size - 1, *random.Random(5).sample(range(size), 8)})

    assert await log_cut(Bench(tmp_path), some) > 8


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.anyio
async def test_a_log_that_is_cut_at_every_frame_gives_whole_commits(
    tmp_path: Path, numbers: Callable[[str], None]
) -> None:
    def every(size: int) -> list[int]:
        frames = range(32, size, PAGE + 24)
        return sorted(
            {*range(33), *(one + off for one in frames for off in (-1, 0, 1, 24, 2000) if 0 <= one + off < size)}
        )

    numbers(f"{await log_cut(Bench(tmp_path), every)} cuts of the log, each gave whole commits")


# -- single bytes -----------------------------------------------------------------------------------------------------


def unnoticed(store: SqliteStore, db: sqlite3.Connection, run: str, seq: int, place: int, to: int) -> bool:
    """Whether a changed byte of a record's body escapes `verify`. The body is put back."""
    (body,) = db.execute("SELECT body FROM records WHERE run = ? AND seq = ?", (run, seq)).fetchone()
    raw = bytearray(body.encode())
    if raw[place] == to:
        return False
    raw[place] = to
    statement = "UPDATE records SET body = CAST(? AS TEXT) WHERE run = ? AND seq = ?"
    db.execute(statement, (bytes(raw), run, seq))
    db.commit()
    try:
        store.verify(run)
    except Corrupt as error:
        return f"record {seq} " not in str(error)
    finally:
        db.execute("UPDATE records SET body = ? WHERE run = ? AND seq = ?", (body, run, seq))
        db.commit()
    return True


def test_any_changed_byte_is_found(whole: Path, tmp_path: Path) -> None:
    home = copied(whole, tmp_path / "home")
    store, db, rng = open_store(home), sqlite3.connect(home / "runs" / "journal.db"), random.Random(3)
    records = db.execute("SELECT run, seq, length(CAST(body AS BLOB)) FROM records").fetchall()
    for run, seq, length in records:
        places = {0, length - 1, rng.randrange(length)}
        assert not [at for at in places if unnoticed(store, db, run, seq, at, rng.randrange(256))], (run, seq)
    assert len(records) > 40 and all(store.verify(run) for run in ("r1", "r2", "r3"))
    db.close()
    store.close()


@pytest.mark.torture
@pytest.mark.timeout(1200)
def test_every_single_byte_is_found(whole: Path, tmp_path: Path, numbers: Callable[[str], None]) -> None:
    """Every byte of the smallest run, each changed to another value."""
    home = copied(whole, tmp_path / "home")
    store, db = open_store(home), sqlite3.connect(home / "runs" / "journal.db")
    db.execute("PRAGMA synchronous = OFF")
    count = 0
    for seq, length in db.execute(
        "SELECT seq, length(CAST(body AS BLOB)) FROM records WHERE run = 'r2' ORDER BY seq"
    ).fetchall():
        for place in range(length):
            count += 1
            assert not unnoticed(store, db, "r2", seq, place, (place * 7 + seq) % 256), (seq, place)
    db.close()
    store.close()
    numbers(f"{count} bytes changed one by one, {count} found")


def test_a_run_that_was_cut_off_before_its_goal_asks_for_it(tmp_path: Path) -> None:
    """Its first record was written, the second was not: there is nothing to ask a model about."""
    store = open_store(tmp_path)
    store.append(store.new_run(), 0, [opened_record()], STARTED)
    store.close()
    code, told = psa(tmp_path, "runs", "resume", "r1", *NOW)
    assert code == 2 and "Run r1 was cut off before it had a goal. Say the goal again" in told.replace("\n     ", " ")


def test_a_chain_starts_with_its_run_and_number() -> None:
    """The same record at another place, or in another run, has another hash."""
    lines = [line_of("r1", 1, "t", "{}"), line_of("r2", 1, "t", "{}"), line_of("r1", 2, "t", "{}")]
    assert len({chain(GENESIS, line) for line in lines}) == 3


@pytest.mark.anyio
async def test_a_damaged_run_keeps_no_other_from_going_on(tmp_path: Path) -> None:
    """In one process: the changed run is refused, the other of the same home is carried out."""
    bench = Bench(tmp_path)
    async with bench.home(check=False) as home:
        await carded(home)
        _, other = await deletion(home)
        with opened(tmp_path / "home") as db:
            edited(db)
        with pytest.raises(Corrupt, match="r1"):
            await go_on(home, [])
        await home.reviewer().approve(other, "3", ())
        assert home.operations() == ["CreatePost", *["DeletePost"] * 3]
