"""Generated pages, kept current by a test: `python -m agent.docs` writes them."""

import json
from collections.abc import Callable, Iterator
from dis import get_instructions
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from agent.api.catalogue import OPERATIONS
from agent.api.endpoint import Effect, Endpoint
from agent.assembly import load_packs
from agent.planner.discovery import discover
from agent.policy.explain import rules_markdown
from agent.report import RunReport
from agent.tools.registry import TOOLS
from agent.tools.schema import View

#: Operations that no tool offers to the model, and why.
NOT_OFFERED = {
    "ListWorkspaces": "read before the first turn of every run; the first message tells what it found",
    "ListAccounts": "as above",
    "GetComment": "`list_comments` shows comments with their replies",
    "GetLabel": "`list_labels` shows all of a label",
    "GetMedia": "`find_media` shows all of an item",
    "GetFolder": "`list_folders` shows all of a folder",
    "GetCampaign": "`list_campaigns` shows all of a campaign",
}

_HEAD = """# Endpoints

Generated from the declarations in `agent/api/` and the tools in `agent/tools/`. The class is that of the bare call;
what is known of the object sharpens it (an edit of one's own draft is a draft, page 1 of the comments may sync). Source
`inferred`: no page documents it. The tools are those that offer the operation to the model; none: it is not offered.
Tools in brackets are offered only in part of all runs: where a switch of `PSA_FEATURES` is on, or where the goal holds
an address. "Read first by" names who may read it to begin with, so that a change starts from what stands there.

| Operation | Request | Class | Ability | Source | Tools | Read first by |
|---|---|---|---|---|---|---|
"""


def endpoints_markdown() -> str:
    """The endpoint table: operation, request, class, ability, source, tools that offer it, and who reads it first."""
    offered, read_first = _offers()
    rows = []
    for name, operation in OPERATIONS.items():
        route = operation.route
        cells = [name, f"`{route.verb} {route.path}`", route.effect, route.ability, route.source]
        cells += [", ".join(offered.get(name, ())), ", ".join(read_first.get(name, ()))]
        rows.append(f"| {' | '.join(cells)} |")
    silent = ", ".join(f"`{name}`" for name, view in TOOLS.items() if not operations_of(view))
    reasons = [f"- {name}: {reason}" for name, reason in NOT_OFFERED.items()]
    tail = ["", "Not offered:", "", *reasons, "", f"Tools that send nothing: {silent}."]
    return _HEAD + "\n".join([*rows, *tail]) + "\n"


def _offers() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Who offers each operation, and who reads it first: tools that change something read only to begin with."""
    offered: dict[str, list[str]] = {}
    read_first = {operation.route.name: ["every run"] for operation in operations_of(discover)}
    for view in TOOLS.values():
        made = operations_of(view)
        changes = any(operation.route.effect is not Effect.READ for operation in made)
        for operation in made:
            beside = changes and operation.route.effect is Effect.READ
            told = f"`{view.tool}`" if beside else _shown(view)
            (read_first if beside else offered).setdefault(operation.route.name, []).append(told)
    return offered, read_first


def _shown(view: type[View]) -> str:
    if view.feature:
        return f"(`{view.tool}` where `{view.feature}` is on)"
    return f"(`{view.tool}` where the goal holds an address)" if view.for_urls else f"`{view.tool}`"


def operations_of(thing: type | Callable[..., object]) -> tuple[type[Endpoint[Any]], ...]:
    """The operations that a view or function makes, by name: those its code names, also in helpers of its package.

    Read from the compiled code, so that no list has to be kept beside it.
    """
    package = ".".join(thing.__module__.split(".")[:2])
    known = set(OPERATIONS.values())
    found: set[type[Endpoint[Any]]] = set()
    seen: set[int] = set()
    waiting: list[object] = [thing]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, type) and issubclass(one, Endpoint) and one in known:
            found.add(one)
        elif getattr(one, "__module__", "").startswith(package):
            waiting += _named(one)
    return tuple(sorted(found, key=lambda operation: operation.route.name))


def _named(thing: object) -> Iterator[object]:
    """What a function's code names globally, or the functions of a class."""
    if isinstance(thing, FunctionType):
        for code in _codes(thing.__code__):
            for step in get_instructions(code):
                if step.opname == "LOAD_GLOBAL":
                    yield thing.__globals__.get(step.argval)
    elif isinstance(thing, type):
        for value in vars(thing).values():
            yield value.fget if isinstance(value, property) else getattr(value, "__func__", value)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions inside it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def report_schema() -> str:
    """JSON schema of what `psa run --json` prints."""
    return json.dumps(RunReport.model_json_schema(), indent=2) + "\n"


def pages(folder: Path) -> dict[Path, str]:
    """Every generated page with its text."""
    return {
        folder / "ENDPOINTS.md": endpoints_markdown(),
        folder / "RULES.md": rules_markdown(load_packs(folder).of("attended")),
        folder / "run-report.schema.json": report_schema(),
    }


def main() -> None:
    """Write the pages into docs/."""
    folder = Path(__file__).resolve().parent.parent / "docs"
    for path, text in pages(folder).items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
