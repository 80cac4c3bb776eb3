"""How soon the model's words are on the screen: over a real socket, in both faces."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.chat.conversation import Conversation
from agent.chat.plain import Plain
from agent.clock import SystemClock
from agent.planner.model import ChatModel
from tests.api.loopback import Visit, loopback
from tests.chat.screen import Screen
from tests.chat.talk import ANA
from tests.chat.terminal import desk_in
from tests.house import home_in

pytestmark = pytest.mark.anyio

WORDS = ["Kiln", "-warm", "-again"]
#: From a word's arrival to the screen.
SOON_S = 0.1
GAP_S = 0.06


def chunk(delta: dict[str, Any]) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    event = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    data = f"data: {json.dumps(event)}\n\n".encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


@asynccontextmanager
async def slow_model() -> AsyncIterator[tuple[ChatModel, dict[str, float]]]:
    """A model whose words come one by one, and when each was sent."""
    sent: dict[str, float] = {}

    async def behave(visit: Visit) -> None:
        await visit.request()
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        await visit.say(head.encode())
        for word in WORDS:
            await asyncio.sleep(GAP_S)
            sent[word] = time.monotonic()
            await visit.say(chunk({"content": word}))
        await asyncio.sleep(GAP_S)
        await visit.say(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")

    async with loopback(behave) as place:
        model = ChatModel(name="slow", api_key="k", base_url=place.url, clock=SystemClock())
        try:
            yield model, sent
        finally:
            await model.close()


def at_once(late: list[float]) -> None:
    """None was there before it was sent, and most at once: a machine that is busy may hold one up."""
    assert min(late) >= 0 and sorted(late)[len(late) // 2] < SOON_S, late


async def test_in_a_terminal_words_are_on_the_screen_at_once(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home, slow_model() as (model, sent), desk_in(home, model=model) as desk:
        desk.type("How are you?\r")
        await desk.sees("= done")
        assert "│ Kiln-warm-again\n= done" in desk.screen.text
        at_once([desk.screen.at(word) - sent[word] for word in WORDS])


class Recorder(io.StringIO):
    """A stream that knows when it was written to."""

    def __init__(self) -> None:
        super().__init__()
        self.screen = Screen(10_000)

    def write(self, data: str) -> int:
        return self.screen.write(data)


async def test_in_plain_lines_words_are_written_at_once(tmp_path: Path) -> None:
    out = Recorder()
    plain = Plain(out)
    async with home_in(tmp_path) as home, slow_model() as (model, sent):
        conversation = Conversation(home.house, ANA, plain.tell, lambda: model)
        await conversation.hear("How are you?")
        await conversation.idle()
        assert "agent: Kiln-warm-again\npsa: done\n" in out.screen.raw
        at_once([out.screen.at(word) - sent[word] for word in WORDS])
        await conversation.close()
