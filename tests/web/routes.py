"""Every route of the app, with an address that leads to it: what is tested on all of them, a new page is in."""

import re
from dataclasses import dataclass

from starlette.routing import Route

from agent.web.app import ROUTES
from agent.web.routing import Guarded


@dataclass(frozen=True)
class Way:
    """A route: its method, an address that leads to it, the role it needs, and the bytes it takes."""

    method: str
    path: str
    role: str
    most: int

    @property
    def open(self) -> bool:
        """Whether it is there for whoever is not logged in."""
        return self.path == "/login"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _way(route: Route) -> Way:
    method = "POST" if "POST" in (route.methods or ()) else "GET"
    path = re.sub(r"\{[^}]+\}", "1", route.path)
    guarded = isinstance(route, Guarded)
    assert guarded or path == "/login", f"{path} is declared without `page` or `action`"
    return Way(method, path, route.role, route.most) if isinstance(route, Guarded) else Way(method, path, "viewer", 0)


WAYS = [_way(route) for route in ROUTES if isinstance(route, Route)]
PAGES = [way for way in WAYS if way.method == "GET"]
ACTIONS = [way for way in WAYS if way.method == "POST"]
#: Streams never end by themselves.
STREAM = "/events"
