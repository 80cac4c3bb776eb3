"""What a view has before it when it completes a call, and what it may answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.api.endpoint import Endpoint
from agent.api.posts import PostFields
from agent.policy.facts import Facts


@dataclass(frozen=True)
class Desk:
    """Facts plus what only completing needs.

    `fresh` maps a read (its class name and JSON arguments) done for this very call to its answer: a PUT starts from
    these, never from memory. An ApiError in the place of an answer says that the read was refused. `sent` maps post
    ids to the last full body that this home sent for them and that was applied: it fills what the service does not
    show.
    """

    facts: Facts
    fresh: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    sent: Mapping[int, PostFields] = field(default_factory=dict)

    def answer(self, call: Endpoint[Any]) -> Any:
        """The fresh answer of a read, or None where it has to be asked for first (answer `Need(call)`)."""
        return self.fresh.get(read_key(call))


def read_key(call: Endpoint[Any]) -> tuple[str, str]:
    """Names a read by operation and arguments."""
    return call.route.name, call.model_dump_json()


@dataclass(frozen=True)
class Need:
    """A read that must be done first; the view is then asked again."""

    call: Endpoint[Any]


@dataclass(frozen=True)
class Parts:
    """The operations a view stands for, in order, all of one class; `notes` are told with the card or the answer.

    `impossible` lists objects that were left out, each with the reason.
    """

    calls: tuple[Endpoint[Any], ...]
    notes: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """A local answer: nothing is sent. `data` is shown to the model as JSON."""

    data: Mapping[str, Any]


class Completes(Protocol):
    """What stands for operations: a view with a model's arguments, or what a person asked for."""

    def complete(self, desk: Desk) -> Need | Parts | Said:
        """The operations, or the read that is lacking. Pure. Raises Unfit."""
        ...


class Unfit(Exception):
    """Arguments that cannot become a call: the message is worded for a model, with what would fit."""
