"""How often an account posts, counted over all posts of the service and not only ours."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.api.posts import UpdatePost
from agent.api.types import Account
from agent.policy.mirror import Dated
from agent.policy.occurrences import read_wall
from agent.policy.rules.case import Case, Target
from agent.policy.rules.outings import Outing, repeats_on
from agent.policy.rules.rule import OUT_EFFECTS, AtLeast, AtMost, Found, Params, rule

#: How many days ahead a free one is looked for.
_AHEAD = 60
_NEVER = "a person approves the card"


class DayParams(Params):
    """The most posts of one account in a day, by network."""

    twitter: AtMost
    linkedin: AtMost
    instagram: AtMost
    facebook: AtMost
    tiktok: AtMost
    youtube: AtMost
    others: AtMost

    def most(self, network: str) -> int:
        """For a network."""
        own = getattr(self, network, None)
        return own if isinstance(own, int) else self.others


@rule("cadence.day", DayParams, effects=OUT_EFFECTS)
def check_day(case: Case, params: DayParams) -> Iterable[Found]:
    """Posts per account in the account's own day."""
    zone = case.zone
    if zone is None:
        return
    for target in case.targets:
        own = case.limits(target).posts_per_day
        most = min(params.most(target.network), own.value if own is not None else _MANY)
        mine = Counter(one.at.astimezone(zone).date() for one in _of(case, target))
        for day in sorted(mine):
            count = len(_on_day(case, target.account, day, zone)) + mine[day]
            if count > most:
                posts = f"{count} post{'' if count == 1 else 's'}"
                yield Found(
                    f"Account {target.account.id} would have {posts} on {day}, more than {most}.",
                    evidence=_ids(_on_day(case, target.account, day, zone)),
                    passes=_free_day(case, target.account, day, zone, most - mine[day]),
                )
                break


_MANY = 1 << 30


def _on_day(case: Case, account: Account, day: date, zone: ZoneInfo) -> Sequence[Dated]:
    since = datetime.combine(day, time(), zone).astimezone(UTC)
    until = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    return _others(case, account, since, until)


def _free_day(case: Case, account: Account, day: date, zone: ZoneInfo, room: int) -> str:
    """The next day with room for it."""
    for ahead in range(1, _AHEAD + 1 if room >= 0 else 0):
        other = day + timedelta(days=ahead)
        if len(_on_day(case, account, other, zone)) <= room:
            return f"another day, such as {other}, or {_NEVER}"
    return _NEVER


class GapParams(Params):
    """At least so many `minutes` between two posts of one account."""

    minutes: AtLeast


@rule("cadence.gap", GapParams, effects=OUT_EFFECTS)
def check_gap(case: Case, params: GapParams) -> Iterable[Found]:
    """Posts right after each other take each other's readers."""
    zone = case.zone
    gap = timedelta(minutes=params.minutes)
    if zone is None or not gap:
        return
    for target in case.targets:
        mine = [one.at for one in _of(case, target)]
        near = next(_too_near(case, target.account, mine, gap), None)
        if near is not None:
            at, other = near
            minutes = int(abs((at - other.at).total_seconds()) // 60)
            what = f"post {other.post}" if other.post else "itself"
            yield Found(
                f"Account {target.account.id} has {what} within {params.minutes} minutes ({minutes} apart).",
                evidence=f"{at.astimezone(zone):%Y-%m-%d %H:%M} and {other.at.astimezone(zone):%Y-%m-%d %H:%M}",
                passes=f"{_free_time(case, target.account, at, gap, zone)} or later, or {_NEVER}"
                if other.post
                else f"longer between the repeats, or {_NEVER}",
            )


def _too_near(
    case: Case, account: Account, mine: Sequence[datetime], gap: timedelta
) -> Iterator[tuple[datetime, Dated]]:
    short = timedelta(microseconds=1)
    for place, at in enumerate(mine):
        for other in sorted(_others(case, account, at - gap + short, at + gap - short), key=lambda one: one.at):
            yield at, other
        if place and at - mine[place - 1] < gap:
            yield at, Dated(mine[place - 1], 0)


def _free_time(case: Case, account: Account, wanted: datetime, gap: timedelta, zone: ZoneInfo) -> str:
    """The first time from the wanted one on that keeps the gap, and that clocks show once."""
    taken = sorted(one.at for one in _others(case, account, wanted - gap, wanted + timedelta(days=_AHEAD)))
    at = _whole_minute(wanted)
    place = bisect_left(taken, at - gap + timedelta(microseconds=1))
    for other in taken[place:]:
        if other - at >= gap:
            break
        at = _whole_minute(other + gap)
    while read_wall(at.astimezone(zone).replace(tzinfo=None, fold=0), zone).shift:
        at += timedelta(minutes=1)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _whole_minute(at: datetime) -> datetime:
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


def _of(case: Case, target: Target) -> list[Outing]:
    """When this call goes out on an account."""
    again = repeats_on(case.fields) if case.fields else None
    return [one for one in case.outings if not one.again or again is None or target.account.id in again]


def _others(case: Case, account: Account, since: datetime, until: datetime) -> Sequence[Dated]:
    """What else goes out on an account, once each: a post that a card would move counts at both times."""
    own = case.call.id if isinstance(case.call, UpdatePost) else 0
    return sorted({one for one in case.facts.mirror.times(account, since, until) if one.post != own}, key=_by_time)


def _by_time(one: Dated) -> tuple[datetime, int]:
    return one.at, one.post


def _ids(found: Sequence[Dated]) -> str:
    return f"there already: {', '.join(f'post {one.post}' for one in found)}" if found else ""
