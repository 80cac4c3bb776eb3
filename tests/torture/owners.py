"""A process that stops itself in the middle of an effect: the seams for it. As a program it is `owner.py`."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from agent.assembly import Seams
from agent.journal import records as r
from agent.journal.store import Entry, SqliteStore
from tests.torture.kills import halt

Moment = Literal["intent", "outcome"]


@dataclass(frozen=True)
class Halt:
    """Where a process halts: the intent of an operation is just written, or its outcome is about to be."""

    operation: str
    moment: Moment
    by: signal.Signals = signal.SIGSTOP


class HaltingStore(SqliteStore):
    """The journal, whose process halts once."""

    def __init__(self, path: Path, place: Halt) -> None:
        super().__init__(path)
        self._halt: Halt | None = place
        self._key = ""

    def append(
        self, run: str, after: int, records: Sequence[r.AnyRecord], at: datetime, *, unless_stopped: bool = False
    ) -> list[Entry]:
        entries = super().append(run, after, records, at, unless_stopped=unless_stopped)
        for record in records:
            if self._halt and isinstance(record, r.Intent) and record.operation == self._halt.operation:
                self._key = record.key
                self._at("intent")
        return entries

    def append_anyway(self, run: str, records: Sequence[r.AnyRecord], at: datetime) -> list[Entry]:
        if any(isinstance(record, r.Outcome) and record.key == self._key for record in records):
            self._at("outcome")
        return super().append_anyway(run, records, at)

    def _at(self, moment: Moment) -> None:
        if self._halt and self._halt.moment == moment:
            by, self._halt = self._halt.by, None
            halt(by)


def halting(place: Halt) -> Seams:
    """The seams of a process that halts."""
    return Seams(store=lambda home: HaltingStore(home / "runs" / "journal.db", place))


def wait_until_stopped(child: int) -> None:
    """Wait until a child process has stopped itself."""
    _, status = os.waitpid(child, os.WUNTRACED)
    assert os.WIFSTOPPED(status), f"the first process ended instead of stopping: {os.waitstatus_to_exitcode(status)}"
