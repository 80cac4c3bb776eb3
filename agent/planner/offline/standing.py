"""Plans for posts that exist: promote, move, unschedule, delete and list them."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from agent.planner.offline.choosing import settle_when
from agent.planner.offline.conversation import Digest, Turn
from agent.planner.offline.dates import When, days_meant, exact_day, moments
from agent.planner.offline.finding import (
    MOST_TOLD,
    Days,
    Row,
    batches,
    choose_one,
    due_of,
    find_posts,
    home_of,
    homes_of,
    kind_of,
    line,
    meant_ids,
    meant_rows,
    moment_of,
    named_ids,
    read_posts,
    tell,
)
from agent.planner.offline.plan import Call, Plan, Story
from agent.planner.offline.promoting import Timing, promote, times_of
from agent.planner.offline.wishes import DeleteWish, ListWish, MoveWish, PromoteWish, Target, UnscheduleWish
from agent.planner.offline.words import CannotDo, listed


def promote_posts(wish: PromoteWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Schedule or publish posts that exist."""
    story = Story()
    posts = yield from meant_ids(wish.target, digest, made, single=True)
    homes = dict.fromkeys(posts, 0)
    times: dict[int, list[str]] = {}
    if wish.promotion == "schedule":
        when = yield from settle_when(wish.when)
        if not when.slot:
            homes = yield from homes_of(posts, digest)
            times = times_of(when, sorted(set(homes.values())), digest, len(posts))
    timing = Timing(wish.promotion, times)
    yield from promote([(key, homes[key], at) for at, key in enumerate(posts)], timing, digest, story)
    return story.ending()


def move_posts(wish: MoveWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Schedule posts for another time; what the goal does not name of day and hour stays as it is."""
    story = Story()
    rows = yield from _to_move(wish, digest, made)
    when = wish.when or (yield from settle_when(None))
    if any(due_of(row) is None for row in rows):
        when = yield from settle_when(when)
    times: dict[int, list[str]] = {}
    posts: list[tuple[int, int, int]] = []
    for row in rows:
        home = home_of(row, digest)
        here = times.setdefault(home, [])
        posts.append((row["id"], home, len(here)))
        if not when.slot:
            (moment,) = moments(_filled(when, row), digest.workspace(home).now)
            here.append(f"{moment:%Y-%m-%d %H:%M}")
    yield from promote(posts, Timing("schedule", times), digest, story)
    return story.ending()


def _to_move(wish: MoveWish, digest: Digest, made: Sequence[int]) -> Generator[Sequence[Call], Turn, Sequence[Row]]:
    target, of = wish.target, wish.of
    if of is not None:
        return ((yield from _due_on(target, of, digest)),)
    if target.ids or target.last:
        return tuple((yield from read_posts(named_ids(target, made), digest)).values())
    return (yield from meant_rows(target, digest, single=True))


def _due_on(target: Target, of: When, digest: Digest) -> Generator[Sequence[Call], Turn, Row]:
    """The post that is due then; of several one is asked for. Raises CannotDo where there is none."""
    found = yield from find_posts(target, digest, _days(of))
    rows = sorted((row for row in found.rows if _is_due(row, of, digest)), key=_when)
    if not rows:
        at = f" at {of.clock:%H:%M}" if of.clock else ""
        raise CannotDo(f"There is no {kind_of(target)} that is due {found.over_days}{at}.")
    return rows[0] if len(rows) == 1 else (yield from choose_one(rows))


def _is_due(row: Row, of: When, digest: Digest) -> bool:
    """Whether a post is due then: one that repeats is also found on days it was out."""
    due = due_of(row)
    if due is None:
        return False
    first, last = days_meant(of, digest.workspace(home_of(row, digest)).now)
    return first <= due.date() <= last and of.clock in {None, due.time()}


def _filled(when: When, row: Row) -> When:
    """A time with what it leaves open taken from when the post is due."""
    due = due_of(row)
    if due is None or when.delay is not None:
        return when
    return replace(when, day=when.day or exact_day(due.date()), clock=when.clock or due.time())


def unschedule_posts(wish: UnscheduleWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Take posts off the schedule."""
    story = Story()
    posts = yield from meant_ids(wish.target, digest, made, single=True)
    turn = yield [Call("unschedule_post", {"post": key}) for key in posts]
    for key, answer in zip(posts, turn.answers, strict=True):
        tell(answer, f"Taking {key} off the schedule", f"{key} is off the schedule and a draft again.", story)
    return story.ending()


def delete_posts(wish: DeleteWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Delete posts, in as few calls as can be."""
    story = Story()
    posts = yield from meant_ids(wish.target, digest, made, single=False, story=story)
    if not posts:
        return story.ending()
    portions = batches(posts)
    turn = yield [Call("delete_posts", {"posts": list(batch)}) for batch in portions]
    for batch, answer in zip(portions, turn.answers, strict=True):
        are = "is" if len(batch) == 1 else "are"
        tell(answer, f"Deleting {listed(batch)}", f"{listed(batch)} {are} deleted.", story)
    return story.ending()


def list_posts(wish: ListWish, digest: Digest) -> Plan:
    """Tell which posts there are, in the order of when they are due or went out."""
    story = Story()
    found = yield from find_posts(wish.target, digest, _days(wish.when) if wish.when else None)
    rows = sorted(found.rows, key=_when)
    days = f" ({found.days[0]} to {found.days[1]})" if found.days else ""
    told = f"{len(rows)} {kind_of(wish.target)}{'' if len(rows) == 1 else 's'} found{days}"
    lines = "; ".join(line(row) for row in rows[:MOST_TOLD])
    story.said.append(f"{told}: {lines}" if lines else f"{told}.")
    if len(rows) > MOST_TOLD or found.more:
        story.said.append("There are more.")
    return story.ending()


def _when(row: Row) -> tuple[datetime, int]:
    """What posts are told in the order of: when they are due or went out, then their numbers."""
    out = row.get("out")
    moment = due_of(row) or moment_of(out[-1] if isinstance(out, list) and out else None)
    return moment or datetime.min.replace(tzinfo=UTC), row["id"]


def _days(when: When) -> Days:
    return lambda now: days_meant(when, now)
