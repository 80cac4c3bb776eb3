"""A whole home in a folder: embedded sandbox, frozen clock, scripted model. What most tests above the policy use."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.assembly import Choices, House, Seams, open_house
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.findings import Mode
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.report import RunReport, report_of
from agent.review.reviewer import Reviewer
from agent.sandbox.state import State
from agent.settings import Settings

#: A Tuesday, 10:00 in Berlin, 04:00 in New York.
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def settings(**values: Any) -> Settings:
    """Settings that no environment touches."""
    return Settings.model_construct(**{**Settings.model_construct().__dict__, **values})


@dataclass
class Home:
    """An open home with short ways to run and decide."""

    house: House

    @property
    def box(self) -> State:
        state: State = self.house.sandbox_state
        return state

    def writes(self) -> list[dict[str, Any]]:
        """The sandbox's own log of accepted writes."""
        return self.box.effects()

    def operations(self) -> list[str]:
        return [effect["operation"] for effect in self.writes()]

    async def run(
        self, goal: str, steps: Sequence[Step], *, mode: Mode = "attended", workspaces: tuple[str, ...] = ()
    ) -> Run:
        run = self.house.open_run(mode, "ana", workspaces)
        run.add(r.Goal(number=1, text=goal, by="ana"))
        run.flush()
        model = ScriptedModel(steps)
        await self.house.planner(model).advance(run)
        model.assert_complete()
        return run

    def reviewer(self, role: str = "owner", steps: Sequence[Step] = ()) -> Reviewer:
        return Reviewer(
            self.house.gate,
            self.house.store,
            self.house.clock,
            Person("ana", role, "test"),
            lambda: self.house.planner(ScriptedModel(steps)),
            self.house.open_run,
        )

    def report(self, run: Run) -> RunReport:
        return report_of(Run.load(self.house.store, run.id, self.house.clock).state)


@asynccontextmanager
async def home_in(folder: Path, seams: Seams | None = None, **values: Any) -> AsyncIterator[Home]:
    """An embedded-sandbox home whose clock stands at NOW and moves only by waiting."""
    async with open_house(settings(**values), folder, Choices(now=NOW), seams) as house:
        yield Home(house)


def call(name: str, **arguments: Any) -> tuple[str, Mapping[str, Any]]:
    return name, arguments


def finish(said: str = "Done.", refused: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    arguments: dict[str, Any] = {"said": said}
    if refused:
        arguments["refused"] = refused
    return [("finish", arguments)]
