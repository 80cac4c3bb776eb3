"""Scheduling, publishing and deleting a draft of the queue in one go: for exactly what the queue shows of it."""

from pathlib import Path

import pytest

from agent.errors import Declined
from agent.review.showing import shown_text
from agent.sandbox.edits import Edit
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio
X = 102


async def drafted(home: Home) -> tuple[int, int]:
    """A draft with words of its own on X: its number in the queue, and the post's."""
    variants = [{"account": X, "text": "Other words on X."}]
    draft = call("draft_post", workspace_id=11, accounts=[101, X], text="The kiln is warm.", variants=variants)
    run = await home.run("Draft a tip", [[draft], finish()])
    number, left = next(iter(run.state.drafts.items()))
    return number, left.post


async def test_every_text_of_a_draft_is_shown(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        number, _ = await drafted(home)
        told = shown_text(home.reviewer().show(number))
        assert "| The kiln is warm." in told and "on X instead" in told and "| Other words on X." in told


async def test_what_is_shown_goes_out(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        number, _ = await drafted(home)
        await home.reviewer().promote(number, "2026-12-01 09:00", next_slot=False, confirmed=True)
        assert home.operations() == ["CreatePost", "UpdatePost"]


async def test_what_was_changed_elsewhere_waits_to_be_looked_at(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        number, post = await drafted(home)
        home.box.edit(Edit(post=post, text="Somebody else's words."))
        before = home.operations()
        with pytest.raises(Declined, match="was changed since its run left it") as declined:
            await home.reviewer().promote(number, "2026-12-01 09:00", next_slot=False, confirmed=True)
        assert home.operations() == before
        waits = int(declined.value.hint.split()[3].rstrip("`"))
        assert "Somebody else's words." in shown_text(home.reviewer().show(waits))
        with pytest.raises(Declined, match="was changed since its run left it"):
            await home.reviewer().reject(number, "old", delete_draft=True)
        assert home.operations() == before
