"""The commands of `psa review` for what is no card: questions, tasks, and drafts that are to go out."""

import sys
from typing import Any

import click

from agent.assembly import House
from agent.commands.common import advance_option
from agent.commands.decision import decide, deciding
from agent.commands.light import tell
from agent.errors import WrongUsage
from agent.journal.run import Run
from agent.review.reviewer import Reviewer
from agent.review.showing import card_text


@click.command("answer")
@click.argument("number", type=int)
@click.argument("text")
@advance_option
@deciding
def answer_command(number: int, text: str, as_json: bool, advance: bool, **options: Any) -> int:
    """Answer a question; the run goes on."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        run = await people.answer(number, text, advance=advance)
        tell(f"question {number}: answered", err=as_json)
        return [run]

    return decide(work, as_json, options)


@click.command("again")
@click.argument("number", type=int)
@deciding
def again_command(number: int, as_json: bool, **options: Any) -> int:
    """Ask once more for what a task, or a void or rejected card, was about: it waits as a new card."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        run = await people.again(number)
        for view in run.state.open_cards:
            tell(card_text(view), err=True)
        return [run]

    return decide(work, as_json, options)


@click.command("done")
@click.argument("number", type=int)
@click.option("--how", default="settled", help="What you found and did.")
@deciding
def done_command(number: int, how: str, as_json: bool, **options: Any) -> int:
    """Close a task that you have settled."""

    async def work(people: Reviewer, _house: House) -> list[Run]:
        run = people.close_task(number, how)
        tell(f"task {number}: closed", err=as_json)
        return [run]

    return decide(work, as_json, options)


yes_option = click.option("--yes", is_flag=True, help="Decide without being asked; needed where there is no terminal.")


@click.command("schedule")
@click.argument("number", type=int)
@click.option("--at", metavar="'YYYY-MM-DD HH:MM'", help="Wall time in the workspace's zone.")
@click.option("--next-slot", is_flag=True, help="The service's next free slot.")
@yes_option
@deciding
def schedule_command(number: int, at: str | None, next_slot: bool, yes: bool, as_json: bool, **options: Any) -> int:
    """Schedule a draft of the queue: shows what would happen, and takes your decision."""
    if (at is None) == (not next_slot):
        raise WrongUsage("Say when: either --at or --next-slot.", hint="psa review schedule 3 --at '2026-12-01 09:00'")
    return _promote(number, at, next_slot, yes, as_json, options)


@click.command("publish")
@click.argument("number", type=int)
@yes_option
@deciding
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

    return decide(work, as_json, options)
