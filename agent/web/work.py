"""Runs that go on behind the pages: what was decided is carried out, one task a run, while pages are drawn."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

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

    def begin(self, name: str, work: Coroutine[Any, Any, None]) -> bool:
        """Do something else behind the pages, once at a time by its name; whether it was begun."""
        if name in self._tasks:
            work.close()
            return False
        self._tasks[name] = asyncio.create_task(self._do(name, work))
        return True

    async def close(self) -> None:
        """Stop at the next await of each run: what is in flight is settled by the next who advances it."""
        for task in list(self._tasks.values()):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=3.0)

    async def _do(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._trouble.pop(name, None)
        try:
            await work
        except PsaError as error:
            self._trouble[name] = str(error)
        except Exception as error:
            self._log.exception("work behind the pages broke", work=name)
            self._trouble[name] = f"Something of ours broke: {type(error).__name__}."
        finally:
            self._tasks.pop(name, None)

    async def _advance(self, run: Run) -> None:
        self._trouble.pop(run.id, None)
        try:
            while True:
                self._again.discard(run.id)
                await self._try(run)
                if run.id not in self._again:
                    break
                run.reload()
        except PsaError as error:
            self._trouble[run.id] = str(error)
        except Exception as error:
            self._log.exception("a run broke", run=run.id)
            self._trouble[run.id] = f"Something of ours broke: {type(error).__name__}."
        finally:
            self._tasks.pop(run.id, None)
            self._again.discard(run.id)

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
