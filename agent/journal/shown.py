"""What answers showed, found again over all runs of a home: for faces that show it, never for a decision."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from agent.journal import records as r
from agent.journal.ledger_tables import UNREADABLE, unreadable

#: So many of the newest records are looked through for what every run reads.
_NEWEST = 100_000


@dataclass(frozen=True)
class Answered:
    """A read and its answer (`record.body` is as `Store.load` takes it), the row it stands in and when it was done."""

    row: int
    at: datetime
    record: r.Read


class Shown:
    """Questions over the reads in the journal; `service` keeps the sandbox and the real service apart."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def newest(self, service: str, operation: str, after: int = -1) -> Answered | None:
        """The newest answer of an operation that stands behind a row."""
        rows = self._rows(
            "SELECT records.rowid, at, body FROM records CROSS JOIN runs USING (run) WHERE kind = 'read'"
            " AND records.rowid > max((SELECT max(rowid) FROM records) - ?, ?) AND service = ? AND body LIKE ?"
            " ORDER BY records.rowid DESC LIMIT 1",
            (_NEWEST, after, service, _names(operation)),
        )
        return next(rows, None)

    def comments(self, service: str, runs: int, most: int) -> list[Answered]:
        """Reads that showed comments, the oldest first: the last `most` of the newest `runs` that read any."""
        rows = self._rows(
            f"SELECT records.rowid, at, body FROM ({_RECENT}) AS recent CROSS JOIN records USING (run)"  # noqa: S608 - our own words
            f" WHERE {_SHOW_COMMENTS} ORDER BY records.rowid DESC LIMIT ?",
            (service, runs, most),
        )
        return sorted(rows, key=lambda one: one.row)

    def comments_after(self, service: str, row: int) -> list[Answered]:
        """Those that were written after a row, in the order of writing."""
        rows = self._rows(
            f"SELECT records.rowid, at, body FROM records CROSS JOIN runs USING (run) WHERE {_SHOW_COMMENTS}"  # noqa: S608
            " AND records.rowid > ? AND service = ? ORDER BY records.rowid",
            (row, service),
        )
        return list(rows)

    def card(self, run: str, seq: int) -> r.Card | None:
        """The card that a run's record is, if it is one."""
        try:
            row = self._db.execute("SELECT body FROM records WHERE run = ? AND seq = ?", (run, seq)).fetchone()
        except UNREADABLE as error:
            raise unreadable(error) from error
        record = r.READER.validate_json(row[0]) if row else None
        return record if isinstance(record, r.Card) else None

    def _rows(self, question: str, values: tuple[object, ...]) -> Iterator[Answered]:
        try:
            rows = self._db.execute(question, values).fetchall()
        except UNREADABLE as error:
            raise unreadable(error) from error
        for row, at, body in rows:
            try:
                record = r.READER.validate_json(body)
                moment = datetime.fromisoformat(at)
            except ValueError as error:
                raise unreadable(error) from error
            if isinstance(record, r.Read):
                yield Answered(row, moment, record)


#: Arguments stand as JSON within JSON.
_SHOW_COMMENTS = r"""kind = 'read' AND (body LIKE '%"operation":"ListComments"%'
  OR body LIKE '%"operation":"GetComment"%' OR body LIKE '%include_comments\":true%')"""
_RECENT = "SELECT run, ordinal FROM runs WHERE service = ? AND outside = 1 ORDER BY ordinal DESC LIMIT ?"


def _names(operation: str) -> str:
    """How the record of a read of this operation is recognised; inside of texts these quotes are escaped."""
    return f'%"operation":"{operation}"%'
