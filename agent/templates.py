"""The one jinja environment: prompts and reports. A missing variable is an error, never an empty string."""

import hashlib
import json
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agent.text import one_line, visible


class Templates:
    """The templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
            autoescape=False,  # Markdown and prompts; pages get an escaping environment of their own
        )
        self._environment.filters["visible"] = visible
        self._environment.filters["one_line"] = one_line
        self._environment.filters["quoted"] = _quoted

    def render(self, name: str, **values: Any) -> str:
        """A template with its values. Raises jinja2.UndefinedError for a missing one."""
        return self._environment.get_template(name).render(**values)

    def digest(self) -> str:
        """Hash over all templates, journaled with each run."""
        parts = [f"{path.name}\n{path.read_text(encoding='utf-8')}" for path in sorted(self._folder.glob("*.j2"))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _quoted(text: str) -> str:
    """Text in quotes, as JSON writes it: nobody's name can break out of its line."""
    return json.dumps(text, ensure_ascii=False)
