"""Sparing the service: syncs are not repeated, requests stay within the budget, switched-off parts stay off."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import MISSING

from agent.api.analytics import SyncPostAnalytics
from agent.api.campaigns import CreateCampaign, DeleteCampaign, GetCampaign, ListCampaigns, UpdateCampaign
from agent.api.comments import ListComments, SyncComments
from agent.api.endpoint import Effect
from agent.api.posts import UpdatePost, UpdatePostAutoPlug, UpdatePostCommentModeration, UpdatePostContactCollection
from agent.policy.facts import Facts
from agent.policy.rules.case import Case
from agent.policy.rules.rule import AtLeast, Found, Params, rule

_SYNC = frozenset({Effect.SYNC})


class SyncParams(Params):
    """`minutes` between two syncs of the same kind of one post."""

    minutes: AtLeast


@rule("sync.once", SyncParams, effects=_SYNC)
def check_sync(case: Case, params: SyncParams) -> Iterable[Found]:
    """Both sync calls and page 1 of the comments make the service ask the networks: once per post, run and while."""
    call = case.call
    match call:
        case SyncComments():
            post = call.post_id
        case SyncPostAnalytics():
            post = call.post
        case ListComments():
            post = call.post_id
            if _synced_since(case.facts, post):
                return
        case _:
            return
    yield from _again(case, (call.route.name, post), params.minutes)


def _synced_since(facts: Facts, post: int) -> bool:
    """Whether the comments were synced after they were last listed: listing them again brings something new."""
    synced, listed = facts.syncs.get(("SyncComments", post)), facts.syncs.get(("ListComments", post))
    return synced is not None and (listed is None or synced > listed)


def _again(case: Case, key: tuple[str, int], minutes: int) -> Iterable[Found]:
    facts = case.facts
    last = facts.syncs.get(key)
    recent = last is not None and facts.now - last < timedelta(minutes=minutes)
    if not recent and key not in facts.synced_here:
        return
    what = {
        "SyncComments": "Its comments were already fetched",
        "SyncPostAnalytics": "Its numbers were already asked for",
        "ListComments": "The first page of its comments was already read",
    }[key[0]]
    where = "in this run" if key in facts.synced_here else f"less than {minutes} minutes ago"
    yield Found(
        f"{what} {where} (post {key[1]}).",
        evidence=_when(last),
        passes=_sync_passes(key),
    )


def _when(last: datetime | None) -> str:
    return f"last {last:%Y-%m-%d %H:%M} UTC" if last else ""


def _sync_passes(key: tuple[str, int]) -> str:
    if key[0] == "ListComments":
        return "use what was read; later pages are free, and page 1 again after a sync of this post"
    return "use what was read, or ask again later in another run"


class BudgetParams(Params):
    """`reserve` requests are kept for people."""

    reserve: AtLeast


@rule("budget.requests", BudgetParams, effects={Effect.READ, Effect.SYNC, Effect.DRAFT, Effect.ORGANISE})
def check_budget(case: Case, params: BudgetParams) -> Iterable[Found]:
    """With none left a call waits for its slot, which the client does; an overlay may refuse it instead."""
    left = case.facts.requests_left
    if case.facts.mode != "person" and left <= params.reserve:
        yield Found(
            "The requests of this minute are used up, but for those kept for people.",
            evidence=f"{left} left, {params.reserve} kept",
            passes="ask again in a minute",
        )


class FeatureParams(Params):
    """Nothing to set but the verdict; settings turn features on (PSA_FEATURES)."""


@rule("feature.off", FeatureParams, unsafe_on_draft=True)
def check_feature(case: Case, _params: FeatureParams) -> Iterable[Found]:
    """Parts of the service that act by themselves, or are not documented, are off unless settings turn them on."""
    feature = _feature_of(case)
    if feature and feature not in case.facts.features:
        yield Found(
            f"{feature} is switched off.",
            evidence=case.call.route.name,
            passes=f"a person turns it on in the settings: PSA_FEATURES={feature}",
        )


def _feature_of(case: Case) -> str:
    match case.call:
        case UpdatePostAutoPlug():
            return "auto_plug"
        case UpdatePostCommentModeration():
            return "moderation"
        case UpdatePostContactCollection():
            return "contacts"
        case ListCampaigns() | GetCampaign() | CreateCampaign() | UpdateCampaign() | DeleteCampaign():
            return "campaigns"
        case _:
            fields = case.fields
            if fields is None or fields.campaign_id is MISSING or fields.campaign_id is None:
                return ""
            post = case.facts.posts.get(fields.id) if isinstance(fields, UpdatePost) else None
            kept = getattr(post, "campaign_id", None) == fields.campaign_id
            return "" if kept else "campaigns"
