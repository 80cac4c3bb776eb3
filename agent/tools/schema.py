"""What a view is, and how views are told to a model: function-calling JSON in as few bytes as lose no field."""

import functools
import json
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from agent.policy.facts import Facts
from agent.tools.desk import Desk, Need, Parts, Said
from agent.tools.lookup import inside

#: Lists of ids longer than this are not spelt out; completing checks them all the same.
MOST_IDS = 60
#: What a schema node keeps. The marks serve us; bounds and patterns are told by `registry.parse` when they are missed.
_MARKS = ("ids", "feature", "pattern")
_KEPT = ("type", "enum", "description", *_MARKS)


class View(BaseModel):
    """A tool: its arguments as a closed, frozen, strict model. The docstring is what the model is told."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    tool: ClassVar[str]
    #: Offered only where the settings switch this part of the service on; empty for always.
    feature: ClassVar[str] = ""
    #: Offered only where the goal holds a web address.
    for_urls: ClassVar[bool] = False

    @abstractmethod
    def complete(self, desk: Desk) -> Need | Parts | Said:
        """The operations this call stands for, or the read it lacks. Pure. Raises Unfit."""


def tools_section(views: Iterable[type[View]], facts: Facts) -> list[dict[str, Any]]:
    """The tools of a model request, in the function-calling format; the same for the same facts.

    Workspaces and accounts are enums of the ids in scope; `draft_post` also tells the networks. Their names, which
    are other people's words, stand in the first message alone. What several tools take under one name is described
    with the first of them.
    """
    return _section(views, _workspaces(facts), _accounts(facts), facts.features)


def tools_text(views: Iterable[type[View]], facts: Facts) -> str:
    """The same as JSON. Runs over the same accounts have the same tools: they are not made anew for each."""
    return _text(
        tuple(views), tuple(_workspaces(facts).items()), tuple(_accounts(facts).items()), frozenset(facts.features)
    )


@functools.lru_cache(maxsize=16)
def _text(
    views: tuple[type[View], ...],
    workspaces: tuple[tuple[int, str], ...],
    accounts: tuple[tuple[int, str], ...],
    features: frozenset[str],
) -> str:
    section = _section(views, dict(workspaces), dict(accounts), features)
    return json.dumps(section, ensure_ascii=False, separators=(",", ":"))


def _section(
    views: Iterable[type[View]], workspaces: Mapping[int, str], accounts: Mapping[int, str], features: frozenset[str]
) -> list[dict[str, Any]]:
    told: set[tuple[str, str]] = set()
    ids = {"workspace": workspaces, "account": accounts}
    return [_function(view, ids, features, told) for view in views]


def _function(
    view: type[View], ids: Mapping[str, Mapping[int, str]], features: frozenset[str], told: set[tuple[str, str]]
) -> dict[str, Any]:
    schema = plain_schema(view)
    legend = ids if view.tool == "draft_post" else {}
    parameters = {
        "type": "object",
        "properties": {
            name: _with_ids(_once(name, node, told), ids, legend)
            for name, node in schema["properties"].items()
            if node.get("feature", "") in features | {""}
        },
    }
    if schema.get("required"):
        parameters["required"] = schema["required"]
    about = " ".join((view.__doc__ or "").split())
    return {"type": "function", "function": {"name": view.tool, "description": about, "parameters": parameters}}


def _once(name: str, node: Mapping[str, Any], told: set[tuple[str, str]]) -> Mapping[str, Any]:
    """A field without its description where a tool before took a field of this name and told the same of it."""
    about = (name, node.get("description", ""))
    if about in told:
        return {key: value for key, value in node.items() if key != "description"}
    told.add(about)
    return node


@functools.cache
def plain_schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON schema without titles, references, nulls and bounds; the marks stay."""
    schema = model.model_json_schema()
    return {"properties": {}} | _plain(schema, schema.get("$defs", {}))


def _properties(node: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(child, defs) for name, child in node.get("properties", {}).items()}


def _plain(node: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        target = dict(defs[node["$ref"].rsplit("/", 1)[1]])
        target.pop("description", None)
        return _plain(target | {key: value for key, value in node.items() if key != "$ref"}, defs)
    if "anyOf" in node:
        kinds = [_plain(kind, defs) for kind in node["anyOf"] if kind.get("type") != "null"]
        rest = {key: node[key] for key in _KEPT if key in node}
        return kinds[0] | rest if len(kinds) == 1 else {"anyOf": kinds} | rest
    plain = {key: node[key] for key in _KEPT if key in node}
    if "items" in node:
        plain["items"] = _plain(node["items"], defs)
    if "properties" in node:
        plain["properties"] = _properties(node, defs)
        if node.get("required"):
            plain["required"] = node["required"]
    if isinstance(node.get("additionalProperties"), Mapping):
        plain["additionalProperties"] = _plain(node["additionalProperties"], defs)
        plain["additionalProperties"].pop("additionalProperties", None)
    return plain


def _with_ids(
    node: Mapping[str, Any], ids: Mapping[str, Mapping[int, str]], legend: Mapping[str, Mapping[int, str]]
) -> dict[str, Any]:
    """A node with its marks replaced by the ids that exist, and their names where there is a legend."""
    told: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            told[key] = {name: _with_ids(child, ids, legend) for name, child in value.items()}
        elif key in {"items", "additionalProperties"}:
            told[key] = _with_ids(value, ids, legend)
        elif key == "anyOf":
            told[key] = [_with_ids(kind, ids, legend) for kind in value]
        elif key not in _MARKS:
            told[key] = value
    existing = ids.get(node.get("ids", ""), {})
    if 0 < len(existing) <= MOST_IDS:
        told["enum"] = list(existing)
        if any(legend.get(node["ids"], {}).values()):
            told["description"] = "; ".join(f"{key} {name}" for key, name in existing.items())
    return told


def _workspaces(facts: Facts) -> dict[int, str]:
    return {key: "" for key in sorted(facts.workspaces) if inside(key, facts)}


def _accounts(facts: Facts) -> dict[int, str]:
    accounts = sorted(facts.accounts.items())
    return {key: account.platform for key, account in accounts if inside(account.workspace_id, facts)}
