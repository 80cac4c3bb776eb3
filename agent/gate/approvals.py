"""Whether an approval still holds, looked at right before it is carried out: time, bytes, object, policy, clock."""

from datetime import timedelta
from typing import Any

from agent.api.accounts import DeleteAccount
from agent.api.endpoint import Endpoint
from agent.api.folders import DeleteFolder, ListFolders
from agent.api.media import ListMedia
from agent.clock import local
from agent.errors import ClockWrong, Invalid, NotFound
from agent.gate.cards import card_digest, instant_of
from agent.gate.judge import Judge
from agent.gate.titles import named
from agent.gate.versions import came_in, object_read, version_of
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.policy.facts import with_inner
from agent.policy.verdict import Verdict

EXPIRED = "the decision expired before it could be carried out"
#: A call that proved not to have left is tried this often before its approval is void.
ATTEMPTS = 3
#: How far this machine's clock may be from PostSyncer's before nothing approved is sent: hours and expiries hang on it.
CLOCK_OFF = timedelta(minutes=2)


def refuse_wrong_clock(judge: Judge) -> None:
    """Raises ClockWrong where this machine's clock and the service's differ: nothing that was approved is sent then."""
    off = judge.client.clock_off
    if judge.surroundings.clock_matters and abs(off) > CLOCK_OFF:
        where = f"{abs(off).total_seconds() / 60:.0f} minutes {'behind' if off > timedelta() else 'ahead of'}"
        raise ClockWrong(
            f"This machine's clock is {where} PostSyncer's.",
            hint="Set it right, then `psa runs resume`: nothing that was approved is sent with a wrong clock.",
        )


def refuse_jump_back(run: Run) -> None:
    """Raises ClockWrong where the clock stands before the run's own records: expiries could not be told."""
    now, last = run.clock.now(), run.state.clock_at
    if last is not None and now < last - CLOCK_OFF:
        raise ClockWrong(
            f"This machine's clock says {local(now)}, but run {run.id} has records up to {local(last)}.",
            hint=f"Set it right; nothing was sent. If it is right now: `psa runs resume {run.id} --trust-clock`.",
        )


async def why_not(judge: Judge, run: Run, view: CardView, part: r.CardPart, call: Endpoint[Any]) -> str:
    """Why an approval may not be carried out any more; empty where it may. Raises ClockWrong, ApiError."""
    decision = view.decision
    if decision is None or judge.clock.now() >= decision.until:
        return EXPIRED
    if view.decided_at is not None and judge.clock.now() < view.decided_at - CLOCK_OFF:
        return f"the decision is dated {local(view.decided_at)}, which is still to come: the clock was wrong then"
    if card_digest(view.parts) != decision.digest:
        return "the decision was for other bytes"
    old = run.state.effects.get(part.key)
    if old is not None and old.failures >= ATTEMPTS:
        return f"it could not be sent in {ATTEMPTS} attempts: {old.outcome.says if old.outcome else ''}"
    if part.version and (changed := await _changed(judge, run, part, call)):
        return changed
    refuse_wrong_clock(judge)
    await judge.look_up([call])
    judgement = judge.judge_decided(run, call, view.card.number)
    if judgement.verdict is Verdict.DENY:
        return f"the policy now denies it: {judgement.findings[0].says}"
    # What was only noted, or rewritten, was not put before anybody as a reason to wait.
    shown = {finding.rule for finding in part.findings if finding.verdict >= Verdict.HOLD}
    fresh = [one for one in judgement.findings if one.rule not in shown and one.verdict >= Verdict.HOLD]
    if fresh:
        return f"a rule that the card did not show holds it now: {fresh[0].says}"
    if call.request().digest(judge.client.origin, instant_of(call, judge.facts(run))) != part.digest:
        return "the request is no longer the one that was approved"
    return ""


async def _changed(judge: Judge, run: Run, part: r.CardPart, call: Endpoint[Any]) -> str:
    """Whether the object is gone, or another than when the card was made."""
    if isinstance(call, DeleteFolder):
        return await _filled(judge, run, part, call)
    read = object_read(call)
    if read is None:
        return ""
    what = named(call)
    try:
        answer = await judge.read(run, f"{part.key}.version", read, person=True)
    except NotFound:
        return f"{what} is no longer there"
    if isinstance(call, DeleteAccount) and all(account.id != call.id for account in answer.data):
        return f"{what} is no longer there"
    return f"{what} was changed after the card was made" if version_of(call, judge.facts(run)) != part.version else ""


async def _filled(judge: Judge, run: Run, part: r.CardPart, call: DeleteFolder) -> str:
    """Whether a folder, or one in it, took in something that the card could not name."""
    key = f"{part.key}.version"
    try:
        read = object_read(call)
        folder = await judge.read(run, key, read, person=True) if read is not None else None
        if folder is not None and folder.workspace_id is not None:
            await judge.read(run, key, ListFolders(workspace_id=folder.workspace_id), person=True)
        for each in with_inner(call.folder_id, judge.facts(run).folders.values()):
            await judge.read(run, key, ListMedia(folder_id=each, per_page=100), person=True)
    except (NotFound, Invalid):  # the service answers an unknown folder_id of a list with 422
        return f"folder {call.folder_id}, or one in it, is no longer there"
    new = came_in(call, part.version, judge.facts(run))
    return f"folder {call.folder_id} has got {', '.join(new[:5])} since the card was made" if new else ""
