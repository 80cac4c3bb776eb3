"""Hours and days on which nothing goes out, and when a repeating post does: read on the workspace's wall clock."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from agent.api.endpoint import Effect
from agent.journal.findings import Verdict
from agent.policy.occurrences import Shift, clock, told
from agent.policy.rules.case import Case
from agent.policy.rules.rule import OUT_EFFECTS, AtMost, Example, Found, Params, Stricter, rule

_DAY = r"\d{4}-\d{2}-\d{2}"
_SPAN = re.compile(rf"({_DAY})(?:/({_DAY}))?: *(\S.*)")
#: Dates of a repeating post that one finding tells.
_TOLD = 12

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class QuietParams(Params):
    """From `start` to `end` (not included), as times of day; the same twice is no hour at all."""

    start: ClockTime
    end: ClockTime


@rule("time.quiet", QuietParams, effects=OUT_EFFECTS)
def check_quiet(case: Case, params: QuietParams) -> Iterable[Found]:
    """Posts in the night are mostly a slip of the hour; publishing now by a person's own decision is none."""
    zone = case.zone
    start, end = time.fromisoformat(params.start), time.fromisoformat(params.end)
    fields = case.going_out
    if zone is None or fields is None or (case.facts.decided and fields.schedule_type == "publish_now"):
        return
    quiet = [one for one in case.outings if _within(one.at.astimezone(zone).time(), start, end)]
    if quiet:
        more = f", and {len(quiet) - 1} times more" if len(quiet) > 1 else ""
        yield Found(
            f"It goes out in the quiet hours, {params.start} to {params.end}: {told(quiet[0].at, zone)}{more}.",
            evidence=zone.key,
            passes=f"a time from {params.end} to {params.start}, or a person approves the card",
        )


def _within(moment: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end


@dataclass(frozen=True)
class Span:
    """Days on which nothing goes out, the last included."""

    first: date
    last: date
    reason: str


@lru_cache(maxsize=512)
def span(text: str) -> Span:
    """Read from `2026-12-24: reason` or `2026-12-24/2026-12-26: reason`. Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError('write "2026-12-24: reason" or "2026-12-24/2026-12-26: reason"')
    first, last, reason = match.groups()
    found = Span(date.fromisoformat(first), date.fromisoformat(last or first), reason.strip())
    if found.last < found.first:
        raise ValueError("the last day lies before the first")
    return found


def _spans(dates: tuple[str, ...]) -> tuple[str, ...]:
    for text in dates:
        span(text)
    return dates


class BlackoutParams(Params):
    """`dates` with their reasons, added to by overlays; `crisis` stops everything that goes out, comments too."""

    dates: Annotated[tuple[str, ...], AfterValidator(_spans), Stricter("more"), Example("2026-12-24: closed")]
    crisis: Annotated[bool, Field(strict=True), Stricter("higher")]


@rule("time.blackout", BlackoutParams, effects=OUT_EFFECTS)
def check_blackout(case: Case, params: BlackoutParams) -> Iterable[Found]:
    """Days on which somebody decided to be silent."""
    if params.crisis and (case.going_out is not None or case.effect is Effect.OUTBOUND):
        yield Found(
            "The crisis switch is on: nothing goes out.",
            passes="a person turns it off in the policy (time.blackout, crisis)",
        )
    zone = case.zone
    if zone is None:
        return
    days = sorted({one.at.astimezone(zone).date() for one in case.outings})
    for text in params.dates:
        black = span(text)
        hit = [day for day in days if black.first <= day <= black.last]
        if hit:
            lasts = f"{black.first} to {black.last}" if black.last > black.first else f"{black.first}"
            yield Found(
                f"Nothing goes out on {hit[0]}, a blackout date of the policy ({lasts}).",
                evidence=black.reason,
                passes=f"a date before {black.first} or after {black.last}",
            )


class RepeatParams(Params):
    """At most so many `times`, the last at most so many `days` after the first."""

    times: AtMost
    days: AtMost


@rule("repeat.many", RepeatParams, effects=OUT_EFFECTS)
def check_repeat(case: Case, params: RepeatParams) -> Iterable[Found]:
    """A repeating post goes out again without a further look."""
    fields = case.going_out
    if fields is None or fields.repeatable is not True or not isinstance(fields.repeatable_times, int):
        return
    if fields.repeatable_times > params.times:
        yield Found(
            f"It repeats {fields.repeatable_times} times, more than {params.times}.",
            passes=f"repeat it at most {params.times} times, or a person approves the card",
        )
    zone = case.zone
    days = [one.at.astimezone(zone).date() for one in case.outings] if zone is not None else []
    lasts = (days[-1] - days[0]).days if days else 0
    if lasts > params.days:
        yield Found(
            f"It repeats over {lasts} days, more than {params.days}.",
            passes=f"an end within {params.days} days, or a person approves the card",
        )


class DatesParams(Params):
    """Nothing to set but the verdict, which is for times that clocks leave out or show twice."""


@rule("repeat.dates", DatesParams, effects=OUT_EFFECTS)
def check_dates(case: Case, _params: DatesParams) -> Iterable[Found]:
    """Every date of a repeating post is told; those in an hour that does not exist, or comes twice, are held."""
    zone = case.zone
    dates = case.outings
    if zone is None or len(dates) < 2:
        return
    shown = "; ".join(told(one.at, zone) for one in dates[:_TOLD])
    more = f"; and {len(dates) - _TOLD} more, the last {told(dates[-1].at, zone)}" if len(dates) > _TOLD else ""
    yield Found(
        f"It goes out {len(dates) - 1} or {len(dates)} times (whether the first one counts is not documented):"
        f" {shown}{more}.",
        evidence=zone.key,
        verdict=Verdict.ALLOW,
    )
    for one in dates[1:]:
        if one.shift:
            yield _shifted(one.at, one.shift, zone)


def _shifted(at: datetime, shift: Shift, zone: ZoneInfo) -> Found:
    later = at + timedelta(hours=1)
    what = "does not exist" if shift == "gap" else "comes twice"
    day = at.astimezone(zone).date()
    return Found(
        f"On {day} the clocks change in {zone.key}, and its time of day {what}: nobody knows whether it goes out at"
        f" {clock(at, zone)} or {clock(later, zone)}.",
        passes="repeat it at a time of day outside that hour, or a person approves the card",
    )
