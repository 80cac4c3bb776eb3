"""The inbox without pages: what reads showed, what is gone, and who should be answered."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.api.types import Account, Comment
from agent.journal import records as r
from agent.journal.shown import Answered
from agent.web.inbox import Cards, Heard, author, line, spots

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ACCOUNTS = {101: Account(id=101, platform="linkedin", username="fern")}


def comment(number: int, text: str = "Hello?", **more: Any) -> dict[str, Any]:
    return {"id": number, "content": text, "source": "SOCIAL", "platform": "linkedin", **more}


class Journal:
    """Reads one after the other."""

    def __init__(self) -> None:
        self.heard = Heard()
        self._rows = 0

    def read(self, operation: str, arguments: dict[str, Any], answer: object) -> None:
        self._rows += 1
        body = json.dumps(answer)
        record = r.Read(key=f"r1.0.0.{self._rows}", operation=operation, arguments=json.dumps(arguments), body=body)
        self.heard.take(Answered(self._rows, NOW + timedelta(minutes=self._rows), record), body)

    def listed(self, post: int, *comments: dict[str, Any], page: int = 1, **meta: Any) -> None:
        told = {"data": comments, "current_page": page, **meta}
        self.read("ListComments", {"post_id": post, "page": page}, told)

    def states(self, cards: Cards | None = None) -> dict[int, str]:
        return {one.comment: one.state for one in spots(self.heard, ACCOUNTS, cards or {}, NOW)}


@pytest.fixture
def journal() -> Journal:
    return Journal()


def test_a_new_list_shows_what_is_gone(journal: Journal) -> None:
    journal.listed(7, comment(1), comment(2), last_page=1)
    journal.listed(8, comment(3), last_page=1)
    journal.listed(7, comment(2), last_page=1)
    assert set(journal.states()) == {2, 3}


def test_what_may_stand_on_another_page_is_kept(journal: Journal) -> None:
    journal.listed(7, comment(1), comment(2), last_page=1)
    journal.listed(7, comment(9), last_page=2)
    assert set(journal.states()) == {1, 2, 9}
    journal.listed(7, comment(1), page=2, last_page=2)
    assert set(journal.states()) == {1, 2, 9}


def test_a_list_of_some_comments_says_nothing_of_the_others(journal: Journal) -> None:
    journal.listed(7, comment(1), comment(2), last_page=1)
    only = {"data": [comment(2)], "current_page": 1, "last_page": 1}
    journal.read("ListComments", {"post_id": 7, "is_resolved": False}, only)
    assert set(journal.states()) == {1, 2}


def test_a_post_shows_its_comments_only_where_they_were_asked_for(journal: Journal) -> None:
    post = {"id": 7, "content": [], "status": "PUBLISHED", "platforms": []}
    journal.read("GetPost", {"id": 7, "include_comments": True}, {**post, "comments": [comment(1)]})
    journal.read("GetPost", {"id": 7}, post)
    journal.read("GetComment", {"comment": 2}, comment(2, post_id=7))
    assert set(journal.states()) == {1, 2}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "open"),
        ({"is_resolved": True}, "resolved"),
        ({"replies": [comment(5)]}, "answered"),
        ({"source": "INTERNAL"}, "ours"),
        ({"user": {"username": "@Fern"}}, "ours"),
    ],
)
def test_who_should_be_answered(journal: Journal, more: dict[str, Any], state: str) -> None:
    journal.listed(7, comment(1, **more))
    assert journal.states()[1] == state


@pytest.mark.parametrize(
    ("card", "state"),
    [
        ("open", "waits"),
        ("approved", "waits"),
        ("done", "answered"),
        ("unknown", "answered"),
        ("rejected", "turned down"),
    ],
)
def test_a_reply_of_ours_counts_before_the_comment_is_read_again(journal: Journal, card: str, state: str) -> None:
    journal.listed(7, comment(1))
    assert journal.states({"CreateComment": {1: (4, card)}}) == {1: state}


def test_a_reply_beside_its_comment_answers_it(journal: Journal) -> None:
    journal.listed(7, comment(1), comment(2, parent_comment_id=1))
    assert journal.states() == {1: "answered"}
    (spot,) = spots(journal.heard, ACCOUNTS, {}, NOW)
    assert [one.id for one in line(journal.heard, spot, {}).replies] == [2]


def test_a_comment_that_was_deleted_by_a_card_is_gone_and_one_that_would_be_says_so(journal: Journal) -> None:
    journal.listed(7, comment(1), comment(2))
    cards: Cards = {"DeleteComment": {1: (4, "done"), 2: (5, "open")}}
    (spot,) = spots(journal.heard, ACCOUNTS, cards, NOW)
    assert spot.comment == 2
    assert line(journal.heard, spot, cards).cards == {"DeleteComment": 5}


def test_the_order_to_look_at_them(journal: Journal) -> None:
    journal.listed(7, comment(1), comment(2, is_resolved=True), comment(3))
    journal.listed(8, comment(4), comment(5))
    found = spots(journal.heard, ACCOUNTS, {"CreateComment": {4: (9, "open")}}, NOW)
    assert [one.comment for one in found] == [4, 5, 3, 1, 2]


@pytest.mark.parametrize("body", ["not json", "[]", '{"data": [{"id": "x"}]}', "null", '{"data": 3}'])
def test_an_answer_that_cannot_be_read_shows_nothing(journal: Journal, body: str) -> None:
    record = r.Read(key="r1.0.0.0", operation="ListComments", arguments='{"post_id": 7}', body=body)
    journal.heard.take(Answered(1, NOW, record), body)
    assert journal.states() == {}


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"name": "Mia Lang", "username": "mia"}, "Mia Lang @mia"),
        ({"name": "  ", "username": "@mia"}, "@mia"),
        ({"name": 3, "username": ["x"]}, "nobody is named"),
        (None, "nobody is named"),
    ],
)
def test_an_author_is_called_what_they_call_themselves(user: object, told: str) -> None:
    assert author(Comment.model_validate(comment(1, user=user))) == told
