"""Tokens, abilities, the rate limit, and requests that mean nothing."""

from typing import Any

import pytest

from agent.api.catalogue import OPERATIONS
from agent.sandbox.operations import HANDLERS
from agent.sandbox.routing import match
from agent.sandbox.state import State
from tests.sandbox.box import Client, body, connect, shop


def test_every_operation_is_done_and_found_by_its_own_path() -> None:
    assert set(HANDLERS) == set(OPERATIONS.values())
    for operation in OPERATIONS.values():
        route = operation.route
        path = route.path.format(**dict.fromkeys(route.path_fields, "7"))
        for verb in {route.verb, route.also or route.verb}:
            found, fields = match(verb, f"/api/v1{path}")
            assert found is operation
            assert fields == dict.fromkeys(route.path_fields, "7")


@pytest.mark.anyio
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer 1|wrong", "Basic 1|sandbox", "1|sandbox"])
async def test_no_token_no_answer(client: Client, header: str) -> None:
    answer = await client.send("GET", "/posts", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthenticated."}
    assert "X-RateLimit-Limit" not in answer.headers


def token(*abilities: str, **more: Any) -> dict[str, Any]:
    return {"tokens": [{"token": "2|fine", "user": "lee", "abilities": abilities, **more}]}


SCHEDULED = body(schedule_type="schedule")
PUBLISHED = body(schedule_type="publish_now")
DRAFT = body()
UPLOAD = {"workspace_id": 11, "urls": ["https://a.example/x.jpg"]}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("abilities", "verb", "path", "sent", "missing"),
    [
        (("posts",), "GET", "/workspaces", None, "workspaces"),
        (("posts",), "GET", "/labels", None, "labels"),
        (("posts",), "DELETE", "/accounts/101", None, "accounts"),
        (("posts",), "GET", "/campaigns", None, "campaigns"),
        (("workspaces",), "GET", "/posts", None, "posts"),
        (("workspaces",), "POST", "/posts", DRAFT, "posts"),
        (("posts:create",), "GET", "/posts", None, None),
        (("posts:create",), "POST", "/posts", DRAFT, None),
        (("posts:create",), "POST", "/posts", SCHEDULED, "posts:schedule"),
        (("posts:create",), "POST", "/posts", PUBLISHED, "posts:publish"),
        (("posts:create", "posts:schedule"), "POST", "/posts", SCHEDULED, None),
        (("posts:create", "posts:schedule"), "POST", "/posts", PUBLISHED, "posts:publish"),
        (("posts:create", "posts:publish"), "POST", "/posts", PUBLISHED, None),
        (("posts:publish",), "POST", "/posts", PUBLISHED, "posts:create"),
        (("posts:create",), "PUT", "/posts/1021", {"content": [{"text": "x"}]}, None),
        (("posts:create",), "PUT", "/posts/1021", {"schedule_type": "publish_now"}, "posts:publish"),
        (("posts:create",), "POST", "/media/upload/url", UPLOAD, None),
        (("posts:create", "posts:publish"), "DELETE", "/posts/1001", None, "posts"),
        (("posts:create",), "POST", "/comments", {"post_id": 1001, "content": "x"}, "posts"),
        (("posts",), "POST", "/posts", PUBLISHED, None),
        (("*",), "GET", "/workspaces", None, None),
    ],
)
async def test_abilities(abilities: tuple[str, ...], verb: str, path: str, sent: object, missing: str | None) -> None:
    async with connect(shop(**token(*abilities)), "2|fine") as client:
        answer = await client.send(verb, path, **({"json": sent} if sent else {}))
        if missing is None:
            assert answer.is_success, answer.text
        else:
            assert answer.status_code == 403
            assert answer.json() == {"message": f"Missing permission: {missing}"}


@pytest.mark.anyio
async def test_a_refused_write_changes_nothing() -> None:
    state = shop(**token("posts:create"))
    before = state.export()
    async with connect(state, "2|fine") as client:
        await client.post("/posts", PUBLISHED, 403)
        await client.post("/posts", body(labels=[21, 999]), 422)
    assert state.export() == before
    assert state.effects() == []


@pytest.mark.anyio
async def test_another_workspace_is_as_good_as_absent() -> None:
    state = shop(**token("posts", "workspaces", "accounts", "labels", "campaigns", workspaces=["harbour-coffee"]))
    async with connect(state, "2|fine") as client:
        assert [home["id"] for home in (await client.get("/workspaces"))["data"]] == [12]
        assert {row["workspace_id"] for row in (await client.get("/accounts"))["data"]} == {12}
        assert {post["workspace"]["id"] for post in (await client.get("/posts"))["data"]} == {12}
        assert (await client.get("/posts", params={"workspace_id": 11}))["data"] == []
        paths = ["/posts/1001", "/media/501", "/labels/21", "/campaigns/41", "/folders/31", "/analytics/workspaces/11"]
        for path in [*paths, "/analytics/accounts/101", "/comments/5001"]:
            assert await client.get(path, 404) == {"message": "Not found."}
        refused = await client.post("/posts", body(), 422)
        assert refused["errors"] == {"workspace_id": ["The selected workspace id is invalid."]}
        assert [row["workspace_id"] for row in (await client.get("/analytics"))["workspaces"]] == [12]


@pytest.mark.anyio
async def test_the_rate_limit_is_a_fixed_minute_of_the_boxes_clock() -> None:
    state = shop(rate_limit=3)
    async with connect(state) as client:
        state.advance(30)
        answers = [await client.send("GET", "/workspaces") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
        end = str(int(state.world_now().timestamp()) + 30)
        assert {answer.headers["X-RateLimit-Reset"] for answer in answers} == {end}
        assert answers[4].json() == {"message": "Too Many Attempts."}
        assert answers[4].headers["Retry-After"] == "30"
        assert answers[4].headers["Date"] == "Tue, 03 Mar 2026 09:00:30 GMT"
        state.advance(30)
        assert (await client.send("GET", "/workspaces")).headers["X-RateLimit-Remaining"] == "2"


@pytest.mark.anyio
async def test_the_rate_limit_is_the_users_and_not_the_tokens() -> None:
    tokens = [{"token": "1|a", "user": "mara"}, {"token": "2|b", "user": "mara"}, {"token": "3|c", "user": "lee"}]
    state = shop(rate_limit=1, tokens=tokens)
    statuses = []
    for name in ("1|a", "2|b", "3|c"):
        async with connect(state, name) as client:
            statuses.append((await client.send("GET", "/workspaces")).status_code)
    assert statuses == [200, 429, 200]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("verb", "path", "status", "said"),
    [
        ("GET", "/nothing", 404, "Not found."),
        ("GET", "/posts/abc", 404, "Not found."),
        ("GET", "/posts/99999999999999999999999", 404, "Not found."),
        ("GET", "/posts/-1", 404, "Not found."),
        ("PUT", "/posts/x", 404, "Not found."),
        ("DELETE", "/accounts/abc", 422, "The id field must be an integer."),
        ("PUT", "/workspaces", 405, "The PUT method is not supported for route api/v1/workspaces."),
        ("GET", "/posts?page=0", 422, "The page field must be at least 1."),
        ("GET", "/posts?per_page=101", 422, "The per page field must not be greater than 100."),
        ("GET", "/posts?include_comments=maybe", 422, "The include comments field must be true or false."),
        ("GET", "/comments", 422, "The post id field is required."),
        ("GET", "/comments?post_id=1001&source=PRIVATE", 422, "The selected source is invalid."),
        ("GET", "/posts?page=99999999999999999999", 200, ""),
    ],
)
async def test_requests_that_mean_nothing(client: Client, verb: str, path: str, status: int, said: str) -> None:
    answer = await client.send(verb, path)
    assert answer.status_code == status
    assert answer.json().get("message", "").startswith(said)


@pytest.mark.anyio
@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b'{"a": NaN}', b"\xff", b"[" * 100_000, b"null"])
async def test_a_body_that_is_no_json_object_counts_as_empty(client: Client, content: bytes) -> None:
    answer = await client.send("POST", "/posts", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["message"] == "The workspace id field is required."


@pytest.mark.anyio
async def test_logs_name_users_and_never_tokens(client: Client, state: State) -> None:
    await client.post("/posts", body())
    await client.get("/posts/999999", 404)
    await client.send("GET", "/posts", headers={"Authorization": "Bearer 9|other"})
    lines = [(line["verb"], line["target"], line["status"], line["user"]) for line in state.requests()]
    assert lines == [
        ("POST", "/api/v1/posts", 201, "mara"),
        ("GET", "/api/v1/posts/999999", 404, "mara"),
        ("GET", "/api/v1/posts", 401, None),
    ]
    (effect,) = state.effects()
    assert (effect["operation"], effect["path"], effect["user"]) == ("CreatePost", "/posts", "mara")
    assert effect["body"] == body()
    assert effect["ids"] == {"post": [1023]}
    assert "1|sandbox" not in str(state.requests()) + str(state.effects())
