"""What a person needs to own a policy: tests against the home's pack, one rule told in full, packs compared, checks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.api.labels import CreateLabel
from agent.api.posts import DeletePost
from agent.journal.findings import Mode, Verdict
from agent.policy.about import about, call_in_short, meaning
from agent.policy.checking import check
from agent.policy.comparing import differences
from agent.policy.pack import Pack, Packs, load_pack
from agent.policy.suite import run_own, run_shipped, test_files, world_of
from agent.policy.testing import load_tests
from tests.policy.helpers import (
    ACCOUNT,
    BERLIN,
    FACTS,
    NETWORK_LIMITS,
    OURS,
    PACK,
    POLICIES,
    UNATTENDED,
    draft,
    edit,
    knowing,
    promote,
)

TESTS = POLICIES / "tests"
USUAL = Packs(lambda mode, _overlay: UNATTENDED if mode == "unattended" else PACK)


def overlaid(folder: Path, text: str) -> Pack:
    (folder / "policy.yaml").write_text(text, encoding="utf-8")
    return load_pack([POLICIES / "default.yaml", folder / "policy.yaml"], NETWORK_LIMITS)


def packs(folder: Path, text: str) -> Packs:
    (folder / "policy.yaml").write_text(text, encoding="utf-8")

    def load(mode: Mode, _overlay: str) -> Pack:
        night = [POLICIES / "unattended.yaml"] if mode == "unattended" else []
        return load_pack([POLICIES / "default.yaml", *night, folder / "policy.yaml"], NETWORK_LIMITS)

    return Packs(load)


# -- the suite -------------------------------------------------------------------------------------------------------


def outcomes(folder: Path, overlay: str) -> dict[str, str]:
    found = run_shipped(test_files(TESTS), FACTS, packs(folder, overlay), USUAL)
    return {one.tested.test.name: f"{one.outcome}: {one.why}" for one in found if one.outcome != "passed"}


@pytest.mark.slow
def test_shipped_tests_pass_with_the_shipped_pack() -> None:
    found = run_shipped(test_files(TESTS), FACTS, USUAL, USUAL)
    assert found and {one.outcome for one in found} == {"passed"} and {one.why for one in found} == {""}


@pytest.mark.slow
def test_a_rule_that_the_home_made_stricter_is_no_failure(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "rules:\n  post.mentions: {most: 2, verdict: deny}\n")
    assert found["three on X"] == "stricter: deny here, allow in the shipped policy"
    assert found["four on X"] == "stricter: deny here, hold in the shipped policy"
    assert all(why.startswith("stricter: ") for why in found.values())


@pytest.mark.slow
def test_one_that_the_home_made_looser_or_tells_otherwise_is_told(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "rules:\n  time.lead: {minutes: 5}\n")
    assert found == {"nine minutes ahead": "looser: allow here, deny in the shipped policy"}
    found = outcomes(tmp_path, "rules:\n  time.lead: {minutes: 20}\n")
    assert found["nine minutes ahead"] == "otherwise: here it does not say '2026-11-24 10:10'"


def test_a_shipped_test_that_fails_with_the_shipped_pack_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(
        "tests:\n  - {rule: post.empty, name: odd, draft: {text: Hello.}, expect: deny}\n"
        "  - {rule: post.empty, name: odder, reply: {to: 4711, text: Hi}, expect: allow}\n"
    )
    [one, other] = run_shipped([path], FACTS, USUAL, USUAL)
    assert (one.outcome, one.why) == ("failed", "expected deny, got allow")
    assert other.outcome == "failed" and 'the call of the test "odder" cannot be made' in other.why
    assert [one.outcome for one in run_own([path], FACTS, USUAL)] == ["failed", "failed"]


def test_a_homes_own_tests_start_from_its_own_world(tmp_path: Path) -> None:
    assert world_of(tmp_path, FACTS) is FACTS
    (tmp_path / "world.yaml").write_text("accounts:\n  - {id: 4711, platform: linkedin, workspace_id: 11}\n")
    (tmp_path / "ours.yaml").write_text(
        "tests:\n  - {rule: target.accounts, name: ours, draft: {text: Hello., on: [4711]}, expect: allow}\n"
    )
    world = world_of(tmp_path, FACTS)
    assert set(world.accounts) == {*FACTS.accounts, 4711}
    [path] = test_files(tmp_path)
    assert [one.outcome for one in run_own([path], world, USUAL)] == ["passed"]
    assert [one.outcome for one in run_own([path], FACTS, USUAL)] == ["failed"]


# -- one rule --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rule_tells_who_changed_it_and_where_it_differs(tmp_path: Path) -> None:
    pack = overlaid(
        tmp_path,
        "effects: {sync: hold}\nrules:\n  post.mentions: {most: 2}\n"
        "accounts:\n  109:\n    rules:\n      post.mentions: {most: 1, verdict: deny}\n"
        "    limits: {text: 99, reason: a test, read: 2026-11-26}\n"
        "  110:\n    rules:\n      post.length: {verdict: deny}\n",
    )
    rule = pack.rule("post.mentions")
    assert rule is not None
    row = about(rule, pack, PACK, load_tests(test_files(TESTS)))
    layer = str(tmp_path / "policy.yaml")
    assert row["changed_by"] == [
        {"layer": layer, "rule": "post.mentions", "name": "most", "old": 3, "new": 2, "for": ""},
        {
            "layer": layer,
            "rule": "post.mentions",
            "name": "verdict",
            "old": "hold",
            "new": "deny",
            "for": "account 109",
        },
        {"layer": layer, "rule": "post.mentions", "name": "most", "old": 2, "new": 1, "for": "account 109"},
    ]
    assert row["elsewhere"] == [{"for": "account 109", "verdict": "deny", "most": 1}]
    assert (row["group"], row["default_verdict"], row["verdict"]) == ("Networks", "hold", "hold")
    assert row["stricter"] == {"most": "a lower figure is stricter"}
    assert row["meaning"].startswith("`most` is the house's cap") and row["checks"].startswith("Many mentions")
    assert {test["expect"] for test in row["tests"]} == {"allow", "hold", "hold later"}
    changes = {(change.where, change.name): (change.old, change.new) for change in pack.changes}
    assert changes["effects", "sync"] == ("allow", "hold") and changes["limits", "text"] == (None, 99)


def test_a_rule_without_parameters_has_no_meaning_to_tell() -> None:
    for rule_id, word in (("post.empty", ""), ("link.safe", "`hosts`"), ("post.draft_by_default", "`words`")):
        rule = PACK.rule(rule_id)
        assert rule is not None and meaning(rule.params)[: len(word)] == word
        assert word or not meaning(rule.params)


def test_every_shipped_test_has_a_call_in_short() -> None:
    shorts = [call_in_short(test) for _, test in load_tests(test_files(TESTS))]
    assert all(shorts) and 'publish {"text": "So CHEAP!"}' in shorts


# -- packs beside each other -------------------------------------------------------------------------------------------


def told(old: Pack, new: Pack) -> list[tuple[Any, ...]]:
    return [(one.where, one.name, one.old, one.new, one.scope) for one in differences(old, new)]


def test_every_kind_of_difference(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(
        "from agent.policy.own import rule\n@rule('own.odd')\ndef f(case, params):\n    'Odd.'\n"
    )
    new = overlaid(
        tmp_path,
        "python: rules.py\neffects: {sync: hold}\nrules:\n  post.mentions: {most: 2}\n"
        "workspaces:\n  11:\n    rules:\n      time.lead: {minutes: 60}\n"
        "accounts:\n  101:\n    rules:\n      post.mentions: {most: 2}\n"
        "    limits: {text: 4000, reason: paying, read: 2026-11-26}\n",
    )
    [digest] = new.own
    assert told(PACK, new) == [
        ("effects", "sync", "allow", "hold", None),
        ("own.odd", "verdict", None, "hold", None),
        ("post.mentions", "most", 3, 2, None),
        ("time.lead", "minutes", 10, 60, ("workspace", 11)),
        ("limits", "text", None, 4000, ("account", 101)),
        ("python", "hash", None, digest[:12], None),
    ]
    assert told(new, new) == told(PACK, PACK) == []
    assert ("effects", "read", "allow", "deny", None) in told(PACK, replace(PACK, floors={}))


def test_networks_limits_are_compared_by_their_figures(tmp_path: Path) -> None:
    text = (
        NETWORK_LIMITS.read_text(encoding="utf-8")
        .replace("value: 280", "value: 279")
        .replace("read: 2026", "read: 2027")
    )
    (tmp_path / "networks.yaml").write_text(text, encoding="utf-8")
    new = load_pack([POLICIES / "default.yaml"], tmp_path / "networks.yaml")
    assert told(PACK, new) == [("limits of twitter", "text", 280, 279, None)]


def test_figures_of_one_object_are_told_once_where_all_changed(tmp_path: Path) -> None:
    one = overlaid(tmp_path, "accounts:\n  101:\n    rules:\n      post.mentions: {verdict: deny}\n")
    other = overlaid(
        tmp_path,
        "rules:\n  post.mentions: {most: 1}\naccounts:\n  101:\n    rules:\n      post.mentions: {verdict: deny}\n",
    )
    assert told(one, other) == [("post.mentions", "most", 3, 1, None)]


# -- one call --------------------------------------------------------------------------------------------------------


def test_a_check_counts_as_each_network_counts() -> None:
    call = draft("Hi 👋🏽 https://example.com/a", "twitter", "bluesky", "youtube")
    found = check(call, FACTS, PACK)
    assert [(one.network, one.units, one.most, one.over) for one in found.lengths] == [
        ("twitter", 29, 280, 0),
        ("bluesky", 26, 300, 0),
        ("youtube", 33, 5000, 0),
    ]
    assert found.lengths[0].as_row()["most"] == 280
    assert found.lengths[1].second == "33 of 3000 UTF-8 bytes"
    assert found.verdict is Verdict.DENY and not found.passes  # YouTube needs media, on promotion


def test_a_title_and_too_long_a_text() -> None:
    long = {"id": ACCOUNT["youtube"], "settings": {"title": "t" * 120}}
    found = check(draft("a" * 300, "twitter", long), FACTS, PACK)
    assert [(one.where, one.units, one.over) for one in found.lengths] == [
        ("content.0.text", 300, 20),
        ("accounts.1.settings.title", 120, 20),
        ("content.0.text", 300, 0),
    ]
    no_title = check(draft("A.", {"id": ACCOUNT["linkedin"], "settings": {}}), FACTS, PACK)
    assert [one.most for one in no_title.lengths] == [3000]


def test_what_is_rewritten_is_shown_as_the_account_shows_it() -> None:
    found = check(draft("Hi #one #two #three", "twitter", "linkedin"), FACTS, PACK)
    assert [(one.where, one.before, one.after) for one in found.changes] == [
        ("accounts.0.settings.text", "Hi #one #two #three", "Hi #one #two")
    ]
    assert (found.verdict, found.passes) == (Verdict.REWRITE, True)


def test_the_approval_of_every_post_is_set_aside_for_a_text_only() -> None:
    facts = knowing(goal="Schedule it")
    found = check(promote("A."), facts, PACK, of_text=True)
    notes = [finding for finding in found.findings if finding.verdict is not Verdict.ALLOW]
    assert (found.verdict, notes, len(found.approval)) == (Verdict.ALLOW, [], 1)
    assert check(promote("A."), facts, PACK).verdict is Verdict.HOLD
    denied = check(promote("A."), knowing(goal="Draft it"), PACK, of_text=True)
    assert denied.verdict is Verdict.DENY and not denied.approval
    assert check(edit(OURS, "A."), facts, PACK, of_text=True).verdict is Verdict.ALLOW
    assert check(promote("@a @b @c @d"), facts, PACK, of_text=True).verdict is Verdict.HOLD


def test_a_call_without_texts_for_networks() -> None:
    found = check(DeletePost(id=OURS), FACTS, PACK)
    assert (found.lengths, found.changes, found.verdict) == ((), (), Verdict.HOLD)
    assert check(CreateLabel(workspace_id=BERLIN, name="A", color="#ffffff"), FACTS, PACK).passes


@pytest.mark.parametrize("mode", ["attended", "unattended"])
def test_the_shipped_packs_changed_by_nobody(mode: Mode) -> None:
    assert [change.where for change in USUAL.of(mode).changes] == (
        ["confirm.config", "confirm.destructive"] if mode == "unattended" else []
    )
