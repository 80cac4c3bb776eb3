"""Changing nothing but labels of somebody else's draft is free; changing anything else of it is not."""

from typing import Any

import pytest

from agent.api.types import Post
from tests.policy.helpers import BERLIN, FACTS, FOREIGN, OURS, edit, judge, knowing, target

SHOWN = Post.model_validate(
    {
        "id": FOREIGN,
        "status": "DRAFT",
        "workspace_id": BERLIN,
        "content": [
            {"text": "Mugs.", "media": [{"id": 41}], "cover_image": {"thumbnail": {"id": 40}}},
            {"text": "More.", "is_first_comment": True},
        ],
        "platforms": [
            {"platform": "twitter", "account_id": 101, "settings": {"text": "X mugs.", "reply_settings": "everyone"}},
            {"platform": "linkedin", "account": {"id": 109}, "settings": {}},
        ],
    }
)
FIRST: dict[str, Any] = {"text": "Mugs.", "media": [41], "cover_image": {"thumbnail": 40}}
SECOND: dict[str, Any] = {"text": "More.", "is_first_comment": True}
SAME: dict[str, Any] = {"content": [FIRST, SECOND], "labels": [5]}
X = target("twitter", text="X mugs.")


@pytest.mark.parametrize(
    ("networks", "changes", "effect"),
    [
        ([X, "linkedin"], {}, "draft"),
        (["linkedin", "twitter"], {"repeatable": False}, "draft"),
        ([target("twitter", text="Other words."), "linkedin"], {}, "destructive"),
        ([target("twitter", community_id="9"), "linkedin"], {}, "destructive"),
        ([X], {}, "destructive"),
        ([X, "linkedin", "linkedin"], {}, "destructive"),
        ([X, "facebook"], {}, "destructive"),
        ([X, "linkedin"], {"content": [{**FIRST, "text": "Bowls."}, SECOND]}, "destructive"),
        ([X, "linkedin"], {"content": [{**FIRST, "media": []}, SECOND]}, "destructive"),
        ([X, "linkedin"], {"content": [{**FIRST, "cover_image": {"thumbnail": 41}}, SECOND]}, "destructive"),
        ([X, "linkedin"], {"content": [{"text": "Mugs.", "media": [41]}, SECOND]}, "destructive"),
        ([X, "linkedin"], {"content": [FIRST, {"text": "More."}]}, "destructive"),
        ([X, "linkedin"], {"content": [FIRST]}, "destructive"),
        ([X, "linkedin"], {"repeatable": True}, "destructive"),
        ([X, "linkedin"], {"repeatable_times": 3}, "destructive"),
    ],
)
def test_labels_alone(networks: Any, changes: dict[str, Any], effect: str) -> None:
    call = edit(FOREIGN, None, *networks, **{**SAME, **changes})
    facts = knowing(posts={FOREIGN: SHOWN})
    assert judge(call, facts).effect.value == effect


def test_a_row_without_account_is_not_known_to_be_the_same() -> None:
    row = SHOWN.platforms[1].model_copy(update={"account": None})
    unclear = SHOWN.model_copy(update={"platforms": (SHOWN.platforms[0], row)})
    call = edit(FOREIGN, None, X, "linkedin", **SAME)
    assert judge(call, knowing(posts={FOREIGN: unclear})).effect.value == "destructive"


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ({}, "draft"),
        ({"ours": frozenset()}, "destructive"),
        ({"ours": frozenset(), "goal": "Mend draft 500"}, "draft"),
        ({"ours": frozenset(), "mode": "person"}, "draft"),
        ({"posts": {}}, "destructive"),
    ],
)
def test_whose_draft_it_is(changes: dict[str, Any], effect: str) -> None:
    assert judge(edit(OURS, "New words."), knowing(**{"goal": "", **changes})).effect.value == effect
    assert FACTS.posts[OURS].status == "DRAFT"
