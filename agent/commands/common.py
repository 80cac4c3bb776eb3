"""What commands share: options, the first line, going async, and printing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from agent import logs
from agent.assembly import Choices, House, build_model, open_house
from agent.clock import SystemClock
from agent.commands.light import cancellable, tell
from agent.errors import Exit, WrongUsage
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.run import Listener, Run
from agent.progress import progress_line
from agent.report import RunReport, report_of
from agent.review.reviewer import Reviewer
from agent.settings import Settings, load_settings, system_user
from agent.text import one_line

T = TypeVar("T")

OUTCOME_EXIT: dict[str, Exit] = {
    "done": Exit.OK,
    "held": Exit.OK,
    "asked": Exit.OK,
    "refused": Exit.REFUSED,
    "failed_safe": Exit.FAILED_SAFE,
    "stopped": Exit.STOPPED,
    "deferred": Exit.DEFERRED,
}

as_option = click.option("--as", "as_name", metavar="NAME", help="Decide as somebody else (sandbox only).")
role_option = click.option(
    "--role", type=click.Choice(["owner", "editor", "viewer"]), help="Decide in another role (sandbox only)."
)
advance_option = click.option(
    "--no-advance", "advance", flag_value=False, default=True, help="Only record the decision."
)


def choices(now: str | None, clock: str) -> Choices:
    """Command-line choices; a time without an offset is UTC. Raises WrongUsage for what is no time."""
    if now is None:
        return Choices(clock=clock)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError as error:
        raise WrongUsage(f"--now {now!r} is no ISO time.", hint="Write it like 2026-11-24T09:00Z.") from error
    return Choices(now=moment if moment.tzinfo else moment.replace(tzinfo=UTC), clock=clock)


def with_house(choice: Choices, work: Callable[[House], Awaitable[T]], *, banner: bool = True) -> T:
    """Open the home, say what is in use, do the work, close. Ctrl-C and SIGTERM cancel the work."""
    settings, home = load_settings(Path.cwd())
    logs.configure(settings.psa_log)

    async def go() -> T:
        telling = replace(choice, tell=lambda line: tell(f"  {line}", err=True))
        async with open_house(settings, home, telling) as house:
            if banner:
                tell(house.banner(), err=True)
                for line in half_configured(settings):
                    tell(f"     {line}", err=True)
            return await work(house)

    return cancellable(go())


def half_configured(settings: Settings) -> list[str]:
    """What is missing where only one half is set."""
    missing = []
    if settings.psa_model and settings.sandboxed:
        missing.append("A real model on the sandbox: set POSTSYNCER_API_TOKEN to work on your PostSyncer.")
    if settings.psa_model is None and not settings.sandboxed:
        missing.append(
            "Your PostSyncer with the offline planner: set PSA_MODEL and OPENAI_API_KEY for a language model."
        )
    return missing


def live(run: Run, prefix: str = "") -> Listener:
    """Progress on stderr, a line a record."""

    def notice(record: r.AnyRecord, _at: datetime) -> None:
        line = progress_line(run.state, record)
        if line:
            tell(f"  {prefix}{one_line(line, 600)}", err=True)

    return notice


def person(house: House, as_name: str | None, role: str | None, channel: str = "cli") -> Person:
    """Who decides: the operating system's user; somebody else only on a sandbox."""
    if (as_name or role) and not house.sandbox:
        raise WrongUsage("--as and --role are only for a sandbox.", hint="On PostSyncer you decide as yourself.")
    return Person(as_name or system_user(), role or "owner", channel)


def reviewer(house: House, who: Person) -> Reviewer:
    """The reviewer over a house."""
    model: list[Any] = []

    def planner() -> Any:
        if not model:
            model.append(build_model(house.settings, house.clock))
        return house.planner(model[0])

    return Reviewer(house.gate, house.store, house.clock, who, planner, house.open_run, live)


def report_json(run: Run) -> RunReport:
    """The run's report, for `--json`."""
    return report_of(run.state)


def outcome_exit(run: Run) -> int:
    """Exit code of a run's outcome."""
    return OUTCOME_EXIT[report_of(run.state).outcome]


def system_now() -> datetime:
    """This machine's time."""
    return SystemClock().now()
