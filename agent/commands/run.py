"""`psa run`: one goal."""

import asyncio
import sys

import click

from agent.assembly import House, build_model
from agent.commands.cards import decide_now
from agent.commands.common import choices, live, outcome_exit, with_house
from agent.commands.light import clock_option, json_option, now_option, print_json, stopped_with, tell
from agent.commands.telling import tell_report
from agent.errors import JournalError, WrongUsage
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.goal_text import goal_text, refuse_secrets
from agent.report import keep_report, report_of
from agent.settings import system_user


@click.command("run")
@click.argument("goal", metavar="GOAL", nargs=-1, required=True)
@click.option(
    "--workspace", "workspaces", multiple=True, metavar="ID|NAME", help="Touch only this workspace (repeatable)."
)
@now_option
@clock_option
@json_option
def run_command(goal: tuple[str, ...], workspaces: tuple[str, ...], now: str | None, clock: str, as_json: bool) -> int:
    """Carry out one GOAL in plain words.

    Drafts are made at once. Scheduling, publishing, replies and deletions become cards that wait for you: decide them
    here, or later with `psa review`. Ctrl-C leaves a run that `psa runs resume` continues.

    \b
    psa run 'Draft "We open at nine on Saturday." for LinkedIn and X'
    psa run 'Schedule "New mugs are in." for next Tuesday 9:00 on LinkedIn'
    psa run 'Delete the drafts called "test"'
    """
    if len(goal) > 1:
        raise WrongUsage(
            f"The goal came as {len(goal)} words, not as one.",
            hint="Put all of it in single quotes: psa run 'Draft \"Hello.\" for LinkedIn'.",
        )
    text = goal_text(goal[0])
    return with_house(choices(now, clock), lambda house: _run(house, text, workspaces, as_json))


async def _run(house: House, goal: str, workspaces: tuple[str, ...], as_json: bool) -> int:
    refuse_secrets(goal, house.settings.secrets)
    run = house.open_run("attended", system_user(), workspaces)
    run.listeners.append(live(run))
    run.add(r.Goal(number=1, text=goal, by=system_user()))
    run.flush()
    await advance(house, run)
    finish(house, run, as_json)
    if not as_json and sys.stdin.isatty() and run.state.open_cards:
        await decide_now(house, run)
    return outcome_exit(run)


async def advance(house: House, run: Run) -> None:
    """Advance a run; Ctrl-C or SIGTERM leaves it stopped, to be resumed."""
    model = build_model(house.settings, house.clock)
    try:
        await house.planner(model).advance(run)
    except asyncio.CancelledError as error:
        run.reload()
        run.add(r.Stopped(who=system_user(), says=stopped_with(error)), r.Closed(outcome="stopped"))
        run.flush()
        tell(f"\npsa: stopped. `psa runs resume {run.id}` goes on.", err=True)
        raise
    finally:
        await model.close()


def finish(house: House, run: Run, as_json: bool) -> None:
    """Write the report, and show it."""
    told = report_of(run.state)
    try:
        path = keep_report(house.runs, run.state, house.templates)
    except JournalError as error:
        path = None
        tell(f"psa: {error}", err=True)
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    tell("")
    tell_report(told)
    tell("")
    if path is not None:
        tell(f"Report:  {path}")
    tell(f"Journal: {house.runs / run.id / 'journal.jsonl'}")
    if told.cards or told.waiting:
        tell("Next:    psa review list")
