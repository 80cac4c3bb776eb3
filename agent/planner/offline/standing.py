"""Plans for posts that exist: promote, move, unschedule, delete, label and list them."""

from collections.abc import Generator, Sequence
from typing import Any

from agent.planner.offline.answers import Answer
from agent.planner.offline.choosing import MOST_ROWS, fetch_labels, settle_when
from agent.planner.offline.conversation import Digest, Turn
from agent.planner.offline.dates import days_meant
from agent.planner.offline.plan import Call, Plan, Story, ask, one
from agent.planner.offline.posting import Timing, promote, times_of
from agent.planner.offline.texts import excerpt
from agent.planner.offline.wishes import DeleteWish, LabelWish, ListWish, PromoteWish, Target, UnscheduleWish
from agent.planner.offline.words import CannotDo, listed

#: Posts that one call may take.
_MOST_POSTS = 25
_MOST_TOLD = 10

Ids = Generator[Sequence[Call], Turn, tuple[int, ...]]


def promote_posts(wish: PromoteWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Schedule, move or publish posts that exist."""
    story = Story()
    posts = yield from _meant(wish.target, made, single=True)
    homes = dict.fromkeys(posts, 0)
    times: dict[int, list[str]] = {}
    if wish.promotion == "schedule":
        when = yield from settle_when(wish.when)
        if not when.slot:
            homes = yield from _homes(posts, digest)
            times = times_of(when, sorted(set(homes.values())), digest, len(posts))
    timing = Timing(wish.promotion, times)
    yield from promote([(key, homes[key], at) for at, key in enumerate(posts)], timing, digest, story)
    return story.ending()


def unschedule_posts(wish: UnscheduleWish, made: Sequence[int]) -> Plan:
    """Take posts off the schedule."""
    story = Story()
    posts = yield from _meant(wish.target, made, single=True)
    turn = yield [Call("unschedule_post", {"post": key}) for key in posts]
    for key, answer in zip(posts, turn.answers, strict=True):
        _tell(answer, f"Taking {key} off the schedule", f"{key} is off the schedule and a draft again.", story)
    return story.ending()


def delete_posts(wish: DeleteWish, made: Sequence[int]) -> Plan:
    """Delete posts, in as few calls as can be."""
    story = Story()
    posts = yield from _meant(wish.target, made, single=False, story=story)
    if not posts:
        return story.ending()
    batches = [posts[at : at + _MOST_POSTS] for at in range(0, len(posts), _MOST_POSTS)]
    turn = yield [Call("delete_posts", {"posts": list(batch)}) for batch in batches]
    for batch, answer in zip(batches, turn.answers, strict=True):
        _tell(answer, f"Deleting {listed(batch)}", f"{listed(batch)} {_is(batch)} deleted.", story)
    return story.ending()


def label_posts(wish: LabelWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Put labels on posts or take them off, workspace by workspace: labels belong to one."""
    story = Story()
    posts = yield from _meant(wish.target, made, single=False, story=story)
    homes = yield from _homes(posts, digest)
    for workspace in dict.fromkeys(homes.values()):
        labels = yield from fetch_labels(wish.labels, workspace, story)
        here = [key for key in posts if homes[key] == workspace]
        batches = [here[at : at + _MOST_POSTS] for at in range(0, len(here), _MOST_POSTS)] if labels else []
        for batch in batches:
            how = "remove" if wish.remove else "add"
            answer = yield from one(Call("label_posts", {"posts": batch, how: list(labels)}))
            doing = "Taking labels off" if wish.remove else "Labelling"
            _tell(answer, f"{doing} {listed(batch)}", f"{doing} {listed(batch)} is done.", story)
    return story.ending()


def list_posts(wish: ListWish, digest: Digest) -> Plan:
    """Tell which posts there are."""
    story = Story()
    search = _search(wish.target)
    if wish.when:
        meant = wish.target.workspaces or tuple(workspace.id for workspace in digest.workspaces)
        if not meant:
            raise CannotDo("No workspace is known.")
        first, last = days_meant(wish.when, digest.workspace(meant[0]).now)
        search |= {"due_from": f"{first}", "due_to": f"{last}"}
    answer = yield from one(Call("find_posts", search))
    story.problem("The posts could not be listed", answer)
    rows = sorted(_fitting(answer, wish.target), key=lambda row: (str(row.get("due", "")), row["id"]))
    days = f" ({search['due_from']} to {search['due_to']})" if wish.when else ""
    if not answer.problems:
        kind = f"{wish.target.status} post".strip()
        lines = "; ".join(_line(row) for row in rows[:_MOST_TOLD])
        found = f"{len(rows)} {kind}{'' if len(rows) == 1 else 's'} found{days}"
        story.said.append(f"{found}: {lines}" if lines else f"{found}.")
    if len(rows) > _MOST_TOLD or answer.more:
        story.said.append("There are more.")
    return story.ending()


def _line(row: dict[str, Any]) -> str:
    out = row.get("out")
    when = row.get("due") or (out[-1] if isinstance(out, list) and out else "")
    return f"{row['id']}{f', {when}' if when else ''}: {excerpt(str(row.get('text', '')))}"


def _is(posts: Sequence[int]) -> str:
    return "is" if len(posts) == 1 else "are"


def _tell(answer: Answer, doing: str, done: str, story: Story) -> None:
    if answer.cards:
        story.said.append(f"{doing} waits as {listed(answer.cards)}.")
    elif not answer.problems:
        story.said.append(done)
    story.problem(f"{doing} was not possible", answer)


def _search(target: Target) -> dict[str, Any]:
    search: dict[str, Any] = {"limit": MOST_ROWS}
    if target.status:
        search["status"] = target.status
    if target.contains:
        search["contains"] = target.contains
    if len(target.workspaces) == 1:
        search["workspace_id"] = target.workspaces[0]
    return search


def _fitting(answer: Answer, target: Target) -> list[dict[str, Any]]:
    """Rows of a search in the workspaces that are meant."""
    rows = [dict(row) | {"id": key} for key, row in answer.keyed.items()]
    return [row for row in rows if not target.workspaces or row.get("workspace") in {None, *target.workspaces}]


def _meant(target: Target, made: Sequence[int], *, single: bool, story: Story | None = None) -> Ids:
    """Ids of the posts that are meant. `single`: of several that are found, one is asked for. Raises CannotDo."""
    if target.ids:
        return target.ids
    if target.last:
        if not made:
            raise CannotDo("Which post is meant is not clear: no draft was made before in this conversation.")
        return tuple(made)
    answer = yield from one(Call("find_posts", _search(target)))
    if answer.problems:
        raise CannotDo(f"The posts could not be searched: {' '.join(answer.problems)}")
    rows = _fitting(answer, target)
    kind = f"{target.status} post".strip()
    if not rows:
        if story is None:
            raise CannotDo(f'There is no {kind} that contains "{target.contains}".')
        story.said.append(f'There is no {kind} that contains "{target.contains}"; nothing was to be done.')
    if story is not None and answer.more:
        story.refused.append(f"There are more such posts than the {len(rows)} dealt with here.")
    if single and len(rows) > 1:
        listing = "; ".join(_line(row) for row in rows[:_MOST_TOLD])
        reply = yield from ask(f"Which of these posts? {listing}. Answer with its number.")
        rows = [row for row in rows if str(row["id"]) in reply.replace("#", " ").strip(" .!").split()]
        if not rows:
            raise CannotDo(f'"{reply}" names none of the posts asked about.')
    return tuple(sorted(row["id"] for row in rows))


def _homes(posts: Sequence[int], digest: Digest) -> Generator[Sequence[Call], Turn, dict[int, int]]:
    """The workspace of each post, read where there are several. Raises CannotDo where it cannot be told."""
    if len(digest.workspaces) == 1:
        return dict.fromkeys(posts, digest.workspaces[0].id)
    if not posts:
        return {}
    turn = yield [Call("get_post", {"post": key}) for key in posts]
    homes: dict[int, int] = {}
    known = {workspace.id for workspace in digest.workspaces}
    for key, answer in zip(posts, turn.answers, strict=True):
        home = answer.rows[0].get("workspace") if answer.rows else None
        if home not in known:
            raise CannotDo(
                f"Post {key} could not be read: {' '.join(answer.problems) or 'its workspace is not known.'}"
            )
        homes[key] = int(str(home))
    return homes
