"""The mirror: every post of the service as any run last read it, kept as tables beside the records.

Like the ledger, of which it is a part, it is made from the records alone and can be made anew from them: from answers
that show posts, from cards that would bring one out, and from full scans. Rules count by it what no run has read.
"""

import json
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import MISSING, BaseModel, ConfigDict

from agent.api.answers import read_answer
from agent.api.catalogue import OPERATIONS, parse
from agent.api.networks import TEXT_FIELD
from agent.api.posts import ListPosts, ScheduleFor, UpdatePost
from agent.api.types import OUT, Page, PlatformRow, Post
from agent.journal import records as r
from agent.journal.subjects import object_id_of
from agent.text import folded

SCHEMA = """
CREATE TABLE mirror (service TEXT PRIMARY KEY, change INTEGER NOT NULL, looked TEXT NOT NULL, scanned TEXT NOT NULL)
  STRICT;
CREATE TABLE mirrored (service TEXT NOT NULL, post INTEGER NOT NULL, body TEXT NOT NULL, read TEXT NOT NULL,
  change INTEGER NOT NULL, PRIMARY KEY (service, post)) STRICT;
CREATE INDEX mirrored_change ON mirrored (service, change);
CREATE TABLE planned (card INTEGER NOT NULL, service TEXT NOT NULL, post INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX planned_card ON planned (service, card);
"""
TABLES = ("mirror", "mirrored", "planned")
#: Longer texts are kept once, by hash, under a name that begins so.
BLOB = "blob:"
#: What a list does not show any more is gone, unless it was read within this time before: lists may lag behind.
LAG = timedelta(minutes=10)

#: Operations whose answers show posts.
_SHOW = frozenset(name for name, one in OPERATIONS.items() if one.route.answer in (Post, Page[Post]))
#: How the keys of reads end that only fill the mirror: their body is `lean`, and their run knows nothing of them.
MIRRORS = ".posts"
#: The channel of runs that read all posts.
SCAN = "scan"
#: Posts that one request can show.
PER_PAGE = 100
#: The body of a post that is gone.
_GONE = ""


class MirrorPost(BaseModel):
    """What rules need of a post. Times are as the service wrote them: in its workspace's zone unless they say more.

    `accounts` are those it is to go, or went, out on; `networks` those of rows that do not name their account. `out`
    are the times it was published, `text` its words and `own` those for one network alone, folded. `repeats` is how
    often it still goes out after the next time, every how many of which unit; `again` the accounts for that, all where
    it is empty. Status PLANNED is a call that waits on a card; without `due` it would publish at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    workspace: int | None = None
    status: str
    accounts: tuple[int, ...] = ()
    networks: tuple[str, ...] = ()
    due: str = ""
    out: tuple[str, ...] = ()
    made: str = ""
    text: str = ""
    own: dict[str, str] = {}
    repeats: tuple[int, int, str] | None = None
    again: tuple[int, ...] = ()

    def text_on(self, network: str) -> str:
        """Its words on a network."""
        return self.own.get(network) or self.text


@dataclass(frozen=True)
class MirrorState:
    """How old it is: `change` counts what came in, `looked` is when the newest posts were read, `scanned` when all."""

    change: int = 0
    looked: datetime | None = None
    scanned: datetime | None = None


# -- what the service shows, made small --------------------------------------------------------------------------------


def mirrored(post: Post) -> MirrorPost:
    """A post as the mirror keeps it."""
    rows = [row for row in post.platforms if row.status != "FAILED"]
    words = [item.text or "" for item in post.content if not item.is_first_comment]
    own = {row.platform: folded(text) for row in rows if (text := _own_text(row))}
    left = post.remaining_posts if post.remaining_posts is not None else post.repeatable_times
    repeats = (left, post.repeatable_gap, post.repeatable_gap_unit)
    out = {*post.posted_on, *(time for row in rows for time in row.posted_on)}
    last = post.updated_at or post.created_at or ""
    return MirrorPost(
        id=post.id,
        workspace=post.home,
        status=post.status,
        accounts=tuple(sorted({row.shown_account_id for row in rows if row.shown_account_id is not None})),
        networks=tuple(sorted({row.platform for row in rows if row.shown_account_id is None})),
        due=post.scheduled_at or "",
        # Out, but nobody says since when: when it was last changed.
        out=tuple(sorted(out)) or ((last,) if post.status in OUT and not post.scheduled_at and last else ()),
        made=post.created_at or "",
        text=folded("\n".join(words)),
        own=own,
        repeats=repeats if post.repeatable and None not in repeats else None,  # type: ignore[arg-type]  # none is None
        again=post.repeatable_accounts or (),
    )


def _own_text(row: PlatformRow) -> str:
    text = row.settings.get(TEXT_FIELD.get(row.platform, ""))
    return text if isinstance(text, str) else ""


def planned(call: UpdatePost) -> MirrorPost:
    """What a call would bring out, as the mirror keeps it."""
    when = call.schedule_for if isinstance(call.schedule_for, ScheduleFor) else None
    accounts = () if call.accounts is MISSING else call.accounts
    repeats = (call.repeatable_times, call.repeatable_gap, call.repeatable_gap_unit)
    return MirrorPost(
        id=call.id,
        workspace=call.workspace_id,
        status="PLANNED",
        accounts=tuple(target.id for target in accounts),
        due=f"{when.date} {when.time}" if when else "",
        repeats=repeats if call.repeatable is True and None not in repeats and MISSING not in repeats else None,  # type: ignore[arg-type]
        again=() if call.repeatable_accounts is MISSING else call.repeatable_accounts,
    )


def lean(page: Page[Post]) -> str:
    """A page of posts as it is journaled where it only fills the mirror: an answer of the service without all else."""
    kept: dict[str, Any] = {"data": [_lean(post) for post in page.data], "current_page": page.current_page}
    for name in ("last_page", "total", "has_next"):
        if (value := getattr(page, name)) is not None:
            kept[name] = value
    if page.has_next is not None:  # only this envelope says so
        kept["links"] = {"next": "more" if kept.pop("has_next") else None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _lean(post: Post) -> dict[str, Any]:
    shown = post.model_dump(mode="json", include=_KEPT, exclude_none=True, exclude_defaults=True)
    rows = [
        {"platform": row.platform, "status": row.status, "posted_on": row.posted_on, "account_id": row.shown_account_id}
        | ({"settings": {TEXT_FIELD[row.platform]: text}} if (text := _own_text(row)) else {})
        for row in post.platforms
    ]
    content = [{"text": item.text, "is_first_comment": item.is_first_comment} for item in post.content]
    return {**shown, "workspace_id": post.home, "content": content, "platforms": rows}


_KEPT = {
    "id",
    "status",
    "scheduled_at",
    "posted_on",
    "repeatable",
    "repeatable_times",
    "repeatable_gap",
    "repeatable_gap_unit",
    "remaining_posts",
    "repeatable_accounts",
    "created_at",
    "updated_at",
}


# -- from records to tables --------------------------------------------------------------------------------------------


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
        answer = read_answer(OPERATIONS[operation].route, json.loads(_loaded(db, body)))
        page = answer if isinstance(answer, Page) else None
        service = _service(db, run)
        first = page is not None and _is_newest(arguments)
        whole = first and page is not None and _is_all(page)
        change = _change(db, service, looked=at if first else "", scanned=at if whole else "")
        for post in page.data if page is not None else (answer,):
            _put(db, service, post.id, mirrored(post).model_dump_json(), at, change)
        if whole:
            _not_shown(db, service, datetime.fromisoformat(at))


def _loaded(db: sqlite3.Connection, body: str) -> str:
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


def _put(db: sqlite3.Connection, service: str, post: int, body: str, at: str, change: int) -> None:
    """Keep a post as read at a time, unless it was read later already."""
    db.execute(
        "INSERT INTO mirrored VALUES (?, ?, ?, ?, ?) ON CONFLICT (service, post) DO UPDATE SET read = excluded.read,"
        " change = CASE WHEN body = excluded.body THEN change ELSE excluded.change END, body = excluded.body"
        " WHERE excluded.read >= read",
        (service, post, body, at, change),
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
