"""What is wrong with arguments, in words for a model: what was expected there, and what would fit."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from agent.text import one_line
from agent.tools.schema import plain_schema
from agent.yaml_files import nearest

#: Problems told at once.
_MOST = 3

_BOUNDS = {
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of {ge} or more",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of {le} or less",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
}


def problems(error: ValidationError, model: type[BaseModel], what: str) -> str:
    """The first few problems as sentences; `what` names the whole, such as a tool."""
    schema = plain_schema(model)
    said: list[str] = []
    for item in error.errors(include_url=False):
        sentence = _problem(item, schema, what)
        if sentence not in said:
            said.append(sentence)
    more = f" ({len(said) - _MOST} more problems.)" if len(said) > _MOST else ""
    return " ".join(said[:_MOST]) + more


def expected(node: Mapping[str, Any]) -> str:
    """What a schema node takes, in words: `a list of ids, for example [12, 15]`."""
    told = _kind(node)
    return f"{told} ({node['description']})" if node.get("description") else told


def fields(schema: Mapping[str, Any]) -> str:
    """Every field of an object with what it takes."""
    told = (f"{name} ({_kind(node)})" for name, node in schema["properties"].items())
    return ", ".join(told) or "no fields"


def example(model: type[BaseModel]) -> str:
    """A smallest object that has the required fields, as JSON."""
    schema = plain_schema(model)
    found = {name: _example(schema["properties"][name]) for name in schema.get("required", ())}
    return json.dumps(found, ensure_ascii=False)


def _problem(item: Mapping[str, Any], schema: Mapping[str, Any], what: str) -> str:
    kind, context = item["type"], item.get("ctx", {})
    path, node, parent = _walk(schema, item["loc"])
    where = _where(path) or what
    if kind == "string_unicode":
        return f"{where}: half of a surrogate pair is no text; send whole characters."
    if kind == "extra_forbidden":
        known = list(parent.get("properties", {}))
        inside = _where(path[:-1]) or what
        word = one_line(str(path[-1]), 40)
        return f'"{word}" is no field of {inside}.{nearest(word, known)} Its fields: {", ".join(known) or "none"}.'
    if kind == "missing":
        return f"{where} is missing: {expected(node)}."
    if kind in _BOUNDS:
        return f"{where}: {_BOUNDS[kind].format_map(context)} is expected."
    return f"{where}: {expected(node)} is expected, not {_found(item.get('input'))}."


def _walk(
    schema: Mapping[str, Any], loc: Sequence[int | str]
) -> tuple[list[int | str], Mapping[str, Any], Mapping[str, Any]]:
    """Follow an error's place into the schema, as far as it goes: the path, the node, and the node around it."""
    path: list[int | str] = []
    node: Mapping[str, Any] = schema
    parent: Mapping[str, Any] = schema
    for step in loc:
        if "anyOf" in node:
            break
        if isinstance(step, int) and "items" in node:
            parent, node = node, node["items"]
        elif isinstance(step, str) and step in node.get("properties", {}):
            parent, node = node, node["properties"][step]
        elif isinstance(step, str) and "additionalProperties" in node and step != "[key]":
            parent, node = node, node["additionalProperties"]
        elif isinstance(step, str) and "properties" in node:
            path.append(step)
            return path, {}, node
        else:
            break
        path.append(step)
    return path, node, parent


def _where(path: Sequence[int | str]) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{one_line(step, 40)}" for step in path]
    return "".join(steps).lstrip(".")


def _kind(node: Mapping[str, Any]) -> str:
    if "enum" in node:
        return "one of " + ", ".join(str(value) for value in node["enum"])
    if "anyOf" in node:
        return " or ".join(_kind(kind) for kind in node["anyOf"])
    match node.get("type"):
        case "integer":
            return "a number such as 12"
        case "boolean":
            return "true or false"
        case "array":
            return _list(node.get("items", {}))
        case "object" if "properties" in node:
            return f"an object with the fields {', '.join(node['properties'])}"
        case "object":
            return "an object"
        case "null":
            return "null"
        case _:
            return "an https address" if str(node.get("pattern", "")).startswith("^https:") else "a text"


def _list(items: Mapping[str, Any]) -> str:
    if items.get("type") == "integer":
        return "a list of ids, for example [12, 15]"
    if items.get("pattern"):
        return f"a list, each {_kind(items)}"
    if items.get("type") == "string":
        return 'a list of texts, for example ["one", "two"]'
    if items.get("type") == "object":
        return f"a list of objects with the fields {', '.join(items.get('properties', {}))}"
    return f"a list, each {_kind(items)}"


def _example(node: Mapping[str, Any]) -> Any:
    if "enum" in node:
        return node["enum"][0]
    if "anyOf" in node:
        return _example(node["anyOf"][0])
    match node.get("type"):
        case "integer":
            return 12
        case "boolean":
            return True
        case "array":
            return [_example(node.get("items", {}))]
        case "object":
            return {name: _example(node["properties"][name]) for name in node.get("required", ())}
        case _:
            return "text"


def _found(value: object) -> str:
    """What stood there instead, shortly."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    try:
        return one_line(json.dumps(value, ensure_ascii=False), 40)
    except (TypeError, ValueError):
        return one_line(repr(value), 40)
