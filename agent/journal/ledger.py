"""The ledger: what all runs of a home add up to, kept as tables beside the records and updated with them.

Everything here can be rebuilt from the records (`rebuild`); nothing is known here alone.
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from agent.errors import JournalError
from agent.journal import mirror_tables
from agent.journal import records as r
from agent.journal.findings import Finding
from agent.journal.mirror import SCAN, MirrorPost, MirrorState
from agent.journal.subjects import SYNCS, from_outside, object_id_of, subject_of

_OWN = """
CREATE TABLE runs (run TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, service TEXT NOT NULL, mode TEXT NOT NULL,
  goal TEXT NOT NULL, opened TEXT NOT NULL, updated TEXT NOT NULL, outcome TEXT NOT NULL, channel TEXT NOT NULL,
  job TEXT NOT NULL, date TEXT NOT NULL, outside INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX runs_job ON runs (service, job, date) WHERE job != '';
CREATE TABLE items (number INTEGER PRIMARY KEY, run TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  title TEXT NOT NULL, due TEXT NOT NULL, expires TEXT NOT NULL, at TEXT NOT NULL, parts INTEGER NOT NULL,
  post INTEGER, seq INTEGER NOT NULL) STRICT;
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
CREATE TABLE incidents (service TEXT NOT NULL, standing TEXT NOT NULL, key TEXT NOT NULL, run TEXT NOT NULL,
  at TEXT NOT NULL, says TEXT NOT NULL) STRICT;
CREATE TABLE syncs (service TEXT NOT NULL, operation TEXT NOT NULL, post INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (service, operation, post)) STRICT;
"""
SCHEMA = _OWN + mirror_tables.SCHEMA
#: What SQLite raises over a damaged file; its own words may hold bytes of it that are no text.
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
_OWN_TABLES = ("runs", "items", "effects", "card_objects", "expected", "syncs", "analyses", "incidents")
TABLES = (*_OWN_TABLES, *mirror_tables.TABLES)


@dataclass(frozen=True)
class RunRow:
    """A run in the list; `outcome` is empty while it moves. `job` and `date` are those of a night's run."""

    run: str
    mode: str
    goal: str
    opened: datetime
    updated: datetime
    outcome: str
    channel: str = ""
    job: str = ""
    date: str = ""


@dataclass(frozen=True)
class Item:
    """Something in the review queue: a card, a task, a question, or a draft that a run left."""

    number: int
    run: str
    kind: str
    state: str
    title: str
    due: datetime | None
    expires: datetime | None
    at: datetime
    #: Its record in the run's journal.
    seq: int = 0


@dataclass(frozen=True)
class Awaited:
    """A post that should be out at `due`; `late` where that was found already."""

    key: str
    run: str
    post: int
    due: datetime
    late: bool


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
        case r.Intent() | r.Outcome():
            _effect(db, run, at, record)
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
        values = (number, run, kind, "open", title[:300], due, expires, at, parts, post, seq)
        if isinstance(record, r.Card):
            _card_objects(db, run, record)
        if isinstance(record, r.Task):
            _incident(db, run, at, record.key, f"task {record.number}: {record.says}")
        db.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
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


class Ledger:
    """Questions over all runs of a home; `service` keeps the sandbox and the real service apart."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = _Tables(db)

    def runs(self, limit: int = 50) -> list[RunRow]:
        """The newest runs first."""
        rows = self._db.execute(f"{_RUNS} ORDER BY ordinal DESC LIMIT ?", (limit,))
        return [_read_run(row) for row in rows]

    def last_job_run(self, service: str, job: str) -> RunRow | None:
        """The run of a night's job for the newest date it has one for; no date ever has a second."""
        row = self._db.execute(
            f"{_RUNS} WHERE service = ? AND job = ? ORDER BY date DESC LIMIT 1", (service, job)
        ).fetchone()
        return _read_run(row) if row else None

    def unfinished_jobs(self, service: str) -> list[RunRow]:
        """Runs of night jobs that were killed or deferred, oldest first."""
        rows = self._db.execute(
            f"{_RUNS} WHERE service = ? AND job != '' AND outcome IN ('', 'deferred') ORDER BY ordinal", (service,)
        )
        return [_read_run(row) for row in rows]

    def last_conversation(self, service: str) -> RunRow | None:
        """The newest run that was a conversation."""
        row = self._db.execute(
            f"{_RUNS} WHERE service = ? AND channel = 'chat' ORDER BY ordinal DESC LIMIT 1", (service,)
        ).fetchone()
        return _read_run(row) if row else None

    def items(self, states: tuple[str, ...] = ("open",)) -> list[Item]:
        """The queue, most urgent first: due time, then expiry, then number."""
        marks = ", ".join("?" for _ in states)
        rows = self._db.execute(
            "SELECT number, run, kind, state, title, due, expires, at, seq FROM items"  # noqa: S608 - only marks are put in
            f" WHERE state IN ({marks}) ORDER BY due = '', due, expires = '', expires, number",
            states,
        )
        return [_read_item(row) for row in rows]

    def waiting(self, service: str, now: datetime) -> list[Item]:
        """What waits for a person on this service and is not expired, most urgent first."""
        rows = self._db.execute(
            "SELECT number, items.run, kind, state, title, due, expires, at, seq FROM items JOIN runs USING (run)"
            " WHERE service = ? AND state IN ('open', 'approved') AND (expires = '' OR expires > ?)"
            " ORDER BY due = '', due, expires = '', expires, number",
            (service, now.isoformat()),
        )
        return [_read_item(row) for row in rows]

    def item(self, number: int) -> Item | None:
        """One item by its number."""
        row = self._db.execute(
            "SELECT number, run, kind, state, title, due, expires, at, seq FROM items WHERE number = ?", (number,)
        ).fetchone()
        return _read_item(row) if row else None

    def drafts_made(self, service: str) -> frozenset[int]:
        """Ids of the posts that runs of this home created as drafts."""
        rows = self._db.execute(
            "SELECT object_id FROM effects WHERE service = ? AND operation = 'CreatePost' AND state = 'applied'",
            (service,),
        )
        return frozenset(row[0] for row in rows if row[0] is not None)

    def found_in(self, service: str, post: int, rules: Sequence[str]) -> tuple[Finding, ...]:
        """What rules of these kinds (beginnings of ids) found when this home last wrote a post."""
        row = self._db.execute(
            "SELECT run, key FROM effects WHERE service = ? AND object_id = ? AND state = 'applied'"
            " AND operation IN ('CreatePost', 'UpdatePost') ORDER BY rowid DESC LIMIT 1",
            (service, post),
        ).fetchone()
        if row is None:
            return ()
        judged = self._db.execute(
            "SELECT body FROM records WHERE run = ? AND kind = 'judged' AND body LIKE ? ORDER BY seq DESC LIMIT 1",
            (row[0], f'%"key":"{row[1]}"%'),
        ).fetchone()
        findings = r.Judged.model_validate_json(judged[0]).findings if judged else ()
        return tuple(one for one in findings if one.rule.startswith(tuple(rules)))

    def drafts_with(self, service: str, rule: str) -> frozenset[int]:
        """Posts that were made as drafts in which a rule of this kind (the beginning of its id) found something."""
        rows = self._db.execute(
            "SELECT items.post FROM items JOIN records USING (run, seq) JOIN runs USING (run)"
            " WHERE runs.service = ? AND items.kind = 'draft' AND records.body LIKE ?",
            (service, f'%"rule":"{rule}%'),
        )
        return frozenset(row[0] for row in rows if row[0] is not None)

    def last_sent(self, service: str, post: int) -> tuple[str, str] | None:
        """Operation and arguments of the last applied create or update of a post, if this home sent one."""
        row = self._db.execute(
            "SELECT operation, arguments FROM effects WHERE service = ? AND object_id = ? AND state = 'applied'"
            " AND operation IN ('CreatePost', 'UpdatePost') ORDER BY rowid DESC LIMIT 1",
            (service, post),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def bound_ids(self, service: str, operation: str) -> frozenset[int]:
        """Object ids that an applied effect of this operation already claims."""
        rows = self._db.execute(
            "SELECT object_id FROM effects WHERE service = ? AND operation = ? AND state = 'applied'",
            (service, operation),
        )
        return frozenset(row[0] for row in rows if row[0] is not None)

    def last_sync(self, service: str, operation: str, post: int) -> datetime | None:
        """When this home last synced a post."""
        row = self._db.execute(
            "SELECT at FROM syncs WHERE service = ? AND operation = ? AND post = ?", (service, operation, post)
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def syncs(self, service: str, since: datetime) -> dict[tuple[str, int], datetime]:
        """All syncs since an instant."""
        rows = self._db.execute(
            "SELECT operation, post, at FROM syncs WHERE service = ? AND at >= ?", (service, since.isoformat())
        )
        return {(operation, post): datetime.fromisoformat(at) for operation, post, at in rows}

    def cards_about(self, service: str, operation: str, now: datetime) -> dict[int, tuple[int, str]]:
        """Cards of an operation and their state by the object they are about: what waits before what was decided.

        Void cards and open ones whose time is over are none; `unknown` are those of which nobody knows whether they
        arrived.
        """
        rows = self._db.execute(
            "SELECT object, card, CASE WHEN EXISTS (SELECT 1 FROM effects WHERE effects.card = number"
            " AND effects.state = 'unknown') THEN 'unknown' ELSE state END AS became"
            " FROM card_objects JOIN items ON number = card WHERE service = ?"
            " AND operation = ? AND state != 'void' AND NOT (state = 'open' AND expires <= ?)"
            " ORDER BY became IN ('open', 'approved'), card",
            (service, operation, now.isoformat()),
        )
        return {about: (card, state) for about, card, state in rows}

    def answered(self, service: str, since: datetime, now: datetime) -> list[tuple[Any, ...]]:
        """Replies sent, or on cards that wait: comment, post, author, run, when, and the reply's id or None."""
        rows = self._db.execute(
            "SELECT object, card_objects.post, author, items.run, items.at,"
            " CASE WHEN effects.state = 'applied' THEN object_id END"
            " FROM items JOIN card_objects ON card_objects.card = number"
            " LEFT JOIN effects ON effects.card = number"
            " WHERE kind = 'card' AND items.at >= ? AND card_objects.service = ?"
            " AND card_objects.operation = 'CreateComment' AND items.state NOT IN ('void', 'rejected')"
            " AND NOT (items.state = 'open' AND expires <= ?) AND coalesce(effects.state, '') != 'rejected'",
            (since.isoformat(), service, now.isoformat()),
        )
        return [(*row,) for row in rows]

    def cards_made(self, service: str, since: datetime) -> int:
        """Cards that runs made since an instant; those of people's own calls do not count."""
        row = self._db.execute(
            "SELECT count(*) FROM items JOIN runs USING (run) WHERE kind = 'card' AND at >= ? AND service = ?"
            " AND mode != 'person'",
            (since.isoformat(), service),
        ).fetchone()
        return int(row[0])

    def night_drafts(self, service: str, date: str) -> int:
        """Drafts that the jobs of a night's date made, or may have made."""
        row = self._db.execute(
            "SELECT count(*) FROM runs JOIN effects USING (run) WHERE runs.service = ? AND date = ? AND job != ''"
            " AND operation = 'CreatePost' AND state NOT IN ('rejected', 'not_sent')",
            (service, date),
        ).fetchone()
        return int(row[0])

    def analyses(self, service: str, since: datetime) -> int:
        """Posts of X that were analysed since an instant."""
        question = "SELECT count(*) FROM analyses WHERE service = ? AND at >= ?"
        return int(self._db.execute(question, (service, since.isoformat())).fetchone()[0])

    def uploads(self, service: str, media: Collection[int]) -> dict[int, str]:
        """The arguments of the uploads that made these library items."""
        marks = ", ".join("?" for _ in media)
        rows = self._db.execute(
            "SELECT object_id, arguments FROM effects WHERE service = ? AND state = 'applied'"  # noqa: S608 - only marks are put in
            f" AND operation = 'UploadMediaFile' AND object_id IN ({marks})",
            (service, *media),
        )
        return {row[0]: row[1] for row in rows}

    # -- standing permissions --------------------------------------------------------------------------------------

    def standing_uses(self, service: str, since: str) -> list[tuple[str, str, str]]:
        """Name, day of going out and day of sending of what was, or may have been, sent; both dates from a date on."""
        rows = self._db.execute(
            "SELECT standing, day, sent_on FROM effects WHERE service = ? AND standing != ''"
            " AND state NOT IN ('rejected', 'not_sent') AND (day >= ? OR sent_on >= ?)",
            (service, since, since),
        )
        return [(*row,) for row in rows]

    def standing_sent(self, service: str, since: str) -> list[tuple[str, str, str, int | None, str]]:
        """Name, run, state, post and day of all that was begun by standing permissions from a date on."""
        rows = self._db.execute(
            "SELECT standing, run, state, object_id, sent_on FROM effects WHERE service = ? AND standing != ''"
            " AND sent_on >= ? ORDER BY rowid",
            (service, since),
        )
        return [(*row,) for row in rows]

    def incidents(self, service: str) -> dict[str, tuple[str, str, str]]:
        """The first incident of every revoked permission: run, when, what happened."""
        rows = self._db.execute(
            "SELECT standing, run, at, says FROM incidents WHERE service = ? ORDER BY rowid DESC", (service,)
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def in_doubt(self, service: str, before: datetime) -> bool:
        """Whether of some effect nobody knows what became of it, or it was begun before an instant and not ended."""
        row = self._db.execute(
            "SELECT 1 FROM effects WHERE service = ? AND (state = 'unknown' OR (state = 'sending' AND at < ?)) LIMIT 1",
            (service, before.isoformat()),
        ).fetchone()
        return row is not None

    def written_near_strangers(self, service: str, post: int) -> bool:
        """Whether a run that has read words of strangers made or changed a post."""
        row = self._db.execute(
            "SELECT 1 FROM effects JOIN runs USING (run) WHERE effects.service = ? AND object_id = ? AND outside = 1"
            " AND operation IN ('CreatePost', 'UpdatePost') LIMIT 1",
            (service, post),
        ).fetchone()
        return row is not None

    def awaited(self, service: str, until: datetime) -> list[Awaited]:
        """Posts that should be out by an instant and are not known to be, the earliest first."""
        rows = self._db.execute(
            "SELECT key, run, post, due, state FROM expected WHERE service = ? AND state IN ('', 'late') AND due <= ?"
            " ORDER BY due, post",
            (service, until.astimezone(UTC).isoformat()),
        )
        return [
            Awaited(key, run, post, datetime.fromisoformat(due), state == "late") for key, run, post, due, state in rows
        ]

    def next_awaited(self, service: str) -> datetime | None:
        """When the next post should be out."""
        row = self._db.execute("SELECT min(due) FROM expected WHERE service = ? AND state = ''", (service,)).fetchone()
        return datetime.fromisoformat(row[0]) if row and row[0] else None

    def mirror_state(self, service: str) -> MirrorState:
        """How old the mirror of a service's posts is."""
        row = self._db.execute("SELECT change, looked, scanned FROM mirror WHERE service = ?", (service,)).fetchone()
        if row is None:
            return MirrorState()
        looked, scanned = (_moment(text) if text else None for text in row[1:])
        return MirrorState(row[0], looked, scanned)

    def mirrored(self, service: str, after: int = 0) -> dict[int, MirrorPost | None]:
        """The posts that changed in the mirror after a change, as they stand now; None are those that are gone."""
        rows = self._db.execute(
            "SELECT post, body FROM mirrored WHERE service = ? AND change > ? ORDER BY post", (service, after)
        )
        return {post: MirrorPost.model_validate_json(body) if body else None for post, body in rows}

    def planned(self, service: str, now: datetime) -> tuple[MirrorPost, ...]:
        """What cards that wait, or are approved and not sent, would bring out."""
        rows = self._db.execute(
            # From the few items that wait, not from all cards there ever were.
            "SELECT body FROM items CROSS JOIN planned ON card = number WHERE service = ?"
            " AND state IN ('open', 'approved') AND expires > ? ORDER BY card, planned.post",
            (service, now.isoformat()),
        )
        return tuple(_planned(row[0]) for row in rows)

    def promoted_after(self, service: str, card: int) -> frozenset[int]:
        """Posts that later cards than this one brought out."""
        rows = self._db.execute(
            "SELECT planned.post FROM planned JOIN items ON number = card"
            " WHERE service = ? AND card > ? AND state = 'done'",
            (service, card),
        )
        return frozenset(row[0] for row in rows)

    def last_scan(self, service: str) -> RunRow | None:
        """The newest run that reads all posts."""
        row = self._db.execute(
            f"{_RUNS} WHERE service = ? AND channel = ? ORDER BY ordinal DESC LIMIT 1", (service, SCAN)
        ).fetchone()
        return _read_run(row) if row else None

    def unsettled(self) -> list[tuple[str, str]]:
        """(run, key) of effects whose outcome is not known."""
        rows = self._db.execute("SELECT run, key FROM effects WHERE state IN ('sending', 'unknown')")
        return [(run, key) for run, key in rows]


class _Rows(list[Any]):
    """What a question found."""

    def fetchone(self) -> Any:
        """The first row, or None."""
        return self[0] if self else None


class _Tables:
    """The tables, for questions. Raises JournalError where the file cannot be read any more."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def execute(self, question: str, values: Sequence[object] = ()) -> _Rows:
        """All rows that answer it."""
        try:
            return _Rows(self._db.execute(question, values))
        except UNREADABLE as error:
            raise unreadable(error) from error


def unreadable(error: Exception) -> JournalError:
    """The error of a journal whose file is damaged."""
    return JournalError(
        f"The journal cannot be read: {str(error).partition(' with text')[0]}.",
        hint="Restore runs/journal.db from a backup; `psa runs verify RUN` tells whether a run is whole.",
    )


_RUNS = "SELECT run, mode, goal, opened, updated, outcome, channel, job, date FROM runs"


def _read_run(row: tuple[str, ...]) -> RunRow:
    run, mode, goal, opened, updated, *rest = row
    return RunRow(run, mode, goal, _moment(opened), _moment(updated), *rest)


@lru_cache(maxsize=1024)
def _planned(body: str) -> MirrorPost:
    return MirrorPost.model_validate_json(body)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise unreadable(error) from error


def _read_item(row: tuple[int, str, str, str, str, str, str, str, int]) -> Item:
    number, run, kind, state, title, due, expires, at, seq = row
    return Item(
        number,
        run,
        kind,
        state,
        title,
        _moment(due) if due else None,
        _moment(expires) if expires else None,
        _moment(at),
        seq,
    )
