"""One run in hand: its state, and appending to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from agent.clock import Clock
from agent.errors import Conflict, Corrupt, JournalError
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.store import Store
from agent.locked import locked

#: Told of each record as it is added: live progress.
Listener = Callable[[r.AnyRecord, datetime], None]


class Run:
    """A run as this process sees it. Records are added to the state at once and written in groups by `flush`.

    After `Conflict` the state may hold records that were never written: call `reload` and decide again.
    """

    def __init__(self, store: Store, run: str, clock: Clock) -> None:
        self.store = store
        self.id = run
        self.clock = clock
        self.state = RunState(run, store.load)
        self._pending: list[r.AnyRecord] = []
        self._written = 0
        self.listeners: list[Listener] = []

    @classmethod
    def open(cls, store: Store, clock: Clock, opened: r.Opened) -> "Run":
        """Begin a new run."""
        run = cls(store, store.new_run(), clock)
        run.add(opened)
        run.flush()
        return run

    @classmethod
    def load(cls, store: Store, run_id: str, clock: Clock) -> "Run":
        """A run from its journal; its state has no records where it does not exist.

        Raises Corrupt where a record was changed, or does not follow from those before it.
        """
        run = cls(store, run_id, clock)
        run.reload(checked=True)
        return run

    def reload(self, *, checked: bool = False) -> None:
        """Read anew what is written, forgetting what is not; `checked`: with the chain that `verify` looks at."""
        self.state = RunState(self.id, self.store.load)
        self._pending.clear()
        for entry in self.store.read(self.id, checked=checked):
            try:
                self.state.apply(entry.seq, entry.at, entry.record)
            except (ValueError, LookupError, AttributeError, TypeError) as error:
                raise Corrupt(
                    f"Run {self.id}: record {entry.seq} ({entry.record.kind}) does not follow from those before it.",
                    hint="Nothing guarded is sent from this run. Restore runs/journal.db from a backup.",
                ) from error
        self._written = self.state.seq

    def catch_up(self) -> None:
        """Take in what other processes appended."""
        if self._pending:
            self.reload()
            return
        for entry in self.store.read(self.id, self._written):
            self.state.apply(entry.seq, entry.at, entry.record)
            self._written = entry.seq

    def add(self, *records: r.AnyRecord) -> None:
        """Add to the state; written with the next `flush`."""
        now = self.clock.now()
        for record in records:
            self.state.apply(self.state.seq + 1, now, record)
            self._pending.append(record)
            for listener in self.listeners:
                listener(record, now)

    def flush(self, *, unless_stopped: bool = False) -> None:
        """Write what was added, in one transaction. Raises Conflict where another process wrote first.

        `unless_stopped` is for effects: they are not begun in a home or a run that a person has stopped.
        """
        free = any(isinstance(record, r.Intent) and record.card is None for record in self._pending)
        if unless_stopped and (self.state.stopped is not None or (self.state.halted and free)):
            raise Conflict(f"Run {self.id} was stopped meanwhile.", hint=f"`psa runs resume {self.id}` goes on.")
        if self._pending:
            entries = self.store.append(
                self.id, self._written, self._pending, self.clock.now(), unless_stopped=unless_stopped
            )
            self._pending.clear()
            self._written = entries[-1].seq

    def land(self, outcome: r.Outcome) -> None:
        """Write an outcome, whatever else was written meanwhile, and take all of it in."""
        with self._after_sending():
            self.flush_quietly()
            entries = self.store.append_anyway(self.id, [outcome], self.clock.now())
        for listener in self.listeners:
            listener(outcome, self.clock.now())
        if entries[-1].seq == self._written + 1:
            self.state.apply(entries[-1].seq, entries[-1].at, outcome)
            self._written = entries[-1].seq
        else:
            self.catch_up()

    def keep_answer(self, text: str) -> str:
        """Keep the answer to what was sent, like `Store.keep`."""
        with self._after_sending():
            return self.store.keep(text)

    @contextmanager
    def _after_sending(self) -> Iterator[None]:
        """What cannot be written now is about a request that has left: resuming finds out what became of it."""
        try:
            yield
        except JournalError as error:
            remedy = "Wait for that process" if locked(error.__cause__) else "Free some disk space"
            raise JournalError(
                f"{error.message} What became of a request that was sent is not known now.",
                hint=f"{remedy}, then `psa runs resume {self.id}` looks it up. Do not do it by hand.",
            ) from error

    def flush_quietly(self) -> None:
        """Write what was added behind whatever is last: only for records that stay true whoever wrote meanwhile."""
        if self._pending:
            self.store.append_anyway(self.id, self._pending, self.clock.now())
            self._pending.clear()
            self.reload()
