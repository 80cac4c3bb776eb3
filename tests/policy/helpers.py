"""A small world as facts, short ways to write calls, and what a rule said about them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.api.networks import NETWORKS
from agent.api.posts import CreatePost, UpdatePost
from agent.journal.findings import Finding
from agent.policy.engine import decide
from agent.policy.facts import Facts
from agent.policy.given import load_world, sources_of
from agent.policy.pack import Pack, load_pack
from agent.policy.verdict import Judgement

POLICIES = Path(__file__).parent.parent.parent / "policies"
NETWORK_LIMITS = POLICIES / "networks.yaml"
PACK = load_pack([POLICIES / "default.yaml"], NETWORK_LIMITS)
UNATTENDED = load_pack([POLICIES / "default.yaml", POLICIES / "unattended.yaml"], NETWORK_LIMITS)

#: A Tuesday, 10:00 in Berlin.
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BERLIN, NEW_YORK = 11, 12
#: An account of each network in Berlin: twitter 101, facebook 102, …
ACCOUNT: dict[str, int] = {network: 101 + place for place, network in enumerate(NETWORKS)}
EXPIRED, ELSEWHERE, NO_HOME, ODD = 198, 201, 197, 199
OURS, SCHEDULED, PUBLISHED, FOREIGN, OTHER_SPACE, UNREAD = 500, 501, 502, 503, 601, 999
MEDIA, MEDIA_ELSEWHERE = 40, 49


#: policies/tests/world.yaml, which users' own tests start from, too.
FACTS = load_world(POLICIES / "tests" / "world.yaml")


def knowing(**changes: Any) -> Facts:
    """The facts with changes; where words come from follows them."""
    facts = replace(FACTS, **changes)
    return facts if "sources" in changes else replace(facts, sources=sources_of(facts))


def target(network: str, **settings: Any) -> dict[str, Any]:
    """An entry of `accounts` for our account of a network."""
    entry: dict[str, Any] = {"id": ACCOUNT[network]}
    return {**entry, "settings": settings} if settings else entry


def body(text: str | None, networks: Sequence[str | dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A post's body for our accounts of these networks."""
    accounts = [target(one) if isinstance(one, str) else one for one in networks]
    content = [{} if text is None else {"text": text}]
    return {"workspace_id": BERLIN, "content": content, "accounts": accounts, "schedule_type": "draft", **more}


def draft(text: str | None, *networks: str | dict[str, Any], **more: Any) -> CreatePost:
    """A new draft."""
    return CreatePost.model_validate_json(json.dumps(body(text, networks or ["linkedin"], **more)))


def edit(post: int, text: str | None, *networks: str | dict[str, Any], **more: Any) -> UpdatePost:
    """An update that leaves or makes the post a draft."""
    return UpdatePost.model_validate_json(json.dumps({"id": post, **body(text, networks or ["linkedin"], **more)}))


def promote(
    text: str | None,
    *networks: str | dict[str, Any],
    post: int = OURS,
    at: str | None = "2026-12-01 09:00",
    zone: str | None = "Europe/Berlin",
    **more: Any,
) -> UpdatePost:
    """An update that schedules the post."""
    when: dict[str, Any] = {"schedule_type": "schedule"}
    if at is not None:
        date, time = at.split()
        when["schedule_for"] = {"date": date, "time": time, **({} if zone is None else {"timezone": zone})}
    return edit(post, text, *networks, **{**when, **more})


def publish(text: str | None, *networks: str | dict[str, Any], post: int = OURS, **more: Any) -> UpdatePost:
    """An update that publishes the post now."""
    return edit(post, text, *networks, schedule_type="publish_now", **more)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def judge(call: Any, facts: Facts = FACTS, pack: Pack = PACK) -> Judgement:
    return decide(call, facts, pack)


def findings(rule: str, call: Any, facts: Facts = FACTS, pack: Pack = PACK) -> list[Finding]:
    """What one rule said."""
    return [finding for finding in judge(call, facts, pack).findings if finding.rule == rule]


def said(rule: str, call: Any, facts: Facts = FACTS, pack: Pack = PACK) -> str:
    """The strictest verdict of one rule, with `later` where it waits for the promotion; `allow` where it is silent."""
    found = findings(rule, call, facts, pack)
    if not found:
        return "allow"
    worst = max(found, key=lambda finding: finding.verdict)
    return worst.verdict.word + (" later" if worst.later else "")
