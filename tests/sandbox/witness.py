"""The reconstructed openapi.yaml, read as a witness that knows nothing of our declarations."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

VERBS = ("get", "post", "put", "patch", "delete")
DOC: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parent.parent / "openapi.yaml")


@dataclass(frozen=True)
class Witnessed:
    """One operation of openapi.yaml."""

    name: str
    verb: str
    path: str
    node: dict[str, Any]
    parameters: tuple[dict[str, Any], ...]

    @property
    def ability(self) -> str:
        return str(self.node["x-ability"])

    def named(self, place: str) -> dict[str, dict[str, Any]]:
        return {item["name"]: item for item in self.parameters if item["in"] == place}

    @property
    def body(self) -> dict[str, Any]:
        content = self.node.get("requestBody", {}).get("content", {})
        return next(iter(content.values()))["schema"] if content else {}

    @property
    def request_examples(self) -> list[Any]:
        content = self.node.get("requestBody", {}).get("content", {}).get("application/json", {})
        named = [item["value"] for item in content.get("examples", {}).values()]
        return named + ([content["example"]] if "example" in content else [])

    def answer(self, status: int) -> dict[str, Any]:
        response = deref(self.node["responses"][str(status)])
        return dict(response["content"]["application/json"])


def deref(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = DOC
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def witnesses() -> Iterator[Witnessed]:
    for path, item in DOC["paths"].items():
        shared = item.get("parameters", [])
        for verb in VERBS:
            if verb in item:
                node = item[verb]
                parameters = tuple(deref(given) for given in [*shared, *node.get("parameters", [])])
                yield Witnessed(node["operationId"], verb.upper(), path, node, parameters)


WITNESSES = {item.name: item for item in witnesses()}
