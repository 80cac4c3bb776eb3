"""When a post goes out: at a time that is named, exists once, lies ahead, and is in the workspace's own zone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import MISSING

from agent.api.posts import PostFields
from agent.policy.occurrences import beside, clock
from agent.policy.rules.case import Case
from agent.policy.rules.outings import time_of, wall_of
from agent.policy.rules.rule import OUT_EFFECTS, AtLeast, AtMost, Found, Params, Plain, rule
from agent.policy.rules.wording import plain_goal, says_any


class TimeParams(Params):
    """Nothing to set but the verdict."""


class SlotParams(Params):
    """`asked` is the verdict where the goal asks for the next free slot; `words` the phrases that do."""

    asked: Plain
    words: dict[str, tuple[str, ...]]


@rule("time.schedule_named", SlotParams, effects=OUT_EFFECTS)
def check_schedule_named(case: Case, params: SlotParams) -> Iterable[Found]:
    """Without a time the service takes its next free slot: only where that was asked for."""
    fields = _scheduled(case)
    if fields is None or time_of(fields) is not None:
        return
    phrases = [phrase for some in params.words.values() for phrase in some]
    asked = case.facts.mode == "person" or says_any(plain_goal(case.facts.goal, case.facts.quoted), phrases)
    yield Found(
        "No time is named: the service would take its next free slot.",
        passes="a person approves the card" if asked else "name a time, or have the person ask for the next free slot",
        verdict=params.asked if asked else None,
    )


@rule("time.zone", TimeParams, effects=OUT_EFFECTS)
def check_zone(case: Case, _params: TimeParams) -> Iterable[Found]:
    """Times are sent in the workspace's zone, whatever zone the person named.

    Without a zone that is known nobody can tell quiet hours, blackout dates and posts of a day, also of publishing now.
    """
    fields = case.going_out
    workspace = case.facts.workspaces.get(fields.workspace_id) if fields else None
    if fields is None or workspace is None:
        return
    when = time_of(fields) if fields.schedule_type == "schedule" else None
    if case.zone is None:
        yield Found(
            f"The zone of workspace {workspace.id} is not known on this machine.",
            evidence=workspace.timezone,
            passes="correct the workspace's zone in PostSyncer",
        )
    elif when is not None and (when.timezone is MISSING or when.timezone != workspace.timezone):
        given = "no zone" if when.timezone is MISSING else when.timezone
        yield Found(
            f"The time is not given in the zone of workspace {workspace.id}.",
            evidence=f"{given}; the workspace's is {workspace.timezone}",
            passes=f"give the time in {workspace.timezone}",
        )


@rule("time.exists", TimeParams, effects=OUT_EFFECTS)
def check_exists(case: Case, _params: TimeParams) -> Iterable[Found]:
    """When clocks change, an hour is left out and another comes twice: such times are never sent."""
    fields = _scheduled(case)
    when = time_of(fields) if fields else None
    if fields is None or when is None:
        return
    zone = case.zone
    wall = wall_of(when)
    if wall is None:
        yield Found("There is no such date or time.", evidence=f"{when.date} {when.time}", passes="name a real one")
    elif zone is not None:
        asks = "choose" if case.facts.mode == "person" else "ask the person which is meant:"
        yield from _read_twice(wall, zone, asks)


def _read_twice(wall: datetime, zone: ZoneInfo, asks: str) -> Iterable[Found]:
    """A wall-clock time has one reading, or two that differ: in a gap neither shows it, in a fold both do.

    It is denied, not held: a card can only be approved as it stands, and this one could never be sent.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return
    gap = first > second
    choices = " or ".join(clock(moment, zone) for moment in sorted((first, second)))
    what = "does not exist" if gap else "comes twice"
    yield Found(
        f"{wall:%Y-%m-%d %H:%M} {what} in {zone.key}, where clocks change: meant may be {choices}.",
        evidence=choices,
        passes=f"{asks} {choices}" if gap else f"{asks} {_beside(wall, zone)}: within that hour none is sent",
    )


def _beside(wall: datetime, zone: ZoneInfo) -> str:
    """The last time before, and the first after an hour that comes twice."""
    before, after = beside(wall, zone)
    return f"{before:%H:%M} or {after:%H:%M}"


@rule("time.past", TimeParams, effects=OUT_EFFECTS)
def check_past(case: Case, _params: TimeParams) -> Iterable[Found]:
    """A time that is over."""
    due = _due(case)
    if due is not None and due <= case.facts.now:
        yield Found("The time lies in the past.", evidence=_against(due, case), passes="name a time ahead")


#: What is left of the lead once a person has decided: time to read the post again and to send.
SENDING = timedelta(minutes=2)


class LeadParams(Params):
    """`minutes` between deciding and going out."""

    minutes: AtLeast


@rule("time.lead", LeadParams, effects=OUT_EFFECTS)
def check_lead(case: Case, params: LeadParams) -> Iterable[Found]:
    """A card needs time to be decided; once it is, only what sending takes."""
    due, now = _due(case), case.facts.now
    lead = SENDING if case.facts.decided else timedelta(minutes=params.minutes)
    if due is not None and now < due < now + lead:
        zone = case.zone or UTC
        earliest = (now + lead + timedelta(seconds=59)).astimezone(zone)
        yield Found(
            f"The time is less than {lead // timedelta(minutes=1)} minutes ahead.",
            evidence=_against(due, case),
            passes=f"name {earliest:%Y-%m-%d %H:%M} or later, or publish now",
        )


class FarParams(Params):
    """`days` that a post may be planned ahead."""

    days: AtMost


@rule("time.far", FarParams, effects=OUT_EFFECTS)
def check_far(case: Case, params: FarParams) -> Iterable[Found]:
    """A far date is often a slip of the year."""
    due = _due(case)
    if due is not None and due > case.facts.now + timedelta(days=params.days):
        yield Found(
            f"The time is more than {params.days} days ahead.",
            evidence=_against(due, case),
            passes="a person approves the card, or an earlier time",
        )


def _scheduled(case: Case) -> PostFields | None:
    fields = case.going_out
    return fields if fields is not None and fields.schedule_type == "schedule" else None


def _due(case: Case) -> datetime | None:
    """The instant in UTC by the earlier reading; None where there is none."""
    fields = _scheduled(case)
    when = time_of(fields) if fields else None
    wall = wall_of(when) if when else None
    zone = case.zone
    if wall is None or zone is None:
        return None
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _against(due: datetime, case: Case) -> str:
    return f"due {due:%Y-%m-%d %H:%M} UTC, now {case.facts.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
