"""The plan of a goal about comments: which posts, what nobody answered there, and one reply for each.

A comment is never read for what it says: whoever wrote it, the reply is the same, and it waits for a person.
"""

from collections.abc import Generator, Mapping, Sequence
from itertools import chain

from agent.planner.offline.answers import Answer
from agent.planner.offline.conversation import Digest, Turn
from agent.planner.offline.finding import find_posts, meant_rows, read_posts
from agent.planner.offline.past import LATELY, days_of
from agent.planner.offline.plan import Call, Plan, Story
from agent.planner.offline.wishes import ReplyWish
from agent.planner.offline.words import listed

#: What is replied where the goal quotes no words: it answers nothing and promises nothing.
NEUTRAL = "Thank you for your comment."
#: Replies of one goal: each is a card, and a goal has 25 of them.
MOST_REPLIES = 20

#: Why comments are skipped, and how that is told.
_SKIPPED = {
    "answered": "with a reply",
    "resolved": "resolved",
    "ours": "of our own",
    "a card waits": "whose reply waits for you",
    "reply turned down": "whose reply you turned down",
}


def reply_to_comments(wish: ReplyWish, digest: Digest) -> Plan:
    """Reply to the comments without a reply, all in one turn."""
    story = Story()
    posts = yield from _posts(wish, digest, story)
    if not posts:
        return story.ending()
    answers = yield from _comments(posts, story)
    waiting = list(chain.from_iterable(answer.keyed for answer in answers.values()))
    _tell_skipped(answers, story)
    if not waiting:
        if any(not answer.problems for answer in answers.values()):
            story.said.append(f"No comment on {listed(posts)} waits for a reply.")
        return story.ending()
    yield from _reply(waiting[:MOST_REPLIES], wish.text or NEUTRAL, story)
    if len(waiting) > MOST_REPLIES:
        story.refused.append(
            f"{len(waiting) - MOST_REPLIES} more comments wait: ask again once these replies are decided."
        )
    return story.ending()


def _posts(wish: ReplyWish, digest: Digest, story: Story) -> Generator[Sequence[Call], Turn, tuple[int, ...]]:
    """The posts whose comments are meant. Raises CannotDo where one that is named is not there."""
    target = wish.target
    if target.ids:
        return tuple((yield from read_posts(target.ids, digest)))
    if target.contains:
        rows = yield from meant_rows(target, digest, single=True)
        return tuple(row["id"] for row in rows)
    period = wish.period or LATELY
    found = yield from find_posts(target, digest, lambda now: days_of(period, now))
    if not found.rows:
        story.said.append(f"Nothing was published {found.over_days}: there are no comments to answer.")
    if found.more:
        story.refused.append(f"There are more posts than the {len(found.rows)} dealt with here.")
    return tuple(sorted(row["id"] for row in found.rows))


def _comments(posts: Sequence[int], story: Story) -> Generator[Sequence[Call], Turn, Mapping[int, Answer]]:
    """What waits for a reply on each post, read side by side."""
    turn = yield [Call("list_comments", {"post": post, "unanswered_only": True}) for post in posts]
    answers = dict(zip(posts, turn.answers, strict=True))
    for post, answer in answers.items():
        story.problem(f"The comments on {post} could not be read", answer)
        if answer.more:
            story.refused.append(f"Post {post} has more comments than are dealt with here.")
    return answers


def _reply(comments: Sequence[int], text: str, story: Story) -> Generator[Sequence[Call], Turn, None]:
    turn = yield [Call("reply_to_comment", {"comment": key, "text": text}) for key in comments]
    answers = dict(zip(comments, turn.answers, strict=True))
    held = {key: answer for key, answer in answers.items() if answer.cards}
    if held:
        cards = listed([card for answer in held.values() for card in answer.cards])
        replies = f"{len(held)} {'reply waits' if len(held) == 1 else 'replies wait'}"
        story.said.append(f"{replies} as {cards}, to comment{'' if len(held) == 1 else 's'} {listed(list(held))}.")
    sent = [key for key, answer in answers.items() if not answer.cards and not answer.problems]
    if sent:
        story.said.append(f"Replied to {listed(sent)}.")
    for key, answer in answers.items():
        story.problem(f"Replying to comment {key} was not possible", answer)


def _tell_skipped(answers: Mapping[int, Answer], story: Story) -> None:
    """How many comments were passed over, and why."""
    counts = {why: sum(answer.skipped.get(why, 0) for answer in answers.values()) for why in _SKIPPED}
    told = [f"{number} {_SKIPPED[why]}" for why, number in counts.items() if number]
    if told:
        story.said.append(f"Skipped comments: {listed(told)}.")
