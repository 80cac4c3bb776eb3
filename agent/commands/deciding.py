"""The commands of `psa review` that look at an item, and decide."""

import sys
from typing import Any

import click

from agent.assembly import House
from agent.commands.common import advance_option, choices, person, reviewer, with_house
from agent.commands.decision import decide, deciding
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.errors import Declined, Exit, WrongUsage
from agent.journal.run import Run
from agent.review.numbers import numbers, numbers_and_words
from agent.review.reviewer import Reviewer, Shown, leaves_draft, post_behind
from agent.review.showing import card_text, shown_text, text_of


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
            return
        tell(shown_text(shown))
        if shown.card is not None and shown.card.state == "open":
            edited = f"edit {number} 'other words', " if text_of(shown.card.parts[0].arguments) else ""
            tell(f"next: psa review approve {number}, {edited}or reject {number} 'why'", err=True)

    with_house(choices(now, clock), go, banner=not as_json)


@click.command("approve")
@click.argument("which", nargs=-1, required=True)
@click.option("--confirm", default="", metavar="TEXT", help="The name or count that a destructive card asks for.")
@click.option("--strike", default="", metavar="1,3", help="Leave these calls of the card out.")
@advance_option
@deciding
def approve_command(
    which: tuple[str, ...], confirm: str, strike: str, as_json: bool, advance: bool, **options: Any
) -> int:
    """Approve cards (3, or 3-7, or 3,5) and carry them out."""
    struck = tuple(numbers((strike,))) if strike else ()
    if struck and len(numbers(which)) > 1:
        raise WrongUsage("--strike is about one card.", hint="Approve that card by itself.")

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

    code = decide(work, as_json, options)
    return Exit.FAILED if refused else code


@click.command("edit")
@click.argument("number", type=int)
@click.argument("text", required=False)
@click.option("--file", "file", type=click.File(encoding="utf-8"), help="Take the new text from a file (- is stdin).")
@advance_option
@deciding
def edit_command(number: int, text: str | None, file: Any, as_json: bool, advance: bool, **options: Any) -> int:
    """Put another text on a card and approve it: TEXT, or --file, or what you write in $EDITOR."""
    if text is not None and file is not None:
        raise WrongUsage("TEXT and --file are two texts.", hint="Give one of them.")

    async def work(people: Reviewer, _house: House) -> list[Run]:
        shown = people.show(number)
        card = shown.card
        if card is None:
            raise Declined(f"{number} is a {shown.item.kind}, not a card.", hint=_no_card(shown))
        fresh = text or (file.read() if file else click.edit(text_of(card.parts[0].arguments)))
        if fresh is None or not fresh.strip():
            raise Declined("Nothing was changed.", hint="Save another text in the editor, or pass --file.")
        run, said = await people.edit(number, fresh.rstrip("\n"), advance=advance)
        tell(said, err=True)
        return [run]

    return decide(work, as_json, options)


def left_by(shown: Shown, house: House) -> list[str]:
    """What became of the draft behind an item that was rejected."""
    post = post_behind(shown)
    if post is None:
        return []
    deleted = post in house.store.ledger.bound_ids(house.service, "DeletePost")
    stands = f"post {post} was deleted" if deleted else f"post {post} stays a draft in PostSyncer"
    return [f"draft {shown.item.number}: out of the queue, {stands}" if shown.item.kind == "draft" else stands]


def _no_card(shown: Shown) -> str:
    """What to do where the text of something that is no card was to be edited."""
    number = shown.item.number
    if shown.item.kind == "draft":
        return (
            f"`psa review schedule {number} --at 'YYYY-MM-DD HH:MM'` makes a card of it; a card's text can be edited."
        )
    return f"`psa review show {number}` says what can be done with it."


@click.command("reject")
@click.argument("words", metavar="WHICH... [WHY]", nargs=-1, required=True)
@click.option("--reason", default="", metavar="WHY", help="Why; the planner is told.")
@click.option("--delete-draft/--keep-draft", default=None, help="Also delete the draft that is left behind.")
@advance_option
@deciding
def reject_command(
    words: tuple[str, ...], reason: str, delete_draft: bool | None, as_json: bool, advance: bool, **options: Any
) -> int:
    """Reject cards, or take drafts out of the queue; offers to delete the draft left behind.

    \b
    psa review reject 4 'not our tone'
    psa review reject 4-6 --delete-draft
    """
    which, typed = numbers_and_words(words)
    if typed and reason:
        raise WrongUsage(f"Two reasons: {typed!r} and {reason!r}.", hint="Give one of them.")
    why = reason or typed

    async def work(people: Reviewer, house: House) -> list[Run]:
        runs = []
        for number in which:
            shown = people.show(number)
            delete = bool(delete_draft)
            if delete_draft is None and leaves_draft(shown):
                delete = sys.stdin.isatty() and click.prompt("Delete the draft too? Type yes", default="no") == "yes"
            runs.append(await people.reject(number, why, delete_draft=delete, advance=advance))
            for line in left_by(shown, house):
                tell(line, err=as_json)
        return runs

    return decide(work, as_json, options)
