"""Runs that pages look at: loaded and verified once, then only what was added to them is read."""

from collections import OrderedDict

from starlette.exceptions import HTTPException

from agent.clock import Clock
from agent.errors import PsaError
from agent.journal.run import Run
from agent.journal.store import SqliteStore

#: Runs that are kept at hand: a long one takes a while to load.
MOST_KEPT = 8
_LONGEST_ID = 19


class Shelf:
    """The runs looked at last. They are for looking only: whoever adds to one loads it for themselves."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: OrderedDict[str, Run] = OrderedDict()

    def look(self, run_id: str) -> Run:
        """A run as it stands now. Raises HTTPException where there is none, Corrupt where its journal was changed."""
        run = self._kept.pop(run_id, None)
        if run is not None:
            try:
                run.catch_up()
            except (PsaError, ValueError, LookupError, AttributeError, TypeError):
                run = None  # loading it tells what is wrong
        if run is None:
            run = load(self._store, run_id, self._clock)
        self._kept[run_id] = run
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return run


def load(store: SqliteStore, run_id: str, clock: Clock) -> Run:
    """A run to add to. Raises HTTPException where there is none, Corrupt where its journal was changed."""
    number = run_id.removeprefix("r")
    if not (run_id.startswith("r") and number.isascii() and number.isdigit() and len(run_id) <= _LONGEST_ID):
        raise HTTPException(404)
    run = Run.load(store, run_id, clock)
    if run.state.opened is None:
        raise HTTPException(404)
    return run
