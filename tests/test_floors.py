"""The house: imports go down, each outside thing has one door. Read from the syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "agent"

#: From the ground up. A room may import from floors below its own, and from its own floor.
FLOORS: list[set[str]] = [
    {"errors", "clock", "text", "yaml_files", "settings", "templates", "logs", "locked"},
    {"api"},
    {"journal"},
    {"policy"},
    {"gate"},
    {"report", "reports", "charts", "tools"},
    {"progress", "notify"},
    {"planner"},
    {"assembly"},
    {"review", "checks"},
    {"chat", "night"},
    {"web"},
    {"commands", "docs"},
    {"cli", "__main__"},
]
#: The sandbox stands beside: the ground floor and api below it, only these above.
SANDBOX_BELOW = {"errors", "logs", "clock", "yaml_files", "text", "api", "sandbox"}
SANDBOX_USERS = {"assembly", "commands", "sandbox"}

#: Outside libraries and the only modules that may import them.
DOORS: dict[str, set[str]] = {
    "httpx": {"agent.api.client"},
    "httpx2": {"agent.planner.model"},
    "openai": {"agent.planner.model"},
    "rapidfuzz": {"agent.policy.rules.repetition"},
    "sqlite3": {
        "agent.journal.store",
        "agent.journal.ledger",
        "agent.journal.ledger_tables",
        "agent.journal.mirror_tables",
        "agent.journal.overview_tables",
        "agent.journal.shown",
        "agent.api.limits",
    },
    "structlog": {"agent.logs"},
    "apprise": {"agent.notify"},
    "argon2": {"agent.web.users"},
    "rich": {"agent.reports.terminal", "agent.commands.telling"},
    "prompt_toolkit": {
        "agent.chat.completion",
        "agent.chat.editor",
        "agent.chat.history",
        "agent.chat.wrapping",
    },
}
#: Modules that may import inside functions: lazy start-up.
LAZY = {"agent.cli", "agent.assembly", "agent.tools.probe"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


@cache
def imports(path: Path) -> tuple[tuple[str, bool], ...]:
    """(imported module, whether inside a function)."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            yield node.module, id(node) in inside


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=[name for name, _ in modules()])
def test_imports_go_down(module: str, path: Path) -> None:
    own = room(module)
    for imported, _ in imports(path):
        if not imported.startswith("agent.") or not own:
            continue
        target = room(imported)
        if own == "sandbox":
            assert target in SANDBOX_BELOW, f"{module} imports {imported}"
        elif target == "sandbox":
            assert own in SANDBOX_USERS, f"{module} imports {imported}"
        else:
            assert floor(target) <= floor(own), f"{module} imports {imported}, which lies above it"


@pytest.mark.slow
@pytest.mark.parametrize(("library", "doors"), DOORS.items())
def test_each_outside_library_has_its_doors(library: str, doors: set[str]) -> None:
    users = {
        module
        for module, path in modules()
        for imported, _ in imports(path)
        if imported.split(".")[0] == library and room(module) != "sandbox"
    }
    assert users <= doors


def test_only_settings_read_the_environment() -> None:
    users = {module for module, path in modules() if "os.environ" in path.read_text() or "getenv" in path.read_text()}
    assert users == {"agent.settings"}


def test_imports_inside_functions_are_for_lazy_start_only() -> None:
    hidden = {module for module, path in modules() for _, inside in imports(path) if inside}
    assert {name for name in hidden if name not in LAZY and not name.startswith("agent.commands.")} == set()


def test_no_circles() -> None:
    graph = {
        module: {imported for imported, inside in imports(path) if imported.startswith("agent.") and not inside}
        for module, path in modules()
    }
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module in done:
            return
        for imported in graph.get(module, set()):
            walk(imported, (*trail, module))
        done.add(module)

    for module in graph:
        walk(module, ())
