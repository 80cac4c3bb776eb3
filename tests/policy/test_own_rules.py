"""Rules that users write in Python: loaded only where an overlay names them, never able to end or rewrite anything."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from agent.api.endpoint import Effect
from agent.errors import SettingsError
from agent.journal.findings import Verdict
from agent.policy.own import Found, Params, load_rules, rule
from agent.policy.pack import Pack, load_pack
from agent.policy.rules.case import Case
from tests.policy.helpers import (
    BERLIN,
    NETWORK_LIMITS,
    NEW_YORK,
    PACK,
    POLICIES,
    draft,
    findings,
    judge,
    knowing,
    promote,
    said,
)

SHOUTING = '''
from agent.policy.own import AtMost, Case, Found, Params, Verdict, rule


class Shouting(Params):
    """`most` exclamation marks in one text."""

    most: AtMost = 2


@rule("own.shouting", params=Shouting, source="our style guide", loosenable=("verdict",))
def check_shouting(case: Case, params: Shouting):
    """Our posts do not shout.

    More is not told."""
    for where, text in case.strings:
        if text.count("!") > params.most:
            yield Found(f"There are {text.count('!')} exclamation marks in {where}.", passes=f"{params.most} at most")


@rule("own.silent", verdict="deny", unsafe_on_draft=True)
def check_silent(case: Case, params: Params):
    """Nothing is said of the merger."""
    if any("merger" in text for _, text in case.strings):
        return [Found("It speaks of the merger.")]
'''


def own_pack(folder: Path, code: str = SHOUTING, overlay: str = "", *others: str) -> Pack:
    (folder / "policy_rules.py").write_text(code, encoding="utf-8")
    paths = [POLICIES / "default.yaml"]
    for number, text in enumerate([f"python: policy_rules.py\n{overlay}", *others]):
        paths.append(folder / f"layer{number}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return load_pack(paths, NETWORK_LIMITS)


def test_they_judge_beside_the_shipped_ones(tmp_path: Path) -> None:
    pack = own_pack(tmp_path)
    assert [one.id for one in pack.rules if one.id not in {rule.id for rule in PACK.rules}] == [
        "own.shouting",
        "own.silent",
    ]
    [finding] = findings("own.shouting", promote("Hey!!!"), pack=pack)
    assert (finding.says, finding.verdict.word) == ("There are 3 exclamation marks in content.0.text.", "hold")
    assert said("own.shouting", promote("Hey!!"), pack=pack) == "allow"
    assert said("own.shouting", draft("Hey!!!"), pack=pack) == "hold later"
    assert said("own.silent", draft("The merger is on."), pack=pack) == "deny"
    assert said("own.silent", draft("Mugs."), pack=pack) == "allow"
    mine = pack.rule("own.shouting")
    assert mine is not None and mine.sentence == "Our posts do not shout." and mine.source == "our style guide"
    assert mine.parameters == {"most": 2}


def test_the_overlay_sets_their_figures_like_others(tmp_path: Path) -> None:
    pack = own_pack(tmp_path, overlay="rules:\n  own.shouting: {most: 0, verdict: deny}\n")
    assert said("own.shouting", promote("Hey!"), pack=pack) == "deny"
    off = own_pack(tmp_path, overlay="rules:\n  own.shouting: {verdict: allow}\n")
    assert said("own.shouting", promote("Hey!!!!"), pack=off) == "allow"
    there = own_pack(tmp_path, overlay="accounts:\n  109:\n    rules:\n      own.shouting: {most: 1}\n")
    assert said("own.shouting", promote("Hey!!", "linkedin"), pack=there) == "hold"
    assert said("own.shouting", promote("Hey!!", "twitter"), pack=there) == "allow"
    with pytest.raises(SettingsError, match=r"layer0.yaml, line 3: .*looser than deny"):
        own_pack(tmp_path, overlay="rules:\n  own.silent: {verdict: hold}\n")
    with pytest.raises(SettingsError, match="looser than 2"):
        own_pack(tmp_path, overlay="rules:\n  own.shouting: {most: 3}\n")
    with pytest.raises(SettingsError, match=r'Did you mean "own.shouting"'):
        own_pack(tmp_path, overlay="rules:\n  own.shuoting: {most: 1}\n")


def test_they_are_loaded_only_where_an_overlay_names_them(tmp_path: Path) -> None:
    (tmp_path / "policy_rules.py").write_text("raise SystemExit('never run')", encoding="utf-8")
    (tmp_path / "policy.yaml").write_text("name: ours\n", encoding="utf-8")
    pack = load_pack([POLICIES / "default.yaml", tmp_path / "policy.yaml"], NETWORK_LIMITS)
    assert len(pack.rules) == len(PACK.rules) and pack.own == ()


def test_their_text_is_in_the_hash(tmp_path: Path) -> None:
    one = own_pack(tmp_path)
    other = own_pack(tmp_path, SHOUTING + "\n# a comment\n")
    assert len({PACK.hash, one.hash, other.hash}) == 3
    assert own_pack(tmp_path).hash == one.hash


DATED = '''
from datetime import date
from agent.policy.own import Case, Params, rule


class Fair(Params):
    """Nothing before `first`, and so many posts `on` a day."""

    first: date = date(2026, 1, 1)
    on: dict[date, int] = {}


@rule("own.fair", params=Fair, loosenable=("first", "on"))
def check_fair(case: Case, params: Fair):
    """The fair is not told of before."""
    return []
'''


def test_what_overlays_say_of_objects_may_be_of_any_type(tmp_path: Path) -> None:
    said_of_them = (
        "{}",
        "{first: 2026-05-01}",
        "{first: 2026-05-02}",
        "{on: {2026-05-01: 3}}",
        "{on: {2026-05-02: 3}}",
    )
    overlays = [f"accounts:\n  101:\n    rules:\n      own.fair: {one}\n" for one in said_of_them]
    assert len({own_pack(tmp_path, DATED, one).hash for one in overlays}) == len(overlays)


def test_two_layers_may_name_the_same_file(tmp_path: Path) -> None:
    again = own_pack(tmp_path, SHOUTING, "", "python: policy_rules.py\nrules:\n  own.shouting: {most: 1}\n")
    assert said("own.shouting", promote("Hey!!"), pack=again) == "hold"
    (tmp_path / "other.py").write_text(SHOUTING + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"another layer brings a rule with the id own\.shouting"):
        own_pack(tmp_path, SHOUTING, "", "python: other.py\n")


@pytest.mark.parametrize(
    ("body", "evidence"),
    [
        ("    raise KeyError('x')", "line 7: KeyError"),
        ("    yield Found('First.')\n    1 / 0", "line 8: ZeroDivisionError"),
        ("    return [1]", "TypeError"),
        ("    return 7", "TypeError"),
        ("    yield Found(7)", "TypeError"),
        ("    yield Found('')", "TypeError"),
        ("    yield Found('Odd.', verdict='deny')", "TypeError"),
        ("    yield Found('Odd.', verdict=Verdict.REWRITE)", "TypeError"),
        ("    raise SystemExit('bye')", "line 7: SystemExit: bye"),
        ("    class Mute(Exception):\n        __str__ = None\n    raise Mute", "Mute: no reason given"),
        ("    deep = lambda: deep()\n    return deep()", "RecursionError"),
        ("    case.facts.goal = 'mine'\n    yield Found('x')", "FrozenInstanceError"),
    ],
)
def test_one_that_fails_holds(body: str, evidence: str, tmp_path: Path) -> None:
    head = "from agent.policy.own import *\n\n@rule('own.odd', effects=OUT_EFFECTS)\ndef check(case, params):\n"
    pack = own_pack(tmp_path, f"{head}    'It is odd.'\n\n{body}\n")
    found = findings("own.odd", promote("A."), pack=pack)
    broken = [one for one in found if one.says == "The rule own.odd failed, so nobody knows what it would say."]
    assert [one.verdict.word for one in broken] == ["hold"] and evidence in broken[0].evidence
    assert judge(promote("A."), knowing(goal="Publish it"), pack).verdict is Verdict.HOLD
    assert len(found) == (2 if "First." in body else 1)


def test_one_that_finds_without_end_ends() -> None:
    class Endless:
        """It never ends."""

        def __call__(self, _case: Case, _params: Any) -> Any:
            return (Found(f"Again {number}.") for number in count())

    check = rule("own.endless")(Endless())
    pack = Pack(PACK.name, (*PACK.rules, _in_force(check)), PACK.floors, PACK.networks)
    found = findings("own.endless", promote("A."), pack=pack)
    assert len(found) == 101, "what it was not heard out on is held"
    assert found[-1].verdict is Verdict.HOLD and "more than 100 things" in found[-1].evidence


@pytest.mark.parametrize("given", [Effect.OUTBOUND, "outbound", ["outbound"], [Effect.OUTBOUND]])
def test_effects_may_be_one_or_several_by_name_or_as_such(given: Any) -> None:
    @rule("own.odd", effects=given)
    def check(_case: Case, _params: Any) -> list[Found]:
        """It is odd."""
        return [Found("Odd.")]

    pack = Pack(PACK.name, (*PACK.rules, _in_force(check)), PACK.floors, PACK.networks)
    assert findings("own.odd", promote("A."), pack=pack) and not findings("own.odd", draft("A."), pack=pack)


@pytest.mark.parametrize(
    ("given", "says"), [(["outbond"], "no effect 'outbond'"), ((), "is empty"), ([3], "effect '3'")]
)
def test_effects_that_are_none_are_refused(given: Any, says: str) -> None:
    """Such a rule would never be asked, and nobody would know."""
    with pytest.raises(ValueError, match=says):
        rule("own.odd", effects=given)


def test_what_one_does_to_its_case_blinds_no_other() -> None:
    @rule("own.careless")
    def check(case: Case, _params: Any) -> list[Found]:
        """It takes the case apart."""
        case.data.clear()
        return []

    pack = Pack(PACK.name, (*PACK.rules, _in_force(check)), PACK.floors, PACK.networks)
    call, facts = draft("A.", workspace_id=NEW_YORK), knowing(scope=frozenset({BERLIN}))
    assert findings("scope.workspace", call, facts)
    assert findings("scope.workspace", call, facts, pack=pack) == findings("scope.workspace", call, facts)


def test_one_that_rewrites_only_judges() -> None:
    call = promote("A.")

    @rule("own.odd")
    def check(_case: Case, _params: Any) -> list[Found]:
        """It is odd."""
        return [Found("It wants other words.", instead=promote("B."))]

    pack = Pack(PACK.name, (*PACK.rules, _in_force(check)), PACK.floors, PACK.networks)
    judgement = judge(call, knowing(goal="Publish it"), pack)
    assert judgement.call == call and not judgement.rewritten


def _in_force(code: Any) -> Any:
    from agent.policy.pack import Rule

    return Rule(code, code.given)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def broken(:\n", "policy_rules.py, line 1: not valid Python"),
        ("\n\n1 / 0\n", "policy_rules.py, line 3: ZeroDivisionError: division by zero"),
        ("import nothing_there\n", "line 1: ModuleNotFoundError"),
        ("exit(1)\n", "line 1: SystemExit: 1"),
        ("raise ValueError\n", "line 1: ValueError: no reason given"),
        ("x = 1\n", "it declares no rule"),
        ("x = '\0'\n", "policy_rules.py, line 1"),
        (
            "from agent.policy.own import rule\n@rule('post.odd')\ndef f(case, params):\n    'Odd.'\n",
            "line 2: ValueError: the id 'post.odd' has to start with \"own.\"",
        ),
        ("from agent.policy.own import rule\n@rule('own.')\ndef f(case, params):\n    'Odd.'\n", "has to start with"),
        ("from agent.policy.own import rule\n@rule('own.a')\ndef f(case, params):\n    pass\n", "needs a docstring"),
        (
            "from agent.policy.own import rule\n@rule('own.a', verdict='perhaps')\ndef f(case, params):\n    'Odd.'\n",
            "line 2: ValidationError: 1 validation error for Params verdict Value error, use one of allow, hold, deny",
        ),
        (
            "from agent.policy.own import rule\n@rule('own.a')\ndef f(case, params):\n    'Odd.'\n"
            "@rule('own.a')\ndef g(case, params):\n    'Odd.'\n",
            "two rules have the id own.a",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_names_the_line(code: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        own_pack(tmp_path, code)
    assert says in str(caught.value) and "policy_rules.py" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.py cannot be read"):
        load_rules(tmp_path / "nothing.py")


def test_a_rule_imported_from_the_shipped_ones_is_not_taken(tmp_path: Path) -> None:
    pack = own_pack(tmp_path, "from agent.policy.rules.shape import check_length\n" + SHOUTING)
    assert len(pack.rules) == len(PACK.rules) + 2


def test_annotations_that_are_texts_are_understood(tmp_path: Path) -> None:
    pack = own_pack(tmp_path, "from __future__ import annotations\n" + SHOUTING)
    assert said("own.shouting", promote("Hey!!!"), pack=pack) == "hold"


def test_without_parameters_of_its_own_there_is_only_the_verdict() -> None:
    @rule("own.plain")
    def check(_case: Case, _params: Params) -> None:
        """It is plain."""

    pack = Pack(PACK.name, (*PACK.rules, _in_force(check)), PACK.floors, PACK.networks)
    assert findings("own.plain", promote("A."), pack=pack) == []
    assert check.given.verdict is Verdict.HOLD
