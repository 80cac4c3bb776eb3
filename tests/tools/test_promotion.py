"""Scheduling, publishing, unscheduling."""

from typing import Any

import pytest

from agent.api.posts import GetPost
from tests.tools.helpers import Reads, body, facts, post, unfit

AUGUST = {"date": "2026-08-02", "time": "18:05", "timezone": "Europe/Berlin"}
SCHEDULED = {"status": "SCHEDULED", "scheduled_at": "2026-07-01 09:30"}

PROMOTIONS: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "schedule a draft": (
        "schedule_post",
        {"at": "2026-08-02 18:05"},
        {},
        {"schedule_type": "schedule", "schedule_for": AUGUST},
    ),
    "schedule with a T": (
        "schedule_post",
        {"at": "2026-08-02T18:05"},
        {},
        {"schedule_type": "schedule", "schedule_for": AUGUST},
    ),
    "move a scheduled post": (
        "schedule_post",
        {"at": "2026-08-02 18:05", "next_slot": False},
        SCHEDULED,
        {"schedule_type": "schedule", "schedule_for": AUGUST},
    ),
    "the next slot for a draft": ("schedule_post", {"next_slot": True}, {}, {"schedule_type": "schedule"}),
    "the next slot for a scheduled post": (
        "schedule_post",
        {"next_slot": True},
        SCHEDULED,
        {"schedule_type": "schedule", "schedule_for": None},
    ),
    "with a repeat": (
        "schedule_post",
        {"at": "2026-08-02 18:05", "repeat": {"times": 2, "every": 1, "unit": "weeks"}},
        {},
        {"schedule_type": "schedule", "schedule_for": AUGUST, "repeatable": True}
        | {"repeatable_times": 2, "repeatable_gap": 1, "repeatable_gap_unit": "weeks"},
    ),
    "a failed post again": ("schedule_post", {"next_slot": True}, {"status": "FAILED"}, {"schedule_type": "schedule"}),
    "publish a draft": ("publish_post", {}, {}, {"schedule_type": "publish_now"}),
    "publish a scheduled post": ("publish_post", {}, SCHEDULED, {"schedule_type": "publish_now"}),
    "unschedule": ("unschedule_post", {}, SCHEDULED, {"schedule_type": "draft"}),
}
#: What any promotion leaves as it stands.
STANDS = {"workspace_id": 11, "content": [{"text": "Hello"}], "accounts": [{"id": 101}], "labels": [5]}


@pytest.mark.parametrize("case", PROMOTIONS)
def test_a_promotion_changes_only_when(case: str) -> None:
    tool, given, shown, expected = PROMOTIONS[case]
    reads = Reads({"GetPost": post(**shown)})
    made = body(tool, {"post": 7} | given, reads)
    assert reads.asked == [GetPost(id=7)]
    assert made == STANDS | {"repeatable": False} | expected


REFUSED: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "no time": ("schedule_post", {}, {}, "takes one of at"),
    "two times": ("schedule_post", {"at": "2026-08-02 18:05", "next_slot": True}, {}, "takes one of at"),
    "only a false slot": ("schedule_post", {"next_slot": False}, {}, "takes one of at"),
    "words for a time": ("schedule_post", {"at": "tomorrow"}, {}, "YYYY-MM-DD HH:MM in the workspace's zone"),
    "a day that does not exist": ("schedule_post", {"at": "2026-02-30 10:00"}, {}, "no time of the calendar"),
    "an hour that does not exist": ("schedule_post", {"at": "2026-02-03 25:00"}, {}, "no time of the calendar"),
    "a published post": ("schedule_post", {"next_slot": True}, {"status": "PUBLISHED"}, "cannot be changed"),
    "publishing again": ("publish_post", {}, {"status": "PARTIALLY_FAILED"}, "is partially failed"),
    "publishing what is on its way": ("publish_post", {}, {"status": "IN_QUEUE"}, "is in queue"),
    "unscheduling a draft": ("unschedule_post", {}, {}, "Post 7 is not scheduled (it is draft)"),
    "unscheduling what is out": ("unschedule_post", {}, {"status": "PUBLISHED"}, "not scheduled (it is published)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_promotion_is_refused(case: str) -> None:
    tool, given, shown, why = REFUSED[case]
    assert why in unfit(tool, {"post": 7} | given, Reads({"GetPost": post(**shown)}))


def test_a_workspace_whose_zone_is_not_known_gets_no_time() -> None:
    told = unfit(
        "schedule_post", {"post": 7, "at": "2026-08-02 18:05"}, Reads({"GetPost": post()}), known=facts(workspaces={})
    )
    assert "time zone of workspace 11 is not known" in told
