"""Who is logged in: sessions and one-time login links. In memory only."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.gate.decisions import Person

#: 256 bits, for session ids, tokens of forms and login links.
_BYTES = 32
IDLE_S = 30 * 60.0
LASTS_S = 12 * 3600.0
LINK_LASTS_S = 15 * 60.0


@dataclass(eq=False)
class Session:
    """A login: who, the token its forms carry, and when it began and was last used (seconds of the given clock).

    `stands` tells whether the login still would be let in; `notes` are sentences that the next page shows.
    """

    person: Person
    began: float
    used: float
    stands: Callable[[], bool]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES))
    notes: list[str] = field(default_factory=list)
    ended: bool = False

    def knows(self, token: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(self.token.encode(), token.encode("utf-8", "replace"))


class Sessions:
    """All sessions of one server. Ids and links are kept as hashes; `seconds` is a clock that runs through sleep."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._sessions: dict[str, Session] = {}
        self._links: dict[str, tuple[Person, float]] = {}

    def begin(self, person: Person, old: str = "", stands: Callable[[], bool] = lambda: True) -> str:
        """Begin a session; returns its id, which is new with every login. `old` ends."""
        self.end(old)
        self._sessions = {key: one for key, one in self._sessions.items() if self.lasts(one)}
        now = self._seconds()
        session_id = secrets.token_urlsafe(_BYTES)
        self._sessions[_hash(session_id)] = Session(person, now, now, stands)
        return session_id

    def find(self, session_id: str, *, use: bool = True) -> Session | None:
        """The session, if it is not over: half an hour without use, twelve hours in all, or no login any more."""
        session = self._sessions.get(_hash(session_id)) if session_id else None
        if session is None:
            return None
        if not self.lasts(session):
            self.end(session_id)
            return None
        if use:
            session.used = self._seconds()
        return session

    def lasts(self, session: Session | None) -> bool:
        """Whether a session that was found is not over; this is no use of it."""
        if session is None or session.ended:
            return False
        now = self._seconds()
        return now - session.used < IDLE_S and now - session.began < LASTS_S and session.stands()

    def end(self, session_id: str) -> None:
        """Log out."""
        session = self._sessions.pop(_hash(session_id), None)
        if session is not None:
            session.ended = True

    # -- one-time links --------------------------------------------------------------------------------------------

    def offer(self, person: Person) -> str:
        """A token that logs this person in once, within a quarter of an hour."""
        now = self._seconds()
        self._links = {key: one for key, one in self._links.items() if one[1] > now}
        token = secrets.token_urlsafe(_BYTES)
        self._links[_hash(token)] = person, now + LINK_LASTS_S
        return token

    def redeem(self, token: str) -> Person | None:
        """Whom a token logs in; None where it was used, is too old, or never was one."""
        person, until = self._links.pop(_hash(token), (None, 0.0))
        return person if until > self._seconds() else None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
