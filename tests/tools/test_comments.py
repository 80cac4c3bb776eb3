"""Comments and replies."""

from datetime import timedelta
from typing import Any

import pytest

from agent.api.comments import (
    CreateComment,
    DeleteComment,
    GetComment,
    HideComment,
    ListComments,
    SyncComments,
    UpdateComment,
)
from agent.api.posts import GetPost
from agent.api.types import Account, Comment, Page
from agent.policy.authors import by_us
from agent.policy.facts import Facts
from tests.sandbox.box import shop
from tests.tools.helpers import BERLIN, NOW, Box, Reads, comment, facts, parts, post, said, unfit

OURS = {"user": {"id": 3, "name": "Mara", "username": None}}


def test_a_posts_comments_are_one_call() -> None:
    assert parts("list_comments", {"post": 7}).calls == (ListComments(post_id=7, per_page=50),)
    assert parts("list_comments", {"post": 7, "page": 2}).calls == (ListComments(post_id=7, page=2, per_page=50),)


def test_unanswered_leaves_out_ours_resolved_and_any_with_a_reply() -> None:
    listed = (
        comment(1),
        comment(2, is_resolved=True),
        comment(3, replies=[comment(30, **OURS).model_dump()]),
        comment(4, replies=[comment(40).model_dump()]),
        comment(5, **OURS),
        comment(6, source="INTERNAL"),
    )
    reads = Reads({"ListComments": Page[Comment](data=listed, last_page=1)})
    told = said("list_comments", {"post": 7, "unanswered_only": True}, reads)
    # Whoever wrote 40: the service documents no author.
    assert [row["id"] for row in told["comments"]] == [1]
    assert told["skipped"] == {"resolved": 1, "answered": 2, "ours": 2}
    assert reads.asked == [ListComments(post_id=7, page=1, per_page=100)]


def test_a_reply_is_never_itself_unanswered() -> None:
    listed = (comment(1), comment(2, parent_comment_id=1))
    reads = Reads({"ListComments": Page[Comment](data=listed, last_page=1)})
    told = said("list_comments", {"post": 7, "unanswered_only": True}, reads)
    assert told == {"comments": [], "skipped": {"answered": 1}}


LISTED = ("ListComments", 7)
LATELY: dict[str, dict[str, Any]] = {
    "in this run": {"synced_here": frozenset({LISTED}), "syncs": {LISTED: NOW - timedelta(hours=2)}},
    "a moment ago, in another": {"syncs": {LISTED: NOW - timedelta(minutes=14)}},
}


@pytest.mark.parametrize("case", LATELY)
def test_just_after_the_networks_were_asked_what_is_stored_is_read(case: str) -> None:
    stored = [comment(1), comment(2, replies=[comment(20).model_dump()]), comment(3), comment(30, parent_comment_id=3)]
    reads = Reads({"GetPost": post(comments=[one.model_dump() for one in stored])})
    told = said("list_comments", {"post": 7, "unanswered_only": True}, reads, known=facts(**LATELY[case]))
    assert [row["id"] for row in told["comments"]] == [1]
    assert told["skipped"] == {"answered": 2}
    assert reads.asked == [GetPost(id=7, include_comments=True)]


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (facts(syncs={LISTED: NOW - timedelta(minutes=15)}), ["ListComments"]),
        (facts(synced_here=frozenset({("ListComments", 8)})), ["ListComments"]),
        (facts(synced_here=frozenset({LISTED})), ["GetPost", "ListComments"]),
    ],
)
def test_otherwise_and_where_a_post_shows_no_comments_they_are_listed(known: Facts, asked: list[str]) -> None:
    reads = Reads({"ListComments": Page[Comment](data=(comment(1),), last_page=1), "GetPost": post()})
    told = said("list_comments", {"post": 7, "unanswered_only": True}, reads, known=known)
    assert [row["id"] for row in told["comments"]] == [1]
    assert [call.route.name for call in reads.asked] == asked


def test_the_shops_unanswered_comments() -> None:
    state = shop()
    box = Box(state)
    known = box.facts()
    posts = said("find_posts", {"contains": "spring glazes"}, box, known=known)["posts"]
    told = said("list_comments", {"post": posts[0]["id"], "unanswered_only": True}, box, known=known)
    authors = " ".join(row["untrusted"]["author"] for row in told["comments"])
    assert "Jonas Weber" in authors
    assert "Tom Baker" in authors
    assert "Lena" not in authors
    assert "Growth Hacks" not in authors
    state.close()


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, False),
        ({"source": "internal"}, True),
        ({"user": {"id": 3}}, True),
        ({"user": {"username": "@FERN"}}, True),
        ({"user": {"username": "fern"}, "platform": "twitter"}, False),
        ({"user": {"username": ""}}, False),
        ({"user": {"username": None}}, False),
        ({"user": None}, False),
    ],
)
def test_our_own_comments_are_known(changes: dict[str, Any], ours: bool) -> None:
    accounts = {
        1: Account(id=1, platform="linkedin", username="fern", workspace_id=BERLIN),
        2: Account(id=2, platform="linkedin", workspace_id=BERLIN),
    }
    assert by_us(comment(1, **changes), accounts) is ours


def test_a_reply_names_the_post_of_its_comment() -> None:
    reply = CreateComment(post_id=7, parent_comment_id=9, content="Thanks!")
    known = facts(comments={9: comment(9)})
    assert parts("reply_to_comment", {"comment": 9, "text": "Thanks!"}, known=known).calls == (reply,)
    reads = Reads({"GetComment": comment(9)})
    assert parts("reply_to_comment", {"comment": 9, "text": "Thanks!"}, reads).calls == (reply,)
    assert reads.asked == [GetComment(comment=9)]


def test_a_reply_without_a_post_is_refused() -> None:
    reads = Reads({"GetComment": comment(9, post_id=None)})
    known = facts(comments={9: comment(9, post_id=None)})
    assert "reply in PostSyncer" in unfit("reply_to_comment", {"comment": 9, "text": "Hi"}, reads, known=known)


def test_the_other_calls() -> None:
    assert parts("comment_on_post", {"post": 7, "text": "Hi"}).calls == (CreateComment(post_id=7, content="Hi"),)
    assert parts("sync_comments", {"post": 7}).calls == (SyncComments(post_id=7),)
    reads = Reads({"GetComment": comment(9)})
    assert parts("delete_comment", {"comment": 9}, reads).calls == (DeleteComment(comment=9),)
    assert parts("hide_comment", {"comment": 9}, reads).calls == (HideComment(comment=9),)
    edited = parts("edit_comment", {"comment": 9, "text": "Hi"}, reads)
    assert edited.calls == (UpdateComment(comment=9, content="Hi"),)
    assert reads.asked == [GetComment(comment=9)] * 3


@pytest.mark.parametrize("tool", ["comment_on_post", "edit_comment", "reply_to_comment"])
def test_an_empty_text_is_refused(tool: str) -> None:
    target = {"post": 7} if tool == "comment_on_post" else {"comment": 9}
    known = facts(comments={9: comment(9)})
    assert "text is empty" in unfit(tool, target | {"text": " \n"}, known=known)
    assert "at least 1 characters" in unfit(tool, target | {"text": ""}, known=known)


def test_many_comments_are_capped_with_a_count() -> None:
    listed = tuple(comment(number) for number in range(1, 71))
    reads = Reads({"ListComments": Page[Comment](data=listed, last_page=1)})
    told = said("list_comments", {"post": 7, "unanswered_only": True}, reads)
    assert len(told["comments"]) == 50
    assert told["left_out"] == 20
