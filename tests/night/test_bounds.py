"""What a night may cost: the rate budget is used to the full while work waits, no 429, and memory stays flat."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.planner.scripted import ScriptedModel
from tests.house import call, home_in
from tests.night.nights import finish, jobs_text, night

pytestmark = pytest.mark.anyio

SHARE = 50


def resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def used_share(requests: Sequence[dict[str, Any]]) -> float:
    """Of what an agent may send in the minutes in which work waited: how much was sent."""
    ats = [datetime.fromisoformat(request["at"]).timestamp() for request in requests]
    bursts = Counter(round(at - ats[0], 1) for at in ats)
    *full, _ = [count for _, count in sorted(bursts.items())]
    minutes = (sorted(bursts)[-1]) / 60
    return sum(full) / (minutes * SHARE)


def worst_minute(requests: Sequence[dict[str, Any]]) -> int:
    ats = [datetime.fromisoformat(request["at"]).timestamp() for request in requests]
    return max(sum(1 for other in ats if at <= other < at + 60) for at in ats)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "world"), [(40, "shop"), pytest.param(200, "agency", marks=pytest.mark.torture, id="200-agency")]
)
async def test_the_unattended_share_is_used_to_the_full_and_memory_stays_flat(
    count: int, world: str, tmp_path: Path
) -> None:
    sizes: list[int] = []
    (tmp_path / "policy.yaml").write_text("rules:\n  night.drafts: {most: 200}\n", encoding="utf-8")
    async with home_in(tmp_path, psa_world=world) as home:
        accounts = [one for one in home.box.export()["accounts"] if not one.get("has_expired")]
        account = next(one for one in accounts if one["platform"] == "linkedin")
        draft = call("draft_post", workspace_id=account["workspace"], accounts=[account["id"]], text="We open at nine.")

        def model(_job: str) -> ScriptedModel:
            sizes.append(resident_kb())
            return ScriptedModel([[call("find_posts", limit=5)], [draft], finish()])

        jobs = jobs_text(*(f"job {number}" for number in range(count)), workspace=account["workspace"])
        told = await night(home, jobs, model=model)
        assert {job.outcome for job in told.jobs} == {"done"} and len(told.jobs) == count
        requests = home.box.requests()
        assert Counter(request["status"] for request in requests)[429] == 0
        assert worst_minute(requests) <= SHARE and used_share(requests) >= 0.98
        assert sizes[-1] - sizes[count // 4] < 16_000
