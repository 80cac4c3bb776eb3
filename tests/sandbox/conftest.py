"""A frozen shop and a client of it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from agent.sandbox.state import State
from tests.sandbox.box import Client, connect, shop


@pytest.fixture
def state() -> Iterator[State]:
    made = shop()
    yield made
    made.close()


@pytest.fixture
async def client(state: State) -> AsyncIterator[Client]:
    async with connect(state) as made:
        yield made
