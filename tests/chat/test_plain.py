"""`psa chat` in plain lines, from the command line on: what pipes, scripts and screen readers get."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli import psa
from agent.errors import PsaError

NOW = ["--now", "2026-11-24T09:00Z"]
SCHEDULE = 'Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn'


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("POSTSYNCER_", "OPENAI_", "PSA_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


def chat(*lines: str, args: tuple[str, ...] = ()) -> Result:
    text = "".join(f"{line}\n" for line in lines)
    return CliRunner().invoke(psa, ["chat", *NOW, *args], input=text, standalone_mode=False)


def said(*lines: str, args: tuple[str, ...] = ()) -> str:
    result = chat(*lines, args=args)
    assert result.exception is None, result.exception
    return result.stdout


def test_lines_are_carried_out_one_after_the_other() -> None:
    out = said(SCHEDULE, "/cards", "/approve 2", "/undo-help")
    order = ["psa: applied   CreatePost", "agent: Draft 1023 is ready", "psa: 1 card waits: 2", "psa: * 2  card"]
    order += ["psa: Card 2: Schedule", "psa: applied   UpdatePost", "psa: card 2: applied.", "unschedule_post, until"]
    places = [out.index(one) for one in order]
    assert places == sorted(places)


def test_every_line_says_who_speaks_and_nothing_moves() -> None:
    out = said(SCHEDULE, "/show 2", "/help", "Brew me a coffee")
    assert all(line.startswith(("psa: ", "agent: ")) for line in out.splitlines())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", out)


def test_the_first_line_on_stderr_says_what_is_in_use() -> None:
    result = chat("/cards")
    assert result.stderr.startswith("psa: sandbox (embedded) · offline planner · policy ")
    assert "Nothing waits." in result.stdout and "r1" not in result.stdout


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), 0),
        (("/cards",), 0),
        ((SCHEDULE,), 0),
        (("Brew me a coffee",), 3),
        (("Brew me a coffee", 'Draft "Hello." for LinkedIn'), 0),
        (('Draft "Hello." for LinkedIn', "/quit", "Brew me a coffee"), 0),
    ],
)
def test_the_exit_code_is_that_of_the_last_goal(lines: tuple[str, ...], code: int) -> None:
    assert chat(*lines).return_value == code


def test_a_cards_new_text_ends_with_a_lone_dot() -> None:
    out = said(SCHEDULE, "/edit 2", "The kiln is warm:", "come in.", ".", "/cards")
    assert "Text of card 2 until now:" in out and "psa: The kiln is warm again." in out
    assert "Card 2 is approved with the new text." in out and "card 2: applied." in out
    assert "Nothing was changed." in said('Schedule "Hi." for next Tuesday 9:00 on LinkedIn', "/edit 4", "half")


def test_a_conversation_is_taken_up_again() -> None:
    said(SCHEDULE)
    out = said("/approve 2", args=("--continue",))
    assert "Conversation r1 of 2026-11-24, 1 goal" in out and f"1. {SCHEDULE}" in out
    assert "Waits: card 2" in out and "card 2: applied." in out
    assert "Conversation r1" in said(args=("--resume", "r1"))
    assert "Left r1. `psa chat --continue` takes it up again." in out


def test_a_text_that_is_too_long_is_kept(empty_home: Path) -> None:
    out = said("word " * 20_000, "/cards")
    assert "20000 at most" in out and "too_long_1.txt" in out and "Nothing waits." in out
    assert (empty_home / "runs" / "too_long_1.txt").read_text().strip() == ("word " * 20_000).strip()


def test_without_an_earlier_conversation_a_new_one_begins() -> None:
    assert "There is no earlier conversation" in said('Draft "Hello." for LinkedIn', args=("--continue",))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--resume", "r9"), "no run"),
        (("--continue", "--resume", "r1"), "one too many"),
        (("--continue", "--workspace", "11"), "keeps the workspaces"),
        (("--now", "tomorrow"), "ISO"),
    ],
)
def test_wrong_switches_get_words(args: tuple[str, ...], words: str) -> None:
    error = chat(args=args).exception
    assert isinstance(error, PsaError) and words in str(error) and int(error.exit_code) != 0


def test_an_unknown_workspace_is_named_with_its_neighbour() -> None:
    result = chat('Draft "Hello." for LinkedIn', args=("--workspace", "Fern & Cly"))
    assert "Fern & Clay" in result.stdout and result.return_value == 7


def test_what_is_approved_and_unsent_is_said_at_the_start() -> None:
    said(SCHEDULE)
    CliRunner().invoke(psa, ["review", "approve", "2", "--no-advance", *NOW], standalone_mode=False)
    assert "Approved and not sent yet: 2." in said()


def test_a_stopped_home_is_said_at_the_start() -> None:
    CliRunner().invoke(psa, ["stop"], standalone_mode=False)
    assert "Everything is stopped (`psa stop`)" in said()
