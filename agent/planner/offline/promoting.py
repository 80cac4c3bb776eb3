"""Bringing posts before the public: the calls that schedule or publish, and what is told of them."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from agent.planner.offline.conversation import Digest, Turn
from agent.planner.offline.dates import When, moments
from agent.planner.offline.mending import mended
from agent.planner.offline.plan import Call, Story
from agent.planner.offline.wishes import Promotion
from agent.planner.offline.words import listed


@dataclass(frozen=True)
class Timing:
    """What becomes of drafts: for each workspace the wall-clock times of its pieces, none for the next free slot."""

    promotion: Promotion
    times: Mapping[int, Sequence[str]]

    def call(self, post: int, workspace: int, piece: int) -> Call:
        """The call that promotes a post."""
        if self.promotion == "publish":
            return Call("publish_post", {"post": post})
        times = self.times.get(workspace)
        return Call("schedule_post", {"post": post} | ({"at": times[piece]} if times else {"next_slot": True}))


def times_of(when: When, workspaces: Sequence[int], digest: Digest, count: int) -> dict[int, list[str]]:
    """Wall-clock times in each workspace; empty for the next free slot. Raises CannotDo."""
    if when.slot:
        return {}
    return {
        key: [f"{moment:%Y-%m-%d %H:%M}" for moment in moments(when, digest.workspace(key).now, count)]
        for key in workspaces
    }


def promote(
    posts: Sequence[tuple[int, int, int]], timing: Timing, digest: Digest, story: Story
) -> Generator[Sequence[Call], Turn, None]:
    """Schedule or publish posts, each given as id, workspace and piece."""
    calls = [timing.call(*post) for post in posts]
    turn = yield calls
    answers = list(turn.answers)
    again = {
        at: found
        for at, (call, answer) in enumerate(zip(calls, answers, strict=True))
        if answer.denied and (found := mended(call.arguments, answer.problems))
    }
    if again:  # once, as the reasons say
        turn = yield [Call(calls[at].tool, found.arguments) for at, found in again.items()]
        for (place, found), answer in zip(again.items(), turn.answers, strict=True):
            calls[place], answers[place] = Call(calls[place].tool, found.arguments), answer
            story.said.append(found.told)
    for (key, workspace, _), call, answer in zip(posts, calls, answers, strict=True):
        if timing.promotion == "publish":
            doing, done = f"Publishing {key}", f"{key} is being published."
        else:
            at = call.arguments.get("at")
            zone = digest.workspace(workspace).zone if at else ""
            time = f"for {at} ({zone})" if at else "in the next free slot"
            doing, done = f"Scheduling {key} {time}", f"{key} is scheduled {time}."
        if answer.cards:
            story.said.append(f"{doing} waits as {listed(answer.cards)}.")
        elif not answer.denied and not answer.problems:
            story.said.append(done)
        story.problem(f"{doing} was not possible", answer)
