"""A SQLite file that another process holds: whether that is what went wrong, and which process it is."""

import os
from pathlib import Path

#: SQLite's result codes BUSY and LOCKED, which extended codes end with.
_LOCKED = frozenset({5, 6})
#: Files of a database that locks lie on: the file itself, and the index of its log.
_LOCKABLE = ("", "-shm")


def locked(error: BaseException | None) -> bool:
    """Whether SQLite gave up waiting for another process."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _LOCKED


def holder(path: Path, locks: Path = Path("/proc/locks")) -> str:
    """Who writes to the file now, as far as this machine tells: `process 4711 (psa night --loop)`."""
    try:
        files = [Path(f"{path}{end}") for end in _LOCKABLE]
        inodes = {file.stat().st_ino for file in files if file.exists()}
        rows = [row.split() for row in locks.read_text(encoding="ascii").splitlines()]
    except OSError:
        return "another process"
    for row in rows:
        kind, pid, place = row[-5:-2] if len(row) >= 8 else ("", "", "")
        inode = place.rpartition(":")[2]
        if kind == "WRITE" and inode.isdigit() and int(inode) in inodes and pid != str(os.getpid()):
            return f"process {pid}{_called(pid)}"
    return "another process"


def _called(pid: str) -> str:
    """How a process was called, in parentheses; the interpreter is left out."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    if Path(words[0]).name.startswith("python"):
        words = words[1:]
    words[:1] = [Path(words[0]).name] if words else []
    told = " ".join(word for word in words if word)
    return f" ({told[:80]})" if told else ""
