"""A command line on a disk that fills up: `python -m tests.torture.disk_worker FOLDER tmpfs|limit CASE...`.

With `tmpfs` the home's `runs` is a small file system of its own (the process must be able to mount it), with `limit`
files cannot grow any more while the disk is said to be full. The embedded sandbox and its budget lie elsewhere: the
service has room. Each case runs a goal or a decision on a full disk, then goes on with room; the results are printed
as one JSON value.

Cases: `intent` (full right before the intent's commit), `outcome` (full once the answer to a write is there), each
for a draft and for an approved card; `free:N` (N free pages from the start).
"""

import contextlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from agent.assembly import Seams, open_house
from agent.cli import main
from agent.journal import records as r
from agent.journal.store import SqliteStore, open_store
from agent.sandbox.state import State
from tests.contract import compare
from tests.torture.bench import Between, Handle, Moment, WatchedStore, is_write

NOW = ["--now", "2026-11-24T09:00Z"]
GOAL = 'Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn'
PAGE = 4096
SIZE = 6 * 2**20


class Disk:
    """The disk under a home's `runs`."""

    def __init__(self, runs: Path, kind: str) -> None:
        self.runs = runs
        self.kind = kind
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, pages: int = 0) -> None:
        """Leave this many pages free."""
        if self.kind == "limit":
            log = self.runs / "journal.db-wal"
            now = log.stat().st_size if log.exists() else 0
            resource.setrlimit(resource.RLIMIT_FSIZE, (now + pages * PAGE, self._limits[1]))
            return
        filler = self.runs / "filler"
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * PAGE)
        if pages:
            os.truncate(filler, max(0, filler.stat().st_size - pages * PAGE))

    def free(self) -> None:
        """Make room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        (self.runs / "filler").unlink(missing_ok=True)


def psa(*args: str) -> dict[str, Any]:
    """One command: exit code and words."""
    out, err = io.StringIO(), io.StringIO()
    code = -1
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([*args])
        except SystemExit as end:
            code = int(end.code or 0)
    return {"code": code, "words": out.getvalue() + err.getvalue()}


@contextlib.contextmanager
def struck(disk: Disk, case: str) -> Iterator[None]:
    """Let the disk be full at the moment that the case names, for commands inside."""

    def strike(moment: Moment, records: tuple[r.AnyRecord, ...]) -> None:
        if case == "intent" and moment == "before" and any(isinstance(record, r.Intent) for record in records):
            disk.fill()

    async def handle(request: httpx.Request, inner: Handle) -> httpx.Response:
        answer = await inner(request)
        if case == "outcome" and is_write(request):
            disk.fill()
        return answer

    def store(home: Path) -> SqliteStore:
        return WatchedStore(home / "runs" / "journal.db", strike)

    seams = Seams(store=store, transport=lambda inner: Between(inner, handle))
    try:
        with patch("agent.commands.common.open_house", partial(open_house, seams=seams)):
            yield
    finally:
        disk.free()


@contextlib.contextmanager
def home_on_disk(folder: Path, kind: str) -> Iterator[Disk]:
    """A fresh home whose `runs` is a disk of its own; what the service needs lies beside it."""
    runs, service = folder / "home" / "runs", folder / "service"
    runs.mkdir(parents=True)
    service.mkdir()
    if kind == "tmpfs":
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(runs)], check=True)
    os.environ["PSA_HOME"] = str(runs.parent)
    # The first command makes the sandbox; from then on it is a link to where there is room.
    psa("doctor")
    for file in runs.glob("sandbox*.db*"):
        shutil.move(file, service / file.name)
        if file.suffix == ".db":
            file.symlink_to(service / file.name)
    try:
        yield Disk(runs, kind)
    finally:
        if kind == "tmpfs":
            subprocess.run(["umount", "--lazy", str(runs)], check=True)


def card_of(runs: Path) -> int | None:
    """The number of the card that waits, or is approved and unsent."""
    store = open_store(runs.parent)
    found = [item.number for item in store.ledger.items(("open",)) if item.kind == "card"]
    store.close()
    return found[0] if found else None


def finish(runs: Path) -> list[dict[str, Any]]:
    """Go on with room, as the words say, until all is done."""
    told = []
    store = open_store(runs.parent)
    known = [row.run for row in store.ledger.runs()]
    store.close()
    if not known:
        told.append(psa("run", GOAL, *NOW))
    for run in known:
        told.append(psa("runs", "resume", run, *NOW))
        if "before it had a goal" in told[-1]["words"]:
            told.append(psa("run", GOAL, *NOW))
    card = card_of(runs)
    if card is not None:
        told.append(psa("review", "approve", str(card), *NOW))
    return told


def measured(disk: Disk) -> dict[str, Any]:
    """Effects, and what the contract says of them."""
    box, store = State.open(disk.runs / "sandbox.db"), open_store(disk.runs.parent)
    tally = compare(box, store)
    operations = [one["operation"] for one in box.effects()]
    box.close()
    store.close()
    return {
        "operations": operations,
        "effects": tally.effects,
        "guarded": tally.guarded,
        "unknown": tally.unknown,
        "doubled": tally.doubled,
        "lost": tally.lost,
        "unapproved": tally.unapproved,
        "other": tally.other,
    }


def sent(disk: Disk) -> list[str]:
    """What the service has carried out."""
    box = State.open(disk.runs / "sandbox.db")
    operations = [one["operation"] for one in box.effects()]
    box.close()
    return operations


def play(folder: Path, kind: str, case: str) -> dict[str, Any]:
    """One case from an empty home to its end."""
    what, _, which = case.partition(":")
    with home_on_disk(folder, kind) as disk:
        if which == "card":
            psa("run", GOAL, *NOW)
        command = ["review", "approve", str(card_of(disk.runs))] if which == "card" else ["run", GOAL]
        with struck(disk, what):
            if what == "free":
                disk.fill(int(which))
            full = psa(*command, *NOW)
        then = sent(disk)
        went_on = finish(disk.runs)
        return {"case": case, "full": full, "sent": then, "went_on": went_on, "end": measured(disk)}


def run_all(folder: Path, kind: str, cases: list[str]) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    results = [play(folder / f"case-{number}", kind, case) for number, case in enumerate(cases)]
    sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    run_all(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
