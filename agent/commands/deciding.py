"""The commands of `psa review` that look at an item, and decide."""

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import click

from agent.assembly import House
from agent.commands.common import (
    advance_option,
    as_option,
    choices,
    person,
    report_json,
    reviewer,
    role_option,
    with_house,
)
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.errors import Declined, Exit, JournalError, SettingsError
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.report import keep_report
from agent.review.numbers import numbers
from agent.review.reviewer import Reviewer, leaves_draft
from agent.review.showing import became, card_text, shown_text, text_of


def _deciding(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every deciding command takes."""
    for option in (json_option, role_option, as_option, clock_option, now_option):
        function = option(function)
    return function


def _decide(work: Callable[[Reviewer, House], Awaitable[list[Run]]], as_json: bool, options: dict[str, Any]) -> int:
    """Do the deciding, tell what became of it; exit code 0 where everything decided was carried out."""

    async def go(house: House) -> int:
        before = {item.number: item.state for item in house.store.ledger.items(ALL_STATES)}
        runs = await work(reviewer(house, person(house, options["as_name"], options["role"])), house)
        for run in runs:
            with suppress(JournalError):  # told by the decision itself; `psa runs report` draws it anew
                keep_report(house.runs, run.state, house.templates)
        reports = [report_json(run) for run in runs]
        if as_json:
            told = [report.model_dump(mode="json") for report in reports]
            print_json(told[0] if len(told) == 1 else told)
        failed = False
        for run in {run.id: run for run in runs}.values():
            for number, view in run.state.cards.items():
                if view.state in {"void", "done", "rejected", "approved"} and before.get(number) != view.state:
                    tell(f"card {number}: {_became(run, view)}", err=as_json)
                    failed = failed or view.state == "void" or _went_wrong(run, view)
        return Exit.FAILED if failed else Exit.OK

    return with_house(choices(options["now"], options["clock"]), go)


ALL_STATES = ("open", "approved", "rejected", "void", "done")


def _went_wrong(run: Run, view: CardView) -> bool:
    states = [run.state.effects[part.key].state for part in view.parts if part.key in run.state.effects]
    return view.state != "rejected" and any(state != "applied" for state in states)


def _became(run: Run, view: CardView) -> str:
    """What a decision led to, in words, with what to do where it led nowhere."""
    again = f". `psa review again {view.card.number}` makes a new card from what stands now."
    return became(run.state, view) + (again if view.state == "void" else "")


@click.command("show")
@click.argument("number", type=int)
@json_option
@now_option
@clock_option
def show_command(number: int, as_json: bool, now: str | None, clock: str) -> None:
    """An item in full: the exact texts, why it waits, what can be undone."""

    async def go(house: House) -> None:
        shown = reviewer(house, person(house, None, None)).show(number)
        if as_json:
            card = shown.card.card.model_dump(mode="json") if shown.card else {}
            print_json({**shown.item.__dict__, "card": card})
        else:
            tell(shown_text(shown))

    with_house(choices(now, clock), go, banner=not as_json)


@click.command("approve")
@click.argument("which", nargs=-1, required=True)
@click.option("--confirm", default="", metavar="TEXT", help="The name or count that a destructive card asks for.")
@click.option("--strike", default="", metavar="1,3", help="Leave these calls of the card out.")
@advance_option
@_deciding
def approve_command(
    which: tuple[str, ...], confirm: str, strike: str, as_json: bool, advance: bool, **options: Any
) -> int:
    """Approve cards (3, or 3-7, or 3,5) and carry them out."""
    struck = tuple(numbers((strike,))) if strike else ()
    if struck and len(numbers(which)) > 1:
        raise SettingsError("--strike is about one card.", hint="Approve that card by itself.")

    refused: list[int] = []

    async def one(people: Reviewer, number: int) -> Run:
        typed = confirm
        card = people.show(number).card
        if card is not None and not as_json:
            tell(card_text(card), err=True)
        if card is not None and card.card.confirm and not typed and sys.stdin.isatty():
            typed = click.prompt("Type the name or count to approve", default="", show_default=False)
        return await people.approve(number, typed, struck, advance=advance)

    async def work(people: Reviewer, _house: House) -> list[Run]:
        runs, wanted = [], numbers(which)
        for number in wanted:
            try:
                runs.append(await one(people, number))
            except Declined as declined:
                if len(wanted) == 1:
                    raise
                tell(f"card {number}: {declined}", err=True)
                refused.append(number)
        return runs

    code = _decide(work, as_json, options)
    return Exit.FAILED if refused else code


@click.command("edit")
@click.argument("number", type=int)
@click.option("--file", "file", type=click.File(encoding="utf-8"), help="Take the new text from a file (- is stdin).")
@advance_option
@_deciding
def edit_command(number: int, file: Any, as_json: bool, advance: bool, **options: Any) -> int:
    """Put another text on a card and approve it: opens $EDITOR, or takes --file."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        card = people.show(number).card
        if card is None:
            raise Declined(f"{number} is no card.", hint="`psa review list` shows what waits.")
        text = file.read().rstrip("\n") if file else click.edit(text_of(card.parts[0].arguments))
        if text is None or not text.strip():
            raise Declined("Nothing was changed.", hint="Save another text in the editor, or pass --file.")
        run, said = await people.edit(number, text.rstrip("\n"), advance=advance)
        tell(said, err=True)
        return [run]

    return _decide(work, as_json, options)


@click.command("reject")
@click.argument("which", nargs=-1, required=True)
@click.option("--reason", default="", help="Why; the planner is told.")
@click.option("--delete-draft/--keep-draft", default=None, help="Also delete the draft that is left behind.")
@advance_option
@_deciding
def reject_command(
    which: tuple[str, ...], reason: str, delete_draft: bool | None, as_json: bool, advance: bool, **options: Any
) -> int:
    """Reject cards, or take drafts out of the queue; offers to delete the draft left behind."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        runs = []
        for number in numbers(which):
            delete = bool(delete_draft)
            if delete_draft is None and leaves_draft(people.show(number)):
                delete = sys.stdin.isatty() and click.prompt("Delete the draft too? Type yes", default="no") == "yes"
            runs.append(await people.reject(number, reason, delete_draft=delete, advance=advance))
        return runs

    return _decide(work, as_json, options)


@click.command("answer")
@click.argument("number", type=int)
@click.argument("text")
@advance_option
@_deciding
def answer_command(number: int, text: str, as_json: bool, advance: bool, **options: Any) -> int:
    """Answer a question; the run goes on."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        return [await people.answer(number, text, advance=advance)]

    return _decide(work, as_json, options)


@click.command("again")
@click.argument("number", type=int)
@_deciding
def again_command(number: int, as_json: bool, **options: Any) -> int:
    """Ask once more for what a task, or a void or rejected card, was about: it waits as a new card."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        run = await people.again(number)
        for view in run.state.open_cards:
            tell(card_text(view), err=True)
        return [run]

    return _decide(work, as_json, options)


@click.command("done")
@click.argument("number", type=int)
@click.option("--how", default="settled", help="What you found and did.")
@_deciding
def done_command(number: int, how: str, as_json: bool, **options: Any) -> int:
    """Close a task that you have settled."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        return [people.close_task(number, how)]

    return _decide(work, as_json, options)


yes_option = click.option("--yes", is_flag=True, help="Decide without being asked; needed where there is no terminal.")


@click.command("schedule")
@click.argument("number", type=int)
@click.option("--at", metavar="'YYYY-MM-DD HH:MM'", help="Wall time in the workspace's zone.")
@click.option("--next-slot", is_flag=True, help="The service's next free slot.")
@yes_option
@_deciding
def schedule_command(number: int, at: str | None, next_slot: bool, yes: bool, as_json: bool, **options: Any) -> int:
    """Schedule a draft of the queue: shows what would happen, and takes your decision."""
    if (at is None) == (not next_slot):
        raise SettingsError(
            "Say when: either --at or --next-slot.", hint="psa review schedule 3 --at '2026-12-01 09:00'"
        )
    return _promote(number, at, next_slot, yes, as_json, options)


@click.command("publish")
@click.argument("number", type=int)
@yes_option
@_deciding
def publish_command(number: int, yes: bool, as_json: bool, **options: Any) -> int:
    """Publish a draft of the queue now: shows what would happen, and takes your decision."""
    return _promote(number, None, False, yes, as_json, options)


def _promote(number: int, at: str | None, next_slot: bool, yes: bool, as_json: bool, options: dict[str, Any]) -> int:
    async def work(people: Reviewer, _house: House) -> list[Run]:
        run = await people.promote(number, at, next_slot=next_slot, confirmed=yes)
        for view in run.state.open_cards:
            tell(card_text(view), err=True)
            if sys.stdin.isatty() and click.prompt("Type yes to approve", default="no") == "yes":
                await people.approve(view.card.number, view.card.confirm, ())
                run.catch_up()
            else:
                tell(f"Not decided. `psa review approve {view.card.number}` does it.", err=True)
        return [run]

    return _decide(work, as_json, options)
