"""All operations, by name."""

from typing import Any

from agent.api import accounts, analytics, campaigns, comments, folders, labels, media, posts, workspaces
from agent.api.endpoint import Endpoint

_ROOMS = (workspaces, accounts, posts, comments, labels, media, folders, analytics, campaigns)

#: Operation name (`CreatePost`) to its class, in the order of the files.
OPERATIONS: dict[str, type[Endpoint[Any]]] = {
    name: value
    for room in _ROOMS
    for name, value in vars(room).items()
    if isinstance(value, type) and issubclass(value, Endpoint) and "route" in vars(value)
}


def parse(operation: str, arguments: str) -> Endpoint[Any]:
    """A call from its name and its JSON arguments, parsed strictly. Raises KeyError, pydantic.ValidationError."""
    return OPERATIONS[operation].model_validate_json(arguments)
