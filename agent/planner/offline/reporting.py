"""The plan of a goal about numbers: which posts, refresh what is stale once, then tell totals and the best post."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent.planner.offline.conversation import Digest, Turn
from agent.planner.offline.finding import (
    MOST_POSTS,
    MOST_TOLD,
    Row,
    batches,
    find_posts,
    meant_rows,
    moment_of,
    named_ids,
)
from agent.planner.offline.past import LATELY, days_of
from agent.planner.offline.plan import Call, Plan, Story
from agent.planner.offline.texts import excerpt
from agent.planner.offline.wishes import ReportWish
from agent.planner.offline.words import listed

#: What is told of every post, and what people do with one: by the sum of these the best one is found.
_TOLD = ("impressions", "likes", "comments", "shares", "saves")
_REACTIONS = ("likes", "comments", "shares", "quotes", "saves")
#: What was asked for so lately is not asked for again, though numbers may be missing still.
_JUST_NOW = timedelta(hours=1)

Numbers = dict[int, Row]


@dataclass(frozen=True)
class Chosen:
    """The posts of a report: by their ids the rows that were found, without any for ids that the goal names."""

    posts: Mapping[int, Row]
    when: str = ""


def report_numbers(wish: ReportWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Tell how posts did, with numbers that are not older than they have to be."""
    story = Story()
    chosen = yield from _choose(wish, digest, made, story)
    if not chosen.posts:
        return story.ending()
    numbers = yield from _read(tuple(chosen.posts), story)
    old = [post for post, row in numbers.items() if _to_refresh(row, digest)]
    if old:
        fresh = yield from _refresh(old, story)
        numbers |= (yield from _read(fresh, story)) if fresh else {}
    _tell(chosen, numbers, story)
    return story.ending()


def _choose(
    wish: ReportWish, digest: Digest, made: Sequence[int], story: Story
) -> Generator[Sequence[Call], Turn, Chosen]:
    target = wish.target
    if target.ids or target.last:
        return Chosen({key: {} for key in named_ids(target, made)})
    if target.contains:
        rows = yield from meant_rows(target, digest, single=False, story=story)
        return Chosen({row["id"]: row for row in rows})
    period = wish.period or LATELY
    found = yield from find_posts(target, digest, lambda now: days_of(period, now), MOST_POSTS)
    if not found.rows:
        story.said.append(f"Nothing was published {found.over_days}.")
    if found.more:
        story.refused.append(f"More was published than the {len(found.rows)} posts told of here.")
    return Chosen({row["id"]: row for row in found.rows}, found.over_days)


def _read(posts: Sequence[int], story: Story) -> Generator[Sequence[Call], Turn, Numbers]:
    """The numbers of posts, in one call for as many as it takes."""
    portions = batches(posts)
    turn = yield [Call("get_numbers", {"posts": list(batch)}) for batch in portions]
    for batch, answer in zip(portions, turn.answers, strict=True):
        missing = [post for post in batch if post not in answer.keyed]
        story.problem(f"The numbers of {listed(missing)} could not be read", answer)
    return {post: row for answer in turn.answers for post, row in answer.keyed.items()}


def _refresh(posts: Sequence[int], story: Story) -> Generator[Sequence[Call], Turn, tuple[int, ...]]:
    """Have the numbers of posts refreshed, once; gives those whose numbers are on their way."""
    turn = yield [Call("sync_numbers", {"posts": list(batch)}) for batch in batches(posts)]
    for answer in turn.answers:
        story.problem("Numbers could not be refreshed", answer)
    rows = {post: row for answer in turn.answers for post, row in answer.keyed.items()}
    skipped = sorted(post for post, row in rows.items() if row.get("skipped"))
    if skipped:
        story.refused.append(f"PostSyncer does not refresh the numbers of {listed(skipped)} now.")
    return tuple(post for post, row in rows.items() if row.get("jobs"))


def _to_refresh(row: Row, digest: Digest) -> bool:
    """Whether numbers are stale and were not asked for just now: a second time nothing would come of it."""
    asked = moment_of(row.get("refreshed"))
    return bool(row.get("stale")) and (asked is None or asked < _began(digest) - _JUST_NOW)


def _began(digest: Digest) -> datetime:
    """When the conversation began."""
    return min(workspace.now for workspace in digest.workspaces)


def _tell(chosen: Chosen, numbers: Numbers, story: Story) -> None:
    """Totals, the best post, each post; and of which there are no numbers."""
    out = {post: row for post, row in numbers.items() if _is_out(row)}
    known = {post: row for post, row in out.items() if _has_numbers(row)}
    if chosen.when:
        posts = f"{len(chosen.posts)} post{'' if len(chosen.posts) == 1 else 's'}"
        story.said.append(f"{posts} went out {chosen.when}.")
    if len(known) > 1:
        story.said.append(f"Together: {_figures(_sum(_total(row) for row in known.values()))}.")
        best = max(known, key=lambda post: (_reactions(known[post]), _total(known[post]).get("impressions", 0)))
        if _reactions(known[best]):
            story.said.append(f"{_named(best, chosen)} did best, with {_reactions(known[best]):,} reactions.")
    ranked = sorted(known, key=lambda post: (-_reactions(known[post]), post))
    story.said += [f"{_named(post, chosen)}: {_figures(_total(known[post]))}." for post in ranked[:MOST_TOLD]]
    if len(ranked) > MOST_TOLD:
        story.said.append(f"{len(ranked) - MOST_TOLD} more are not told one by one.")
    without = [post for post in out if post not in known]
    if without:
        story.said.append(f"There are no numbers yet of {listed(without)}.")
    inside = [post for post in numbers if post not in out]
    if inside:
        story.refused.append(f"{listed(inside)} {'is' if len(inside) == 1 else 'are'} not out: there are no numbers.")
    partly = [post for post, row in chosen.posts.items() if row.get("status") == "partially failed"]
    if partly:
        story.said.append(f"{listed(partly)} failed on some of the networks.")


def _accounts(row: Row) -> list[Mapping[str, Any]]:
    found = row.get("accounts")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _is_out(row: Row) -> bool:
    """Whether a post is out anywhere; an account that shows no other state may be where."""
    accounts = _accounts(row)
    return not accounts or any("status" not in one for one in accounts)


def _has_numbers(row: Row) -> bool:
    accounts = _accounts(row)
    return not accounts or any(name in one for one in accounts for name in (*_TOLD, *_REACTIONS))


def _total(row: Row) -> Mapping[str, Any]:
    found = row.get("total")
    return found if isinstance(found, Mapping) else {}


def _sum(totals: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    every = list(totals)
    return {name: sum(total.get(name, 0) for total in every) for name in _TOLD}


def _reactions(row: Row) -> int:
    return sum(int(_total(row).get(name, 0)) for name in _REACTIONS)


def _figures(total: Mapping[str, Any]) -> str:
    counts = {name: int(total.get(name, 0)) for name in _TOLD}
    return listed([f"{count:,} {name.removesuffix('s') if count == 1 else name}" for name, count in counts.items()])


def _named(post: int, chosen: Chosen) -> str:
    """A post by its number and the beginning of its text."""
    text = excerpt(str(chosen.posts.get(post, {}).get("text", "")), 40)
    return f"{post} (“{text}”)" if text else f"Post {post}"
