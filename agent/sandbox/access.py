"""Who may do what: tokens, abilities coarse and fine, and the rate limit."""

from dataclasses import dataclass
from datetime import datetime

from agent.api.endpoint import Route
from agent.sandbox.refusal import Refusal
from agent.sandbox.rows import TokenRow
from agent.sandbox.store import Tx

#: Writes that a fine ability alone allows; all others need the coarse one.
_FINE_WRITES = {"CreatePost", "UpdatePost", "UploadMediaFile", "UploadMediaFromUrl"}
_WINDOW = 60


@dataclass(frozen=True)
class Window:
    """A user's minute."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> list[tuple[str, str]]:
        """The service's rate headers."""
        return [
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(self.reset)),
        ]


def authenticate(tx: Tx, authorization: str) -> TokenRow:
    """The token of a request. Raises Refusal 401."""
    scheme, _, token = authorization.partition(" ")
    found = tx.find(TokenRow, "token", [token.strip()]) if scheme.lower() == "bearer" else []
    if not found:
        raise Refusal(401, "Unauthenticated.")
    return found[0]


def spend(tx: Tx, user: str, limit: int) -> Window | None:
    """Count one request in the user's minute; None if the minute is used up. Minutes are those of the clock."""
    minute = int(tx.now.timestamp()) // _WINDOW
    found = tx.db.execute("SELECT minute, spent FROM windows WHERE user = ?", (user,)).fetchone()
    spent = found[1] if found and found[0] == minute else 0
    if spent >= limit:
        return None
    tx.db.execute("INSERT OR REPLACE INTO windows VALUES (?, ?, ?)", (user, minute, spent + 1))
    return Window(limit, limit - spent - 1, (minute + 1) * _WINDOW)


def used_up(now: datetime, limit: int) -> tuple[Window, int]:
    """The headers of a used-up minute, and the seconds until the next."""
    reset = (int(now.timestamp()) // _WINDOW + 1) * _WINDOW
    return Window(limit, 0, reset), max(1, reset - int(now.timestamp()))


def require(token: TokenRow, route: Route) -> None:
    """Check the ability of an operation. Raises Refusal 403 that names it.

    A fine ability (`posts:create`) reads what its coarse one reads, and writes posts and library items; schedule and
    publish need `posts:schedule` and `posts:publish` on top (`require_fine`). All else needs the coarse one.
    """
    if "*" in token.abilities or route.ability in token.abilities:
        return
    fine = any(ability.startswith(f"{route.ability}:") for ability in token.abilities)
    if fine and route.verb == "GET":
        return
    if fine and route.name in _FINE_WRITES:
        require_fine(token, f"{route.ability}:create")
        return
    raise _missing(route.ability)


def require_fine(token: TokenRow, ability: str) -> None:
    """Check a fine ability such as `posts:publish`; the coarse one includes it. Raises Refusal 403."""
    coarse = ability.partition(":")[0]
    if not {"*", coarse, ability} & set(token.abilities):
        raise _missing(ability)


def _missing(ability: str) -> Refusal:
    return Refusal(403, f"Missing permission: {ability}")
