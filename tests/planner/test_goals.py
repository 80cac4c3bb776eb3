"""The documented goals, end to end: offline planner, gate, sandbox; judged by the sandbox's own log."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.planner.goals import BLUESKY, INSTAGRAM, LINKEDIN, X, accounts, carry_out, drafts, shop, texts

pytestmark = pytest.mark.anyio


async def test_draft_a_quoted_text(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Draft "We open at nine on Saturday." for LinkedIn and X')
        assert told.outcome == "done" and home.operations() == ["CreatePost"]
        [body] = drafts(home)
        assert texts(body) == ["We open at nine on Saturday."] and accounts(body) == [LINKEDIN, X]
        assert body["schedule_type"] == "draft"


async def test_schedule_waits_with_the_right_instant(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Schedule "New mugs are in." for next Tuesday 9:00 on LinkedIn')
        assert told.outcome == "held" and home.operations() == ["CreatePost"]
        [card] = told.cards
        assert card.calls[0].arguments["schedule_for"] == {
            "date": "2026-12-01",
            "time": "09:00",
            "timezone": "Europe/Berlin",
        }
        assert card.due is not None and card.due.isoformat() == "2026-12-01T08:00:00+00:00"


async def test_three_drafts_over_a_week(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Make three drafts about spring mugs over next week for LinkedIn")
        assert told.outcome == "done" and home.operations() == ["CreatePost"] * 3
        assert len({tuple(texts(body)) for body in drafts(home)}) == 3


async def test_publish_now_is_a_draft_and_a_card(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Publish "The kiln is open." on LinkedIn now')
        assert told.outcome == "held" and home.operations() == ["CreatePost"]
        assert told.cards[0].calls[0].arguments["schedule_type"] == "publish_now"


async def test_a_thread(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        await carry_out(home, 'Draft a thread for X and Bluesky: "First, the clay." "Then the wheel." "Last the fire."')
        [body] = drafts(home)
        assert texts(body) == ["First, the clay.", "Then the wheel.", "Last the fire."]
        assert accounts(body) == [X, BLUESKY]


async def test_a_library_picture_by_name(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        await carry_out(home, 'Draft "Spring mugs are back." for LinkedIn with the picture planter-set.png')
        assert drafts(home)[0]["content"][0]["media"] == [503]


async def test_a_picture_from_an_address(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        goal = 'Draft "Spring mugs are back." for LinkedIn with the picture https://pictures.example.com/mugs.jpg'
        await carry_out(home, goal)
        assert home.operations() == ["UploadMediaFromUrl", "CreatePost"]
        assert len(drafts(home)[0]["content"][0]["media"]) == 1


async def test_a_local_file(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Upload kiln.png and draft "Warm again." with it for LinkedIn')
        assert told.outcome == "done" and home.operations() == ["UploadMediaFile", "CreatePost"]
        assert len(drafts(home)[0]["content"][0]["media"]) == 1


async def test_a_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
        told = await carry_out(home, 'Upload ../secret.png and draft "Warm again." with it for LinkedIn')
        assert home.operations() == [] and told.outcome == "refused" and told.refused


async def test_instagram_with_its_link_in_the_first_comment(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        goal = (
            'Draft "The kiln is open." for Instagram with the picture spring-mugs.jpg'
            " and https://fernandclay.example/shop in the first comment"
        )
        await carry_out(home, goal)
        [body] = drafts(home)
        assert body["content"][-1]["is_first_comment"] is True
        assert "https://fernandclay.example/shop" in body["content"][-1]["text"] and accounts(body) == [INSTAGRAM]


async def test_delete_drafts_by_name_is_one_card(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Delete the drafts called "test"')
        assert told.outcome == "held" and home.operations() == []
        [card] = told.cards
        assert sorted(call.arguments["id"] for call in card.calls) == [1004, 1005, 1007, 1011]


NOT_UNDERSTOOD: Sequence[str] = ("Brew me a coffee", "¿Qué tal?", "asdf", "Why is the sky blue?", "<b>hi</b>")


@pytest.mark.parametrize("goal", NOT_UNDERSTOOD)
async def test_what_is_not_understood_is_said_and_nothing_done(goal: str, tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, goal)
        assert home.operations() == [] and not told.cards
        assert told.outcome in {"refused", "asked"} and (told.refused or told.waiting)
