"""Generated pages, kept current by a test: `python -m agent.docs` writes them."""

import json
from pathlib import Path

from agent.api.catalogue import OPERATIONS
from agent.assembly import load_packs
from agent.policy.explain import rules_markdown
from agent.report import RunReport
from agent.tools.registry import TOOLS


def endpoints_markdown() -> str:
    """The endpoint table: operation, request, class, ability, source, tools that use it."""
    rows = [
        "# Endpoints",
        "",
        "Generated from the declarations in `agent/api/`. The class is that of the bare call; what is known of the",
        "object sharpens it (an edit of one's own draft is a draft, page 1 of the comments may sync).",
        "",
        "| Operation | Request | Class | Ability | Source |",
        "|---|---|---|---|---|",
    ]
    for name, operation in OPERATIONS.items():
        route = operation.route
        rows.append(f"| {name} | `{route.verb} {route.path}` | {route.effect} | {route.ability} | {route.source} |")
    rows += ["", "## Tools", "", "What a model is offered: views of these operations, and two local ones.", ""]
    rows += ["| Tool | What it is told |", "|---|---|"]
    for name, view in TOOLS.items():
        told = " ".join((view.__doc__ or "").split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {told} |")
    return "\n".join(rows) + "\n"


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
