"""A run that is ended from outside says in its journal by what."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.commands.test_cli import empty_home, ok, told

__all__ = ["empty_home"]


@pytest.fixture
def silent_model(monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """An endpoint that takes requests and never answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("PSA_MODEL", "silent")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{listening.getsockname()[1]}/v1")
    return listening


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "says"), [(signal.SIGTERM, "stopped with SIGTERM"), (signal.SIGINT, "stopped with Ctrl-C")]
)
def test_the_journal_names_what_ended_a_run(
    which: signal.Signals, says: str, silent_model: socket.socket, empty_home: Path
) -> None:
    command = [sys.executable, "-m", "agent", "run", "Draft something"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    with subprocess.Popen(command, cwd=empty_home, env=environment, stderr=subprocess.PIPE, text=True) as process:
        asked, _ = silent_model.accept()
        asked.recv(1)
        process.send_signal(which)
        watch = threading.Timer(20, process.kill)
        watch.start()
        _, stderr = process.communicate()
        watch.cancel()
    asked.close()
    silent_model.close()
    assert process.returncode == 5 and "psa: stopped. `psa runs resume r1` goes on." in stderr
    records = [json.loads(line)["record"] for line in ok("runs", "show", "r1", "--records").stdout.splitlines()]
    assert [record["says"] for record in records if record["kind"] == "stopped"] == [says]
    assert told("runs", "list", "--json")[0]["outcome"] == "stopped"
