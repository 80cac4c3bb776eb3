"""The mirror: every post of the service as any run last read it, kept as tables beside the records.

Like the ledger, of which it is a part, it is made from the records alone and can be made anew from them: from answers
that show posts, from cards that would bring one out, and from full scans. Rules count by it what no run has read.
"""

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pydantic import MISSING

from agent.api.answers import read_text
from agent.api.catalogue import OPERATIONS, parse
from agent.api.posts import ListPosts, UpdatePost
from agent.api.types import Page, Post
from agent.journal import records as r
from agent.journal.mirror import BLOB, PER_PAGE, mirrored, planned
from agent.journal.subjects import object_id_of

SCHEMA = """
CREATE TABLE mirror (service TEXT PRIMARY KEY, change INTEGER NOT NULL, looked TEXT NOT NULL, scanned TEXT NOT NULL)
  STRICT;
CREATE TABLE mirrored (service TEXT NOT NULL, post INTEGER NOT NULL, body TEXT NOT NULL, read TEXT NOT NULL,
  change INTEGER NOT NULL, words TEXT NOT NULL, PRIMARY KEY (service, post)) STRICT;
CREATE INDEX mirrored_change ON mirrored (service, change);
CREATE TABLE planned (card INTEGER NOT NULL, service TEXT NOT NULL, post INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX planned_card ON planned (service, card);
"""
TABLES = ("mirror", "mirrored", "planned")
#: What a list does not show any more is gone, unless it was read within this time before: lists may lag behind.
LAG = timedelta(minutes=10)

#: Letters of a post's words that are kept as they were written, to name it by.
MOST_WORDS = 160

#: Operations whose answers show posts.
_SHOW = frozenset(name for name, one in OPERATIONS.items() if one.route.answer in (Post, Page[Post]))
#: The body of a post that is gone.
_GONE = ""


def mirror_record(db: sqlite3.Connection, run: str, at: str, record: r.AnyRecord) -> None:
    """Bring the mirror up to date with one record, inside the caller's transaction."""
    match record:
        case r.Read() if record.operation in _SHOW:
            _take(db, run, at, record.operation, record.arguments, record.body)
        case r.ReadFailed(operation="GetPost", status=404):
            _gone(db, run, at, object_id_of(record.arguments))
        case r.Outcome(state="applied"):
            row = db.execute("SELECT operation, arguments FROM effects WHERE key = ?", (record.key,)).fetchone()
            if row and row[0] == "DeletePost":
                _gone(db, run, at, object_id_of(row[1]))
            elif row and row[0] in _SHOW and record.body:
                _take(db, run, at, row[0], row[1], record.body)
        case r.Card(operation="UpdatePost"):
            _plan(db, run, record)
        case r.Scanned():
            service = _service(db, run)
            began = record.began.astimezone(UTC).isoformat(timespec="microseconds")
            _change(db, service, scanned=began)
            if record.whole:
                _not_shown(db, service, record.began)
        case _:
            pass


def _service(db: sqlite3.Connection, run: str) -> str:
    row = db.execute("SELECT service FROM runs WHERE run = ?", (run,)).fetchone()
    return str(row[0]) if row else ""


def _change(db: sqlite3.Connection, service: str, *, looked: str = "", scanned: str = "") -> int:
    """The number of the next change; the times only go forward."""
    db.execute(
        "INSERT INTO mirror VALUES (?, 1, ?, ?) ON CONFLICT (service) DO UPDATE SET change = change + 1,"
        " looked = max(looked, excluded.looked), scanned = max(scanned, excluded.scanned)",
        (service, looked, scanned),
    )
    return int(db.execute("SELECT change FROM mirror WHERE service = ?", (service,)).fetchone()[0])


def _take(db: sqlite3.Connection, run: str, at: str, operation: str, arguments: str, body: str) -> None:
    """Take in the posts of an answer; one that cannot be read is none."""
    with suppress(ValueError, KeyError, TypeError):
        answer = read_text(OPERATIONS[operation].route, loaded(db, body))
        page = answer if isinstance(answer, Page) else None
        service = _service(db, run)
        first = page is not None and _is_newest(arguments)
        whole = first and page is not None and _is_all(page)
        change = _change(db, service, looked=at if first else "", scanned=at if whole else "")
        for post in page.data if page is not None else (answer,):
            words = " ".join(post.text.split())[:MOST_WORDS]
            _put(db, service, post.id, mirrored(post).model_dump_json(), at, change, words)
        if whole:
            _not_shown(db, service, datetime.fromisoformat(at))


def loaded(db: sqlite3.Connection, body: str) -> str:
    """A text that may be kept apart; empty where it is missing."""
    if not body.startswith(BLOB):
        return body
    row = db.execute("SELECT body FROM blobs WHERE hash = ?", (body[len(BLOB) :],)).fetchone()
    return str(row[0]) if row else ""


def _is_newest(arguments: str) -> bool:
    """Whether a list of posts was asked for from its beginning, of all workspaces, as long as it can be."""
    call = ListPosts.model_validate_json(arguments)
    all_of_it = call.workspace_id is MISSING and call.per_page in (MISSING, PER_PAGE)
    return all_of_it and call.page in (MISSING, 1)


def _is_all(page: Page[Post]) -> bool:
    """Whether a first page shows all there is; a full one is not believed to, unless it counts them."""
    return len(page.data) == page.total or (
        len(page.data) < PER_PAGE and page.last_page in (None, 1) and not page.has_next
    )


def _put(db: sqlite3.Connection, service: str, post: int, body: str, at: str, change: int, words: str = "") -> None:
    """Keep a post as read at a time, unless it was read later already; of one that is gone the words stay."""
    db.execute(
        "INSERT INTO mirrored VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (service, post) DO UPDATE SET read = excluded.read,"
        " change = CASE WHEN body = excluded.body THEN change ELSE excluded.change END, body = excluded.body,"
        " words = CASE WHEN excluded.body = '' THEN words ELSE excluded.words END WHERE excluded.read >= read",
        (service, post, body, at, change, words),
    )


def _gone(db: sqlite3.Connection, run: str, at: str, post: int) -> None:
    service = _service(db, run)
    _put(db, service, post, _GONE, at, _change(db, service))


def _not_shown(db: sqlite3.Connection, service: str, began: datetime) -> None:
    """All posts were read: what was last read before that is gone."""
    before = (began - LAG).astimezone(UTC).isoformat(timespec="microseconds")
    change = _change(db, service)
    db.execute(
        "UPDATE mirrored SET body = '', change = ? WHERE service = ? AND read < ? AND body != ''",
        (change, service, before),
    )


def _plan(db: sqlite3.Connection, run: str, card: r.Card) -> None:
    """What a card would bring out."""
    for part in card.parts:
        call = parse(card.operation, part.arguments)
        if isinstance(call, UpdatePost) and call.schedule_type != "draft":
            row = (card.number, _service(db, run), call.id, planned(call).model_dump_json())
            db.execute("INSERT INTO planned VALUES (?, ?, ?, ?)", row)
