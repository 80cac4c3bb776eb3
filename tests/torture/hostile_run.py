"""`python -m tests.torture.hostile_run --sequences 5000`: hostile sequences side by side; 1 where anything broke."""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import anyio

from tests.torture.hostile import PER_HOME, Score, play


def piece(seed: int) -> Score:
    """One home's worth of sequences."""
    return anyio.run(play, seed, PER_HOME)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sequences", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--processes", type=int, default=2)
    asked = options.parse_args()
    began, score = time.perf_counter(), Score()
    seeds = [asked.seed * 1_000_000 + number for number in range(-(-asked.sequences // PER_HOME))]
    with ProcessPoolExecutor(asked.processes) as pool:
        for one in pool.map(piece, seeds):
            score.add(one)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{score.sequences} sequences, {len(score.breaches)} breaches ")
    sys.stdout.write(f"hostile planner: {score.line()}; {time.perf_counter() - began:.0f} s\n")
    sys.stdout.writelines(f"{breach}\n" for breach in score.breaches)
    return 1 if score.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
