"""What follows from an applied write to a post: its echo is compared, its draft enters or leaves the queue.

Done right after the outcome, and again at the next advance where a process died in between.
"""

from contextlib import suppress
from typing import Any

from pydantic import MISSING

from agent.api.catalogue import parse
from agent.api.endpoint import Endpoint
from agent.api.posts import CreatePost, DeletePost, UpdatePost
from agent.gate.titles import title_of
from agent.gate.versions import due_instant, echo_problem, workspace_of
from agent.journal import records as r
from agent.journal.run import Run
from agent.policy.facts import Facts


def follow_up(run: Run, key: str, facts: Facts) -> None:
    """Do what follows from one applied effect, once."""
    view = run.state.effects[key]
    call = parse(view.intent.operation, view.intent.arguments)
    post_id = view.outcome.object_id if view.outcome else None
    if isinstance(call, CreatePost | UpdatePost) and post_id is not None:
        _compare_echo(run, key, call, post_id, facts)
    if isinstance(call, CreatePost) and post_id is not None:
        _enters_queue(run, key, call, post_id, facts)
    if isinstance(call, UpdatePost) and call.schedule_type != "draft" and post_id is not None:
        _is_expected(run, key, call, post_id, facts)
    if isinstance(call, DeletePost) or (isinstance(call, UpdatePost) and call.schedule_type != "draft"):
        _leaves_queue(run, call.id, "deleted" if isinstance(call, DeletePost) else "promoted")
    run.add(r.Followed(key=key))


def open_task(run: Run, key: str, says: str, look: str, next_step: str) -> None:
    """Put something before a person that only a person can settle."""
    run.add(r.Task(number=run.store.new_items(1), key=key, says=says, look=look, next=next_step))


def _compare_echo(run: Run, key: str, call: CreatePost | UpdatePost, post_id: int, facts: Facts) -> None:
    problem = echo_problem(call, run.state.known.posts.get(post_id), facts.zone(call.workspace_id))
    if problem:
        says = f"{title_of(call, facts)}: {problem}."
        open_task(run, key, says, f"Open post {post_id} in PostSyncer.", "Correct it there, or make a new draft here.")


def _is_expected(run: Run, key: str, call: UpdatePost, post_id: int, facts: Facts) -> None:
    """From now on the post is watched: due as approved; in the next free slot, as the service says; else at once."""
    zone = facts.zone(call.workspace_id)
    due = due_instant(call, zone)
    if due is None and call.schedule_type == "schedule":
        post = run.state.known.posts.get(post_id)
        with suppress(ValueError):  # a time that cannot be read has its own task, see `_compare_echo`
            due = post.due(zone) if post is not None else None
    accounts = () if call.accounts is MISSING else tuple(target.id for target in call.accounts)
    run.add(r.Expected(key=key, post=post_id, due=due or run.clock.now(), accounts=accounts, zone=zone.key))


def _enters_queue(run: Run, key: str, call: Endpoint[Any], post_id: int, facts: Facts) -> None:
    judged = run.state.judged.get(key)
    run.add(
        r.DraftLeft(
            number=run.store.new_items(1),
            post=post_id,
            title=title_of(call, facts),
            key=key,
            findings=judged.findings if judged else (),
            workspace=workspace_of(call, facts),
        )
    )


def _leaves_queue(run: Run, post_id: int, how: str) -> None:
    for number, draft in run.state.drafts.items():
        if draft.post == post_id and number not in run.state.drafts_gone:
            run.add(r.DraftGone(number=number, how=how))
