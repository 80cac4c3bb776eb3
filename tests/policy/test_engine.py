"""The decision as a whole: pure, free of order, never loosened by a rule, at rest after rewriting."""

import random
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.catalogue import OPERATIONS
from agent.api.comments import CreateComment, DeleteComment, SyncComments
from agent.api.endpoint import Effect, LocalFile
from agent.api.labels import CreateLabel
from agent.api.media import UploadMediaFile
from agent.api.networks import NETWORKS
from agent.api.posts import CreatePost, DeletePost, GetPost, ListPosts, UpdatePost, UpdatePostAutoPlug
from agent.journal.findings import Verdict
from agent.policy.engine import NOT_AT_REST, NOT_PERMITTED, decide
from agent.policy.pack import Pack, Rule
from agent.policy.rules.rule import Found, Params, Rewriting, RuleCode
from tests.policy.helpers import (
    ACCOUNT,
    BERLIN,
    FACTS,
    OURS,
    PACK,
    PUBLISHED,
    SCHEDULED,
    UNATTENDED,
    draft,
    edit,
    judge,
    knowing,
    promote,
    publish,
    target,
)


class _Any(Params):
    verdict: Rewriting


def rule_with(check: Any, verdict: Verdict = Verdict.HOLD, *, unsafe: bool = False, name: str = "test.rule") -> Rule:
    """A rule for all effects."""
    code = RuleCode(name, _Any, frozenset(Effect), unsafe, check)
    return Rule(code, _Any(says="A test.", source="test", verdict=verdict))


def always(verdict: Verdict, *, unsafe: bool = False, name: str = "test.rule") -> Rule:
    return rule_with(lambda _case, _params: [Found("It fired.")], verdict, unsafe=unsafe, name=name)


def with_rules(*rules: Rule, pack: Pack = PACK) -> Pack:
    return replace(pack, rules=(*pack.rules, *rules))


# -- every kind of call ----------------------------------------------------------------------------------------------

IDS = st.sampled_from([OURS, SCHEDULED, PUBLISHED, 503, 601, 999, 1, 3, 5, 7, 20, 40, ACCOUNT["twitter"], BERLIN])
TEXTS = st.sampled_from(
    ["Mugs.", "#a #b #c #d", "#a #b #c #d #e #f #g", "@a @b @c @d", "", "http://example.com", "a\u202eb", "a" * 300]
)
NETWORK_SETS = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=3)
TIMES = st.sampled_from(["2026-12-01 09:00", "2027-03-28 02:30", "2026-11-24 09:00", "2028-01-01 09:00", None])


@st.composite
def posts(draw: Any) -> Any:
    text, networks = draw(TEXTS), draw(NETWORK_SETS)
    more: dict[str, Any] = {}
    if draw(st.booleans()):
        more["content"] = [{"text": text}, {"text": draw(TEXTS), "is_first_comment": draw(st.booleans())}]
    kind = draw(st.sampled_from(["draft", "edit", "promote", "publish", "create"]))
    if kind == "draft":
        return draft(text, *networks, **more)
    if kind == "create":
        return draft(text, *networks, schedule_type="publish_now", **more)
    post = draw(st.sampled_from([OURS, SCHEDULED, PUBLISHED, 503, 601, 999]))
    if kind == "edit":
        return edit(post, text, *networks, **more)
    if kind == "publish":
        return publish(text, *networks, post=post, **more)
    return promote(text, *networks, post=post, at=draw(TIMES), **more)


@st.composite
def other_calls(draw: Any) -> Any:
    """A call of any operation, its required fields filled from what there is."""
    name = draw(st.sampled_from(sorted(set(OPERATIONS) - {"CreatePost", "UpdatePost"})))
    values: dict[str, Any] = {}
    for field, info in OPERATIONS[name].model_fields.items():
        if info.is_required() or (draw(st.booleans()) and field in {"page", "workspace_id", "parent_comment_id"}):
            values[field] = _value(draw, field)
    return OPERATIONS[name].model_validate(values)


def _value(draw: Any, field: str) -> Any:
    if field == "file":
        return LocalFile(path="/a/b.png", name="b.png", mime="image/png", size=1, sha256="0" * 64)
    fixed: dict[str, Any] = {
        "enabled": False,
        "color": "#ffffff",
        "name": "A",
        "urls": ("https://example.com/a",),
        "url": "https://x.com/a/status/1",
        "post_url": "https://x.com/a/status/1",
        "question": "Why so?",
        "platform_post_id": "1",
        "page": 1,
    }
    return fixed[field] if field in fixed else draw(IDS)


CALLS = st.one_of(posts(), other_calls())
ALL_FACTS = st.builds(
    knowing,
    goal=st.sampled_from(["Draft it", "Publish posts 999 and 503", "", "Veröffentliche es", "next free slot please"]),
    mode=st.sampled_from(["attended", "unattended", "person"]),
    scope=st.sampled_from([frozenset(), frozenset({BERLIN}), frozenset({BERLIN, 12})]),
    quoted=st.sampled_from([(), ("#a #b #c #d",)]),
    features=st.sampled_from([frozenset(), frozenset({"auto_plug", "moderation", "contacts", "campaigns"})]),
    secrets=st.sampled_from([(), ("Mugs-and-more",)]),
    folders_allowed=st.sampled_from([(), ("/a",)]),
)
PACKS = st.sampled_from([PACK, UNATTENDED])


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(CALLS, ALL_FACTS, PACKS, st.randoms(use_true_random=False))
def test_pure_and_free_of_order(call: Any, facts: Any, pack: Pack, chance: random.Random) -> None:
    before = call.model_dump_json()
    first = decide(call, facts, pack)
    rules = list(pack.rules)
    chance.shuffle(rules)
    assert decide(call, facts, replace(pack, rules=tuple(rules))) == first == decide(call, facts, pack)
    assert call.model_dump_json() == before


@settings(max_examples=150, deadline=None)
@given(CALLS, ALL_FACTS, PACKS)
def test_what_every_judgement_holds(call: Any, facts: Any, pack: Pack) -> None:
    judgement = decide(call, facts, pack)
    if judgement.effect.guarded:
        assert judgement.verdict >= Verdict.HOLD
    if judgement.effect is Effect.DRAFT:
        assert judgement.verdict is not Verdict.HOLD
    biting = [finding.verdict for finding in judgement.findings if not finding.later]
    assert judgement.verdict == max(biting, default=Verdict.ALLOW)
    assert judgement.findings == () or judgement.verdict is Verdict.ALLOW or not judgement.findings[0].later
    if judgement.verdict > Verdict.REWRITE:
        assert judgement.findings[0].verdict is judgement.verdict
    assert all(finding.says.endswith(".") and len(finding.evidence) < 3000 for finding in judgement.findings)
    assert judgement.rewritten == (judgement.call != call)
    if facts.mode == "unattended" and pack is UNATTENDED and judgement.effect in {Effect.CONFIG, Effect.DESTRUCTIVE}:
        assert judgement.verdict is Verdict.DENY


@settings(max_examples=150, deadline=None)
@given(CALLS, ALL_FACTS)
def test_a_rewritten_call_needs_no_more_rewriting(call: Any, facts: Any) -> None:
    judgement = decide(call, facts, PACK)
    again = decide(judgement.call, facts, PACK)
    assert not again.rewritten and again.call == judgement.call
    settled = tuple(finding for finding in judgement.findings if finding.verdict is not Verdict.REWRITE)
    assert again.findings == settled


@settings(max_examples=100, deadline=None)
@given(CALLS, ALL_FACTS, st.sampled_from([Verdict.ALLOW, Verdict.HOLD, Verdict.DENY]), st.booleans(), st.data())
def test_a_rule_more_never_loosens(call: Any, facts: Any, verdict: Verdict, unsafe: bool, data: Any) -> None:
    fewer = data.draw(st.lists(st.sampled_from(PACK.rules), unique_by=lambda rule: rule.id))
    small = replace(PACK, rules=tuple(rule for rule in fewer if rule.id != "post.hashtags"))
    more = with_rules(always(verdict, unsafe=unsafe), pack=small)
    assert decide(call, facts, more).verdict >= decide(call, facts, small).verdict
    # a rule that rewrites: what it lets through is no looser than without it
    rewriting = replace(small, rules=(*small.rules, *(rule for rule in PACK.rules if rule.id == "post.hashtags")))
    judgement = decide(call, facts, rewriting)
    assert judgement.verdict >= decide(judgement.call, facts, small).verdict


# -- figures for single objects ----------------------------------------------------------------------------------------

_TIGHTER: dict[str, list[dict[str, Any]]] = {
    "post.mentions": [{"most": 0}, {"most": 2, "verdict": "deny"}],
    "post.hashtags": [{"most": 1}, {"verdict": "hold"}, {"far_over": "deny", "quoted": "deny"}],
    "time.lead": [{"minutes": 60}],
    "time.far": [{"days": 1}, {"days": 2, "verdict": "deny"}],
    "confirm.outbound": [{"verdict": "deny"}],
    "confirm.destructive": [{"verdict": "deny"}],
    "comments.once": [{"verdict": "deny"}],
    "budget.requests": [{"verdict": "hold"}],
}
_OBJECTS = st.sampled_from(
    [("workspace", BERLIN), ("workspace", 12), ("campaign", 20)]
    + [("account", ACCOUNT[network]) for network in ("twitter", "linkedin", "instagram")]
)


@st.composite
def scoped_packs(draw: Any) -> Pack:
    """The shipped pack, and over it stricter figures for some objects."""
    scoped: dict[Any, list[Any]] = {}
    for scope in draw(st.lists(_OBJECTS, min_size=1, max_size=4)):
        rule_id = draw(st.sampled_from(sorted(_TIGHTER)))
        figures = draw(st.sampled_from(_TIGHTER[rule_id]))
        scoped.setdefault(scope, []).append({rule_id: figures})
    return replace(PACK, scoped=scoped)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(CALLS, ALL_FACTS, scoped_packs(), st.randoms(use_true_random=False))
def test_figures_of_objects_are_pure_and_free_of_order(
    call: Any, facts: Any, pack: Pack, chance: random.Random
) -> None:
    first = decide(call, facts, pack)
    rules, scopes = list(pack.rules), list(pack.scoped.items())
    chance.shuffle(rules)
    chance.shuffle(scopes)
    assert decide(call, facts, replace(pack, rules=tuple(rules), scoped=dict(scopes))) == first


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(CALLS, ALL_FACTS, scoped_packs())
def test_stricter_figures_of_objects_never_loosen(call: Any, facts: Any, pack: Pack) -> None:
    judgement = decide(call, facts, pack)
    # What is rewritten is held against the call that goes out: the strictest of its findings, and no fewer.
    assert judgement.verdict >= decide(judgement.call, facts, PACK).verdict
    if not judgement.rewritten:
        assert judgement.verdict >= decide(call, facts, PACK).verdict


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(CALLS, ALL_FACTS, scoped_packs())
def test_rewriting_for_objects_comes_to_rest(call: Any, facts: Any, pack: Pack) -> None:
    judgement = decide(call, facts, pack)
    again = decide(judgement.call, facts, pack)
    assert not again.rewritten and again.call == judgement.call
    assert again.findings == tuple(one for one in judgement.findings if one.verdict is not Verdict.REWRITE)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(CALLS, ALL_FACTS, scoped_packs(), st.sampled_from([Verdict.ALLOW, Verdict.HOLD, Verdict.DENY]), st.booleans())
def test_a_rule_more_never_loosens_where_objects_have_figures(
    call: Any, facts: Any, pack: Pack, verdict: Verdict, unsafe: bool
) -> None:
    more = with_rules(always(verdict, unsafe=unsafe), pack=pack)
    assert decide(call, facts, more).verdict >= decide(call, facts, pack).verdict


@settings(max_examples=60, deadline=None)
@given(CALLS, ALL_FACTS, PACKS, st.sampled_from(["2026-11-24T09:00", "2027-03-28T00:59", "2031-01-01T00:00"]))
def test_nothing_but_call_facts_pack_and_their_clock_counts(call: Any, facts: Any, pack: Pack, now: str) -> None:
    """The same call parsed anew and facts of the same content give the same answer, whatever the machine's clock."""
    then = replace(facts, now=datetime.fromisoformat(f"{now}+00:00"))
    anew = type(call).model_validate_json(call.model_dump_json())
    copied = replace(then, posts=dict(then.posts), accounts=dict(then.accounts), quoted=tuple(then.quoted))
    assert decide(anew, copied, replace(pack)) == decide(call, then, pack)


# -- classes, floors, drafts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "effect", "verdict"),
    [
        (ListPosts(), "read", "allow"),
        (GetPost(id=OURS), "read", "allow"),
        (SyncComments(post_id=PUBLISHED), "sync", "allow"),
        (draft("A."), "draft", "allow"),
        (edit(OURS, "A."), "draft", "allow"),
        (CreateLabel(workspace_id=BERLIN, name="A", color="#ffffff"), "organise", "allow"),
        (promote("A."), "outbound", "hold"),
        (publish("A."), "outbound", "hold"),
        (CreateComment(post_id=PUBLISHED, content="A."), "outbound", "hold"),
        (UpdatePostAutoPlug(post=OURS, enabled=False), "config", "deny"),
        (DeletePost(id=OURS), "destructive", "hold"),
        (DeleteComment(comment=1), "destructive", "hold"),
        (edit(SCHEDULED, "A."), "destructive", "hold"),
    ],
)
def test_classes(call: Any, effect: str, verdict: str) -> None:
    judgement = judge(call, knowing(goal="Publish it"))
    assert (judgement.effect.value, judgement.verdict.word) == (effect, verdict)


@pytest.mark.parametrize("effect", list(Effect))
def test_what_no_rule_permits_is_denied(effect: Effect) -> None:
    calls: dict[Effect, Any] = {
        Effect.READ: ListPosts(),
        Effect.SYNC: SyncComments(post_id=PUBLISHED),
        Effect.DRAFT: draft("A."),
        Effect.ORGANISE: CreateLabel(workspace_id=BERLIN, name="A", color="#ffffff"),
        Effect.OUTBOUND: promote("A."),
        Effect.CONFIG: UpdatePostAutoPlug(post=OURS, enabled=False),
        Effect.DESTRUCTIVE: DeletePost(id=OURS),
    }
    bare = replace(PACK, rules=(), floors={})
    judgement = decide(calls[effect], FACTS, bare)
    assert judgement.effect is effect
    assert (judgement.verdict, [finding.rule for finding in judgement.findings]) == (Verdict.DENY, [NOT_PERMITTED])
    assert judgement.findings[0].says == f"No rule of this policy permits {effect.value} calls."


def test_guarded_effects_wait_even_without_rules() -> None:
    judgement = decide(promote("A."), FACTS, replace(PACK, rules=()))
    assert (judgement.verdict, judgement.findings[0].rule) == (Verdict.HOLD, NOT_PERMITTED)
    assert judgement.findings[0].says == "A person decides on outbound calls."


@pytest.mark.parametrize(
    ("verdict", "unsafe", "on_draft", "later"),
    [
        (Verdict.DENY, True, "deny", False),
        (Verdict.DENY, False, "allow", True),
        (Verdict.HOLD, True, "allow", True),
        (Verdict.HOLD, False, "allow", True),
    ],
)
def test_on_drafts_only_the_unsafe_denies(verdict: Verdict, unsafe: bool, on_draft: str, later: bool) -> None:
    pack = with_rules(always(verdict, unsafe=unsafe))
    judgement = judge(draft("A."), pack=pack)
    assert (judgement.verdict.word, [finding.later for finding in judgement.findings]) == (on_draft, [later])
    assert judge(edit(OURS, "A."), pack=pack).verdict.word == on_draft
    assert judge(publish("A."), knowing(goal="Publish it"), pack).verdict is max(verdict, Verdict.HOLD)


def test_the_strictest_wins_and_stands_first() -> None:
    pack = with_rules(always(Verdict.HOLD, name="a.held"), always(Verdict.DENY, name="z.denied"))
    judgement = judge(promote("A."), knowing(goal="Publish it"), pack)
    assert judgement.verdict is Verdict.DENY
    assert [finding.rule for finding in judgement.findings] == [
        "z.denied",
        "a.held",
        "post.draft_by_default",
        "posts.read",
    ]


def test_a_rule_that_is_off_says_nothing() -> None:
    assert judge(ListPosts(), pack=with_rules(always(Verdict.ALLOW))).findings == ()


def test_the_accounts_of_a_sentence_are_called_by_their_names_in_what_people_see() -> None:
    x, linkedin = ACCOUNT["twitter"], ACCOUNT["linkedin"]
    says = f"Accounts {x} and {linkedin} get the same; account 4711 does not."
    rule = rule_with(lambda _case, _params: [Found(says, evidence="2 of 3")])
    [finding] = [one for one in judge(promote("A."), pack=with_rules(rule)).findings if one.rule == "test.rule"]
    assert finding.says == says, "the model reads it: ids only"
    assert finding.evidence == (
        f"account {x} is Our twitter on twitter; account {linkedin} is Our linkedin on linkedin; 2 of 3"
    )


def test_evidence_is_cut() -> None:
    long = rule_with(lambda _case, _params: [Found("It fired.", evidence="x" * 9000)])
    [finding] = judge(ListPosts(), pack=with_rules(long)).findings
    assert len(finding.evidence) < 2100 and "7000 more" in finding.evidence


# -- rewriting -------------------------------------------------------------------------------------------------------


def swap(old: str, new: str, name: str, verdict: Verdict = Verdict.REWRITE) -> Rule:
    def check(case: Any, _params: Any) -> Any:
        data = case.call.model_dump()
        text = data["content"][0].get("text") or ""
        if old in text:
            data["content"][0]["text"] = text.replace(old, new, 1)
            yield Found(f"{old} is not said.", instead=type(case.call).model_validate(data))

    return rule_with(check, verdict, name=name)


def test_all_rules_run_again_on_the_rewritten_call() -> None:
    pack = with_rules(swap("one", "two", "x.one"), swap("two", "https://localhost/ ", "x.two"))
    judgement = judge(draft("one"), pack=pack)
    assert judgement.verdict is Verdict.DENY and judgement.rewritten
    assert isinstance(judgement.call, CreatePost) and judgement.call.content[0].text == "https://localhost/ "
    assert {finding.rule for finding in judgement.findings} >= {"x.one", "x.two", "link.safe"}


def test_rewriting_without_end_is_held() -> None:
    pack = with_rules(swap("a", "b", "x.one"), swap("b", "a", "x.two"))
    judgement = judge(draft("a"), pack=pack)
    assert judgement.verdict is Verdict.HOLD
    assert judgement.findings[0].rule == NOT_AT_REST


@pytest.mark.parametrize("verdict", [Verdict.HOLD, Verdict.DENY])
def test_a_stricter_verdict_rewrites_nothing(verdict: Verdict) -> None:
    call = publish("a")
    judgement = judge(call, knowing(goal="Publish it"), with_rules(swap("a", "b", "x.one", verdict)))
    assert (judgement.call, judgement.verdict, judgement.rewritten) == (call, verdict, False)


def test_a_file_that_is_allowed_goes_up() -> None:
    file = LocalFile(path="/a/b.png", name="b.png", mime="image/png", size=1, sha256="0" * 64)
    call = UploadMediaFile(workspace_id=BERLIN, file=file)
    assert judge(call, knowing(folders_allowed=("/a",))).verdict is Verdict.ALLOW
    assert judge(call).verdict is Verdict.DENY


def test_a_promotion_is_judged_over_its_whole_body() -> None:
    call = promote("Mugs.", target("twitter", text="a" * 281), "instagram", at="2027-03-28 02:30", zone="UTC")
    assert isinstance(call, UpdatePost)
    rules = {finding.rule for finding in judge(call, knowing(goal="Schedule it")).findings}
    assert rules == {"post.draft_by_default", "post.length", "post.media_needed", "posts.read"} | {
        "time.exists",
        "time.quiet",
        "time.zone",
    }
