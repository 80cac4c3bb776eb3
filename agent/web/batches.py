"""Several cards decided together: of one kind, each shown in full, with a typed count where something is destroyed."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.api.endpoint import Effect
from agent.errors import Declined
from agent.gate.decisions import confirmation
from agent.journal.views import CardView

#: Cards that are decided together at most.
MOST = 50


@dataclass(frozen=True)
class Batch:
    """Cards of one kind. `count` is what has to be typed to approve them: how many things go; empty: nothing."""

    numbers: tuple[int, ...]
    count: str

    def confirm(self, view: CardView) -> str:
        """What the card itself asks to be typed: the count of the whole stands for it."""
        return confirmation(view.card, len(view.parts))


def batch_of(views: Sequence[CardView]) -> Batch:
    """The cards as one decision. Raises Declined where they are of several kinds, or one needs a name typed."""
    if not views:
        raise Declined("No card is selected.", hint="Select cards in the queue.")
    if len(views) > MOST:
        raise Declined(f"{len(views)} cards are too many at once.", hint=f"Select at most {MOST}.")
    kinds = {(view.card.operation, view.card.effect) for view in views}
    if len(kinds) > 1:
        raise Declined("These cards are of several kinds.", hint="Select cards that do the same.")
    for view in views:
        if view.state != "open":
            raise Declined(f"Card {view.card.number} is {view.state}.", hint="Select it no more.")
        if view.card.confirm and view.card.confirm != str(len(view.card.parts)):
            raise Declined(f"Card {view.card.number} asks for a name to be typed.", hint="Approve that card by itself.")
    destroys = views[0].card.effect == Effect.DESTRUCTIVE
    count = str(sum(len(view.parts) for view in views)) if destroys else ""
    return Batch(tuple(view.card.number for view in views), count)
