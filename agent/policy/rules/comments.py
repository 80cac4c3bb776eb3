"""Comments: nobody is answered twice."""

from collections.abc import Iterable

from pydantic import MISSING

from agent.api.comments import CreateComment
from agent.api.endpoint import Effect
from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found, Params, rule


class OnceParams(Params):
    """Nothing to set but the verdict."""


@rule("comments.once", OnceParams, effects={Effect.OUTBOUND})
def check_once(case: Case, _params: OnceParams) -> Iterable[Found]:
    """A reply while another one to the same comment waits for a person, in whatever run."""
    call = case.call
    if not isinstance(call, CreateComment) or call.parent_comment_id is MISSING:
        return
    card = case.facts.replies_waiting.get(call.parent_comment_id)
    if card is not None:
        yield Found(
            f"Card {card} already answers comment {call.parent_comment_id}.",
            passes=f"a person decides card {card} first, or rejects it",
        )
