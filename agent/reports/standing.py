"""Standing permissions told: what each lets out, what it has done in 30 days, and whether it is revoked."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agent.journal.ledger import Ledger
from agent.policy.standing import Standing
from agent.reports.told import Told
from agent.reports.words import counted

#: How far back uses are told.
TOLD_DAYS = 30


class StandingUsed(Told):
    """A post that went out by a permission: when it was sent, and what became of that."""

    sent_on: str
    post: int | None
    run: str
    state: str


class StandingTold(Told):
    """A permission, `state` in force, ended or revoked; `why` is the incident that revoked it, `run` where it is."""

    name: str
    says: str
    state: str
    uses: tuple[StandingUsed, ...] = ()
    why: str = ""
    run: str = ""


def standing_told(
    permissions: Sequence[Standing], ledger: Ledger, service: str, now: datetime
) -> tuple[StandingTold, ...]:
    """Every permission of the policy, and those that are in it no more but did something."""
    return tuple(_told(permissions, ledger, service, now))


def _told(permissions: Sequence[Standing], ledger: Ledger, service: str, now: datetime) -> Iterator[StandingTold]:
    since = (now - timedelta(days=TOLD_DAYS)).date().isoformat()
    uses: dict[str, list[StandingUsed]] = {}
    for name, run, state, post, sent_on in ledger.standing_sent(service, since):
        uses.setdefault(name, []).append(StandingUsed(sent_on=sent_on, post=post, run=run, state=state))
    incidents = ledger.incidents(service)
    for one in permissions:
        run, _, why = incidents.get(one.name, ("", "", ""))
        state = "revoked" if run else "ended" if one.until < now.date() else "in force"
        done = tuple(uses.pop(one.name, ()))
        yield StandingTold(name=one.name, says=one.told(), state=state, uses=done, why=why, run=run)
    for name, others in uses.items():
        yield StandingTold(name=name, says=f"{name}: no longer in the policy", state="gone", uses=tuple(others))


def standing_line(told: StandingTold) -> str:
    """One permission in one line."""
    done = f"used {counted(len(told.uses), 'time')} in {TOLD_DAYS} days"
    why = f"; revoked in {told.run}: {told.why} (psa policy standing allow {told.name!r})" if told.run else ""
    return f"{told.says}; {done}{why}"
