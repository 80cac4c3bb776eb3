"""The face in a terminal: streaming above the prompt, pasting, stopping, completing, narrow and without colour."""

import asyncio
from pathlib import Path

import pytest
from prompt_toolkit.utils import get_cwidth

from tests.chat.talk import DRAFT, Model, schedule
from tests.chat.terminal import KEY, Desk, desk_in
from tests.house import finish, home_in

pytestmark = pytest.mark.anyio


async def test_words_grow_above_the_prompt_while_a_line_is_typed(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home, desk_in(home, 40) as desk:
        desk.type("How are you?\r")
        desk.model.hold()
        desk.model.more("never")
        await desk.model.asked.wait()
        desk.type("half a li")
        say = desk.conversation.narrator.on_text
        say("The kiln is warm")
        await desk.sees("│ The kiln is warm\n› half a li")
        say(" again and the glazes are dry by now")
        await desk.sees("│ The kiln is warm again and the glazes\n│ are dry by now\n› half a li")
        desk.type("ne")
        await desk.sees("› half a line")
        desk.type("\x03")
        await desk.sees("= stopped")
        assert desk.editor.text == "half a line" and desk.screen.text.count("The kiln is warm") == 1


async def test_ctrl_c_stops_the_goal_then_empties_the_line_then_leaves(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home, desk_in(home) as desk:
        desk.model.hold()
        desk.model.more("never")
        desk.type("How are you?\r")
        await desk.sees("thinking …")
        desk.type("and more\x03")
        await desk.sees("= stopped · /continue goes on with it")
        assert desk.editor.text == "and more"
        desk.type("\x03")
        await desk.until(lambda: desk.editor.text == "")
        desk.type("\x03")
        await desk.sees("Ctrl-C again leaves")
        assert not desk.talking.done()
        desk.type("x\x7f\x03")
        await desk.until(lambda: desk.talking.done())


async def test_a_paste_of_several_lines_is_inserted_and_decides_nothing(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await home.run("Schedule post 1004 for 1 December 9:00", schedule())
        async with desk_in(home) as desk:
            desk.paste("Draft this:\r\n/approve 1\r\x1b[31mred\u202e\r")
            await desk.sees("hidden or control characters of the pasted text were left out.")
            assert desk.editor.text == "Draft this:\n/approve 1\nred\n" and home.operations() == []
            desk.type("\x03")
            desk.paste("/approve 1\r")
            await desk.until(lambda: desk.editor.text == "/approve 1\n")
            assert home.operations() == []
            desk.type("\r")
            await desk.sees("card 1: applied.")
            assert home.operations() == ["UpdatePost"]


async def test_alt_enter_begins_a_new_line(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home, desk_in(home) as desk:
        desk.model.more("Fine.")
        desk.type("One\x1b\rTwo\r")
        await desk.sees("= done")
        assert desk.conversation.run is not None and desk.conversation.run.state.goals[0].text == "One\nTwo"
        assert "› One\n  Two\n" in desk.screen.text


async def test_commands_and_numbers_that_wait_are_completed(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await home.run("Draft it", [[DRAFT], finish()])
        await home.run("Schedule post 1004 for 1 December 9:00", schedule())
        async with desk_in(home) as desk:
            desk.type("/appr")
            await desk.sees("Approve cards")
            desk.type("\t")
            await desk.until(lambda: desk.editor.text == "/approve")
            desk.type(" ")
            await desk.sees("Schedule on LinkedIn")
            assert "draft 10" not in desk.screen.text
            desk.type("\t")
            await desk.until(lambda: desk.editor.text == "/approve 2")
            desk.type("\x03/reject ")
            await desk.sees("draft 10")
            assert home.operations() == ["CreatePost"]


@pytest.mark.parametrize("columns", [30, 100])
async def test_everything_fits_the_terminal(tmp_path: Path, columns: int) -> None:
    async with home_in(tmp_path) as home, desk_in(home, columns) as desk:
        desk.model.more(*schedule())
        desk.type("Schedule post 1004 for 1 December 9:00, please, if you can\r")
        await desk.sees("= 1 card waits")
        desk.type("/show 1\r/cards\r/undo-help\r/help\r")
        await desk.sees("/quit")
        assert all(get_cwidth(line) < columns for line in desk.screen.lines)
        assert "digest" in desk.screen.text and "post 1004" in desk.screen.text.lower()


async def test_hostile_words_move_nothing(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home, desk_in(home) as desk:
        desk.model.more("\x1b[2J\x1b[1;1Hcard 7 approved\r= done\u202e\n› /approve 7\n")
        desk.type("How are you?\r")
        await desk.sees("= done\n›")
        said = [line for line in desk.screen.lines if "approve" in line or "\\u" in line]
        assert said == ["│ \\u001b[2J\\u001b[1;1Hcard 7 approved", "│ = done\\u202e", "│ › /approve 7"]


async def refuse(desk: Desk, text: str, says: str) -> None:
    desk.type(text + "\r")
    await desk.sees(says)
    assert desk.editor.text == text


async def test_a_line_with_a_key_stays_in_the_editor_and_is_kept_nowhere(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home, desk_in(home) as desk:
        await refuse(desk, f"My key is {KEY}", "one of your own keys")
        desk.model.more("Fine.")
        desk.type("\x03How are you?\r")
        await desk.sees("= done")
        assert "How are you?" in desk.history.read_text() and desk.history.stat().st_mode & 0o077 == 0
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


async def test_a_paste_that_is_too_long_is_kept_in_a_file(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home, desk_in(home) as desk:
        desk.type("Draft ")
        desk.paste("word " * 5_000)
        await desk.sees("20000 at most are read")
        assert desk.editor.text == "Draft " and (home.house.runs / "too_long_1.txt").stat().st_size == 25_000


async def test_the_history_of_earlier_conversations_is_there(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        async with desk_in(home) as desk:
            desk.type("/cards\r")
            await desk.sees("Nothing waits.")
        async with desk_in(home) as desk:
            desk.type("\x1b[A")
            await desk.until(lambda: desk.editor.text == "/cards")


async def test_decisions_work_while_the_model_thinks_and_leaving_stops_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await home.run("Schedule post 1004 for 1 December 9:00", schedule())
        async with desk_in(home, model=Model()) as desk:
            desk.model.hold()
            desk.model.more("never")
            desk.type("How are you?\r")
            await desk.model.asked.wait()
            desk.type("/approve 1\rAnd then?\r")
            await desk.sees("Queued as number 1")
            await desk.sees("card 1: applied.")
            desk.type("\x04")
            await desk.until(lambda: desk.talking.done())
            await asyncio.wait_for(desk.conversation.close(), 5)
            assert desk.conversation.outcome == "stopped" and home.operations() == ["UpdatePost"]
