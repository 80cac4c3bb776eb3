"""Sending by a standing permission: looked at again right before, and counted in the transaction of the intent."""

from dataclasses import replace
from typing import Any

from agent.api.endpoint import Endpoint
from agent.api.posts import GetPost, UpdatePost
from agent.clock import Clock
from agent.errors import NotFound
from agent.gate.approvals import CLOCK_OFF
from agent.gate.judge import Judge
from agent.gate.versions import version_of
from agent.journal import records as r
from agent.journal.run import Run
from agent.policy.standing import USED, still_holds
from agent.policy.verdict import Judgement


async def look_again(judge: Judge, run: Run, key: str, judgement: Judgement) -> Judgement:
    """The judgement of the same call after the draft was read anew: without permission where anything has changed."""
    call, use = judgement.call, judgement.standing
    if use is None or not isinstance(call, UpdatePost):
        return judgement
    seen = version_of(call, judge.facts(run))
    try:
        await judge.read(run, f"{key}.version", GetPost(id=call.id))
    except NotFound:
        return _without(judgement)
    clock_wrong = judge.surroundings.clock_matters and abs(judge.client.clock_off) > CLOCK_OFF
    fresh = judge.judge(run, call)
    changed = version_of(call, judge.facts(run)) != seen or fresh.rewritten
    if changed or clock_wrong or fresh.standing is None or fresh.standing.name != use.name:
        return _without(fresh)
    return fresh


def lapsed(use: r.StandingUse, call: Endpoint[Any], clock: Clock) -> bool:
    """Whether reading and waiting for room have taken so long that the permission was looked at for another time."""
    return not isinstance(call, UpdatePost) or not still_holds(use, call, clock.now())


def _without(judgement: Judgement) -> Judgement:
    findings = tuple(one for one in judgement.findings if one.rule != USED)
    return replace(judgement, findings=findings, standing=None)
