"""One attempt: from an intent to what became of it."""

from typing import Any

from agent.api.client import Client, Reply
from agent.api.endpoint import Endpoint
from agent.api.types import Message
from agent.errors import ApiError, Forbidden, Invalid, NotFound, NotSent, RateLimited, Unauthorized
from agent.journal import records as r
from agent.journal.run import Run


async def deliver(
    client: Client, run: Run, intent: r.Intent, call: Endpoint[Any], *, person: bool, slot: float | None
) -> tuple[r.Outcome, ApiError | None]:
    """The outcome of one attempt, and the error that halts the run, if any.

    A refused token and a used-up rate limit are proof that nothing was done: the effect stays to be sent. Raises
    JournalError where the answer cannot be kept.
    """
    try:
        reply: Reply[Any] = await client.exchange(call, send_before=intent.send_before, person=person, slot=slot)
    except ApiError as error:
        halts = error if isinstance(error, Unauthorized | RateLimited) else None
        fields = tuple(error.fields) if isinstance(error, Invalid) else ()
        told = {"status": error.status, "says": error.message, "error": error.kind, "fields": fields}
        return _outcome(intent, state_after(error), **told), halts
    body = "" if isinstance(reply.answer, Message) else run.keep_answer(reply.raw)
    object_id = getattr(reply.answer, "id", None)
    found = object_id if isinstance(object_id, int) else None
    return _outcome(intent, "applied", status=reply.status, body=body, object_id=found), None


def state_after(error: ApiError) -> r.OutcomeState:
    """What a failed write's error proves. Pure."""
    if isinstance(error, NotSent | RateLimited | Unauthorized):
        return "not_sent"
    return "rejected" if isinstance(error, Forbidden | NotFound | Invalid) else "unknown"


def _outcome(intent: r.Intent, state: r.OutcomeState, **values: Any) -> r.Outcome:
    return r.Outcome(key=intent.key, attempt=intent.attempt, state=state, **values)
