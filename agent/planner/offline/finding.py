"""Posts that exist: searching for those a goal means, asking which of several, and where each lies."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import Any

from agent.planner.offline.answers import Answer
from agent.planner.offline.choosing import MOST_ROWS
from agent.planner.offline.conversation import Digest, Turn, Workspace, zone_named
from agent.planner.offline.plan import Call, Story, ask
from agent.planner.offline.texts import excerpt
from agent.planner.offline.wishes import Target
from agent.planner.offline.words import CannotDo, listed

#: Posts that one call may take, and posts that one sentence tells of.
MOST_POSTS = 25
MOST_TOLD = 10

Row = Mapping[str, Any]
Span = tuple[date, date]
#: First and last day of what is meant, on the clock of a workspace.
Days = Callable[[datetime], Span]

_SHOWN = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}) (\S+)")


@dataclass(frozen=True)
class Found:
    """What a search found: rows, each with its `id`; whether there are more; the days that were looked at."""

    rows: tuple[Row, ...]
    more: bool = False
    days: Span | None = None

    @property
    def over_days(self) -> str:
        """The days in words: `on 2026-11-23`, or `from … to …`."""
        if self.days is None:
            return "at any time"
        first, last = self.days
        return f"on {first}" if first == last else f"from {first} to {last}"


def find_posts(
    target: Target, digest: Digest, days: Days | None = None, most: int = MOST_ROWS
) -> Generator[Sequence[Call], Turn, Found]:
    """Search for the posts meant, at most so many in each search, in one turn. Raises CannotDo where that fails.

    Where workspaces stand on different days of their calendars, each is searched by itself.
    """
    spans = _spans(target, digest, days)
    searches = [
        {"limit": most} | _search(target, status, keys, span)
        for status, (keys, span) in product(target.statuses or ("",), spans)
    ]
    turn = yield [Call("find_posts", search) for search in searches]
    problems = [problem for answer in turn.answers for problem in answer.problems]
    if problems:
        raise CannotDo(f"The posts could not be searched: {' '.join(dict.fromkeys(problems))}")
    rows = {key: row for answer in turn.answers for key, row in _fitting(answer, target).items()}
    known = [span for _, span in spans if span]
    days_seen = (min(first for first, _ in known), max(last for _, last in known)) if known else None
    return Found(tuple(rows.values()), any(answer.more for answer in turn.answers), days_seen)


def _spans(target: Target, digest: Digest, days: Days | None) -> list[tuple[tuple[int, ...], Span | None]]:
    """The workspaces of each search with its days."""
    if days is None:
        return [(target.workspaces, None)]
    meant = in_scope(target.workspaces, digest)
    spans = {workspace.id: days(workspace.now) for workspace in meant}
    if len(set(spans.values())) == 1:
        return [(target.workspaces, spans[meant[0].id])]
    return [((key,), span) for key, span in spans.items()]


def in_scope(named: Sequence[int], digest: Digest) -> tuple[Workspace, ...]:
    """The workspaces that are named, else all. Raises CannotDo where there are none."""
    meant = tuple(workspace for workspace in digest.workspaces if not named or workspace.id in named)
    if not meant:
        raise CannotDo("No workspace is known.")
    return meant


def _search(target: Target, status: str, workspaces: Sequence[int], span: Span | None) -> dict[str, Any]:
    search: dict[str, Any] = {}
    if status:
        search["status"] = status
    if target.contains:
        search["contains"] = target.contains
    if len(workspaces) == 1:
        search["workspace_id"] = workspaces[0]
    if span:
        search |= {"due_from": f"{span[0]}", "due_to": f"{span[1]}"}
    return search


def _fitting(answer: Answer, target: Target) -> dict[int, Row]:
    """Rows of a search in the workspaces that are meant, by their ids."""
    return {
        key: dict(row) | {"id": key}
        for key, row in answer.keyed.items()
        if not target.workspaces or row.get("workspace") in {None, *target.workspaces}
    }


def kind_of(target: Target) -> str:
    """What is searched for: `draft post`, `draft or scheduled post`, `post`."""
    return f"{' or '.join(target.statuses)} post".strip()


def meant_rows(
    target: Target, digest: Digest, *, single: bool, story: Story | None = None
) -> Generator[Sequence[Call], Turn, tuple[Row, ...]]:
    """The posts that a search by words finds. `single`: of several one is asked for.

    Where nothing is found the story tells it; without a story that raises CannotDo.
    """
    found = yield from find_posts(target, digest)
    if not found.rows:
        nothing = f'There is no {kind_of(target)} that contains "{target.contains}"'
        if story is None:
            raise CannotDo(f"{nothing}.")
        story.said.append(f"{nothing}; nothing was to be done.")
    if story is not None and found.more:
        story.refused.append(f"There are more such posts than the {len(found.rows)} dealt with here.")
    if single and len(found.rows) > 1:
        return ((yield from choose_one(found.rows)),)
    return found.rows


def meant_ids(
    target: Target, digest: Digest, made: Sequence[int], *, single: bool, story: Story | None = None
) -> Generator[Sequence[Call], Turn, tuple[int, ...]]:
    """Ids of the posts that are meant: those named, those made before, or those found. Raises CannotDo."""
    if target.ids or target.last:
        return named_ids(target, made)
    rows = yield from meant_rows(target, digest, single=single, story=story)
    return tuple(sorted(row["id"] for row in rows))


def named_ids(target: Target, made: Sequence[int]) -> tuple[int, ...]:
    """Ids that the goal names, or those of the drafts made before. Raises CannotDo."""
    if target.last and not made:
        raise CannotDo("Which post is meant is not clear: no draft was made before in this conversation.")
    return tuple(made) if target.last else target.ids


def choose_one(rows: Sequence[Row]) -> Generator[Sequence[Call], Turn, Row]:
    """The one post that the person means. Raises CannotDo where the answer names none."""
    listing = "; ".join(line(row) for row in rows[:MOST_TOLD])
    reply = yield from ask(f"Which of these posts? {listing}. Answer with its number.")
    words = reply.replace("#", " ").strip(" .!").split()
    for row in rows:
        if str(row["id"]) in words:
            return row
    raise CannotDo(f'"{reply}" names none of the posts asked about.')


def read_posts(posts: Sequence[int], digest: Digest) -> Generator[Sequence[Call], Turn, dict[int, Row]]:
    """Posts by their ids, read side by side. Raises CannotDo where one cannot be read or its workspace is not known."""
    if not posts:
        return {}
    turn = yield [Call("get_post", {"post": key}) for key in posts]
    known = {workspace.id for workspace in digest.workspaces}
    rows: dict[int, Row] = {}
    for key, answer in zip(posts, turn.answers, strict=True):
        row = answer.rows[0] if answer.rows else {}
        if row.get("workspace") not in known:
            why = " ".join(answer.problems) or "its workspace is not known."
            raise CannotDo(f"Post {key} could not be read: {why}")
        rows[key] = dict(row) | {"id": key}
    return rows


def homes_of(posts: Sequence[int], digest: Digest) -> Generator[Sequence[Call], Turn, dict[int, int]]:
    """The workspace of each post, read where there are several. Raises CannotDo where it cannot be told."""
    if len(digest.workspaces) == 1:
        return dict.fromkeys(posts, digest.workspaces[0].id)
    rows = yield from read_posts(posts, digest)
    return {key: int(row["workspace"]) for key, row in rows.items()}


def home_of(row: Row, digest: Digest) -> int:
    """The workspace of a post that was found. Raises CannotDo where it is not told."""
    home = row.get("workspace") or (digest.workspaces[0].id if len(digest.workspaces) == 1 else None)
    if home not in {workspace.id for workspace in digest.workspaces}:
        raise CannotDo(f"The workspace of post {row['id']} is not known.")
    return int(str(home))


def due_of(row: Row) -> datetime | None:
    """When a post is due, on the clock of its workspace; None where that is not shown."""
    return moment_of(row.get("due"))


def moment_of(shown: object) -> datetime | None:
    """A time as tools show it, such as `2026-12-01 09:00 Europe/Berlin`; None for anything else."""
    match = _SHOWN.fullmatch(str(shown))
    return datetime.fromisoformat(match[1]).replace(tzinfo=zone_named(match[2])) if match else None


def line(row: Row) -> str:
    """A post in one line: number, when it is due or went out there, the beginning of its text."""
    out = row.get("out")
    when = row.get("due") or (out[-1] if isinstance(out, list) and out else "")
    return f"{row['id']}{f', {when}' if when else ''}: {excerpt(str(row.get('text', '')))}"


def tell(answer: Answer, doing: str, done: str, story: Story) -> None:
    """Tell what became of a call: done, waiting, or not possible and why."""
    if answer.cards:
        story.said.append(f"{doing} waits as {listed(answer.cards)}.")
    elif not answer.problems:
        story.said.append(done)
    story.problem(f"{doing} was not possible", answer)


def batches(posts: Sequence[int]) -> list[Sequence[int]]:
    """Posts in portions that one call may take."""
    return [posts[at : at + MOST_POSTS] for at in range(0, len(posts), MOST_POSTS)]
