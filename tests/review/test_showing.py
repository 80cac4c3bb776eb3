"""How a card is told: each finding with what it was found in, once, and nothing of it begins a line of its own."""

from pathlib import Path

import pytest

from agent.review.showing import card_text
from tests.house import call, finish, home_in

pytestmark = pytest.mark.anyio

TEXT = "Ask @mia how warm it is. Our number is +49 30 1234567."


async def test_a_card_tells_what_was_found_where_and_under_which_name(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("rules: {cadence.day: {linkedin: 0}}", encoding="utf-8")
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        draft = call("draft_post", workspace_id=11, accounts=[101], text=TEXT)
        schedule = call("schedule_post", post=new, at="2026-12-01 09:00")
        run = await home.run("Write about warmth and schedule it for 1 December 9:00", [[draft], [schedule], finish()])
        [view] = run.state.open_cards
        told = card_text(view)
        assert "! Account 101 would have 1 post on 2026-12-01" in told
        assert "found: account 101 is Fern & Clay on linkedin" in told
        assert "What looks like a phone number stands in the text." in told and '+49 30 1234567"' in told
        assert told.count('made up: "@mia"') == 1
