"""`psa chat` as a process in a real pseudo-terminal: narrow, without colour, and one that is dumb."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prompt_toolkit.utils import get_cwidth

from tests.chat.screen import Screen

ROOT = Path(__file__).parent.parent.parent
COLUMNS = 30


class Process:
    """A running `psa chat` and its screen."""

    def __init__(self, pid: int, master: int) -> None:
        self.pid = pid
        self.master = master
        self.screen = Screen(COLUMNS)
        self.started = time.monotonic()

    def sees(self, text: str, seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while text not in self.screen.text and text not in self.screen.raw:
            assert time.monotonic() < end and self._read(), self.screen.text

    def _read(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], 0.2)
        try:
            data = os.read(self.master, 65536) if ready else b""
        except OSError:
            return False
        if data:
            self.screen.write(data.decode("utf-8", "replace"))
        return True

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def ends(self, seconds: float = 20.0) -> int:
        end = time.monotonic() + seconds
        while self._read():
            assert time.monotonic() < end, self.screen.text
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@contextmanager
def chat(home: Path, **more: str) -> Iterator[Process]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PSA_", "OPENAI_", "POSTSYNCER_"))}
    kept |= {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(home), "PROMPT_TOOLKIT_NO_CPR": "1", "LC_ALL": "C.UTF-8"}
    environment = kept | {"TERM": "xterm-256color", **more}
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", f"import os; os.chdir({str(home)!r}); from agent.cli import main; main(['chat'])"],
        environment,
        file_actions=[(os.POSIX_SPAWN_DUP2, slave, fd) for fd in (0, 1, 2)],
        setsid=True,
    )
    os.close(slave)
    try:
        yield Process(pid, master)
    finally:
        os.close(master)


def test_the_prompt_needs_nothing_of_the_house() -> None:
    heavy = ("openai", "httpx", "starlette", "ruamel", "structlog", "agent.assembly", "agent.journal", "agent.gate")
    code = f"import sys, agent.commands.chat, agent.chat.editor; print([one for one in {heavy} if one in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert out.strip() == "[]"


@pytest.mark.slow
def test_a_narrow_terminal_without_colour(tmp_path: Path) -> None:
    with chat(tmp_path, NO_COLOR="1") as process:
        process.sees("›")
        process.type('Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn\r')
        process.sees("= 1 card waits: 2")
        process.type("\x1b[200~/approve 2\nand more\x1b[201~")
        process.sees("and more")
        process.type("\x03/approve 2\r")
        process.sees("card 2: applied.")
        process.type("\x04")
        assert process.ends() == 0
        codes = {code for found in re.findall(r"\x1b\[([0-9;]*)m", process.screen.raw) for code in found.split(";")}
        assert codes <= {"", "0", "1", "4", "7"}  # bold and reverse, no colour
        assert all(get_cwidth(line) < COLUMNS for line in process.screen.lines)
        assert "Left r1." in process.screen.text


@pytest.mark.slow
def test_a_dumb_terminal_gets_plain_lines(tmp_path: Path) -> None:
    with chat(tmp_path, TERM="dumb") as process:
        process.sees("psa: Say what you want")
        process.type("/cards\n")
        process.sees("psa: Nothing waits.")
        process.type("/quit\n")
        assert process.ends() == 0
        assert "\x1b" not in process.screen.raw
