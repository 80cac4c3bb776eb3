"""A process with one run, hampered right after its first intent is on disk: `python -m tests.torture.fault_worker`.

Arguments: the home, and what happens: `pause` (SIGSTOP), `files:N` (N more files may be opened), `memory:N` (N more
bytes may be taken). Prints one JSON value at its end.
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


def hamper(how: str) -> None:
    """Do to this process what the arguments say."""
    what, _, amount = how.partition(":")
    if what == "pause":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif what == "files":
        highest = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - names, not paths
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + int(amount), hard))
    elif what == "memory":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + int(amount), hard))


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
