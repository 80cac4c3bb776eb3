"""A person takes a standing permission back, or gives it back: each is a run of their own in the journal."""

from agent.assembly import House
from agent.errors import Declined
from agent.gate.decisions import ROLES, Person
from agent.journal import records as r
from agent.yaml_files import nearest

#: How long a reason may be.
MOST_REASON = 200


def revoke(house: House, who: Person, name: str, reason: str = "") -> None:
    """From now on nothing goes out by it. Raises Declined where there is none, it is revoked, or they may not."""
    if ROLES[who.role] < ROLES["editor"]:
        raise Declined("Only an editor or owner revokes a standing permission.", hint="Ask one of them.")
    if len(reason) > MOST_REASON:
        raise Declined(f"That reason has {len(reason)} letters.", hint=f"Say it in {MOST_REASON}.")
    known = [one.name for one in house.packs.of("attended").standing]
    if name not in known:
        raise Declined(
            f"There is no standing permission {name!r}.{nearest(name, known)}",
            hint="`psa policy standing` lists them all with their state.",
        )
    if name in house.store.ledger.incidents(house.service):
        raise Declined(f"The standing permission {name!r} is revoked already.")
    _write(
        house, who, f"Revoke the standing permission {name}", r.StandingRevoked(name=name, who=who.name, reason=reason)
    )


def allow(house: House, who: Person, name: str) -> str:
    """Give it back; returns why it was revoked. Raises Declined where it is not revoked, or they are no owner."""
    if ROLES[who.role] < ROLES["owner"]:
        raise Declined("Only an owner gives a standing permission back.", hint="Ask an owner.")
    incidents = house.store.ledger.incidents(house.service)
    if name not in incidents:
        known = [one.name for one in house.packs.of("attended").standing]
        raise Declined(
            f"No standing permission {name!r} is revoked.{nearest(name, known)}",
            hint="`psa policy standing` lists them all with their state.",
        )
    _write(house, who, f"Allow the standing permission {name} again", r.StandingAllowed(name=name, who=who.name))
    return incidents[name][2]


def _write(house: House, who: Person, goal: str, record: r.StandingRevoked | r.StandingAllowed) -> None:
    run = house.open_run("person", who.name, channel="policy")
    run.add(r.Goal(number=1, text=goal, by=who.name), record, r.Closed(outcome="done"))
    run.flush()
