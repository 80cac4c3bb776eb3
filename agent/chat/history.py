"""Lines typed earlier, kept in a file of the home that only its owner can read."""

from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory


class LineHistory(FileHistory):
    """A history that never gets in the way: a file that cannot be read or written is done without."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(str(path))

    def load_history_strings(self) -> Iterable[str]:
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            super().store_string(string)
        except OSError:
            return
