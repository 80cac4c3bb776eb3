"""Whether a post still is what a run knows of it: what needs no decision goes by that alone."""

from datetime import datetime, timedelta
from typing import Any

from agent.api.endpoint import Endpoint
from agent.api.posts import GetPost, UpdatePost
from agent.journal.ledger import Ledger
from agent.journal.run import Run

#: What was read longer ago than this is read again: somebody may have scheduled the draft meanwhile.
FRESH = timedelta(seconds=10)


def to_read_again(call: Endpoint[Any], run: Run, ledger: Ledger, service: str, now: datetime) -> GetPost | None:
    """The read after which a call has to be judged again; None where nothing is stale.

    Only a change of a post is judged by the state of its object: of a draft it may need no decision, of a post that is
    scheduled it always does.
    """
    if not isinstance(call, UpdatePost) or call.id not in run.state.known.posts:
        return None
    at = run.state.known.posts_at.get(call.id)
    fresh = at is not None and timedelta() <= now - at <= FRESH
    if fresh and at is not None and not ledger.written_elsewhere(service, call.id, run.id, at):
        return None
    return GetPost(id=call.id)
