"""Records the cassettes: `make record`.

A sandbox with its clock at a fixed time and the offline planner are served on this machine and recorded from. To record
from the real ones, make a cassette of another name: set POSTSYNCER_API_TOKEN and OPENAI_API_KEY, put their addresses
into `play.SERVICE` and `play.MODEL`, and name what you record after them.
"""

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from agent.planner.offline import build_planner_app
from agent.sandbox.app import build_app
from agent.sandbox.state import State
from agent.sandbox.world import load_world
from tests.cassettes.play import FOLDER, GOALS, NOW, cassette, play


@contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def main() -> None:
    for name, goal in GOALS.items():
        state = State.create(None, load_world("shop"), NOW)
        state.freeze(NOW)
        folder = Path(tempfile.mkdtemp())
        (FOLDER / f"{name}.yaml").unlink(missing_ok=True)
        with served(build_app(state, over_http=True), 8765), served(build_planner_app(), 8766):
            with cassette(name, record=True) as tape:
                run = asyncio.run(play(folder, goal))
            print(f"{name}: {len(tape)} interactions, {run.state.closed}")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
