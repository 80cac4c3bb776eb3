"""The language model, loaded in a thread while a person begins: its library is the slowest to load."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from agent.assembly import House, build_model
from agent.errors import PsaError


class LateModel:
    """A model that is being made; whoever needs it first waits for it."""

    def __init__(self, house: House) -> None:
        pool = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._made = pool.submit(build_model, house.settings, house.clock)
        pool.shutdown(wait=False)

    def get(self) -> Any:
        """The model. Raises PsaError where it cannot be made."""
        return self._made.result()

    async def close(self) -> None:
        """Let go of its connections."""
        with suppress(PsaError):  # it was told to whoever wanted it
            await self.get().close()
