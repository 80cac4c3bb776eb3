"""The right to advance a run: one process at a time, taken over when its owner is dead or too late."""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.errors import Busy
from agent.journal.store import Store

LASTS = timedelta(minutes=10)
#: What this process holds now. A lease of its own that is not here could not be given back: the disk was full.
_HELD: set[str] = set()


class Lease:
    """A held lease; `renew` is cheap and may be called at every step."""

    def __init__(self, store: Store, run: str, owner: str) -> None:
        self._store = store
        self._run = run
        self._owner = owner
        self._until = datetime.min.replace(tzinfo=UTC)

    def renew(self) -> None:
        """Hold on to it. Raises Busy where somebody else has taken over."""
        now = datetime.now(UTC)
        if self._until - now > LASTS / 2:
            return
        holder = self._store.lease(self._run, self._owner, now, now + LASTS)
        if holder != self._owner and is_dead(holder):
            self._store.release(self._run, holder)
            holder = self._store.lease(self._run, self._owner, now, now + LASTS)
        if holder != self._owner:
            raise Busy(
                f"Run {self._run} is being advanced by process {holder.split()[1]} on {holder.split()[0]}.",
                hint="Wait for it to end, or end that process.",
            )
        self._until = now + LASTS


@contextmanager
def lease(store: Store, run: str) -> Iterator[Lease]:
    """Hold a run's lease. Raises Busy while another living process has it."""
    owner = f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())} {uuid.uuid4().hex[:8]}"
    held = Lease(store, run, owner)
    held.renew()
    _HELD.add(owner)
    try:
        yield held
    finally:
        _HELD.discard(owner)
        store.release(run, owner)


def advancing(store: Store, run: str) -> str:
    """Which living process advances a run, such as `process 12 on kiln`; empty where none does."""
    owner = store.holder(run, datetime.now(UTC))
    return "" if not owner or is_dead(owner) else f"process {owner.split()[1]} on {owner.split()[0]}"


def is_dead(owner: str) -> bool:
    """Whether an owner on this machine no longer runs; owners elsewhere are never taken for dead."""
    host, pid, started, *_ = owner.split()
    if host != socket.gethostname():
        return False
    now = _started(int(pid))
    if int(pid) == os.getpid() and now == started:
        return owner not in _HELD
    return now == "" or now != started


def _started(pid: int) -> str:
    """When a process started, in the kernel's own clock ticks; `0` where that cannot be read, empty if it is gone."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    except OSError:
        return "0"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "0"
    return "0"
