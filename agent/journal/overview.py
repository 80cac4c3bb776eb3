"""Questions that look back: numbers as last read and day by day, and what rules found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from agent.journal.findings import Verdict
from agent.journal.numbers import METRICS

Kind = Literal["post", "publication", "account", "workspace", "all"]


class Answers(Protocol):
    """Tables that are asked."""

    def execute(self, question: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows that answer it."""
        ...


@dataclass(frozen=True)
class Numbers:
    """Numbers of one thing as read at a time; `counts` holds what the service showed, and is empty without any.

    `account` is 0 but for publications, which are a post on one account.
    """

    object: int
    account: int
    at: datetime
    counts: dict[str, int | float]

    def get(self, metric: str) -> int | float | None:
        """One of the numbers; None where it was not shown."""
        return self.counts.get(metric)


class Overview:
    """Answers from the tables of `overview_tables.py`; `service` keeps the sandbox and the real service apart."""

    def __init__(self, tables: Answers) -> None:
        self._db = tables

    def measured(self, service: str, kind: Kind) -> list[Numbers]:
        """Everything of a kind as it was last read, by object."""
        rows = self._db.execute(
            f"SELECT object, account, at, {', '.join(METRICS)} FROM measured"  # noqa: S608 - our own names
            " WHERE service = ? AND kind = ? ORDER BY object, account",
            (service, kind),
        )
        return [_numbers(row) for row in rows]

    def days(self, service: str, kind: Kind, key: int, since: date) -> list[tuple[date, Numbers]]:
        """The last reading of each UTC day since a day, oldest first; days without a reading are left out."""
        rows = self._db.execute(
            f"SELECT day, object, 0, at, {', '.join(METRICS)} FROM measured_days"  # noqa: S608 - our own names
            " WHERE service = ? AND kind = ? AND object = ? AND day >= ? ORDER BY day",
            (service, kind, key, since.isoformat()),
        )
        return [(date.fromisoformat(row[0]), _numbers(row[1:])) for row in rows]

    def words(self, service: str) -> dict[int, str]:
        """How the text of every post begins, as it was last read, on one line."""
        rows = self._db.execute("SELECT post, words FROM mirrored WHERE service = ?", (service,))
        return dict(rows)

    def found(self, service: str, since: date) -> dict[str, dict[Verdict, int]]:
        """By rule, in how many judged calls it found something since a UTC day, and with which verdicts."""
        rows = self._db.execute(
            "SELECT rule, verdict, sum(count) FROM found WHERE service = ? AND day >= ? GROUP BY rule, verdict",
            (service, since.isoformat()),
        )
        told: dict[str, dict[Verdict, int]] = {}
        for rule, verdict, count in rows:
            told.setdefault(rule, {})[Verdict(verdict)] = count
        return told


def _numbers(row: Sequence[Any]) -> Numbers:
    key, account, at, *values = row
    counts = {name: value for name, value in zip(METRICS, values, strict=True) if value is not None}
    return Numbers(key, account, datetime.fromisoformat(at), counts)
