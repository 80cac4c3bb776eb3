"""What the policy answers: findings, and the verdict they add up to."""

from dataclasses import dataclass
from typing import Any

from agent.api.endpoint import Effect, Endpoint
from agent.journal import records as r
from agent.journal.findings import Finding, Verdict

__all__ = ["Finding", "Judgement", "Verdict"]


@dataclass(frozen=True)
class Judgement:
    """The answer to one call: `call` is what may be sent, rewritten where the verdict says so.

    `standing` is the permission by which a held call may go out all the same.
    """

    call: Endpoint[Any]
    effect: Effect
    verdict: Verdict
    findings: tuple[Finding, ...]
    rewritten: bool = False
    standing: r.StandingUse | None = None
