"""The words of a verdict, as the journal keeps them and the policy speaks them."""

from enum import IntEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

#: Who is there: a person watching, nobody (at night), or a person's own call.
Mode = Literal["attended", "unattended", "person"]


class Verdict(IntEnum):
    """From lenient to strict: the strictest finding wins."""

    ALLOW = 0
    REWRITE = 1
    HOLD = 2
    DENY = 3

    @property
    def word(self) -> str:
        """Lower-case name, as in packs and journals."""
        return self.name.lower()


class Finding(BaseModel):
    """Why a rule does not simply allow a call.

    `says` is one sentence for a person or a model, `evidence` the words or numbers it rests on, `passes` the smallest
    change that would pass. `later` marks a finding on a draft that bites only when the draft is promoted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    verdict: Verdict
    says: str
    evidence: str = ""
    passes: str = ""
    later: bool = False
