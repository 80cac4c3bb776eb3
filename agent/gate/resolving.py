"""Hosts to addresses, before a call is judged that would have something fetched: a rule is pure and asks nobody."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from agent.api.endpoint import Endpoint
from agent.policy.provenance import host_of
from agent.policy.public import fetched

#: Tells every address of a host; none where it has none, or could not be looked up.
Resolver = Callable[[str], Awaitable[tuple[str, ...]]]
#: A name server that takes longer counts as one that knows nothing.
WITHIN_SECONDS = 5.0


async def system_resolver(host: str) -> tuple[str, ...]:
    """What this machine's name service says of a host."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # a timeout is an OSError, too
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


async def resolved(calls: Sequence[Endpoint[Any]], resolve: Resolver | None) -> Mapping[str, tuple[str, ...]]:
    """The addresses of all hosts that something would be fetched from; empty without a resolver."""
    if resolve is None:
        return {}
    hosts = list(dict.fromkeys(host_of(address) for call in calls for _, address in fetched(call)))
    found = await asyncio.gather(*(resolve(host) for host in hosts if host))
    return dict(zip([host for host in hosts if host], found, strict=True))
