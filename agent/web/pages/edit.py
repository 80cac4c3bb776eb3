"""Writing: a new draft, a post, a card of the queue; its versions, and what came of saving it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.api.catalogue import parse
from agent.journal.views import CardView
from agent.policy.facts import Facts
from agent.policy.places import in_words
from agent.review.showing import became
from agent.tools.written import written_of
from agent.web.came import came_of
from agent.web.editor import drawn
from agent.web.judging import Checkup, check_reply, check_sheet, text_on
from agent.web.moments import field_of
from agent.web.routing import page
from agent.web.sheet import Merged, Sheet, fields_of, plain, written_text
from agent.web.site import asks_for_part, draw, seat_of, site_of
from agent.web.subjects import (
    RECORDS,
    RUNS,
    Subject,
    first_sheet,
    item_subject,
    new_subject,
    post_subject,
)
from agent.web.versions import steps_of, versions_of_card, versions_of_post
from agent.web.world import facts_in, loaded


def number_in(request: Request) -> int:
    """The number that an address names. Raises HTTPException for what is none."""
    text = str(request.path_params["number"])
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return int(text)
    raise HTTPException(404)


def subject_of(request: Request) -> Subject | None:
    """What the address is about; None for a post that no run has read. Raises Declined, HTTPException."""
    site, person = site_of(request), seat_of(request).person
    path = request.url.path
    if path.startswith("/compose"):
        return new_subject(site, person)
    if path.startswith("/edit/"):
        return item_subject(site, person, number_in(request))
    return post_subject(site, person, number_in(request))


async def _show(request: Request) -> Response:
    subject = subject_of(request)
    if subject is None:
        return draw(request, "edit/unread.html", post=number_in(request), back="")
    if is_reply(subject):
        return draw_reply(request, subject, text_on(subject))
    sheet = first_sheet(subject)
    return draw_editor(request, subject, sheet, blank=subject.base is None)


def is_reply(subject: Subject) -> bool:
    """Whether a card answers a comment: it is a text alone."""
    return subject.base is None and subject.card is not None


def draw_editor(
    request: Request,
    subject: Subject,
    sheet: Sheet,
    *,
    blank: bool = False,
    status: int = 200,
    trouble: tuple[str, str] = ("", ""),
    file_trouble: tuple[str, str] = ("", ""),
    merged: Merged | None = None,
    only_check: bool = False,
) -> Response:
    """The page with everything typed, or the part of it that is asked for. A `blank` one is not judged yet."""
    site, seat = site_of(request), seat_of(request)
    check = Checkup() if blank else check_sheet(site, seat.person, subject, sheet, seat.zone)
    values: Mapping[str, Any] = {
        "subject": subject,
        "sheet": sheet,
        "check": check,
        "blank": blank,
        "zone": _zone_name(subject, sheet),
        "may": seat.may("editor"),
    }
    if only_check and asks_for_part(request):
        return draw(request, "edit/checked.html", status, oob=True, **values)
    rows = drawn(site, subject, sheet, request.query_params.get("name", ""))
    template = "edit/editor.html" if asks_for_part(request) else "edit/page.html"
    return draw(
        request,
        template,
        status,
        rows=rows,
        kept=written_text(sheet.base) if sheet.base is not None else "",
        at=sheet.plan.at or field_of(site.house.clock.now(), seat.zone)[:10] + "T09:00",
        trouble=trouble,
        file_trouble=file_trouble,
        merged=merged,
        oob=False,
        **values,
    )


def _zone_name(subject: Subject, sheet: Sheet) -> str:
    workspace = subject.facts.workspaces.get(sheet.written.workspace_id)
    return workspace.timezone if workspace is not None else ""


def draw_reply(
    request: Request,
    subject: Subject,
    text: str,
    *,
    status: int = 200,
    trouble: tuple[str, str] = ("", ""),
    only_check: bool = False,
) -> Response:
    """The page for the text of a reply."""
    check = check_reply(site_of(request), subject, text)
    part = only_check and asks_for_part(request)
    return draw(
        request,
        "edit/checked.html" if part else "edit/reply.html",
        status,
        subject=subject,
        text=text,
        check=check,
        trouble=trouble,
        blank=False,
        oob=part,
        may=seat_of(request).may("editor"),
    )


async def _versions(request: Request) -> Response:
    """Every text that this home knows of it, with what changed each time."""
    site, subject = site_of(request), subject_of(request)
    if subject is None:
        return draw(request, "edit/unread.html", post=number_in(request), back="")
    store = site.house.store
    if is_reply(subject):
        entries = [(entry.at, entry.record) for entry in store.read(subject.run.id)]
        found = versions_of_card([(at, record) for at, record in entries if _of_card(record, subject)])
    else:
        post = subject.post.id if subject.post is not None else 0
        about = store.ledger.about_post(site.house.service, post, RUNS, RECORDS)
        found = versions_of_post(post, about, store.load, subject.facts)
    return draw(request, "edit/versions.html", subject=subject, steps=steps_of(found), count=len(found))


def _of_card(record: Any, subject: Subject) -> bool:
    """Whether a record is about the card, or about one that it was before it was edited: they share their key."""
    if subject.card is None:
        return False
    key = subject.card.parts[0].key
    if record.kind == "card":
        return any(part.key == key for part in record.parts)
    return bool(record.kind == "decided" and any(part.key == key for part in record.parts))


async def _saved(request: Request) -> Response:
    """What came of saving: what is stored, what waits, and where to go on."""
    site = site_of(request)
    run = loaded(site, request.path_params["run"])
    asked = request.query_params.get("card", "")
    only = f"?card={int(asked)}" if asked.isascii() and asked.isdecimal() and len(asked) < 16 else ""
    state, facts = run.state, facts_in(run)
    draft_of = partial(site.house.store.ledger.draft_waiting, site.house.service)
    views = [view for view in state.cards.values() if not only or str(view.card.number) == asked]
    return draw(
        request,
        "edit/saved_part.html" if asks_for_part(request) else "edit/saved.html",
        address=f"/saved/{run.id}{only}",
        cards=[(view, became(state, view), *_written_on(view, facts)) for view in views],
        effects=() if only else came_of(state, facts, draft_of),
        going=site.work.going(run.id),
        gone_wrong=site.work.trouble(run.id),
        in_words=in_words,
    )


def _written_on(view: CardView, facts: Facts) -> tuple[int, list[tuple[str, str]]]:
    """What somebody wrote on a card that came to nothing: its post, and the fields that say it again."""
    decided = view.decision is not None and view.decision.decision == "edit"
    if view.state != "void" or not decided or view.card.operation != "UpdatePost":
        return 0, []
    call: Any = parse(view.card.operation, view.parts[0].arguments)
    return call.id, fields_of(plain(written_of(call, facts), facts))


ROUTES = (
    page("/compose", _show, role="editor"),
    page("/edit/{number}", _show),
    page("/edit/{number}/versions", _versions),
    page("/posts/{number}/edit", _show),
    page("/posts/{number}/edit/versions", _versions),
    page("/saved/{run}", _saved),
)
