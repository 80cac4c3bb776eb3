"""What somebody edits: a new draft, a post, a card that brings a post out. As the journal tells it, with no request."""

from dataclasses import dataclass
from typing import Any

from agent.api.catalogue import parse
from agent.api.comments import CreateComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.posts import ContentItem, UpdatePost
from agent.api.types import Post
from agent.errors import Declined
from agent.gate.decisions import Person
from agent.gate.versions import post_version
from agent.journal.ledger import Item
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.policy.facts import Facts
from agent.tools.body import put_body
from agent.tools.desk import Desk, Unfit
from agent.tools.written import Plan, Written, written_of
from agent.web.sheet import Sheet, plain
from agent.web.site import Site
from agent.web.versions import Seen, last_seen
from agent.web.world import facts_in, loaded, trial

#: The post that a new draft stands in for while it is judged: no post has this number.
STAND_IN = 2**53 - 1
#: The newest runs that are looked through for a post, and the most of their records.
RUNS, RECORDS = 30, 400


@dataclass(frozen=True)
class Subject:
    """What is edited.

    `path` is the page's address, `base` the update that stores what stands, `run` the one whose facts and policy judge.
    `card` and `item` are those of the queue that it is about, `seen` when the post was last read.
    """

    path: str
    title: str
    run: Run
    base: UpdatePost | None
    facts: Facts
    overlay: str = ""
    post: Post | None = None
    seen: Seen | None = None
    item: Item | None = None
    card: CardView | None = None

    @property
    def number(self) -> int:
        """The number in the queue; 0 where it is not about one."""
        return self.item.number if self.item is not None else 0

    @property
    def on_card(self) -> bool:
        """Whether what is edited is a card's call."""
        return self.card is not None

    @property
    def status(self) -> str:
        """`new`, or the post's status in small letters."""
        return self.post.status.lower() if self.post is not None else "new"


def new_subject(site: Site, person: Person) -> Subject:
    """A draft that is still to be made."""
    run = trial(site, person, "Draft")
    return Subject("/compose", "New draft", run, None, facts_in(run))


def post_subject(site: Site, person: Person, post_id: int) -> Subject | None:
    """A post as this home last saw it in full; None where no run did. Raises Declined."""
    seen = seen_post(site, post_id)
    return _of_post(site, person, seen, f"/posts/{post_id}/edit") if seen is not None else None


def seen_post(site: Site, post_id: int) -> Seen | None:
    """A post as this home last saw it in full, and when; None where no run did."""
    store = site.house.store
    return last_seen(post_id, store.ledger.about_post(site.house.service, post_id, RUNS, RECORDS), store.load)


def _of_post(site: Site, person: Person, seen: Seen, path: str, item: Item | None = None, overlay: str = "") -> Subject:
    run = trial(site, person, f"Edit post {seen.post.id}", post=seen.post, overlay=overlay)
    facts = facts_in(run)
    sent = site.house.store.ledger.last_sent(site.house.service, seen.post.id)
    body: Any = parse(*sent) if sent is not None else None
    try:
        base, _ = put_body(seen.post, Desk(facts, sent={seen.post.id: body} if body is not None else {}))
    except Unfit as error:
        raise Declined(str(error), hint="The calendar shows what can still be changed.") from error
    kind = {"DRAFT": "Draft", "SCHEDULED": "Scheduled post"}.get(seen.post.status, "Post")
    title = f"{kind} {seen.post.id}"
    return Subject(path, title, run, base, facts, overlay, seen.post, seen, item)


def item_subject(site: Site, person: Person, number: int) -> Subject:
    """What an item of the queue is about. Raises Declined where it cannot be edited (any more)."""
    shown = site.reviewer(person).show(number)
    item = shown.item
    run = loaded(site, item.run)
    overlay = run.state.opened.overlay if run.state.opened is not None else ""
    if item.kind == "draft":
        draft = run.state.drafts[number]
        if item.state != "open":
            raise Declined(f"Draft {number} already left the queue.", hint="It may be scheduled or deleted by now.")
        seen = seen_post(site, draft.post)
        if seen is None:
            raise Declined(f"No run has read post {draft.post}.", hint=f"Open /posts/{draft.post}/edit to read it.")
        return _of_post(site, person, seen, f"/edit/{number}", item, overlay)
    if shown.card is None:
        raise Declined(f"{number} is a {item.kind}: there is no text to edit.", hint="It is decided in the queue.")
    return _of_card(site, run, item, shown.card)


def _of_card(site: Site, run: Run, item: Item, view: CardView) -> Subject:
    if view.state != "open":
        became = f"{view.state}: {view.says}" if view.says else view.state
        raise Declined(f"Card {item.number} is {became}.", hint="The queue shows what waits.")
    if site.house.clock.now() >= view.card.expires:
        raise Declined(f"Card {item.number} expired: nobody decided in time.", hint="Ask for it again in the queue.")
    if len(view.parts) != 1:
        raise Declined("A card over several calls has no one text to edit.", hint="Reject it and say what you want.")
    call: Endpoint[Any] = parse(view.card.operation, view.parts[0].arguments)
    facts = facts_in(run)
    title = f"Card {item.number}"
    if isinstance(call, CreateComment | UpdateComment):
        return Subject(f"/edit/{item.number}", title, run, None, facts, item=item, card=view)
    if not isinstance(call, UpdatePost):
        raise Declined(f"Card {item.number} has no text to edit.", hint="Approve or reject it.")
    post = facts.posts.get(call.id)
    return Subject(f"/edit/{item.number}", title, run, call, facts, post=post, item=item, card=view)


def base_of(subject: Subject, written: Written) -> UpdatePost:
    """The update that stores what stands; for a new draft an empty one in the workspace that was chosen."""
    if subject.base is not None:
        return subject.base
    empty = (ContentItem(text=""),)
    return UpdatePost(id=STAND_IN, workspace_id=written.workspace_id, content=empty, schedule_type="draft")


def first_sheet(subject: Subject) -> Sheet:
    """The page's fields as they stand before anybody types."""
    if subject.base is None:
        workspace = min(subject.facts.workspaces, default=0)
        return Sheet(Written(workspace))
    written = plain(written_of(subject.base, subject.facts), subject.facts)
    version = post_version(subject.post) if subject.post is not None and not subject.on_card else ""
    return Sheet(written, plan_of(subject), written, version)


def plan_of(subject: Subject) -> Plan:
    """When it goes out as it stands."""
    base = subject.base
    if base is None or base.schedule_type != "schedule":
        return Plan()
    when: Any = base.schedule_for
    if hasattr(when, "date"):
        return Plan("at", f"{when.date}T{when.time}")
    return Plan("slot") if subject.on_card else Plan()
