"""The hostile planner from the command line: `python -m tests.torture.hostile_run --sequences 5000 --seed 1`.

Prints the numbers, and every breach with its story; exits 1 on any. `--home N` plays one home alone, as it was played
among the others, comparing after every sequence.
"""

import argparse
import asyncio
import sys
import time

from tests.torture.hostile import SHARED, Count, play_home, play_on


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=5000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--home", type=int, help="play this home alone")
    given = parser.parse_args()
    began = time.monotonic()
    if given.home is not None:
        count = asyncio.run(play_home(given.seed, given.home, each=True))
    else:
        homes = -(-given.sequences // SHARED)
        count = play_on(given.processes, given.seed, range(homes))
    seconds = time.monotonic() - began
    tell(count, f"seed {given.seed}, {seconds:.0f} s, {1000 * seconds / max(1, count.sequences):.0f} ms a sequence")
    return 1 if count.all_breaches or vacuous(count) else 0


def tell(count: Count, how: str) -> None:
    """The numbers, then what is wrong."""
    lines = [*count.all_breaches, *vacuous(count), f"hostile planner: {count.line()}; {how}"]
    sys.stdout.write("\n".join(lines) + "\n")


def vacuous(count: Count) -> list[str]:
    """What did not happen at all though it should have: then the numbers prove nothing."""
    if count.sequences < 300:
        return []
    wanted = {
        "guarded effects after a decision": count.tally.guarded,
        "effects without one": count.tally.effects - count.tally.guarded,
        "calls denied": count.verdicts["deny"],
        "calls held": count.verdicts["hold"],
        "calls allowed": count.verdicts["allow"],
        "approvals": count.decisions["approve"],
        "edits on a card": count.decisions["edit"],
        "rejections": count.decisions["reject"],
    }
    return [f"vacuous: no {what}" for what, number in wanted.items() if number == 0]


if __name__ == "__main__":
    sys.exit(main())
