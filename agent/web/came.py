"""What came of calls that somebody made themselves, for the page that follows on saving."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.api.catalogue import parse
from agent.api.posts import CreatePost, UpdatePost
from agent.gate.titles import title_of
from agent.journal.fold import RunState
from agent.policy.facts import Facts
from agent.policy.verdict import Finding

#: Words, colour and sign for each outcome.
_TOLD = {
    "applied": ("saved", "good", "circle-check"),
    "rejected": ("refused by PostSyncer", "bad", "circle-alert"),
    "not_sent": ("not sent", "warn", "clock"),
    "sending": ("being sent", "", "circle-dashed"),
    "unknown": ("not known yet", "warn", "triangle-alert"),
}


@dataclass(frozen=True)
class Came:
    """One call that was sent: what it was, what became of it, and the post that it wrote."""

    title: str
    word: str
    tone: str
    sign: str
    says: str
    later: tuple[Finding, ...]
    post: int
    draft: int


def came_of(state: RunState, facts: Facts, draft_of: Callable[[int], int]) -> tuple[Came, ...]:
    """The calls of a run that were sent without a card; what was sent by one is told with it.

    `draft_of` tells under which number a post waits in the queue as a draft.
    """
    return tuple(_came(state, facts, draft_of))


def _came(state: RunState, facts: Facts, draft_of: Callable[[int], int]) -> Iterator[Came]:
    for key, view in state.effects.items():
        if view.intent.card is not None:
            continue
        call = parse(view.intent.operation, view.intent.arguments)
        word, tone, sign = _TOLD[view.state]
        judged = state.judged.get(key)
        post = (
            view.outcome.object_id if view.outcome is not None and isinstance(call, CreatePost | UpdatePost) else None
        )
        yield Came(
            title=title_of(call, facts),
            word=word,
            tone=tone,
            sign=sign,
            says=view.outcome.says if view.outcome is not None else "",
            later=tuple(one for one in judged.findings if one.later) if judged is not None else (),
            post=post or 0,
            draft=draft_of(post) if post else 0,
        )
