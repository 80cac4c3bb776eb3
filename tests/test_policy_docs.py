"""docs/POLICY.md, tried from top to bottom: its files written, its commands run, in an empty home."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli import psa

PAGE = (Path(__file__).parent.parent / "docs" / "POLICY.md").read_text(encoding="utf-8")
STEPS = re.findall(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)```", PAGE, re.DOTALL)


def home_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("POSTSYNCER_", "OPENAI_", "PSA_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(folder)


def carried_out(command: str) -> str:
    """Do what a line says; it has to end as the line says, or well."""
    line, _, comment = command.partition(" #")
    words = shlex.split(line.removeprefix("$ "))
    if words[0] == "cp":
        shutil.copy(words[1], words[2])
        return ""
    told = re.search(r"exit code (\d+)", comment)
    result = CliRunner().invoke(psa, words[1:], standalone_mode=False)
    assert result.exception is None, f"{line}: {result.exception}"
    assert (result.return_value or 0) == (int(told[1]) if told else 0), f"{line}:\n{result.output}"
    return result.stdout


@pytest.mark.slow
def test_every_example_works_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home_at(tmp_path, monkeypatch)
    goal = 'Draft "The kiln is warm. @ann and @bob" for LinkedIn and X'
    assert CliRunner().invoke(psa, ["run", goal], standalone_mode=False).exception is None
    told: dict[str, str] = {}
    files = []
    for name, kind, text in STEPS:
        if name:
            files.append(name)
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        elif kind == "console":
            for line in text.splitlines():
                told[line.partition(" #")[0].removeprefix("$ psa policy ")] = carried_out(line)
    assert "policy.yaml: most 3 → 2" in told["explain post.mentions"]
    assert "'We open at nine on Saturday. #pottery'" in told["check post.txt --on x,linkedin"]
    assert "pass      post.hashtags: one hashtag on X (mentions.yaml)" in told["test"]
    replayed = told["diff current stricter.yaml --replay 90d"]
    assert "let through → denied on promotion" in replayed and "post.mentions: " in replayed
    assert "one mark is one too many: publish" in told["explain own.shouting"]
    assert told["test policy_tests/shouting.yaml"].endswith("3 of 3 tests passed.\n")
    assert "own.shouting: verdict none → hold" in told["diff shipped current"]
    assert len(files) == 8
