"""`psa night`: the jobs of a file, unattended."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from agent.assembly import House, build_model, build_notifier, open_house
from agent.clock import local
from agent.commands.common import choices, live, with_house
from agent.commands.doctor import check_line
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.commands.telling import tell_blocks
from agent.errors import Exit, JournalError, PsaError, WrongUsage
from agent.gate.watching import LOOK_AFTER
from agent.journal.files import write_night
from agent.journal.run import Listener, Run
from agent.night.jobs import load_jobs
from agent.night.morning import morning_blocks, morning_message, plan_lines
from agent.night.night import Night
from agent.night.told import NightTold
from agent.reports.markdown import markdown_of
from agent.settings import system_user

#: `--loop` looks at the clock at least this often: a machine that slept wakes late, never by days.
_GLANCE_S = 30.0
#: A jobs file that is broken meanwhile is tried again after this.
_AGAIN = timedelta(minutes=5)


@click.command("night")
@click.argument("jobs_file", metavar="[JOBS.yaml]", required=False, type=click.Path(path_type=Path))
@click.option("--loop", "forever", is_flag=True, help="Then sleep to the next due time, and go on for ever.")
@click.option("--dry-run", is_flag=True, help="Show what is due and check what has to hold; begin nothing.")
@click.option("--quiet", is_flag=True, help="No progress lines.")
@now_option
@clock_option
@json_option
def night_command(
    jobs_file: Path | None, forever: bool, dry_run: bool, quiet: bool, now: str | None, clock: str, as_json: bool
) -> int:
    """Carry out the jobs that are due, with nobody there, and tell it in one morning report.

    Each job is done once per local date: what was missed is caught up once, what is done is not done again. Drafts are
    made; what the public would see waits as cards for `psa review`; settings and deletions are denied. Posts that
    should be out by now are read back first, as `psa watch` does. JOBS.yaml is the home's jobs.yaml unless named;
    `psa init` writes one to start from.
    """
    if forever and (dry_run or as_json or now):
        raise WrongUsage("--loop goes with none of --dry-run, --json and --now.", hint="Leave one of them out.")

    async def go(house: House) -> int:
        build_notifier(house.settings)  # what is wrong with it is said now, not in the morning
        path = jobs_file or house.home / "jobs.yaml"
        if forever:
            return await _for_ever(house, path, quiet)
        if dry_run:
            return await _look(house, path, as_json)
        night, model = _night(house, path, quiet)
        try:
            told = await night.carry_out()
        finally:
            await model.close()
        _finish(house, told, as_json)
        await _tell_team(house, told)
        return exit_of(told)

    return with_house(choices(now, clock), go)


def _night(house: House, path: Path, quiet: bool) -> tuple[Night, Any]:
    model = build_model(house.settings, house.clock)
    night = Night(
        house,
        load_jobs(path),
        system_user(),
        probe=model,
        model=lambda _: model,
        listener=None if quiet else _named,
        notice=_silent if quiet else _said,
    )
    return night, model


def _said(line: str) -> None:
    tell(f"  {line}", err=True)


def _silent(_line: str) -> None:
    return


def _named(run: Run) -> Listener:
    """Progress lines that say whose they are: jobs go side by side."""
    show = live(run, prefix=f"{run.state.opened.job[:20] if run.state.opened else run.id:<20} ")

    def notice(record: Any, at: datetime) -> None:
        show(record, at)

    return notice


async def _look(house: House, path: Path, as_json: bool) -> int:
    night, model = _night(house, path, quiet=True)
    try:
        planned, checks = await night.look()
    finally:
        await model.close()
    if as_json:
        jobs = [
            {"job": one.job.name, "date": one.due.date, "due": one.due.at, "state": one.state, "run": one.run}
            for one in planned.planned
        ]
        lost = [{"job": gone.job.name, "state": "lost", "why": gone.says} for gone in planned.lost]
        print_json({"jobs": [*jobs, *lost], "checks": [check.as_row() for check in checks]})
    for line in () if as_json else [*plan_lines(planned), *map(check_line, checks)]:
        tell(line)
    return Exit.OK if not planned.lost and all(check.state != "wrong" for check in checks) else Exit.FAILED


async def _for_ever(house: House, path: Path, quiet: bool) -> int:
    """Night after night, until somebody ends it. Each pass opens the home anew, so that edited files count."""
    while True:
        wake = await _pass(house, path, quiet)
        tell(f"psa: sleeping until {local(wake)}; Ctrl-C ends it", err=True)
        while (left := (wake - house.clock.now()).total_seconds()) > 0:
            await house.clock.sleep(min(left, _GLANCE_S))


async def _pass(house: House, path: Path, quiet: bool) -> datetime:
    """One night; gives when to look again. What goes wrong is said and tried again: a loop that ends helps nobody."""
    again = house.clock.now() + _AGAIN
    try:
        async with open_house(house.settings, house.home) as fresh:
            told = await _one_night(fresh, path, quiet)
            awaited = fresh.store.ledger.next_awaited(fresh.service)
    except Exception as error:
        words = str(error) if isinstance(error, PsaError) else f"{type(error).__name__}: {error}"
        tell(f"psa: {words}", err=True)
        return again
    unfinished = told.put_off or any(one.outcome == "deferred" for one in told.jobs)
    wakes = [told.next.at] if told.next else []
    wakes += [again] if unfinished or not told.next else []
    wakes += [max(awaited + LOOK_AFTER, again)] if awaited else []
    return min(wakes)


async def _one_night(house: House, path: Path, quiet: bool) -> NightTold:
    night, model = _night(house, path, quiet)
    try:
        told = await night.carry_out()
    finally:
        await model.close()
    if told.jobs or told.watched:
        _finish(house, told, as_json=False)
        await _tell_team(house, told)
    return told


async def _tell_team(house: House, told: NightTold) -> None:
    """The morning report in a few lines, where PSA_NOTIFY says; what went wrong with that is told here."""
    notifier = build_notifier(house.settings)
    if notifier is not None and (told.jobs or told.watched):
        for trouble in await notifier.send(*morning_message(told, house.settings.psa_pages)):
            tell(f"psa: {trouble}", err=True)


def exit_of(told: NightTold) -> int:
    """6 where something was put off, 4 where a job gave up or was lost, else 0."""
    outcomes = {one.outcome for one in told.jobs}
    if told.put_off or outcomes & {"deferred", "put off"}:
        return Exit.DEFERRED
    return Exit.FAILED_SAFE if outcomes & {"failed_safe", "lost", "stopped"} else Exit.OK


def _finish(house: House, told: NightTold, as_json: bool) -> None:
    """Show the morning report, and write it where something was done; what was done stands in the journal anyway."""
    blocks = morning_blocks(told)
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        tell_blocks(blocks)
    if told.jobs or told.watched:
        begun = bool(told.watched) or any(job.run and job.outcome != "put off" for job in told.jobs)
        try:
            path = write_night(house.runs, told.began, markdown_of(blocks, house.templates), begun=begun)
            tell(f"\nReport:  {path}", err=as_json)
        except JournalError as error:
            tell(f"psa: {error}", err=True)
    sys.stdout.flush()
