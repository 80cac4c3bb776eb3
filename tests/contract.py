"""The contract of effects, checked by comparing the sandbox's own log with the journals. Shared by all torture.

(a) every applied effect belongs to one key; (b) every key has at most one application; (c) outcome applied = 1,
rejected and not sent = 0, unknown = 0 or 1 and an open task; (d) once settled, no unknown is left that a read could
settle; (e) replaying a journal gives the same state with no request; (f) every guarded effect has one decision by an
allowed role, unexpired, for exactly those bytes, used for one key; or it is the promotion of a draft that fits an
unexpired standing permission, which the intent names and the caller knows to have been given.

The checker reads the records itself: what the product says about classes of effects is not believed.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.api.catalogue import parse
from agent.api.endpoint import Endpoint
from agent.gate.cards import card_digest
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.store import SqliteStore, open_store
from agent.journal.subjects import object_id_of
from agent.report import report_of
from agent.sandbox.state import State

#: Calls that only make the service fetch: they are repeated freely.
SYNCS = frozenset({"SyncComments", "SyncPostAnalytics", "AnalyzeTwitterPost"})
#: What needs no decision rests on a reading that is no older than this.
READ_AT_MOST = timedelta(seconds=10)
#: Calls that need a person always.
GUARDED = frozenset(
    {
        "CreateComment",
        "UpdateComment",
        "HideComment",
        "UpdatePostAutoPlug",
        "UpdatePostCommentModeration",
        "UpdatePostContactCollection",
    }
)
ROLES = {"viewer": 0, "editor": 1, "owner": 2}
OURS = "mara"


@dataclass
class Tally:
    """What was compared, and every breach in words."""

    effects: int = 0
    guarded: int = 0
    keys: int = 0
    unknown: int = 0
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unapproved: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def breaches(self) -> list[str]:
        return [*self.doubled, *self.lost, *self.unapproved, *self.other]

    def add(self, other: "Tally") -> None:
        """Take another comparison's numbers and breaches in."""
        for name in ("effects", "guarded", "keys", "unknown"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("doubled", "lost", "unapproved", "other"):
            getattr(self, name).extend(getattr(other, name))

    def line(self, cases: int, kills: int | None = None) -> str:
        """The numbers that torture prints."""
        killed = f"{kills} kills, " if kills is not None else ""
        return (
            f"{cases} cases, {killed}{self.effects} effects, {len(self.doubled)} doubled, {len(self.lost)} lost, "
            f"{len(self.unapproved)} unapproved, {len(self.other)} other breaches, {self.unknown} left unknown"
        )


@dataclass
class Key:
    """One effect as the records tell it."""

    run: str
    name: str
    intents: list[tuple[int, datetime, r.Intent]] = field(default_factory=list)
    outcome: r.Outcome | None = None

    @property
    def intent(self) -> r.Intent:
        return self.intents[-1][2]

    @property
    def call(self) -> Endpoint[Any]:
        return parse(self.intent.operation, self.intent.arguments)

    @property
    def open(self) -> bool:
        """Whether it may have been applied or not."""
        return self.outcome is None or self.outcome.state == "unknown"


@dataclass
class RunRecords:
    """The records of one run, and what the checker makes of them."""

    run: str
    entries: list[tuple[int, datetime, r.AnyRecord]]
    keys: dict[str, Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for seq, at, record in self.entries:
            if isinstance(record, r.Intent):
                key = self.keys.setdefault(record.key, Key(self.run, record.key))
                key.intents.append((seq, at, record))
                key.outcome = None
            elif isinstance(record, r.Outcome):
                known = self.keys[record.key].outcome
                if known is None or (known.state not in {"applied", "rejected"} and known.settled != "person"):
                    self.keys[record.key].outcome = record

    def of_kind(self, kind: type[Any]) -> list[tuple[int, datetime, Any]]:
        return [entry for entry in self.entries if isinstance(entry[2], kind)]

    @property
    def open_tasks(self) -> dict[str, r.Task]:
        closed = {record.number for _, _, record in self.of_kind(r.TaskClosed)}
        return {task.key: task for _, _, task in self.of_kind(r.Task) if task.number not in closed}

    @property
    def opened(self) -> r.Opened:
        first = self.entries[0][2]
        assert isinstance(first, r.Opened)
        return first


def compare(
    box: State,
    store: SqliteStore,
    *,
    settled: bool = True,
    edited: Sequence[int] = (),
    journals: Sequence["RunRecords"] | None = None,
    replay_every: int = 1,
    given: Sequence[Mapping[str, Any]] = (),
) -> Tally:
    """Compare the sandbox's log with all journals of a store.

    `settled` says that the service is healthy and every run was resumed to its end; `edited` names posts that somebody
    else changed or deleted (their reading may settle nothing). `journals` are all runs where the caller has read them
    already; of very many every so-manieth is replayed.
    """
    tally = Tally()
    log = [one for one in box.effects() if one["user"] == OURS and one["operation"] not in SYNCS]
    journals = all_records(store) if journals is None else journals
    keys = [key for journal in journals for key in journal.keys.values()]
    tally.effects, tally.keys = len(log), len(keys)
    ours = {post for one in log if one["operation"] == "CreatePost" for post in one["ids"].get("post", ())}
    belongs = _count(tally, box, log, keys, set(edited))
    for at, journal in enumerate(journals):
        _unknowns(tally, journal, settled=settled, edited=set(edited))
        if at % replay_every == 0:
            _replays(tally, store, journal)
    of_run = {journal.run: journal for journal in journals}
    for one in log:
        if not is_guarded(one, ours, [of_run[key.run] for key in belongs[_request_of(one)]]):
            continue
        tally.guarded += 1
        whys = [
            _not_standing(of_run[key.run], key, one, given)
            if key.intent.standing is not None
            else _not_approved(of_run[key.run], key)
            for key in belongs[_request_of(one)]
        ]
        if not whys or all(whys):
            tally.unapproved.append(f"effect {one['seq']} {one['operation']} {one['path']}: {whys or 'in no journal'}")
    _too_often(tally, keys, given)
    _revoked(tally, journals)
    return tally


def all_records(store: SqliteStore) -> list[RunRecords]:
    """The records of every run of a store."""
    return [records_of(store, row.run) for row in store.ledger.runs(1_000_000)]


def records_of(store: SqliteStore, run: str) -> RunRecords:
    """A run's records."""
    return RunRecords(run, [(entry.seq, entry.at, entry.record) for entry in store.read(run)])


def _request_of(logged: Mapping[str, Any]) -> str:
    """What makes two requests the same: operation, path and body."""
    body = logged["body"].get("file", logged["body"])
    return json.dumps([logged["operation"], logged["path"], body], sort_keys=True)


def _request_sent(key: Key) -> str:
    request = key.call.request()
    body: Any = json.loads(request.body) if request.body else {}
    if request.file is not None:
        body = {"name": request.file.name, "sha256": request.file.sha256, "size": request.file.size}
    return json.dumps([key.intent.operation, request.path, body], sort_keys=True)


def _count(
    tally: Tally, box: State, log: Sequence[Mapping[str, Any]], keys: Sequence[Key], edited: set[int]
) -> dict[str, list[Key]]:
    """Breaches of (a), (b) and (c): how often each request was applied, against what the journals say of it."""
    belongs: defaultdict[str, list[Key]] = defaultdict(list)
    for key in keys:
        belongs[_request_sent(key)].append(key)
    applied = Counter(_request_of(one) for one in log)
    for request in {*belongs, *applied}:
        mine = belongs[request]
        most = sum(key.open or _is(key, "applied") for key in mine)
        least = sum(_is(key, "applied") for key in mine)
        told = f"{request[:160]}: {applied[request]} applied, journal says {[_state(key) for key in mine]}"
        if applied[request] > most:
            made = [one for one in log if _request_of(one) == request]
            if applied[request] > most + _taken_away(box, made, keys, edited):
                tally.doubled.append(told)
        if applied[request] < least and not _changed_nothing(box, mine[0]) and not _went_with_another(box, mine):
            tally.lost.append(told)
    claimed = Counter(
        (key.intent.operation, key.outcome.object_id)
        for key in keys
        if key.outcome and key.intent.operation.startswith("Create") and _is(key, "applied")
        if key.outcome.object_id is not None
    )
    tally.other += [f"{claim} is claimed by {count} keys" for claim, count in claimed.items() if count > 1]
    return belongs


def _is(key: Key, state: str) -> bool:
    return key.outcome is not None and key.outcome.state == state


def _state(key: Key) -> str:
    return f"{key.name} {key.outcome.state if key.outcome else 'sending'}"


def _changed_nothing(box: State, key: Key) -> bool:
    """A value that was set already is no effect; the request must have been answered all the same."""
    request = key.call.request()
    return any(
        one["verb"] in {request.verb, key.call.route.also}
        and one["target"].endswith(request.path)
        and (one["status"] == 0 or one["status"] < 300)
        for one in box.requests()
    )


def _taken_away(box: State, made: Sequence[Mapping[str, Any]], keys: Sequence[Key], edited: set[int]) -> int:
    """How many drafts somebody else deleted before anybody could look for them: no reading shows that they were."""
    ids = {post for one in made if one["operation"] == "CreatePost" for post in one["ids"].get("post", ())}
    ours = {key.outcome.object_id for key in keys if key.outcome is not None}
    deleted = {post for one in box.effects() if one["operation"] == "DeletePost" for post in one["ids"].get("post", ())}
    return len((ids & edited) - ours - deleted - {post["id"] for post in box.export()["posts"]})


def _kind(key: Key) -> str:
    """What a deletion deletes, as the sandbox's log names it."""
    return key.intent.operation.removeprefix("Delete").lower()


def _went_with_another(box: State, keys: Sequence[Key]) -> bool:
    """Whether what was to be deleted is gone by another call, such as a folder with the one that it lay in.

    Then a reading shows what was wanted, and nobody can tell by which of the two.
    """
    gone = [one["ids"] for one in box.effects() if one["verb"] == "DELETE"]
    return all(
        key.intent.operation.startswith("Delete")
        and key.outcome is not None
        and (key.outcome.state != "applied" or key.outcome.settled == "reading")
        and any(object_id_of(key.intent.arguments) in ids.get(_kind(key), ()) for ids in gone)
        for key in keys
    )


def _unknowns(tally: Tally, journal: RunRecords, *, settled: bool, edited: set[int]) -> None:
    """Breaches of (c) and (d)."""
    tasks = journal.open_tasks
    for key in journal.keys.values():
        if not key.open or (key.outcome is not None and key.outcome.settled == "person"):
            continue
        tally.unknown += 1
        if key.name not in tasks and settled:
            tally.other.append(f"{_state(key)} {key.intent.operation} has no open task")
        if settled and reading_settles(key, edited):
            tally.other.append(f"{_state(key)} {key.intent.operation}: a reading could settle it")


def reading_settles(key: Key, edited: set[int]) -> bool:
    """Whether a reading of a healthy service tells what became of this effect (DESIGN section 4)."""
    call = key.call
    about = getattr(call, "id", None)
    match key.intent.operation:
        case operation if operation.startswith("Delete"):
            return True
        case "UpdatePost":
            again = getattr(call, "repeatable", None) is True or getattr(call, "schedule_type", "") == "publish_now"
            return not again and about not in edited and _changes_what_shows(key)
        case "UpdateLabel":
            return _before(key).get("color") is not None
        case _:
            return False


def _before(key: Key) -> dict[str, Any]:
    """The object as it was before; empty where the record only points to it."""
    try:
        found: dict[str, Any] = json.loads(key.intent.before)
    except ValueError:
        return {}
    return found


def _changes_what_shows(key: Key) -> bool:
    """Whether a PUT of a post changes anything that a reading shows: not its campaign, blanks, or a draft's time."""
    before, sent = _before(key), json.loads(key.intent.arguments)
    if not before:
        return True
    hidden = sent["schedule_type"] == "draft" and not before["scheduled_at"]
    when = {} if hidden else sent.get("schedule_for") or {}
    shown = (
        [((one["text"] or "").split(), [file["id"] for file in one["media"]]) for one in before["content"]],
        before["status"],
        sorted(one["id"] for one in before["labels"]),
        sorted(one["account_id"] or 0 for one in before["platforms"]),
    )
    wanted = (
        [((one.get("text") or "").split(), list(one.get("media", ()))) for one in sent["content"]],
        {"draft": "DRAFT", "schedule": "SCHEDULED"}.get(sent["schedule_type"]),
        sorted(sent.get("labels", shown[2])),
        sorted(one["id"] for one in sent.get("accounts", ())),
    )
    moves = bool(when) and (before["scheduled_at"] or "")[:16].replace("T", " ") != f"{when['date']} {when['time']}"
    return shown != wanted or moves


def _replays(tally: Tally, store: SqliteStore, journal: RunRecords) -> None:
    """Breaches of (e): the same records, from the store twice, give the same state and report."""
    first = RunState(journal.run, store.load).fold(journal.entries)
    second = RunState(journal.run, store.load).fold(journal.entries)
    if first.opened is None:
        return
    if report_of(first).model_dump_json() != report_of(second).model_dump_json():
        tally.other.append(f"{journal.run} replays to another report")


def replay_is_quiet(box: State, home: Path) -> None:
    """(e) for a whole home: every journal is opened, verified and folded, and the service hears nothing of it."""
    before = len(box.requests())
    store = open_store(home)
    for row in store.ledger.runs(1_000_000):
        assert store.verify(row.run) > 0
        RunState(row.run, store.load).fold(records_of(store, row.run).entries)
    store.close()
    assert len(box.requests()) == before


def is_guarded(logged: Mapping[str, Any], ours: set[int], journals: Sequence[RunRecords]) -> bool:
    """Whether an applied effect needed a person, from the service's log and the goals alone."""
    operation, body = logged["operation"], logged["body"]
    if operation in GUARDED or operation.startswith("Delete"):
        return True
    if operation == "CreatePost":
        return bool(body.get("schedule_type") != "draft")
    if operation != "UpdatePost":
        return False
    if body.get("schedule_type") != "draft":
        return True
    post = int(logged["path"].rsplit("/", 1)[-1])
    if logged["was"].get(str(post), "DRAFT") != "DRAFT" and not _just_read_as_a_draft(logged, post, journals):
        return True
    if post in ours or any(journal.opened.mode == "person" for journal in journals):
        return False
    goals = " ".join(goal.text for journal in journals for _, _, goal in journal.of_kind(r.Goal))
    return str(post) not in goals and not _labels_alone(journals, post, body)


def _just_read_as_a_draft(logged: Mapping[str, Any], post: int, journals: Sequence[RunRecords]) -> bool:
    """Whether the run had seen it as a draft no longer ago than docs/RELIABILITY.md says: nobody can know better.

    The service has no write that is refused where something was changed since a reading.
    """
    at = datetime.fromisoformat(logged["at"])
    seen = [
        read.body
        for journal in journals
        for _, when, read in journal.of_kind(r.Read)
        if read.operation == "GetPost" and f'"id":{post},' in read.body[:40] and at - READ_AT_MOST <= when <= at
    ]
    return bool(seen) and '"status":"DRAFT"' in seen[-1]


def _labels_alone(journals: Sequence[RunRecords], post: int, body: Mapping[str, Any]) -> bool:
    """Whether the texts sent are those the run had read of the post: then only its labels or campaign change."""
    texts = [item.get("text") for item in body["content"]]
    for journal in journals:
        for key in journal.keys.values():
            if getattr(key.call, "id", None) == post and key.intent.before:
                before = json.loads(key.intent.before) if key.intent.before.startswith("{") else None
                if before is None or [item.get("text") for item in before["content"]] == texts:
                    return True
    return False


def _not_approved(journal: RunRecords, key: Key) -> str:
    """Why the journal does not show that a person approved exactly this effect; empty where it does."""
    seq, at, intent = key.intents[-1]
    cards = {record.number: record for _, _, record in journal.of_kind(r.Card)}
    card = cards.get(intent.card or 0)
    if card is None:
        return f"{key.name} names no card"
    decided = [entry for entry in journal.of_kind(r.Decided) if entry[2].card == card.number]
    if len(decided) != 1:
        return f"card {card.number} has {len(decided)} decisions"
    when, decision = decided[0][0], decided[0][2]
    parts = decision.parts or card.parts
    mine = [part for part in parts if part.key == key.name]
    digest = key.call.request().digest(journal.opened.service, mine[0].instant if mine else "")
    voided = [entry[0] for entry in journal.of_kind(r.Voided) if entry[2].card == card.number]
    holds = {
        "the decision approves": decision.decision in {"approve", "edit"},
        "another person than the one who asked decides": not card.not_by or decision.who != card.not_by,
        "the role may decide": ROLES.get(decision.role, -1) >= ROLES[_role_for(key)],
        "the decision came first": when < seq,
        "it had not expired": at < decision.until and decided[0][1] < card.expires,
        "the card was not void": not any(void < seq for void in voided),
        "the call is on the card once": len(mine) == 1,
        "the digest is over these parts": decision.digest == card_digest(parts),
        "the bytes are those approved": bool(mine) and intent.digest == mine[0].digest == digest,
    }
    broken = [what for what, held in holds.items() if not held]
    return f"{key.name}: not so: {'; '.join(broken)}" if broken else ""


def _role_for(key: Key) -> str:
    return "owner" if key.intent.operation in {"DeleteAccount", "UpdatePostContactCollection"} else "editor"


def _not_standing(journal: RunRecords, key: Key, logged: Mapping[str, Any], given: Sequence[Mapping[str, Any]]) -> str:
    """Why no standing permission that was given lets exactly this effect out; empty where one does."""
    _, at, intent = key.intents[-1]
    use, body = intent.standing, logged["body"]
    permission = next((one for one in given if use is not None and one["name"] == use.name), None)
    if use is None or permission is None or logged["operation"] != "UpdatePost":
        return f"{key.name}: no such permission was given for {logged['operation']}"
    zone = ZoneInfo(use.zone)
    due = at
    if body["schedule_type"] == "schedule":
        when = body["schedule_for"]
        due = datetime.fromisoformat(f"{when['date']}T{when['time']}").replace(tzinfo=ZoneInfo(when["timezone"]))
    local = due.astimezone(zone)
    post = str(logged["path"].rsplit("/", 1)[-1])
    before = json.loads(intent.before) if intent.before.startswith("{") else {"content": []}
    texts = " ".join(str(item.get("text") or "") for item in body["content"])
    holds = {
        "it goes out": body["schedule_type"] in {"schedule", "publish_now"},
        "it was a draft": logged["was"].get(post, "DRAFT") == "DRAFT",
        "the accounts are the permission's": {one["id"] for one in body["accounts"]} <= set(permission["accounts"]),
        "the label is in the call": permission["label"] in body.get("labels", ()),
        "the label was on the draft": permission["label"] in {one["id"] for one in before.get("labels", ())},
        "the words are the draft's": texts == " ".join(str(one.get("text") or "") for one in before["content"]),
        "there is no link": permission.get("links", False) or "://" not in texts,
        "it does not repeat": not body.get("repeatable"),
        "the hour fits": permission["between"][0] <= f"{local:%H:%M}" < permission["between"][1],
        "the day fits": f"{local:%a}".lower() in permission["days"],
        "it has not ended": max(local.date(), at.astimezone(zone).date()).isoformat() <= permission["until"],
        "nobody has to be there": journal.opened.mode == "attended" or permission.get("unattended", False),
        "it has no card": intent.card is None,
        "the dates it is counted by are true": (use.day, use.sent_on)
        == (local.date().isoformat(), at.astimezone(zone).date().isoformat()),
    }
    broken = [what for what, held in holds.items() if not held]
    return f"{key.name}: not so: {'; '.join(broken)}" if broken else ""


def _revoked(tally: Tally, journals: Sequence[RunRecords]) -> None:
    """Breaches of (f): a permission that was used after an incident or a revocation, before it was given back."""
    told = [
        (at, journal.run, seq, record)
        for journal in journals
        for seq, at, record in journal.entries
        if isinstance(record, r.Intent | r.Outcome | r.StandingAllowed | r.StandingRevoked)
    ]
    names = {key.name: key.intent.standing.name for one in journals for key in one.keys.values() if key.intent.standing}
    gone: dict[str, tuple[datetime, str]] = {}
    for at, run, _, record in sorted(told, key=lambda one: one[:3]):
        if isinstance(record, r.StandingAllowed):
            gone.pop(record.name, None)
        elif isinstance(record, r.StandingRevoked):
            gone.setdefault(record.name, (at, run))
        elif isinstance(record, r.Outcome):
            if record.key in names and record.state in {"rejected", "unknown"}:
                gone.setdefault(names[record.key], (at, run))
        elif record.standing is not None and record.standing.name in gone:
            since, where = gone[record.standing.name]
            if where == run or since < at:  # of one moment in two runs nobody can tell which came first
                tally.unapproved.append(f"{record.key}: {record.standing.name} was revoked in {where}")


def _too_often(tally: Tally, keys: Sequence[Key], given: Sequence[Mapping[str, Any]]) -> None:
    """Breaches of (f): a permission used more often than it says, by day of going out or of sending."""
    most = {one["name"]: one["per_day"] for one in given}
    uses = [
        key.intent.standing for key in keys if key.intent.standing is not None and (key.open or _is(key, "applied"))
    ]
    for kind in ("day", "sent_on"):
        for (name, day), count in Counter((use.name, getattr(use, kind)) for use in uses).items():
            if count > most.get(name, 0):
                tally.unapproved.append(f"standing permission {name} was used {count} times for {kind} {day}")


def assert_holds(tally: Tally) -> None:
    """Fails with every breach."""
    assert not tally.breaches, "\n".join(tally.breaches)


def assert_contract(box: State, store: SqliteStore, **options: Any) -> Tally:
    """Compare, and fail with every breach."""
    tally = compare(box, store, **options)
    assert_holds(tally)
    return tally
