"""An approval rests on its object as it stood on the card: what changed meanwhile voids it before anything leaves."""

from pathlib import Path
from typing import Any

import pytest

from agent.api.accounts import DeleteAccount
from agent.api.comments import DeleteComment, UpdateComment
from agent.api.labels import DeleteLabel, UpdateLabel
from agent.api.media import DeleteMedia
from agent.api.types import Label, Workspace
from agent.gate.versions import workspace_of
from tests.house import Home, call, finish, home_in
from tests.tools.helpers import facts

pytestmark = pytest.mark.anyio

POST, THEIRS, OURS = 1003, 5010, 5013
#: A card's tool and arguments, what somebody else does meanwhile, and what the card then says.
CASES: list[tuple[str, dict[str, Any], Any, str]] = [
    ("reply_to_comment", {"comment": THEIRS, "text": "They do."}, DeleteComment(comment=THEIRS), "no longer there"),
    ("edit_comment", {"comment": OURS, "text": "Next week."}, UpdateComment(comment=OURS, content="Soon."), "changed"),
    ("edit_comment", {"comment": OURS, "text": "Next week."}, DeleteComment(comment=OURS), "no longer there"),
    ("delete_comment", {"comment": OURS}, UpdateComment(comment=OURS, content="Soon."), "was changed"),
    ("hide_comment", {"comment": THEIRS}, DeleteComment(comment=THEIRS), "no longer there"),
    ("delete_label", {"label": 21}, UpdateLabel(id=21, name="Spring sale", color="#bf3434"), "label 21 was changed"),
    ("delete_label", {"label": 21}, DeleteLabel(id=21), "label 21 is no longer there"),
    ("delete_media", {"media": 504}, DeleteMedia(media_id=504), "media 504 is no longer there"),
    ("disconnect_account", {"account": 103}, DeleteAccount(id=103), "account 103 is no longer there"),
]


async def carded(home: Home, tool: str, arguments: dict[str, Any]) -> tuple[int, str]:
    """A card over one call; its number and what has to be typed."""
    goal = "Reply to comment 5010, hide it, edit or delete comment 5013, delete label 21 and media 504, disconnect 103"
    post = next(one for one in home.box.export()["posts"] if "own" in str(one.get("comments", "")))["id"]
    reads = [call("list_comments", post=post), call("list_labels"), call("find_media")]
    run = await home.run(goal, [reads, [call(tool, **arguments)], finish()])
    told = home.report(run)
    assert told.cards, told
    return told.cards[0].number, home.reviewer().show(told.cards[0].number).card.card.confirm  # type: ignore[union-attr]


@pytest.mark.parametrize(("tool", "arguments", "behind", "says"), CASES)
async def test_what_changed_meanwhile_voids_the_card(
    tmp_path: Path, tool: str, arguments: dict[str, Any], behind: Any, says: str
) -> None:
    async with home_in(tmp_path) as home:
        number, confirm = await carded(home, tool, arguments)
        await home.house.client.send(behind)
        before = home.operations()
        run = await home.reviewer().approve(number, confirm, ())
        view = run.state.cards[number]
        assert view.state == "void" and says in view.says
        assert home.operations() == before


@pytest.mark.parametrize(("tool", "arguments"), [(tool, arguments) for tool, arguments, _, _ in CASES[::2]])
async def test_what_stands_is_carried_out(tmp_path: Path, tool: str, arguments: dict[str, Any]) -> None:
    async with home_in(tmp_path) as home:
        number, confirm = await carded(home, tool, arguments)
        run = await home.reviewer().approve(number, confirm, ())
        assert run.state.cards[number].state == "done"
        assert len(home.operations()) == 1


@pytest.mark.parametrize(
    ("shown", "workspace"),
    [
        ({"labels": {21: Label(id=21, workspace=Workspace(id=12))}}, 12),
        ({"labels": {21: Label(id=21)}}, 0),
        ({}, 0),
    ],
)
def test_a_labels_workspace_is_the_one_it_shows(shown: dict[str, Any], workspace: int) -> None:
    assert workspace_of(DeleteLabel(id=21), facts(**shown)) == workspace
