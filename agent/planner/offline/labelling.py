"""The plan of a goal about labels: which posts, which labels of which workspace, and what cannot be labelled."""

from collections.abc import Generator, Sequence

from agent.planner.offline.choosing import fetch_labels
from agent.planner.offline.conversation import Digest, Turn
from agent.planner.offline.finding import Row, batches, home_of, meant_rows, named_ids, read_posts
from agent.planner.offline.plan import Call, Plan, Story, one
from agent.planner.offline.wishes import LabelWish
from agent.planner.offline.words import listed

#: What can still be changed; the word that a row's status says.
_OPEN = ("draft", "scheduled", "")


def label_posts(wish: LabelWish, digest: Digest, made: Sequence[int]) -> Plan:
    """Put labels on posts or take them off, workspace by workspace: labels belong to one."""
    story = Story()
    rows = yield from _rows(wish, digest, made, story)
    names = tuple(dict.fromkeys(wish.labels))
    for workspace in dict.fromkeys(home_of(row, digest) for row in rows):
        here = [row for row in rows if home_of(row, digest) == workspace]
        labels = yield from fetch_labels(names, workspace, story)
        if len(labels) == len(names):
            yield from _change(wish, here, labels, story)
        else:
            story.refused.append(f"{_posts(here)} in it {'is' if len(here) == 1 else 'are'} left unchanged.")
    return story.ending()


def _rows(
    wish: LabelWish, digest: Digest, made: Sequence[int], story: Story
) -> Generator[Sequence[Call], Turn, list[Row]]:
    """The posts meant that can be labelled; the others are told."""
    target = wish.target
    if target.ids or target.last:
        rows = tuple((yield from read_posts(named_ids(target, made), digest)).values())
    else:
        rows = yield from meant_rows(target, digest, single=False, story=story)
    gone = [row for row in rows if _status(row) not in _OPEN]
    if gone:
        what = listed([f"{row['id']} ({_status(row)})" for row in _ordered(gone)])
        story.refused.append(f"The labels of {what} cannot be changed any more.")
    return [row for row in _ordered(rows) if row not in gone]


def _change(
    wish: LabelWish, rows: Sequence[Row], labels: Sequence[int], story: Story
) -> Generator[Sequence[Call], Turn, None]:
    """Label posts of one workspace: drafts at once, all scheduled ones of a call on one card."""
    names = listed([f"“{name}”" for name in wish.labels])
    how, doing = ("remove", f"Taking {names} off") if wish.remove else ("add", f"Putting {names} on")
    right = [row for row in rows if _is_right(row, labels, remove=wish.remove)]
    if right:
        story.said.append(f"{_posts(right)} {f'did not have {names}' if wish.remove else f'had {names} already'}.")
    for batch in batches([row["id"] for row in rows if row not in right]):
        answer = yield from one(Call("label_posts", {"posts": list(batch), how: list(labels)}))
        waiting = [key for key in batch if key not in answer.ids] if answer.cards else []
        if answer.ids:
            story.said.append(f"{doing} {listed(answer.ids)} is done.")
        if waiting:
            story.said.append(f"{doing} {listed(waiting)} waits as {listed(answer.cards)}.")
        if not answer.parts:
            story.said.append(f"Nothing had to be changed on {listed(batch)}.")
        story.problem(f"{doing} {listed(batch)} was not possible", answer)


def _is_right(row: Row, labels: Sequence[int], *, remove: bool) -> bool:
    """Whether a post has the labels as they are wanted; a post that shows none may have any."""
    shown = row.get("labels")
    if not isinstance(shown, list):
        return False
    has = {one.get("id") if isinstance(one, dict) else one for one in shown}
    return not has.intersection(labels) if remove else has.issuperset(labels)


def _ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: int(row["id"]))


def _status(row: Row) -> str:
    return str(row.get("status", ""))


def _posts(rows: Sequence[Row]) -> str:
    return f"Post{'' if len(rows) == 1 else 's'} {listed([row['id'] for row in rows])}"
