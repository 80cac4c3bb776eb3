"""What is typed wrongly: exit code 2, a sentence, and what to type instead. What the policy refuses: exit code 3."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli import main, psa
from agent.errors import Declined, Denied, WrongUsage
from tests.commands.test_cli import NOW, SCHEDULE, empty_home, ok, run, told

__all__ = ["empty_home"]


def left_with(args: list[str]) -> int:
    """The exit code of the command as a shell sees it."""
    with pytest.raises(SystemExit) as left:
        main(args)
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["run", ""], "psa run 'Draft"),
        (["run", "hello", "world"], "in single quotes"),
        (["run", "Draft it", "--now", "soon"], "2026-11-24T09:00Z"),
        (["rum", "x"], "Did you mean 'run'?"),
        (["runs", "shw", "r1"], "Did you mean 'show'?"),
        (["review", "aprove", "1"], "Did you mean 'approve'?"),
        (["policy", "chek", "x"], "Did you mean 'check'?"),
        (["review", "approve", "x"], "Write 3, 3-7 or 3,5,8."),
        (["review", "approve", "99"], "`psa review list`"),
        (["review", "schedule", "1"], "--at '2026-12-01 09:00'"),
        (["runs", "show", "r9"], "`psa runs list`"),
        (["policy", "explain", "quiet"], "time.quiet"),
        (["policy", "check", "a text"], "echo 'Hello.' | psa policy check -"),
        (["policy", "check", "note.txt", "--on", "linkdin"], "linkedin"),
        (["policy", "diff", "shipped", "gone.yaml"], "Name an overlay"),
        (["policy", "diff", "shipped", "current", "--replay", "long"], "Write 90d"),
        (["users", "set", "ana"], "--password-file FILE"),
        (["night", "--loop", "--json"], "Leave one of them out"),
        (["chat", "--continue", "--resume", "r1"], "Name one of them"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_to_type(
    args: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("note.txt").write_text("Hello.")
    assert left_with(args) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("at", ["next tuesday", "2026-12-01 25:00", "2026-12-01", "2026-02-30 09:00"])
def test_a_time_that_is_none_is_told_before_anything_begins(at: str) -> None:
    ok("run", 'Draft "The kiln is warm." for LinkedIn', *NOW)
    refused = run("review", "schedule", "1", "--at", at, *NOW).exception
    assert isinstance(refused, WrongUsage) and refused.exit_code == 2
    assert at in refused.message and "2026-12-01 09:00" in refused.hint
    assert [row["run"] for row in told("runs", "list", "--json")] == ["r1"]


def test_an_hour_may_have_one_digit() -> None:
    ok("run", 'Draft "The kiln is warm." for LinkedIn', *NOW)
    assert "Tue 1 Dec 2026 09:00 Europe/Berlin" in ok("review", "schedule", "1", "--at", "2026-12-01 9:00", *NOW).stderr


def test_what_the_policy_denies_ends_with_three_and_says_what_would_pass() -> None:
    ok("run", 'Draft "The kiln is warm." for LinkedIn', *NOW)
    refused = run("review", "schedule", "1", "--at", "2020-12-01 09:00", *NOW).exception
    assert isinstance(refused, Denied) and refused.exit_code == 3
    assert "past" in refused.message and refused.hint == "What would pass: name a time ahead."


def test_a_reason_may_follow_the_numbers() -> None:
    ok("run", SCHEDULE, *NOW)
    out = ok("review", "reject", "2", "not our tone", *NOW).stdout
    assert out == "post 1023 stays a draft in PostSyncer\ncard 2: rejected, nothing was sent\n"
    assert "(not our tone)" in " ".join(ok("runs", "report", "r1").stdout.split())
    both = run("review", "reject", "1", "why", "--reason", "because", *NOW).exception
    assert isinstance(both, WrongUsage) and "Give one of them" in both.hint


def test_a_number_with_a_slip_is_no_reason() -> None:
    ok("run", SCHEDULE, *NOW)
    slip = run("review", "reject", "2", "1x", *NOW).exception
    assert isinstance(slip, WrongUsage) and '"1x"' in slip.message
    assert {item["state"] for item in told("review", "list", "--json")} == {"open"}


def test_taking_a_draft_out_of_the_queue_says_what_became_of_it() -> None:
    ok("run", 'Draft "One kiln." for LinkedIn', *NOW)
    ok("run", 'Draft "Two wheels." for LinkedIn', *NOW)
    assert (
        ok("review", "reject", "1", *NOW).stdout == "draft 1: out of the queue, post 1023 stays a draft in PostSyncer\n"
    )
    gone = ok("review", "reject", "2", "--delete-draft", *NOW).stdout
    assert gone.startswith("draft 2: out of the queue, post 1024 was deleted\n")


def test_a_new_text_may_be_typed_behind_the_number(empty_home: Path) -> None:
    ok("run", SCHEDULE, *NOW)
    draft = run("review", "edit", "1", "Other words.", *NOW).exception
    assert isinstance(draft, Declined) and "1 is a draft" in draft.message and "psa review schedule 1" in draft.hint
    (empty_home / "new.txt").write_text("Words of a file.")
    two = run("review", "edit", "2", "Other words.", "--file", "new.txt", *NOW).exception
    assert isinstance(two, WrongUsage) and two.exit_code == 2
    assert "card 2: applied" in ok("review", "edit", "2", "The kiln is hot.", *NOW).stdout
    assert "The kiln is hot." in ok("runs", "report", "r1").stdout


@pytest.mark.parametrize("group", ["runs", "users", "review", "policy", "policy standing"])
def test_help_cuts_no_line_short(group: str) -> None:
    _, _, commands = CliRunner().invoke(psa, [*group.split(), "--help"]).output.partition("Commands:")
    assert len(commands) > 50 and "..." not in commands
