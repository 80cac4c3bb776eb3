"""Runs: the list, one run live, and what a person may do about it: begin, stop, resume, undo."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.chat.telling import unfinished
from agent.errors import Declined, PsaError
from agent.gate.approvals import refuse_jump_back
from agent.journal import records as r
from agent.journal.fold import RunState, outcome_of
from agent.journal.lease import advancing
from agent.journal.ledger import RunRow, RunsLike
from agent.journal.run import Run
from agent.planner.goal_text import goal_text, refuse_secrets
from agent.review.undoing import Undone
from agent.text import one_line
from agent.web.routing import action, go_to, number_in, page, text_in
from agent.web.run_states import VIEWS, Badge, badge, face
from agent.web.shelf import Shelf, load
from agent.web.site import Site, asks_for_part, draw, seat_of, site_of
from agent.web.steps import budgets_of, findings_told, steps_of
from agent.web.talks import talks_of

#: Runs on one page of the list.
PAGE = 50
#: So long is waited for a run that was begun or goes on: a short one is over by then.
SOON_S = 0.4
_MOST_TOLD = 8
_MOST_WORDS = 200


@dataclass(frozen=True)
class Listed:
    """A run in the list."""

    run: str
    goal: str
    face: str
    opened: datetime
    badge: Badge


def shelf_of(site: Site) -> Shelf:
    """The runs that pages of this server look at."""
    shelf: Shelf = site.rooms.setdefault("runs", Shelf(site.house.store, site.house.clock))
    return shelf


def advanced_by(site: Site, run: str) -> str:
    """Who advances a run now, in words; empty where nobody does."""
    other = advancing(site.house.store, run)
    if site.work.going(run):
        return "this server" if not site.work.trouble(run) else other or "this server"
    return other


# -- looking -----------------------------------------------------------------------------------------------------------


async def _list(request: Request) -> Response:
    site = site_of(request)
    asked = request.query_params
    view = asked.get("show", "goals")
    view = view if view in VIEWS else "goals"
    words = asked.get("words", "")[:_MOST_WORDS]
    before = number_in(asked["before"]) if asked.get("before") else 0
    _, whose, outcomes = VIEWS[view]
    found = site.house.store.ledger.runs_like(RunsLike(whose, outcomes, words), PAGE + 1, before)
    rows = [_listed(site, row) for row in found[:PAGE]]
    older = ""
    if len(found) > PAGE:
        older = "/runs?" + urlencode({"show": view, "words": words, "before": rows[-1].run[1:]})
    template = "runs/rows.html" if asks_for_part(request) else "runs/list.html"
    asked_for: dict[str, Any] = {"view": view, "words": words, "before": before}
    halted = (row.run for row in found[:PAGE] if row.outcome in {"", "stopped"} and not advanced_by(site, row.run))
    stopped = list(halted) if view == "unfinished" else []
    return draw(request, template, rows=rows, older=older, views=VIEWS, halted=stopped, **asked_for)


def _listed(site: Site, row: RunRow) -> Listed:
    moving = not row.outcome and bool(advanced_by(site, row.run))
    how = face(row.mode, row.channel, row.job, row.date)
    return Listed(row.run, one_line(row.goal, 300), how, row.opened, badge(row.outcome, moving=moving))


async def _run(request: Request) -> Response:
    """A run; asked for as a part, only what changes while it moves."""
    site = site_of(request)
    run = shelf_of(site).look(request.path_params["run"])
    last = number_in(request.query_params["turns"]) if request.query_params.get("turns") else 0
    template = "runs/live.html" if asks_for_part(request) else "runs/run.html"
    return draw(request, template, **run_values(site, run.state), steps=steps_of(run.state, last), last=last)


def run_values(site: Site, state: RunState) -> dict[str, Any]:
    """What every page about a run is given."""
    opened, house = state.opened, site.house
    assert opened is not None, "only runs that were opened are shown"
    by = advanced_by(site, state.run) if state.closed is None else ""
    settings = house.settings
    priced = settings.psa_price_in is not None or settings.psa_price_out is not None
    foreign = opened.service != house.service
    return {
        "run": state,
        "opened": opened,
        "face": face(opened.mode, opened.channel, opened.job, opened.date),
        "by": by,
        "badge": badge(outcome_of(state) if state.closed is not None else "", moving=bool(by)),
        "trouble": site.work.trouble(state.run) if by or state.closed is None or state.unsent() else "",
        "ended": next((one for one in (state.stopped, state.deferred, state.gave_up) if one is not None), None),
        "budgets": budgets_of(state, house.clock.now() if by else state.last_at or house.clock.now(), priced=priced),
        "left": None if foreign else house.gate.budget.left(house.clock.now().timestamp()),
        "tokens": sum(one.turn.prompt_tokens + one.turn.completion_tokens for one in state.turns),
        "money": sum(one.turn.money for one in state.turns),
        "foreign": foreign,
        "can_resume": not foreign and not by and unfinished(state),
        "can_stop": bool(by),
        "can_undo": not foreign and not by and any(one.state == "applied" for one in state.effects.values()),
        "findings_told": findings_told,
    }


# -- acting ------------------------------------------------------------------------------------------------------------


async def _begin(request: Request, form: FormData) -> Response:
    """Begin a goal: an attended run, which goes on while its page shows it."""
    site, person = site_of(request), seat_of(request).person
    goal = goal_text(text_in(form, "goal"))
    refuse_secrets(goal, site.house.settings.secrets)
    workspace = text_in(form, "workspace").strip()
    run = site.house.open_run("attended", person.name, (workspace,) if workspace else (), channel="web")
    run.add(r.Goal(number=1, text=goal, by=person.name))
    run.flush()
    await site.work.carry_on(run, wait=SOON_S)
    return go_to(request, f"/runs/{run.id}")


async def _resume(request: Request, _form: FormData) -> Response:
    run = _resumed(request, request.path_params["run"])
    await site_of(request).work.carry_on(run, wait=SOON_S)
    return go_to(request, f"/runs/{run.id}")


async def _resume_all(request: Request, form: FormData) -> Response:
    """Let the runs go on that the page showed as stopped; one that cannot hinders no other."""
    asked = [one for one in form.getlist("run") if isinstance(one, str)][:PAGE]
    goes_on, says = list[Run](), list[str]()
    for name in asked:
        try:
            goes_on.append(_resumed(request, name))
        except PsaError as error:
            says.append(error.message)
        except HTTPException:
            says.append(f"There is no run {name[:20]}.")
    await asyncio.gather(*(site_of(request).work.carry_on(run, wait=SOON_S) for run in goes_on))
    told = f"{len(goes_on)} {'run goes' if len(goes_on) == 1 else 'runs go'} on."
    return go_to(request, "/runs?show=unfinished", " ".join([told, *says[:_MOST_TOLD]]))


def _resumed(request: Request, name: str) -> Run:
    """A run that a person lets go on. Raises Declined, JournalError where it cannot."""
    site, person = site_of(request), seat_of(request).person
    run = _own_service(site, load(site.house.store, name, site.house.clock))
    by = advanced_by(site, run.id)
    if by:
        raise Declined(f"Run {run.id} is being worked on by {by}.", hint="Its page shows how it goes on.")
    if not unfinished(run.state):
        raise Declined(f"Nothing of run {run.id} is unfinished.", hint="Begin a new goal instead.")
    refuse_jump_back(run)
    state = run.state
    if state.closed is None or state.stopped or state.gave_up or state.deferred:
        run.add(r.Resumed(who=person.name))
    run.flush()
    return run


async def _stop(request: Request, _form: FormData) -> Response:
    site, person = site_of(request), seat_of(request).person
    run = load(site.house.store, request.path_params["run"], site.house.clock)
    if run.state.closed is not None:
        raise Declined(f"Run {run.id} rests already.", hint="What waits of it is in the queue.")
    talk = talks_of(site).over(run.id)
    if talk is None or not await talk.conversation.stop("stopped in the browser"):
        await site.work.stop(run, person)
    return go_to(request, f"/runs/{run.id}", f"Run {run.id} is stopped.")


async def _undo(request: Request, _form: FormData) -> Response:
    """Propose what takes back what a run did: as cards, with the reason where nothing does."""
    site, person = site_of(request), seat_of(request).person
    done = load(site.house.store, request.path_params["run"], site.house.clock)
    if advanced_by(site, done.id):
        raise Declined(f"Run {done.id} is still being worked on.", hint="Stop it first.")
    own, told = await site.reviewer(person).undo(done.id)
    if not told:
        return go_to(request, f"/runs/{done.id}", f"Run {done.id} changed nothing in PostSyncer.")
    return go_to(request, f"/runs/{own.id}", _undone(told))


def _undone(told: Sequence[Undone]) -> str:
    cards = sorted({one.card for one in told if one.card is not None})
    done = sum(one.state == "done" for one in told)
    wait = f"card{'s' if cards[1:] else ''} {', '.join(map(str, cards))} wait{'' if cards[1:] else 's'} for you"
    parts = [wait] if cards else []
    parts += [f"{done} taken back at once"] if done else []
    cannot = [one for one in told if one.state == "no"]
    parts += [f"not taken back: {one_line(one.title, 120)} ({one_line(one.says, 200)})" for one in cannot[:_MOST_TOLD]]
    parts += [f"and {len(cannot) - _MOST_TOLD} more"] if len(cannot) > _MOST_TOLD else []
    return f"To take it back: {'; '.join(parts)}."


def _own_service(site: Site, run: Run) -> Run:
    opened = run.state.opened
    if opened is not None and opened.service != site.house.service:
        raise Declined(
            f"Run {run.id} belongs to {opened.service}; in use is {site.house.service}.",
            hint="Set POSTSYNCER_BASE_URL and the token as they were.",
        )
    return run


ROUTES = (
    page("/runs", _list),
    page("/runs/{run}", _run),
    action("/runs", _begin),
    action("/runs/go-on", _resume_all),
    action("/runs/{run}/resume", _resume),
    action("/runs/{run}/stop", _stop),
    action("/runs/{run}/undo", _undo),
)
