"""`psa policy …` as people use it: words, exit codes, one JSON value, and nothing sent or written."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent.cli import psa
from agent.errors import Exit, PsaError
from tests.commands.test_cli import NOW, empty_home

__all__ = ["empty_home"]

STRICT = "name: strict\nrules:\n  post.mentions: {most: 2, verdict: deny}\n"


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(psa, ["policy", *args], input=stdin, standalone_mode=False)


def ok(*args: str, code: int = 0, stdin: str | None = None) -> str:
    result = run(*args, stdin=stdin)
    assert result.exception is None, result.exception
    assert (result.return_value or 0) == code, result.output
    return result.stdout


def failed(*args: str) -> str:
    error = run(*args).exception
    assert isinstance(error, PsaError)
    return str(error)


def read(*args: str, code: int = 0, stdin: str | None = None) -> Any:
    return json.loads(ok(*args, "--json", code=code, stdin=stdin))


def test_list_is_in_groups_and_as_objects(empty_home: Path) -> None:
    told = ok("list")
    assert told.startswith("Core\n") and told.index("Core") < told.index("Targets") < told.index("Deferred effects")
    (empty_home / "policy.yaml").write_text(STRICT)
    [row] = [row for row in read("list") if row["id"] == "post.mentions"]
    assert row["sentence"].startswith("No more mentions") and row["source"] and row["parameters"] == {"most": 2}
    assert (row["default_verdict"], row["verdict"], row["group"]) == ("hold", "deny", "Networks")


def test_explain_tells_layers_and_examples(empty_home: Path) -> None:
    (empty_home / "policy.yaml").write_text(STRICT)
    told = ok("explain", "post.mentions")
    assert "verdict     deny (shipped: hold)" in told and "policy.yaml: most 3 → 2" in told
    assert "parameter   most = 2 (a lower figure is stricter)" in told and "test        hold" in told
    assert "minutes = 10 (a higher one is stricter), loosenable" in ok("explain", "time.lead")
    assert "by en, de" in ok("explain", "post.draft_by_default")
    assert "unattended.yaml: verdict hold → deny" in ok("explain", "confirm.config", "--unattended")
    assert read("explain", "post.mentions")["changed_by"]
    assert "Did you mean" in failed("explain", "post.mention")
    assert "limits of its own" in ok("explain", "account.limit")
    assert read("explain", "effect.permitted")["id"] == "effect.permitted"


def test_check_a_text(empty_home: Path) -> None:
    (empty_home / "post.txt").write_text("We open at nine. #one #two #three\n")
    told = ok("check", "post.txt", "--on", "x,linkedin")
    assert "twitter    26 of 280 weighted characters" in told and "linkedin   36 of 3000" in told
    assert "after    'We open at nine. #one #two'" in told and "verdict    rewrite" in told
    assert ok("check", "-", "--on", "linkedin", stdin="Hello.").splitlines()[-1] == (
        "verdict    allow: no rule has anything to say"
    )
    told = ok("check", "-", "--on", "linkedin", "--at", "2026-12-01 09:00", *NOW, stdin="Hello.")
    assert told.splitlines()[-1].strip() == "Going out, it waits for a person as every post does."
    told = ok("check", "-", "--on", "linkedin", "--at", "2026-11-01 09:00", *NOW, code=3, stdin="Hello.")
    assert "The time lies in the past. [time.past]" in told and "passes   name a time ahead" in told
    assert "20 TOO MANY" in ok("check", "-", "--on", "x", code=3, stdin="a" * 300)
    told = ok("check", "-", stdin="Hello.")
    assert "Left out, for want of media: Instagram" in told and "verdict    allow" in told
    assert "Left out" not in ok("check", "-", "--media", "41, 42", code=3, stdin="Hello.")
    assert '"first.jpg" is no id' in failed("check", "post.txt", "--media", "41,first.jpg")
    assert list(empty_home.iterdir()) == [empty_home / "post.txt"]  # no journal was made


def test_check_as_json_and_calls() -> None:
    row = read("check", "-", "--on", "bluesky", stdin="Hi @ann.bsky.social")
    assert (row["verdict"], row["passes"], row["waits_for_person"], row["effect"]) == ("allow", True, False, "draft")
    assert row["lengths"][0]["most"] == 300 and row["call"]["operation"] == "UpdatePost"
    call = '{"operation": "DeletePost", "id": 5}'
    row = read("check", "-", code=3, stdin=call)
    assert row["verdict"] == "deny" and row["findings"][0]["rule"] == "ids.read"
    row = read("check", "-", "--unattended", code=Exit.REFUSED, stdin=call)
    assert {finding["rule"]: finding["verdict"] for finding in row["findings"]}["confirm.destructive"] == "deny"
    assert "cannot be read" in failed("check", "nothing.txt")
    assert "no journal here" in failed("check", "4711")
    assert "is no ISO time" in failed("check", "-", "--now", "soon")


def test_check_a_draft_of_the_journal(empty_home: Path) -> None:
    goal = 'Draft "The kiln is warm. @ann @bob @cid @dee" for LinkedIn'
    result = CliRunner().invoke(psa, ["run", goal, *NOW, "--json"], standalone_mode=False)
    post = json.loads(result.stdout)["effects"][0]["object_id"]
    told = ok("check", str(post), code=3)
    assert f"Post {post} as run r1 last saw it (draft)" in told and "4 mentions for LinkedIn" in told
    assert "(on promotion)" in told and "verdict    hold" in told
    assert "a run of this home last read" in ok("check", "-", "--on", "x", stdin="Hello.")
    assert "No run of this home" in failed("check", "999999")


@pytest.mark.slow
def test_test_tells_stricter_from_failed(empty_home: Path) -> None:
    assert ok("test", "--quiet").count("\n") == 1
    (empty_home / "policy.yaml").write_text(STRICT)
    told = ok("test", "--quiet")
    assert "stricter  post.mentions: three on X (networks.yaml): deny here, allow in the shipped policy" in told
    assert " stricter here" in told and "failed" not in told
    tests = empty_home / "policy_tests"
    tests.mkdir()
    ours = "tests:\n  - {rule: post.mentions, name: ours, publish: {text: 'Hi @a @b @c'}, expect: %s}\n"
    (tests / "ours.yaml").write_text(ours % "deny")
    assert "pass      post.mentions: ours (ours.yaml)" in ok("test")
    (tests / "ours.yaml").write_text(ours % "hold")
    told = ok("test", "--quiet", code=Exit.FAILED)
    assert "FAIL      post.mentions: ours (ours.yaml): expected hold, got deny" in told and "1 failed" in told
    row = read("test", "policy_tests/ours.yaml", code=Exit.FAILED)
    assert (row["passed"], row["counts"]) == (False, {"failed": 1})
    assert row["tests"][0]["findings"][0]["verdict"] == "deny" and not row["tests"][0]["shipped"]


def test_diff_and_replay(empty_home: Path) -> None:
    assert ok("diff", "shipped", "current") == "No parameter differs.\n"
    (empty_home / "new.yaml").write_text(STRICT)
    assert ok("diff", "current", "new.yaml") == ("post.mentions: verdict hold → deny\npost.mentions: most 3 → 2\n")
    assert "0 calls of 0 runs" in ok("diff", "shipped", "new.yaml", "--replay", "90d")
    assert not (empty_home / "runs").exists()
    goal = 'Draft "The kiln is warm. @ann @bob @cid" for LinkedIn'
    CliRunner().invoke(psa, ["run", goal], standalone_mode=False)
    told = ok("diff", "shipped", "new.yaml", "--replay", "12w")
    assert "1 calls of 1 runs in 12w" in told and "let through → denied on promotion  Draft on LinkedIn" in told
    assert (
        "post.mentions: 3 mentions for linkedin" in told
        and "syncs, replies, mirror" in told
        and "kept, resolved" in told
    )
    assert "no answer differs" in ok("diff", "shipped", "shipped", "--replay", "7")
    row = read("diff", "shipped", "new.yaml", "--replay", "90d")
    assert row["changes"][0] == {
        "layer": "",
        "rule": "post.mentions",
        "name": "verdict",
        "old": "hold",
        "new": "deny",
        "for": "",
    }
    assert row["replay"]["judged"] == 1 and row["replay"]["differences"][0]["after"] == "denied"
    assert read("diff", "shipped", "new.yaml")["replay"] is None
    assert "no such file" in failed("diff", "shipped", "nothing.yaml")
    assert "is no length of time" in failed("diff", "shipped", "current", "--replay", "soon")


def test_a_broken_rule_of_ones_own_is_named(empty_home: Path) -> None:
    (empty_home / "policy.yaml").write_text("python: policy_rules.py\n")
    assert "policy_rules.py cannot be read" in failed("list")
    (empty_home / "policy_rules.py").write_text("def odd(:\n")
    assert "policy_rules.py, line 1: not valid Python" in failed("check", "-")
