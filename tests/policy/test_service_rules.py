"""Sparing the service: syncs, requests, features."""

from datetime import datetime
from typing import Any

import pytest

from agent.api.analytics import GetAnalyticsPost, SyncPostAnalytics
from agent.api.campaigns import CreateCampaign, DeleteCampaign, GetCampaign, ListCampaigns, UpdateCampaign
from agent.api.comments import ListComments, SyncComments
from agent.api.posts import (
    AnalyzeTwitterPost,
    ListPosts,
    UpdatePostAutoPlug,
    UpdatePostCommentModeration,
    UpdatePostContactCollection,
)
from agent.journal.findings import Verdict
from agent.policy.pack import load_pack
from tests.policy.helpers import (
    BERLIN,
    FACTS,
    NETWORK_LIMITS,
    NOW,
    OURS,
    POLICIES,
    PUBLISHED,
    SCHEDULED,
    draft,
    findings,
    judge,
    knowing,
    minutes,
    promote,
    said,
)

PAGE = ListComments(post_id=PUBLISHED)
FETCH = SyncComments(post_id=PUBLISHED)
COUNT = SyncPostAnalytics(post=PUBLISHED)
LISTED, FETCHED, COUNTED = (name.route.name for name in (PAGE, FETCH, COUNT))


def ago(**minutes_ago: float) -> dict[tuple[str, int], datetime]:
    return {(name, PUBLISHED): NOW - minutes(count) for name, count in minutes_ago.items()}


@pytest.mark.parametrize(
    ("call", "syncs", "here", "expected"),
    [
        (PAGE, {}, (), "allow"),
        (FETCH, {}, (), "allow"),
        (COUNT, {}, (), "allow"),
        (FETCH, ago(SyncComments=5), (), "deny"),
        (FETCH, ago(SyncComments=14.9), (), "deny"),
        (FETCH, ago(SyncComments=15), (), "allow"),
        (FETCH, {}, (FETCHED,), "deny"),
        (FETCH, ago(ListComments=5), (LISTED,), "allow"),
        (SyncComments(post_id=SCHEDULED), ago(SyncComments=5), (FETCHED,), "allow"),
        (COUNT, ago(SyncPostAnalytics=5), (), "deny"),
        (COUNT, {}, (COUNTED,), "deny"),
        (COUNT, ago(SyncComments=5), (FETCHED,), "allow"),
        (PAGE, ago(ListComments=5), (), "deny"),
        (PAGE, ago(ListComments=20), (), "allow"),
        (PAGE, ago(ListComments=20), (LISTED,), "deny"),
        (PAGE, ago(SyncComments=5), (FETCHED,), "allow"),
        (PAGE, ago(ListComments=5, SyncComments=3), (LISTED, FETCHED), "allow"),
        (PAGE, ago(ListComments=3, SyncComments=5), (LISTED, FETCHED), "deny"),
        (ListComments(post_id=PUBLISHED, page=1), ago(ListComments=5), (LISTED,), "deny"),
        (ListComments(post_id=PUBLISHED, page=2), ago(ListComments=5), (LISTED,), "allow"),
        (ListComments(post_id=PUBLISHED, source="INTERNAL"), ago(ListComments=5), (LISTED,), "allow"),
        (ListComments(post_id=PUBLISHED, source="SOCIAL"), ago(ListComments=5), (LISTED,), "deny"),
        (AnalyzeTwitterPost(url="https://x.com/a/status/1", question="Why so?"), {}, (), "allow"),
        (GetAnalyticsPost(post=PUBLISHED), ago(SyncPostAnalytics=5), (COUNTED,), "allow"),
    ],
)
def test_syncs(call: Any, syncs: Any, here: tuple[str, ...], expected: str) -> None:
    facts = knowing(syncs=syncs, synced_here=frozenset((name, PUBLISHED) for name in here))
    assert said("sync.once", call, facts) == expected


def test_what_to_do_instead_is_told() -> None:
    [again] = findings("sync.once", PAGE, knowing(syncs=ago(ListComments=5)))
    assert "later pages are free" in again.passes and again.evidence == "last 2026-11-24 08:55 UTC"


STRICT = """
name: strict
rules:
  budget.requests:
    verdict: deny
"""


@pytest.mark.parametrize(
    ("call", "left", "mode", "expected"),
    [
        (ListPosts(), 11, "attended", "allow"),
        (ListPosts(), 10, "attended", "deny"),
        (ListPosts(), 0, "unattended", "deny"),
        (ListPosts(), 0, "person", "allow"),
        (draft("A."), 0, "attended", "deny later"),
        (FETCH, 0, "attended", "deny"),
        (promote("A."), 0, "attended", "allow"),  # a person's decision uses the share kept for people
    ],
)
def test_an_overlay_can_refuse_what_would_wait(call: Any, left: int, mode: Any, expected: str, tmp_path: Any) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(STRICT)
    strict = load_pack([POLICIES / "default.yaml", path], NETWORK_LIMITS)
    facts = knowing(requests_left=left, mode=mode)
    assert said("budget.requests", call, facts, strict) == expected
    assert said("budget.requests", call, facts) == "allow"


@pytest.mark.parametrize(
    ("call", "feature"),
    [
        (UpdatePostAutoPlug(post=OURS, enabled=False), "auto_plug"),
        (UpdatePostCommentModeration(post=OURS, enabled=False), "moderation"),
        (UpdatePostContactCollection(post=OURS, enabled=False), "contacts"),
        (ListCampaigns(), "campaigns"),
        (GetCampaign(id=20), "campaigns"),
        (CreateCampaign(workspace_id=BERLIN, name="A"), "campaigns"),
        (UpdateCampaign(id=20, name="A"), "campaigns"),
        (DeleteCampaign(id=20), "campaigns"),
        (draft("A.", campaign_id=20), "campaigns"),
        (promote("A.", campaign_id=20), "campaigns"),
    ],
)
def test_features(call: Any, feature: str) -> None:
    others = {"auto_plug", "moderation", "contacts", "campaigns"} - {feature}
    assert said("feature.off", call, knowing(features=frozenset(others))) == "deny"
    assert judge(call, knowing(features=frozenset(others))).verdict is Verdict.DENY
    assert said("feature.off", call, knowing(features=frozenset({feature}))) == "allow"


@pytest.mark.parametrize("call", [draft("A."), draft("A.", campaign_id=None), ListPosts(), PAGE])
def test_all_else_is_on(call: Any) -> None:
    assert said("feature.off", call) == "allow"


def test_a_campaign_that_a_post_already_has_may_stay() -> None:
    kept = type(FACTS.posts[OURS]).model_validate({**FACTS.posts[OURS].model_dump(), "campaign_id": 20})
    facts = knowing(posts={OURS: kept})
    assert said("feature.off", promote("A.", campaign_id=20), facts) == "allow"
    assert said("feature.off", promote("A.", campaign_id=21), facts) == "deny"
