"""The policy as data: layers, what an overlay may do, errors for people, the hash."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.api.endpoint import Effect
from agent.assembly import load_packs
from agent.errors import SettingsError
from agent.journal.findings import Verdict
from agent.policy.about import about
from agent.policy.explain import rules_markdown
from agent.policy.pack import Pack, Packs, Rule, load_pack
from agent.policy.rules.catalogue import RULES
from agent.policy.rules.rule import Found, Params, RuleCode, ShownParams
from tests.policy.helpers import NETWORK_LIMITS, PACK, POLICIES, UNATTENDED, findings, promote

BASE = POLICIES / "default.yaml"


def overlaid(folder: Path, text: str, *others: str) -> Pack:
    paths = [BASE]
    for number, layer in enumerate((text, *others)):
        paths.append(folder / f"policy{number}.yaml")
        paths[-1].write_text(layer, encoding="utf-8")
    return load_pack(paths, NETWORK_LIMITS)


def rule_in(pack: Pack, rule_id: str) -> Rule:
    return next(rule for rule in pack.rules if rule.id == rule_id)


def values(pack: Pack, rule_id: str) -> dict[str, Any]:
    return rule_in(pack, rule_id).parameters


def test_every_rule_is_in_the_pack_and_tells_of_itself() -> None:
    assert [rule.id for rule in PACK.rules] == list(RULES)
    for rule in PACK.rules:
        row = rule.as_row()
        assert json.loads(json.dumps(row)) == row
        assert row["id"] == rule.id and row["sentence"].endswith(".") and row["source"]
        assert rule.effects


def test_guarded_effects_are_never_free() -> None:
    for pack in (PACK, UNATTENDED):
        assert all(pack.floors[effect] >= Verdict.HOLD for effect in Effect if effect.guarded)


def test_when_nobody_is_there_nothing_is_taken_away() -> None:
    assert UNATTENDED.name == "unattended"
    assert rule_in(UNATTENDED, "confirm.destructive").verdict is Verdict.DENY
    assert rule_in(UNATTENDED, "confirm.config").verdict is Verdict.DENY
    assert rule_in(UNATTENDED, "confirm.outbound").verdict is Verdict.HOLD


@pytest.mark.parametrize(
    "text",
    [
        "rules:\n  post.length:\n    verdict: deny\n",
        "rules:\n  post.mentions:\n    verdict: deny\n    most: 1\n",
        "rules:\n  post.hashtags:\n    most: 0\n    quoted: deny\n",
        "rules:\n  time.lead:\n    minutes: 60\n",
        "rules:\n  time.lead:\n    minutes: 0\n",  # loosenable
        "rules:\n  time.far:\n    verdict: allow\n",  # loosenable
        "effects:\n  draft: hold\n  outbound: deny\n",
        "name: ours\n",
    ],
)
def test_what_an_overlay_may_do(text: str, tmp_path: Path) -> None:
    assert overlaid(tmp_path, text).hash != PACK.hash or "post.length" in text


def test_what_an_overlay_does(tmp_path: Path) -> None:
    pack = overlaid(
        tmp_path,
        "name: ours\neffects:\n  sync: hold\nrules:\n"
        "  post.mentions:\n    most: 1\n"
        "  link.safe:\n    hosts: [evil.example, local]\n"
        "  post.draft_by_default:\n    words:\n      sv:\n        verbs: [publicera]\n",
        "rules:\n  post.mentions:\n    most: 0\n",
    )
    assert (pack.name, pack.floors[Effect.SYNC], pack.floors[Effect.READ]) == ("ours", Verdict.HOLD, Verdict.ALLOW)
    assert values(pack, "post.mentions") == {"most": 0}
    hosts = values(pack, "link.safe")["hosts"]
    assert hosts == [*values(PACK, "link.safe")["hosts"], "evil.example"]
    words = values(pack, "post.draft_by_default")["words"]
    assert set(words) == {*values(PACK, "post.draft_by_default")["words"], "sv"}
    assert rule_in(pack, "post.mentions").sentence == rule_in(PACK, "post.mentions").sentence
    assert values(PACK, "post.mentions") == {"most": 3}
    assert findings("link.safe", promote("https://a.evil.example/"), pack=pack)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("rules:\n  post.lenght:\n    verdict: deny\n", 2, 'Did you mean "post.length"?'),
        ("rules:\n  post.mentions:\n    mots: 1\n", 3, 'Did you mean "most"?'),
        ("rulez:\n  a: b\n", 1, 'Did you mean "rules"?'),
        ("rules:\n  post.mentions:\n    most: 4\n", 3, "looser than 3"),
        ("rules:\n  post.mentions:\n    most: many\n", 3, "valid integer"),
        ("rules:\n  post.mentions:\n    most: -1\n", 3, "greater than or equal to 0"),
        ("rules:\n  post.mentions:\n    verdict: allow\n", 3, "looser than hold"),
        ("rules:\n  post.length:\n    verdict: hold\n", 3, "looser than deny"),
        ("rules:\n  post.length:\n    verdict: maybe\n", 3, "use one of allow, hold, deny"),
        ("rules:\n  post.length:\n    verdict: rewrite\n", 3, "use one of allow, hold, deny"),
        ("rules:\n  post.length:\n    says: Nothing.\n", 3, 'unknown key "rules.post.length.says"'),
        ("rules:\n  post.length:\n    loosenable: [verdict]\n", 3, 'unknown key "rules.post.length.loosenable"'),
        ("effects:\n  outbound: allow\n", 2, "a person must decide"),
        ("effects:\n  publish: hold\n", 2, 'unknown key "effects.publish"'),
        ("rules:\n  post.length:\n", 2, "rules.post.length"),
        ("rules: [a\n", 2, "not valid YAML"),
    ],
)
def test_errors_name_file_line_and_the_nearest_name(text: str, line: int, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        overlaid(tmp_path, text)
    assert f"policy0.yaml, line {line}:" in str(caught.value)
    assert says in str(caught.value)


def test_a_later_overlay_is_held_against_the_earlier_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="looser than 1"):
        overlaid(tmp_path, "rules:\n  post.mentions:\n    most: 1\n", "rules:\n  post.mentions:\n    most: 2\n")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  outbound: hold\n", "  outbound: allow\n", "a person must decide"),
        ("    most: 3\n", "    most: 3\n    many: 4\n", 'unknown key "rules.post.mentions.many"'),
        ("  post.once:\n", "  post.twice:\n", 'the key "rules.post.once" is missing'),
        ("    minutes: 10\n", "", 'the key "rules.time.lead.minutes" is missing'),
    ],
)
def test_a_base_is_complete_and_closed(old: str, new: str, says: str, tmp_path: Path) -> None:
    text = BASE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "default.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_pack([path], NETWORK_LIMITS)
    assert says in str(caught.value) and "default.yaml, line" in str(caught.value)


def test_what_has_no_stricter_side_is_changed_only_where_the_base_says_so(tmp_path: Path) -> None:
    base, overlay = tmp_path / "default.yaml", tmp_path / "policy.yaml"
    base.write_text(BASE.read_text(encoding="utf-8").replace("    loosenable: [words]\n", ""), encoding="utf-8")
    overlay.write_text("rules:\n  post.draft_by_default:\n    words:\n      sv:\n        verbs: [publicera]\n")
    with pytest.raises(SettingsError, match="does not allow changing words"):
        load_pack([base, overlay], NETWORK_LIMITS)


def test_an_effect_that_is_not_named_is_denied(tmp_path: Path) -> None:
    path = tmp_path / "default.yaml"
    path.write_text(BASE.read_text(encoding="utf-8").replace("  sync: allow\n", ""), encoding="utf-8")
    assert load_pack([path], NETWORK_LIMITS).floors[Effect.SYNC] is Verdict.DENY


def test_the_hash_names_the_content_not_its_spelling(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    text = BASE.read_text(encoding="utf-8")
    path.write_text("# a comment\n" + text.replace(": deny\n", ': "deny"\n'), encoding="utf-8")
    assert load_pack([path], NETWORK_LIMITS).hash == PACK.hash == load_pack([BASE], NETWORK_LIMITS).hash
    assert len(PACK.hash) == 64
    networks = tmp_path / "networks.yaml"
    other = NETWORK_LIMITS.read_text(encoding="utf-8").replace("value: 280", "value: 279")
    networks.write_text(other, encoding="utf-8")
    assert load_pack([BASE], networks).hash != PACK.hash
    assert UNATTENDED.hash != PACK.hash


def test_the_page_tells_every_rule() -> None:
    page = rules_markdown(PACK)
    for rule in PACK.rules:
        cell = rule.verdict.word if rule.code.judged else "yes"
        assert f"| `{rule.id}` | {cell}" in page and rule.sentence in page
    assert page == rules_markdown(load_pack([BASE], NETWORK_LIMITS))


def test_the_page_tells_what_is_shown_and_not_judged_and_what_has_no_group() -> None:
    def silent(_case: object, _params: Params) -> list[Found]:
        return []

    shown = RuleCode("odd.shown", ShownParams, frozenset(Effect), False, silent)
    judged = RuleCode("odd.judged", Params, frozenset(Effect), False, silent)
    rules = (
        Rule(shown, ShownParams(says="It is shown.", source="s")),
        Rule(shown, ShownParams(says="It is hidden.", source="s", shown=False)),
        Rule(judged, Params(says="It is | odd.", source="s", verdict=Verdict.HOLD, loosenable=("verdict",))),
    )
    page = rules_markdown(replace(PACK, rules=(*PACK.rules, *rules)))
    assert "## Shown, not judged" in page and "| `odd.shown` | yes |  | It is shown. | shown True | s |" in page
    assert "| `odd.shown` | no |  | It is hidden." in page and "count for nothing" in page
    assert "## Others" in page and "| `odd.judged` | hold° |  | It is / odd. |  | s |" in page
    plain = rules_markdown(replace(PACK, rules=tuple(rule for rule in PACK.rules if rule.code.judged)))
    assert "Shown, not judged" not in plain and "- `post.mentions`: `most` is the house's cap" in plain
    assert [line for line in plain.splitlines() if line.startswith("## ")][:3] == [
        "## Effects",
        "## Core",
        "## Targets",
    ]


def test_what_explain_tells_to_write_can_be_written(tmp_path: Path) -> None:
    for rule in PACK.rules:
        written = about(rule, PACK, PACK, ())["written"]
        if written:
            overlaid(tmp_path, f"rules: {{{written}}}")
    lists = about(rule_in(PACK, "time.blackout"), PACK, PACK, ())["written"]
    assert lists == 'time.blackout: {dates: ["2026-12-24: closed"], crisis: false}'


# -- edits of files that are in force ----------------------------------------------------------------------------------

STRICTER = "rules:\n  post.hashtags: {most: 2}\n"
STRICTER_YET = "rules:\n  post.hashtags: {most: 1}\n"


def saved(path: Path, text: str, *, seconds_ago: float = 10) -> None:
    """Save a file, so long ago."""
    path.write_text(text, encoding="utf-8")
    then = time.time() - seconds_ago
    os.utime(path, (then, then))


def most(packs: Packs) -> int:
    return int(values(packs.of("attended"), "post.hashtags")["most"])


def test_an_edit_is_in_force_once_the_file_was_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "policy.yaml"
    packs = load_packs(tmp_path)
    shipped = most(packs)
    saved(own, STRICTER)
    assert shipped > 2 and most(packs) == 2, "a first overlay of the home"
    saved(own, STRICTER_YET, seconds_ago=0)
    assert most(packs) == 2, "it may be half written"
    saved(own, STRICTER_YET, seconds_ago=3)
    assert most(packs) == 1
    assert packs.of("attended") is packs.of("attended")


def test_an_edit_that_says_something_wrong_is_told_until_it_is_mended(tmp_path: Path) -> None:
    own = tmp_path / "policy.yaml"
    saved(own, STRICTER, seconds_ago=60)
    packs = load_packs(tmp_path)
    assert most(packs) == 2
    saved(own, "rules:\n  post.hashtag: {most: 1}\n")
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"post\.hashtags"):
            packs.of("attended")
    saved(own, STRICTER_YET, seconds_ago=8)
    assert most(packs) == 1


def test_a_policy_that_is_taken_away_is_not_as_good_as_none(tmp_path: Path) -> None:
    own = tmp_path / "policy.yaml"
    saved(own, STRICTER)
    packs = load_packs(tmp_path)
    assert most(packs) == 2
    own.unlink()
    with pytest.raises(SettingsError, match="is gone"):
        packs.of("attended")
    assert most(load_packs(tmp_path)) > 2, "whoever starts anew goes on without it"
    saved(own, STRICTER)
    assert most(packs) == 2


def test_an_overlay_for_the_night_alone(tmp_path: Path) -> None:
    saved(tmp_path / "policy.yaml", STRICTER)
    packs = load_packs(tmp_path)
    before = values(packs.of("unattended"), "post.hashtags")["most"]
    assert before == 2
    saved(tmp_path / "policy.unattended.yaml", STRICTER_YET)
    assert values(packs.of("unattended"), "post.hashtags")["most"] == 1
    assert most(packs) == 2 and values(packs.of("person"), "post.hashtags")["most"] == 2
    saved(tmp_path / "policy.unattended.yaml", "standing: [{name: tips}]\n", seconds_ago=5)
    with pytest.raises(SettingsError, match="standing"):
        packs.of("unattended")
