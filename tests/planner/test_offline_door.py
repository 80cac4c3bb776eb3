"""The offline planner's endpoint: chat completions, plain and streamed, through the client the product uses."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.clock import FrozenClock
from agent.planner.model import ChatModel
from agent.planner.offline import build_planner_app
from tests.planner.offline_talk import Talk, post

GOAL = 'Draft "We open at nine on Saturday." for LinkedIn and X'


@pytest.fixture
async def model() -> AsyncIterator[ChatModel]:
    chat = ChatModel(
        name="offline planner",
        api_key="offline",
        base_url="http://offline.local/v1",
        clock=FrozenClock(datetime(2026, 11, 24, tzinfo=UTC)),
        app=build_planner_app(),
    )
    yield chat
    await chat.close()


@pytest.mark.anyio
async def test_the_products_client_gets_the_same_answer_plain_and_streamed(model: ChatModel) -> None:
    body = json.dumps(json.loads(Talk(GOAL).body()), separators=(",", ":")).encode()
    plain = await model.complete(body)
    streamed = await model.complete(body, lambda _: None)
    assert [call.name for call in plain.calls] == ["draft_post"]
    assert plain.calls == streamed.calls
    assert plain.prompt_tokens == len(body) // 4
    assert 0 < plain.completion_tokens == streamed.completion_tokens
    assert await model.models() == ["offline planner"]


@pytest.mark.anyio
async def test_words_stream_too(model: ChatModel) -> None:
    heard: list[str] = []
    reply = await model.complete(b'{"model":"m","messages":[{"role":"user","content":"hi"}]}', heard.append)
    assert reply.text == "".join(heard)
    assert "offline planner" in reply.text
    assert reply.calls == ()


@pytest.mark.anyio
async def test_it_keeps_nothing_and_repeats_itself() -> None:
    body = Talk(GOAL).body()
    assert (await post(body)).content == (await post(body, "/lane/7/v1/chat/completions")).content


def events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


@pytest.mark.anyio
@pytest.mark.parametrize("include", [True, False])
async def test_usage_is_streamed_only_where_it_is_asked_for(include: bool) -> None:
    answer = await post(Talk(GOAL).body(stream=True, stream_options={"include_usage": include}))
    assert answer.headers["content-type"].startswith("text/event-stream")
    chunks = events(answer.text)
    assert [bool(chunk.get("usage")) for chunk in chunks].count(True) == int(include)
    reasons = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]]
    assert reasons[-1] == "tool_calls" and set(reasons[:-1]) == {None}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"{}", b'{"messages":[]}', b'{"messages":["hi"]}', b'{"messages":"hi"}']
)
async def test_what_is_no_request_is_refused_in_the_wires_own_form(body: bytes) -> None:
    answer = await post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.anyio
async def test_contents_in_parts_are_read() -> None:
    talk = Talk(GOAL)
    talk.messages[1]["content"] = [{"type": "text", "text": talk.messages[1]["content"]}]
    await talk.finish()
    assert [name for name, _ in talk.calls] == ["draft_post"]
