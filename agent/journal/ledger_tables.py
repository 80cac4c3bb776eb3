"""The ledger's tables: what they hold, and how each record changes them, in the transaction that writes it.

Everything in them can be rebuilt from the records (`rebuild`); nothing is known here alone.
"""

import sqlite3
from collections.abc import Iterable
from datetime import UTC

from agent.errors import JournalError
from agent.journal import mirror_tables, overview_tables
from agent.journal import records as r
from agent.journal.subjects import SYNCS, from_outside, object_id_of, subject_of
from agent.locked import locked

_OWN = """
CREATE TABLE runs (run TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, service TEXT NOT NULL, mode TEXT NOT NULL,
  goal TEXT NOT NULL, opened TEXT NOT NULL, updated TEXT NOT NULL, outcome TEXT NOT NULL, channel TEXT NOT NULL,
  job TEXT NOT NULL, date TEXT NOT NULL, outside INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX runs_job ON runs (service, job, date) WHERE job != '';
CREATE TABLE items (number INTEGER PRIMARY KEY, run TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  title TEXT NOT NULL, due TEXT NOT NULL, expires TEXT NOT NULL, at TEXT NOT NULL, parts INTEGER NOT NULL,
  post INTEGER, seq INTEGER NOT NULL, workspace INTEGER NOT NULL) STRICT;
CREATE INDEX items_open ON items (state, number);
CREATE INDEX items_kind ON items (kind, at);
CREATE TABLE effects (key TEXT PRIMARY KEY, run TEXT NOT NULL, service TEXT NOT NULL, operation TEXT NOT NULL,
  effect TEXT NOT NULL, state TEXT NOT NULL, object_id INTEGER, arguments TEXT NOT NULL, at TEXT NOT NULL,
  card INTEGER, attempt INTEGER NOT NULL, standing TEXT NOT NULL, day TEXT NOT NULL,
  sent_on TEXT NOT NULL) STRICT;
CREATE INDEX effects_card ON effects (card);
CREATE INDEX effects_object ON effects (service, object_id);
CREATE INDEX effects_run ON effects (run, state);
CREATE INDEX effects_standing ON effects (service, standing) WHERE standing != '';
CREATE TABLE card_objects (card INTEGER NOT NULL, service TEXT NOT NULL, operation TEXT NOT NULL,
  object INTEGER NOT NULL, post INTEGER NOT NULL, author TEXT NOT NULL) STRICT;
CREATE INDEX card_objects_card ON card_objects (card);
CREATE INDEX card_objects_of ON card_objects (service, operation, object);
CREATE TABLE expected (key TEXT PRIMARY KEY, run TEXT NOT NULL, service TEXT NOT NULL, post INTEGER NOT NULL,
  due TEXT NOT NULL, state TEXT NOT NULL) STRICT;
CREATE INDEX expected_post ON expected (service, post);
CREATE INDEX expected_state ON expected (state, due);
CREATE TABLE analyses (service TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE spending (run TEXT NOT NULL, at TEXT NOT NULL, money REAL NOT NULL, settled INTEGER NOT NULL) STRICT;
CREATE INDEX spending_at ON spending (at, money);
CREATE INDEX spending_open ON spending (run) WHERE settled = 0;
CREATE TABLE incidents (service TEXT NOT NULL, standing TEXT NOT NULL, key TEXT NOT NULL, run TEXT NOT NULL,
  at TEXT NOT NULL, says TEXT NOT NULL) STRICT;
CREATE TABLE syncs (service TEXT NOT NULL, operation TEXT NOT NULL, post INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (service, operation, post)) STRICT;
"""
SCHEMA = _OWN + mirror_tables.SCHEMA + overview_tables.SCHEMA
#: What SQLite raises over a damaged file; its own words may hold bytes of it that are no text.
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
_OWN_TABLES = ("runs", "items", "effects", "card_objects", "expected", "syncs", "analyses", "spending", "incidents")
TABLES = (*_OWN_TABLES, *mirror_tables.TABLES, *overview_tables.TABLES)


def project(db: sqlite3.Connection, run: str, seq: int, at: str, record: r.AnyRecord) -> None:
    """Bring the tables up to date with one record, inside the caller's transaction."""
    match record:
        case r.Opened():
            ordinal = int(run.lstrip("r"))
            named = (record.channel, record.job, record.date)
            row = (run, ordinal, record.service, record.mode, "", at, at, "", *named)
            db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", row)
        case r.Goal():
            db.execute(
                "UPDATE runs SET goal = ?, outcome = '', updated = ? WHERE run = ?", (record.text[:500], at, run)
            )
        case r.Closed():
            db.execute("UPDATE runs SET outcome = ?, updated = ? WHERE run = ?", (record.outcome, at, run))
        case r.Read():
            _read(db, run, at, record)
        case r.Reserved() | r.Turn() | r.ModelFailed():
            _spend(db, run, at, record)
        case r.Intent() | r.Outcome():
            _effect(db, run, at, record)
        case r.StandingRevoked():
            says = f"taken back by {record.who}{f': {record.reason}' if record.reason else ''}"
            db.execute(
                "INSERT INTO incidents SELECT service, ?, '', run, ?, ? FROM runs WHERE run = ?",
                (record.name, at, says[:300], run),
            )
        case r.StandingAllowed():
            db.execute(
                "DELETE FROM incidents WHERE standing = ? AND service = (SELECT service FROM runs WHERE run = ?)",
                (record.name, run),
            )
        case r.Expected() | r.Watched():
            _expect(db, run, at, record)
        case _:
            _item(db, run, seq, at, record)
    mirror_tables.mirror_record(db, run, at, record)
    overview_tables.look_back(db, run, at, record)


def _read(db: sqlite3.Connection, run: str, at: str, record: r.Read) -> None:
    if record.operation in SYNCS:
        db.execute(
            "INSERT OR REPLACE INTO syncs SELECT service, ?, ?, ? FROM runs WHERE run = ?",
            (record.operation, object_id_of(record.arguments), at, run),
        )
    if record.operation == "AnalyzeTwitterPost":
        db.execute("INSERT INTO analyses SELECT service, ? FROM runs WHERE run = ?", (at, run))
    if from_outside(record.operation, record.arguments):
        db.execute("UPDATE runs SET outside = 1 WHERE run = ?", (run,))


def _spend(db: sqlite3.Connection, run: str, at: str, record: r.Reserved | r.Turn | r.ModelFailed) -> None:
    """What a model turn may cost until it is known what it did cost; one that failed, or was killed, cost that."""
    if isinstance(record, r.Turn):
        db.execute("DELETE FROM spending WHERE run = ? AND settled = 0", (run,))
    else:
        db.execute("UPDATE spending SET settled = 1 WHERE run = ? AND settled = 0", (run,))
    if not isinstance(record, r.ModelFailed) and record.money:
        db.execute("INSERT INTO spending VALUES (?, ?, ?, ?)", (run, at, record.money, int(isinstance(record, r.Turn))))


def _effect(db: sqlite3.Connection, run: str, at: str, record: r.Intent | r.Outcome) -> None:
    if isinstance(record, r.Intent):
        db.execute("UPDATE runs SET outcome = '', updated = ? WHERE run = ?", (at, run))
        db.execute(
            "INSERT OR REPLACE INTO effects"
            " SELECT ?, run, service, ?, ?, 'sending', ?, ?, ?, ?, ?, ?, ?, ? FROM runs WHERE run = ?",
            (
                record.key,
                record.operation,
                record.effect,
                object_id_of(record.arguments) or None,
                record.arguments,
                at,
                record.card,
                record.attempt,
                record.standing.name if record.standing else "",
                record.standing.day if record.standing else "",
                record.standing.sent_on if record.standing else "",
                run,
            ),
        )
        return
    db.execute(
        "UPDATE effects SET state = ?, object_id = coalesce(?, object_id), at = ?"
        " WHERE key = ? AND state NOT IN ('applied', 'rejected', 'settled') AND (attempt <= ? OR ? = 'applied')",
        (
            "settled" if record.settled == "person" else record.state,
            record.object_id,
            at,
            record.key,
            record.attempt,  # a late word about an earlier attempt says nothing of the one that followed
            record.state,
        ),
    )
    db.execute(
        "UPDATE items SET state = 'done' WHERE number = (SELECT card FROM effects WHERE key = ?) AND parts ="
        " (SELECT count(*) FROM effects WHERE card = items.number AND state IN ('applied', 'rejected', 'settled'))",
        (record.key,),
    )
    if record.state == "applied":
        _draft_leaves(db, record.key)
    if record.state in {"rejected", "unknown"}:
        _incident(db, run, at, record.key, f"{record.state}: {record.says}")


def _incident(db: sqlite3.Connection, run: str, at: str, key: str, says: str) -> None:
    """Something went wrong with an effect: a standing permission it was sent by is revoked by this very record."""
    db.execute(
        "INSERT INTO incidents SELECT service, standing, key, ?, ?, ? FROM effects WHERE key = ? AND standing != ''",
        (run, at, says[:300], key),
    )


def _expect(db: sqlite3.Connection, run: str, at: str, record: r.Expected | r.Watched) -> None:
    if isinstance(record, r.Watched):
        state = "" if record.state == "moved" else record.state
        due = record.due.astimezone(UTC).isoformat() if record.due else None
        db.execute("UPDATE expected SET state = ?, due = coalesce(?, due) WHERE key = ?", (state, due, record.key))
        if record.state in {"failed", "partly"}:
            _incident(db, run, at, record.key, f"{record.state}: {record.says}")
        return
    due = record.due.astimezone(UTC).isoformat()
    db.execute(
        "UPDATE expected SET state = 'replaced' WHERE post = ? AND state IN ('', 'late')"
        " AND service = (SELECT service FROM runs WHERE run = ?)",
        (record.post, run),
    )
    db.execute(
        "INSERT OR REPLACE INTO expected SELECT ?, run, service, ?, ?, '' FROM runs WHERE run = ?",
        (record.key, record.post, due, run),
    )


def _draft_leaves(db: sqlite3.Connection, key: str) -> None:
    """A post that was deleted, scheduled or published is no draft of any run's queue any more."""
    row = db.execute("SELECT service, operation, object_id, arguments FROM effects WHERE key = ?", (key,)).fetchone()
    if row is None or row[1] not in {"DeletePost", "UpdatePost"}:
        return
    back_to_draft = '"schedule_type":"draft"' in row[3]
    if row[1] == "DeletePost" or back_to_draft:
        db.execute(
            "UPDATE expected SET state = 'withdrawn' WHERE service = ? AND post = ? AND state IN ('', 'late')",
            (row[0], row[2]),
        )
    if back_to_draft:
        return
    db.execute(
        "UPDATE items SET state = 'done' WHERE kind = 'draft' AND post = ?"
        " AND run IN (SELECT run FROM runs WHERE service = ?)",
        (row[2], row[0]),
    )


def _item(db: sqlite3.Connection, run: str, seq: int, at: str, record: r.AnyRecord) -> None:
    if row := _new_item(record):
        number, kind, title, due, expires = row
        parts = len(record.parts) if isinstance(record, r.Card) else 1
        post = record.post if isinstance(record, r.DraftLeft) else None
        home = record.workspace if isinstance(record, r.Card | r.DraftLeft) else 0
        values = (number, run, kind, "open", title[:300], due, expires, at, parts, post, seq, home)
        if isinstance(record, r.Card):
            _card_objects(db, run, record)
        if isinstance(record, r.Task):
            _incident(db, run, at, record.key, f"task {record.number}: {record.says}")
        db.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    elif change := _changed_item(record):
        db.execute("UPDATE items SET state = ? WHERE number = ?", (change[1], change[0]))
        if isinstance(record, r.Decided) and record.parts:
            db.execute("UPDATE items SET parts = ? WHERE number = ?", (len(record.parts), record.card))
    elif not isinstance(record, r.Stopped | r.Resumed):
        return
    if isinstance(record, r.DraftGone):
        return  # handling a draft moves no run
    db.execute("UPDATE runs SET outcome = '', updated = ? WHERE run = ?", (at, run))


def _card_objects(db: sqlite3.Connection, run: str, card: r.Card) -> None:
    """What the calls of a card are about, so that no other run puts the same before a person again."""
    for part in card.parts:
        db.execute(
            "INSERT INTO card_objects SELECT ?, service, ?, ?, ?, ? FROM runs WHERE run = ?",
            (card.number, card.operation, subject_of(part.arguments), object_id_of(part.arguments), part.author, run),
        )


def _new_item(record: r.AnyRecord) -> tuple[int, str, str, str, str] | None:
    match record:
        case r.Card():
            due = record.due.isoformat() if record.due else ""
            return record.number, "card", record.title, due, record.expires.isoformat()
        case r.Task():
            return record.number, "task", record.says, "", ""
        case r.DraftLeft():
            return record.number, "draft", f"draft {record.post}: {record.title}", "", ""
        case r.Asked():
            return record.number, "question", record.text, "", ""
        case _:
            return None


def _changed_item(record: r.AnyRecord) -> tuple[int, str] | None:
    match record:
        case r.Decided():
            return record.card, "rejected" if record.decision == "reject" else "approved"
        case r.Voided():
            return record.card, "void"
        case r.TaskClosed() | r.DraftGone() | r.Replied():
            return record.number, "done"
        case _:
            return None


def rebuild(db: sqlite3.Connection, entries: Iterable[tuple[str, int, str, r.AnyRecord]]) -> None:
    """Make the tables anew from all records (run, seq, at, record), inside the caller's transaction."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - table names are our own constants
    for run, seq, at, record in entries:
        project(db, run, seq, at, record)


def refuse_standing(db: sqlite3.Connection, run: str, use: r.StandingUse, key: str) -> str:
    """Why an intent by a standing permission may not be written, inside its transaction; empty where it may."""
    service = db.execute("SELECT service FROM runs WHERE run = ?", (run,)).fetchone()[0]
    if db.execute("SELECT 1 FROM incidents WHERE service = ? AND standing = ?", (service, use.name)).fetchone():
        return f"The standing permission {use.name!r} was revoked meanwhile."
    for column, day in (("day", use.day), ("sent_on", use.sent_on)):
        count = db.execute(
            f"SELECT count(*) FROM effects WHERE service = ? AND standing = ? AND {column} = ? AND key != ?"  # noqa: S608 - our own names
            " AND state NOT IN ('rejected', 'not_sent')",
            (service, use.name, day, key),
        ).fetchone()[0]
        if count >= use.per_day:
            return f"The standing permission {use.name!r} was used {count} times for {day} meanwhile."
    return ""


def unreadable(error: Exception) -> JournalError:
    """The error of a journal that cannot be read: another process holds it, or its file is damaged."""
    if locked(error):
        return JournalError(
            "The journal is busy: another process holds it.",
            hint="Try again once that is done.",
        )
    return JournalError(
        f"The journal cannot be read: {str(error).partition(' with text')[0]}.",
        hint="Restore runs/journal.db from a backup; `psa runs verify RUN` tells whether a run is whole.",
    )
