"""What has to be settled before anything is made: times, media, labels. What is missing is asked for."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from agent.planner.offline.conversation import Turn
from agent.planner.offline.dates import When, take_when
from agent.planner.offline.plan import Call, Story, ask, one
from agent.planner.offline.wishes import MediaWish
from agent.planner.offline.words import CannotDo, Scanner, listed

#: Rows that one search may show.
MOST_ROWS = 50
_MOST_LISTED = 12


def settle_when(when: When | None) -> Generator[Sequence[Call], Turn, When]:
    """A time to schedule for, asking for the day or the hour that is missing. Raises CannotDo."""
    while when is None or not when.complete:
        question = "When should it go out?" if when is None else "At what time of day?"
        reply = yield from ask(f'{question} Say for example "Friday 9:00" or "next free slot".')
        answer = take_when(Scanner(reply))
        if answer is None or not (answer.complete or when is None):
            raise CannotDo(f'"{reply}" was not understood as a time.')
        named_day = when is not None and answer.day is None and answer.clock is not None
        when = replace(answer, day=when.day, weekday=when.weekday) if when and named_day else answer
    return when


def fetch_media(
    wishes: Sequence[MediaWish], workspace: int, story: Story
) -> Generator[Sequence[Call], Turn, tuple[int, ...]]:
    """Ids of the pictures and videos, found, imported or uploaded. Raises CannotDo where one cannot be had."""
    found: list[int] = []
    for wish in wishes:
        if wish.kind == "library":
            found.append((yield from _in_library(wish.value, workspace)))
            continue
        arguments = {"urls": [wish.value]} if wish.kind == "url" else {"path": wish.value}
        tool = "import_media" if wish.kind == "url" else "upload_media"
        answer = yield from one(Call(tool, {"workspace_id": workspace, **arguments}))
        ids = list(answer.keyed) or list(answer.ids)
        if answer.cards:
            raise CannotDo(f"{wish.value} waits as {listed(answer.cards)}; ask again once it is in the library.")
        if not ids:
            raise CannotDo(f"{wish.value} is not in the library: {' '.join(answer.problems) or 'it was not stored.'}")
        story.said.append(f"{wish.value} is in the library as {listed(ids)}.")
        found += ids
    return tuple(found)


def _in_library(name: str, workspace: int) -> Generator[Sequence[Call], Turn, int]:
    fits: list[tuple[int, str]] = []
    for spelt in dict.fromkeys((name, name.replace(" ", "-"), name.replace(" ", "_"))):
        answer = yield from one(Call("find_media", {"workspace_id": workspace, "name": spelt}))
        if answer.problems:
            raise CannotDo(f"The library could not be searched: {' '.join(answer.problems)}")
        fits = _nearest(spelt.casefold(), [(key, str(row.get("name", ""))) for key, row in answer.keyed.items()])
        if fits:
            break
    if not fits:
        raise CannotDo(f'There is no picture or video called "{name}" in workspace {workspace}.')
    if len(fits) > 1:
        listing = "; ".join(f"{key} {shown}" for key, shown in fits[:_MOST_LISTED])
        reply = yield from ask(f'Which of the files called "{name}": {listing}? Answer with its number.')
        fits = [row for row in fits if str(row[0]) in reply.split() or row[1].casefold() == reply.strip().casefold()]
        if len(fits) != 1:
            raise CannotDo(f'"{reply}" names none of the files asked about.')
    return fits[0][0]


def _nearest(wanted: str, rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Rows of that very name, else of that name before its ending, else all."""
    exact = [row for row in rows if row[1].casefold() == wanted]
    return exact or [row for row in rows if row[1].casefold().rsplit(".", 1)[0] == wanted] or rows


def fetch_labels(
    names: Sequence[str], workspace: int, story: Story
) -> Generator[Sequence[Call], Turn, tuple[int, ...]]:
    """Ids of labels by name in a workspace; those that are not there are told and left out."""
    if not names:
        return ()
    answer = yield from one(Call("list_labels", {"workspace_id": workspace}))
    story.problem("The labels could not be read", answer)
    ids = {str(row.get("name", "")).casefold(): key for key, row in answer.keyed.items()}
    missing = [name for name in names if name.casefold() not in ids]
    if missing and not answer.problems:
        story.refused.append(f"There is no label {listed([f'“{name}”' for name in missing])} in workspace {workspace}.")
    return tuple(ids[name.casefold()] for name in names if name.casefold() in ids)
