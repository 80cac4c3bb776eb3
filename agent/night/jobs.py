"""The jobs of a night, as people write them in YAML."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from agent.errors import SettingsError
from agent.journal import records as r
from agent.yaml_files import load_yaml

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
MOST_JOBS = 1000


class Closed(BaseModel):
    """A part of a jobs file: unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text, re.ASCII):
        raise ValueError('a time of day is written like "22:00"')
    return text.rjust(5, "0")


class JobLimits(Closed):
    """Budgets of one job; what is left out is the home's. `money` in US dollars, `seconds` of wall time."""

    turns: int | None = Field(default=None, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    money: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    requests: int | None = Field(default=None, ge=1)
    seconds: int | None = Field(default=None, ge=1)
    cards: int | None = Field(default=None, ge=1)

    def over(self, limits: r.Limits) -> r.Limits:
        """The home's limits with what the job says itself."""
        return r.Limits.model_validate(limits.model_dump() | self.model_dump(exclude_none=True))


class Job(Closed):
    """One goal, once per local date, at a time of day on the clock of its workspace.

    `name` names it in reports and is never used twice in a home; `workspace` is an id, name or slug; `days` are the
    weekdays it is due on (all of them if left out); `policy` is an overlay file, relative to the jobs file, that may
    make rules stricter; `features` turns opt-in parts of the service on for this job.
    """

    name: Annotated[str, StringConstraints(pattern=r"^\w[\w .-]{0,59}$")]
    goal: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
    workspace: Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
    at: Annotated[str, AfterValidator(_time_of_day)]
    days: tuple[Weekday, ...] = ()
    policy: str = ""
    limits: JobLimits = JobLimits()
    features: tuple[Literal["auto_plug", "moderation", "contacts", "campaigns"], ...] = ()

    @property
    def time(self) -> time:
        """When it is due, on the workspace's wall clock."""
        return time.fromisoformat(self.at)

    def due_on(self, weekday: int) -> bool:
        """Whether it is due on this weekday (0 is Monday)."""
        return not self.days or WEEKDAYS[weekday] in self.days


class Jobs(Closed):
    """A jobs file. `side_by_side` is how many jobs are worked on at once; the rate budget is shared in any case."""

    side_by_side: int = Field(default=8, ge=1, le=32)
    jobs: tuple[Job, ...] = Field(min_length=1, max_length=MOST_JOBS)

    @model_validator(mode="after")
    def _names_differ(self) -> "Jobs":
        seen: set[str] = set()
        for job in self.jobs:
            if job.name in seen:
                raise ValueError(f'two jobs are called "{job.name}": each needs a name of its own')
            seen.add(job.name)
        return self


def load_jobs(path: Path) -> Jobs:
    """The jobs of a file, with overlay paths made absolute. Raises SettingsError with file, line and nearest name."""
    if not path.is_file():
        raise SettingsError(
            f"There is no jobs file {path}.", hint="`psa init` writes a jobs.yaml to start from; name it here."
        )
    jobs = load_yaml(path, Jobs)
    return jobs.model_copy(update={"jobs": tuple(_with_overlay(job, path) for job in jobs.jobs)})


def _with_overlay(job: Job, path: Path) -> Job:
    if not job.policy:
        return job
    try:
        overlay = (path.parent / job.policy).resolve()
        there = overlay.is_file()
    except (OSError, ValueError):
        overlay, there = Path(job.policy), False
    if not there:
        raise SettingsError(
            f'{path}: job "{job.name}": there is no policy overlay {overlay}.',
            hint="Correct `policy:`, or leave it out to use the home's policy.",
        )
    update: dict[str, Any] = {"policy": str(overlay)}
    return job.model_copy(update=update)
