"""Asking the agent to write something anew: the card is rejected, and its run gets a goal that says what to change.

The goal names objects by id and repeats the person's wish; no word of the card goes into it, so that words from outside
stay what they are. The run goes on itself, for it knows what it read.
"""

from agent.api.catalogue import parse
from agent.api.comments import CreateComment, UpdateComment
from agent.api.posts import ScheduleFor, UpdatePost
from agent.assembly import OFFLINE, House
from agent.chat.stopping import left_calls
from agent.errors import Declined, Halted
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.journal.views import CardView
from agent.planner.goal_text import goal_text, refuse_secrets
from agent.review.reviewer import Reviewer, draft_behind


def refuse_rewriting(house: House) -> None:
    """Raises Declined where nobody is there who could write anew, Halted where the home is stopped."""
    if house.model_name == OFFLINE:
        raise Declined(
            "The offline planner cannot rewrite: it has no language model.",
            hint="Set PSA_MODEL and OPENAI_API_KEY, or edit the text yourself. Nothing was rejected.",
        )
    if house.store.stopped:
        raise Halted("Nothing was rejected.")


def wanted(view: CardView, state: RunState, wish: str) -> str:
    """The goal that asks for another version of a card. Raises Declined where it has no text."""
    call = parse(view.card.operation, view.parts[0].arguments)
    if len(view.parts) == 1 and isinstance(call, UpdatePost):
        if draft_behind(view, state) is not None:
            return f"Rewrite draft post {call.id} as follows: {wish}\nThen {_again(call)}."
        return f"Card {view.card.number} was rejected. Propose its change of post {call.id} anew, as follows: {wish}"
    if len(view.parts) == 1 and isinstance(call, CreateComment) and isinstance(call.parent_comment_id, int):
        return f"Write the reply to comment {call.parent_comment_id} anew, as follows: {wish}"
    if len(view.parts) == 1 and isinstance(call, CreateComment):
        return f"Write the comment on post {call.post_id} anew, as follows: {wish}"
    if len(view.parts) == 1 and isinstance(call, UpdateComment):
        return f"Propose the edit of comment {call.comment} anew, as follows: {wish}"
    raise Declined(f"Card {view.card.number} has no text to rewrite.", hint="Approve or reject it.")


def _again(call: UpdatePost) -> str:
    if call.schedule_type == "publish_now":
        return f"propose again to publish post {call.id}"
    if isinstance(call.schedule_for, ScheduleFor):
        return f"propose again to schedule post {call.id} for {call.schedule_for.date} {call.schedule_for.time}"
    return f"propose again to schedule post {call.id} for the next free slot"


async def rewrite(house: House, reviewer: Reviewer, person: Person, number: int, wish: str) -> Run:
    """Reject a card for this wish, or leave a draft where it is, and give a run the goal of a new version.

    Raises Declined, Halted, SettingsError for a wish that may not be kept.
    """
    refuse_rewriting(house)
    wish = goal_text(wish)
    refuse_secrets(wish, house.settings.secrets)
    shown = reviewer.show(number)
    if shown.card is not None:
        text = wanted(shown.card, shown.state, wish)
        run = await reviewer.reject(number, wish, delete_draft=False, advance=False)
    elif number in shown.state.drafts and shown.item.state == "open":
        text = f"Rewrite draft post {shown.state.drafts[number].post} as follows: {wish}"
        run = Run.load(house.store, shown.item.run, house.clock)
    else:
        raise Declined(f"{number} is no text that could be rewritten.", hint=f"Look at item {number} again.")
    return _with_goal(house, run, text, person)


def _with_goal(house: House, run: Run, text: str, person: Person) -> Run:
    """The run with one more goal; another run where this one has no planner."""
    opened = run.state.opened
    if opened is not None and opened.mode == "person":
        run = house.open_run("attended", person.name, overlay=opened.overlay, channel=person.channel)
    state = run.state
    halted = state.stopped or state.gave_up or state.deferred
    resumed = [r.Resumed(who=person.name)] if halted else []
    goal = r.Goal(number=len(state.goals) + 1, text=text, by=person.name)
    run.add(*resumed, *left_calls(state), goal)
    run.flush()
    return run
