"""The policy's own tests, as data: every one passes, and what is wrong with one is told."""

from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.journal.findings import Verdict
from agent.policy.given import Given
from agent.policy.groups import GROUPS, ORDER, OTHERS, group_of
from agent.policy.pack import Rule
from agent.policy.testing import Test, load_tests, run_test
from tests.policy.helpers import FACTS, PACK, POLICIES, UNATTENDED

FILES = sorted(path for path in (POLICIES / "tests").glob("*.yaml") if path.stem != "world")
TESTS = load_tests(FILES)


@pytest.mark.parametrize(("path", "test"), TESTS, ids=[f"{test.rule}: {test.name}" for _, test in TESTS])
def test_the_shipped_pack_passes(path: Path, test: Test) -> None:
    assert run_test(path, test, FACTS, UNATTENDED if test.unattended else PACK).problem == ""


@pytest.mark.parametrize("rule", PACK.rules, ids=[rule.id for rule in PACK.rules])
def test_every_rule_has_an_allow_a_bite_and_an_edge(rule: Rule) -> None:
    """Tests as data in policies/tests/, at least three; of a rule that is off in the shipped pack all are `allow`."""
    mine = [test.expect for _, test in TESTS if test.rule == rule.id]
    silent = {"allow", "note"} & set(mine)
    bites = set(mine) - silent or not rule.code.judged or rule.verdict is Verdict.ALLOW
    assert len(mine) >= 3 and silent and bites, f"{rule.id} lacks tests in policies/tests/: it has {mine}"


def test_every_rule_has_a_group() -> None:
    assert {rule.id: group_of(rule.id) for rule in PACK.rules if group_of(rule.id) == OTHERS} == {}
    assert group_of("odd.one") == OTHERS
    assert {title for title, _ in GROUPS} == set(ORDER)


def test_a_test_of_no_rule_never_passes(tmp_path: Path) -> None:
    text = "  - {rule: post.lenght, name: typo, draft: {text: Hello}, expect: allow}\n"
    [(path, test)] = load_tests([written(tmp_path, text)])
    assert run_test(path, test, FACTS, PACK).problem == 'there is no rule "post.lenght". Did you mean "post.length"?'


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text("tests:\n" + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("  - {rule: post.mentions, name: none, draft: {text: Hello}, expect: hold}\n", "expected hold, got allow"),
        (
            "  - {rule: post.empty, name: empty, draft: {}, expect: deny later, says: a cat}\n",
            "it does not say 'a cat'",
        ),
        (
            "  - {rule: post.hashtags, name: tags, draft: {text: '#a1 #b2 #c3', on: [twitter]}, expect: rewrite,"
            " becomes: '#c3'}\n",
            "the call does not become '#c3'",
        ),
    ],
)
def test_a_test_that_fails_says_why(text: str, problem: str, tmp_path: Path) -> None:
    [(path, test)] = load_tests([written(tmp_path, text)])
    assert run_test(path, test, FACTS, PACK).problem == problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  - {rule: post.empty, name: two, draft: {}, publish: {}, expect: deny}\n", "in one form"),
        ("  - {rule: post.empty, name: none, expect: deny}\n", "in one form"),
        ("  - {rule: post.empty, name: odd, draft: {}, expect: perhaps}\n", "line 2"),
        ("  - {rule: post.empty, name: odd, draft: {}, expect: deny, given: {synced_here: [x y]}}\n", "line 2"),
        ("  - {rule: post.empty, name: odd, draft: {}, expect: deny, givn: {}}\n", 'Did you mean "given"?'),
    ],
)
def test_a_test_that_cannot_be_read_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_tests([written(tmp_path, text)])
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "form",
    ["draft: {on: [orkut2]}", "reply: {to: 12345, text: Hi}", "call: {operation: Nothing}", "publish: {txet: Hello}"],
)
def test_a_call_that_cannot_be_made_is_named(form: str, tmp_path: Path) -> None:
    [(path, test)] = load_tests([written(tmp_path, f"  - {{rule: post.empty, name: odd one, {form}, expect: deny}}\n")])
    with pytest.raises(SettingsError, match="odd one"):
        run_test(path, test, FACTS, PACK)


def test_facts_that_are_set_to_nothing_stay_as_they_are() -> None:
    assert Given(goal=None, posts=()).over(FACTS) == FACTS
    assert Given(secrets=()).over(FACTS).secrets == ()
