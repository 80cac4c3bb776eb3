"""YAML files of people (worlds, policies, jobs), loaded strictly: an error names file, line and the nearest name."""

import difflib
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from agent.errors import SettingsError

M = TypeVar("M", bound=BaseModel)

_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_IDS = " `psa doctor` lists those of your PostSyncer."
#: The first that a pattern takes is shown where it does not take what was written.
_EXAMPLES = ("09:00", "en", "weekday tips")
#: What YAML makes of a word that a person may have meant as text.
_BARE = (bool, int, float, date)


def load_yaml(path: Path, model: type[M], *, now: object = None) -> M:
    """The file as a model. Raises SettingsError that names file, line, what is wrong and the nearest known name.

    `now` is what the model's own checks compare with: their `context`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", hint="Check the path and its permissions.") from error
    return parse_yaml(text, model, str(path), now=now)


def parse_yaml(text: str, model: type[M], name: str, *, now: object = None) -> M:
    """As `load_yaml`, from text; `name` stands in for the file in errors."""
    try:
        raw = _tree(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(
            f"{name}, line {line}: not valid YAML: {error.problem}.", hint=_slip(error.problem or "")
        ) from error
    except Exception as error:  # on odd input the parser stumbles itself: TypeError, AttributeError, RecursionError …
        where = f", line {no_date}" if isinstance(error, ValueError) and (no_date := _no_date(text)) else ""
        raise SettingsError(f"{name}{where}: not valid YAML: {error}.") from error
    if raw is None:
        raise SettingsError(f"{name} is empty.", hint="Write something into it, or delete it.")
    if not isinstance(raw, CommentedMap):
        raise SettingsError(f"{name}: a mapping with keys such as {_some(model)} was expected.")
    try:
        return model.model_validate(_plain(raw), context=now)
    except TypeError as error:
        raise SettingsError(f"{name}: it holds a kind of value that has no place here: {error}.") from error
    except ValidationError as error:
        problems = [
            _problem(name, raw, dict(item), model)
            for item in error.errors(include_input=not model.model_config.get("hide_input_in_errors"))
        ]
        more = [f"… and {len(problems) - 5} more."] if len(problems) > 5 else []
        raise SettingsError("\n".join(problems[:5] + more)) from error


def _slip(problem: str) -> str:
    """What is mostly behind a complaint of the parser."""
    if "'\\t'" in problem:
        return "Indent with spaces: YAML takes no tabs."
    return "Look at the indentation and the quotes of this line, and of the one above it."


def _no_date(text: str) -> int | None:
    """The line of the first date that no calendar has; the parser does not tell it."""
    for number, line in enumerate(text.splitlines(), 1):
        for year, month, day in _DATE.findall(line):
            try:
                date(int(year), int(month), int(day))
            except ValueError:
                return number
    return None


@lru_cache(maxsize=64)
def _tree(text: str) -> object:
    """The parsed text with its line numbers. Read only.

    Kept, because the packs of one process share their layers; all files of policy tests fit at once.
    """
    return YAML(typ="rt").load(text)


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """` Did you mean "x"?` for the nearest known name in any case, or nothing."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return f' Did you mean "{by_lower[found[0]]}"?' if found else ""


def _problem(name: str, raw: CommentedMap, item: dict[str, Any], model: type[BaseModel]) -> str:
    path = tuple(item["loc"])
    line = _line(raw, path)
    where = ".".join(str(step) for step in path)
    if item["type"] == "extra_forbidden":
        return f'{name}, line {line}: unknown key "{where}".{nearest(str(path[-1]), _keys(model))}'
    if item["type"] == "missing":
        return f'{name}, line {line}: the key "{where}" is missing.'
    if path[-1:] == ("[key]",):
        where = ".".join(str(step) for step in path[:-1])
        return f'{name}, line {line}: "{where[:120]}": an id belongs here, a whole number.{_IDS}'
    said = _said(item)
    if not path:
        return f"{name}, line {line}: {said}."
    if "input" not in item:  # the file holds secrets
        return f'{name}, line {line}: "{where}": {said}.'
    quotes = " Put it in quotes." if item["type"] == "string_type" and isinstance(item["input"], _BARE) else ""
    return f'{name}, line {line}: "{where}": {said} (found {str(item["input"])[:60]!r}).{quotes}'


def _said(item: dict[str, Any]) -> str:
    """What is wrong with a value, with an example where its form is wanted."""
    kind = item["type"]
    if kind == "string_pattern_mismatch":
        fits = next((one for one in _EXAMPLES if re.search(item["ctx"]["pattern"], one)), "")
        return f'write it like "{fits}"' if fits else f"it has to match {item['ctx']['pattern']}"
    if kind.startswith("date_"):
        return "a date is expected, such as 2026-12-31"
    said = str(item["msg"]).removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


def _line(raw: object, path: tuple[Any, ...]) -> int:
    line = 1
    node = raw
    for step in path:
        if isinstance(node, CommentedMap):
            # Keys of numbers are text in `path`; a key that was merged in has no line of its own.
            key = next((key for key in node if str(key) == str(step)), None)
            if key in node:
                line = node.lc.data[key][0] + 1 if key in (node.lc.data or {}) else line
                node = node[key]
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = node.lc.item(step)[0] + 1
            node = node[step]
    return line


def _keys(model: type[BaseModel]) -> list[str]:
    """Every field name of a model and of the models inside it."""
    names: set[str] = set()
    schema = model.model_json_schema()
    for part in [schema, *schema.get("$defs", {}).values()]:
        names.update(part.get("properties", {}))
    return sorted(names)


def _some(model: type[BaseModel]) -> str:
    return ", ".join(list(model.model_fields)[:4])


def _plain(node: object) -> Any:
    if isinstance(node, CommentedMap):
        plain_map = {str(key): _plain(value) for key, value in node.items()}
        if len(plain_map) < len(node):
            names = [str(key) for key in node]
            twice = next(name for name in names if names.count(name) > 1)
            raise TypeError(f"{twice} stands there twice, with and without quotes")
        return plain_map
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for kind, plain in ((str, str), (bool | ScalarBoolean, bool), (int, int), (float, float)):
        if isinstance(node, kind):
            return plain(node)
    return node
