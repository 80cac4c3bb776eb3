"""The ledger: questions over what all runs of a home add up to, answered from its tables (`ledger_tables.py`)."""

import re
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from agent.journal import records as r
from agent.journal.findings import Finding
from agent.journal.ledger_tables import UNREADABLE, unreadable
from agent.journal.mirror import SCAN, MirrorPost, MirrorState
from agent.journal.overview import Overview


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
class RunsLike:
    """Which runs are asked for: `whose` is `goals` (of an agent), `own` (a person's own calls) or empty.

    No outcome means any; the empty one is that of a run which moves. `words` are part of the goal, in any case.
    """

    whose: str = ""
    outcomes: tuple[str, ...] = ()
    words: str = ""


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
    #: The zone that a card's due time is meant in; empty where it has none.
    zone: str = ""
    #: The card that waits about a draft of the queue.
    waits_as: int | None = None


@dataclass(frozen=True)
class Awaited:
    """A post that should be out at `due`; `late` where that was found already."""

    key: str
    run: str
    post: int
    due: datetime
    late: bool


class Ledger:
    """Questions over all runs of a home; `service` keeps the sandbox and the real service apart."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = _Tables(db)
        #: Numbers over time, and what rules found.
        self.overview = Overview(self._db)

    def runs(self, limit: int = 50) -> list[RunRow]:
        """The newest runs first."""
        rows = self._db.execute(f"{_RUNS} ORDER BY ordinal DESC LIMIT ?", (limit,))
        return [_read_run(row) for row in rows]

    def run(self, run: str) -> RunRow | None:
        """One run of the list."""
        row = self._db.execute(f"{_RUNS} WHERE run = ?", (run,)).fetchone()
        return _read_run(row) if row else None

    def runs_like(self, wanted: RunsLike, limit: int = 50, before: int = 0) -> list[RunRow]:
        """The newest runs first that are as wanted; with `before` only those older than the run of this number."""
        outcomes, words = wanted.outcomes, re.sub(r"([\\%_])", r"\\\1", wanted.words)
        # Found by narrow rows first: sorting whole ones takes three times as long.
        fits = (
            "(? = 0 OR ordinal < ?) AND (? = '' OR (mode = 'person') = (? = 'own'))"
            f" AND (? OR outcome IN ({', '.join('?' for _ in outcomes)})) AND (? = '' OR goal LIKE ? ESCAPE '\\')"
        )
        rows = self._db.execute(
            f"{_RUNS} WHERE rowid IN (SELECT rowid FROM runs WHERE {fits} ORDER BY ordinal DESC LIMIT ?)"  # noqa: S608 - only marks are put in
            " ORDER BY ordinal DESC",
            (before, before, wanted.whose, wanted.whose, not outcomes, *outcomes, words, f"%{words}%", limit),
        )
        return [_read_run(row) for row in rows]

    def conversations(self, service: str, limit: int = 20) -> list[RunRow]:
        """The newest conversations first."""
        rows = self._db.execute(
            f"{_RUNS} WHERE service = ? AND channel = 'chat' ORDER BY ordinal DESC LIMIT ?", (service, limit)
        )
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
            f"{_ITEMS} WHERE state IN ({marks}) ORDER BY due = '', due, expires = '', expires, number",
            states,
        )
        return [_read_item(row) for row in rows]

    def waiting(
        self,
        service: str,
        now: datetime,
        *,
        kind: str = "",
        words: str = "",
        workspace: int = 0,
        most: int = -1,
        skip: int = 0,
    ) -> list[Item]:
        """What waits for a person on this service and is not expired, most urgent first.

        Of one `kind`, with `words` in its title, at most so many after those that are skipped, where that is said; of
        a `workspace`, with what is of no workspace that is known.
        """
        rows = self._db.execute(
            # Found by narrow rows first: what an item tells besides is looked up for those alone that are shown.
            f"{_ITEMS} WHERE number IN (SELECT number {_WAITING} AND (? = '' OR kind = ?)"
            f" ORDER BY {_URGENT} LIMIT ? OFFSET ?) ORDER BY {_URGENT}",
            (*_asked_for(service, now, words, workspace), kind, kind, most, skip),
        )
        return [_read_item(row) for row in rows]

    def kinds_waiting(self, service: str, now: datetime, *, words: str = "", workspace: int = 0) -> dict[str, int]:
        """How many items of each kind `waiting` tells."""
        rows = self._db.execute(
            f"SELECT kind, count(*) {_WAITING} GROUP BY kind ORDER BY kind", _asked_for(service, now, words, workspace)
        )
        return {kind: int(count) for kind, count in rows}

    def count_waiting(self, service: str, now: datetime) -> int:
        """How many items `waiting` tells in all."""
        return sum(self.kinds_waiting(service, now).values())

    def item(self, number: int) -> Item | None:
        """One item by its number."""
        row = self._db.execute(f"{_ITEMS} WHERE number = ?", (number,)).fetchone()
        return _read_item(row) if row else None

    def drafts_made(self, service: str) -> frozenset[int]:
        """Ids of the posts that runs of this home created as drafts."""
        rows = self._db.execute(
            "SELECT object_id FROM effects WHERE service = ? AND operation = 'CreatePost' AND state = 'applied'",
            (service,),
        )
        return frozenset(row[0] for row in rows if row[0] is not None)

    def draft_left_by(self, service: str, post: int) -> str:
        """The run that left a post in the queue as a draft, the newest one; empty where none did."""
        row = self._db.execute(
            "SELECT run FROM items JOIN runs USING (run) WHERE kind = 'draft' AND post = ? AND service = ?"
            " ORDER BY number DESC LIMIT 1",
            (post, service),
        ).fetchone()
        return str(row[0]) if row else ""

    def draft_waiting(self, service: str, post: int) -> int:
        """The number under which a post waits in the queue as a draft; 0 where it does not."""
        row = self._db.execute(
            "SELECT max(number) FROM items JOIN runs USING (run)"
            " WHERE kind = 'draft' AND state = 'open' AND post = ? AND service = ?",
            (post, service),
        ).fetchone()
        return int(row[0] or 0)

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

    def deleted_posts(self, service: str) -> frozenset[int]:
        """Ids of the posts that this home deleted."""
        rows = self._db.execute(
            "SELECT json_extract(arguments, '$.id') FROM effects"
            " WHERE service = ? AND operation = 'DeletePost' AND state = 'applied'",
            (service,),
        )
        return frozenset(post for (post,) in rows)

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

    def spent(self, since: datetime) -> float:
        """What the models of all runs have cost since an instant, in US dollars; a turn under way by its worst case."""
        question = "SELECT coalesce(sum(money), 0.0) FROM spending WHERE at > ?"
        return float(self._db.execute(question, (since.isoformat(),)).fetchone()[0])

    def uploads(self, service: str, media: Collection[int]) -> dict[int, str]:
        """The arguments of the uploads that made these library items."""
        marks = ", ".join("?" for _ in media)
        rows = self._db.execute(
            "SELECT object_id, arguments FROM effects WHERE service = ? AND state = 'applied'"  # noqa: S608 - only marks are put in
            f" AND operation = 'UploadMediaFile' AND object_id IN ({marks})",
            (service, *media),
        )
        return {row[0]: row[1] for row in rows}

    # -- what the newest runs read, and what runs did with a post --------------------------------------------------

    def last_reads(self, service: str, operations: Collection[str], runs: int, most: int) -> list[r.Read]:
        """Reads of these operations by the newest runs, the newest first."""
        marks = ", ".join("?" for _ in operations)
        rows = self._db.execute(
            "SELECT body FROM (SELECT run, ordinal FROM runs WHERE service = ? ORDER BY ordinal DESC LIMIT ?)"  # noqa: S608 - only marks are put in
            f" CROSS JOIN records USING (run) WHERE kind = 'read' AND json_extract(body, '$.operation') IN ({marks})"
            " ORDER BY ordinal DESC, seq DESC LIMIT ?",
            (service, runs, *operations, most),
        )
        return [r.Read.model_validate_json(row[0]) for row in rows]

    def about_post(self, service: str, post: int, runs: int, most: int) -> list[tuple[str, datetime, r.AnyRecord]]:
        """Run, time and record of what the newest runs read, judged, decided and sent that names a post, in order.

        Looked through are the newest runs of all, and those that wrote the post or would have brought it out. A record
        is there where the post's number stands in it, so that some are about another thing of that number.
        """
        rows = self._db.execute(
            "SELECT run, at, body FROM (SELECT run FROM (SELECT run FROM runs WHERE service = ? ORDER BY ordinal DESC"
            " LIMIT ?) UNION SELECT run FROM effects WHERE service = ? AND object_id = ?"
            " UNION SELECT run FROM items JOIN planned ON card = number WHERE service = ? AND planned.post = ?)"
            " CROSS JOIN records USING (run) WHERE (kind IN ('card', 'decided', 'judged', 'intent') AND (body LIKE ?"
            " OR json_extract(body, '$.key') IN (SELECT key FROM effects WHERE service = ? AND object_id = ?)))"
            " OR (kind = 'read' AND body LIKE ?) OR (kind = 'outcome' AND json_extract(body, '$.object_id') = ?)"
            " ORDER BY at DESC, records.rowid DESC LIMIT ?",
            (*(service, runs), *(service, post) * 2, f"%{post}%", *(service, post), f'%"GetPost"%{post}%', post, most),
        )
        return [(run, datetime.fromisoformat(at), r.READER.validate_json(body)) for run, at, body in rows][::-1]

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

    def written_elsewhere(self, service: str, post: int, run: str, since: datetime) -> bool:
        """Whether another run than this one began to change a post at an instant or after it."""
        row = self._db.execute(
            "SELECT 1 FROM effects WHERE service = ? AND object_id = ? AND run != ? AND at >= ? LIMIT 1",
            (service, post, run, since.astimezone(UTC).isoformat(timespec="microseconds")),
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
        return tuple(post for _, post in self.planned_by(service, now))

    def planned_by(self, service: str, now: datetime) -> tuple[tuple[int, MirrorPost], ...]:
        """The same, each with the number of its card."""
        rows = self._db.execute(
            # From the few items that wait, not from all cards there ever were.
            "SELECT card, body FROM items CROSS JOIN planned ON card = number WHERE service = ?"
            " AND state IN ('open', 'approved') AND expires > ? ORDER BY card, planned.post",
            (service, now.isoformat()),
        )
        return tuple((card, _planned(body)) for card, body in rows)

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


#: The order of the queue.
_URGENT = "due = '', due, expires = '', expires, number"
_WAITING = (
    "FROM items JOIN runs USING (run) WHERE service = ? AND state IN ('open', 'approved')"
    " AND (expires = '' OR expires > ?) AND (? = '' OR title LIKE ? ESCAPE '!')"
    " AND (? = 0 OR workspace IN (0, ?))"
)


def _asked_for(service: str, now: datetime, words: str, workspace: int) -> tuple[str, str, str, str, int, int]:
    """The values that `_WAITING` asks for. Signs that stand for others are taken as they are written."""
    escaped = words.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return service, now.isoformat(), words, f"%{escaped}%", workspace, workspace


_RUNS = "SELECT run, mode, goal, opened, updated, outcome, channel, job, date FROM runs"


def _read_run(row: tuple[str, ...]) -> RunRow:
    run, mode, goal, opened, updated, *rest = row
    return RunRow(run, mode, goal, _moment(opened), _moment(updated), *rest)


@lru_cache(maxsize=4096)
def _planned(body: str) -> MirrorPost:
    return MirrorPost.model_validate_json(body)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise unreadable(error) from error


#: An item, the instant with zone that its card is due, and the card that waits about its draft.
_ITEMS = (
    "SELECT number, items.run, items.kind, items.state, title, due, expires, items.at, items.seq,"
    " (SELECT json_extract(body, '$.parts[0].instant') FROM records WHERE due != '' AND json_valid(body)"
    " AND records.run = items.run AND records.seq = items.seq),"
    " (SELECT max(card) FROM card_objects JOIN items AS other ON other.number = card"
    " WHERE items.kind = 'draft' AND other.state IN ('open', 'approved') AND object = items.post"
    " AND operation IN ('UpdatePost', 'DeletePost')"
    " AND card_objects.service = (SELECT service FROM runs WHERE runs.run = items.run))"
    " FROM items"
)


def _read_item(row: tuple[Any, ...]) -> Item:
    number, run, kind, state, title, due, expires, at, seq, instant, card = row
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
        (instant or "").partition(" ")[2],
        card,
    )
