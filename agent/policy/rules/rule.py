"""What a rule is: its code, its parameters, and what it finds.

A rule is a pure function `(case, params) -> Iterable[Found]`, declared with `@rule` and collected in `catalogue.py`.
Its sentence, source, verdict and figures are data: `policies/default.yaml`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from agent.api.endpoint import Effect, Endpoint
from agent.journal.findings import Verdict
from agent.policy.rules.case import Case

ALL_EFFECTS = frozenset(Effect)
#: A post's body is sent in these.
POST_EFFECTS = frozenset({Effect.DRAFT, Effect.OUTBOUND, Effect.DESTRUCTIVE})
#: A post goes out in these: publishing one that was not read has the gravest effect.
OUT_EFFECTS = frozenset({Effect.OUTBOUND, Effect.DESTRUCTIVE})


@dataclass(frozen=True, init=False)
class Example:
    """What a list of a rule is like, for whoever writes it."""

    values: tuple[str, ...]

    def __init__(self, *values: str) -> None:
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Stricter:
    """Which way a parameter gets stricter, so that an overlay can be compared: lower or higher figures.

    `more` marks a list of forbidden things: an overlay adds to it. A parameter without this mark has no stricter side:
    an overlay may change it only where the base pack says `loosenable`.
    """

    way: Literal["lower", "higher", "more"]


def _verdict_in(*words: str) -> Callable[[object], object]:
    def read(value: object) -> object:
        if isinstance(value, str) and value in words:
            return Verdict[value.upper()]
        if isinstance(value, Verdict) and value.word in words:
            return value
        raise ValueError(f"use one of {', '.join(words)}")

    return read


_as_word = PlainSerializer(lambda verdict: verdict.word, return_type=str)

#: What an ordinary rule does about its findings; `allow` switches it off.
Plain = Annotated[
    Verdict,
    BeforeValidator(_verdict_in("allow", "hold", "deny")),
    _as_word,
    WithJsonSchema({"enum": ["allow", "hold", "deny"]}),
    Stricter("higher"),
]
#: The same of a rule that can also rewrite.
Rewriting = Annotated[
    Verdict,
    BeforeValidator(_verdict_in("allow", "rewrite", "hold", "deny")),
    _as_word,
    WithJsonSchema({"enum": ["allow", "rewrite", "hold", "deny"]}),
    Stricter("higher"),
]
AtMost = Annotated[int, Field(strict=True, ge=0), Stricter("lower")]
AtLeast = Annotated[int, Field(strict=True, ge=0), Stricter("higher")]


#: Of a rule that cannot decide: its findings are shown, never counted.
Shown = Annotated[
    Verdict, BeforeValidator(_verdict_in("allow")), _as_word, WithJsonSchema({"enum": ["allow"]}), Stricter("higher")
]


class Params(BaseModel):
    """What a pack says of a rule. `loosenable` names the parameters that an overlay may change as it likes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    verdict: Plain
    loosenable: tuple[str, ...] = ()


class ShownParams(Params):
    """Of a rule that the service's answers cannot decide: `verdict` is allow, and `shown` switches its findings."""

    verdict: Shown = Verdict.ALLOW
    shown: Annotated[bool, Field(strict=True)] = True


@dataclass(frozen=True)
class Found:
    """One finding of a rule, before the engine makes a `Finding` of it.

    `says` is one sentence in our own words and with ids only: it is told to the model. Names and texts belong into
    `evidence`, which only people see. `verdict` None is the rule's own; ALLOW makes a note, which is shown and counts
    for nothing. `instead` is the call as it would pass.
    """

    says: str
    evidence: str = ""
    passes: str = ""
    verdict: Verdict | None = None
    instead: Endpoint[Any] | None = None


P = TypeVar("P", bound=Params)
Check = Callable[[Case, P], Iterable[Found]]


@dataclass(frozen=True)
class RuleCode(Generic[P]):
    """The code of a rule, without its figures. On drafts only the unsafe is denied, all else is kept for later.

    A rule that is not `judged` has `ShownParams`: what it finds are notes for people.
    """

    id: str
    params: type[P]
    effects: frozenset[Effect]
    unsafe_on_draft: bool
    check: Check[P]

    @property
    def judged(self) -> bool:
        """Whether its findings count for the verdict."""
        return not issubclass(self.params, ShownParams)


def rule(
    rule_id: str,
    params: type[P],
    *,
    effects: Iterable[Effect] = ALL_EFFECTS,
    unsafe_on_draft: bool = False,
) -> Callable[[Check[P]], RuleCode[P]]:
    """Declare a function to be a rule for calls of these effects."""

    def declare(check: Check[P]) -> RuleCode[P]:
        return RuleCode(rule_id, params, frozenset(effects), unsafe_on_draft, check)

    return declare
