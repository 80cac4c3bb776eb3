"""A conversation as pages show it: what was said so far, and each new piece told to every page that listens."""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from agent.assembly import House
from agent.chat.conversation import Conversation
from agent.chat.events import Event, Kind
from agent.chat.handler import Handler
from agent.chat.slash import Command, parse
from agent.chat.telling import unfinished
from agent.errors import JournalError, PsaError
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.goal_text import refuse_secrets
from agent.report import keep_report
from agent.text import shorten, visible

#: What is kept of a conversation here; all of it is in its run.
MOST_ENTRIES = 400
#: Pieces that a page which lost its stream can catch up on.
MOST_PIECES = 4_000
#: What one stream may lag behind; a page that lags more is drawn anew.
MOST_WAITING = 2_000
SILENT_S = 15.0
#: Characters of a person's own line that are shown.
MOST_ECHOED = 4_000

#: The step that tells of a new card.
_CARD_WAITS = re.compile(r"card \d+ +waits: ")

Shown = Kind | Literal["person"]


@dataclass(frozen=True)
class Entry:
    """Something that was said: `id` is the number of its first piece. A card is shown as it stands, by its number."""

    id: int
    kind: Shown
    text: str
    number: int = 0


@dataclass(frozen=True)
class Piece:
    """Something new. `entry` and its `kind` are what it belongs to; words are added to those that came before.

    Without an entry: `thinking`, `state` (what can be done now is otherwise), `again` (the page draws itself anew).
    """

    id: int
    kind: str
    entry: int = 0
    text: str = ""
    number: int = 0


@dataclass(frozen=True)
class Stand:
    """What can be done in a conversation now."""

    working: bool
    queued: int
    question: r.Asked | None
    unfinished: bool
    run: str


class Talk:
    """One conversation with its transcript and the streams that follow it. Belongs to one event loop."""

    def __init__(self, house: House, person: Person, model: Any, workspaces: tuple[str, ...] = ()) -> None:
        """`workspaces` are those that a new conversation keeps to, all where there are none."""
        self.name = secrets.token_hex(4)
        self.workspaces = workspaces
        self.entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self.conversation = Conversation(house, person, self._heard, model, workspaces)
        self._house = house
        self._last = 0
        self._speaking = 0
        self._pieces: deque[Piece] = deque(maxlen=MOST_PIECES)
        self._streams: set[asyncio.Queue[Piece]] = set()
        self._handler = Handler(self.conversation, self._no_text)
        self._watching: asyncio.Task[None] | None = None
        self._followed: Run | None = None

    # -- what a page shows -----------------------------------------------------------------------------------------

    @property
    def cursor(self) -> str:
        """How far somebody has seen who is shown all entries now, such as `5f2c.17`."""
        return f"{self.name}.{self._last}"

    @property
    def listening(self) -> int:
        """How many pages follow it."""
        return len(self._streams)

    @property
    def stand(self) -> Stand:
        """What can be done now."""
        talk, run = self.conversation, self.conversation.run
        left = run is not None and not talk.working and unfinished(run.state)
        return Stand(talk.working, talk.queued, talk.question, left, run.id if run is not None else "")

    async def stream(self, cursor: str) -> AsyncGenerator[Piece | None]:
        """Pieces since a cursor and then as they come; None once it listens and where all is silent."""
        waiting: asyncio.Queue[Piece] = asyncio.Queue(MOST_WAITING)
        name, _, seen = cursor.partition(".")
        missed = self._missed(int(seen)) if name == self.name and seen.isascii() and seen.isdigit() else None
        for piece in missed if missed is not None else [Piece(self._last, "again")]:
            waiting.put_nowait(piece)
        self._streams.add(waiting)
        try:
            yield None
            while True:
                try:
                    yield await asyncio.wait_for(waiting.get(), SILENT_S)
                except TimeoutError:
                    yield None
        finally:
            self._streams.discard(waiting)

    def _missed(self, seen: int) -> list[Piece] | None:
        """The pieces behind one; None where they are not all kept, or are too many."""
        missed = [piece for piece in self._pieces if piece.id > seen]
        return missed if len(missed) == self._last - seen and len(missed) < MOST_WAITING else None

    # -- what a person does ----------------------------------------------------------------------------------------

    async def take(self, line: str) -> None:
        """Carry out a typed line: a goal, an answer, or a slash command."""
        try:
            refuse_secrets(line, self._house.settings.secrets)
        except PsaError as error:
            self.conversation.narrator.trouble(str(error))
            return
        meant = parse(line)
        self._enter("person", shorten(visible(line.strip()), MOST_ECHOED))
        if isinstance(meant, Command) and meant.name == "show":
            self._forget(meant.numbers)
        if not await self._handler.take(line):
            self.conversation.narrator.note("Log out, or begin a new conversation; this one is kept.")
        self._changed()

    async def do(self, work: Awaitable[Any]) -> None:
        """Something that a button does; what cannot be done is told."""
        try:
            await work
        except PsaError as error:
            self.conversation.narrator.trouble(str(error))
        self._changed()

    async def settled(self, wait: float) -> None:
        """Wait until nothing is under way, at most so many seconds."""
        idle = asyncio.ensure_future(self.conversation.idle())
        await asyncio.wait({idle}, timeout=wait)
        idle.cancel()

    def take_up(self, run: str) -> None:
        """Go on with an earlier conversation. Raises PsaError."""
        self.conversation.take_up(run)
        run_at_hand = self.conversation.run
        for view in run_at_hand.state.open_cards if run_at_hand is not None else ():
            self._enter("card", "", view.card.number)
        self._changed()

    async def close(self) -> None:
        """Stop what is being worked on, and leave the report; pages that follow draw themselves anew."""
        self._tell("again")
        await self.conversation.close()
        if self._watching is not None:
            self._watching.cancel()
        run = self.conversation.run
        if run is not None:
            try:
                keep_report(self._house.runs, run.state, self._house.templates)
            except JournalError as error:
                self.conversation.narrator.trouble(str(error))

    async def _no_text(self, number: int, _text: str) -> str | None:
        self._forget((number,))
        self._enter("card", "", number)
        self.conversation.narrator.note(f"Put the new text into card {number} here, and approve it there.")
        return None

    # -- what is told ----------------------------------------------------------------------------------------------

    def _heard(self, event: Event) -> None:
        if event.kind not in {"words", "note", "trouble", "card"}:
            self._speaking = 0
        if event.kind == "thinking":
            self._tell("thinking")
        elif event.kind == "words":
            self._add_words(event.text)
        elif event.kind == "step" and _CARD_WAITS.match(event.text):
            return  # the card itself follows
        elif event.kind == "card" and self._is_card(event.number):
            if not any(one.kind == "card" and one.number == event.number for one in self.entries):
                self._enter("card", "", event.number)
        else:
            self._enter(event.kind, event.text, event.number)

    def _is_card(self, number: int) -> bool:
        item = self._house.store.ledger.item(number)
        return item is not None and item.kind == "card"

    def _add_words(self, text: str) -> None:
        """Words go on where they began, whatever a person said meanwhile."""
        place = next((at for at, one in enumerate(self.entries) if one.id == self._speaking), None)
        if place is None:
            self._enter("words", text)
            self._speaking = self._last
            return
        entry = self.entries[place]
        self.entries[place] = replace(entry, text=entry.text + text)
        self._tell("words", entry.id, text)

    def _enter(self, kind: Shown, text: str, number: int = 0) -> None:
        self.entries.append(Entry(self._last + 1, kind, text, number))
        self._tell(kind, self._last + 1, text, number)

    def _forget(self, numbers: tuple[int, ...]) -> None:
        """Cards that are shown anew stand no more where they stood."""
        kept = [one for one in self.entries if not (one.kind == "card" and one.number in numbers)]
        self.entries.clear()
        self.entries.extend(kept)

    def _tell(self, kind: str, entry: int = 0, text: str = "", number: int = 0) -> None:
        self._last += 1
        piece = Piece(self._last, kind, entry, text, number)
        self._pieces.append(piece)
        for waiting in self._streams:
            if waiting.full():
                while not waiting.empty():
                    waiting.get_nowait()
                waiting.put_nowait(Piece(self._last, "again"))
            else:
                waiting.put_nowait(piece)

    def _changed(self) -> None:
        """What can be done now may be otherwise; it will be once more when all is idle."""
        self._follow()
        self._tell("state")
        if self.conversation.working and (self._watching is None or self._watching.done()):
            self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        await self.conversation.idle()
        self._tell("state")

    def _follow(self) -> None:
        """Show each card of the conversation's run as it comes."""
        run = self.conversation.run
        if run is not None and run is not self._followed:
            self._followed = run
            run.listeners.append(self._notice)

    def _notice(self, record: r.AnyRecord, _at: datetime) -> None:
        if isinstance(record, r.Card):
            self._enter("card", "", record.number)
