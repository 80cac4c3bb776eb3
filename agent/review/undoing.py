"""Undoing a run: the compensating calls of its applied effects, the newest first, as a person's own calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.api.catalogue import parse
from agent.api.endpoint import Endpoint
from agent.api.types import Imported
from agent.errors import ApiError, Declined
from agent.gate.door import Result
from agent.gate.titles import title_of
from agent.gate.versions import object_type
from agent.journal.fold import RunState
from agent.journal.views import EffectView
from agent.policy.facts import Facts
from agent.report import facts_of
from agent.review.own import OwnCalls
from agent.tools.desk import Completes, Parts
from agent.tools.undoing import RemoveMade, taken_back_by


@dataclass(frozen=True)
class Undone:
    """What becomes of one effect: `card` waits, `done` was carried out at once, `no` cannot be undone; `says` why."""

    key: str
    title: str
    state: str
    card: int | None = None
    says: str = ""


async def undo(own: OwnCalls, state: RunState) -> list[Undone]:
    """Propose what takes a run's effects back; a post that the run made is deleted, whatever was done to it since."""
    facts = facts_of(state)
    made = _made_posts(state)
    told = await _remove(own, made, facts)
    for views, wanted in _others(state, set(made)):
        if isinstance(wanted, str):
            told += [_no(view, facts, wanted) for view in views]
        else:
            told += await _one(own, views, wanted, facts)
    return told


async def _remove(own: OwnCalls, made: dict[int, EffectView], facts: Facts) -> list[Undone]:
    """The deletions of what the run made, on one card."""
    told: list[Undone] = []
    views: list[EffectView] = []
    calls: list[Endpoint[Any]] = []
    for post, view in reversed(made.items()):
        try:
            calls += (await own.complete(RemoveMade(post))).calls
            views.append(view)
        except (Declined, ApiError) as error:
            told.append(_no(view, facts, str(error)))
    if calls:
        results = await own.propose(Parts(tuple(calls)))
        told += [_told(view, result, facts) for view, result in zip(views, results, strict=True)]
    return told


def _made_posts(state: RunState) -> dict[int, EffectView]:
    return {
        view.outcome.object_id: view
        for view in state.effects.values()
        if view.state == "applied" and view.intent.operation == "CreatePost"
        if view.outcome is not None and view.outcome.object_id is not None
    }


def _others(state: RunState, made: set[int]) -> Iterable[tuple[list[EffectView], Completes | str]]:
    """The other applied effects, the newest first; of several changes of a post the first one's before counts."""
    posts: dict[int, list[EffectView]] = {}
    for view in reversed(list(state.effects.values())):
        if view.state != "applied" or view.intent.operation == "CreatePost":
            continue
        about = view.outcome.object_id if view.outcome else None
        if view.intent.operation == "UpdatePost" and about is not None:
            if about not in made:
                posts.setdefault(about, []).append(view)
            continue
        yield [view], _taken_back(state, view)
    for views in posts.values():
        yield views, _taken_back(state, views[-1])


def _taken_back(state: RunState, view: EffectView) -> Completes | str:
    call = parse(view.intent.operation, view.intent.arguments)
    before = state.load(view.intent.before)
    kind = object_type(call)
    stood = kind.model_validate_json(before) if before and kind is not None else None
    object_id = view.outcome.object_id if view.outcome else None
    return taken_back_by(call, object_id, stood, _media(state, view))


_BRING_MEDIA = frozenset({"UploadMediaFile", "UploadMediaFromUrl"})


def _media(state: RunState, view: EffectView) -> tuple[int, ...]:
    """Ids of the media that an upload or an import brought."""
    outcome = view.outcome
    if outcome is None or view.intent.operation not in _BRING_MEDIA:
        return ()
    if not outcome.body:
        return (outcome.object_id,) if outcome.object_id else ()
    answer = state.known.learn(view.intent.operation, state.load(outcome.body))
    return tuple(item.id for item in answer.media) if isinstance(answer, Imported) else (answer.id,)


async def _one(own: OwnCalls, views: list[EffectView], wanted: Completes, facts: Facts) -> list[Undone]:
    try:
        results = await own.propose(await own.complete(wanted))
    except (Declined, ApiError) as error:
        return [_no(view, facts, str(error)) for view in views]
    return [_told(view, results[min(at, len(results) - 1)], facts) for at, view in enumerate(views)]


def _told(view: EffectView, result: Result, facts: Facts) -> Undone:
    title = _title(view, facts)
    if result.state == "waiting":
        return Undone(view.intent.key, title, "card", result.card)
    if result.state == "applied":
        return Undone(view.intent.key, title, "done")
    return Undone(
        view.intent.key, title, "no", says=result.says or (str(result.error) if result.error else result.state)
    )


def _no(view: EffectView, facts: Facts, why: str) -> Undone:
    return Undone(view.intent.key, _title(view, facts), "no", says=why)


def _title(view: EffectView, facts: Facts) -> str:
    return title_of(parse(view.intent.operation, view.intent.arguments), facts)
