"""What all runs of a home add up to, for the rules that count: gathered for calls that write, and nothing for reads."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import MISSING

from agent.api.comments import CreateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.media import UploadMediaFile
from agent.api.posts import AnalyzeTwitterPost, CreatePost, PostFields, UpdatePost
from agent.gate.strangers import strangers_near
from agent.journal.fold import RunState
from agent.journal.ledger import Ledger
from agent.policy.facts import Answered, Facts, FileTold, StandingKnown

_DAY = timedelta(hours=24)
#: How far back replies are counted.
_REPLIES = timedelta(days=30)
#: A request under way is no doubt; one that was begun so long ago is.
_UNDER_WAY = timedelta(minutes=2)


def with_history(
    facts: Facts, call: Endpoint[Any], state: RunState, ledger: Ledger, service: str, *, together: int, standing: bool
) -> Facts:
    """The facts with all that rules count over runs, as far as they look at such a call.

    `together` are the calls proposed at once, `standing` says whether the policy has standing permissions.
    """
    kind, now = call.route.effect, facts.now
    changes: dict[str, Any] = {}
    if isinstance(call, AnalyzeTwitterPost):
        changes["analyses_today"] = ledger.analyses(service, now - _DAY)
    if isinstance(call, PostFields):
        changes["files"] = _files(call, ledger, service)
    if isinstance(call, CreatePost) and facts.mode == "unattended" and state.opened is not None:
        changes["night_drafts"] = ledger.night_drafts(service, state.opened.date)
    if kind in {Effect.OUTBOUND, Effect.CONFIG, Effect.DESTRUCTIVE}:
        changes["together"] = together
        changes["cards_today"] = ledger.cards_made(service, now - _DAY)
    if kind is Effect.DESTRUCTIVE:
        changes["deletions"] = _deletions(state)
    if isinstance(call, CreateComment):
        changes["answered"] = tuple(_answered(state.run, ledger, service, now))
    if standing and isinstance(call, UpdatePost) and call.schedule_type != "draft":
        changes["standing"] = _standing(call, state, ledger, service, now)
    return replace(facts, **changes) if changes else facts


def _answered(run: str, ledger: Ledger, service: str, now: datetime) -> Iterator[Answered]:
    for comment, post, author, by, at, reply in ledger.answered(service, now - _REPLIES, now):
        yield Answered(comment, post, datetime.fromisoformat(at), author, here=by == run, reply=reply)


def _deletions(state: RunState) -> int:
    """Deletions that this run has put on cards, but for those that came to nothing."""
    return sum(
        len(view.parts)
        for view in state.cards.values()
        if view.card.operation.startswith("Delete") and view.state not in {"void", "rejected"}
    )


def _files(call: PostFields, ledger: Ledger, service: str) -> Mapping[int, FileTold]:
    ids = {one for item in call.content if item.media is not MISSING for one in item.media if isinstance(one, int)}
    if not ids:
        return {}
    found = {}
    for media_id, arguments in ledger.uploads(service, ids).items():
        file = UploadMediaFile.model_validate_json(arguments).file
        found[media_id] = FileTold(
            width=0 if file.width is MISSING else file.width,
            height=0 if file.height is MISSING else file.height,
            seconds=None if file.seconds is MISSING else file.seconds,
            mime=file.mime,
            size=file.size,
        )
    return found


def _standing(call: UpdatePost, state: RunState, ledger: Ledger, service: str, now: datetime) -> StandingKnown:
    since = (now - 2 * _DAY).date().isoformat()  # dates are local: no zone is further away
    return StandingKnown(
        used=tuple(ledger.standing_uses(service, since)),
        revoked={name: says for name, (_, _, says) in ledger.incidents(service).items()},
        doubt=ledger.in_doubt(service, now - _UNDER_WAY),
        strangers=strangers_near(call, state, ledger, service),
    )
