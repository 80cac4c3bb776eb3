"""A person's own calls: each opens a run of mode `person` without a model, and is judged like any other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from agent.api.accounts import ListAccounts
from agent.api.workspaces import ListWorkspaces
from agent.errors import ApiError, Declined, Denied
from agent.gate.decisions import Person
from agent.gate.door import Gate, Result
from agent.journal import records as r
from agent.journal.findings import Mode
from agent.journal.run import Listener, Run
from agent.planner.calls import complete
from agent.tools.desk import Completes, Parts, Unfit


class OpensRuns(Protocol):
    """Opens a run of a mode in somebody's name."""

    def __call__(self, mode: Mode, who: str, *, overlay: str = "", channel: str = "") -> Run:
        """The new run; `overlay` is the policy of the night's job that it goes on with."""
        ...


class OwnCalls:
    """One run of a person's own calls, proposed one after the other."""

    def __init__(self, gate: Gate, run: Run) -> None:
        self._gate = gate
        self.run = run
        self._calls = 1  # the reads that every run begins with are call 0, those for completing call 1

    @classmethod
    async def begin(
        cls,
        gate: Gate,
        open_run: OpensRuns,
        person: Person,
        text: str,
        *,
        overlay: str = "",
        channel: str = "review",
        listener: Callable[[Run], Listener] | None = None,
    ) -> "OwnCalls":
        """Open the run and read what exists. Raises ApiError."""
        run = open_run("person", person.name, overlay=overlay, channel=channel)
        if listener is not None:
            run.listeners.append(listener(run))
        run.add(r.Goal(number=1, text=text, by=person.name))
        run.flush()
        own = cls(gate, run)
        with own.ending():
            await gate.read(run, f"{run.id}.0.0.0", ListWorkspaces(), person=True)
            await gate.read(run, f"{run.id}.0.0.1", ListAccounts(), person=True)
        return own

    @contextmanager
    def ending(self) -> Iterator[None]:
        """What ends the run where it cannot be done, is denied, or the service does not answer."""
        try:
            yield
        except Declined:
            self.run.add(r.Closed(outcome="refused"))
            self.run.flush()
            raise
        except ApiError as error:
            self.run.add(r.GaveUp(says=str(error)), r.Closed(outcome="failed_safe"))
            self.run.flush()
            raise

    async def complete(self, wanted: Completes) -> Parts:
        """What is wanted as calls, with fresh reads. Raises Declined where it cannot be done, ApiError."""
        try:
            completed, _ = await complete(self._gate, self.run, f"{self.run.id}.0.1", wanted)
        except Unfit as unfit:
            raise Declined(str(unfit)) from unfit
        return completed if isinstance(completed, Parts) else Parts(())

    async def propose(self, parts: Parts, notes: Sequence[str] = ()) -> list[Result]:
        """Have the policy judge the calls: free ones are sent, held ones wait as cards.

        Raises Declined where the policy denies one or there is none, ApiError.
        """
        if not parts.calls:
            raise Declined(" ".join(parts.impossible) or "There is nothing to do.")
        self._calls += 1
        results = await self._gate.propose(self.run, 0, self._calls, "person", parts.calls, (*parts.notes, *notes))
        denied = [result for result in results if result.state == "denied"]
        if denied:
            first = denied[0].findings[0]
            raise Denied(
                f"The policy denies it: {first.says}", hint=f"What would pass: {first.passes}." if first.passes else ""
            )
        return results
