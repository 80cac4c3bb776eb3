"""A night in a process of its own, against a sandbox that is served: `python -m tests.night.worker HOME JOBS`.

Prints what came of it as one JSON value. Its model is scripted; settings come from the environment.
"""

import asyncio
import json
import sys
from pathlib import Path

from agent.assembly import open_house
from agent.night.jobs import load_jobs
from agent.night.night import Night
from agent.planner.scripted import ScriptedModel, Step
from agent.settings import load_settings
from tests.night.nights import Probe

READ, FINISH = ("find_posts", {"status": "draft", "limit": 5}), ("finish", {"said": "Done."})


def draft(workspace: int, account: int) -> Step:
    return [("draft_post", {"workspace_id": workspace, "accounts": [account], "text": "We open at nine."})]


async def main(folder: Path, jobs: Path, workspace: int, account: int) -> None:
    settings, home = load_settings(folder)
    async with open_house(settings, home) as house:

        def model(_job: str) -> ScriptedModel:
            return ScriptedModel([[READ], draft(workspace, account), [FINISH]])

        told = await Night(house, load_jobs(jobs), "ana", probe=Probe(), model=model).carry_out()
        sys.stdout.write(json.dumps({"outcomes": [job.outcome for job in told.jobs], "ended": told.ended.timestamp()}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
