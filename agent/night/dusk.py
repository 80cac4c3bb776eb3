"""The dusk check: what has to hold before the first job is begun, and what people should know."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent.assembly import House
from agent.checks import Check, check_home, check_model, check_service
from agent.night.due import ClockChange, clock_changes
from agent.night.plan import Plan

#: Clock changes within this time are told: tonight's and the coming day's.
AHEAD = timedelta(hours=36)


async def dusk_check(house: House, model: Any, plan: Plan) -> list[Check]:
    """Token and abilities, expired accounts of the jobs' workspaces, limits left, disk, model, clock changes ahead."""
    workspaces = {one.workspace for one in plan.planned}
    found = [check async for check in check_service(house, person=False, workspaces=workspaces)]
    found += check_home(house)
    found += await check_model(model)
    changes = clock_changes(plan.zones, house.clock.now(), AHEAD)
    return found + [_told(change, plan) for change in changes]


def wrong(checks: Sequence[Check]) -> str:
    """Why nothing can be begun; empty where it can."""
    return " ".join(f"{check.what}. {check.do}".strip() for check in checks if check.state == "wrong")


def _told(change: ClockChange, plan: Plan) -> Check:
    zone = ZoneInfo(change.zone)
    way = "forward" if change.after > change.before else "back"
    names = [one.job.name for one in plan.planned if one.zone.key == change.zone and change.hits(one.job)]
    hit = f"; {', '.join(names)} fall into that hour and are done once" if names else ""
    return Check("note", f"{change.zone}: clocks go {way} on {change.at.astimezone(zone):%Y-%m-%d %H:%M %Z}{hit}")
