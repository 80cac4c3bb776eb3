"""Records transcripts: `PSA_RECORD_BASE_URL=https://…/v1 python tests/transcripts/record.py NAME [NAME …]`.

Any OpenAI-compatible endpoint will do; `{name}` in the address is replaced by the transcript's name. What came of each
goal is printed, turn by turn. A scenario that needs a key takes it from the endpoint's own gateway: none is sent.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from agent.progress import progress_line
from agent.report import report_of
from tests.transcripts.scenarios import FOLDER, SCENARIOS, Played, play, transcript


def show(played: Played) -> None:
    """The figures of a recording."""
    for run in played.runs:
        told = report_of(run.state)
        print(f"{run.id}: {told.outcome}, {told.turns} turns, {told.requests} requests, {told.tokens} tokens")
        print(
            f"  {run.state.spent.repairs} repairs, {len(told.denied)} denied, {len(told.changed)} changed by the policy"
        )
        for entry in run.store.read(run.id):
            line = progress_line(run.state, entry.record)
            if line:
                print(f"    {line[:200]}")
        print(f"  said: {told.said[:600]}\n  refused: {told.refused[:600]}")
    print("writes:", played.operations())


def main() -> None:
    base = os.environ["PSA_RECORD_BASE_URL"]
    for name in sys.argv[1:]:
        path = FOLDER / f"{name}.yaml"
        path.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as folder, transcript(name, record=True) as tape:
            asyncio.run(play(Path(folder), SCENARIOS[name], show, base.format(name=name)))
            sizes = [json.loads(request.body)["bytes"] for request in tape.requests]
        print(f"{name}: {len(sizes)} requests to the model, {sizes[0]} bytes first, {max(sizes)} at most")


if __name__ == "__main__":
    main()
