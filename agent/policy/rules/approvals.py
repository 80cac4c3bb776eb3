"""How much a person is asked at once, and who decides: batches, cards, four eyes, drafts of a night, paid calls."""

from collections.abc import Iterable
from typing import Annotated, Any

from agent.api.accounts import DeleteAccount
from agent.api.campaigns import DeleteCampaign, UpdateCampaign
from agent.api.endpoint import Effect, Endpoint
from agent.api.labels import DeleteLabel, UpdateLabel
from agent.api.posts import AnalyzeTwitterPost, CreatePost, PostFields
from agent.journal.findings import Verdict
from agent.policy.facts import Facts
from agent.policy.rules.case import Case
from agent.policy.rules.rule import AtMost, Example, Found, Params, Stricter, rule

_GUARDED = frozenset({Effect.OUTBOUND, Effect.CONFIG, Effect.DESTRUCTIVE})
#: Its finding makes a card that another person than the one who asked approves.
FOUR_EYES = "approval.four_eyes"
_A_PERSON = "a person approves the card"


class BatchParams(Params):
    """The most deletions, and the most posts that go out, that may be asked for in one call."""

    delete: AtMost
    publish: AtMost


@rule("approval.batch", BatchParams, effects=_GUARDED)
def check_batch(case: Case, params: BatchParams) -> Iterable[Found]:
    """Nobody reads a list of fifty. What was decided was counted when its card was made."""
    count = case.facts.together
    most = params.delete if deletes(case.call) else params.publish if case.going_out is not None else None
    if most is not None and count > most and not case.facts.decided:
        yield Found(
            f"{count} of these at once are more than anybody looks through: {most} are the most.",
            passes=f"ask for {most} or fewer at a time",
        )


class CardsParams(Params):
    """`per_day` cards that runs make within 24 hours. How many one goal makes is a budget of the run."""

    per_day: AtMost


@rule("approval.cards", CardsParams, effects=_GUARDED)
def check_cards(case: Case, params: CardsParams) -> Iterable[Found]:
    """Beyond that no more cards are made, and one task says so. A person's own calls are not counted."""
    facts = case.facts
    if facts.cards_today >= params.per_day and facts.mode != "person" and not facts.decided:
        yield Found(
            f"{facts.cards_today} cards were made within 24 hours: no more are made until a person has looked.",
            passes="finish; the person decides the cards that wait, and gives the goal again",
        )


class FourEyesParams(Params):
    """`people` who share the home, as their systems name them: with fewer than two the rule is off.

    More than `deletions` of one run, and disconnecting an account, need another of them than the one who asked.
    """

    people: Annotated[tuple[str, ...], Stricter("more"), Example("ana", "ben")] = ()
    deletions: AtMost


@rule(FOUR_EYES, FourEyesParams, effects={Effect.DESTRUCTIVE})
def check_four_eyes(case: Case, params: FourEyesParams) -> Iterable[Found]:
    """The card then names who may not approve it; who asks and who approves are two people."""
    facts = case.facts
    if len(set(params.people)) < 2 or facts.decided or not deletes(case.call):
        return
    count = facts.deletions + facts.together
    if isinstance(case.call, DeleteAccount) or count > params.deletions:
        what = "Disconnecting an account" if isinstance(case.call, DeleteAccount) else f"{count} deletions of one run"
        yield Found(
            f"{what} are looked at by two people." if what[0].isdigit() else f"{what} is looked at by two people.",
            evidence=f"asked by {facts.asked_by}; the home is shared by {', '.join(params.people)}",
            passes="another person than the one who asked approves the card",
        )


class NightDraftsParams(Params):
    """`most` drafts that the jobs of one night leave."""

    most: AtMost


@rule("night.drafts", NightDraftsParams, effects={Effect.DRAFT}, unsafe_on_draft=True)
def check_night_drafts(case: Case, params: NightDraftsParams) -> Iterable[Found]:
    """A flood of drafts is nothing that anybody reads in the morning."""
    facts = case.facts
    if isinstance(case.call, CreatePost) and facts.mode == "unattended" and facts.night_drafts >= params.most:
        yield Found(
            f"This night has left {facts.night_drafts} drafts, and {params.most} are the most.",
            passes="finish; go on in another night, or a person raises the figure in the home's policy",
        )


class AnalysesParams(Params):
    """`per_day` questions about posts of X within 24 hours."""

    per_day: AtMost


@rule("budget.analyses", AnalysesParams, effects={Effect.SYNC})
def check_analyses(case: Case, params: AnalysesParams) -> Iterable[Found]:
    """The service has each answered by a model of its own, at its user's cost."""
    facts = case.facts
    if isinstance(case.call, AnalyzeTwitterPost) and facts.analyses_today >= params.per_day:
        yield Found(
            f"{facts.analyses_today} posts of X were analysed within 24 hours, and {params.per_day} are the most.",
            passes="ask again tomorrow",
        )


class TouchedParams(Params):
    """How many posts may carry what is renamed (`rename`) or deleted (`delete`) before it is held for that."""

    rename: AtMost
    delete: AtMost


@rule("organise.touched", TouchedParams, effects={Effect.ORGANISE, Effect.DESTRUCTIVE})
def check_touched(case: Case, params: TouchedParams) -> Iterable[Found]:
    """The name of a label or campaign stands on every post that has it. What was not read is not counted."""
    call, facts = case.call, case.facts
    if not isinstance(call, UpdateLabel | UpdateCampaign | DeleteLabel | DeleteCampaign) or facts.mode == "person":
        return
    renames = isinstance(call, UpdateLabel | UpdateCampaign)
    if renames and _same_name(call, facts):
        return
    what = "Label" if isinstance(call, UpdateLabel | DeleteLabel) else "Campaign"
    posts = _posts_with(call, facts)
    if len(posts) > (params.rename if renames else params.delete):
        more = f" and {len(posts) - 10} more" if len(posts) > 10 else ""
        yield Found(
            f"{what} {call.id} stands on {len(posts)} of the posts that were read: "
            f"{', '.join(map(str, posts[:10]))}{more}.",
            passes=_A_PERSON,
        )
    elif renames and not facts.posts:
        says = f"Which posts have {what.lower()} {call.id} is not known: no post was read."
        yield Found(says, verdict=Verdict.ALLOW)


def _same_name(call: Any, facts: Facts) -> bool:
    known: Any = (facts.labels if isinstance(call, UpdateLabel) else facts.campaigns).get(call.id)
    return known is not None and known.name == call.name


def _posts_with(call: Any, facts: Facts) -> list[int]:
    if isinstance(call, UpdateLabel | DeleteLabel):
        return [post.id for post in facts.posts.values() if any(label.id == call.id for label in post.labels)]
    return [post.id for post in facts.posts.values() if (post.model_extra or {}).get("campaign_id") == call.id]


def deletes(call: Endpoint[Any]) -> bool:
    """Whether a call takes an object away for good."""
    return call.route.verb == "DELETE" and not isinstance(call, PostFields)
