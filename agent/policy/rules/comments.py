"""Comments: nobody is answered twice."""

from collections.abc import Iterable

from pydantic import MISSING

from agent.api.comments import CreateComment
from agent.api.endpoint import Effect
from agent.journal.findings import Verdict
from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found, Params, rule


class OnceParams(Params):
    """Nothing to set but the verdict."""


@rule("comments.once", OnceParams, effects={Effect.OUTBOUND})
def check_once(case: Case, _params: OnceParams) -> Iterable[Found]:
    """A reply while another one to the same comment waits; one that follows a sent or rejected one is told as such."""
    call = case.call
    if not isinstance(call, CreateComment) or call.parent_comment_id is MISSING:
        return
    about = call.parent_comment_id
    card, state = case.facts.replies.get(about, (0, ""))
    if state in {"open", "approved"}:
        yield Found(f"Card {card} already answers comment {about}.", passes=f"a person decides card {card} first")
    elif state:
        became = {"rejected": "was rejected", "unknown": "may have been sent"}.get(state, "was sent")
        yield Found(
            f"A reply to comment {about} {became} before (card {card}).",
            passes="a person wants another one",
            verdict=Verdict.HOLD,
        )
