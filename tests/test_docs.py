"""Generated pages are current, and what the documents say can be done, can be done."""

import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.api.catalogue import OPERATIONS
from agent.api.labels import DeleteLabel, GetLabel
from agent.cli import COMMANDS, psa
from agent.docs import NOT_OFFERED, operations_of, pages
from agent.tools.registry import TOOLS

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", ["ENDPOINTS.md", "RULES.md", "run-report.schema.json"])
def test_generated_pages_are_current(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.read_text(encoding="utf-8") == pages(ROOT / "docs")[path], "run `make docs`"


def endpoint_rows() -> list[dict[str, str]]:
    """The endpoint table, row by row, each cell under its heading."""
    page = pages(ROOT / "docs")[ROOT / "docs" / "ENDPOINTS.md"]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


def test_every_operation_is_offered_or_listed_with_a_reason() -> None:
    rows = {row["Operation"]: row for row in endpoint_rows()}
    assert list(rows) == list(OPERATIONS)
    silent = {name for name, row in rows.items() if not row["Tools"]}
    assert silent == set(NOT_OFFERED)
    # Nothing is declared that nobody uses.
    assert all(rows[name]["Read first by"] for name in silent)
    assert {name for name, row in rows.items() if "every run" in row["Read first by"]} == {
        "ListWorkspaces",
        "ListAccounts",
    }


def test_the_endpoint_table_names_every_tool_and_its_condition() -> None:
    cells = ", ".join(row["Tools"] for row in endpoint_rows())
    for name, view in TOOLS.items():
        if not operations_of(view):
            assert name in {"ask", "finish"}
        elif view.feature:
            assert f"(`{name}` where `{view.feature}` is on)" in cells
        elif view.for_urls:
            assert f"(`{name}` where the goal holds an address)" in cells
        else:
            assert re.search(rf"(?<!\()`{name}`", cells)


def helper() -> object:
    return (GetLabel(id=label) for label in (1, 2))


class Double:
    def method(self) -> object:
        return helper(), OPERATIONS

    @property
    def shown(self) -> object:
        return lambda: DeleteLabel(id=1)


def test_operations_are_found_in_the_code_that_makes_them() -> None:
    assert [operation.__name__ for operation in operations_of(Double)] == ["DeleteLabel", "GetLabel"]
    assert operations_of(readme_commands) == ()


def readme_commands() -> list[str]:
    pages = (ROOT / "README.md", ROOT / "docs" / "EVALUATION.md", ROOT / "docs" / "PAGES.md")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return sorted(set(re.findall(r"^psa ([a-z-]+(?: [a-z-]+)?)", text, flags=re.MULTILINE)))


@pytest.mark.parametrize("command", readme_commands())
def test_every_command_in_the_readme_exists(command: str) -> None:
    words = command.split()
    groups = {"review", "runs", "policy", "users"}
    result = CliRunner().invoke(psa, [*words[: 2 if words[0] in groups else 1], "--help"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(psa, [command, "--help"])
    assert result.exit_code == 0 and len(result.output) > 100


def test_links_in_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_commands_of_the_readme_work_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("POSTSYNCER_", "OPENAI_", "PSA_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    lines = [
        line.partition("#")[0].strip()
        for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
        for line in block.splitlines()
        if line.startswith("psa ") and not line.startswith("psa serve")  # it serves until it is interrupted: tests/web
    ]
    assert len(lines) >= 8
    for line in lines:
        result = CliRunner().invoke(psa, shlex.split(line)[1:], standalone_mode=False)
        assert result.exception is None, f"{line}: {result.exception}"
        assert result.return_value in {None, 0}, line
