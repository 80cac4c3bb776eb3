"""What this home knows without a request: workspaces, accounts, labels and files as its newest runs read them."""

from collections import OrderedDict
from dataclasses import dataclass, field

from agent.api.media import UploadMediaFile
from agent.api.types import Media, Post
from agent.errors import Declined
from agent.gate.decisions import Person
from agent.gate.door import Gate
from agent.journal import records as r
from agent.journal.known import Known
from agent.journal.run import Run
from agent.journal.store import SqliteStore
from agent.policy.facts import Facts
from agent.web.site import Site

#: The newest runs that are looked through, and the most of their reads.
_RUNS, _READS = 30, 60
#: A list of all of something, of which only the newest answer counts.
_WHOLE = ("ListWorkspaces", "ListAccounts")
_LISTS = (*_WHOLE, "ListLabels", "ListMedia", "GetMedia")
#: Runs that pages keep loaded.
_KEPT = 8


@dataclass
class Room:
    """What pages keep between requests: the world as of a row of the journal, and runs that were loaded."""

    row: int = -1
    known: Known = field(default_factory=Known)
    runs: "OrderedDict[str, Run]" = field(default_factory=OrderedDict)


def _room(site: Site) -> Room:
    room: Room = site.rooms.setdefault("world", Room())
    return room


def known_now(site: Site) -> Known:
    """Workspaces, accounts, labels and files as the newest runs read them."""
    room, store = _room(site), site.house.store
    if room.row != store.last_row:
        room.row, room.known = store.last_row, _gathered(store, site.house.service)
    return room.known


def _gathered(store: SqliteStore, service: str) -> Known:
    seen: set[str] = set()
    newest: list[r.Read] = []
    for read in store.ledger.last_reads(service, _LISTS, _RUNS, _READS):
        if read.operation in _WHOLE and read.operation in seen:
            continue
        seen.add(read.operation)
        newest.append(read)
    known = Known()
    for read in reversed(newest):
        known.learn(read.operation, store.load(read.body))
    return known


def loaded(site: Site, run_id: str) -> Run:
    """A run, with what was written to it since it was loaded last. Raises Declined for one that is not of here."""
    room, house = _room(site), site.house
    run = room.runs.pop(run_id, None)
    if run is None:
        run = Run.load(house.store, run_id, house.clock)
    else:
        run.catch_up()
    opened = run.state.opened
    if opened is None or opened.service != house.service:
        raise Declined(f"There is no run {run_id[:20]} of this service.", hint="Start from the queue.")
    room.runs[run_id] = run
    while len(room.runs) > _KEPT:
        room.runs.popitem(last=False)
    return run


def trial(site: Site, person: Person, goal: str, *, post: Post | None = None, overlay: str = "") -> Run:
    """A run as the person's own call would open it, which is never written: to judge by, with no request."""
    house = site.house
    run = Run(house.store, f"page-{person.name}", house.clock)
    run.state.opened = r.Opened(
        mode="person",
        service=house.service,
        sandbox=house.sandbox,
        model=house.model_name,
        policy=house.packs.of("person", overlay).hash,
        prompts="",
        who=person.name,
        limits=house.limits(),
        features=house.settings.psa_features,
        channel="web",
        overlay=overlay,
    )
    run.state.goals.append(r.Goal(number=1, text=goal, by=person.name))
    run.state.known = _copied(known_now(site))
    if post is not None:
        run.state.known.posts[post.id] = post
    return run


def facts_in(run: Run) -> Facts:
    """The objects that a run knows, for naming and completing: without what only judging needs of other runs."""
    known, opened = run.state.known, run.state.opened
    return Facts(
        now=run.clock.now(),
        mode=opened.mode if opened is not None else "attended",
        workspaces=known.workspaces,
        accounts=known.accounts,
        posts=known.posts,
        media=known.media,
        comments=known.comments,
        labels=known.labels,
        folders=known.folders,
        campaigns=known.campaigns,
    )


def _copied(known: Known) -> Known:
    """Objects in a Known of its own, to which a page may add."""
    copy = Known()
    copy.workspaces, copy.accounts = dict(known.workspaces), dict(known.accounts)
    copy.labels, copy.media = dict(known.labels), dict(known.media)
    return copy


def uploaded(gate: Gate, media: tuple[int | str, ...]) -> dict[int, Media]:
    """Of these files those that this home uploaded, as the upload told of them."""
    ids = [one for one in media if isinstance(one, int)]
    found = gate.ledger.uploads(gate.client.origin, ids) if ids else {}
    told: dict[int, Media] = {}
    for media_id, arguments in found.items():
        call = UploadMediaFile.model_validate_json(arguments)
        told[media_id] = Media(
            id=media_id,
            name=call.file.name,
            workspace_id=call.workspace_id,
            mime_type=call.file.mime,
            type=call.file.mime.partition("/")[0],
            size=call.file.size,
        )
    return told
