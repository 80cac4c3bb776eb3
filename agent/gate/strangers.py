"""Whose words a draft may hold: those of strangers that some run had read, or those of somebody outside this home.

The ledger knows the runs that read words of strangers, and so the drafts they wrote. What a run writes after it has
read such a draft is marked by a note on its judgement (`NEAR`), and so is what is written after that: words of
strangers stay what they are, through as many drafts and nights as they go.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from pydantic import MISSING

from agent.api.catalogue import parse
from agent.api.posts import PostFields, UpdatePost, settings_of
from agent.api.types import Post
from agent.journal.findings import Finding, Verdict
from agent.journal.fold import RunState
from agent.journal.ledger import Ledger
from agent.journal.subjects import from_outside
from agent.policy.rules.case import media_of, text_of
from agent.policy.standing import NEAR

#: Settings that the public reads, or that lead somewhere.
_WORDS = ("text", "caption", "description", "title", "link", "website_card")


def strangers_near(call: PostFields, state: RunState, ledger: Ledger, service: str) -> str:
    """Why a post may hold words that nobody here answers for, as the end of a sentence; empty where it does not."""
    if any(from_outside(operation, arguments) for operation, arguments in state.reads):
        return "this run has read words of strangers"
    return next(_on_the_way(call, state, ledger, service), "")


def near_note(call: PostFields, state: RunState, ledger: Ledger, service: str) -> tuple[Finding, ...]:
    """The note on a draft that is written, where one is due. What this run read of strangers, the ledger knows."""
    why = next(_on_the_way(call, state, ledger, service), "")
    says = f"No standing permission lets this draft out: {why}."
    return (Finding(rule=NEAR, verdict=Verdict.ALLOW, says=says),) if why else ()


def _on_the_way(call: PostFields, state: RunState, ledger: Ledger, service: str) -> Iterator[str]:
    own = call.id if isinstance(call, UpdatePost) else None
    for post in sorted(state.known.seen.get(Post, ())):
        if post != own and state.known.posts[post].status == "DRAFT" and _is_near(post, ledger, service):
            yield f"this run has read post {post}, a draft that may hold words of strangers"
    if own is not None:
        if ledger.written_near_strangers(service, own):
            yield "a run that wrote the draft has read words of strangers"
        if ledger.found_in(service, own, (NEAR,)):
            yield "words of strangers may have come into the draft from another one"
        shown, sent = state.known.posts.get(own), ledger.last_sent(service, own)
        if shown is not None and sent is not None and not _as_written(parse(*sent), shown):
            yield "the draft was changed elsewhere after it was written here"


def _is_near(post: int, ledger: Ledger, service: str) -> bool:
    return ledger.written_near_strangers(service, post) or bool(ledger.found_in(service, post, (NEAR,)))


def _as_written(sent: Any, shown: Post) -> bool:
    """Whether a post shows the words, media and accounts that were sent."""
    if not isinstance(sent, PostFields):
        return False
    ours = [(_even(text_of(item)), list(media_of(item))) for item in sent.content]
    theirs = [(_even(item.text), [media.id for media in item.media]) for item in shown.content]
    targets = {} if sent.accounts is MISSING else {target.id: settings_of(target) for target in sent.accounts}
    rows = {row.shown_account_id: row.settings for row in shown.platforms}
    return ours == theirs and set(targets) == set(rows) and all(_same(targets[one], rows[one]) for one in targets)


def _same(sent: dict[str, Any], shown: dict[str, Any]) -> bool:
    return all(_even(sent.get(name)) == _even(shown.get(name)) for name in _WORDS)


def _even(value: Any) -> Any:
    """A value as it is compared: the service may trim texts and spell letters its way."""
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value or ""
