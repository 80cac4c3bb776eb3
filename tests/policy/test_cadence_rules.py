"""What data cannot say of cadence, blackouts and repetition: overlays, and that more posts never loosen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.comments import CreateComment
from agent.api.posts import UpdatePost
from agent.errors import SettingsError
from agent.journal.mirror import MirrorPost
from agent.policy.engine import decide
from agent.policy.facts import Facts
from agent.policy.mirror import mirror_of
from agent.policy.pack import Pack, load_pack
from tests.policy.helpers import (
    ACCOUNT,
    FACTS,
    NETWORK_LIMITS,
    NOW,
    PACK,
    POLICIES,
    draft,
    findings,
    promote,
    publish,
    said,
)

ZONES = {key: one.timezone for key, one in FACTS.workspaces.items()}


def laid_over(folder: Path, text: str) -> Pack:
    path = folder / "policy.yaml"
    path.write_text("name: mine\n" + text, encoding="utf-8")
    return load_pack([POLICIES / "default.yaml", path], NETWORK_LIMITS)


def with_posts(posts: Sequence[MirrorPost], **changes: Any) -> Facts:
    return replace(FACTS, mirror=mirror_of(posts, ZONES, NOW, NOW), **changes)


def repeating(times: int, unit: str) -> dict[str, Any]:
    return {"repeatable": True, "repeatable_times": times, "repeatable_gap": 1, "repeatable_gap_unit": unit}


BLACK = """
rules:
  time.blackout:
    dates: ["2026-12-24/2026-12-26: Christmas", "2027-01-01: New Year"]
"""


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-12-23 21:59", "allow"),
        ("2026-12-24 08:00", "deny"),
        ("2026-12-26 21:59", "deny"),
        ("2026-12-27 08:00", "allow"),
        ("2027-01-01 08:00", "deny"),
        ("2026-12-31 23:59", "allow"),
    ],
)
def test_blackout_dates_are_days_of_the_workspace(at: str, expected: str, tmp_path: Path) -> None:
    assert said("time.blackout", promote("A.", at=at), pack=laid_over(tmp_path, BLACK)) == expected


def test_a_blackout_tells_its_dates_and_shows_its_reason_to_people_alone(tmp_path: Path) -> None:
    weekly: dict[str, Any] = {
        "repeatable": True,
        "repeatable_times": 4,
        "repeatable_gap": 1,
        "repeatable_gap_unit": "weeks",
    }
    pack = laid_over(tmp_path, BLACK)
    [found] = findings("time.blackout", promote("A.", at="2026-12-03 09:00", **weekly), pack=pack)
    assert "2026-12-24" in found.says and "Christmas" not in found.says and found.evidence == "Christmas"
    assert found.passes == "a date before 2026-12-24 or after 2026-12-26"


def test_the_crisis_switch_stops_all_that_goes_out_and_no_draft(tmp_path: Path) -> None:
    pack = laid_over(tmp_path, "rules:\n  time.blackout:\n    crisis: true\n")
    reply = CreateComment(post_id=502, parent_comment_id=1, content="Thanks!")
    for call in (promote("A."), publish("A."), reply):
        assert said("time.blackout", call, pack=pack) == "deny"
    assert said("time.blackout", draft("A."), pack=pack) == "allow"
    taken_back = promote("Words of 501.", post=501, schedule_type="draft", at=None)
    assert said("time.blackout", taken_back, pack=pack) == "allow"


def test_one_workspace_in_a_crisis(tmp_path: Path) -> None:
    pack = laid_over(tmp_path, "workspaces:\n  12:\n    rules:\n      time.blackout: {crisis: true}\n")
    assert said("time.blackout", publish("A."), pack=pack) == "allow"
    assert said("time.blackout", publish("A.", {"id": 201}, post=601, workspace_id=12), pack=pack) == "deny"


@pytest.mark.parametrize("text", ["Christmas", "2026-12-24", "2026-13-01: no", "2026-12-26/2026-12-24: back"])
def test_a_date_that_is_none_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="line 4"):
        laid_over(tmp_path, f'rules:\n  time.blackout:\n    dates: ["{text}"]\n')


def test_hours_of_an_account_of_its_own(tmp_path: Path) -> None:
    own = 'accounts:\n  101:\n    rules:\n      time.quiet: {start: "01:00", end: "05:00"}\n'
    pack = laid_over(tmp_path, own)
    assert said("time.quiet", promote("A.", "twitter", at="2026-12-01 23:00"), pack=pack) == "allow"
    assert said("time.quiet", promote("A.", "twitter", "linkedin", at="2026-12-01 23:00"), pack=pack) == "hold"


def test_a_limit_of_an_account_that_is_lower_counts(tmp_path: Path) -> None:
    own = "accounts:\n  101:\n    limits: {reason: agreed with the client, read: 2026-11-01, posts_per_day: 1}\n"
    one = MirrorPost(id=700, workspace=11, status="SCHEDULED", accounts=(101,), due="2026-12-01 12:00")
    call = promote("A.", "twitter", at="2026-12-01 09:00")
    assert said("cadence.day", call, with_posts([one])) == "allow"
    assert said("cadence.day", call, with_posts([one]), laid_over(tmp_path, own)) == "hold"


def test_repeats_may_be_for_some_accounts_alone() -> None:
    hourly: dict[str, Any] = {
        "repeatable": True,
        "repeatable_times": 5,
        "repeatable_gap": 1,
        "repeatable_gap_unit": "hours",
    }
    one = promote(
        "A.", "twitter", "linkedin", at="2026-12-01 09:00", repeatable_accounts=[ACCOUNT["twitter"]], **hourly
    )
    assert {finding.says for finding in findings("cadence.day", one)} == {
        "Account 101 would have 6 posts on 2026-12-01, more than 5."
    }


TODAY = NOW.replace(tzinfo=None)
TIMES = st.datetimes(TODAY - timedelta(days=4), TODAY + timedelta(days=16)).map(lambda at: f"{at:%Y-%m-%d %H:%M}")
WORDS = st.sampled_from(["", "our new mugs are in.", "our new mugs are in!", "we open.", "something else"])
POSTS = st.builds(
    MirrorPost,
    id=st.integers(495, 520),
    workspace=st.sampled_from([11, 12, None]),
    status=st.sampled_from(["DRAFT", "SCHEDULED", "PUBLISHED", "PARTIALLY_FAILED", "FAILED", "IN_QUEUE", "PLANNED"]),
    accounts=st.lists(st.sampled_from([101, 109, 198, 201]), max_size=2).map(tuple),
    networks=st.lists(st.sampled_from(["twitter", "linkedin"]), max_size=1).map(tuple),
    due=st.one_of(st.just(""), TIMES, st.just("no time")),
    out=st.lists(TIMES, max_size=2).map(tuple),
    made=st.one_of(st.just(""), TIMES),
    text=WORDS,
    repeats=st.one_of(st.none(), st.tuples(st.integers(1, 5), st.integers(1, 40), st.sampled_from(["hours", "days"]))),
)
CALLS = st.one_of(
    st.builds(
        lambda text, at, nets: promote(text, *nets, at=at),
        st.sampled_from(["Our new mugs are in.", "We open."]),
        TIMES,
        st.sampled_from([["linkedin"], ["twitter"], ["twitter", "linkedin"]]),
    ),
    st.builds(lambda text: publish(text, "twitter"), st.sampled_from(["Our new mugs are in.", "We open."])),
    st.builds(lambda text: draft(text, "twitter", "linkedin"), st.just("We open.")),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(CALLS, st.lists(POSTS, max_size=6), st.lists(POSTS, max_size=3), st.booleans())
def test_more_posts_never_loosen(
    call: UpdatePost, some: list[MirrorPost], more: list[MirrorPost], decided: bool
) -> None:
    taken = {(one.id, one.status == "PLANNED") for one in some}
    added = [one for one in more if (one.id, one.status == "PLANNED") not in taken]
    few = decide(call, with_posts(some, decided=decided, goal="Schedule it"), PACK)
    many = decide(call, with_posts([*some, *added], decided=decided, goal="Schedule it"), PACK)
    assert many.verdict >= few.verdict
    held = {(one.rule, one.later) for one in few.findings}
    assert held <= {(one.rule, one.later) for one in many.findings}


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(CALLS, st.lists(POSTS, max_size=6), st.randoms())
def test_the_order_of_posts_does_not_matter(call: UpdatePost, posts: list[MirrorPost], random: Any) -> None:
    posts = list({(one.id, one.status == "PLANNED"): one for one in posts}.values())
    mixed = list(posts)
    random.shuffle(mixed)
    one, other = (decide(call, with_posts(some), PACK) for some in (posts, mixed))
    assert one.verdict == other.verdict and {f.rule for f in one.findings} == {f.rule for f in other.findings}


def test_the_next_free_time_is_free() -> None:
    base = datetime(2026, 12, 1, 8, tzinfo=UTC)
    posts = [
        MirrorPost(id=700 + n, status="SCHEDULED", accounts=(109,), due=(base + timedelta(minutes=25 * n)).isoformat())
        for n in range(20)
    ]
    [found] = findings("cadence.gap", promote("A.", at="2026-12-01 09:05"), with_posts(posts))
    free = found.passes.partition(" or later")[0]
    assert said("cadence.gap", promote("A.", at=free), with_posts(posts)) == "allow"
