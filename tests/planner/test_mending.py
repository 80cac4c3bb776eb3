"""What the policy denies, or would keep in, is mended in one turn; what only the person can settle is left to them.

Through the public door: a goal in, the journal out.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.journal.run import Run
from agent.planner.offline.mending import mended
from agent.report import report_of
from tests.planner.goals import LINKEDIN, X, carried_out, drafts, shop, texts

pytestmark = pytest.mark.anyio


def told(run: Run) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every call of the run: its tool, its arguments, what it was answered."""
    for view in run.state.turns:
        for at, call in enumerate(view.turn.calls):
            yield call.name, json.loads(call.arguments), view.answers[at]


def overlay(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(text, encoding="utf-8")


SHORT = f"accounts:\n  {LINKEDIN}:\n    limits: {{reason: a test, read: 2026-11-24, text: 30}}\n"

#: Rule, goal, the calls of the run, the arguments of the last one before `finish` that must stand so, an overlay.
MENDED: list[tuple[str, str, list[str], dict[str, Any], str]] = [
    (
        "time.lead",
        'Schedule "New mugs are in." for LinkedIn in 5 minutes',
        ["draft_post", "schedule_post", "schedule_post"],
        {"at": "2026-11-24 10:10"},
        "",
    ),
    (
        "time.exists",
        'Schedule "New mugs are in." for LinkedIn on 28 March 2027 at 2:30',
        ["draft_post", "schedule_post", "schedule_post"],
        {"at": "2027-03-28 03:30"},
        "",
    ),
    (
        "link.safe",
        'Draft "Look." for LinkedIn with the link http://example.com/mugs',
        ["draft_post", "draft_post"],
        {"text": "Look. https://example.com/mugs"},
        "",
    ),
    (
        "text.control",
        'Draft "Mugs\u202e are\u200b in." for LinkedIn',
        ["draft_post", "draft_post"],
        {"text": "Mugs are in."},
        "",
    ),
    (
        "post.hashtags",
        "Make a post about #one #two #three #four #five for X",
        ["draft_post", "edit_post"],
        {"text": "A note about #one #two."},
        "",
    ),
    (
        "post.mentions",
        "Make a post about @ann @bob @cleo @dan for LinkedIn",
        ["draft_post", "edit_post"],
        {"text": "A note about @ann @bob @cleo dan."},
        "",
    ),
    (
        "post.length",
        "Make three posts about spring mugs for LinkedIn",
        ["draft_post"] * 3 + ["edit_post"],
        {"text": "Questions about spring mugs?"},
        SHORT,
    ),
    (
        "post.media_needed",
        'Schedule "New mugs are in." for Instagram and LinkedIn next Tuesday 9:00',
        ["draft_post", "edit_post", "schedule_post"],
        {"at": "2026-12-01 09:00"},
        "",
    ),
]


@pytest.mark.parametrize(("rule", "goal", "tools", "arguments", "layer"), MENDED, ids=[row[0] for row in MENDED])
async def test_one_turn_mends(
    rule: str, goal: str, tools: list[str], arguments: dict[str, Any], layer: str, tmp_path: Path
) -> None:
    if layer:
        overlay(tmp_path, layer)
    async with shop(tmp_path) as home:
        run = await carried_out(home, goal)
        calls = list(told(run))
        assert [name for name, _, _ in calls] == [*tools, "finish"]
        assert any(f"[{rule}]" in answer for _, _, answer in calls[:-2])
        _, given, answer = calls[-2]
        assert arguments.items() <= given.items()
        assert f"[{rule}]" not in answer and ("done" in answer or "waiting" in answer)
        assert report_of(run.state).refused == ""


async def test_a_network_that_needs_a_picture_is_left_out_where_others_are_not(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        run = await carried_out(home, 'Schedule "New mugs are in." for Instagram and LinkedIn next Tuesday 9:00')
        edit = next(given for name, given, _ in told(run) if name == "edit_post")
        assert edit["accounts"] == [LINKEDIN]
        assert "Instagram is left out: it needs a picture or video." in report_of(run.state).said


#: Rule, goal: the planner knows the networks and the clock, so these findings never come up.
NEVER = [
    ("post.thread", 'Write a thread for X and LinkedIn: "One thing." "Another thing."'),
    ("post.first_comment", 'Draft "New mugs." for X and LinkedIn with the first comment "Ask us."'),
    ("post.cover", 'Draft "A bowl." with the video kiln-opening.mp4 for TikTok with the cover frame at 1.5 s'),
    ("time.zone", 'Schedule "New mugs are in." for next Tuesday 9:00 on LinkedIn'),
    ("time.schedule_named", 'Schedule "New mugs are in." on X for the next free slot'),
    ("post.draft_by_default", 'Draft "New mugs are in." for LinkedIn'),
    ("target.accounts", 'Draft "We open at nine on Saturday." everywhere'),
]


@pytest.mark.parametrize(("rule", "goal"), NEVER, ids=[row[0] for row in NEVER])
async def test_nothing_to_mend(rule: str, goal: str, tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        calls = list(told(await carried_out(home, goal)))
        denied = [answer for _, _, answer in calls if '"denied"' in answer or "to_mend" in answer]
        assert not any(f"[{rule}]" in answer for answer in denied)
        assert len(drafts(home)) > 0


LONG = "We open the kiln at nine. " * 12 + "Come by."


@pytest.mark.parametrize(
    ("goal", "rule"),
    [
        (f'Draft "{LONG}" for X', "post.length"),
        ('Draft "New mugs. #one #two #three #four #five" for X', "post.hashtags"),
        ('Draft "With @ann @bob @cleo @dan" for X', "post.mentions"),
        ('Draft "Look at http://example.com/x" for LinkedIn', "link.safe"),
        ('Draft "New mugs." for Instagram', "post.media_needed"),
    ],
)
async def test_what_the_person_wrote_is_left_to_them(goal: str, rule: str, tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        run = await carried_out(home, goal)
        assert [name for name, _, _ in told(run)] == ["draft_post", "finish"]
        report = report_of(run.state)
        assert f"[{rule}]" in report.said + report.refused


async def test_a_quoted_text_that_is_too_long_waits_with_the_reason(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        run = await carried_out(home, f'Schedule "{LONG}" for X next Tuesday 9:00')
        report = report_of(run.state)
        assert texts(drafts(home)[0]) == [LONG] and report.outcome == "held"
        [card] = report.cards
        assert any(f"The text is 40 over on twitter: {len(LONG)} of 280" in str(line) for line in [card])


def why(rule: str, says: str = "") -> str:
    return f"{says} [{rule}]"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"text": "A."}, why("post.unknown")),
        ({"text": "A."}, "no rule at all"),
        ({"text": "A."}, why("link.safe", "An address in content.0.text names a port.")),
        ({"text": "A."}, why("time.lead", "What would pass: name 2026-11-24 10:10 or later")),
        ({"at": "2026-10-25 02:30"}, why("time.exists", "What would pass: choose a time before or after that hour")),
        ({"text": "One sentence alone"}, why("post.length", "The text is 5 over. What would pass: take 5 signs off")),
        ({"text": "A #a #b", "first_comment": "x"}, why("post.hashtags", "What would pass: 1 hashtags or fewer")),
        ({"text": "A @a @b", "thread": ["x"]}, why("post.mentions", "What would pass: 1 mentions or fewer")),
        ({"text": "A.", "accounts": [X]}, why("post.media_needed", "twitter takes no post without media.")),
    ],
)
def test_what_cannot_be_mended(arguments: dict[str, Any], reason: str) -> None:
    assert mended(arguments, [reason]) is None
    assert mended(arguments, [reason], networks={X: "twitter"}, some=True) is None


def test_of_several_reasons_all_count_or_some() -> None:
    reasons = [why("post.unknown"), why("text.control")]
    arguments = {"text": "A\u200b.", "thread": ["B\u200b."]}
    assert mended(arguments, reasons) is None
    found = mended(arguments, reasons, some=True)
    assert found is not None and found.changes == {"text": "A.", "thread": ["B."]}
