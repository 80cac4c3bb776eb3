"""YAML files of people (worlds, policies, jobs), loaded strictly: an error names file, line and the nearest name."""

import difflib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from agent.errors import SettingsError

M = TypeVar("M", bound=BaseModel)


def load_yaml(path: Path, model: type[M]) -> M:
    """The file as a model. Raises SettingsError that names file, line, what is wrong and the nearest known name."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", hint="Check the path and its permissions.") from error
    return parse_yaml(text, model, str(path))


def parse_yaml(text: str, model: type[M], name: str) -> M:
    """As `load_yaml`, from text; `name` stands in for the file in errors."""
    yaml = YAML(typ="rt")
    try:
        raw = yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{name}, line {line}: not valid YAML: {error.problem}.") from error
    except ValueError as error:
        raise SettingsError(f"{name}: not valid YAML: {error}.") from error
    if not isinstance(raw, CommentedMap):
        raise SettingsError(f"{name}: a mapping with keys such as {_some(model)} was expected.")
    try:
        return model.model_validate(_plain(raw))
    except ValidationError as error:
        raise SettingsError("\n".join(_problem(name, raw, dict(item), model) for item in error.errors())) from error


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """` Did you mean "x"?` for the nearest known name, or nothing."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f' Did you mean "{found[0]}"?' if found else ""


def _problem(name: str, raw: CommentedMap, item: dict[str, Any], model: type[BaseModel]) -> str:
    path = tuple(item["loc"])
    line = _line(raw, path)
    where = ".".join(str(step) for step in path)
    if item["type"] == "extra_forbidden":
        return f'{name}, line {line}: unknown key "{where}".{nearest(str(path[-1]), _keys(model))}'
    if item["type"] == "missing":
        return f'{name}, line {line}: the key "{where}" is missing.'
    said = item["msg"][:1].lower() + item["msg"][1:]
    return f'{name}, line {line}: "{where}": {said} (found {str(item["input"])[:60]!r}).'


def _line(raw: object, path: tuple[Any, ...]) -> int:
    line = 1
    node = raw
    for step in path:
        if isinstance(node, CommentedMap) and step in node:
            line = node.lc.key(step)[0] + 1
            node = node[step]
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
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    return node
