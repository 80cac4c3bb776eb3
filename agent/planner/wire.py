"""What the loop asks of a model and gets from it, without the library that fetches it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

#: Told of a model's words as they come.
OnText = Callable[[str], None]


@dataclass(frozen=True)
class WireCall:
    """A tool call as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ModelReply:
    """A provider's answer: `message` is its text as it will be sent back, byte for byte."""

    message: str
    text: str
    calls: tuple[WireCall, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    tries: int = 1


class Model(Protocol):
    """A language model that speaks chat completions."""

    name: str

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        """The answer to a request body. Raises ModelUnavailable, ModelRefused."""
        ...
