"""One call, its exact bytes, its digest: what is parsed is what is approved is what is sent."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import MISSING, ValidationError

from agent.api.accounts import DeleteAccount
from agent.api.analytics import SyncPostAnalytics
from agent.api.catalogue import OPERATIONS, parse
from agent.api.comments import ListComments, UpdateComment
from agent.api.endpoint import Effect, Endpoint, LocalFile, canonical, endpoint
from agent.api.folders import UpdateFolder
from agent.api.media import ListMedia, UploadMediaFile
from agent.api.posts import (
    AccountTarget,
    ContentItem,
    CreatePost,
    GetPost,
    GetPostByPlatformPostId,
    GetPostByUrl,
    UpdatePost,
)

ITEM = ContentItem(text="Hello")
FILE = LocalFile(path="/tmp/a.png", name="a.png", mime="image/png", size=3, sha256="ab" * 32)  # noqa: S108 - never opened

REQUESTS: list[tuple[Endpoint[Any], str, str, bytes | None]] = [
    (GetPost(id=7), "GET", "/posts/7", None),
    (GetPost(id=7, include_comments=True), "GET", "/posts/7?include_comments=true", None),
    (GetPost(id=7, include_comments=False), "GET", "/posts/7?include_comments=false", None),
    (ListMedia(workspace_id=1, root_only=True, page=2), "GET", "/media?page=2&root_only=true&workspace_id=1", None),
    (ListComments(post_id=3, is_resolved="false"), "GET", "/comments?is_resolved=false&post_id=3", None),
    (DeleteAccount(id=9), "DELETE", "/accounts/9", None),
    (SyncPostAnalytics(post=5), "POST", "/analytics/posts/5/sync", None),
    (UpdateFolder(folder_id=4), "PUT", "/folders/4", b"{}"),
    (UpdateFolder(folder_id=4, parent_id=None), "PUT", "/folders/4", b'{"parent_id":null}'),
    (UpdateComment(comment=4, content="", media=()), "PUT", "/comments/4", b'{"content":"","media":[]}'),
    (
        CreatePost(workspace_id=12, schedule_type="draft", content=(ContentItem(text="é\U0001f600", media=(42,)),)),
        "POST",
        "/posts",
        '{"content":[{"media":[42],"text":"é\U0001f600"}],"schedule_type":"draft","workspace_id":12}'.encode(),
    ),
    (
        UpdatePost(id=8, workspace_id=1, schedule_type="draft", content=(ITEM,), campaign_id=None),
        "PUT",
        "/posts/8",
        b'{"campaign_id":null,"content":[{"text":"Hello"}],"schedule_type":"draft","workspace_id":1}',
    ),
    (
        GetPostByUrl(post_url="https://x.com/a b?c=d/é".replace(" ", "+")),
        "GET",
        "/posts/by-url/https%3A%2F%2Fx.com%2Fa%2Bb%3Fc%3Dd%2F%C3%A9",
        None,
    ),
]


@pytest.mark.parametrize(("call", "verb", "target", "body"), REQUESTS)
def test_fields_split_into_path_query_and_body(call: Endpoint[Any], verb: str, target: str, body: bytes | None) -> None:
    request = call.request()
    assert (request.verb, request.target, request.body) == (verb, target, body)
    assert call.body() == (json.loads(body) if body else {})


def test_an_upload_becomes_a_form_and_a_file() -> None:
    request = UploadMediaFile(workspace_id=12, file=FILE, folder_id=3).request()
    assert request.upload
    assert request.body is None
    assert request.form == (("workspace_id", "12"), ("folder_id", "3"))
    assert request.file == FILE


@pytest.mark.slow
@given(st.text(min_size=1, max_size=60))
def test_any_id_is_one_path_segment_or_refused(number: str) -> None:
    try:
        path = GetPostByPlatformPostId(platform_post_id=number).request().path
    except ValidationError:
        assert not number.strip(".") or not number.isprintable()
        return
    segment = path.removeprefix("/posts/by-platform-post-id/")
    assert unquote(segment) == number
    assert segment.isascii()
    assert not set(segment) & set("/?# %") - {"%"}
    assert segment.strip(".")


@pytest.mark.parametrize("number", [".", "..", "..."])
def test_an_id_that_would_change_the_path_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        GetPostByPlatformPostId(platform_post_id=number)


def test_absent_is_not_null() -> None:
    absent, null = UpdateFolder(folder_id=4), UpdateFolder(folder_id=4, parent_id=None)
    assert absent.parent_id is MISSING
    assert null.parent_id is None
    assert absent != null
    assert "parent_id" not in absent.model_dump_json()
    assert parse("UpdateFolder", '{"folder_id":4,"parent_id":null}') == null
    assert parse("UpdateFolder", '{"folder_id":4}') == absent


DRAFT = '{"workspace_id":12,"schedule_type":"draft","content":[{"text":"a"}]'

REFUSED = [
    ("GetPost", '{"id":true}'),
    ("GetPost", '{"id":"7"}'),
    ("GetPost", '{"id":7.0}'),
    ("GetPost", '{"id":0}'),
    ("GetPost", '{"id":-7}'),
    ("GetPost", '{"id":null}'),
    ("GetPost", "{}"),
    ("GetPost", "[]"),
    ("GetPost", "7"),
    ("GetPost", '{"id":7'),
    ("GetPost", '{"id":7,"include_comments":"true"}'),
    ("GetPost", '{"id":7,"include_comments":1}'),
    ("GetPost", '{"id":7,"mood":"fine"}'),
    ("GetPost", '{"id":7,"route":1}'),
    ("CreatePost", DRAFT + ',"mood":"fine"}'),
    ("CreatePost", DRAFT + ',"repeatable":1}'),
    ("CreatePost", DRAFT + ',"labels":[true]}'),
    ("CreatePost", DRAFT + ',"labels":5}'),
    ("CreatePost", DRAFT + ',"accounts":[{"id":1,"settings":{"no_network_knows":1}}]}'),
    ("CreatePost", DRAFT + ',"schedule_for":{"date":"2026-03-26","time":"9:00"}}'),
    ("CreatePost", DRAFT + ',"schedule_for":{"date":"\u0662\u0660\u0662\u0666-03-26","time":"09:00"}}'),
    ("CreatePost", DRAFT + ',"schedule_for":{"date":"2026-03-26","time":"09:00\\n"}}'),
    ("CreatePost", DRAFT.replace('"draft"', '"DRAFT"') + "}"),
    ("CreatePost", DRAFT.replace('[{"text":"a"}]', "[]") + "}"),
    ("CreatePost", DRAFT.replace('"a"', r'"\ud800"') + "}"),
    ("CreatePost", DRAFT.replace('"a"', r'"\udc00\ud83d"') + "}"),
    ("CreatePost", DRAFT.replace('"text"', '"txt"') + "}"),
    ("CreatePost", DRAFT.replace('"text":"a"', '"media":["http://plain.test/a.png"]') + "}"),
    ("CreatePost", DRAFT.replace('"text":"a"', '"media":["https://a.test/ b.png"]') + "}"),
    ("UploadMediaFile", '{"workspace_id":1,"file":"/etc/passwd"}'),
    ("UploadMediaFile", json.dumps({"workspace_id": 1, "file": {**FILE.model_dump(), "mime": "a/b\r\nX: y"}})),
    ("UploadMediaFile", json.dumps({"workspace_id": 1, "file": {**FILE.model_dump(), "sha256": "no hash\r\n"}})),
    ("UploadMediaFile", json.dumps({"workspace_id": 1, "file": {**FILE.model_dump(), "size": -1}})),
]


@pytest.mark.parametrize(("operation", "arguments"), REFUSED)
def test_arguments_are_parsed_strictly(operation: str, arguments: str) -> None:
    with pytest.raises(ValidationError):
        parse(operation, arguments)


def test_half_a_surrogate_pair_is_never_encoded() -> None:
    with pytest.raises(ValueError, match=r"string|surrogates"):
        ContentItem(text="\ud800").model_dump_json()
    with pytest.raises(ValueError, match="surrogates"):
        canonical("\ud800")
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))


def test_an_unknown_operation_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        parse("DropTables", "{}")


def test_a_call_cannot_be_changed() -> None:
    call = CreatePost(workspace_id=12, content=(ITEM,), schedule_type="draft", accounts=(AccountTarget(id=1),))
    for target, name in ((call, "workspace_id"), (call.content[0], "text"), (call, "accounts")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(target, name, 13)
    assert isinstance(call.content, tuple)
    assert isinstance(parse("CreatePost", call.model_dump_json()).request().body, bytes)


def test_the_catalogue_names_every_operation_once() -> None:
    routes = [call.route for call in OPERATIONS.values()]
    assert len({(route.verb, route.path) for route in routes}) == len(routes) == len(OPERATIONS)
    assert [route.name for route in routes] == list(OPERATIONS)
    for route in routes:
        assert (route.verb == "GET") <= (not route.effect.guarded)
        assert (route.verb == "DELETE") <= (route.effect is Effect.DESTRUCTIVE)


def test_a_declaration_without_an_answer_type_is_refused() -> None:
    with pytest.raises(TypeError, match="names no answer type"):

        @endpoint("GET", "/nothing", ability="posts", effect=Effect.READ, source="test")
        class Nothing(Endpoint):  # type: ignore[type-arg]  # the mistake under test
            pass
