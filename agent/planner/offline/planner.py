"""The offline planner itself: from a conversation to the calls of the next turn."""

from collections.abc import Sequence

from agent.planner.offline.conversation import Conversation, Digest, Turn
from agent.planner.offline.labelling import label_posts
from agent.planner.offline.plan import Call, Ending, Plan
from agent.planner.offline.posting import add_media, make_posts
from agent.planner.offline.reading import read_goal
from agent.planner.offline.replying import reply_to_comments
from agent.planner.offline.reporting import report_numbers
from agent.planner.offline.standing import delete_posts, list_posts, move_posts, promote_posts, unschedule_posts
from agent.planner.offline.tidying import delete_empty_folders, disconnect_account
from agent.planner.offline.wishes import (
    DeleteWish,
    DisconnectWish,
    LabelWish,
    ListWish,
    MediaOnlyWish,
    MoveWish,
    PostsWish,
    PostWish,
    PromoteWish,
    ReplyWish,
    ReportWish,
    TidyWish,
    UnscheduleWish,
    Wish,
)
from agent.planner.offline.words import CannotDo, listed

_LOST = "The offline planner cannot follow what was done before in this conversation. Start the goal anew."


def next_calls(conversation: Conversation) -> Sequence[Call]:
    """The calls of the next turn; at the end, and wherever the goal cannot be followed, a single `finish`."""
    try:
        return _checked(_replayed(conversation), conversation)
    except CannotDo as problem:
        return [_finish(Ending(_done(conversation.turns), str(problem)))]


def _replayed(conversation: Conversation) -> Sequence[Call]:
    if conversation.cut:
        raise CannotDo(_LOST)
    plan = _plan(read_goal(conversation.goal, conversation.digest), conversation)
    try:
        wanted = next(plan)
        for turn in conversation.turns:
            if tuple(call.tool for call in wanted) != turn.tools:
                raise CannotDo(_LOST)
            wanted = plan.send(turn)
    except StopIteration as end:
        ending: Ending = end.value
        return [_finish(ending)]
    return wanted


def _plan(wish: Wish, conversation: Conversation) -> Plan:
    digest, made = conversation.digest, conversation.made
    match wish:
        case PostWish():
            return make_posts(wish, digest)
        case MediaOnlyWish():
            return add_media(wish, digest)
        case ReplyWish():
            return reply_to_comments(wish, digest)
        case TidyWish():
            return delete_empty_folders(wish, digest)
        case DisconnectWish():
            return disconnect_account(wish, digest)
        case _:
            return _plan_for_posts(wish, digest, made)


def _plan_for_posts(wish: PostsWish, digest: Digest, made: Sequence[int]) -> Plan:
    """The plan of a goal about posts that exist; "it" means those `made` before."""
    match wish:
        case PromoteWish():
            return promote_posts(wish, digest, made)
        case MoveWish():
            return move_posts(wish, digest, made)
        case UnscheduleWish():
            return unschedule_posts(wish, digest, made)
        case DeleteWish():
            return delete_posts(wish, digest, made)
        case LabelWish():
            return label_posts(wish, digest, made)
        case ReportWish():
            return report_numbers(wish, digest, made)
        case ListWish():
            return list_posts(wish, digest)


def _checked(calls: Sequence[Call], conversation: Conversation) -> Sequence[Call]:
    """The calls, if there is a budget for them and every tool they need is offered. Raises CannotDo."""
    needed = {call.tool for call in calls} - {"finish"}
    if needed and conversation.low:
        raise CannotDo("The goal's budget is nearly used up; the rest was not done.")
    missing = sorted(needed - conversation.tools)
    if missing:
        raise CannotDo(f"This needs {listed(missing)}, which is not offered here.")
    return calls


def _finish(ending: Ending) -> Call:
    return Call("finish", {"said": ending.said, "refused": ending.refused})


def _done(turns: Sequence[Turn]) -> str:
    """What stands of a goal that goes no further, by the answers to its calls."""
    told = []
    for turn in turns:
        for tool, answer in zip(turn.tools, turn.answers, strict=True):
            if answer.ids:
                told.append(f"{tool}: {listed(answer.ids)}.")
            if answer.cards:
                told.append(f"{tool} waits as {listed(answer.cards)}.")
    return " ".join(["Done so far:", *told]) if told else "Nothing was done."
