"""Decisions of one person in a conversation: recorded here, on any card of the home; carrying out is the loop's."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.chat.narrator import Narrator
from agent.chat.telling import WAYS
from agent.errors import Declined, PsaError
from agent.gate.decisions import confirmation
from agent.journal.run import Run
from agent.journal.store import Store
from agent.journal.subjects import object_id_of
from agent.review.reviewer import Reviewer, leaves_draft
from agent.review.showing import card_text, shown_text, text_of


@dataclass(frozen=True)
class Decision:
    """What was decided: the run that has to go on, and the card's number."""

    run: Run
    number: int


class Deciding:
    """Looks and decides as one person, through the reviewer. Every card is told in full before it is approved.

    What cannot be decided is told as trouble, and stops no other decision.
    """

    def __init__(self, reviewer: Reviewer, store: Store, narrator: Narrator) -> None:
        self._reviewer = reviewer
        self._store = store
        self._narrator = narrator

    def show(self, number: int) -> None:
        """Tell an item in full. Raises Declined where there is none."""
        shown = self._reviewer.show(number)
        self._narrator.card(shown_text(shown, WAYS), number)

    async def approve(self, numbers: Sequence[int], confirm: str) -> list[Decision]:
        """Record approvals; a name or count confirms one card only."""
        if confirm and len(numbers) > 1:
            raise Declined("A name or count confirms one card.", hint="Approve that card by itself.")
        decided: list[Decision] = []
        for number in self._there(numbers):
            try:
                decided += await self._approve(number, confirm)
            except PsaError as error:
                self._narrator.trouble(f"card {number}: {error}")
        return decided

    async def _approve(self, number: int, confirm: str) -> list[Decision]:
        shown = self._reviewer.show(number)
        if shown.card is None:
            raise Declined(f"{number} is a {shown.item.kind}, no card.", hint=f"/show {number} tells more.")
        self._narrator.card(card_text(shown.card, WAYS), number)
        wanted = confirmation(shown.card.card, len(shown.card.parts)) if shown.card.state == "open" else ""
        if wanted and not confirm:
            self._narrator.note(f"Not approved yet: to approve it, type  /approve {number} {wanted}")
            return []
        if confirm and not wanted and shown.card.state == "open":
            raise Declined(
                "Nothing was approved: it needs no name or count.",
                hint=f"Type /approve {number}; several are written 3,5 or 3-7.",
            )
        run = await self._reviewer.approve(number, confirm, (), advance=False)
        return [Decision(run, number)]

    async def reject(self, numbers: Sequence[int], why: str, *, delete: bool) -> list[Decision]:
        """Record rejections; with `delete` the drafts behind them are deleted."""
        decided: list[Decision] = []
        for number in self._there(numbers):
            try:
                shown = self._reviewer.show(number)
                leaves = leaves_draft(shown)
                run = await self._reviewer.reject(number, why, delete_draft=delete, advance=False)
            except PsaError as error:
                self._narrator.trouble(f"{number}: {error}")
                continue
            if shown.card is not None:
                decided.append(Decision(run, number))
                self._tell_draft(number, kept=leaves and not delete)
            else:
                self._narrator.note(f"Draft {number} is {'deleted' if delete else 'out of the queue'}.")
        return decided

    def _tell_draft(self, number: int, *, kept: bool) -> None:
        """Tell of the draft that a rejected card leaves, and how it is deleted."""
        draft = self._draft_of(number) if kept else 0
        if kept:
            again = f"; /reject {draft} --delete deletes it too" if draft else ""
            self._narrator.note(f"The draft of card {number} stays in PostSyncer{again}.")

    def _draft_of(self, number: int) -> int:
        """The queue's number of the draft that a rejected promotion card leaves, 0 where there is none."""
        state = self._reviewer.show(number).state
        card = state.cards.get(number)
        if card is None:
            return 0
        posts = {draft.post: place for place, draft in state.drafts.items() if place not in state.drafts_gone}
        return next((posts[post] for part in card.parts if (post := object_id_of(part.arguments)) in posts), 0)

    def text(self, number: int) -> str:
        """The text that `edit` would replace. Raises Declined where the item is no open card with one text."""
        shown = self._reviewer.show(number)
        if shown.card is None or shown.card.state != "open":
            raise Declined(f"{number} is no card that waits.", hint="/cards shows what waits.")
        if len(shown.card.parts) != 1:
            raise Declined(f"Card {number} is over several calls: it has no one text.", hint=f"/reject {number}")
        return text_of(shown.card.parts[0].arguments)

    async def edit(self, number: int, text: str) -> list[Decision]:
        """Put another text on a card: decided at once where judging it adds no finding, else told as a new card."""
        before = set(self._reviewer.show(number).state.cards)
        run, said = await self._reviewer.edit(number, text, advance=False)
        self._narrator.note(said)
        fresh = [view for place, view in run.state.cards.items() if place not in before]
        for view in fresh:
            self._narrator.card(card_text(view, WAYS), view.card.number)
        return [] if fresh else [Decision(run, number)]

    async def answer(self, number: int, text: str) -> Run:
        """Record the answer to a question."""
        return await self._reviewer.answer(number, text, advance=False)

    async def again(self, number: int) -> None:
        """Ask once more for what a task or a void card was about; the new card is told in full."""
        run = await self._reviewer.again(number)
        for view in run.state.open_cards:
            self._narrator.card(card_text(view, WAYS), view.card.number)

    def done(self, number: int, how: str) -> Run:
        """A person settled a task."""
        run = self._reviewer.close_task(number, how or "settled")
        self._narrator.note(f"Task {number} is closed.")
        return run

    def _there(self, numbers: Sequence[int]) -> list[int]:
        """Those numbers that the queue has; of a range, the others are told in one line."""
        there = [number for number in numbers if self._store.ledger.item(number) is not None]
        missing = [str(number) for number in numbers if number not in there]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            self._narrator.trouble(f"Not in the queue: {', '.join(missing[:5])}{more}. /cards shows what waits.")
        return there
