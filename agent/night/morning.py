"""The morning report in the terminal, and what is due; `r7#34` names a run and one of its journal records."""

from agent.clock import local
from agent.night.plan import Plan
from agent.night.told import CheckTold, JobTold, NightTold
from agent.text import one_line


def plan_lines(plan: Plan) -> list[str]:
    """What is due, a line a job, on the clock of its workspace."""
    lines = []
    for one in plan.planned:
        there = one.due.at.astimezone(one.zone)
        due = f"due {there:%a %Y-%m-%d %H:%M} {one.zone.key}"
        lines.append(f"{one.state:<10} {one.job.name:<24} {due}  {one.run}".rstrip())
    return lines + [f"lost       {lost.job.name:<24} {lost.says}" for lost in plan.lost]


def told_lines(told: NightTold) -> list[str]:
    """A night over all its jobs."""
    if not told.jobs:
        lines = ["Nothing is due."]
    else:
        count = f"{len(told.jobs)} job{'s' if len(told.jobs) > 1 else ''}"
        lines = [
            f"\n{count}, {told.requests} requests, {told.tokens} tokens"
            + (f", ${told.money:.4f}" if told.money else "")
        ]
    if told.put_off:
        lines.append(f"Put off: {told.put_off}")
    for job in told.jobs:
        lines += _job_lines(job)
    lines += [_check_line(one) for one in told.checks if one.state != "ok"]
    if told.waiting:
        lines.append("\nWaits for you, most urgent first (psa review show N, approve N, reject N):")
    for item in told.waiting:
        due = f", due {local(item.due)}" if item.due else ""
        lines.append(f"  {item.kind} {item.number}{due}: {one_line(item.title, 160)}  [{item.run}#{item.seq}]")
    if told.next:
        lines.append(f"\nNext: {told.next.job}, due {local(told.next.at)}")
    return lines


def _check_line(check: CheckTold) -> str:
    """A finding of the dusk check on one line."""
    return f"{check.state}: {check.what} {check.do}".rstrip()


def _job_lines(job: JobTold) -> list[str]:
    head = f"\n{job.job} {job.date}".rstrip() + f": {job.outcome.replace('_', ' ')}"
    lines = [head] + ([f"  {one_line(job.why, 300)}"] if job.why and not job.lines else [])
    lines += [f"  {one_line(line.says, 300)}  [{line.run}#{line.seq}]" for line in job.lines]
    return lines + ([f"  and {job.left_out} more: psa runs show {job.run}"] if job.left_out else [])
