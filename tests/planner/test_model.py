"""The model wire against a small endpoint in process: plain and streamed, retried, refused, nonsense."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.clock import FrozenClock
from agent.errors import ModelError, ModelRefused, ModelUnavailable
from agent.planner.model import ChatModel
from tests.house import NOW

pytestmark = pytest.mark.anyio

CALL = {"id": "c1", "type": "function", "function": {"name": "get_post", "arguments": '{"post":1}'}}
MESSAGE = {"role": "assistant", "content": "Looking.", "tool_calls": [CALL], "refusal": None, "annotations": []}
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[]}'


def whole(message: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": USAGE}


def chunks() -> list[dict[str, Any]]:
    def chunk(delta: dict[str, Any]) -> dict[str, Any]:
        base = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}

    first = {"index": 0, "id": "c1", "type": "function", "function": {"name": "get_post", "arguments": '{"po'}}
    rest = {"index": 0, "function": {"arguments": 'st":1}'}}
    last = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [], "usage": USAGE}
    pieces: list[dict[str, Any]] = [
        {"role": "assistant", "content": "Look"},
        {"content": "ing."},
        {"tool_calls": [first]},
        {"tool_calls": [rest]},
    ]
    return [*(chunk(piece) for piece in pieces), last]


class Endpoint:
    """Answers with one prepared response after the other and keeps the request bodies."""

    def __init__(self, *responses: Response) -> None:
        self.responses: Sequence[Response] = responses
        self.bodies: list[dict[str, Any]] = []
        self.app = Starlette(routes=[Route("/v1/chat/completions", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        self.bodies.append(json.loads(await request.body()))
        return self.responses[len(self.bodies) - 1]

    def model(self) -> ChatModel:
        return ChatModel(name="m", api_key="k", base_url="http://model.local/v1", clock=FrozenClock(NOW), app=self.app)


def streamed() -> Response:
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks()]
    return StreamingResponse(iter([*lines, "data: [DONE]\n\n"]), media_type="text/event-stream")


async def test_a_streamed_answer_is_the_same_as_a_plain_one() -> None:
    words: list[str] = []
    endpoint = Endpoint(JSONResponse(whole(MESSAGE)), streamed())
    model = endpoint.model()
    plain = await model.complete(BODY)
    shown = await model.complete(BODY, words.append)
    assert (plain.text, plain.calls, plain.prompt_tokens) == (shown.text, shown.calls, shown.prompt_tokens)
    assert words == ["Look", "ing."] and plain.calls[0].arguments == '{"post":1}'
    assert endpoint.bodies[1]["stream"] is True and "stream" not in endpoint.bodies[0]
    assert "refusal" not in plain.message and "annotations" not in plain.message
    await model.close()


async def test_what_may_pass_is_tried_again() -> None:
    error = {"error": {"message": "busy"}}
    busy = [JSONResponse(error, 503), JSONResponse(error, 429, headers={"retry-after": "7"})]
    endpoint = Endpoint(*busy, JSONResponse(whole(MESSAGE)))
    model = endpoint.model()
    assert (await model.complete(BODY)).tries == 3
    await model.close()


@pytest.mark.parametrize(
    ("responses", "kind"),
    [
        ([JSONResponse({"error": {"message": "no"}}, 401)], ModelUnavailable),
        ([JSONResponse({"error": {"message": "no credit"}}, 402)], ModelUnavailable),
        ([JSONResponse({"error": {"message": "no such model"}}, 404)], ModelUnavailable),
        ([JSONResponse({"error": {"message": "too long"}}, 400)], ModelRefused),
        ([JSONResponse({"error": {"message": "down"}}, 500)] * 3, ModelUnavailable),
        ([PlainTextResponse("<html>log in</html>")], ModelUnavailable),
        ([JSONResponse({"choices": []})], ModelUnavailable),
        ([JSONResponse({"choices": [{"message": "hello"}]})], ModelUnavailable),
        ([JSONResponse([1, 2])], ModelUnavailable),
    ],
)
async def test_what_is_no_answer_is_an_error_with_words(responses: list[Response], kind: type[ModelError]) -> None:
    endpoint = Endpoint(*responses)
    model = endpoint.model()
    with pytest.raises(kind) as caught:
        await model.complete(BODY)
    assert caught.value.message and caught.value.message != "k"
    await model.close()


async def test_an_endpoint_that_wants_no_reasoning_is_asked_again_so() -> None:
    refusal = JSONResponse({"error": {"message": "reasoning_effort must be none with tools"}}, 400)
    endpoint = Endpoint(refusal, JSONResponse(whole(MESSAGE)), JSONResponse(whole(MESSAGE)))
    model = endpoint.model()
    await model.complete(BODY)
    await model.complete(BODY)
    assert ["reasoning_effort" in body for body in endpoint.bodies] == [False, True, True]
    await model.close()


async def test_a_lone_surrogate_from_a_model_can_be_kept() -> None:
    raw = json.dumps(whole({"role": "assistant", "content": "odd \ud800 sign"}))
    endpoint = Endpoint(Response(raw, media_type="application/json"))
    model = endpoint.model()
    assert (await model.complete(BODY)).message.encode()
    await model.close()
