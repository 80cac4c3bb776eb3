"""The jinja environments: prompts and reports, and pages. A missing variable is an error, never an empty string."""

import hashlib
import json
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

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


class Pages:
    """The templates of the pages: every value is escaped, and hidden characters in it are shown."""

    def __init__(self, folder: Path, **shared: Any) -> None:
        """`shared` are values and functions that every template may use."""
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=True,
            finalize=_shown,
        )
        self._environment.filters["one_line"] = one_line
        self._environment.filters["when"] = when
        self._environment.filters["ago"] = ago
        self._environment.globals.update(shared)

    def render(self, name: str, **values: Any) -> str:
        """A template with its values. Raises jinja2.UndefinedError for a missing one."""
        return self._environment.get_template(name).render(**values)


def _shown(value: Any) -> Any:
    """Text as a page shows it: nothing in it hides. What was made safe for a page already is left as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def when(moment: datetime, zone: tzinfo) -> str:
    """An instant as a person reads it, in a zone that is named, such as `Tue 1 Dec 2026 09:00 CET`."""
    there = moment.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %Y %H:%M %Z}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago an instant was, or how soon it is: `3 min ago`, `in 2 h`."""
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    units = ((86400 * 2, 86400, "days"), (5400, 3600, "h"), (90, 60, "min"))
    count, unit = next(((round(size / per), unit) for least, per, unit in units if size >= least), (round(size), "s"))
    return f"{count} {unit} ago" if seconds >= 0 else f"in {count} {unit}"


def _quoted(text: str) -> str:
    """Text in quotes, as JSON writes it: nobody's name can break out of its line."""
    return json.dumps(text, ensure_ascii=False)
