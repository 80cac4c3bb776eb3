"""How often logging in may be tried: each name by itself, and everybody together."""

from collections.abc import Callable

#: So many tries in so long with one name, and so many with all names together; more must wait.
TRIES, TRIES_OF_ALL, TRIES_IN_S = 10, 60, 300.0
#: Links are printed in the terminal at most this often.
PRINTS_EVERY_S = 30.0


class Throttle:
    """Counts a try before it is looked at, so that many at once are no more than many in a row.

    Links are not counted: nobody is kept out of the one-time link by what others try.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._tries: dict[str, list[float]] = {}
        self._printed = float("-inf")

    def wait(self, name: str) -> float:
        """Seconds until a try with this name is looked at. 0 counts it as one that is."""
        now = self._seconds()
        self._forget(now)
        own, of_all = self._tries.get(_key(name), []), sum(len(tries) for tries in self._tries.values())
        if len(own) >= TRIES:
            return own[-TRIES] + TRIES_IN_S - now
        if of_all >= TRIES_OF_ALL:
            return min(tries[0] for tries in self._tries.values()) + TRIES_IN_S - now
        self._tries.setdefault(_key(name), []).append(now)
        return 0.0

    def right(self, name: str) -> None:
        """The try was right: it counts no more."""
        tries = self._tries.get(_key(name))
        if tries:
            tries.pop()

    def may_print(self) -> bool:
        """Whether a link may be printed now; if so, it counts as printed."""
        now = self._seconds()
        if now - self._printed < PRINTS_EVERY_S:
            return False
        self._printed = now
        return True

    def _forget(self, now: float) -> None:
        self._tries = {
            name: kept for name, tries in self._tries.items() if (kept := [at for at in tries if now - at < TRIES_IN_S])
        }


def _key(name: str) -> str:
    return name.casefold()[:100]
