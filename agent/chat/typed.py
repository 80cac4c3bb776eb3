"""Text that a person typed or pasted: freed of what a terminal would obey or hide; refused where it may not be kept."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from agent.errors import SettingsError
from agent.planner.goal_text import MOST_GOAL, goal_text, refuse_secrets

#: Terminal sequences: CSI, OSC and other strings up to their end, and two-character escapes.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x1b\\|\x07|$)|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]", re.DOTALL
)
#: Joiners that scripts and emoji need; all other formats are hidden marks.
_JOINERS = frozenset("\u200c\u200d")


def cleaned(text: str) -> tuple[str, int]:
    """The text with line breaks as `\\n`, and how many control or hidden characters were taken out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    plain = _ESCAPES.sub("", text)
    kept = "".join(letter for letter in plain if letter in "\n\t" or not _hidden(letter))
    return kept, len(text) - len(kept)


def _hidden(letter: str) -> bool:
    return letter not in _JOINERS and unicodedata.category(letter) in {"Cc", "Cf", "Cs"}


def problem(line: str, secrets: Sequence[str]) -> str:
    """Why a line may not be taken, kept or journaled; empty where it may."""
    try:
        refuse_secrets(line, secrets)
        if line.strip():
            goal_text(line)
    except SettingsError as error:
        return str(error)
    return ""


def too_long(text: str) -> bool:
    """Whether a text is more than a goal may be."""
    return len(text.strip()) > MOST_GOAL


def set_aside(text: str, folder: Path, secrets: Sequence[str]) -> str:
    """Keep a text that is too long in a file of its own; returns a sentence that says where, or why not."""
    said = f"That has {len(text)} characters; {MOST_GOAL} at most are read as one goal."
    if any(secret in text for secret in secrets):
        return f"{said} It holds one of your own keys, so it was not kept either."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = next(path for number in count(1) if not (path := folder / f"too_long_{number}.txt").exists())
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        return f"{said} It could not be kept in {folder}: {error.strerror}."
    return f"{said} It is kept in {path}: shorten it, or name a file of the uploads folder in your goal."
