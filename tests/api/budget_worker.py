"""A process that takes slots from a shared budget: each input line `now count` is answered by a JSON list of slots."""

import json
import sys
from pathlib import Path

from agent.api.limits import SqliteBudget


def main() -> None:
    budget = SqliteBudget(Path(sys.argv[1]), "token")
    for line in sys.stdin:
        now, count = line.split()
        slots = [budget.reserve(float(now), person=False) for _ in range(int(count))]
        sys.stdout.write(json.dumps(slots) + "\n")
        sys.stdout.flush()
    budget.close()


if __name__ == "__main__":
    main()
