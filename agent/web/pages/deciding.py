"""What people do with items of the queue: each decision is recorded by the reviewer, then its run goes on."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import Declined, PsaError
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.planner.goal_text import refuse_secrets
from agent.review.reviewer import Reviewer, waits_for
from agent.review.showing import became
from agent.web.batches import MOST, batch_of
from agent.web.looks import looks_of
from agent.web.rewriting import rewrite
from agent.web.routing import action, go_to, number_in, text_in
from agent.web.site import asks_for_part, draw, seat_of, site_of

#: A decision is waited for so long before the page goes on.
WAITS_S = 2.0
_AT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
#: Pages that a decision may lead back to.
_BACK = re.compile(r"/|/review/[0-9]{1,18}|/comments")
_LONGEST_REASON = 2000


def _number(request: Request) -> int:
    return number_in(request.path_params["number"])


def _reviewer(request: Request) -> Reviewer:
    return site_of(request).reviewer(seat_of(request).person)


def _typed(request: Request, form: FormData, name: str, most: int = _LONGEST_REASON) -> str:
    """Words that are journaled. Raises Declined where they are too long, SettingsError where they hold a key."""
    text = text_in(form, name).strip()
    if len(text) > most:
        raise Declined(f"That has {len(text)} characters; {most} at most are kept.", hint="Say it shorter.")
    refuse_secrets(text, site_of(request).house.settings.secrets)
    return text


def _then(request: Request, form: FormData, says: str, to: str = "") -> Response:
    """On to `to`, else back to where the form stood; a page that stays gets the sentence alone."""
    back = urlsplit(text_in(form, "back"))
    home = text_in(form, "back") if not back.netloc and not back.scheme and _BACK.fullmatch(back.path) else "/"
    if asks_for_part(request) and not to:
        response = draw(request, "review/said.html", says=says)
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return go_to(request, to or home, says)


async def _carried(request: Request, run: Run) -> RunState:
    """Let a run go on, and how it stands then: the run itself belongs to the task that advances it from here on."""
    site = site_of(request)
    await site.work.carry_on(run, WAITS_S)
    return looks_of(site).state(run.id)


def _led_to(request: Request, state: RunState, number: int) -> str:
    """What a card's decision led to, in a sentence."""
    site, view = site_of(request), state.cards[number]
    if view.state != "approved":
        return f"Card {number}: {became(state, view)}."
    if site.work.going(state.run):
        return f"Card {number} is approved; it is being carried out."
    why = site.work.trouble(state.run) or waits_for(state)
    return f"Card {number} is approved, not sent yet: {why}"


# -- cards ---------------------------------------------------------------------------------------------------------


async def _approve(request: Request, form: FormData) -> Response:
    number = _number(request)
    run = await _reviewer(request).approve(number, text_in(form, "confirm").strip(), _struck(form), advance=False)
    return _then(request, form, _led_to(request, await _carried(request, run), number))


def _struck(form: FormData) -> tuple[int, ...]:
    """The calls of a card that are not to go, counted from 1: what the form offered and nobody left ticked."""
    offered = text_in(form, "parts")
    if not offered:
        return ()
    kept = {number_in(str(one)) for one in form.getlist("keep")}
    return tuple(place for place in range(1, min(number_in(offered), 1000) + 1) if place not in kept)


async def _edit(request: Request, form: FormData) -> Response:
    number, text = _number(request), text_in(form, "text").rstrip("\n")
    refuse_secrets(text, site_of(request).house.settings.secrets)
    if not text.strip():
        raise Declined("The text is empty.", hint="Write one, or reject the card.")
    before = _reviewer(request).show(number)
    run, said = await _reviewer(request).edit(number, text, advance=False)
    fresh = [new for new in run.state.cards if new not in before.state.cards]
    if fresh:
        return _then(request, form, said, f"/review/{fresh[-1]}")
    return _then(request, form, _led_to(request, await _carried(request, run), number))


async def _reject(request: Request, form: FormData) -> Response:
    number, reason = _number(request), _typed(request, form, "reason")
    delete = text_in(form, "delete") == "yes"
    reviewer = _reviewer(request)
    shown = reviewer.show(number)
    waits_as = shown.item.waits_as if shown.card is None and shown.item.state == "open" else None
    if waits_as is not None and text_in(form, "card") == str(waits_as):
        await _carried(request, await reviewer.reject(waits_as, reason, delete_draft=False, advance=False))
    else:
        waits_as = None
    run = await reviewer.reject(number, reason, delete_draft=delete, advance=False)
    await _carried(request, run)
    what = f"Card {number} is rejected" if shown.card is not None else f"Draft {number} is out of the queue"
    what += f"; card {waits_as} is rejected" if waits_as is not None else ""
    return _then(request, form, f"{what}{'; the draft is deleted' if delete else ''}.")


async def _again(request: Request, form: FormData) -> Response:
    run = await _reviewer(request).again(_number(request))
    return _proposed(request, form, run)


async def _rewrite(request: Request, form: FormData) -> Response:
    site, number = site_of(request), _number(request)
    wish = _typed(request, form, "wish")
    if not wish:
        raise Declined("Say how it should be.", hint='Such as "shorter, no emoji". Nothing was rejected.')
    run = await rewrite(site.house, _reviewer(request), seat_of(request).person, number, wish)
    state = await _carried(request, run)
    if trouble := site.work.trouble(run.id):
        return _then(request, form, f"Asked for in run {run.id}, which does not go on: {trouble}")
    new = [view.card.number for view in state.open_cards]
    if new and not site.work.going(run.id):
        return _then(request, form, f"The new version waits as card {new[-1]}.", f"/review/{new[-1]}")
    return _then(request, form, f"The agent writes it anew in run {run.id}; what comes of it appears here.", "/")


# -- drafts, questions, tasks --------------------------------------------------------------------------------------


async def _schedule(request: Request, form: FormData) -> Response:
    at, slot = text_in(form, "at").strip(), text_in(form, "slot") == "yes"
    if not slot and not _AT.fullmatch(at):
        raise Declined("Say when: a day and an hour, or the next free slot.", hint="Nothing was scheduled.")
    when = None if slot else at.replace("T", " ")
    run = await _reviewer(request).promote(_number(request), when, next_slot=slot, confirmed=False)
    return _proposed(request, form, run)


async def _publish(request: Request, form: FormData) -> Response:
    run = await _reviewer(request).promote(_number(request), None, next_slot=False, confirmed=False)
    return _proposed(request, form, run)


def _proposed(request: Request, form: FormData, run: Run) -> Response:
    """On to the card that a person's own call waits as."""
    run.catch_up()
    card = next((view.card for view in run.state.open_cards), None)
    if card is None:
        return _then(request, form, "Done: no decision was needed.")
    return _then(request, form, "This is what would happen. Look at it, then approve it.", f"/review/{card.number}")


async def _answer(request: Request, form: FormData) -> Response:
    number, text = _number(request), _typed(request, form, "text", 20_000)
    if not text:
        raise Declined("The answer is empty.", hint="The run waits for your words.")
    run = await _reviewer(request).answer(number, text, advance=False)
    await _carried(request, run)
    trouble = site_of(request).work.trouble(run.id)
    return _then(request, form, f"Question {number} is answered. {trouble or f'Run {run.id} goes on.'}")


async def _done(request: Request, form: FormData) -> Response:
    number = _number(request)
    run = _reviewer(request).close_task(number, _typed(request, form, "how") or "settled")
    await _carried(request, run)
    return _then(request, form, f"Task {number} is closed.")


# -- several cards -------------------------------------------------------------------------------------------------


async def _approve_all(request: Request, form: FormData) -> Response:
    reviewer = _reviewer(request)
    numbers = _numbers(form)
    views = [view for number in numbers if (view := reviewer.show(number).card) is not None]
    batch = batch_of(views)
    if len(views) != len(numbers) or (batch.count and text_in(form, "confirm").strip() != batch.count):
        hint = f"Type {batch.count}: that many things are destroyed." if batch.count else "Select cards alone."
        raise Declined("Nothing was approved.", hint=hint)
    confirms = {view.card.number: batch.confirm(view) for view in views}

    async def one(number: int) -> Run:
        return await reviewer.approve(number, confirms[number], (), advance=False)

    return await _each(request, numbers, one)


async def _reject_all(request: Request, form: FormData) -> Response:
    reviewer, reason = _reviewer(request), _typed(request, form, "reason")

    async def one(number: int) -> Run:
        return await reviewer.reject(number, reason, delete_draft=False, advance=False)

    return await _each(request, _numbers(form), one)


def _numbers(form: FormData) -> list[int]:
    numbers = sorted({number_in(str(one)) for one in form.getlist("number")})
    if not numbers or len(numbers) > MOST:
        raise Declined(f"{len(numbers)} cards are selected.", hint=f"Select 1 to {MOST}.")
    return numbers


async def _each(request: Request, numbers: list[int], decide: Callable[[int], Awaitable[Run]]) -> Response:
    """Decide one card after the other; what is refused stops no other. Their runs go on side by side."""
    runs: dict[int, Run] = {}
    refused: list[str] = []
    for number in numbers:
        try:
            runs[number] = await decide(number)
        except PsaError as error:
            refused.append(f"card {number}: {error}")
    last = {run.id: run for run in runs.values()}
    await asyncio.gather(*(site_of(request).work.carry_on(run, WAITS_S) for run in last.values()))
    states = {run_id: looks_of(site_of(request)).state(run_id) for run_id in last}
    told: dict[str, list[str]] = {}
    for number, run in runs.items():
        state = states[run.id]
        told.setdefault(became(state, state.cards[number]), []).append(str(number))
    says = [f"{'card' if len(of) == 1 else 'cards'} {', '.join(of)}: {what}" for what, of in told.items()]
    return go_to(request, "/", "; ".join([*says, *refused]) + ".")


ACTIONS = (
    action("/review/batch/approve", _approve_all),
    action("/review/batch/reject", _reject_all),
    action("/review/{number}/approve", _approve),
    action("/review/{number}/edit", _edit),
    action("/review/{number}/reject", _reject),
    action("/review/{number}/again", _again),
    action("/review/{number}/rewrite", _rewrite),
    action("/review/{number}/schedule", _schedule),
    action("/review/{number}/publish", _publish),
    action("/review/{number}/answer", _answer),
    action("/review/{number}/done", _done),
)
