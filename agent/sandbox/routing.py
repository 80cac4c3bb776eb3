"""Which operation a request means: a table made from the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from agent.api.catalogue import OPERATIONS
from agent.api.endpoint import Endpoint
from agent.sandbox.refusal import Refusal, not_found

BASE = "/api/v1"

Operation = type[Endpoint[Any]]


@dataclass(frozen=True)
class Pattern:
    """One path: segments, None where a field stands, and what its verbs do."""

    segments: tuple[str | None, ...]
    verbs: dict[str, tuple[Operation, tuple[str, ...]]]


def _segments(path: str) -> tuple[str | None, ...]:
    return tuple(None if part.startswith("{") else part for part in path.strip("/").split("/"))


def build_table(operations: Mapping[str, Operation]) -> dict[int, list[Pattern]]:
    """Patterns by number of segments, those with fewer fields first."""
    found: dict[tuple[str | None, ...], Pattern] = {}
    for operation in operations.values():
        route = operation.route
        segments = _segments(route.path)
        pattern = found.setdefault(segments, Pattern(segments, {}))
        for verb in (route.verb, route.also):
            if verb is not None:
                pattern.verbs[verb] = (operation, route.path_fields)
    table: dict[int, list[Pattern]] = {}
    for pattern in sorted(found.values(), key=lambda item: item.segments.count(None)):
        table.setdefault(len(pattern.segments), []).append(pattern)
    return table


_TABLE = build_table(OPERATIONS)


def match(verb: str, raw_path: str) -> tuple[Operation, dict[str, str]]:
    """The operation and its path fields. A percent-encoded slash stays inside its segment. Raises Refusal 404, 405."""
    parts = raw_path.removeprefix(BASE).strip("/").split("/")
    for pattern in _TABLE.get(len(parts), []):
        if any(want is not None and want != part for want, part in zip(pattern.segments, parts, strict=True)):
            continue
        if verb not in pattern.verbs:
            raise _wrong_verb(verb, raw_path, pattern)
        operation, names = pattern.verbs[verb]
        values = [unquote(part) for want, part in zip(pattern.segments, parts, strict=True) if want is None]
        return operation, dict(zip(names, values, strict=True))
    raise not_found()


def _wrong_verb(verb: str, raw_path: str, pattern: Pattern) -> Refusal:
    path = raw_path.strip("/")
    allowed = ", ".join(pattern.verbs)
    return Refusal(405, f"The {verb} method is not supported for route {path}. Supported methods: {allowed}.")
