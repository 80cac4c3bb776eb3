"""When a post goes out. Berlin changes clocks on 28 March and 31 October 2027, New York on 14 March."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.types import Workspace
from tests.policy.helpers import BERLIN, NOW, draft, findings, judge, knowing, minutes, promote, publish, said


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Schedule it for the next free slot", "hold"),
        ("Put it into the next slot", "hold"),
        ("Plane es für den nächsten freien Platz", "hold"),
        ("Prográmalo para el próximo hueco", "hold"),
        ("Schedule it", "deny"),
        ("Schedule it, it says “next slot”", "deny"),
    ],
)
def test_a_time_is_named(goal: str, expected: str) -> None:
    facts = knowing(goal=goal, quoted=("next slot",))
    assert said("time.schedule_named", promote("A.", at=None), facts) == expected
    assert said("time.schedule_named", promote("A.", schedule_for=None), facts) == expected


@pytest.mark.parametrize("call", [promote("A."), publish("A."), draft("A.")])
def test_a_time_is_named_only_where_it_counts(call: Any) -> None:
    assert said("time.schedule_named", call) == "allow"


def test_a_person_may_take_the_next_slot() -> None:
    assert said("time.schedule_named", promote("A.", at=None), knowing(mode="person", goal="")) == "hold"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Berlin", "allow"), ("Europe/Paris", "deny"), ("UTC", "deny"), ("europe/berlin", "deny"), (None, "deny")],
)
def test_zone(zone: str | None, expected: str) -> None:
    assert said("time.zone", promote("A.", zone=zone)) == expected


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_that_is_not_known_denies(name: str) -> None:
    facts = knowing(workspaces={BERLIN: Workspace(id=BERLIN, timezone=name)})
    [finding] = findings("time.zone", promote("A.", zone=name), facts)
    assert finding.verdict.word == "deny" and "not known" in finding.says
    assert said("time.zone", publish("A."), facts) == "deny", "its quiet hours and posts of a day cannot be told"
    assert said("time.zone", draft("A."), facts) == "allow"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2027-03-28 01:59", "allow"),
        ("2027-03-28 02:00", "deny"),
        ("2027-03-28 02:59", "deny"),
        ("2027-03-28 03:00", "allow"),
        ("2027-10-31 01:59", "allow"),
        ("2027-10-31 02:00", "deny"),
        ("2027-10-31 02:59", "deny"),
        ("2027-10-31 03:00", "allow"),
        ("2027-03-14 02:30", "allow"),  # New York's gap, not Berlin's
        ("2027-02-29 09:00", "deny"),
        ("2026-13-01 09:00", "deny"),
        ("2026-12-01 24:00", "deny"),
        ("2026-12-01 09:60", "deny"),
        ("0000-00-00 00:00", "deny"),
        ("0001-01-01 00:00", "deny"),
        ("9999-12-31 23:59", "deny"),
    ],
)
def test_exists(at: str, expected: str) -> None:
    assert said("time.exists", promote("A.", at=at)) == expected


def test_both_choices_are_named() -> None:
    [gap] = findings("time.exists", promote("A.", at="2027-03-28 02:30"))
    assert "does not exist" in gap.says
    assert gap.passes == "ask the person which is meant: 01:30 (UTC+01:00) or 03:30 (UTC+02:00)"
    [fold] = findings("time.exists", promote("A.", at="2027-10-31 02:30"))
    assert "comes twice" in fold.says
    assert fold.evidence == "02:30 (UTC+02:00) or 02:30 (UTC+01:00)"
    assert fold.passes == "ask the person which is meant: 01:59 or 03:00: within that hour none is sent"
    [own] = findings("time.exists", promote("A.", at="2027-10-31 02:30"), knowing(mode="person"))
    assert own.passes == "choose 01:59 or 03:00: within that hour none is sent"


@pytest.mark.parametrize(
    ("ahead", "rule", "expected"),
    [
        (minutes(-1), "time.past", "deny"),
        (minutes(0), "time.past", "deny"),
        (minutes(1), "time.past", "allow"),
        (minutes(0), "time.lead", "allow"),
        (minutes(1), "time.lead", "deny"),
        (minutes(9), "time.lead", "deny"),
        (minutes(10), "time.lead", "allow"),
        (timedelta(days=180), "time.far", "allow"),
        (timedelta(days=180, minutes=1), "time.far", "hold"),
        (timedelta(days=300), "time.far", "hold"),
    ],
)
def test_how_far_ahead(ahead: timedelta, rule: str, expected: str) -> None:
    local = (NOW + ahead).astimezone(ZoneInfo("Europe/Berlin"))
    assert said(rule, promote("A.", at=f"{local:%Y-%m-%d %H:%M}")) == expected


@settings(deadline=None)
@given(st.integers(0, 2 * 365 * 24 * 60))
def test_a_time_passes_only_if_it_stands_for_one_instant_ahead(minute: int) -> None:
    wall = datetime.fromisoformat("2026-01-01T00:00") + minutes(minute)
    zone = ZoneInfo("Europe/Berlin")
    readings = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    denied = judge(promote("A.", at=f"{wall:%Y-%m-%d %H:%M}"), knowing(goal="Schedule it")).verdict.word == "deny"
    assert denied == (len(readings) == 2 or min(readings) < NOW + minutes(10))


def test_a_workspace_that_was_not_read_is_another_rules_matter() -> None:
    judgement = judge(promote("A.", workspace_id=13))
    assert judgement.verdict.word == "deny"
    assert {finding.rule for finding in judgement.findings if finding.rule.startswith("time.")} == set()
