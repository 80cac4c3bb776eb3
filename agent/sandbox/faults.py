"""Faults that a box plays on its clients: when, how often, and what happens."""

import random
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agent.api.catalogue import OPERATIONS
from agent.api.endpoint import Verb
from agent.sandbox.store import Tx
from agent.yaml_files import load_yaml, nearest

Kind = Literal[
    "drop_before", "drop_after", "delay", "drip", "status", "too_many", "malformed", "stale", "drift", "redirect"
]


class Fault(BaseModel):
    """One fault: which requests it waits for, from the `nth` on, how many `times` (null: for ever), and what it does.

    drop_before, drop_after    no answer comes; the request was not, or was, carried out
    delay                      carried out, answered after `seconds`
    drip                       carried out, answered byte by byte over `seconds`
    status                     answered with `status`, not carried out unless `applied`
    too_many                   429, with Retry-After and rate headers unless `headers` is false
    malformed                  carried out, answered with 200 and `body`: an HTML page, half the JSON, or 64 MB
    stale                      a read is answered as before the last `writes` accepted writes; with `lag`, of those
                               alone that are not older than so many seconds
    drift                      `field` is dropped, or renamed to `rename`, or all ids become texts (`string_ids`)
    redirect                   302 to `location`, not carried out
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Kind
    operations: tuple[str, ...] = ()
    verb: Verb | None = None
    nth: int = Field(default=1, ge=1)
    times: int | None = Field(default=1, ge=1)
    chance: float = Field(default=1.0, ge=0, le=1)
    seconds: float = Field(default=5.0, ge=0)
    status: int = Field(default=500, ge=400, le=599)
    applied: bool = False
    headers: bool = True
    body: Literal["html", "truncated", "huge"] = "html"
    writes: int = Field(default=1, ge=1)
    lag: float | None = Field(default=None, gt=0)
    field: str = ""
    rename: str = ""
    string_ids: bool = False
    location: str = "https://elsewhere.example/api/v1"

    @field_validator("operations")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in OPERATIONS:
                raise ValueError(f'there is no operation "{name}".{nearest(name, list(OPERATIONS))}')
        return names

    def fits(self, operation: str, verb: str) -> bool:
        """Whether this request is one it waits for."""
        if self.kind == "stale" and verb != "GET":
            return False
        return (not self.operations or operation in self.operations) and self.verb in {None, verb}


class FaultFile(BaseModel):
    """A YAML file of faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    faults: tuple[Fault, ...]


def load_faults(path: Path) -> tuple[Fault, ...]:
    """Faults from a YAML file (`faults: [{kind: drop_after, operations: [CreatePost]}]`). Raises SettingsError."""
    return load_yaml(path, FaultFile).faults


def strike(tx: Tx, operation: str, verb: str, seed: int) -> Fault | None:
    """The fault that hits this request, if any: the first set one that is due; all that fit count it as seen."""
    hit: Fault | None = None
    for place, doc, seen, struck in tx.db.execute("SELECT place, doc, seen, hit FROM faults ORDER BY place").fetchall():
        fault = Fault.model_validate_json(doc)
        if not fault.fits(operation, verb):
            continue
        due = hit is None and seen + 1 >= fault.nth and (fault.times is None or struck < fault.times)
        if due and random.Random(f"{seed}/{place}/{seen}").random() < fault.chance:  # noqa: S311 - seeded on purpose
            hit = fault
            struck += 1
        tx.db.execute("UPDATE faults SET seen = ?, hit = ? WHERE place = ?", (seen + 1, struck, place))
    return hit


def drift(fault: Fault, payload: object) -> object:
    """A JSON answer as a changed service would give it."""
    if isinstance(payload, list):
        return [drift(fault, item) for item in payload]
    if not isinstance(payload, dict):
        return payload
    changed: dict[str, object] = {}
    for name, value in payload.items():
        if name == fault.field and not fault.rename:
            continue
        is_id = fault.string_ids and (name == "id" or name.endswith("_id")) and isinstance(value, int)
        changed[fault.rename if name == fault.field else name] = str(value) if is_id else drift(fault, value)
    return changed
