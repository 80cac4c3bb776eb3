"""Publishing: draft first, only where the goal asks for it, never twice."""

from collections.abc import Iterable

from agent.api.posts import CreatePost, UpdatePost
from agent.api.types import OUT
from agent.policy.facts import Facts
from agent.policy.rules.case import Case
from agent.policy.rules.rule import OUT_EFFECTS, Found, Params, Plain, rule
from agent.policy.rules.wording import Words, asked_word, is_foreign, plain_goal

_GONE = OUT - {"FAILED"}


class DraftParams(Params):
    """`words` per language code; `asked` is the verdict where the goal asks for publishing, or nobody can tell."""

    asked: Plain
    words: dict[str, Words]


@rule("post.draft_by_default", DraftParams, effects=OUT_EFFECTS)
def check_draft_by_default(case: Case, params: DraftParams) -> Iterable[Found]:
    """A post goes out by promoting a draft, where the goal asks for it, and by a person's decision."""
    if isinstance(case.call, CreatePost):
        yield Found(
            "A post is never scheduled or published by creating it.",
            evidence=f"schedule_type {case.call.schedule_type}",
            passes="make a draft first, then schedule or publish that draft",
        )
    elif isinstance(case.call, UpdatePost) and _goes_out(case, case.call):
        yield _promotion(case.facts, params, case.call)


def _goes_out(case: Case, call: UpdatePost) -> bool:
    """Whether a post that is not scheduled becomes so, or is published. Edits of others: `confirm.outbound`."""
    scheduled = case.post is not None and case.post.status == "SCHEDULED"
    return call.schedule_type == "publish_now" or (call.schedule_type == "schedule" and not scheduled)


def _promotion(facts: Facts, params: DraftParams, call: UpdatePost) -> Found:
    verb = "Publishing" if call.schedule_type == "publish_now" else "Scheduling"
    says = f"{verb} post {call.id} needs a person's decision."
    passes = "a person approves the card"
    if facts.mode == "person":
        return Found(says, evidence="a person's own call", passes=passes, verdict=params.asked)
    goal = plain_goal(facts.goal, facts.quoted)
    word = asked_word(goal, params.words)
    if word:
        return Found(says, evidence=f"the goal says {word!r}", passes=passes, verdict=params.asked)
    if facts.language.split("-")[0].casefold() not in params.words or is_foreign(goal):
        evidence = f"no list of publishing words for the goal's language ({facts.language})"
        return Found(says, evidence=evidence, passes=passes, verdict=params.asked)
    return Found(
        "The goal asks for a draft only.",
        evidence="no word of publishing, no date and no time stands in the goal",
        passes="leave it as a draft, or have the person say that it is to be scheduled or published",
    )


class OnceParams(Params):
    """Nothing to set but the verdict."""


@rule("post.once", OnceParams, effects=OUT_EFFECTS)
def check_once(case: Case, _params: OnceParams) -> Iterable[Found]:
    """A post that is queued or out is not sent again and not edited."""
    if isinstance(case.call, UpdatePost) and case.post is not None and case.post.status in _GONE:
        yield Found(
            f"Post {case.call.id} is already queued or published: it can no longer be changed.",
            evidence=f"status {case.post.status}",
            passes="make a new draft",
        )
