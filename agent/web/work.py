"""Runs that go on behind the pages: what was decided is carried out, one task a run, while pages are drawn."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from agent import logs
from agent.chat.stopping import under_way
from agent.errors import Busy, JournalError, PsaError
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.fold import outcome_of
from agent.journal.run import Run
from agent.planner.loop import Planner, Step, next_step
from agent.report import keep_report
from agent.templates import Templates

#: While another process advances a run it is looked at again after so long: that process may die.
BUSY_WAIT_S = 0.5
#: An effect that has left gets so long for its answer where its run is stopped, and the rest so long to end.
LANDS_S, ENDS_S = 2.5, 1.0
#: Steps from which a run goes on only once a person says so; effects go on with the next decision.
PLANNING = frozenset({Step.DISCOVER, Step.GREET, Step.CALLS, Step.THINK})
#: What is remembered of runs that could not go on.
MOST_TROUBLES = 200


class Work:
    """Advances runs in tasks of their own. What went wrong is kept by run until it goes on."""

    def __init__(self, planner: Callable[[], Planner], templates: Templates, runs: Path) -> None:
        self._planner = planner
        self._templates = templates
        self._folder = runs
        self._tasks: dict[str, tuple[Run, asyncio.Task[None]]] = {}
        self._others: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._stopping: set[str] = set()
        self._trouble: dict[str, str] = {}
        self._closed = False
        self._log = logs.get("web")

    def going(self, run_id: str) -> bool:
        """Whether this server advances the run now, or waits to; or does what has this name."""
        return self._task(run_id) is not None or run_id in self._others

    def trouble(self, run_id: str) -> str:
        """What kept the run, or what has this name, from going on when it was tried last; empty where nothing did."""
        return self._trouble.get(run_id, "")

    async def carry_on(self, run: Run, wait: float = 0.0) -> None:
        """Let a run go on, and wait at most so many seconds for it to rest: a page shows then what became of it."""
        task = self._task(run.id)
        self._again.add(run.id)  # what was decided meanwhile is taken in once the step under way is done
        if task is None and not self._closed:
            task = asyncio.create_task(self._advance(run))
            self._tasks[run.id] = run, task
        if wait and task is not None:
            await asyncio.wait({task}, timeout=wait)

    async def stop(self, run: Run, who: Person, says: str = "stopped in the browser") -> None:
        """Stop a run, whoever advances it. No effect begins after this; one under way may still land."""
        run.store.append_anyway(run.id, [r.Stopped(who=who.name, says=says)], run.clock.now())
        self._stopping.add(run.id)
        await self._end(run.id)
        self._stopping.discard(run.id)
        run.reload()
        await self.carry_on(run, wait=ENDS_S)  # it only closes what is stopped

    def begin(self, name: str, work: Coroutine[Any, Any, None]) -> bool:
        """Do something else behind the pages, once at a time by its name; whether it was begun."""
        if name in self._others:
            work.close()
            return False
        self._others[name] = asyncio.create_task(self._do(name, work))
        return True

    async def wait(self, name: str, seconds: float) -> None:
        """Wait at most so long for what was begun under this name."""
        task = self._others.get(name)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def close(self) -> None:
        """Stop everything: an effect under way gets a moment, the next who advances settles the rest."""
        self._closed = True
        others = list(self._others.values())
        for task in others:
            task.cancel()
        await asyncio.gather(*(self._end(run_id) for run_id in list(self._tasks)), *others, return_exceptions=True)

    def _task(self, run_id: str) -> asyncio.Task[None] | None:
        _, task = self._tasks.get(run_id, (None, None))
        return task if task is not None and not task.done() else None

    async def _end(self, run_id: str) -> None:
        task = self._task(run_id)
        if task is None:
            return
        if under_way(self._tasks[run_id][0].state):
            await asyncio.wait({task}, timeout=LANDS_S)
        task.cancel()
        await asyncio.wait({task}, timeout=ENDS_S)

    # -- the task --------------------------------------------------------------------------------------------------

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
            self._others.pop(name, None)

    async def _advance(self, run: Run) -> None:
        try:
            while run.id in self._again:
                self._again.discard(run.id)
                await self._try(run)
                run.reload()
            self._trouble.pop(run.id, None)
        except asyncio.CancelledError:
            self._broken_off(run)
        except PsaError as error:
            self._told(run, str(error))
        except Exception as error:
            self._log.exception("a run broke", run=run.id)
            self._told(run, f"Something of ours broke: {type(error).__name__}. What was journaled stands.")
        finally:
            self._tasks.pop(run.id, None)
            self._again.discard(run.id)

    async def _try(self, run: Run) -> None:
        """Advance the run once nobody else does; where that one has brought it to rest nothing is left to do."""
        while True:
            try:
                await self._planner().advance(run)
                break
            except Busy as busy:
                self._told(run, f"{busy.message} It carries out what is decided.")
                await asyncio.sleep(BUSY_WAIT_S)
                run.catch_up()
                if next_step(run.state, run.clock.now()) is Step.REST:
                    break
        self._report(run)

    def _broken_off(self, run: Run) -> None:
        """The server ends, or a person stopped the run: whoever looks at it sees that it stands still."""
        try:
            run.reload()
            step = next_step(run.state, run.clock.now())
            if run.id in self._stopping:
                return  # it is closed by who stops it
            if step in PLANNING:
                run.add(r.Stopped(who="psa serve", says="psa serve was ended"), r.Closed(outcome="stopped"))
            elif step is Step.CLOSE:
                run.add(r.Closed(outcome=outcome_of(run.state)))
            run.flush_quietly()
        except JournalError as error:
            self._told(run, str(error))

    def _told(self, run: Run, trouble: str) -> None:
        self._trouble.pop(run.id, None)
        self._trouble[run.id] = trouble
        while len(self._trouble) > MOST_TROUBLES:
            del self._trouble[next(iter(self._trouble))]

    def _report(self, run: Run) -> None:
        try:
            keep_report(self._folder, run.state, self._templates)
        except JournalError as error:
            self._log.warning("no report", run=run.id, outcome=outcome_of(run.state), error=str(error))
