"""Two nights of two homes with one token, over real time: they share the rate budget fairly, and nobody sees a 429."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from agent.sandbox.app import build_app
from agent.sandbox.state import State
from agent.sandbox.world import load_world
from tests.night.nights import jobs_text

ROOT = Path(__file__).parent.parent.parent
#: Requests of one job: discovery, the highest id, one list, one draft.
PER_JOB = 5


@contextmanager
def served(state: State) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(build_app(state, over_http=True), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        server.should_exit = True
        thread.join()


def start(folder: Path, url: str, names: list[str], workspace: int, account: int) -> "subprocess.Popen[str]":
    folder.mkdir()
    jobs = folder / "jobs.yaml"
    jobs.write_text(jobs_text(*names, workspace=workspace))
    (folder / "policy.yaml").write_text("rules:\n  night.drafts: {most: 200}\n")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PSA_HOME": str(folder),
        "POSTSYNCER_BASE_URL": url,
        "POSTSYNCER_API_TOKEN": "1|sandbox",
        "XDG_STATE_HOME": str(folder.parent / "state"),
    }
    command = [sys.executable, "-m", "tests.night.worker", str(folder), str(jobs), str(workspace), str(account)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.torture
@pytest.mark.waits
@pytest.mark.timeout(2400)
def test_two_processes_share_one_budget_fairly(tmp_path: Path) -> None:
    state = State.create(tmp_path / "box.db", load_world("agency"), datetime.now(UTC))
    world = state.export()
    account = next(one for one in world["accounts"] if one["platform"] == "linkedin" and not one.get("has_expired"))
    with served(state) as url:
        workers = [
            start(
                tmp_path / name, url, [f"{name} {number}" for number in range(100)], account["workspace"], account["id"]
            )
            for name in ("a", "b")
        ]
        told = [json.loads(worker.communicate()[0]) for worker in workers]
    assert all(Counter(one["outcomes"]) == {"done": 100} for one in told)
    requests: list[dict[str, Any]] = state.requests()
    ats = [datetime.fromisoformat(request["at"]).timestamp() for request in requests]
    assert Counter(request["status"] for request in requests)[429] == 0
    assert max(sum(1 for other in ats if at <= other < at + 60) for at in ats) <= 60
    # The whole share was used while both worked, and neither waited for the other to end.
    both_ended = min(one["ended"] for one in told)
    minutes = int((both_ended - ats[0]) // 60)
    used = sum(1 for at in ats if at < ats[0] + minutes * 60) / (minutes * 50)
    assert used >= 0.98, used
    assert abs(told[0]["ended"] - told[1]["ended"]) <= 0.15 * (max(ats) - ats[0])
