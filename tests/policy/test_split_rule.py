"""Texts of ours that are too long become threads; what only some networks need is divided before it is judged."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.posts import CreatePost, PostFields, settings_of
from agent.api.types import Post
from agent.policy.counting import excess
from agent.policy.pack import Pack, Rule
from agent.policy.preflight import divided
from agent.policy.rules.splits import check_split
from tests.policy.helpers import ACCOUNT, FACTS, PACK, draft, edit, findings, judge, knowing, promote, said, target

RULE = "post.split"
LONG = "We open the kiln at nine. " * 12 + "Come by."
TWO = ["We open the kiln at nine. " * 9 + "We open the kiln at nine.", "We open the kiln at nine. " * 2 + "Come by."]
THREADED = ("twitter", "threads", "bluesky", "mastodon")


def with_figures(**figures: Any) -> Pack:
    rules = tuple(
        Rule(rule.code, rule.params.model_copy(update=figures)) if rule.code is check_split else rule
        for rule in PACK.rules
    )
    return replace(PACK, rules=rules)


def shown(call: Any) -> list[Any]:
    assert isinstance(call, PostFields)
    return [item.text for item in call.content]


def own(call: Any) -> dict[int, dict[str, Any]]:
    """The accounts of a post, with their settings."""
    return {entry.id: settings_of(entry) for entry in call.accounts}


def standing(text: str, *, post: int = 500, network: str = "twitter") -> dict[int, Post]:
    row = {"platform": network, "status": "DRAFT", "account_id": ACCOUNT[network]}
    body = {"id": post, "status": "DRAFT", "workspace_id": 11, "content": [{"text": text}], "platforms": [row]}
    return {**FACTS.posts, post: Post.model_validate(body)}


def test_the_first_part_keeps_what_belongs_to_the_post() -> None:
    item = {"text": LONG, "media": [41], "cover_image": {"thumbnail": 41}}
    call = judge(draft(None, "twitter", content=[item], labels=[5])).call
    assert isinstance(call, CreatePost) and shown(call) == TWO and call.labels == (5,)
    assert call.content[0].media == (41,) and call.content[1].model_dump() == {"text": TWO[1]}
    assert call.content[0].cover_image.thumbnail == 41  # type: ignore[union-attr]


def test_the_finding_tells_how_much_and_shows_the_parts() -> None:
    [finding] = findings(RULE, draft(LONG, "twitter"))
    assert finding.verdict.word == "rewrite" and not finding.later
    assert finding.says == "The text is 40 over on twitter (320 of 280 weighted characters): it becomes 2 parts."
    assert finding.evidence == f"1: {TWO[0]}\n2: {TWO[1]}"


def test_a_variant_that_all_accounts_share_is_cut() -> None:
    call = judge(draft("Short.", target("twitter", text=LONG, community_id="7"))).call
    assert shown(call) == TWO and own(call) == {ACCOUNT["twitter"]: {"community_id": "7"}}
    both = judge(draft("Short.", target("twitter", text=LONG), target("bluesky", title=LONG))).call
    assert shown(both) == TWO and own(both) == {ACCOUNT["twitter"]: {}, ACCOUNT["bluesky"]: {}}


def test_accounts_with_different_texts_share_no_parts() -> None:
    call = draft("Short.", target("twitter", text=LONG), "bluesky")
    assert said(RULE, call) == "allow" and said("post.length", call) == "deny later"


def test_hashtags_go_first() -> None:
    judgement = judge(draft("a" * 275 + " #one #two #three", "twitter"))
    assert [finding.rule for finding in judgement.findings] == ["post.hashtags", "post.split"]
    assert shown(judgement.call) == ["a" * 275 + " #one", "#two"]
    assert shown(judge(draft("a" * 268 + " #one #two #three", "twitter")).call) == ["a" * 268 + " #one #two"]


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [
        (("Come by.",), "rewrite"),
        (("at nine. Come",), "rewrite"),
        ((LONG,), "allow"),
        ((LONG.replace(" ", "  "),), "allow"),
        ((LONG[:200],), "allow"),
        ((LONG[200:],), "rewrite"),
        (("something else",), "rewrite"),
    ],
)
def test_quoted_words_are_never_cut(quoted: tuple[str, ...], expected: str) -> None:
    facts = knowing(quoted=quoted)
    assert said(RULE, draft(LONG, "twitter"), facts) == expected
    kept = [" ".join(text.split()) for text in shown(judge(draft(LONG, "twitter"), facts).call)]
    assert all(any(" ".join(words.split()) in text for text in kept) for words in quoted if words in LONG)


def test_what_stood_there_before_is_left_as_it_is() -> None:
    facts = knowing(posts=standing(LONG))
    assert said(RULE, edit(500, LONG, "twitter", labels=[5]), facts) == "allow"
    assert said(RULE, edit(500, LONG + " Really.", "twitter"), facts) == "rewrite"
    assert said("post.length", promote(LONG, "twitter"), facts) == "deny"
    theirs = knowing(posts=standing(LONG, post=503))
    assert said("post.length", promote(LONG, "twitter", post=503), theirs) == "hold"
    tags = "We open. #one #two #three"
    assert said("post.hashtags", promote(tags, "twitter"), knowing(posts=standing(tags))) == "hold"


def test_what_a_person_decided_is_not_cut() -> None:
    assert judge(draft(LONG, "twitter"), knowing(decided=True)).call == draft(LONG, "twitter")
    assert said("post.length", promote(LONG, "twitter"), knowing(decided=True)) == "hold"


def test_parts_may_be_numbered_and_are_limited() -> None:
    call = judge(draft(LONG, "twitter"), FACTS, with_figures(numbered=True)).call
    assert [text[-4:] for text in shown(call)] == [" 1/2", " 2/2"]
    thread = draft(None, "twitter", content=[{"text": "One."}, {"text": LONG}])
    assert shown(judge(thread, FACTS, with_figures(numbered=True)).call) == ["One.", *TWO]
    assert shown(judge(thread, FACTS, with_figures(most=3)).call) == ["One.", *TWO]
    assert shown(judge(thread, FACTS, with_figures(most=2)).call) == ["One.", LONG]


SENTENCES = [
    "We open at nine.",
    "Come by!",
    "一二三四五。",
    "See https://example.com/a.",
    "With @ann, of course;",
    "\n\n",
]
SENTENCES += [
    "word " * 30,
    "#tag",
    "a" * 120,
    "“So it is…”",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
]
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=30).map(" ".join)


@settings(max_examples=60)
@given(TEXTS, st.lists(st.sampled_from(THREADED), min_size=1, unique=True), st.booleans())
def test_a_cut_draft_fits_everywhere_and_is_cut_once(text: str, networks: list[str], numbered: bool) -> None:
    pack = with_figures(numbered=numbered)
    call = draft(text, *networks)
    judgement = judge(call, FACTS, pack)
    again = judge(judgement.call, FACTS, pack)
    assert again.call == judgement.call and not again.rewritten
    assert judge(call, FACTS, pack) == judgement
    if judgement.rewritten and any(finding.rule == RULE for finding in judgement.findings):
        assert all(
            excess(part, network, PACK.networks.of(network)) is None
            for part in shown(judgement.call)
            for network in networks
        )
        assert said("post.length", judgement.call) == "allow"


# Dividing


def parts(call: Any, **facts: Any) -> list[tuple[dict[int, dict[str, Any]], list[Any]]]:
    calls, notes = divided(call, knowing(**facts), PACK)
    assert bool(notes) is (len(calls) > 1)
    return [(own(one), shown(one)) for one in calls]


LINKEDIN, X, BLUESKY, MASTODON = (ACCOUNT[name] for name in ("linkedin", "twitter", "bluesky", "mastodon"))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (draft("It fits.", "twitter", "linkedin"), [({X: {}, LINKEDIN: {}}, ["It fits."])]),
        (draft(LONG, "twitter", "bluesky"), [({X: {}, BLUESKY: {}}, [LONG])]),
        (draft(LONG, "twitter", "linkedin"), [({LINKEDIN: {}}, [LONG]), ({X: {}}, [LONG])]),
        (
            draft(LONG, "bluesky", "mastodon", "twitter", "linkedin"),
            [({MASTODON: {}, LINKEDIN: {}}, [LONG]), ({BLUESKY: {}, X: {}}, [LONG])],
        ),
        (draft("Short.", target("twitter", text=LONG), "linkedin"), [({LINKEDIN: {}}, ["Short."]), ({X: {}}, [LONG])]),
        (
            draft(LONG, target("twitter", text=LONG + " X."), "bluesky"),
            [({X: {}}, [LONG + " X."]), ({BLUESKY: {}}, [LONG])],
        ),
        (draft("a" * 281, "twitter", "linkedin"), [({X: {}, LINKEDIN: {}}, ["a" * 281])]),
        (draft("a" * 4000, "linkedin", "facebook"), [({LINKEDIN: {}, ACCOUNT["facebook"]: {}}, ["a" * 4000])]),
    ],
)
def test_what_is_divided(call: Any, expected: Any) -> None:
    assert parts(call) == expected


def test_each_draft_of_a_divided_one_passes() -> None:
    calls, notes = divided(draft(LONG, "twitter", "linkedin", labels=[5]), FACTS, PACK)
    assert notes == ("The text is too long for twitter: there it gets a draft of its own, as a thread.",)
    assert [shown(judge(call).call) for call in calls] == [[LONG], TWO]
    assert all(call.labels == (5,) for call in calls if isinstance(call, CreatePost))
    for call in calls:
        assert [said(rule, judge(call).call) for rule in ("post.length", "post.thread")] == ["allow", "allow"]
        assert divided(call, FACTS, PACK) == ((call,), ())


@pytest.mark.parametrize(
    "call",
    [
        draft(None, "twitter", "linkedin", content=[{"text": LONG}, {"text": "More."}]),
        draft(None, "twitter", "linkedin", content=[{"text": LONG}, {"text": "More.", "is_first_comment": True}]),
        draft(None, "twitter", "linkedin", content=[{"media": [41]}]),
        edit(500, LONG, "twitter", "linkedin"),
        promote(LONG, "twitter", "linkedin"),
    ],
)
def test_what_is_never_divided(call: Any) -> None:
    assert divided(call, FACTS, PACK) == ((call,), ())


def test_the_persons_words_are_not_divided() -> None:
    call = draft(LONG, "twitter", "linkedin")
    for facts in (knowing(quoted=(LONG,)), knowing(mode="person"), knowing(decided=True)):
        assert divided(call, facts, PACK) == ((call,), ())
    off = with_figures(verdict=type(PACK.by_id[0].verdict).ALLOW)
    assert divided(call, FACTS, off) == ((call,), ())
