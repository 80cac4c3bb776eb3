"""The tolerant readers: dates, list envelopes, and what the service may leave out or write differently."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.api.types import Comment, ContentShown, Media, Page, PlatformRow, Post, Workspace, read_page, read_time
from tests.api.helpers import post

ADDIS = ZoneInfo("Africa/Addis_Ababa")  # +03:00 all year
KOLKATA = ZoneInfo("Asia/Kolkata")  # +05:30 all year
KATHMANDU = ZoneInfo("Asia/Kathmandu")  # +05:45 all year
NEW_YORK = ZoneInfo("America/New_York")

DATES = [
    ("2025-07-05 23:00 PM", ADDIS, "2025-07-05T20:00"),
    ("2025-07-05 00:30 AM", ADDIS, "2025-07-04T21:30"),
    ("2025-07-05 11:00 AM", ADDIS, "2025-07-05T08:00"),
    ("2025-07-05 11:00 pm", ADDIS, "2025-07-05T08:00"),  # a 24-hour clock: the meridiem says nothing
    ("2025-07-05 12:36", ADDIS, "2025-07-05T09:36"),
    ("2025-07-05 9:05", ADDIS, "2025-07-05T06:05"),
    ("2025-07-05 12:36:59", ADDIS, "2025-07-05T09:36:59"),
    ("2025-07-05T12:36", ADDIS, "2025-07-05T09:36"),
    ("  2025-07-05 12:36\n", ADDIS, "2025-07-05T09:36"),
    ("2025-07-05 12:36", KOLKATA, "2025-07-05T07:06"),
    ("2025-07-05 00:15 AM", KATHMANDU, "2025-07-04T18:30"),
    ("2026-03-08 01:59", NEW_YORK, "2026-03-08T06:59"),  # the minute before the clocks go forward
    ("2026-03-08 03:00", NEW_YORK, "2026-03-08T07:00"),
    ("2026-08-26T09:00:00+06:00", NEW_YORK, "2026-08-26T03:00"),  # its own offset beats the zone
    ("2026-08-26T09:00:00+05:30", ADDIS, "2026-08-26T03:30"),
    ("2026-08-26T09:00:00.000000Z", ADDIS, "2026-08-26T09:00"),
]


@pytest.mark.parametrize(("raw", "zone", "utc"), DATES)
def test_every_date_form_of_the_service_is_read(raw: str, zone: ZoneInfo, utc: str) -> None:
    assert read_time(raw, zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert read_time(raw, zone).tzinfo is UTC


@pytest.mark.parametrize("raw", ["", "soon", "2025-13-05 10:00", "2025-07-05 25:00 PM", "05.07.2025 10:00", "23:00 PM"])
def test_anything_else_is_no_date(raw: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_time(raw, ADDIS)


@example(datetime.fromisoformat("0001-01-01"), ADDIS)
@example(datetime.fromisoformat("9999-12-31T23:00"), NEW_YORK)
@given(st.datetimes(), st.sampled_from([ADDIS, KOLKATA, NEW_YORK, ZoneInfo("Pacific/Kiritimati")]))
def test_a_local_date_is_read_or_refused_whatever_its_year(local: datetime, zone: ZoneInfo) -> None:
    raw = local.strftime("%Y-%m-%d %H:%M %p").rjust(len("2025-07-05 23:00 PM"), "0")
    try:
        moment = read_time(raw, zone)
    except ValueError:  # the first and last day of all, where UTC has no such year
        assert local.year in {1, 9999}
    else:
        assert moment == local.replace(second=0, microsecond=0, tzinfo=zone).astimezone(UTC)


@given(st.datetimes(datetime.fromisoformat("1990-01-01")), st.integers(-14 * 60, 14 * 60))
def test_an_iso_date_stands_for_itself(local: datetime, minutes: int) -> None:
    moment = local.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_time(moment.isoformat(), NEW_YORK) == moment


ITEM = {"id": 12, "name": "acme"}
FLAT = {"data": [ITEM], "current_page": 1, "last_page": 3, "per_page": 1, "total": 3}
META = {"current_page": 1, "from": 1, "last_page": 3, "links": [], "path": "/", "per_page": 1, "to": 1, "total": 3}
LINKS = {"first": "/?page=1", "last": "/?page=3", "prev": None, "next": "/?page=2"}
NO_NEXT = {"first": "/?page=1", "last": "/?page=1", "prev": None, "next": None}

ENVELOPES: dict[str, tuple[object, int | None, bool | None]] = {
    "bare array": ([ITEM], 1, None),
    "data": ({"data": [ITEM]}, None, False),
    "data with flat keys": (FLAT, 3, None),
    "data with links and meta": ({"data": [ITEM], "links": LINKS, "meta": META}, 3, True),
    "links alone": ({"data": [ITEM], "links": LINKS}, None, True),
    "the last page by links": ({"data": [ITEM], "links": NO_NEXT}, None, False),
    "numbers as text": ({"data": [ITEM], "current_page": "1", "last_page": "3", "total": "3"}, 3, None),
    "nobody knows": ({"data": [ITEM], "current_page": 1}, None, None),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_every_list_envelope_becomes_one_page(name: str) -> None:
    payload, last_page, has_next = ENVELOPES[name]
    page = Page[Workspace].model_validate(read_page(payload))
    assert [item.id for item in page.data] == [12]
    assert page.current_page == 1
    assert page.last_page == last_page
    assert page.has_next is has_next


@pytest.mark.parametrize("payload", [None, "text", 7, {}, {"data": None}, {"data": {"id": 1}}, {"items": []}])
def test_what_is_no_list_is_refused(payload: object) -> None:
    with pytest.raises(ValueError, match="list"):
        read_page(payload)


@pytest.mark.parametrize("written", ["DRAFT", "draft", "Draft"])
def test_a_status_is_read_in_any_case(written: str) -> None:
    rows = [{"platform": "Twitter", "status": written}]
    read = Post.model_validate(post(status=written, platforms=rows))
    assert (read.status, read.platforms[0].status, read.platforms[0].platform) == ("DRAFT", "DRAFT", "twitter")


def test_unknown_fields_are_kept() -> None:
    read = Post.model_validate(post(mood="fine", workspace={"id": 12, "credits": 40}))
    assert (read.model_extra or {})["mood"] == "fine"
    assert read.model_dump()["workspace"]["credits"] == 40


def test_ids_may_come_as_text() -> None:
    rows = [{"platform": "twitter", "account_id": "136"}, {"platform": "twitter", "account": {"id": "137"}}]
    read = Post.model_validate(post(id="749", workspace_id="12", platforms=rows))
    assert (read.id, read.home) == (749, 12)
    assert [row.shown_account_id for row in read.platforms] == [136, 137]


@pytest.mark.parametrize("account", [None, {}, {"id": None}, {"id": True}, {"id": "acme"}])
def test_an_account_that_is_not_shown_is_not_guessed(account: object) -> None:
    assert PlatformRow.model_validate({"platform": "twitter", "account": account}).shown_account_id is None


NULLS: dict[str, tuple[Callable[[], Any], object]] = {
    "labels of a post": (lambda: Post.model_validate(post(labels=None)).labels, ()),
    "posted_on of a post": (lambda: Post.model_validate(post(posted_on=None)).posted_on, ()),
    "comments of a post": (lambda: Post.model_validate(post(comments=None)).comments, ()),
    "media of an item": (lambda: ContentShown.model_validate({"text": "a", "media": None}).media, ()),
    "accounts of a workspace": (lambda: Workspace.model_validate({"id": 1, "accounts": None}).accounts, ()),
    "zone of a workspace": (lambda: Workspace.model_validate({"id": 1, "timezone": None}).timezone, "UTC"),
    "replies of a comment": (lambda: Comment.model_validate({"id": 1, "replies": None}).replies, ()),
    "resolved mark of a comment": (lambda: Comment.model_validate({"id": 1, "is_resolved": None}).is_resolved, False),
    "name of a library item": (lambda: Media.model_validate({"id": 1, "name": None}).name, ""),
    "settings of a row": (lambda: PlatformRow.model_validate({"platform": "x", "settings": None}).settings, {}),
    "settings as PHP writes none": (lambda: PlatformRow.model_validate({"platform": "x", "settings": []}).settings, {}),
    "account as PHP writes none": (lambda: PlatformRow.model_validate({"platform": "x", "account": []}).account, {}),
    "cover as PHP writes none": (
        lambda: ContentShown.model_validate({"text": "a", "cover_image": []}).model_dump()["cover_image"],
        {"thumbnail": None, "video_cover_timestamp_ms": None},
    ),
}


@pytest.mark.parametrize("name", NULLS)
def test_null_reads_as_nothing(name: str) -> None:
    read, expected = NULLS[name]
    assert read() == expected


@pytest.mark.parametrize("field", ["id", "content", "status", "platforms"])
def test_a_post_without_a_needed_field_is_no_post(field: str) -> None:
    for broken in ({key: value for key, value in post().items() if key != field}, {**post(), field: None}):
        with pytest.raises(ValidationError) as caught:
            Post.model_validate(broken)
        assert caught.value.errors()[0]["loc"] == (field,)


def test_a_post_knows_its_home_text_and_due_time() -> None:
    read = Post.model_validate(post())
    assert read.home == 12
    assert read.text == "Hello"
    assert read.due(ADDIS) == datetime(2026, 3, 5, 20, 0, tzinfo=UTC)
    bare = Post.model_validate(post(workspace=None, content=[], scheduled_at=None))
    assert (bare.home, bare.text, bare.due(ADDIS)) == (None, "", None)


def test_an_answer_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Post.model_validate(post()).status = "DRAFT"
