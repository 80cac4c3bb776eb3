"""A conversation for tests: lines in, events out, a scripted model that can be held up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.chat.conversation import Conversation
from agent.chat.events import Event, Kind
from agent.chat.handler import Handler
from agent.gate.decisions import Person
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.planner.wire import ModelReply, OnText
from tests.house import Home, call, finish, home_in

DRAFT = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")
ANA = Person("ana", "owner", "chat")


def schedule(post: int = 1004) -> list[Step]:
    return [[call("schedule_post", post=post, at="2026-12-01 09:00")], finish("It waits.")]


class Model(ScriptedModel):
    """A scripted model that waits, where it is told to, until it is let go."""

    def __init__(self, steps: Sequence[Step] = ()) -> None:
        super().__init__(list(steps))
        self.go = asyncio.Event()
        self.go.set()
        self.asked = asyncio.Event()

    def more(self, *steps: Step) -> None:
        self._steps.extend(steps)

    def hold(self) -> None:
        self.go.clear()
        self.asked.clear()

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        self.asked.set()
        await self.go.wait()
        return await super().complete(body, on_text)


@dataclass
class Talk:
    """An open conversation with everything it told."""

    home: Home
    model: Model
    conversation: Conversation
    events: list[Event] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)

    async def take(self, line: str) -> list[Event]:
        """Carry out a line without waiting for the work that it begins."""
        seen = len(self.events)

        async def ask_text(number: int, text: str) -> str | None:
            return self.texts.pop(0)

        await Handler(self.conversation, ask_text).take(line)
        return self.events[seen:]

    async def say(self, line: str, *steps: Step) -> str:
        """Carry out a line and what it begins; everything told since, a line an event."""
        seen = len(self.events)
        self.model.more(*steps)
        await self.take(line)
        await self.conversation.idle()
        return told(self.events[seen:])

    async def busy(self, line: str, *steps: Step) -> None:
        """Say a goal whose first model turn is held up."""
        self.model.hold()
        self.model.more(*steps)
        await self.take(line)
        await self.model.asked.wait()

    async def done(self) -> None:
        """Let the model go, and wait for the end."""
        self.model.go.set()
        await self.conversation.idle()

    @property
    def run(self) -> Run:
        assert self.conversation.run is not None
        return self.conversation.run

    def outcome(self) -> str | None:
        """What came of the last goal."""
        return self.conversation.outcome

    def kinds(self) -> list[str]:
        """The kinds of records in the journal."""
        return [entry.record.kind for entry in self.home.house.store.read(self.run.id)]


def told(events: Sequence[Event], *kinds: Kind) -> str:
    return "\n".join(f"{event.kind}: {event.text}" for event in events if not kinds or event.kind in kinds)


@asynccontextmanager
async def talk_in(folder: Path, **values: Any) -> AsyncIterator[Talk]:
    async with home_in(folder, **values) as home, talk_over(home) as talk:
        yield talk


@asynccontextmanager
async def talk_over(home: Home) -> AsyncIterator[Talk]:
    events: list[Event] = []
    model = Model()
    conversation = Conversation(home.house, ANA, events.append, lambda: model)
    talk = Talk(home, model, conversation, events)
    try:
        yield talk
    finally:
        model.go.set()
        await conversation.close()
        model.assert_complete()
