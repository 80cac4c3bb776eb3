"""Properties over whatever a client may send: never a crash, and the effect log tells exactly what changed."""

import json
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.sandbox.app import build_app
from agent.sandbox.state import State
from tests.sandbox.box import TOKEN, at, body, shop
from tests.sandbox.witness import WITNESSES, Witnessed

REPEAT = {"repeatable": True, "repeatable_times": 3, "repeatable_gap": 1, "repeatable_gap_unit": "months"}
TRIGGERS = {name: {"enabled": True, "count": 3} for name in ("likes", "reposts", "replies", "views")}
PLUG = {"enabled": True, "name": "p", "is_default": False, "reply_text": "Thanks!"} | TRIGGERS
RULES = {"mode": "keyword_rules", "keyword_rules": [{"keyword": "price", "list_id": 3}]}
#: Bodies that are right; the tests below spoil them.
RIGHT: dict[str, list[dict[str, Any]]] = {
    "createPost": [
        body(labels=[21], campaign_id=41),
        body("x", ("linkedin", "twitter"), schedule_type="schedule", schedule_for=at("2026-03-09", "09:30"), **REPEAT),
        body(schedule_type="publish_now", content=[{"text": "a", "media": [501, "https://a.example/pic.png"]}]),
    ],
    "updatePost": [{"content": [{"text": "b"}]}, {"schedule_type": "schedule"}, {"repeatable": False}, {}],
    "analyzeTwitterPost": [{"url": "https://x.com/a/status/1", "question": "Who?"}],
    "updatePostAutoPlug": [PLUG, {"enabled": False}],
    "updatePostCommentModeration": [{"enabled": False}],
    "updatePostContactCollection": [{"enabled": True, "settings": RULES}, {"enabled": False}],
    "createComment": [{"post_id": 1015, "content": "Hi"}, {"post_id": 1015, "media": [501], "is_resolved": True}],
    "updateComment": [{"content": "Hi"}, {"media": []}],
    "syncComments": [{"post_id": 1018}],
    "createLabel": [{"workspace_id": 11, "name": "n", "color": "#00ff00"}],
    "updateLabel": [{"name": "n", "color": "#00ff00"}],
    "createCampaign": [{"workspace_id": 11, "name": "n"}],
    "updateCampaign": [{"name": "n"}],
    "createFolder": [{"workspace_id": 11, "name": "n"}, {"workspace_id": 11, "name": "n", "parent_id": 32}],
    "updateFolder": [{"name": "n"}, {"parent_id": None}, {"parent_id": 33}],
    "uploadMediaFromUrl": [{"workspace_id": 11, "urls": ["https://a.example/album/1"]}],
}
IDS = {
    "accounts": [101, 102, 111],
    "posts": [1001, 1010, 1018, 1021, 1022],
    "comments": [5001, 5002, 5004, 5005],
    "labels": [21, 25],
    "media": [501, 509],
    "folders": [31, 32, 35],
    "campaigns": [41, 42],
    "analytics": [11, 101, 1018],
}
STRANGE = [0, -1, 12, 999, 10**30]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([*STRANGE, 11, 21, 101, 501, 1001])
    | st.sampled_from(["", " ", "x", "11", "true", "\ud800", "\0", "9" * 400, "https://broken.example/"])
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a body."""
    found = [path]
    if isinstance(value, dict):
        found += [inner for name, item in value.items() for inner in places(item, (*path, name))]
    if isinstance(value, list):
        found += [inner for place, item in enumerate(value) for inner in places(item, (*path, place))]
    return found


def spoiled(value: Any, path: tuple[Any, ...], junk: object) -> Any:
    """A body with junk in one place."""
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = spoiled(value[path[0]], path[1:], junk)
    return copy


@st.composite
def calls(draw: st.DrawFn) -> tuple[Witnessed, str, Any]:
    """An operation, its path, and a body that is right or spoiled in one place."""
    witness = WITNESSES[draw(st.sampled_from(sorted(set(WITNESSES) - {"uploadMediaFile"})))]
    resource = witness.path.split("/")[1]
    sent: Any = draw(st.sampled_from(RIGHT.get(witness.name, [{}])))
    if draw(st.booleans()):
        sent = spoiled(sent, draw(st.sampled_from(places(sent))), draw(JUNK))
    path = witness.path
    for name in witness.named("path"):
        path = path.replace(f"{{{name}}}", str(draw(st.sampled_from([*IDS[resource], *IDS[resource], *STRANGE]))))
    return witness, path, sent


async def send(state: State, made: list[Any]) -> list[tuple[int, bool, list[dict[str, Any]]]]:
    """Each call's status, whether it changed the world, and the effects it added."""
    transport = httpx.ASGITransport(build_app(state))
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    seen = []
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1", headers=headers) as http:
        for witness, path, sent in made:
            before, logged = state.export(), len(state.effects())
            content = json.dumps(sent).encode() if witness.verb != "GET" else b""
            params = {"post_id": 1018} if witness.verb == "GET" else {}
            answer = await http.request(witness.verb, path, content=content, params=params)
            assert answer.headers["content-type"] == "application/json"
            answer.json()
            seen.append((answer.status_code, state.export() != before, state.effects()[logged:]))
    return seen


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(calls(), min_size=1, max_size=8))
def test_any_requests_are_answered_and_the_log_tells_what_changed(made: list[Any]) -> None:
    check_that_the_log_tells_what_changed(made)


@pytest.mark.torture
@settings(max_examples=400, deadline=None)
@given(st.lists(calls(), min_size=1, max_size=8))
def test_many_more_requests_are_answered_and_the_log_tells_what_changed(made: list[Any]) -> None:
    check_that_the_log_tells_what_changed(made)


def check_that_the_log_tells_what_changed(made: list[Any]) -> None:
    state = shop()
    for (witness, _, sent), (status, changed, effects) in zip(made, anyio.run(send, state, made), strict=True):
        assert status in {200, 201, 403, 404, 422}, f"{witness.name}: {status}"
        if witness.verb == "GET" or not changed:
            assert effects == []
            continue
        assert status in {200, 201}
        (effect,) = effects
        assert effect["operation"].lower() == witness.name.lower().replace("viapost", "")
        assert effect["body"] == (json.loads(json.dumps(sent)) if isinstance(sent, dict) else {})
    state.close()


@pytest.mark.parametrize("seconds", [0, 3600, 40 * 24 * 3600, 4 * 366 * 24 * 3600])
def test_any_jump_of_the_clock_is_the_same_as_small_steps(seconds: int) -> None:
    behind = [{"post": post, "at": f"+{post - 1000}h", "due": "+90m"} for post in range(1001, 1023)]
    jumped, walked = shop(behind=behind), shop(behind=behind)
    jumped.advance(seconds)
    for _ in range(10):
        walked.advance(seconds / 10)
        walked.export()
    assert jumped.export() == walked.export()
