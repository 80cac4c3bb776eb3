"""`psa night`: the jobs of a file, unattended."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from agent.assembly import House, build_model, open_house
from agent.clock import local
from agent.commands.common import choices, live, with_house
from agent.commands.doctor import check_line
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.commands.telling import tell_blocks
from agent.errors import Exit, PsaError, SettingsError
from agent.journal.files import write_night
from agent.journal.run import Listener, Run
from agent.night.jobs import load_jobs
from agent.night.morning import morning_blocks, plan_lines
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
    made; what the public would see waits as cards for `psa review`; settings and deletions are denied. JOBS.yaml is
    the home's jobs.yaml unless named; `psa init` writes one to start from.
    """
    if forever and (dry_run or as_json or now):
        raise SettingsError("--loop goes with none of --dry-run, --json and --now.", hint="Leave one of them out.")

    async def go(house: House) -> int:
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
        async with open_house(house.settings, house.home) as fresh:
            wake = await _one_night(fresh, path, quiet)
            tell(f"psa: sleeping until {local(wake)}; Ctrl-C ends it", err=True)
            while (left := (wake - fresh.clock.now()).total_seconds()) > 0:
                await fresh.clock.sleep(min(left, _GLANCE_S))


async def _one_night(house: House, path: Path, quiet: bool) -> datetime:
    """One pass; gives when to look again. What goes wrong is said and tried again: a loop that ends helps nobody."""
    try:
        night, model = _night(house, path, quiet)
        try:
            told = await night.carry_out()
        finally:
            await model.close()
    except PsaError as error:
        tell(f"psa: {error}", err=True)
        return house.clock.now() + _AGAIN
    if told.jobs:
        _finish(house, told, as_json=False)
    again = [told.next.at] if told.next else []
    again += [house.clock.now() + _AGAIN] if told.put_off or any(one.outcome == "deferred" for one in told.jobs) else []
    return min(again, default=house.clock.now() + _AGAIN)


def exit_of(told: NightTold) -> int:
    """6 where something was put off, 4 where a job gave up or was lost, else 0."""
    outcomes = {one.outcome for one in told.jobs}
    if told.put_off or outcomes & {"deferred", "put off"}:
        return Exit.DEFERRED
    return Exit.FAILED_SAFE if outcomes & {"failed_safe", "lost", "stopped"} else Exit.OK


def _finish(house: House, told: NightTold, as_json: bool) -> None:
    """Write the morning report where something was done, and show it."""
    path, blocks = None, morning_blocks(told)
    if told.jobs:
        text = markdown_of(blocks, house.templates)
        path = write_night(house.runs, told.began, text, begun=any(job.run for job in told.jobs))
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    tell_blocks(blocks)
    if path is not None:
        tell(f"\nReport:  {path}")
    sys.stdout.flush()
