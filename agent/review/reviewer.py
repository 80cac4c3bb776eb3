"""A person at the queue: look, decide, answer, promote, delete. Deciding also sends (DESIGN section 4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.api.catalogue import parse
from agent.api.endpoint import Endpoint
from agent.api.posts import UpdatePost
from agent.clock import Clock
from agent.errors import Busy, Declined, Halted
from agent.gate.decisions import Person, approve, card_in, edit, put_on_card, reject
from agent.gate.door import Gate
from agent.gate.versions import post_version
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.ledger import Item
from agent.journal.run import Listener, Run
from agent.journal.store import Store
from agent.journal.views import CardView
from agent.planner.loop import Planner
from agent.review.numbers import wall_time
from agent.review.own import OpensRuns, OwnCalls
from agent.review.undoing import Undone, undo
from agent.tools.again import DraftAnew, once_more
from agent.tools.desk import Completes
from agent.tools.drafting import DeletePosts
from agent.tools.promotion import PublishPost, SchedulePost

#: A run that another process advances is tried again so often and after so long: it may be closing.
BUSY_TRIES, BUSY_WAIT_S = 3, 0.5


@dataclass(frozen=True)
class Shown:
    """An item with what there is to see of it."""

    item: Item
    state: RunState
    card: CardView | None = None


#: What decides about an item of a kind; `{}` is its number.
_USES = {
    "card": "psa review approve {}",
    "question": "psa review answer {} 'your answer'",
    "draft": "psa review schedule {} --at 'YYYY-MM-DD HH:MM'",
}


class Reviewer:
    """One person with a gate, a store and, for going on after a decision, a planner."""

    def __init__(
        self,
        gate: Gate,
        store: Store,
        clock: Clock,
        person: Person,
        planner: Callable[[], Planner],
        open_run: OpensRuns,
        listener: Callable[[Run], Listener] | None = None,
    ) -> None:
        self._gate = gate
        self._store = store
        self._clock = clock
        self._person = person
        self._planner = planner
        self._open_run = open_run
        self._listener = listener

    # -- looking ---------------------------------------------------------------------------------------------------

    def item(self, number: int) -> Item:
        """An item of the queue. Raises Declined where there is none."""
        found = self._store.ledger.item(number)
        if found is None:
            raise Declined(f"There is no {number} in the queue.", hint="`psa review list` shows what waits.")
        return found

    def show(self, number: int) -> Shown:
        """An item with its run's state."""
        item = self.item(number)
        run = self._run(item)
        return Shown(item, run.state, run.state.cards.get(number))

    def _run(self, item: Item) -> Run:
        run = self._load(item.run, f"{item.kind.capitalize()} {item.number}")
        if self._listener is not None:
            run.listeners.append(self._listener(run))
        return run

    def _load(self, run_id: str, what: str) -> Run:
        """A run of the service in use. Raises Declined for one of another: its ids mean other objects here."""
        run = Run.load(self._store, run_id, self._clock)
        opened, here = run.state.opened, self._gate.client.origin
        if opened is not None and opened.service != here:
            raise Declined(
                f"{what} belongs to {opened.service}; in use is {here}.",
                hint="Set POSTSYNCER_BASE_URL and the token as they were.",
            )
        return run

    def _of_kind(self, number: int, *kinds: str) -> Item:
        item = self.item(number)
        if item.kind not in kinds:
            use = _USES.get(item.kind, "psa review done {}").format(number)
            raise Declined(f"{number} is a {item.kind}, not a {kinds[0]}.", hint=f"For a {item.kind}: `{use}`.")
        if item.kind == "draft" and item.state != "open":
            raise Declined(f"Draft {number} already left the queue.", hint="`psa review list` shows what waits.")
        return item

    # -- deciding --------------------------------------------------------------------------------------------------

    async def approve(self, number: int, confirm: str, strike: tuple[int, ...], *, advance: bool = True) -> Run:
        """Approve a card and carry it out."""
        run = self._run(self._of_kind(number, "card"))
        approve(self._gate, run, number, self._person, confirm=confirm, strike=strike)
        return await self._go_on(run, advance)

    async def edit(self, number: int, text: str, *, advance: bool = True) -> tuple[Run, str]:
        """Put another text on a card; decided at once where judging it adds no finding."""
        run = self._run(self._of_kind(number, "card"))
        said = edit(self._gate, run, number, self._person, text)
        return await self._go_on(run, advance), said

    async def change(
        self,
        number: int,
        change: Callable[[Endpoint[Any]], Endpoint[Any]],
        *,
        decides: bool = True,
        advance: bool = True,
    ) -> tuple[Run, str]:
        """Put a changed call on a card, and decide on it unless it is only changed (see `decisions.put_on_card`)."""
        run = self._run(self._of_kind(number, "card"))
        said = put_on_card(self._gate, run, number, self._person, change, decides=decides)
        return await self._go_on(run, advance), said

    async def reject(self, number: int, reason: str, *, delete_draft: bool, advance: bool = True) -> Run:
        """Reject a card, or wave a draft out of the queue; with `delete_draft` the post behind it is deleted."""
        item = self._of_kind(number, "card", "draft")
        run = self._run(item)
        post: int | None = None
        if item.kind == "draft":
            draft = run.state.drafts[number]
            post = draft.post
            run.add(r.DraftGone(number=number, how=f"rejected by {self._person.name}: {reason}".rstrip(": ")))
            run.flush()
        else:
            post = draft_behind(card_in(run, number), run.state)
            reject(self._gate, run, number, self._person, reason)
            await self._go_on(run, advance)
        if delete_draft and post is not None:
            view = DeletePosts(posts=(post,))
            await self.own_call(f"Delete draft {post}", view, draft=post, confirmed=True, origin=run)
        return run

    async def answer(self, number: int, text: str, *, advance: bool = True) -> Run:
        """Answer a question; the words count as words of the goal."""
        run = self._run(self._of_kind(number, "question"))
        if number in run.state.replies:
            raise Declined(f"Question {number} was already answered: {run.state.replies[number].text!r}.")
        run.add(r.Replied(number=number, text=text, who=self._person.name))
        run.flush()
        return await self._go_on(run, advance)

    def close_task(self, number: int, how: str) -> Run:
        """A person settled a task."""
        run = self._run(self._of_kind(number, "task"))
        if number not in run.state.tasks:
            raise Declined(f"Task {number} is already closed.")
        task = run.state.tasks[number]
        view = run.state.effects.get(task.key)
        run.add(r.TaskClosed(number=number, who=self._person.name, how=how))
        run.flush()
        if view is not None and view.in_doubt:
            attempt = view.intent.attempt
            run.land(r.Outcome(key=task.key, attempt=attempt, state="unknown", settled="person", says=how))
        return run

    async def _go_on(self, run: Run, advance: bool) -> Run:
        if advance:
            try:
                await self._advance(run)
            except Busy:
                return run  # recorded: the process that advances the run carries it out
            except Halted as error:
                raise Halted("Recorded, not sent.") from error
            if run.state.unsent():
                raise Declined(
                    f"Recorded, not sent: {waits_for(run.state)}.", hint=f"`psa runs resume {run.id}` goes on with it."
                )
        return run

    async def _advance(self, run: Run) -> None:
        """Advance, also where another process was just taking its last look at the run. Raises Busy."""
        for _ in range(BUSY_TRIES - 1):
            try:
                await self._planner().advance(run)
            except Busy:
                await self._clock.sleep(BUSY_WAIT_S)
                run.catch_up()
            else:
                return
        await self._planner().advance(run)

    # -- a person's own calls --------------------------------------------------------------------------------------

    async def promote(self, number: int, at: str | None, *, next_slot: bool, confirmed: bool) -> Run:
        """Schedule (`at`, in the workspace's zone, or the next slot) or publish (neither) a draft of the queue.

        Raises WrongUsage for what is no time.
        """
        item, at = self._of_kind(number, "draft"), wall_time(at) if at is not None else None
        left_by = self._run(item)
        draft = left_by.state.drafts[number]
        view: Completes
        if at is None and not next_slot:
            view, text = PublishPost(post=draft.post), f"Publish post {draft.post} now"
        elif next_slot:
            view, text = (
                SchedulePost(post=draft.post, next_slot=True),
                f"Schedule post {draft.post} in the next free slot",
            )
        else:
            view, text = SchedulePost(post=draft.post, at=at or ""), f"Schedule post {draft.post} for {at}"
        run = await self.own_call(text, view, draft=draft.post, confirmed=confirmed, origin=left_by)
        if any(one.state == "applied" and one.intent.operation == "UpdatePost" for one in run.state.effects.values()):
            origin = self._run(item)
            if number not in origin.state.drafts_gone:
                origin.add(r.DraftGone(number=number, how=f"promoted by {self._person.name} in {run.id}"))
                origin.flush()
        return run

    async def own_call(self, text: str, wanted: Completes, *, draft: int, confirmed: bool, origin: Run) -> Run:
        """A person's own call on a draft of the queue: completed, judged, carded; decided at once where `confirmed`.

        It is judged by the policy of the run that left the draft (`origin`), a night job's overlay included. Raises
        Declined where the fresh read shows that the post is a draft no more.
        """
        own = await self._begin(text, origin)
        with own.ending():
            parts = await own.complete(wanted)
            post = own.run.state.known.posts.get(draft)
            if post is None or post.status != "DRAFT":
                stands = post.status.lower() if post is not None else "not there"
                raise Declined(
                    f"Post {draft} is no longer a draft ({stands}).", hint="Nothing was done; look in PostSyncer."
                )
            await own.propose(parts)
        left = origin.state.known.posts.get(draft)
        if confirmed and (left is None or post_version(left) != post_version(post)):
            waits = ", ".join(str(card.card.number) for card in own.run.state.open_cards)
            raise Declined(
                f"Post {draft} was changed since its run left it, so nothing was decided.",
                hint=f"`psa review show {waits}` shows it as it is now.",
            )
        if confirmed:
            for card in list(own.run.state.open_cards):
                approve(self._gate, own.run, card.card.number, self._person, confirm=card.card.confirm)
        await self._planner().advance(own.run)
        return own.run

    async def again(self, number: int) -> Run:
        """Ask for what a task, or a void, expired or rejected card, was about once more: it waits as a new card.

        A post that did not go out everywhere is drafted anew for the accounts that failed, and that is to be published.
        """
        item = self._of_kind(number, "task", "card")
        run = self._run(item)
        own, wanted, notes = await self._once_more(item, run)
        with own.ending():
            results = await own.propose(await own.complete(wanted), notes)
            if isinstance(wanted, DraftAnew) and results[0].state == "applied":
                await own.propose(await own.complete(PublishPost(post=results[0].answer.id)), notes)
        await self._planner().advance(own.run)
        card = next((view.card.number for view in own.run.state.open_cards), None)
        if item.kind == "task" and card is not None:
            self.close_task(number, f"asked for again as card {card}")
        return own.run

    async def _once_more(self, item: Item, run: Run) -> tuple[OwnCalls, Completes, tuple[str, ...]]:
        state = run.state
        if item.kind == "card":
            view = state.cards[item.number]
            if view.state not in {"void", "rejected"}:
                raise Declined(f"Card {item.number} is {view.state}.", hint=f"`psa review show {item.number}`.")
            calls = [parse(view.card.operation, part.arguments) for part in view.parts]
            tool = _tool(state, view.parts[0].key)
            note = f"Card {item.number} asked for this before: {view.says or view.state}."
            own = await self._begin(f"Ask again for card {item.number}: {view.card.title}", run)
            return own, once_more(calls, tool), (note,)
        task = state.tasks.get(item.number)
        if task is None:
            raise Declined(f"Task {item.number} is already closed.")
        watched, effect = state.watched.get(task.key), state.effects.get(task.key)
        if watched is not None and watched.failed:
            own = await self._begin(f"Publish post {watched.post} again where it failed", run)
            return own, DraftAnew(watched.post, watched.failed), (f"Post {watched.post}: {watched.says}",)
        if effect is None or not effect.in_doubt:
            raise Declined(f"Task {item.number} has no call that could be sent again.", hint=task.next)
        call = parse(effect.intent.operation, effect.intent.arguments)
        own = await self._begin(f"Send again: {task.says}", run)
        sent = f"This was sent once already, and nobody knows whether it arrived ({task.key}). {task.look}"
        return own, once_more((call,), _tool(state, task.key)), (sent,)

    async def undo(self, run_id: str) -> tuple[Run, list[Undone]]:
        """Propose what takes a run's effects back, the newest first: cards wait, harmless calls are made at once."""
        undone = self._load(run_id, f"Run {run_id}")
        own = await self._begin(f"Undo {run_id}: unschedule, reschedule, delete or put back what it did", undone)
        with own.ending():
            told = await undo(own, undone.state)
        await self._planner().advance(own.run)
        return own.run, told

    async def _begin(self, text: str, origin: Run) -> OwnCalls:
        """Raises Halted where the home is stopped, ApiError."""
        if self._store.stopped:
            raise Halted
        overlay = origin.state.opened.overlay if origin.state.opened else ""
        return await OwnCalls.begin(
            self._gate, self._open_run, self._person, text, overlay=overlay, listener=self._listener
        )


def _tool(state: RunState, key: str) -> str:
    """What a call came from; empty where the journal does not tell."""
    return state.judged[key].tool if key in state.judged else ""


def draft_behind(view: CardView, state: RunState) -> int | None:
    """The draft that a promotion card would promote; never a post that is scheduled or out already."""
    call: Any = parse(view.card.operation, view.parts[0].arguments)
    post = state.known.posts.get(call.id) if isinstance(call, UpdatePost) and call.schedule_type != "draft" else None
    return post.id if post is not None and post.status == "DRAFT" else None


def waits_for(state: RunState) -> str:
    """Why an approved call was not sent."""
    for record in (state.deferred, state.gave_up, state.stopped):
        if record is not None:
            return record.says or record.kind
    return "the run does not go on by itself"


def leaves_draft(shown: Shown) -> bool:
    """Whether rejecting the item leaves a draft behind that could be deleted."""
    return post_behind(shown) is not None


def post_behind(shown: Shown) -> int | None:
    """The draft that rejecting an item leaves behind."""
    if shown.item.kind == "draft":
        return shown.state.drafts[shown.item.number].post if shown.item.state == "open" else None
    return draft_behind(shown.card, shown.state) if shown.card is not None else None
