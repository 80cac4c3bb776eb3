"""What the pages for writing do: check what was typed, save it, take in files, read a post. Nothing typed is lost."""

from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent.api.endpoint import Endpoint
from agent.api.posts import UpdatePost
from agent.errors import Declined, PsaError
from agent.gate.decisions import with_text
from agent.gate.versions import post_version
from agent.journal.run import Run
from agent.review.writing import PostChanged, Writer
from agent.tools.body import put_body
from agent.tools.desk import Desk, Unfit
from agent.tools.written import rewritten, written_of
from agent.web.pages.edit import draw_editor, draw_reply, is_reply, number_in, subject_of
from agent.web.routing import action, go_to, text_in
from agent.web.sheet import Sheet, compared, merge, plain, sheet_of
from agent.web.site import draw, seat_of, site_of
from agent.web.subjects import Subject, first_sheet
from agent.web.uploading import MOST_FILES, MOST_FORM, keep_upload

#: How long a page waits for what was decided to be carried out, in seconds.
WAITS_S = 2.0


def _writer(request: Request) -> Writer:
    house = site_of(request).house
    return Writer(house.gate, house.store, house.open_run, seat_of(request).person)


async def _open(request: Request, form: FormData) -> tuple[Subject, Sheet]:
    """What is edited and what was typed. Raises Declined."""
    subject = subject_of(request)
    if subject is None:
        raise Declined(f"No run of this home has read post {number_in(request)}.", hint="Read it first.")
    return subject, sheet_of(form, subject.facts)


async def _check(request: Request, form: FormData) -> Response:
    """Judge what was typed, and change the page as a button asks; nothing is sent."""
    subject = subject_of(request)
    if subject is not None and is_reply(subject):
        return draw_reply(request, subject, text_in(form, "text"), only_check=True)
    subject, sheet = await _open(request, form)
    does = text_in(form, "do")
    if text_in(form, "at_instead"):
        sheet = replace(sheet, plan=replace(sheet.plan, at=text_in(form, "at_instead")[:16]))
    if does == "keep" and subject.base is not None:
        return _beside(request, subject, sheet)
    return draw_editor(request, subject, _changed(sheet, does), only_check=not does, blank=does == "workspace")


def _beside(request: Request, subject: Subject, sheet: Sheet) -> Response:
    """What was written before, as an edit of the post as it was last read."""
    stands = first_sheet(subject)
    base = stands.base or stands.written
    mine = replace(sheet.written, workspace_id=base.workspace_id)
    trouble = (f"This is what you wrote, over {subject.title.lower()} as it stands now.", "Save it if it is right so.")
    return draw_editor(request, subject, replace(stands, written=mine), trouble=trouble, merged=compared(mine, base))


def _changed(sheet: Sheet, does: str) -> Sheet:
    """The sheet after a button that changes the page: another part, another workspace, a second draft."""
    written = sheet.written
    if does == "part":
        return replace(sheet, written=replace(written, thread=(*written.thread, "")))
    if does == "workspace":
        return replace(sheet, written=replace(written, accounts=(), variants={}, settings={}, media=(), labels=()))
    kind, _, account = does.partition(":")
    if kind == "second" and account.isascii() and account.isdecimal() and len(account) < 16:
        only = int(account)
        text = written.variants.get(only, written.text)
        alone = replace(written, accounts=(only,), text=text, variants={}, settings={})
        return Sheet(alone, sheet.plan)
    return sheet


# -- saving ------------------------------------------------------------------------------------------------------------


async def _save(request: Request, form: FormData) -> Response:
    try:
        subject = subject_of(request)
    except Declined as error:
        return _adrift(request, form, error)
    if subject is not None and is_reply(subject):
        return await _save_reply(request, form, subject)
    subject, sheet = await _open(request, form)
    at_once = text_in(form, "do") == "approve"
    try:
        if subject.on_card:
            return await _save_card(request, subject, sheet, decides=at_once)
        return await _save_post(request, subject, sheet, at_once=at_once)
    except PostChanged as changed:
        return _clash(request, subject, sheet, changed)
    except PsaError as error:
        return draw_editor(request, subject, sheet, status=409, trouble=(error.message, error.hint))


async def _save_post(request: Request, subject: Subject, sheet: Sheet, *, at_once: bool) -> Response:
    writer, plan = _writer(request), sheet.plan
    if subject.post is None:
        saved = await writer.draft(sheet.written, plan, at_once=at_once)
    else:
        saved = await writer.post(
            subject.post.id, sheet.written, plan, sheet.version, overlay=subject.overlay, at_once=at_once
        )
    await site_of(request).work.carry_on(saved.run, wait=WAITS_S)
    return go_to(request, f"/saved/{saved.run.id}", saved.trouble)


async def _save_card(request: Request, subject: Subject, sheet: Sheet, *, decides: bool) -> Response:
    plan = sheet.plan if sheet.plan.goes_out and sheet.plan.kind != "now" else replace(sheet.plan, kind="keep")

    def change(call: Endpoint[Any]) -> Endpoint[Any]:
        if not isinstance(call, UpdatePost):
            raise Declined(f"Card {subject.number} has no post to edit.", hint="Approve or reject it.")
        try:
            changed: Endpoint[Any] = rewritten(call, sheet.written, plan, subject.facts)
        except Unfit as error:
            raise Declined(str(error), hint="What you wrote is still here.") from error
        if changed == call and not decides:
            raise Declined("Nothing was changed.", hint="Change something, or approve the card as it stands.")
        return changed

    reviewer = site_of(request).reviewer(seat_of(request).person)
    run, said = await reviewer.change(subject.number, change, decides=decides, advance=False)
    return await _decided(request, run, subject.number, said)


async def _save_reply(request: Request, form: FormData, subject: Subject) -> Response:
    text = text_in(form, "text")
    try:
        if not text.strip():
            raise Declined("A reply needs a text.", hint="Reject the card where nothing is to be said.")
        reviewer = site_of(request).reviewer(seat_of(request).person)
        run, said = await reviewer.change(
            subject.number,
            lambda call: with_text(call, text),
            decides=text_in(form, "do") == "approve",
            advance=False,
        )
    except PsaError as error:
        return draw_reply(request, subject, text, status=409, trouble=(error.message, error.hint))
    return await _decided(request, run, subject.number, said)


async def _decided(request: Request, run: Run, number: int, said: str) -> Response:
    """Carry out what was decided, and show what became of the card, or of the one that took its place."""
    await site_of(request).work.carry_on(run, wait=WAITS_S)
    newest = max((one for one, view in run.state.cards.items() if view.state == "open"), default=number)
    still = run.state.cards[number].state
    return go_to(request, f"/saved/{run.id}?card={number if still != 'void' else newest}", said)


def _adrift(request: Request, form: FormData, error: Declined) -> Response:
    """What was edited is decided, gone or expired meanwhile: what was typed is shown, to be kept as a new draft."""
    texts = [text_in(form, "text"), *(one for one in form.getlist("part") if isinstance(one, str))]
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and _carried(name)]
    return draw(request, "edit/adrift.html", 409, error=error, texts=texts, fields=fields)


def _carried(name: str) -> bool:
    return name not in {"token", "do", "base", "version", "when", "at", "at_instead"}


def _clash(request: Request, subject: Subject, sheet: Sheet, changed: PostChanged) -> Response:
    """Both versions put together: what only the other changed is taken over, what both changed is shown."""
    try:
        base, _ = put_body(changed.post, Desk(subject.facts))
    except Unfit as error:
        return draw_editor(request, subject, sheet, status=409, trouble=(changed.message, str(error)))
    theirs = plain(written_of(base, subject.facts), subject.facts)
    merged = merge(sheet.base, sheet.written, theirs) if sheet.base is not None else compared(sheet.written, theirs)
    fresh = Sheet(merged.written, sheet.plan, theirs, post_version(changed.post))
    again = subject_of(request) or subject
    return draw_editor(request, again, fresh, status=409, trouble=(changed.message, changed.hint), merged=merged)


# -- files and reading -------------------------------------------------------------------------------------------------


async def _upload(request: Request, form: FormData) -> Response:
    """Keep the files, put them into the workspace's library, and add them to the post."""
    subject, sheet = await _open(request, form)
    writer, gate = _writer(request), site_of(request).house.gate
    files = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    trouble = ("", "")
    try:
        if not files:
            raise Declined("No file was chosen.", hint="Choose one, then upload it.")
        for file in files[:MOST_FILES]:
            name = await keep_upload(file, gate.surroundings.folders_allowed)
            _, media = await writer.upload(sheet.written.workspace_id, name)
            added = (*sheet.written.media, media.id)
            sheet = replace(sheet, written=replace(sheet.written, media=tuple(dict.fromkeys(added))))
    except PsaError as error:
        trouble = (error.message, error.hint)
    return draw_editor(request, subject, sheet, file_trouble=trouble, status=409 if trouble[0] else 200)


async def _library(request: Request, form: FormData) -> Response:
    """Read the newest files and the labels of the workspace anew."""
    subject, sheet = await _open(request, form)
    trouble = ("", "")
    try:
        await _writer(request).library(sheet.written.workspace_id)
    except PsaError as error:
        trouble = (error.message, error.hint)
    again = subject_of(request) or subject
    return draw_editor(request, again, sheet, file_trouble=trouble, status=409 if trouble[0] else 200)


async def _read(request: Request, form: FormData) -> Response:
    post = number_in(request)
    await _writer(request).look(post)
    return go_to(request, f"/posts/{post}" if text_in(form, "back") == "post" else f"/posts/{post}/edit")


def _actions(path: str) -> tuple[Route, ...]:
    return (
        action(f"{path}/check", _check),
        action(f"{path}/save", _save),
        action(f"{path}/library", _library),
        action(f"{path}/upload", _upload, most=MOST_FORM),
    )


ROUTES = (
    *_actions("/compose"),
    *_actions("/edit/{number}"),
    *_actions("/posts/{number}/edit"),
    action("/posts/{number}/read", _read),
)
