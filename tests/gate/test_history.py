"""What all runs of a home add up to, as a decision is told it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agent.api.endpoint import Endpoint
from agent.api.posts import AccountTarget, AnalyzeTwitterPost, ContentItem, CreatePost, DeletePost
from agent.gate.history import with_history
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel
from agent.policy.facts import Facts, FileTold
from tests.house import Home, call, finish, home_in

pytestmark = pytest.mark.anyio


STATUS = "https://x.com/fernandclay/status/1"


def draft(media: tuple[int | str, ...] = ()) -> CreatePost:
    content, accounts = (ContentItem(text="A mug.", media=media),), (AccountTarget(id=101),)
    return CreatePost(workspace_id=11, content=content, schedule_type="draft", accounts=accounts)


def history(home: Home, run: Run, one: Endpoint[Any]) -> Facts:
    gate = home.house.gate
    facts, service = gate.facts(run), gate.client.origin
    return with_history(facts, one, run.state, gate.ledger, service, together=1, standing=False)


async def test_questions_about_posts_of_x_are_counted_where_another_is_asked(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        asks = [call("analyze_x_post", url=STATUS, question=f"What do they say {way}?") for way in ("there", "below")]
        run = await home.run(f"Tell me what people say below {STATUS} today", [asks, finish()])
        another = AnalyzeTwitterPost(url=STATUS, question="And what else?")
        assert history(home, run, another).analyses_today == 2
        assert history(home, run, DeletePost(id=1004)).analyses_today == 0
        home.box.advance(24 * 3600 + 1)
        assert history(home, run, another).analyses_today == 0


async def test_deletions_that_this_run_put_on_cards_are_counted_for_another(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        both = [call("delete_posts", posts=[1004, 1005])]
        run = await home.run("Delete the drafts 1004 and 1005", [both, finish()])
        assert history(home, run, DeletePost(id=1007)).deletions == 2
        (card,) = run.state.open_cards
        run = await home.reviewer().reject(card.card.number, "", delete_draft=False)
        assert history(home, run, DeletePost(id=1007)).deletions == 0


async def test_the_drafts_of_a_night_are_counted_for_another_of_its_jobs(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        tonight = {"job": "tips", "date": "2026-11-24"}
        run = home.house.open_run("unattended", "night", (), **tonight)
        run.add(r.Goal(number=1, text="Draft a tip for LinkedIn", by="night"))
        run.flush()
        steps = [[call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm.")], finish()]
        assert await home.house.planner(ScriptedModel(steps)).advance(run) == "done"
        assert history(home, run, draft()).night_drafts == 1
        assert history(home, run, DeletePost(id=1004)).night_drafts == 0
        attended = await home.run("Draft a tip", [finish()])
        assert history(home, attended, draft()).night_drafts == 0


async def test_what_the_bytes_of_an_uploaded_picture_told_is_known_to_every_post_with_it(tmp_path: Path) -> None:
    drawn = BytesIO()
    Image.new("RGB", (300, 200)).save(drawn, "PNG")
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "mug.png").write_bytes(drawn.getvalue())
    async with home_in(tmp_path, psa_media_folders=("uploads",)) as home:
        run = await home.run("Upload mug.png", [[call("upload_media", workspace_id=11, path="mug.png")], finish()])
        (made,) = run.state.effects.values()
        assert made.outcome is not None and made.outcome.object_id is not None
        media = made.outcome.object_id

        def told(*files: int | str) -> object:
            return history(home, run, draft(files)).files

        picture = FileTold(width=300, height=200, seconds=None, mime="image/png", size=len(drawn.getvalue()))
        assert told(media, 501, "https://pictures.example/mug.jpg") == {media: picture}
        assert told() == {}
