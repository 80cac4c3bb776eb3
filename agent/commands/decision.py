"""What deciding commands share: their options, and telling what became of a decision."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from agent.assembly import House
from agent.commands.common import as_option, choices, person, report_json, reviewer, role_option, with_house
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.errors import Exit, JournalError
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.report import keep_report
from agent.review.reviewer import Reviewer
from agent.review.showing import became


def deciding(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every deciding command takes."""
    for option in (json_option, role_option, as_option, clock_option, now_option):
        function = option(function)
    return function


def decide(work: Callable[[Reviewer, House], Awaitable[list[Run]]], as_json: bool, options: dict[str, Any]) -> int:
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
