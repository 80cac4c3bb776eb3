"""What a typed line means."""

from pathlib import Path

import pytest

from agent.chat.slash import COMMANDS, Command, Misread, Words, help_lines, parse


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("Draft it", Words("Draft it")),
        ("  Draft it ", Words("Draft it")),
        ("Draft:\n/approve 3", Words("Draft:\n/approve 3")),
        (" /srv/mug.jpg is the picture", Words("/srv/mug.jpg is the picture")),
        ("／approve 3", Words("／approve 3")),
        ("", Words("")),
        ("/cards", Command("cards")),
        ("/CARDS ", Command("cards")),
        ("/stop now", Command("stop")),
        ("/approve 3", Command("approve", (3,))),
        ("/approve 3-5", Command("approve", (3, 4, 5))),
        ("/approve 3 - 5", Command("approve", (3, 4, 5))),
        ("/approve 3, 5", Command("approve", (3, 5))),
        ("/approve 3,5 2", Command("approve", (3, 5), "2")),
        ("/approve 3 Fern & Clay", Command("approve", (3,), "Fern & Clay")),
        ("/reject 3 not this week", Command("reject", (3,), "not this week")),
        ("/reject 3,4 --delete wrong day", Command("reject", (3, 4), "wrong day", True)),
        ("/reject 3 why --delete", Command("reject", (3,), "why --delete")),
        ("/edit 3", Command("edit", (3,))),
        ("/show 3", Command("show", (3,))),
        ("/done 3", Command("done", (3,))),
        ("/answer 3 LinkedIn, 9:00", Command("answer", (3,), "LinkedIn, 9:00")),
        ("/undo-help", Command("undo-help")),
    ],
)
def test_lines(line: str, meant: object) -> None:
    assert parse(line) == meant


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/", "There is no command /."),
        ("/aprove 3", "Did you mean /approve?"),
        ("/app 3", "Did you mean /approve?"),
        ("/xyzzy", "There is no command /xyzzy. /help lists them."),
        ("/srv/mug.jpg is the picture", "There is no command"),
        (" /approve 3", "begins with a blank"),
        ("\n/approve 3", "begins with a blank"),
        ("\u00a0/approve 3", "begins with a blank"),
        ("/approve 3\n/approve 4", "A command is one line"),
        ("/approve", "Which one? Write it as /approve N"),
        ("/approve three", "Which one?"),
        ("/approve 3x", "Which one?"),
        ("/approve -3", "Which one?"),
        ("/approve 1-99999", "names too many"),
        ("/edit 3 New words", "Nothing may follow the number"),
        ("/edit 3-4", "takes one number"),
        ("/answer 3", "Write it as /answer N words"),
    ],
)
def test_what_is_no_command_is_no_goal_either(line: str, says: str) -> None:
    meant = parse(line)
    assert isinstance(meant, Misread) and says in meant.says


def test_help_and_the_document_name_every_command() -> None:
    document = (Path(__file__).parent.parent.parent / "docs" / "CHAT.md").read_text(encoding="utf-8")
    assert all(f"/{name}" in document for name in COMMANDS)
    assert all(f"/{name}" in "\n".join(help_lines()) for name in COMMANDS)
