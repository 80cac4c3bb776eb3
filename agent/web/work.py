"""Runs that go on behind the pages: what was decided is carried out, one task a run, while pages are drawn."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent import logs
from agent.errors import Busy, JournalError, PsaError
from agent.journal.fold import outcome_of
from agent.journal.run import Run
from agent.planner.loop import Planner
from agent.report import keep_report
from agent.templates import Templates

#: Another process may be taking its last look at the run.
_TRIES, _WAITS_S = 3, 0.5


class Work:
    """Advances runs in tasks of their own. What went wrong is kept by run until it goes on."""

    def __init__(self, planner: Callable[[], Planner], templates: Templates, runs: Path) -> None:
        self._planner = planner
        self._templates = templates
        self._folder = runs
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._trouble: dict[str, str] = {}
        self._log = logs.get("web")

    def going(self, run_id: str) -> bool:
        """Whether this server advances the run now."""
        return run_id in self._tasks

    def trouble(self, run_id: str) -> str:
        """What kept the run from going on when this server tried last; empty where nothing did."""
        return self._trouble.get(run_id, "")

    async def carry_on(self, run: Run, wait: float = 0.0) -> None:
        """Let a run go on, and wait at most so many seconds for it to rest: a page shows then what became of it."""
        task = self._tasks.get(run.id)
        if task is None:
            task = asyncio.create_task(self._advance(run))
            self._tasks[run.id] = task
        else:
            self._again.add(run.id)  # it takes in what was decided once the step under way is done
        if wait:
            await asyncio.wait({task}, timeout=wait)

    async def aside(self, name: str, do: Callable[[], Awaitable[None]], wait: float = 0.0) -> None:
        """Do something of a person's own behind the pages, one at a time by its name, and wait so long for it."""
        task = self._tasks.get(name)
        if task is None:
            self._trouble.pop(name, None)
            task = self._tasks[name] = asyncio.create_task(self._kept(name, do))
        await asyncio.wait({task}, timeout=wait)

    async def close(self) -> None:
        """Stop at the next await of each run: what is in flight is settled by the next who advances it."""
        for task in list(self._tasks.values()):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=3.0)

    async def _advance(self, run: Run) -> None:
        self._trouble.pop(run.id, None)
        await self._kept(run.id, lambda: self._all(run))

    async def _all(self, run: Run) -> None:
        while True:
            self._again.discard(run.id)
            await self._try(run)
            if run.id not in self._again:
                break
            run.reload()

    async def _kept(self, name: str, do: Callable[[], Awaitable[None]]) -> None:
        """Do it to its end; what went wrong is kept by its name."""
        try:
            await do()
        except PsaError as error:
            self._trouble[name] = str(error)
        except Exception as error:
            self._log.exception("a run broke", run=name)
            self._trouble[name] = f"Something of ours broke: {type(error).__name__}."
        finally:
            self._tasks.pop(name, None)
            self._again.discard(name)

    async def _try(self, run: Run) -> None:
        for left in reversed(range(_TRIES)):
            try:
                await self._planner().advance(run)
                break
            except Busy:
                if not left:
                    raise
                await asyncio.sleep(_WAITS_S)
                run.catch_up()
        self._report(run)

    def _report(self, run: Run) -> None:
        try:
            keep_report(self._folder, run.state, self._templates)
        except JournalError as error:
            self._log.warning("no report", run=run.id, outcome=outcome_of(run.state), error=str(error))
