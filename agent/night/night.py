"""A night: what is due is checked for, carried out side by side, and told.

One process at a time works on a home's nights. A job's date has one run, claimed in the journal when the run is opened:
whoever comes second, after a crash too, goes on with that run. `Night.carry_out` knows jobs and runs, no timers: what
calls it (a timer of the system, `--loop`, later a queue over many machines) decides when.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from agent.api.workspaces import ListWorkspaces
from agent.assembly import House
from agent.checks import Check
from agent.errors import ApiError, Busy, Conflict, Corrupt, Declined, Halted, JournalError, PsaError, SettingsError
from agent.journal import records as r
from agent.journal.files import mirror_agrees, rewrite_mirror
from agent.journal.lease import Lease, lease
from agent.journal.ledger import RunRow
from agent.journal.run import Listener, Run
from agent.night.dusk import dusk_check, wrong
from agent.night.jobs import Jobs
from agent.night.plan import Lost, Plan, Planned, plan
from agent.night.scan import scan
from agent.night.snapshot import snapshot
from agent.night.told import (
    CheckTold,
    JobTold,
    NextTold,
    NightTold,
    WatchedTold,
    job_told,
    trouble,
    waiting_told,
)
from agent.planner.goal_text import refuse_secrets
from agent.planner.wire import Model
from agent.report import keep_report
from agent.reports.standing import standing_told
from agent.reports.words import counted
from agent.review.watch import Found, Watch

#: The lease that keeps two nights of one home apart.
_LEASE = "night"
_RENEW_S = 60.0


class Night:
    """The jobs of one file in one home, for one pass over what is due."""

    def __init__(
        self,
        house: House,
        jobs: Jobs,
        who: str,
        *,
        probe: Any,
        model: Callable[[str], Model],
        listener: Callable[[Run], Listener] | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`model` gives the model of a job by its name; `probe` is the one that the dusk check tries.

        `listener` is told of each record of a run, `notice` of what the night itself does, in a line each.
        """
        self._house = house
        self._jobs = jobs
        self._who = who
        self._probe = probe
        self._model = model
        self._listener = listener
        self._notice = notice
        self._told: dict[str, JobTold] = {}
        self._halted = ""
        self._watched: list[Found] = []

    async def carry_out(self) -> NightTold:
        """Check, do what is due, and tell. Raises Declined while another process is at it."""
        try:
            with lease(self._house.store, _LEASE) as held:
                return await self._held(held)
        except Busy as error:
            raise Declined(
                "A night is already under way in this home; nothing was begun twice.",
                hint=f"Wait for it to end: {error.message}",
            ) from error

    async def look(self) -> tuple[Plan, list[Check]]:
        """What is due and what the dusk check finds; nothing is begun."""
        found = await self._plan()
        return found, await dusk_check(self._house, self._probe, found)

    async def _held(self, held: Lease) -> NightTold:
        began = self._house.clock.now()
        self._halted = ""
        try:
            planned = await self._plan()
        except ApiError as error:
            return self._tell_none(error, began)
        ready = planned.ready
        checks: list[Check] = []
        if ready:
            self._notice(f"{len(ready)} of {len(self._jobs.jobs)} jobs are due; checking token, disk and model")
            checks = await dusk_check(self._house, self._probe, planned)
        self._halted = wrong(checks)
        renewing = asyncio.ensure_future(self._renew(held))
        try:
            await self._watch()
            if not self._halted:
                await scan(self._house, self._who, self._notice)
                await self._wind_down_older(planned)
            await self._side_by_side(ready)
            if not self._halted:
                await snapshot(self._house, self._who, self._notice)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
        return self._tell(planned, checks, began)

    async def _watch(self) -> None:
        """Read back what should be out by now; what goes wrong with that keeps no job from being done."""
        watch = Watch(self._house.gate, self._house.store, person=False)
        if (count := len(watch.due())) > 0:
            self._notice(f"reading back {counted(count, 'post')} that should be out by now")
        try:
            self._watched = [one for one in await watch.look() if one.news or one.state == "unread"]
        except PsaError as error:
            self._notice(f"not read back: {error.message}")

    async def _renew(self, held: Lease) -> None:
        """Keep the lease; who lost it (the machine slept for long) begins no further job."""
        while True:
            await asyncio.sleep(_RENEW_S)
            try:
                held.renew()
            except PsaError as error:
                self._halted = error.message
                return

    async def _plan(self) -> Plan:
        house = self._house
        answer = await house.client.send(ListWorkspaces())
        workspaces = {workspace.id: workspace for workspace in answer.data}

        def run_of(job: str) -> Any:
            return house.store.ledger.last_job_run(house.service, job)

        return self._fit(plan(self._jobs, workspaces, run_of, house.clock.now()))

    def _fit(self, found: Plan) -> Plan:
        """Without the jobs whose policy cannot be read or whose goal holds a key: these are lost, and told."""
        planned: list[Planned] = []
        lost = list(found.lost)
        for one in found.planned:
            try:
                refuse_secrets(one.job.goal, self._house.settings.secrets)
                self._house.packs.of("unattended", one.job.policy)
            except SettingsError as error:
                lost.append(Lost(one.job, str(error)))
            else:
                planned.append(one)
        return Plan(tuple(planned), tuple(lost))

    # -- working ---------------------------------------------------------------------------------------------------

    async def _side_by_side(self, ready: list[Planned]) -> None:
        waiting = deque(ready)

        async def worker() -> None:
            while waiting:
                await self._one(waiting.popleft())

        workers = [asyncio.ensure_future(worker()) for _ in range(min(self._jobs.side_by_side, len(ready)))]
        try:
            await asyncio.gather(*workers)
        except BaseException:
            for one in workers:
                one.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            raise

    async def _one(self, planned: Planned) -> None:
        """Do one job to where it rests; whatever goes wrong with it is told and stops no other."""
        if self._halted:
            self._put_off(planned, self._halted)
            return
        run: Run | None = None
        try:
            run = self._run_of(planned)
            failures = run.state.model_failures
            outcome = await self._house.planner(self._model(planned.job.name)).advance(run)
        except asyncio.CancelledError:
            if run is not None:
                _interrupted(run)
            raise
        except (Busy, Conflict) as error:
            self._not_begun(planned, "elsewhere", error.message)
        except Exception as error:
            self._failed(planned, run, error)
        else:
            self._tell_job(planned, run, outcome)
            if outcome == "deferred" and not self._halted:
                self._halted = await self._what_is_gone(run, new_failure=run.state.model_failures > failures)

    def _failed(self, planned: Planned, run: Run | None, error: Exception) -> None:
        """A job that broke. Only a stopped home, or a journal that cannot be written, ends the whole night."""
        if isinstance(error, Halted) or (isinstance(error, JournalError) and not isinstance(error, Corrupt)):
            self._halted = str(error)
            self._put_off(planned, str(error))
            return
        words = (
            str(error) if isinstance(error, PsaError) else f"Something of ours broke: {type(error).__name__}: {error}"
        )
        run_id = run.id if run is not None else planned.run
        key, job = _key(planned), planned.job.name
        self._told[key] = JobTold(job=job, date=planned.due.date, run=run_id, outcome="failed_safe", why=words)

    def _run_of(self, planned: Planned) -> Run:
        """The run of the job's date: opened now, or gone on with. Raises Conflict where somebody was faster."""
        house, job = self._house, planned.job
        if planned.run:
            run = self._again(planned.run)
        else:
            run = house.open_run(
                "unattended",
                self._who,
                (str(planned.workspace),),
                channel="night",
                job=job.name,
                date=planned.due.date,
                overlay=job.policy,
                limits=job.limits.over(house.limits()),
                features=tuple(sorted({*house.settings.psa_features, *job.features})),
            )
        if self._listener is not None:
            run.listeners.append(self._listener(run))
        if not run.state.goals:
            run.add(r.Goal(number=1, text=job.goal, by=self._who))
            run.flush()
        return run

    def _again(self, run_id: str) -> Run:
        """A run that was killed or put off; its wall time begins anew. Raises Corrupt, Busy."""
        run = Run.load(self._house.store, run_id, self._house.clock)
        if run.state.closed is None and run.state.deferred is None and run.state.goals:
            with lease(run.store, run.id):
                run.add(r.Resumed(who=""))
                run.flush()
        return run

    async def _what_is_gone(self, run: Run, *, new_failure: bool) -> str:
        """Why no other job should be begun after one was put off; empty where it was that job's own trouble."""
        if new_failure:
            return run.state.deferred.says if run.state.deferred else ""
        try:
            await self._house.client.send(ListWorkspaces())
        except ApiError as error:
            return str(error)
        return ""

    async def _wind_down_older(self, planned: Plan) -> None:
        """End unfinished runs of earlier dates: what they began is settled, the newer date does the rest."""
        newest = {one.job.name: one.due.date for one in planned.planned}
        for row in self._house.store.ledger.unfinished_jobs(self._house.service):
            if row.date >= newest.get(row.job, ""):
                continue
            try:
                await self._wind_down(row, newest[row.job])
            except Busy:
                continue
            except Exception as error:
                self._told[f"{row.job} {row.date}"] = _broken(row.job, row.date, row.run, error)

    async def _wind_down(self, row: RunRow, newer: str) -> None:
        run = self._again(row.run)
        planner = self._house.planner(self._model(row.job))
        # What a person answered meanwhile is gone on with; all else is left to the newer date.
        answered = bool(run.state.untold)
        outcome = await (planner.advance(run) if answered else planner.wind_down(run, f"Its date {newer} took over."))
        self._told[f"{row.job} {row.date}"] = job_told(run, outcome)

    # -- telling ---------------------------------------------------------------------------------------------------

    def _tell_job(self, planned: Planned, run: Run, outcome: r.RunOutcome) -> None:
        lines = self._house.store.mirror(run.id)
        with suppress(OSError, JournalError):  # the journal has it all; `psa runs verify` and `report` make these anew
            if not mirror_agrees(self._house.runs, run.id, lines):
                rewrite_mirror(self._house.runs, run.id, lines)  # the report's links lead into it
            keep_report(self._house.runs, run.state, self._house.templates)
        self._told[_key(planned)] = job_told(run, outcome)

    def _put_off(self, planned: Planned, why: str) -> None:
        self._not_begun(planned, "put off", f"{why} The next night goes on with it.")

    def _tell_none(self, error: ApiError, began: datetime) -> NightTold:
        """Without the workspaces nobody knows what is due: nothing is begun."""
        self._halted = str(error)
        for job in self._jobs.jobs:
            why = "What is due cannot be told without PostSyncer."
            self._told[job.name] = JobTold(job=job.name, date="", outcome="put off", why=why)
        return self._tell(Plan((), ()), [Check("wrong", error.message, error.hint)], began)

    def _not_begun(self, planned: Planned, outcome: Any, why: str) -> None:
        self._told[_key(planned)] = JobTold(
            job=planned.job.name, date=planned.due.date, run=planned.run, outcome=outcome, why=why
        )

    def _tell(self, planned: Plan, checks: list[Check], began: datetime) -> NightTold:
        house, now = self._house, self._house.clock.now()
        told = [*self._told.values(), *(_lost(lost) for lost in planned.lost)]
        told.sort(key=lambda one: (trouble(one.outcome), one.date, one.job))
        following = planned.next_due(now)
        next_told = None
        if following is not None:
            job, due = following
            next_told = NextTold(job=job.job.name, date=due.date, at=due.at, zone=job.zone.key)
        return NightTold(
            home=str(house.home),
            service=house.service,
            model=house.model_name,
            began=began,
            ended=now,
            checks=tuple(CheckTold(**check.as_row()) for check in checks),
            put_off=self._halted,
            watched=tuple(
                WatchedTold(post=one.post, state=one.state, says=one.says, task=one.task, run=one.run, seq=one.seq)
                for one in self._watched
            ),
            jobs=tuple(told),
            already=tuple(f"{one.job.name} {one.due.date}" for one in planned.planned if one.state == "done"),
            waiting=tuple(waiting_told(item) for item in house.store.ledger.waiting(house.service, now)),
            next=next_told,
            standing=standing_told(house.packs.of("unattended").standing, house.store.ledger, house.service, now),
            requests=sum(one.requests for one in told),
            tokens=sum(one.tokens for one in told),
            money=round(sum(one.money for one in told), 6),
        )


def _key(planned: Planned) -> str:
    return f"{planned.job.name} {planned.due.date}"


def _broken(job: str, date: str, run: str, error: Exception) -> JobTold:
    words = str(error) if isinstance(error, PsaError) else f"Something of ours broke: {type(error).__name__}: {error}"
    return JobTold(job=job, date=date, run=run, outcome="failed_safe", why=words)


def _lost(lost: Lost) -> JobTold:
    return JobTold(job=lost.job.name, date="", outcome="lost", why=lost.says)


def _interrupted(run: Run) -> None:
    """The night was ended from outside: the run goes on where it stands, with the next night."""
    run.reload()
    run.add(r.Deferred(until=run.clock.now(), says="The night was interrupted."), r.Closed(outcome="deferred"))
    run.flush()
