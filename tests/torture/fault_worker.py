"""A process with one run, hampered right after its first intent is on disk: `python -m tests.torture.fault_worker`.

Arguments: the home, and what happens: `pause` (SIGSTOP), or `memory:N` (all memory is taken but for N kilobytes).
Prints one JSON value at its end, if it gets there.
"""

import asyncio
import json
import os
import resource
import signal
import sys
from pathlib import Path

from agent.journal import records as r
from agent.planner.scripted import ScriptedModel
from tests.house import finish, home_in
from tests.torture.bench import DRAFT, Moment, begin, watched

#: Takes the memory that a process may have.
_BALLAST: list[bytes] = []


def hamper(how: str) -> None:
    """Do to this process what the arguments say."""
    what, _, amount = how.partition(":")
    if what == "pause":
        os.kill(os.getpid(), signal.SIGSTOP)
        return
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used, hard))
    for size in (100_000, 1000, 400, 100):
        try:
            while True:
                _BALLAST.append(bytes(size))
        except MemoryError:
            continue
    free = int(amount) * 1000
    while free > 0 and _BALLAST:
        free -= len(_BALLAST.pop())  # the smallest came last


async def main(folder: Path, how: str) -> None:
    intents = 0

    def strike(moment: Moment, records: tuple[r.AnyRecord, ...]) -> None:
        nonlocal intents
        if moment == "after" and any(isinstance(record, r.Intent) for record in records):
            intents += 1
            if intents == 1:
                hamper(how)

    async with home_in(folder, watched(strike)) as home:
        run = await begin(home)
        outcome = await home.house.planner(ScriptedModel([[DRAFT], finish()])).advance(run)
        sys.stdout.write(json.dumps({"outcome": outcome, "intent": intents}) + "\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
