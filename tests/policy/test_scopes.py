"""Figures for one workspace, campaign or account, limits of an account of its own, and notes."""

from pathlib import Path
from typing import Any

import pytest

from agent.api.accounts import DeleteAccount
from agent.api.comments import CreateComment, DeleteComment
from agent.api.endpoint import Effect
from agent.api.folders import DeleteFolder
from agent.api.posts import AccountTarget, DeletePost
from agent.errors import SettingsError
from agent.journal.findings import Verdict
from agent.policy.engine import decide
from agent.policy.pack import Pack, Rule, load_pack
from agent.policy.rules.rule import Found, RuleCode, ShownParams
from tests.policy.helpers import (
    ACCOUNT,
    FACTS,
    NETWORK_LIMITS,
    OURS,
    PACK,
    POLICIES,
    PUBLISHED,
    UNREAD,
    draft,
    findings,
    judge,
    knowing,
    promote,
    said,
)

X, LINKEDIN = ACCOUNT["twitter"], ACCOUNT["linkedin"]


def overlaid(folder: Path, *layers: str) -> Pack:
    paths = [POLICIES / "default.yaml"]
    for number, text in enumerate(layers):
        paths.append(folder / f"layer{number}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return load_pack(paths, NETWORK_LIMITS)


def test_an_accounts_own_figure_holds_for_it_alone(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, f"accounts:\n  {LINKEDIN}:\n    rules:\n      post.mentions:\n        most: 1\n")
    assert said("post.mentions", promote("Hi @a @b", "linkedin"), pack=pack) == "hold"
    assert said("post.mentions", promote("Hi @a @b", "twitter"), pack=pack) == "allow"
    [finding] = findings("post.mentions", promote("Hi @a @b", "linkedin", "facebook"), pack=pack)
    assert "linkedin" in finding.says + finding.evidence and "facebook" not in finding.says + finding.evidence


def test_an_account_on_a_network_nobody_knows_keeps_its_figures(tmp_path: Path) -> None:
    strange = min(one.id for one in FACTS.accounts.values() if one.platform == "orkut")
    rule = 'time.blackout:\n        dates: ["2026-12-01: closed"]\n'
    pack = overlaid(tmp_path, f"accounts:\n  {strange}:\n    rules:\n      {rule}")
    both = promote("A.", "linkedin", at="2026-12-01 09:00")
    assert said("time.blackout", both, pack=pack) == "allow"
    accounts = (AccountTarget(id=LINKEDIN), AccountTarget(id=strange))
    assert said("time.blackout", both.model_copy(update={"accounts": accounts}), pack=pack) != "allow"


def test_a_rewrite_for_one_account_leaves_the_words_of_the_others(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, f"accounts:\n  {X}:\n    rules:\n      post.hashtags:\n        most: 1\n")
    judgement = judge(draft("We open. #one #two", "twitter", "facebook"), pack=pack)
    assert judgement.verdict is Verdict.REWRITE
    sent = judgement.call.model_dump()
    assert sent["content"] == ({"text": "We open. #one #two"},)
    assert sent["accounts"] == ({"id": X, "settings": {"text": "We open. #one"}}, {"id": ACCOUNT["facebook"]})


def test_the_stricter_of_workspace_and_account_counts(tmp_path: Path) -> None:
    layer = (
        f"workspaces:\n  11:\n    rules:\n      post.mentions: {{most: 1}}\n"
        f"accounts:\n  {LINKEDIN}:\n    rules:\n      post.mentions: {{most: 2}}\n"
    )
    pack = overlaid(tmp_path, layer)
    assert said("post.mentions", promote("Hi @a @b", "linkedin"), pack=pack) == "hold"
    assert said("post.mentions", promote("Hi @a @b", "linkedin", workspace_id=12), pack=pack) == "allow"


def test_where_the_base_lets_it_the_special_one_counts(tmp_path: Path) -> None:
    layer = (
        "rules:\n  time.far: {days: 90}\n"
        "workspaces:\n  11:\n    rules:\n      time.far: {days: 10}\n"
        f"accounts:\n  {LINKEDIN}:\n    rules:\n      time.far: {{days: 60}}\n"
    )
    pack = overlaid(tmp_path, layer)
    later = promote("A.", "linkedin", at="2027-01-10 09:00")
    assert said("time.far", later) == "allow" and said("time.far", later, pack=pack) == "allow"
    assert said("time.far", promote("A.", "facebook", at="2027-01-10 09:00"), pack=pack) == "hold"
    assert said("time.far", promote("A.", "linkedin", at="2027-02-10 09:00"), pack=pack) == "hold"


def test_a_campaigns_figures_hold_for_its_posts(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, "campaigns:\n  20:\n    rules:\n      post.mentions: {most: 0}\n")
    assert said("post.mentions", promote("Hi @a", campaign_id=20), pack=pack) == "hold"
    assert said("post.mentions", promote("Hi @a"), pack=pack) == "allow"


def test_a_later_layer_of_the_home_is_not_loosened_by_an_earlier_one(tmp_path: Path) -> None:
    early = f"accounts:\n  {LINKEDIN}:\n    rules:\n      post.mentions: {{most: 2}}\n"
    pack = overlaid(tmp_path, early, "rules:\n  post.mentions: {most: 1}\n")
    assert said("post.mentions", promote("Hi @a @b", "linkedin"), pack=pack) == "hold"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("accounts:\n  101:\n    rules:\n      post.mentions: {most: 9}\n", 4, "looser than 3"),
        ("accounts:\n  101:\n    rulez: {}\n", 3, 'Did you mean "rules"?'),
        ("accounts:\n  ours:\n    rules: {}\n", 2, "accounts.ours"),
        ("workspaces:\n  11:\n    limits: {}\n", 3, 'unknown key "workspaces.11.limits"'),
        ("accounts:\n  101:\n    limits: {text: 4000}\n", 3, 'the key "accounts.101.limits.reason" is missing'),
        (
            "accounts:\n  101:\n    limits: {text: -1, reason: paying, read: 2026-11-26}\n",
            3,
            "greater than 0",
        ),
    ],
)
def test_errors_name_file_and_line(text: str, line: int, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        overlaid(tmp_path, text)
    assert f"line {line}" in str(caught.value) and says in str(caught.value)


def test_an_account_may_have_limits_of_its_own_with_a_reason(tmp_path: Path) -> None:
    text = f"accounts:\n  {X}:\n    limits: {{text: 4000, reason: a paying account, read: 2026-11-26}}\n"
    pack = overlaid(tmp_path, text)
    long = promote("word " * 100, "twitter")
    assert said("post.length", long) == "deny" and said("post.length", long, pack=pack) == "allow"
    assert said("post.length", promote("word " * 1000, "twitter"), pack=pack) == "deny"
    [note] = findings("account.limit", long, pack=pack)
    assert note.verdict is Verdict.ALLOW and "text 4000, not 280" in note.says
    assert note.evidence == "a paying account (read 2026-11-26)"
    assert not findings("account.limit", promote("A.", "linkedin"), pack=pack)


def test_what_is_said_of_objects_is_in_the_hash(tmp_path: Path) -> None:
    one = overlaid(tmp_path, "accounts:\n  101:\n    rules:\n      post.mentions: {most: 1}\n").hash
    other = overlaid(tmp_path, "accounts:\n  102:\n    rules:\n      post.mentions: {most: 1}\n").hash
    limits = [
        overlaid(tmp_path, f"accounts:\n  101:\n    limits: {{text: {most}, reason: odd, read: 2026-11-26}}\n").hash
        for most in (8, 9)
    ]
    assert len({PACK.hash, one, other, *limits}) == 5
    assert overlaid(tmp_path, "accounts:\n  101:\n    rules: {}\n").rules == PACK.rules


@pytest.mark.parametrize("shown", [True, False])
def test_a_rule_that_cannot_decide_is_shown_and_not_counted(shown: bool) -> None:
    def check(_case: object, _params: ShownParams) -> list[Found]:
        return [Found("Nobody can know.", verdict=Verdict.DENY)]

    code = RuleCode("odd.one", ShownParams, frozenset(Effect), True, check)
    rule = Rule(code, ShownParams(says="S.", source="s", shown=shown))
    pack = Pack(PACK.name, (*PACK.rules, rule), PACK.floors, PACK.networks)
    judgement = decide(draft("A."), FACTS, pack)
    assert judgement.verdict is Verdict.ALLOW
    notes = [finding.says for finding in judgement.findings if finding.rule == "odd.one"]
    assert notes == (["Nobody can know."] if shown else [])
    assert rule.as_row()["verdict"] == "shown"


@pytest.mark.parametrize(
    ("call", "account"),
    [
        (DeletePost(id=OURS), LINKEDIN),
        (DeleteComment(comment=1), LINKEDIN),
        (CreateComment(post_id=PUBLISHED, parent_comment_id=1, content="Hi"), LINKEDIN),
        (DeleteAccount(id=X), X),
    ],
)
def test_a_call_that_is_no_post_has_the_figures_of_the_accounts_it_is_about(
    call: Any, account: int, tmp_path: Path
) -> None:
    rules = "      confirm.destructive: {verdict: deny}\n      confirm.outbound: {verdict: deny}\n"
    here = overlaid(tmp_path, f"accounts:\n  {account}:\n    rules:\n{rules}")
    assert judge(call, pack=here).verdict is Verdict.DENY
    elsewhere = overlaid(tmp_path, f"accounts:\n  {ACCOUNT['tiktok']}:\n    rules:\n{rules}")
    assert judge(call, pack=elsewhere).verdict is Verdict.HOLD


def test_a_call_about_no_account_has_those_of_its_workspace(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, "workspaces:\n  11:\n    rules:\n      confirm.destructive: {verdict: deny}\n")
    assert judge(DeleteFolder(folder_id=7), pack=pack).verdict is Verdict.DENY
    assert judge(DeletePost(id=UNREAD), knowing(goal="Delete 999"), pack).verdict is Verdict.HOLD
    assert judge(DeleteComment(comment=4), pack=pack).verdict is Verdict.HOLD  # of a post that nobody read


def test_a_post_on_unknown_accounts_is_judged_by_the_general_figures(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, f"accounts:\n  {LINKEDIN}:\n    rules:\n      post.empty: {{verdict: deny}}\n")
    assert said("ids.read", draft("A.", {"id": 4711}), pack=pack) == "deny"


@pytest.mark.parametrize("campaign", [None, 20])
def test_the_campaign_that_a_post_has_already(campaign: int | None, tmp_path: Path) -> None:
    pack = overlaid(tmp_path, "campaigns:\n  20:\n    rules:\n      post.mentions: {most: 0}\n")
    kept = type(FACTS.posts[OURS]).model_validate({**FACTS.posts[OURS].model_dump(), "campaign_id": campaign})
    facts = knowing(posts={OURS: kept})
    assert said("post.mentions", promote("Hi @a"), facts, pack) == ("hold" if campaign else "allow")
