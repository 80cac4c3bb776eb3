"""What a denial leaves for a person to do: one task instead of cards, once for each thing."""

from agent.api.comments import CreateComment
from agent.gate.followup import open_task
from agent.gate.titles import named
from agent.journal.run import Run
from agent.policy.verdict import Judgement, Verdict

#: Rules whose denial is a matter for a person.
TO_A_PERSON = frozenset({"comments.person", "approval.cards"})


def task_for(run: Run, key: str, judgement: Judgement) -> None:
    """Open a task for a denied call that a person has to know of, where none is open about the same."""
    rules = {one.rule: one for one in judgement.findings if one.verdict is Verdict.DENY and one.rule in TO_A_PERSON}
    if "comments.person" in rules and isinstance(judgement.call, CreateComment):
        what = named(judgement.call)
        says = f"{rules['comments.person'].says} ({what} on post {judgement.call.post_id})"
        if not any(task.says == says for task in run.state.tasks.values()):
            open_task(
                run, key, says, f"Read {what} in PostSyncer.", "Answer it there, or leave it; then close this task."
            )
    if "approval.cards" in rules:
        says = "Further calls of this run were left out: so many cards wait that nobody would look at more."
        if not any(task.says == says for task in run.state.tasks.values()):
            next_step = "Decide the cards that wait, then give the goal again."
            open_task(run, key, says, "`psa review list` shows what waits.", next_step)
