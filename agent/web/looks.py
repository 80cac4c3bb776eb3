"""Runs as pages look at them: read once and caught up, a few kept. For looking only; who decides reads anew."""

from collections import OrderedDict

from agent.clock import Clock
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.journal.store import Store
from agent.web.site import Site

#: Runs that are kept.
MOST = 64


class Looks:
    """The states of the runs that were looked at last."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._runs: OrderedDict[str, Run] = OrderedDict()

    def state(self, run_id: str) -> RunState:
        """A run as it stands now. Raises Corrupt where its journal was changed."""
        run = self._runs.pop(run_id, None)
        if run is None:
            run = Run.load(self._store, run_id, self._clock)
        else:
            run.catch_up()
        self._runs[run_id] = run
        while len(self._runs) > MOST:
            self._runs.popitem(last=False)
        return run.state


def looks_of(site: Site) -> Looks:
    """The runs that this server's pages look at."""
    looks: Looks = site.rooms.setdefault("looks", Looks(site.house.store, site.house.clock))
    return looks
