"""Times as people are told them: in the workspace's zone, the zone always named."""

from collections.abc import Iterable
from datetime import datetime

from agent.api.catalogue import parse
from agent.clock import moment, zone_named
from agent.gate.versions import workspace_of
from agent.journal.fold import RunState
from agent.journal.views import CardView
from agent.policy.facts import Facts


def between(first: datetime, last: datetime, zone: str) -> str:
    """`09:00:00 and 09:00:05 Europe/Berlin`; with the days where they are two."""
    there = zone_named(zone)
    start, end = first.astimezone(there), last.astimezone(there)
    if start.date() != end.date():
        return f"{moment(first, zone)} and {moment(last, zone)}"
    return f"{start:%H:%M:%S} and {end:%H:%M:%S} {there.key}"


def card_zone(view: CardView, facts: Facts, otherwise: str) -> str:
    """The zone of a card: that of its due time, else of its workspace."""
    part = view.parts[0]
    if part.instant:
        return part.instant.partition(" ")[2]
    return zone_of(workspace_of(parse(view.card.operation, part.arguments), facts), facts) or otherwise


def zone_of(workspace: int, facts: Facts) -> str:
    """A workspace's zone; empty where it was not read."""
    found = facts.workspaces.get(workspace)
    return zone_named(found.timezone).key if found else ""


def run_zone(state: RunState, facts: Facts) -> str:
    """The one zone a run was about: of what it wrote and proposed, else of its scope; UTC where there are several."""
    calls = [(view.intent.operation, view.intent.arguments) for view in state.effects.values()]
    calls += [(view.card.operation, part.arguments) for view in state.cards.values() for part in view.parts]
    touched = {workspace_of(parse(*call), facts) for call in calls}
    touched |= {facts.posts[post].home or 0 for post in state.known.numbers.posts if post in facts.posts}
    scope = state.prompted.scope if state.prompted else ()
    return _only(touched, facts) or _only(scope or facts.workspaces, facts) or "UTC"


def _only(workspaces: Iterable[int], facts: Facts) -> str:
    zones = {zone_of(workspace, facts) for workspace in workspaces} - {""}
    return zones.pop() if len(zones) == 1 else ""
