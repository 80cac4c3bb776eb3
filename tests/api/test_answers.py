"""What an answer becomes: the typed object in any envelope, or the error that says what is wrong and what to do."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from agent.api.accounts import DeleteAccount, ListAccounts
from agent.api.analytics import GetAnalyticsSummary
from agent.api.comments import SyncComments
from agent.api.endpoint import Endpoint
from agent.api.labels import CreateLabel, DeleteLabel, GetLabel
from agent.api.limits import MemoryBudget
from agent.api.posts import ContentItem, CreatePost, GetPost, ListPosts
from agent.api.workspaces import ListWorkspaces
from agent.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    ServerError,
    Unauthorized,
)
from tests.api.helpers import START, Service, answer, client_of, post, text

pytestmark = pytest.mark.anyio

DRAFT = CreatePost(workspace_id=12, content=(ContentItem(text="Hello"),), schedule_type="draft")
LABEL = {"id": 16, "name": "Launch", "color": "#ff0000"}


async def given(call: Endpoint[Any], response: httpx.Response) -> Any:
    """What the client makes of this one answer."""
    client = client_of(Service(response))
    try:
        return await client.send(call)
    finally:
        await client.close()


async def refused(call: Endpoint[Any], response: httpx.Response) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await given(call, response)
    return caught.value


@pytest.mark.parametrize("payload", [LABEL, {"data": LABEL}, {"data": LABEL, "message": "ok"}])
async def test_a_single_object_is_read_bare_and_wrapped(payload: object) -> None:
    assert (await given(GetLabel(id=16), answer(200, payload))).name == "Launch"


async def test_an_operation_with_its_own_wrapper_is_read_with_and_without_it() -> None:
    rows = {"post_id": 3, "platform_posts": [{"platform_post_id": 9, "provider": "twitter", "synced": True}]}
    for payload in ({"message": "done", "data": rows}, rows):
        assert (await given(SyncComments(post_id=3), answer(200, payload))).platform_posts[0].synced is True


@pytest.mark.parametrize("payload", [[{"id": 1}], {"data": [{"id": 1}]}])
async def test_lists_without_pages_are_one_page(payload: object) -> None:
    page = await given(ListWorkspaces(), answer(200, payload))
    assert [item.id for item in page.data] == [1]


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (answer(200, {"message": "Label deleted"}), "Label deleted"),
        (answer(200, {"message": "Label deleted", "data": {"id": 16}}), "Label deleted"),
        (text(204, ""), ""),
        (text(200, " "), ""),
    ],
)
async def test_a_confirmation_may_be_empty(response: httpx.Response, said: str) -> None:
    assert (await given(DeleteLabel(id=16), response)).message == said


async def test_an_empty_answer_is_no_object() -> None:
    assert type(await refused(CreateLabel(workspace_id=1, name="a", color="#ffffff"), text(201, ""))) is BadAnswer


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (r"\ud800", "\ufffd"),
        (r"\uDC00 and \uD83D", "\ufffd and \ufffd"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\\ud800", r"\ud800"),
        (r"\\\ud800", "\\\ufffd"),
    ],
)
async def test_half_a_surrogate_pair_does_not_get_in(raw: str, read: str) -> None:
    label = await given(GetLabel(id=16), text(200, f'{{"id": 16, "name": "{raw}"}}'))
    assert label.name == read


MISSING_FIELDS: list[tuple[Endpoint[Any], object, str]] = [
    (GetLabel(id=16), {"name": "Launch"}, "id"),
    (GetPost(id=749), {"id": 749, "content": [], "status": "DRAFT"}, "platforms"),
    (GetPost(id=749), post(content=None), "content"),
    (GetPost(id=749), post(id="seven"), "id"),
    (GetPost(id=749), post(platforms=[{"status": "DRAFT"}]), "platforms.0.platform"),
    (ListAccounts(), [{"id": 1, "platform": "twitter"}, {"platform": "twitter"}], "data.1.id"),
    (ListPosts(), {"data": {"id": 1}}, "a list"),
    (ListPosts(), {"message": "ok"}, "a list"),
    (GetPost(id=749), [post()], "dictionary"),
    (GetPost(id=749), "ok", "dictionary"),
    (GetAnalyticsSummary(), {"total": 7}, "total"),
]


@pytest.mark.parametrize(("call", "payload", "named"), MISSING_FIELDS)
async def test_an_answer_without_what_we_need_names_the_field(call: Endpoint[Any], payload: object, named: str) -> None:
    error = await refused(call, answer(200, payload))
    assert type(error) is BadAnswer
    assert named in error.message
    assert call.route.name in error.message
    assert "psa doctor" in error.hint
    assert json.loads(error.body) == payload


LOGIN = "<!DOCTYPE html><html><body>Please log in</body></html>"

UNREADABLE = {
    "a page of HTML": (text(200, LOGIN, {"content-type": "text/html"}), "not JSON", "login page"),
    "cut off": (text(200, json.dumps(post())[:-20]), "not JSON", "POSTSYNCER_BASE_URL"),
    "nested without end": (text(200, "[" * 200_000), "not JSON", "POSTSYNCER_BASE_URL"),
    "bytes": (httpx.Response(200, content=b"\xff\xfe\x00"), "not JSON", "POSTSYNCER_BASE_URL"),
    "a redirect": (answer(302, {}, {"location": "https://evil.test/"}), "redirect", "POSTSYNCER_BASE_URL"),
    "a permanent redirect": (answer(308, {}, {"location": "/login"}), "redirect", "POSTSYNCER_BASE_URL"),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_is_no_answer_of_the_service_says_where_to_look(name: str) -> None:
    response, says, hint = UNREADABLE[name]
    for call in (DRAFT, GetPost(id=749)):
        error = await refused(call, response)
        assert type(error) is BadAnswer
        assert says in error.message
        assert hint in error.hint
        assert error.status == response.status_code


FIELDS = {"workspace_id": ["The workspace id field is required."], "content": ["Too short.", "Too dull."]}

NO_LIST = "no such object", "list again"
TOKEN_PAGE = "token", "POSTSYNCER_API_TOKEN"
PUBLISH = "`posts:publish`", "`posts:publish`"


def saying(status: int, message: str) -> httpx.Response:
    return answer(status, {"message": message})


REFUSALS: dict[str, tuple[httpx.Response, type[ApiError], str, str]] = {
    "401": (saying(401, "Unauthenticated."), Unauthorized, *TOKEN_PAGE),
    "403": (saying(403, "This action is unauthorized."), Forbidden, "`posts`", "ability `posts`"),
    "403 that names it": (saying(403, "Missing permission: posts:publish."), Forbidden, *PUBLISH),
    "403 in quotes": (answer(403, {"error": "Lacks 'posts:publish'"}), Forbidden, *PUBLISH),
    "403 of HTML": (text(403, "<h1>Forbidden</h1>"), Forbidden, "`posts`", "ability `posts`"),
    "404": (saying(404, "Not found"), NotFound, *NO_LIST),
    "410": (text(410, "gone"), NotFound, *NO_LIST),
    "400": (saying(400, "Bad things"), Invalid, "Bad things", ""),
    "400 without a word": (text(400, ""), Invalid, "400", ""),
    "405 without another verb": (saying(405, "Not this verb"), Invalid, "Not this verb", ""),
    "409": (answer(409, {"error": "Already there"}), Invalid, "Already there", ""),
    "422 of a business rule": (saying(422, "Instagram requires media"), Invalid, "Instagram requires media", ""),
    "422 with fields": (answer(422, {"message": "x", "errors": FIELDS}), Invalid, "workspace_id: The workspace id", ""),
    "422 with odd fields": (answer(422, {"message": "No", "errors": {"a": "b", "c": []}}), Invalid, "No", ""),
    "422 that is a list": (answer(422, ["no"]), Invalid, "422", ""),
    "500": (text(500, "<h1>Whoops</h1>"), ServerError, "500", "Try again later"),
    "503": (saying(503, "Maintenance"), ServerError, "503", "Try again later"),
    "522": (text(522, ""), ServerError, "522", "Try again later"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_each_refusal_is_its_own_error(name: str) -> None:
    response, kind, says, hint = REFUSALS[name]
    error = await refused(DRAFT, response)
    assert type(error) is kind
    assert error.operation == "CreatePost"
    assert error.status == response.status_code
    assert says in error.message
    assert hint in error.hint
    assert error.body == response.text


@pytest.mark.parametrize("status", [403, 422, 429, 500])
async def test_an_error_with_a_hostile_body_is_still_that_error(status: int) -> None:
    error = await refused(DRAFT, text(status, "[" * 200_000))
    assert error.status == status
    assert len(error.body) <= 2000


async def test_field_errors_can_be_read_by_name() -> None:
    error = await refused(DRAFT, answer(422, {"message": "x", "errors": FIELDS}))
    assert isinstance(error, Invalid)
    assert error.fields == {key: tuple(values) for key, values in FIELDS.items()}
    assert "content: Too short." in error.message


@pytest.mark.parametrize(
    ("said", "ability"),
    [
        ("Missing permission: posts:publish.", "posts:publish"),
        ("The key needs `posts:comments:read`", "posts:comments:read"),
        ("Token does not have 'accounts' permission", "accounts"),
        ("Note: see https://docs.test/permissions", "accounts"),
        ("", "accounts"),
    ],
)
async def test_a_403_names_the_ability_or_the_operations_own(said: str, ability: str) -> None:
    error = await refused(DeleteAccount(id=1), answer(403, {"message": said}))
    assert isinstance(error, Forbidden)
    assert error.ability == ability


def http_date(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def stamp(seconds: float) -> str:
    return str(int((START + timedelta(seconds=seconds)).timestamp()))


AHEAD = {"date": http_date(START + timedelta(seconds=30))}  # their clock is half a minute ahead of ours

WHEN: dict[str, tuple[dict[str, str], object, float]] = {
    "nothing said": ({}, {"message": "Too Many Attempts."}, 60),
    "Retry-After": ({"retry-after": "17"}, {}, 17),
    "Retry-After of no number": ({"retry-after": "soon"}, {}, 60),
    "Retry-After below zero": ({"retry-after": "-5"}, {}, 1),
    "Retry-After without end": ({"retry-after": "inf"}, {}, 60),
    "Retry-After of ages": ({"retry-after": "1e30"}, {}, 2 * 86_400),
    "reset": ({"x-ratelimit-reset": stamp(41)}, {}, 41),
    "reset, clocks agree": ({"x-ratelimit-reset": stamp(41), "date": http_date(START)}, {}, 41),
    "reset, their clock ahead": ({"x-ratelimit-reset": stamp(71), **AHEAD}, {}, 41),
    "reset in the past": ({"x-ratelimit-reset": stamp(-300)}, {}, 1),
    "reset of no number": ({"x-ratelimit-reset": "nan", "x-ratelimit-remaining": "nan"}, {}, 60),
    "both, the later counts": ({"retry-after": "17", "x-ratelimit-reset": stamp(41)}, {}, 41),
    "both, Retry-After later": ({"retry-after": "50", "x-ratelimit-reset": stamp(41)}, {}, 50),
    "a date that is none": ({"retry-after": "17", "date": "yesterday"}, {}, 17),
    "daily limit": ({}, {"reset_time": "2026-03-03T00:00:00Z"}, 14 * 3600),
    "daily limit, no zone": ({}, {"reset_time": "2026-03-03 00:00:00"}, 14 * 3600),
    "daily limit, other zone": ({}, {"reset_time": "2026-03-03T03:00:00+03:00"}, 14 * 3600),
    "daily limit in details": ({"retry-after": "17"}, {"details": {"reset_time": int(stamp(3600))}}, 3600),
    "daily limit of no date": ({}, {"details": {"reset_time": "tomorrow"}}, 60),
}


@pytest.mark.parametrize("name", WHEN)
async def test_a_429_says_when_to_come_back(name: str) -> None:
    headers, body, seconds = WHEN[name]
    budget = MemoryBudget()
    client = client_of(Service(answer(429, body, headers)), budget=budget)
    with pytest.raises(RateLimited) as caught:
        await client.send(DRAFT, send_before=START + timedelta(seconds=0.5))  # no time to wait and try again
    await client.close()
    error = caught.value
    assert abs((error.retry_at - START).total_seconds() - seconds) < 0.2
    assert error.retry_at.tzinfo is UTC
    assert f"{error.retry_at:%H:%M}" in error.message
    assert error.hint
    closed = budget.closed_until(person=True) - START.timestamp()
    assert abs(closed - min(seconds, 60)) < 0.2, "the budget is closed for as long, but never longer than a window"
