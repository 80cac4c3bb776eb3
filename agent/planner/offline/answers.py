"""What a tool answered, read tolerantly: the one place that knows the shapes of tool results."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["applied", "waiting", "denied", "failed", "read"]

#: The key that tells what became of a call, most telling first.
_STATES: Mapping[str, State] = {
    "waiting": "waiting",
    "denied": "denied",
    "unknown": "failed",
    "failed": "failed",
    "error": "failed",
    "done": "applied",
}
#: Under which keys reasons and remarks stand.
_REASONS = ("why", "changed_before_sending", "to_mend_before_it_goes_out")
_LISTS = ("results", "posts", "media", "comments", "labels", "folders", "items", "data")


@dataclass(frozen=True)
class Part:
    """What became of one operation: the id it touched (0: not told), the card that holds it, the reasons given."""

    state: State
    id: int = 0
    card: str = ""
    reasons: tuple[str, ...] = ()
    #: Those of the reasons that keep a draft from going out.
    to_mend: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A tool's answer: one part for each operation, the rows of a read, and how many it passed over by reason."""

    parts: tuple[Part, ...]
    rows: tuple[Mapping[str, Any], ...] = ()
    #: There is more than the rows that were shown.
    more: bool = False
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[int, ...]:
        """Ids of what was applied."""
        return tuple(part.id for part in self.parts if part.state == "applied" and part.id)

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards that hold parts of it, each once."""
        return tuple(dict.fromkeys(part.card for part in self.parts if part.state == "waiting"))

    @property
    def keyed(self) -> dict[int, Mapping[str, Any]]:
        """The rows of a read by their ids."""
        return {key: row for row in self.rows if (key := _id(row))}

    @property
    def problems(self) -> tuple[str, ...]:
        """Why parts of it were denied or failed, each reason once."""
        bad = (part for part in self.parts if part.state in {"denied", "failed"})
        return tuple(dict.fromkeys(reason for part in bad for reason in part.reasons))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was said about parts that were applied or wait."""
        good = (part for part in self.parts if part.state in {"applied", "waiting"})
        return tuple(dict.fromkeys(reason for part in good for reason in part.reasons))

    @property
    def denied(self) -> bool:
        """Whether nothing of it was applied or waits, though it was tried."""
        return bool(self.parts) and all(part.state in {"denied", "failed"} for part in self.parts)


NO_ANSWER = Answer((Part("failed", reasons=("It was not carried out.",)),))


def read_answer(text: str) -> Answer:
    """A tool's answer from its JSON; what is none counts as a failure that says it."""
    try:
        told = json.loads(text)
    except ValueError:
        return Answer((Part("failed", reasons=(text.strip() or "The answer was empty.",)),))
    if not isinstance(told, Mapping):
        return Answer((), tuple(row for row in told if isinstance(row, Mapping)) if isinstance(told, list) else ())
    left_out = tuple(Part("failed", reasons=(str(reason),)) for reason in _several(told.get("not_possible")))
    if _state(told):
        return Answer((_part(told), *left_out), _rows(told.get("result")))
    rows = _rows(told)
    parts = tuple(_part(row) for row in rows if _state(row))
    shown = tuple(inner for row in rows for inner in (_rows(row.get("result")) if _state(row) else (row,)))
    more = any(bool(told.get(key)) for key in ("more", "truncated", "left_out", "next"))
    return Answer((*parts, *left_out), shown, more, _counts(told.get("skipped")))


def _counts(told: Any) -> dict[str, int]:
    found = told.items() if isinstance(told, Mapping) else ()
    return {str(reason): number for reason, number in found if isinstance(number, int)}


def _state(told: Mapping[str, Any]) -> State | None:
    return next((state for key, state in _STATES.items() if told.get(key)), None)


def _part(told: Mapping[str, Any]) -> Part:
    state = _state(told) or "read"
    reasons = [str(reason) for key in _REASONS for reason in _several(told.get(key))]
    if state == "failed":
        words = str(told.get("error") or told.get("failed") or told.get("unknown"))
        more = " ".join(str(told[key]) for key in ("says", "fields", "next", "hint") if told.get(key))
        reasons = [f"{words.rstrip('.')}: {more}" if more else words, *reasons]
    elif state == "denied" and not reasons:
        reasons = [f"{told['denied']} was denied."]
    result = told.get("result")
    to_mend = tuple(str(reason) for reason in _several(told.get("to_mend_before_it_goes_out")))
    return Part(state, _id(result) or _id(told), str(told.get("waiting", "")), tuple(reasons), to_mend)


def _id(told: Any) -> int:
    found = told.get("id") or told.get("post") if isinstance(told, Mapping) else None
    if isinstance(found, Mapping):
        found = found.get("id")
    return int(found) if isinstance(found, int | str) and re.fullmatch(r"\d{1,16}", str(found)) else 0


def _rows(told: Any) -> tuple[Mapping[str, Any], ...]:
    """The objects in an answer: itself where it has an id, else those of its list."""
    if isinstance(told, list):
        return tuple(row for row in told if isinstance(row, Mapping))
    if not isinstance(told, Mapping):
        return ()
    if "id" in told or _id(told):
        return (told,)
    return next((_rows(told[key]) for key in _LISTS if isinstance(told.get(key), list)), ())


def _several(value: Any) -> Iterable[Any]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, list) else (value,)
