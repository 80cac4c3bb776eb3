"""Every operation's answers, in both envelopes, held against the witness's schemas and examples."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from agent.api.answers import read_answer
from agent.api.catalogue import OPERATIONS
from agent.sandbox.app import build_app
from agent.sandbox.faults import Fault
from agent.sandbox.state import State
from agent.sandbox.world import WorldToken, load_world
from tests.sandbox.witness import DOC, WITNESSES, Witnessed, deref

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
REGISTRY: Registry[Any] = Registry().with_resource("urn:postsyncer", DRAFT202012.create_resource(DOC))
ROUTES = {name[0].lower() + name[1:]: operation.route for name, operation in OPERATIONS.items()}
BIG = {"name": "p", "is_default": False, "reply_text": "Thanks!"}
TRIGGERS = {name: {"enabled": True, "count": 3} for name in ("likes", "reposts", "replies", "views")}
REMOVED = ("profanity", "negativity", "all_comments", "custom_topics", "urls", "emails", "phones", "mentions")
MODERATION = {f"remove_{name}": False for name in (*REMOVED, "hashtags", "keywords")} | {"ai_reply": False}


def validate(schema: dict[str, Any], payload: object, where: str) -> None:
    wrapped = json.loads(json.dumps(schema).replace('"#/components/', '"urn:postsyncer#/components/'))
    errors = list(Draft202012Validator(wrapped, registry=REGISTRY).iter_errors(payload))
    assert not errors, f"{where}: {[(list(error.path), error.message) for error in errors[:3]]}"


def covers(example: object, payload: object, where: str) -> None:
    """Every key of a documented example is there, with a value of the same kind (or null on one side)."""
    if example is None or payload is None:
        return
    kind = (int, float) if isinstance(example, int | float) else type(example)
    assert isinstance(payload, kind), f"{where}: {payload!r} is no {kind}"
    if isinstance(example, dict) and isinstance(payload, dict):
        for name, inner in example.items():
            if where.endswith(".settings"):
                continue
            assert name in payload, f"{where}.{name} is missing"
            covers(inner, payload[name], f"{where}.{name}")
    if isinstance(example, list) and isinstance(payload, list) and example:
        assert payload, f"{where} is empty"
        covers(example[0], payload[0], f"{where}[0]")


class Caller:
    """Sends requests to a box and holds every answer against the witness."""

    def __init__(self, client: httpx.AsyncClient, state: State) -> None:
        self.client = client
        self.state = state
        self.seen: set[tuple[str, int]] = set()

    async def call(self, name: str, path: str, status: int = 200, **options: Any) -> Any:
        witness = WITNESSES[name]
        route = re.escape(witness.path).replace(r"\{", "{").replace(r"\}", "}")
        assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path), f"{path} is not {witness.path}"
        answer = await self.client.request(witness.verb, f"/api/v1{path}", **options)
        assert answer.status_code == status, f"{name}: {answer.status_code} {answer.text}"
        payload = answer.json()
        described = witness.answer(status)
        validate(described["schema"], payload, name)
        examples = [item["value"] for item in described.get("examples", {}).values()]
        examples += [described["example"]] if "example" in described and status < 400 else []
        for example in examples:
            if isinstance(example, type(payload)):
                covers(example, payload, name)
        if status < 300:
            # Our client reads it, whatever the envelope.
            read_answer(ROUTES[name.replace("ViaPost", "")], payload)
        self.seen.add((name, status))
        return payload


@pytest.fixture(params=["documented", "live"])
async def caller(request: pytest.FixtureRequest) -> AsyncIterator[Caller]:
    live = request.param == "live"
    tokens = (WorldToken(user="mara"), WorldToken(token="2|bare", user="lee", abilities=()))
    changes = {"rate_limit": 1000, "live_envelopes": live, "hide_account_ids": live, "tokens": tokens}
    state = State.create(None, load_world("shop").model_copy(update=changes), NOW)
    state.freeze(NOW)
    headers = {"Authorization": "Bearer 1|sandbox"}
    transport = httpx.ASGITransport(build_app(state))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers=headers) as client:
        yield Caller(client, state)
    state.close()


@pytest.mark.anyio
async def test_every_answer_is_as_the_witness_says(caller: Caller) -> None:
    call = caller.call
    await call("listWorkspaces", "/workspaces")
    await call("listAccounts", "/accounts")
    await posts(call)
    await comments(call)
    await library(call)
    await numbers(call)
    await call("deleteAccount", "/accounts/103")
    await absences(caller)
    await mistakes(caller)
    await no_entry(caller)
    await too_many(caller)
    documented = {(name, int(status)) for name, witness in WITNESSES.items() for status in witness.node["responses"]}
    # The box takes both verbs, so neither is refused.
    assert caller.seen == documented - {("hideCommentViaPost", 405)}


async def posts(call: Any) -> None:
    await call("listPosts", "/posts", params={"include_comments": "true"})
    written = {
        "workspace_id": 11,
        "schedule_type": "schedule",
        "schedule_for": {"date": "2026-03-10", "time": "14:30", "timezone": "America/New_York"},
        "content": [{"text": "Post once", "media": [501], "cover_image": {"thumbnail": 502}}, {"text": "More"}],
        "accounts": [{"id": 102, "settings": {"reply_settings": "everyone"}}, {"id": 104}],
        "labels": [21],
        "repeatable": True,
        "repeatable_times": 2,
        "repeatable_gap": 1,
        "repeatable_gap_unit": "days",
        "repeatable_accounts": [102],
    }
    made = await call("createPost", "/posts", 201, json=written)
    post = made["id"]
    await call(
        "updatePost", f"/posts/{post}", json={"content": [{"text": "Updated", "media": [501]}], "repeatable": False}
    )
    await call("getPost", f"/posts/{post}")
    plug = {"enabled": True, **BIG, **TRIGGERS}
    await call("updatePostAutoPlug", f"/posts/{post}/auto-plug", json=plug)
    moderation = {"enabled": True, "settings": MODERATION}
    await call("updatePostCommentModeration", f"/posts/{post}/comment-moderation", json=moderation)
    contacts = {"enabled": True, "settings": {"mode": "add_all", "list_id": 3}}
    await call("updatePostContactCollection", f"/posts/{post}/contact-collection", json=contacts)
    question = {"url": "https://x.com/acme/status/1234567890", "question": "Are the replies friendly?"}
    await call("analyzeTwitterPost", "/posts/analyze-twitter", json=question)
    listed = (await call("listPosts", "/posts"))["data"]
    out = next(row for post in listed for row in post["platforms"] if row["platform"] == "linkedin" and row["post_url"])
    quoted = httpx.URL("http://x", params={"u": out["post_url"]}).query.decode().removeprefix("u=")
    await call("getPostByUrl", f"/posts/by-url/{quoted}")
    native = out["platform_post_id"].replace(":", "%3A")
    await call("getPostByPlatformPostId", f"/posts/by-platform-post-id/{native}")
    await call("deletePost", f"/posts/{post}")


async def comments(call: Any) -> None:
    listed = (await call("listPosts", "/posts", params={"include_comments": "true"}))["data"]
    post = next(
        post for post in listed if any(row["platform"] == "linkedin" for row in post["platforms"]) and post["comments"]
    )
    parent = next(item for item in post["comments"] if item["platform"] == "linkedin")
    await call("listComments", "/comments", params={"post_id": post["id"]})
    reply = {"post_id": post["id"], "parent_comment_id": parent["id"], "content": "Thanks!", "media": [501]}
    own = await call("createComment", "/comments", 201, json=reply)
    await call("getComment", f"/comments/{parent['id']}")
    await call("updateComment", f"/comments/{own['id']}", json={"content": "Better words"})
    await call("hideComment", f"/comments/{parent['id']}/hide")
    await call("hideCommentViaPost", f"/comments/{parent['id']}/hide")
    await call("syncComments", "/comments/sync", json={"post_id": post["id"]})
    await call("updateComment", f"/comments/{own['id']}", 422, json={"media": [999999]})
    note = await call("createComment", "/comments", 201, json={"post_id": post["id"], "content": "Ask Tom"})
    await call("hideComment", f"/comments/{note['id']}/hide", 422)
    await call("deleteComment", f"/comments/{own['id']}")


async def library(call: Any) -> None:
    await call("listLabels", "/labels")
    label = await call("createLabel", "/labels", 201, json={"workspace_id": 11, "name": "New", "color": "#ff0000"})
    await call("getLabel", f"/labels/{label['id']}")
    await call("updateLabel", f"/labels/{label['id']}", json={"name": "Newer", "color": "#00ff00"})
    await call("deleteLabel", f"/labels/{label['id']}")
    await call("listCampaigns", "/campaigns")
    campaign = await call("createCampaign", "/campaigns", 201, json={"workspace_id": 11, "name": "June"})
    await call("getCampaign", f"/campaigns/{campaign['id']}")
    await call("updateCampaign", f"/campaigns/{campaign['id']}", json={"name": "July"})
    await call("deleteCampaign", f"/campaigns/{campaign['id']}")
    await call("listFolders", "/folders")
    folder = await call("createFolder", "/folders", 201, json={"workspace_id": 11, "name": "Assets", "parent_id": None})
    await call("getFolder", f"/folders/{folder['id']}")
    await call("updateFolder", f"/folders/{folder['id']}", json={"parent_id": 31})
    await call("deleteFolder", f"/folders/{folder['id']}")
    await call("listMedia", "/media")
    file = {"file": ("photo.jpg", b"\xff\xd8\xff\xe0" + b"0" * 50)}
    await call("uploadMediaFile", "/media/upload/file", 201, data={"workspace_id": "11"}, files=file)
    urls = {"workspace_id": 11, "urls": ["https://example.com/photo.jpg"], "folder_id": None}
    item = (await call("uploadMediaFromUrl", "/media/upload/url", json=urls))["media"][0]
    await call("getMedia", f"/media/{item['id']}")
    await call("deleteMedia", f"/media/{item['id']}")


async def numbers(call: Any) -> None:
    await call("getAnalyticsSummary", "/analytics")
    await call("getAnalyticsWorkspace", "/analytics/workspaces/11")
    post = (await call("getAnalyticsAccount", "/analytics/accounts/101"))["platform_posts"][-1]["post_id"]
    await call("getAnalyticsPost", f"/analytics/posts/{post}")
    await call("syncPostAnalytics", f"/analytics/posts/{post}/sync")


ABSENT = {"post_url": "https%3A%2F%2Fx.example%2F1"}


def absent(witness: Witnessed) -> str:
    """The path with ids that are not there."""
    return re.sub(r"\{(\w+)\}", lambda found: ABSENT.get(found[1], "999999"), witness.path)


def documents(witness: Witnessed, status: int) -> bool:
    return str(status) in witness.node["responses"]


async def absences(caller: Caller) -> None:
    """404 for whatever is not there, also where the body or query names it."""
    await caller.call("listComments", "/comments", 404, params={"post_id": 999999})
    await caller.call("createComment", "/comments", 404, json={"post_id": 999999, "content": "x"})
    await caller.call("syncComments", "/comments/sync", 404, json={"post_id": 999999})
    for witness in WITNESSES.values():
        if documents(witness, 404) and "{" in witness.path:
            body = {"json": witness.request_examples[0] if witness.request_examples else {"name": "June"}}
            await caller.call(witness.name, absent(witness), 404, **body)


#: Paths of things that are there, for mistakes in the body.
THERE = {"/labels": 21, "/campaigns": 41, "/folders": 31, "/posts": 1010}


async def mistakes(caller: Caller) -> None:
    """422 for whatever cannot be understood."""
    await caller.call("deleteAccount", "/accounts/mine", 422)
    await caller.call("listComments", "/comments", 422)
    await caller.call("listMedia", "/media", 422, params={"folder_id": 31, "root_only": "true"})
    for witness in WITNESSES.values():
        if not documents(witness, 422) or (witness.name, 422) in caller.seen:
            continue
        there = THERE.get("/" + witness.path.split("/")[1], 0)
        sent = {"content": "x"} if witness.name == "updatePost" else {}
        await caller.call(witness.name, re.sub(r"\{\w+\}", str(there), witness.path), 422, json=sent)


async def no_entry(caller: Caller) -> None:
    """401 without a token that counts, 403 without the ability, each before anything else is looked at."""
    for witness in WITNESSES.values():
        path = absent(witness)
        await caller.call(witness.name, path, 401, headers={"Authorization": "Bearer nobody"})
        refused = await caller.call(witness.name, path, 403, headers={"Authorization": "Bearer 2|bare"})
        assert refused == {"message": f"Missing permission: {witness.ability}"}


async def too_many(caller: Caller) -> None:
    """429 on every operation, with the headers that the witness describes."""
    caller.state.set_faults([Fault(kind="too_many", times=None)])
    for witness in WITNESSES.values():
        await caller.call(witness.name, absent(witness), 429)
        described = deref(witness.node["responses"]["429"])["headers"]
        answer = await caller.client.request(witness.verb, f"/api/v1{absent(witness)}")
        assert all(answer.headers[name].isdecimal() for name in described)
