"""Which jobs are to be done now: those whose latest date has no finished run. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from agent.api.types import Workspace
from agent.errors import SettingsError
from agent.journal.ledger import RunRow
from agent.night.due import Due, latest_due, next_due
from agent.night.jobs import Job, Jobs
from agent.planner.scope import find_workspace

#: Outcomes after which a date's run goes on instead of counting as done.
_UNFINISHED = frozenset({"", "deferred"})


@dataclass(frozen=True)
class Planned:
    """A job's latest date. `run` is the run it already has, `state` what that means for tonight."""

    job: Job
    workspace: int
    zone: ZoneInfo
    due: Due
    state: Literal["new", "unfinished", "done"]
    run: str = ""


@dataclass(frozen=True)
class Lost:
    """A job that cannot be planned, and why."""

    job: Job
    says: str


@dataclass(frozen=True)
class Plan:
    """All jobs of a file, in its order."""

    planned: tuple[Planned, ...]
    lost: tuple[Lost, ...]

    @property
    def ready(self) -> list[Planned]:
        """What is to be done now, longest due first."""
        return sorted((one for one in self.planned if one.state != "done"), key=lambda one: one.due.at)

    @property
    def zones(self) -> tuple[str, ...]:
        """Time zones of the jobs."""
        return tuple(sorted({one.zone.key for one in self.planned}))

    def next_due(self, now: datetime) -> tuple[Planned, Due] | None:
        """The next job that becomes due, and when."""
        found = [(one, next_due(one.job, one.zone, now)) for one in self.planned]
        return min(found, key=lambda pair: pair[1].at) if found else None


def plan(
    jobs: Jobs, workspaces: Mapping[int, Workspace], run_of: Callable[[str], RunRow | None], now: datetime
) -> Plan:
    """Place each job: `run_of` finds the newest run of a job by its name. A date before that run's is never done."""
    planned: list[Planned] = []
    lost: list[Lost] = []
    for job in jobs.jobs:
        try:
            workspace = workspaces[find_workspace(workspaces, job.workspace)]
            zone = ZoneInfo(workspace.timezone)
        except SettingsError as error:
            lost.append(Lost(job, f"{error} Correct `workspace:` of this job."))
            continue
        except (KeyError, ValueError, OSError):
            lost.append(Lost(job, f"The time zone of workspace {job.workspace} is not known here."))
            continue
        due = latest_due(job, zone, now)
        row = run_of(job.name)
        state: Literal["new", "unfinished", "done"] = "new"
        if row is not None and row.date >= due.date:
            state = "unfinished" if row.outcome in _UNFINISHED else "done"
            due = Due(row.date, due.at)
        planned.append(Planned(job, workspace.id, zone, due, state, row.run if row and state != "new" else ""))
    return Plan(tuple(planned), tuple(lost))
