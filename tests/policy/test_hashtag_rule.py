"""Hashtags: the first ones stay, the person's words are never touched, far too many wait."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.networks import NETWORKS
from agent.api.posts import PostFields, settings_of
from agent.policy.entities import hashtags
from tests.policy.helpers import FACTS, PACK, draft, findings, judge, knowing, promote, said, target

RULE = "post.hashtags"


def tags(count: int, start: int = 1) -> str:
    return " ".join(f"#tag{number}" for number in range(start, start + count))


def texts(call: Any) -> dict[str, str]:
    """Every text of a post by its place."""
    assert isinstance(call, PostFields)
    found = {f"content.{place}": item.text for place, item in enumerate(call.content)}
    accounts: Any = call.accounts
    for entry in accounts:
        found |= {f"{entry.id}.{name}": value for name, value in settings_of(entry).items()}
    return {place: text for place, text in found.items() if isinstance(text, str)}


@pytest.mark.parametrize(("network", "most"), [(name, {"twitter": 2, "threads": 1}.get(name, 5)) for name in NETWORKS])
def test_each_network_has_its_number(network: str, most: int) -> None:
    assert said(RULE, draft(f"Mugs. {tags(most)}", network)) == "allow"
    judgement = judge(draft(f"Mugs. {tags(most + 1)}", network))
    assert (judgement.verdict.word, judgement.rewritten) == ("rewrite", True)
    assert texts(judgement.call) == {"content.0": f"Mugs. {tags(most)}"}
    assert said(RULE, draft(f"Mugs. {tags(2 * most)}", network)) == "rewrite"
    assert said(RULE, draft(f"Mugs. {tags(2 * most + 1)}", network)) == "hold later"
    assert said(RULE, promote(f"Mugs. {tags(2 * most + 1)}", network)) == "hold"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        # a variant of its own is what counts, and what is shortened
        (draft("Mugs.", target("twitter", text=f"X. {tags(3)}")), {"content.0": "Mugs.", "101.text": f"X. {tags(2)}"}),
        (draft(tags(4), target("twitter", text="X.")), None),
        (
            draft("Mugs.", target("youtube", title=f"Y. {tags(4)}", description=f"D. {tags(3, 5)}")),
            {"content.0": "Mugs.", "105.title": f"Y. {tags(4)}", "105.description": "D. #tag5"},
        ),
        # words that others share stay for them
        (
            draft(f"Mugs. {tags(4)}", "twitter", "linkedin"),
            {"content.0": f"Mugs. {tags(4)}", "101.text": f"Mugs. {tags(2)}"},
        ),
        (
            draft(f"Mugs. {tags(2)}", "twitter", "threads", "linkedin"),
            {"content.0": f"Mugs. {tags(2)}", "107.title": f"Mugs. {tags(1)}"},
        ),
        # all need it, or one has no field of its own: the shared words change
        (
            draft(f"Mugs. {tags(6)}", "bluesky", target("youtube", title="#title")),
            {"content.0": f"Mugs. {tags(5)}", "105.title": "#title", "105.description": f"Mugs. {tags(4)}"},
        ),
        (draft(f"Mugs. {tags(6)}", "linkedin", "telegram"), {"content.0": f"Mugs. {tags(5)}"}),
        (draft(f"Mugs. {tags(6)}", "linkedin", "bluesky"), {"content.0": f"Mugs. {tags(5)}"}),
        # thread items and the first comment count, in order
        (
            draft(None, "twitter", content=[{"text": "One #a"}, {"text": "Two #b"}, {"text": "Three #c"}]),
            {"content.0": "One #a", "content.1": "Two #b", "content.2": "Three"},
        ),
        (
            draft(None, "linkedin", content=[{"text": tags(5)}, {"text": "More #b", "is_first_comment": True}]),
            {"content.0": tags(5), "content.1": "More"},
        ),
        (draft(None, "linkedin", content=[{"media": [41]}]), None),
        (draft("No tags; a # b", "twitter"), None),
    ],
)
def test_what_is_shortened(call: Any, expected: dict[str, str] | None) -> None:
    judgement = judge(call)
    if expected is None:
        assert judgement.call == call and not judgement.rewritten
    else:
        assert texts(judgement.call) == expected
        assert judgement.rewritten


def test_the_finding_shows_before_and_after() -> None:
    [finding] = findings(RULE, promote("Mugs. #a #b #c", "twitter"))
    assert finding.verdict.word == "rewrite"
    assert finding.says == "3 hashtags for twitter, where 2 fit."
    assert finding.evidence == "content.0.text: 'Mugs. #a #b #c' → 'Mugs. #a #b'"
    judgement = judge(promote("Mugs. #a #b #c", "twitter"))
    assert judgement.verdict.word == "hold" and texts(judgement.call) == {"content.0": "Mugs. #a #b"}


@pytest.mark.parametrize(
    ("text", "quoted", "expected"),
    [
        ("Mugs. #a #b #c", ("Mugs. #a #b #c",), "hold later"),
        ("Mugs.  #a\n#b #c", ("Mugs. #a #b #c",), "hold later"),
        ("Mugs. #a #b #c", ("#c",), "hold later"),
        ("Mugs. #a #b #c", ("Mugs.",), "rewrite"),
        ("Mugs. #a #b #c", ("#a #b",), "rewrite"),
        ("Mugs. #a #b #c", ("Bowls. #a #b #c",), "rewrite"),
        ("Cafe\u0301 #a #b #c", ("Café #a #b #c",), "hold later"),
    ],
)
def test_quoted_words_are_never_changed(text: str, quoted: tuple[str, ...], expected: str) -> None:
    call = draft(text, "twitter")
    facts = knowing(quoted=quoted)
    assert said(RULE, call, facts) == expected
    if expected != "rewrite":
        assert judge(call, facts).call == call
        assert judge(call, facts).verdict.word == "allow"
        assert said(RULE, promote(text, "twitter"), facts) == "hold"


def test_a_quote_that_one_of_two_accounts_would_lose_is_kept_for_both() -> None:
    call = draft("Mugs. #a #b #c", "twitter", "linkedin")
    facts = knowing(quoted=("Mugs. #a #b #c",))
    assert judge(call, facts).call == call
    assert said(RULE, call, facts) == "hold later"


def test_a_persons_own_call_is_never_rewritten() -> None:
    call = promote("Mugs. #a #b #c", "twitter")
    judgement = judge(call, knowing(mode="person"))
    assert (judgement.call, judgement.verdict.word) == (call, "hold")
    assert said(RULE, call, knowing(mode="person")) == "hold"


def test_one_account_far_over_holds_the_whole_post() -> None:
    call = draft(f"Mugs. {tags(4)}", "twitter", "threads")
    assert judge(call).call == call
    assert {finding.says for finding in findings(RULE, call)} == {
        "4 hashtags for twitter, where 2 fit.",
        "4 hashtags for threads, where 1 fit.",
    }


def test_settings_that_do_not_fit_are_left_to_another_rule() -> None:
    call = draft(tags(4), target("twitter", board_id=3))
    assert (said(RULE, call), said("target.accounts", call)) == ("allow", "deny")


ITEMS = st.lists(
    st.lists(st.sampled_from(["#a", "#b1", "words", "https://example.com/#x", "#née", "\n", "(#c)"]), max_size=6),
    min_size=1,
    max_size=3,
)
TARGETS = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=4, unique=True)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(ITEMS, TARGETS, st.booleans(), st.lists(st.sampled_from(["#a", "words #b1", "#c"]), max_size=1))
def test_rewriting_comes_to_rest(items: Any, networks: Any, promoted: bool, quoted: list[str]) -> None:
    content = [{"text": " ".join(words)} for words in items]
    call = (promote if promoted else draft)(None, *networks, content=content)
    facts = knowing(quoted=tuple(quoted))
    judgement = judge(call, facts)
    again = judge(judgement.call, facts)
    assert again.call == judgement.call and not again.rewritten
    assert not any(finding.verdict.word == "rewrite" for finding in again.findings)
    held = [finding for finding in judgement.findings if finding.rule == RULE and finding.verdict.word == "hold"]
    if not held:
        for entry in judgement.call.accounts:  # type: ignore[attr-defined]  # a post's body has accounts
            network = FACTS.accounts[entry.id].platform
            limit = min(5, PACK.networks.of(network).hashtags.value)
            assert _shown_tags(judgement.call, entry, network) <= limit
    for where, text in texts(judgement.call).items():
        if where in texts(call):
            assert _words(text) == _words(texts(call)[where])


def _shown_tags(call: Any, entry: Any, network: str) -> int:
    own = [value for value in settings_of(entry).values() if isinstance(value, str)]
    shown = [own[0] if own else call.content[0].text, *(item.text for item in call.content[1:])]
    return sum(len(hashtags(text, network)) for text in shown)


def _words(text: str) -> list[str]:
    return [word for word in re.sub(r"(?<!/)#\w+|[()]", " ", text).split() if word]
