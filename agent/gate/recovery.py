"""Settling effects in doubt: read, and decide by what the reading proves (`reconcile`); else ask a person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agent.api.catalogue import parse
from agent.api.comments import CreateComment
from agent.api.endpoint import Endpoint
from agent.api.media import UploadMediaFromUrl
from agent.api.pages import every
from agent.api.posts import ListPosts, UpdatePost
from agent.api.types import Page
from agent.clock import Clock
from agent.errors import ApiError, NotFound
from agent.gate.reconcile import Finding, reading, settle
from agent.gate.titles import named
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.views import EffectView

#: A read may be stale: "not applied" is believed after so many looks, this far apart, all of them made when the
#: request could no longer arrive: reads may lag behind writes by the two gaps together, a minute.
LOOKS, BETWEEN_LOOKS = 3, timedelta(seconds=30)
#: A publish that still reads as a draft after this goes to a person.
PUBLISH_PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Reader:
    """What recovering needs of the gate."""

    read: Callable[[str, Endpoint[Any]], Awaitable[Any]]
    clock: Clock
    taken: Callable[[str], frozenset[int]]
    #: Posts that this home deleted.
    deleted: Callable[[], frozenset[int]]
    #: A call in one line, and line by line, for people.
    told: Callable[[Endpoint[Any]], tuple[str, tuple[str, ...]]]


async def recover(reader: Reader, run: Run) -> None:
    """Settle every effect in doubt that reading can settle; open a task for what it cannot.

    Where the service cannot be read the doubt stays, visibly; the run is then deferred by the loop.
    """
    for view in list(run.state.in_doubt):
        await _recover_one(reader, run, view)


async def _recover_one(reader: Reader, run: Run, view: EffectView) -> None:
    intent = view.intent.model_copy(update={"before": run.store.load(view.intent.before)})  # long ones are kept apart
    looks_after_deadline = 0
    while True:
        try:
            finding = await _look(reader, intent)
        except ApiError as error:
            _looked(reader, run, intent, f"could not look: {error.message}")
            return
        if finding.proof == "applied":
            _land(run, intent, "applied", finding)
            return
        _looked(reader, run, intent, finding.says or "not found")
        if reader.clock.now() >= intent.deadline:
            looks_after_deadline += 1
        if looks_after_deadline >= LOOKS and not _patience(reader, intent):
            break
        await _wait(reader, intent)
    if finding.proof == "not_applied":
        _land(run, intent, "not_sent", finding)
    else:
        _ask(reader, run, intent, finding)


def _patience(reader: Reader, intent: r.Intent) -> bool:
    """Whether a publish may still show up by itself."""
    call = parse(intent.operation, intent.arguments)
    publish = isinstance(call, UpdatePost) and call.schedule_type == "publish_now"
    return publish and reader.clock.now() < intent.send_before + PUBLISH_PATIENCE


async def _wait(reader: Reader, intent: r.Intent) -> None:
    until_deadline = (intent.deadline - reader.clock.now()).total_seconds()
    await reader.clock.sleep(max(until_deadline + 0.001, BETWEEN_LOOKS.total_seconds()), "before looking again")


async def _look(reader: Reader, intent: r.Intent) -> Finding:
    call = reading(intent)
    if call is None:
        return settle(intent, (), frozenset())

    async def read(one: Endpoint[Any]) -> Any:
        return await reader.read(f"{intent.key}.look", one)

    try:
        if isinstance(call, ListPosts):
            seen: tuple[object, ...] | None = await _down_to(read, call, intent.high)
        elif "page" in type(call).model_fields:
            seen = await every(read, call)
        else:
            answer = await read(call)
            seen = answer.data if isinstance(answer, Page) else (answer,)
    except NotFound:
        seen = None
    return settle(intent, seen, reader.taken(intent.operation), reader.deleted())


async def _down_to(read: Callable[[Endpoint[Any]], Awaitable[Any]], first: ListPosts, high: int) -> tuple[object, ...]:
    """Posts newest first, down to the highest id that was known before."""
    found: list[object] = []
    for number in range(1, 101):
        page = await read(first.model_copy(update={"page": number}))
        found.extend(page.data)
        last = page.last_page is not None and number >= page.last_page
        if not page.data or last or page.has_next is False or min(post.id for post in page.data) <= high:
            break
    return tuple(found)


def _land(run: Run, intent: r.Intent, state: r.OutcomeState, finding: Finding) -> None:
    post = run.state.known.posts.get(finding.object_id or 0)
    body = post.model_dump_json() if post is not None and intent.operation in {"CreatePost", "UpdatePost"} else ""
    run.flush()
    run.land(
        r.Outcome(
            key=intent.key,
            attempt=intent.attempt,
            state=state,
            settled="reading",
            body=run.store.keep(body) if state == "applied" else "",
            object_id=finding.object_id,
            says=finding.says,
        )
    )


def _looked(reader: Reader, run: Run, intent: r.Intent, says: str) -> None:
    run.add(r.Looked(key=intent.key, says=says, at=reader.clock.now()))
    run.flush()


def _ask(reader: Reader, run: Run, intent: r.Intent, finding: Finding) -> None:
    """Put what no reading settles before a person: what was sent, what may have happened, where to look, what next."""
    call = parse(intent.operation, intent.arguments)
    title, lines = reader.told(call)
    number = run.store.new_items(1)
    run.flush()
    run.land(r.Outcome(key=intent.key, attempt=intent.attempt, state="unknown", settled="reading", says=finding.says))
    run.add(
        r.Task(
            number=number,
            key=intent.key,
            says=f"{title}: sent once, the answer was lost, and nobody knows whether it arrived ({finding.says}).",
            look=f"Look {_where(call)}: {'; '.join(lines)}",
            next="If it is there, close this task. If it is not and you still want it, send it again: a new card.",
        )
    )
    run.flush()


def _where(call: Endpoint[Any]) -> str:
    """Where a person sees whether a call was carried out."""
    match call:
        case CreateComment():
            return f"at the comments of post {call.post_id}, in PostSyncer or on the network, for this"
        case UpdatePost() if call.schedule_type == "publish_now":
            return f"on the networks whether post {call.id} is out"
        case UploadMediaFromUrl():
            return "in the media library for this"
        case _:
            return f"at {named(call)} in PostSyncer for this"
