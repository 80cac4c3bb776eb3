"""One process on a run, over a sandbox that is served, in real time: `python -m tests.torture.owner HOME [OPERATION]`.

With an operation it stops itself right after it has written the first intent of it. Settings come from the environment.
"""

import asyncio
import sys
from pathlib import Path

from agent.assembly import Seams
from agent.errors import Conflict, Declined
from agent.settings import load_settings
from tests.torture.kills import play
from tests.torture.owners import Halt, halting
from tests.torture.scenarios import SEVERAL


def main(home: Path, operation: str = "") -> int:
    settings, _ = load_settings(home)
    seams = halting(Halt(operation, "intent")) if operation else Seams()
    try:
        asyncio.run(play(home, SEVERAL, seams, settings, clock="system"))
    except (Declined, Conflict) as error:  # another process was first
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
