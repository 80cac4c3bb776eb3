"""Generated pages are current, and what the documents say can be done, can be done."""

import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli import COMMANDS, psa
from agent.docs import pages

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", ["ENDPOINTS.md", "RULES.md", "run-report.schema.json"])
def test_generated_pages_are_current(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.read_text(encoding="utf-8") == pages(ROOT / "docs")[path], "run `make docs`"


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "docs" / "EVALUATION.md").read_text(
        encoding="utf-8"
    )
    return sorted(set(re.findall(r"^psa ([a-z-]+(?: [a-z-]+)?)", text, flags=re.MULTILINE)))


@pytest.mark.parametrize("command", readme_commands())
def test_every_command_in_the_readme_exists(command: str) -> None:
    words = command.split()
    groups = {"review", "runs", "policy"}
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
        if line.startswith("psa ")
    ]
    assert len(lines) >= 8
    for line in lines:
        result = CliRunner().invoke(psa, shlex.split(line)[1:], standalone_mode=False)
        assert result.exception is None, f"{line}: {result.exception}"
        assert result.return_value in {None, 0}, line
