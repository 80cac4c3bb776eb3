"""Nights in a test home: jobs as text, a scripted model for each."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.journal import records as r
from agent.journal.run import Listener, Run
from agent.night.jobs import load_jobs
from agent.night.night import Night
from agent.night.told import JobTold, NightTold
from agent.planner.scripted import ScriptedModel, Step
from agent.planner.wire import ModelReply, OnText, WireCall
from tests.house import Home, call, finish

DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="We open at nine.")
HOURS = """
  - name: {name}
    goal: Draft “We open at nine.” for LinkedIn
    workspace: {workspace}
    at: "{at}"
"""


def jobs_text(*names: str, workspace: object = 11, at: str = "22:00") -> str:
    return "jobs:" + "".join(HOURS.format(name=name, workspace=workspace, at=at) for name in names)


class Probe:
    """The model that the dusk check tries: it answers, unless it is told to fail."""

    name = "probe"

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def models(self) -> list[str]:
        if self._error is not None:
            raise self._error
        return [self.name]

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        if self._error is not None:
            raise self._error
        return ModelReply("{}", "", (WireCall("c", "finish", "{}"),))


def night_in(
    home: Home,
    text: str,
    scripts: Mapping[str, Sequence[Step]] | None = None,
    *,
    probe: Probe | None = None,
    model: Callable[[str], Any] | None = None,
    listener: Callable[[Run], Listener] | None = None,
) -> Night:
    """Jobs without a script draft one post and finish."""
    path = home.house.home / "jobs.yaml"
    path.write_text(text, encoding="utf-8")
    usual: list[Step] = [[DRAFT], finish()]

    def scripted(job: str) -> ScriptedModel:
        return ScriptedModel(list((scripts or {}).get(job, usual)))

    return Night(home.house, load_jobs(path), "ana", probe=probe or Probe(), model=model or scripted, listener=listener)


async def night(home: Home, text: str, scripts: Mapping[str, Sequence[Step]] | None = None, **more: Any) -> NightTold:
    return await night_in(home, text, scripts, **more).carry_out()


def outcomes(told: NightTold) -> dict[str, str]:
    return {job.job: job.outcome for job in told.jobs}


def job_of(told: NightTold, name: str) -> JobTold:
    return next(job for job in told.jobs if job.job == name)


def record_of(home: Home, run: str, seq: int) -> r.AnyRecord:
    return next(entry.record for entry in home.house.store.read(run) if entry.seq == seq)


__all__ = ["DRAFT", "Path", "Probe", "finish", "job_of", "jobs_text", "night", "night_in", "outcomes", "record_of"]
