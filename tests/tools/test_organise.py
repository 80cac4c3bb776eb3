"""Labels, accounts."""

from typing import Any

import pytest

from agent.api.accounts import DeleteAccount
from agent.api.labels import CreateLabel, DeleteLabel, GetLabel, ListLabels, UpdateLabel
from agent.api.posts import UpdatePost
from agent.api.types import Label, Page, Post
from agent.errors import NotFound
from tests.tools.helpers import BERLIN, NEW_YORK, Reads, facts, parts, post, said, unfit

LABELS = Page[Label](
    data=(
        Label.model_validate({"id": 5, "name": "Launch", "color": "#bf3434", "workspace": {"id": BERLIN}}),
        Label.model_validate({"id": 6, "name": "Launch", "color": "#bf3435", "workspace": {"id": NEW_YORK}}),
    )
)


# -- labels ------------------------------------------------------------------------------------------------------------


def test_labels_are_listed_by_workspace_and_scope() -> None:
    reads = Reads({"ListLabels": LABELS})
    assert [row["id"] for row in said("list_labels", {}, reads)["labels"]] == [5, 6]
    assert [row["id"] for row in said("list_labels", {"workspace_id": NEW_YORK}, reads)["labels"]] == [6]
    known = facts(scope=frozenset({BERLIN}))
    assert [row["id"] for row in said("list_labels", {}, reads, known=known)["labels"]] == [5]


def test_a_label_is_made_once() -> None:
    reads = Reads({"ListLabels": LABELS})
    made = parts("create_label", {"workspace_id": BERLIN, "name": "Spring", "color": "#00ff00"}, reads)
    assert made.calls == (CreateLabel(workspace_id=BERLIN, name="Spring", color="#00ff00"),)
    assert reads.asked == [ListLabels()]
    plain = parts("create_label", {"workspace_id": BERLIN, "name": "Spring"}, reads).calls[0]
    assert isinstance(plain, CreateLabel)
    assert plain.color.startswith("#")
    there = said("create_label", {"workspace_id": BERLIN, "name": " launch"}, reads)
    assert there["exists"]["id"] == 5
    assert "no workspace 99" in unfit("create_label", {"workspace_id": 99, "name": "x"})


def test_a_label_change_keeps_the_other_half() -> None:
    reads = Reads({"GetLabel": LABELS.data[0]})
    assert parts("update_label", {"label": 5, "name": "New"}, reads).calls == (
        UpdateLabel(id=5, name="New", color="#bf3434"),
    )
    assert parts("update_label", {"label": 5, "color": "#000000"}, reads).calls == (
        UpdateLabel(id=5, name="Launch", color="#000000"),
    )
    assert "needs a name or a color" in unfit("update_label", {"label": 5})
    assert "such as #3b82f6" in unfit("update_label", {"label": 5, "color": "red"})
    assert "give one" in unfit("update_label", {"label": 5, "name": "x"}, Reads({"GetLabel": Label(id=5, name="a")}))


def test_a_label_is_read_before_it_is_deleted() -> None:
    reads = Reads({"GetLabel": LABELS.data[0]})
    assert parts("delete_label", {"label": 5}, reads).calls == (DeleteLabel(id=5),)
    assert reads.asked == [GetLabel(id=5)]


# -- label_posts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        ({"add": [6]}, (5, 6)),
        ({"add": [5, 6, 6], "remove": [9]}, (5, 6)),
        ({"remove": [5]}, ()),
        ({"add": [6], "remove": [5]}, (6,)),
    ],
)
def test_labels_are_added_and_removed(given: dict[str, Any], labels: tuple[int, ...]) -> None:
    (call,) = parts("label_posts", {"posts": [7]} | given, Reads({"GetPost": post()})).calls
    assert isinstance(call, UpdatePost)
    assert (call.id, call.labels, call.schedule_type) == (7, labels, "draft")


def test_each_post_is_a_part_and_what_cannot_be_is_told() -> None:
    shown = {
        1: post(id=1),
        2: post(id=2, status="PUBLISHED"),
        3: post(id=3, status="FAILED"),
        4: post(id=4, labels=[{"id": 5}, {"id": 6}]),
        5: post(id=5, status="SCHEDULED", scheduled_at="2026-07-01 09:30"),
        6: NotFound("GetPost", "gone"),
        7: post(id=7, platforms=[{"platform": "facebook"}]),
    }
    reads = Reads({"GetPost": lambda call: shown[call.id]})
    made = parts("label_posts", {"posts": [1, 2, 3, 4, 5, 6, 7, 1], "add": [6]}, reads)
    assert [getattr(call, "id", 0) for call in made.calls] == [1, 5]
    assert made.notes == ("Post 4 has these labels already.",)
    assert [text.split(":")[0] for text in made.impossible] == [
        "Post 2 is published",
        "Post 3 failed; a change of its labels would put it back among the drafts.",
        "GetPost id 6",
        "PostSyncer does not show which facebook account it goes to (0 are connected) for post 7",
    ]


def test_nothing_to_add_or_remove() -> None:
    assert "needs add or remove: a list of label ids" in unfit("label_posts", {"posts": [7], "add": []})
    assert "posts: a list of ids, for example [12, 15] is expected, not 7" in unfit("label_posts", {"posts": 7})
    assert "at most 25 of them" in unfit("label_posts", {"posts": list(range(1, 30)), "add": [1]})


# -- accounts ----------------------------------------------------------------------------------------------------------


def test_an_account_that_exists_can_be_disconnected() -> None:
    reads = Reads({"ListPosts": Page[Post](data=(), last_page=1)})
    assert parts("disconnect_account", {"account": 101}, reads).calls == (DeleteAccount(id=101),)
    assert len(reads.asked) == 1, "the card tells which posts lose the account"
    assert "There is no account 999. Accounts: 101 linkedin Fern" in unfit("disconnect_account", {"account": 999})
