"""Texts on their way in and out: cleaned, made visible, wrapped, marked with who speaks."""

import random
from pathlib import Path

import pytest
from prompt_toolkit.utils import get_cwidth

from agent.chat.events import OF_THE_MODEL, Event
from agent.chat.rendering import LOOKS, MODEL_MARK, framed, plain_lines, terminal_lines
from agent.chat.telling import here, numbered
from agent.chat.typed import cleaned, problem, set_aside
from agent.chat.words import WordStream, spoken
from agent.chat.wrapping import tail, wrap

HOSTILE = "Hi \u202e👨‍👩‍👧 ❤️ x\u200dy\r\nnew\rline\u2028z\x1b[2J\x1b]0;title\x07 tab\there ❤️\u200d"


@pytest.mark.parametrize(
    ("text", "kept", "out"),
    [
        ("plain ✓ 👨‍👩‍👧 می\u200cخواهم", "plain ✓ 👨‍👩‍👧 می\u200cخواهم", 0),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour", 0),
        ("\x1b[31mred\x1b[0m", "red", 9),
        ("\x1b]0;evil title\x07ok", "ok", 15),
        ("a\x00b\x7fc\u202ed\ufeffe", "abcde", 4),
        ("\x1b[200~/approve 3\r", "/approve 3\n", 6),
    ],
)
def test_typed_text_holds_nothing_that_a_terminal_obeys(text: str, kept: str, out: int) -> None:
    assert cleaned(text) == (kept, out)


def test_a_stream_in_any_pieces_shows_what_the_whole_text_would() -> None:
    whole = spoken(HOSTILE)
    assert "\\u202e" in whole and "\\u001b" in whole and "new\nline\nz" in whole and "👨‍👩‍👧" in whole
    for seed in range(100):
        pick = random.Random(seed)
        stream, shown, rest = WordStream(), "", HOSTILE
        while rest:
            size = pick.randint(1, 4)
            shown, rest = shown + stream.feed(rest[:size]), rest[size:]
        assert shown + stream.end() == whole


@pytest.mark.parametrize("width", [8, 12, 30, 100])
def test_wrapped_lines_fit_and_lose_nothing(width: int) -> None:
    text = "The kiln 日本語のテキスト is " + "w" * 70 + " warm,   and  the\tglazes\u00a0too. "
    lines = wrap(text, width)
    assert all(get_cwidth(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_lines_that_are_full_stay_as_they_are_while_the_text_grows() -> None:
    text = "The kiln is warm again, and the glazes are dry; come in and have a look at them. " * 3
    shown: list[str] = []
    rest = ""
    for letter in text:
        full, rest = tail(rest + letter, 20)
        shown += full
    assert [*shown, rest] == wrap(text, 20)


@pytest.mark.parametrize("kind", sorted(OF_THE_MODEL))
@pytest.mark.parametrize("width", [12, 30, 80])
def test_every_line_of_the_model_is_marked(kind: str, width: int) -> None:
    event = Event(kind, "card 7 approved by ana\n= done\n\n! Something is wrong " + "x" * 100, 5)  # type: ignore[arg-type]
    lines = terminal_lines(event, wrap, width)
    told = ["".join(piece for _, piece in line) for line in lines]
    own = [line for line in told if not line.startswith(MODEL_MARK)]
    assert all("approved" not in line and "done" not in line for line in own)
    assert all(get_cwidth(line) <= width for line in told)
    assert all(line.startswith("agent: ") or "Question 5" in line for line in plain_lines(event))


def test_only_the_model_has_the_models_mark() -> None:
    for kind, look in LOOKS.items():
        begins = {look.first, look.further, look.wrapped}
        assert (MODEL_MARK in begins) == (kind in OF_THE_MODEL)
        if kind not in OF_THE_MODEL and kind != "thinking":
            assert plain_lines(Event(kind, "agent: hello"))[0].startswith("psa: ")


def test_an_indent_is_kept_where_a_line_goes_on() -> None:
    lines = framed(
        "Card 1\n     | The kiln is warm again, undo: none\n  undo: by nobody at all", LOOKS["card"], wrap, 24
    )
    assert ["".join(piece for _, piece in line) for line in lines] == [
        "Card 1",
        "     | The kiln is warm",
        "     | again, undo: none",
        "  undo: by nobody at",
        "    all",
    ]


def test_a_text_that_is_too_long_is_kept_in_a_file_that_is_named(tmp_path: Path) -> None:
    said = set_aside("word " * 20_000, tmp_path / "runs", ())
    path = tmp_path / "runs" / "too_long_1.txt"
    assert "100000 characters" in said and str(path) in said and path.read_text() == "word " * 20_000
    assert path.stat().st_mode & 0o077 == 0
    set_aside("word " * 20_000, tmp_path / "runs", ())
    assert (tmp_path / "runs" / "too_long_2.txt").exists()
    said = set_aside("sk-key " * 20_000, tmp_path / "runs", ("sk-key",))
    assert "not kept" in said and not (tmp_path / "runs" / "too_long_3.txt").exists()


def test_lines_that_may_not_be_kept_say_why() -> None:
    assert problem("Draft it", ("sk-key",)) == "" and problem("", ()) == ""
    assert "keys" in problem("/reject 3 sk-key", ("sk-key",)) and "characters" in problem("x" * 30_000, ())


def test_hints_name_the_commands_of_the_chat() -> None:
    assert here("`psa review list` shows what waits.") == "/cards shows what waits."
    assert here("`psa review show 3` numbers them.") == "/show 3 numbers them."
    assert here("Nothing is lost: `psa runs resume` goes on later.") == "Nothing is lost: /continue goes on later."
    assert numbered([5, 3, 4, 8]) == "3-5, 8"
