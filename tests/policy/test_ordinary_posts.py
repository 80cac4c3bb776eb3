"""The shipped figures hold no ordinary post: tried over the texts of the sandbox's worlds, in a dozen languages."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ruamel.yaml import YAML

from agent.journal.findings import Verdict
from agent.policy.provenance import Source, Sources
from agent.sandbox.agency.making import agency
from tests.policy.helpers import FACTS, OURS, POLICIES, judge, publish

SHOP = POLICIES.parent / "agent" / "sandbox" / "worlds" / "shop.yaml"
#: The rules about words, their origin, links and media.
ROOMS = ("words.", "origin.", "link.", "media.", "text.")
#: Every so many posts of the agency's two thousand: enough of each client.
STEP = 7


def _texts(posts: list[dict[str, Any]]) -> Iterator[str]:
    for post in posts:
        text = post.get("text") or (post.get("content") or [{}])[0].get("text")
        if text:
            yield text


def shop() -> list[str]:
    return list(_texts(YAML(typ="safe").load(SHOP.read_text(encoding="utf-8"))["posts"]))


def big() -> list[str]:
    return list(_texts(agency()["posts"]))[::STEP]


def held(texts: list[str], sources: Sources) -> tuple[int, Counter[str]]:
    """How many of the texts would be held or denied for their words when they go out, and by which rules."""
    facts = replace(FACTS, sources=sources, posts={OURS: FACTS.posts[OURS]})
    count, rules = 0, Counter[str]()
    for text in texts:
        findings = judge(publish(text), facts).findings
        bites = {one.rule for one in findings if one.verdict >= Verdict.HOLD and one.rule.startswith(ROOMS)}
        count += bool(bites)
        rules.update(bites)
    return count, rules


def test_posts_like_those_that_were_out_before_are_not_held() -> None:
    for texts in (shop(), big()):
        known = Sources(Source(f"post {number}", "known", text) for number, text in enumerate(texts))
        assert held(texts, known) == (0, Counter())


def test_where_nothing_was_read_only_hosts_and_figures_are_looked_at() -> None:
    few, rules = held(shop(), Sources())
    assert few <= 2 and set(rules) <= {"origin.figures"}
    texts = big()
    count, rules = held(texts, Sources())
    assert set(rules) <= {"origin.figures", "link.hosts"}
    assert count < 0.35 * len(texts) and rules["origin.figures"] < 0.12 * len(texts)
