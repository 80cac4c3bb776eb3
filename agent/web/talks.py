"""The conversations of everybody who is logged in: one a login, so many at once, ended with it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from agent import logs
from agent.errors import Declined
from agent.gate.decisions import Person
from agent.web.sessions import Session
from agent.web.site import Site
from agent.web.talk import Talk

MOST_TALKS = 32
#: Logins are looked at this often: a conversation ends with its own.
LOOKS_S = 1.0


@dataclass
class _Room:
    session: Session
    talk: Talk


class Talks:
    """Conversations by login."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._rooms: dict[str, _Room] = {}
        self._looking: asyncio.Task[None] | None = None
        self.most = MOST_TALKS
        self._log = logs.get("chat")
        site.ends.push_async_callback(self.close)

    @property
    def open(self) -> int:
        """How many there are."""
        return len(self._rooms)

    def of(self, session: Session) -> Talk:
        """The conversation of a login, begun where there is none. Raises Declined where there are too many."""
        room = self._rooms.get(session.token)
        if room is None:
            if len(self._rooms) >= self.most:
                raise Declined(
                    f"{self.most} conversations are open; that is all this server keeps at once.",
                    hint="One ends when somebody logs out. `psa chat` in a terminal is one more.",
                )
            room = self._rooms[session.token] = _Room(session, self._new(session.person))
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
        return room.talk

    async def anew(self, session: Session, run: str | None = None, workspaces: tuple[str, ...] = ()) -> Talk:
        """Another conversation in place of the one at hand: a new one, or a run's taken up. Raises PsaError."""
        old = self.of(session)
        talk = self._new(session.person, workspaces)
        if run is not None:
            talk.take_up(run)
        self._rooms[session.token].talk = talk
        await old.close()
        return talk

    def over(self, run: str) -> Talk | None:
        """The conversation that is had over a run."""
        found = (room.talk for room in self._rooms.values() if room.talk.stand.run == run)
        return next(found, None)

    async def close(self) -> None:
        """End all of them."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        await self._end(list(self._rooms))

    def _new(self, person: Person, workspaces: tuple[str, ...] = ()) -> Talk:
        return Talk(self._site.house, person, self._site.model, workspaces)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_S)
            over = [token for token, room in self._rooms.items() if not self._site.sessions.lasts(room.session)]
            await self._end(over)

    async def _end(self, tokens: list[str]) -> None:
        ending = [self._rooms.pop(token).talk.close() for token in tokens if token in self._rooms]
        for problem in await asyncio.gather(*ending, return_exceptions=True):
            if isinstance(problem, Exception):
                self._log.warning("a conversation did not end well", error=str(problem))


def talks_of(site: Site) -> Talks:
    """The conversations of a server."""
    if "chat" not in site.rooms:
        site.rooms["chat"] = Talks(site)
    talks: Talks = site.rooms["chat"]
    return talks
