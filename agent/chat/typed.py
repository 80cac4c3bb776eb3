"""Text that a person typed or pasted: freed of what a terminal would obey or hide; refused where it may not be kept."""

import re
import unicodedata
from collections.abc import Sequence

from agent.errors import SettingsError
from agent.planner.goal_text import goal_text, refuse_secrets

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
