"""Tables for looking back: numbers as last read and day by day, and how often each rule found something.

Like the rest of the ledger they are made from the records alone, in the transaction that writes each.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from agent.api.answers import read_text
from agent.api.catalogue import OPERATIONS
from agent.api.types import AccountNumbers, PostNumbers, Totals, WorkspaceTotal
from agent.journal import records as r
from agent.journal.mirror_tables import loaded
from agent.journal.numbers import METRICS, shown, shown_total

#: Columns of numbers; NULL is what the service did not show.
_COUNTS = ", ".join(f"{name} {'REAL' if name == 'engagement_rate' else 'INTEGER'}" for name in METRICS)
SCHEMA = f"""
CREATE TABLE measured (service TEXT NOT NULL, kind TEXT NOT NULL, object INTEGER NOT NULL, account INTEGER NOT NULL,
  at TEXT NOT NULL, {_COUNTS}, PRIMARY KEY (service, kind, object, account)) STRICT;
CREATE TABLE measured_days (service TEXT NOT NULL, kind TEXT NOT NULL, object INTEGER NOT NULL, day TEXT NOT NULL,
  at TEXT NOT NULL, {_COUNTS}, PRIMARY KEY (service, kind, object, day)) STRICT;
CREATE TABLE found (service TEXT NOT NULL, day TEXT NOT NULL, rule TEXT NOT NULL, verdict INTEGER NOT NULL,
  count INTEGER NOT NULL, PRIMARY KEY (service, day, rule, verdict)) STRICT;
"""
TABLES = ("measured", "measured_days", "found")

#: Operations whose answers are numbers, and the kinds of things that have a row for each day.
_NUMBERS = frozenset(
    name
    for name, one in OPERATIONS.items()
    if one.route.answer in (PostNumbers, AccountNumbers, WorkspaceTotal, Totals)
)
DAILY = frozenset({"post", "account", "workspace", "all"})
#: SQLite keeps no larger whole number.
_LARGEST = 2**63 - 1

Counted = Mapping[str, int | float]


def look_back(db: sqlite3.Connection, run: str, at: str, record: r.AnyRecord) -> None:
    """Bring the tables up to date with one record, inside the caller's transaction."""
    match record:
        case r.Read() if record.operation in _NUMBERS:
            with suppress(ValueError, KeyError, TypeError):
                answer = read_text(OPERATIONS[record.operation].route, loaded(db, record.body))
                for kind, key, account, counts in _measured(answer):
                    _put(db, run, at, kind, (key, account), counts)
        case r.Judged():
            for rule, verdict in sorted({(one.rule, int(one.verdict)) for one in record.findings}):
                db.execute(
                    "INSERT INTO found SELECT service, ?, ?, ?, 1 FROM runs WHERE run = ?"
                    " ON CONFLICT (service, day, rule, verdict) DO UPDATE SET count = count + 1",
                    (at[:10], rule, verdict, run),
                )
        case _:
            pass


def _measured(answer: object) -> Iterator[tuple[str, int, int, Counted]]:
    """Kind, object, account and numbers of each thing in an answer; publications are posts on one account."""
    match answer:
        case PostNumbers():
            yield (
                "post",
                answer.post_id,
                0,
                shown_total(answer.total, [row.get("analytics") for row in answer.accounts]),
            )
            yield from _publications(
                [(answer.post_id, row.get("account_id"), row.get("analytics")) for row in answer.accounts]
            )
        case AccountNumbers():
            posts = answer.platform_posts
            yield "account", answer.account_id, 0, shown_total(answer.total, [row.analytics for row in posts])
            yield from _publications([(row.post_id, answer.account_id, row.analytics) for row in posts])
        case WorkspaceTotal():
            yield "workspace", answer.workspace_id, 0, shown_total(answer.total)
        case Totals():
            yield "all", 0, 0, shown_total(answer.total)
            for one in answer.workspaces:
                yield "workspace", one.workspace_id, 0, shown_total(one.total)
        case _:
            pass


def _publications(rows: Sequence[tuple[Any, Any, Any]]) -> Iterator[tuple[str, int, int, Counted]]:
    for post, account, analytics in rows:
        counts = shown(analytics)
        if isinstance(post, int) and isinstance(account, int) and counts:
            yield "publication", post, account, counts


def _put(db: sqlite3.Connection, run: str, at: str, kind: str, key: tuple[int, int], counts: Counted) -> None:
    """Keep what was read, unless it was read later already; of a day the last reading stays."""
    values = [counts.get(name) for name in METRICS]
    if any(value is not None and abs(value) > _LARGEST for value in (*values, *key)):
        return
    names, marks = ", ".join(METRICS), ", ".join("?" for _ in METRICS)
    update = ", ".join(f"{name} = excluded.{name}" for name in ("at", *METRICS))
    db.execute(
        f"INSERT INTO measured (service, kind, object, account, at, {names})"  # noqa: S608 - our own names
        f" SELECT service, ?, ?, ?, ?, {marks} FROM runs WHERE run = ?"
        f" ON CONFLICT (service, kind, object, account) DO UPDATE SET {update} WHERE excluded.at >= at",
        (kind, *key, at, *values, run),
    )
    if kind in DAILY and counts:
        db.execute(
            f"INSERT INTO measured_days (service, kind, object, day, at, {names})"  # noqa: S608 - our own names
            f" SELECT service, ?, ?, ?, ?, {marks} FROM runs WHERE run = ?"
            f" ON CONFLICT (service, kind, object, day) DO UPDATE SET {update} WHERE excluded.at >= at",
            (kind, key[0], at[:10], at, *values, run),
        )
