"""Who is logged in: sessions, one-time login links, and how often logging in may be tried. In memory only."""

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
#: So many wrong tries in so long, for everybody together and for each name; more must wait.
TRIES, TRIES_IN_S = 10, 300.0


@dataclass
class Session:
    """A login: who, the token its forms carry, and when it began and was last used (seconds of the given clock).

    `notes` are sentences that the next page shows.
    """

    person: Person
    began: float
    used: float
    token: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES))
    notes: list[str] = field(default_factory=list)

    def knows(self, token: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(self.token.encode(), token.encode("utf-8", "replace"))


class Sessions:
    """All sessions of one server. Ids and links are kept as hashes; `seconds` is a clock that runs through sleep."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._sessions: dict[str, Session] = {}
        self._links: dict[str, tuple[Person, float]] = {}
        self._wrong: dict[str, list[float]] = {}

    def begin(self, person: Person, old: str = "") -> str:
        """Begin a session; returns its id, which is new with every login. `old` ends."""
        self.end(old)
        now = self._seconds()
        self._sessions = {key: one for key, one in self._sessions.items() if not self._over(one, now)}
        session_id = secrets.token_urlsafe(_BYTES)
        self._sessions[_hash(session_id)] = Session(person, now, now)
        return session_id

    def find(self, session_id: str) -> Session | None:
        """The session, if it is not over: half an hour idle, or twelve hours in all. Finding it is using it."""
        session = self._sessions.get(_hash(session_id)) if session_id else None
        now = self._seconds()
        if session is None or self._over(session, now):
            self.end(session_id)
            return None
        session.used = now
        return session

    def lasts(self, session: Session | None) -> bool:
        """Whether a session that was found is not over; this is no use of it."""
        return session is not None and session in self._sessions.values() and not self._over(session, self._seconds())

    def end(self, session_id: str) -> None:
        """Log out."""
        self._sessions.pop(_hash(session_id), None)

    def _over(self, session: Session, now: float) -> bool:
        return now - session.used >= IDLE_S or now - session.began >= LASTS_S

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

    # -- wrong tries -----------------------------------------------------------------------------------------------

    def wait(self, name: str) -> float:
        """Seconds until another try is allowed; 0 where it is now."""
        now = self._seconds()
        waits = [tries[-TRIES] + TRIES_IN_S - now for tries in self._tries(name, now) if len(tries) >= TRIES]
        return max(0.0, *waits) if waits else 0.0

    def failed(self, name: str) -> None:
        """Remember a wrong try."""
        now = self._seconds()
        for tries in self._tries(name, now):
            tries.append(now)

    def _tries(self, name: str, now: float) -> list[list[float]]:
        """The recent tries with this name; all tries count together under no name."""
        self._wrong = {
            key: kept for key, tries in self._wrong.items() if (kept := [at for at in tries if now - at < TRIES_IN_S])
        }
        return [self._wrong.setdefault(key, []) for key in {name.casefold()[:100], ""}]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
