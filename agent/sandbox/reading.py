"""Requests become typed calls the way the service reads them: unknown keys ignored, numbers in texts understood.

What is wrong comes back as the service's 422, with field names in dots (`content.0.text`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from agent.api.endpoint import Endpoint, LocalFile, Part
from agent.sandbox.refusal import Refusal, invalid, not_found, words

_FLAGS = {"1": "true", "0": "false"}
_UNSENT_FILE = LocalFile(path="", name="", mime="", size=0, sha256="")


@dataclass(frozen=True)
class _Shape:
    """What a field may hold: an object's fields, a list's items, null; `free` is anything, read by its handler."""

    fields: "dict[str, _Shape] | None" = None
    items: "_Shape | None" = None
    null: bool = False
    free: bool = False
    flag: bool = False


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; anything else counts as an empty one, as the service does."""
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def read_query(query: bytes) -> dict[str, Any]:
    """The query as a mapping; the last of equal names counts."""
    return dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))


def read_call(operation: type[Endpoint[Any]], path: Mapping[str, str], sent: Mapping[str, Any]) -> Endpoint[Any]:
    """The typed call of a request. Raises Refusal: 404 for an id that is none, 422 for everything else."""
    route = operation.route
    values = _known(dict(sent), _shape_of(operation)) | path
    if route.file_field:
        values[route.file_field] = _UNSENT_FILE
    try:
        return operation.model_validate(values, strict=False)
    except ValidationError as error:
        raise _refusal(operation, path, values, error) from None


def read_part(model: type[Part], sent: object, where: str) -> dict[str, Any]:
    """A body part as plain data, known keys only. Raises Refusal 422."""
    if not isinstance(sent, Mapping):
        return {}
    values = _known(dict(sent), _shape_of(model))
    try:
        return model.model_validate(values, strict=False).model_dump(mode="json")
    except ValidationError as error:
        raise invalid({f"{where}.{name}": said for name, said in _errors(model, values, error).items()}) from None


def _refusal(
    operation: type[Endpoint[Any]], path: Mapping[str, str], values: dict[str, Any], error: ValidationError
) -> Refusal:
    errors = _errors(operation, values, error)
    in_path = [name for name in errors if name in path]
    if in_path and not operation.route.path.startswith("/accounts"):
        return not_found()
    return invalid(errors)


def _known(value: Any, shape: _Shape) -> Any:
    """A value without keys that nobody declared and without nulls that mean absence."""
    if shape.fields is not None and isinstance(value, dict):
        kept = {}
        for name, inner in shape.fields.items():
            if name not in value or inner.free or (value[name] is None and not inner.null):
                continue
            kept[name] = _known(value[name], inner)
        return kept
    if shape.items is not None and isinstance(value, list):
        return [_known(item, shape.items) for item in value]
    if shape.flag and isinstance(value, str):
        return _FLAGS.get(value, value)
    return value


@cache
def _shape_of(model: type[BaseModel]) -> _Shape:
    route = getattr(model, "route", None)
    skipped = set() if route is None else {*route.path_fields, route.file_field}
    fields = {name: _shape(field.annotation) for name, field in model.model_fields.items() if name not in skipped}
    return _Shape(fields=fields)


def _shape(annotation: Any) -> _Shape:
    choices = _choices(annotation)
    null = type(None) in choices
    parts = [choice for choice in choices if isinstance(choice, type) and issubclass(choice, Part)]
    lists = [choice for choice in choices if get_origin(choice) is tuple]
    if len(parts) > 1:
        return _Shape(free=True)
    if parts:
        return _Shape(fields=_shape_of(parts[0]).fields, null=null)
    if lists:
        return _Shape(items=_shape(get_args(lists[0])[0]), null=null)
    flag = any(get_origin(choice) is Literal and get_args(choice) == ("true", "false") for choice in choices)
    return _Shape(null=null, flag=flag)


def _choices(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _choices(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [choice for part in get_args(annotation) for choice in _choices(part)]
    return [annotation]


def _errors(model: type[BaseModel], values: Mapping[str, Any], error: ValidationError) -> dict[str, list[str]]:
    """Messages by dotted field, in the order in which the fields are declared."""
    found: dict[str, list[str]] = {}
    for item in error.errors(include_url=False):
        name = ".".join(_steps(item["loc"], values))
        message = _message(name, item["type"], item.get("ctx", {}))
        if message not in found.setdefault(name, []):
            found[name].append(message)
    # "At least one item" only repeats that its items are wrong.
    inner = {name.rsplit(".", depth)[0] for name in found for depth in range(1, name.count(".") + 1)}
    order = list(model.model_fields)
    kept = {name: said[:1] for name, said in found.items() if name not in inner}
    return dict(sorted(kept.items(), key=lambda pair: order.index(pair[0].split(".")[0])))


def _steps(loc: tuple[int | str, ...], values: object) -> list[str]:
    """An error's place in the data; the names of the tried alternatives of a union are left out."""
    steps: list[str] = []
    node: object = values
    for step in loc:
        if isinstance(node, Mapping) and isinstance(step, str):
            steps.append(step)
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            steps.append(str(step))
            node = node[step]
    return steps


def _message(name: str, kind: str, ctx: Mapping[str, Any]) -> str:
    field = f"The {words(name)} field"
    if kind in {"literal_error", "enum"}:
        return f"The selected {words(name)} is invalid."
    table = {
        "missing": "is required.",
        "int_parsing": "must be an integer.",
        "int_type": "must be an integer.",
        "int_from_float": "must be an integer.",
        "bool_parsing": "must be true or false.",
        "bool_type": "must be true or false.",
        "string_type": "must be a string.",
        "string_unicode": "must be a string.",
        "string_pattern_mismatch": "format is invalid.",
        "greater_than": f"must be at least {int(ctx.get('gt', 0)) + 1}.",
        "greater_than_equal": f"must be at least {ctx.get('ge')}.",
        "less_than_equal": f"must not be greater than {ctx.get('le')}.",
        "string_too_long": f"must not be greater than {ctx.get('max_length')} characters.",
        "string_too_short": _too_short(ctx),
        "too_long": f"must not have more than {ctx.get('max_length')} items.",
        "too_short": "is required.",
        "tuple_type": "must be an array.",
        "model_type": "must be an array.",
        "model_attributes_type": "must be an array.",
    }
    return f"{field} {table.get(kind, 'is invalid.')}"


def _too_short(ctx: Mapping[str, Any]) -> str:
    least = ctx.get("min_length", 1)
    return "is required." if least == 1 else f"must be at least {least} characters."
