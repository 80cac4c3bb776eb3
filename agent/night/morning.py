"""The morning report in blocks, for paper and terminal; and what is due, for a look ahead."""

from collections import Counter
from collections.abc import Iterator

from agent.clock import local, moment_or_local
from agent.night.plan import Plan
from agent.night.told import JobTold, NightTold, WaitingTold, WatchedTold, trouble
from agent.reports.blocks import Block, Code, Facts, Heading, Item, Items, Line, Note, Source, Title
from agent.reports.standing import standing_line
from agent.reports.words import counted, joined
from agent.text import one_line

#: Items of the queue that a message names; the page shows all.
_MOST_IN_MESSAGE = 8


def plan_lines(plan: Plan) -> list[str]:
    """What is due, a line a job, on the clock of its workspace."""
    lines = []
    for one in plan.planned:
        there = one.due.at.astimezone(one.zone)
        due = f"due {there:%a %Y-%m-%d %H:%M} {one.zone.key}"
        lines.append(f"{one.state:<10} {one.job.name:<24} {due}  {one.run}".rstrip())
    return lines + [f"lost       {lost.job.name:<24} {one_line(lost.says, 400)}" for lost in plan.lost]


def morning_blocks(told: NightTold) -> list[Block]:
    """A night over all its jobs: what waits for somebody first, each line with the record it rests on."""
    if not told.jobs:
        return [*_watched(told), Note("Nothing is due."), *_following(told)]
    return [
        Title(f"Night of {local(told.began)}"),
        Facts(tuple(_facts(told))),
        *([Note(f"Put off: {told.put_off}")] if told.put_off else []),
        *_watched(told),
        *_waiting(told),
        *[block for job in told.jobs for block in _job(job)],
        *_standing(told),
        *_checks(told),
        *_following(told),
    ]


def morning_message(told: NightTold, pages: str) -> tuple[str, list[str]]:
    """The night in a few lines for a channel, with where to decide; nothing is decided there."""
    outcomes = Counter(job.outcome.replace("_", " ") for job in told.jobs)
    ranked = sorted(outcomes, key=lambda outcome: trouble(outcome.replace(" ", "_")))
    waits = len(told.waiting)
    title = f"PostSyncer agent, night of {local(told.began)}: {waits} wait{'s' if waits == 1 else ''} for you"
    lines = [f"{counted(len(told.jobs), 'job')}: {joined([f'{outcomes[one]} {one}' for one in ranked])}."]
    lines += [f"Put off: {told.put_off}"] if told.put_off else []
    lines += [f"Post {one.post} is {one.state}: {one_line(one.says, 120)}" for one in told.watched if one.task]
    shown = told.waiting[:_MOST_IN_MESSAGE]
    for item in shown:
        until = f", decide before {local(item.expires)}" if item.expires else ""
        lines.append(f"{item.kind} {item.number}: {one_line(item.title, 120)}{until}")
    lines += [f"and {waits - len(shown)} more"] if waits > len(shown) else []
    return title, [*lines, f"Look and decide: {pages.rstrip('/')}/"]


def _facts(told: NightTold) -> Iterator[tuple[str, str]]:
    outcomes = Counter(job.outcome.replace("_", " ") for job in told.jobs)
    ranked = sorted(outcomes, key=lambda outcome: trouble(outcome.replace(" ", "_")))
    yield "Jobs", f"{counted(len(told.jobs), 'job')}: " + joined([f"{outcomes[one]} {one}" for one in ranked])
    yield "Ended", local(told.ended)
    money = f", ${told.money:.4f}" if told.money else ""
    yield "Cost", f"{counted(told.requests, 'request')}, {counted(told.tokens, 'token')}{money}"
    yield "With", f"{told.model}, on {told.service}"
    if told.already:
        yield "Before", f"done already: {joined(told.already)}"


def _waiting(told: NightTold) -> Iterator[Block]:
    if told.waiting:
        yield Heading("Waits for you")
        yield Note(
            "Most urgent first. Decide with psa review approve N or reject N; look with:", Code("psa review show N")
        )
        yield Items(tuple(_item(item) for item in told.waiting))


def _watched(told: NightTold) -> Iterator[Block]:
    if told.watched:
        yield Heading("What was to be out")
        yield Items(tuple(_seen(one) for one in told.watched))


def _seen(one: WatchedTold) -> Item:
    lines = (Line("what to do", code=Code(f"psa review show {one.task}")),) if one.task else ()
    return Item(one.says, one.state, lines, Source(one.run, one.seq) if one.seq else None)


def _item(item: WaitingTold) -> Item:
    times = [("due", item.due), ("decide before", item.expires)]
    lines = tuple(Line(name, moment_or_local(at, item.zone)) for name, at in times if at)
    return Item(item.title, f"{item.kind} {item.number}", lines, Source(item.run, item.seq))


def _job(job: JobTold) -> Iterator[Block]:
    yield Heading(f"{job.job} {job.date}".rstrip() + f": {job.outcome.replace('_', ' ')}")
    if job.why and not any(job.why in line.says for line in job.lines):
        yield Note(job.why)
    if job.lines:
        yield Items(tuple(Item(line.says, source=Source(line.run, line.seq)) for line in job.lines))
    if job.left_out:
        yield Note(f"and {job.left_out} more:", Code(f"psa runs show {job.run}"))


def _standing(told: NightTold) -> Iterator[Block]:
    if told.standing:
        yield Heading("Standing permissions")
        yield Items(tuple(Item(one_line(standing_line(one), 600), one.state) for one in told.standing))


def _checks(told: NightTold) -> Iterator[Block]:
    notable = [check for check in told.checks if check.state != "ok"]
    if notable:
        yield Heading("Before the first job")
        yield Items(tuple(Item(f"{check.what}. {check.do}".rstrip(), check.state) for check in notable))


def _following(told: NightTold) -> Iterator[Block]:
    if told.next:
        yield Note(f"Next: {told.next.job}, due {moment_or_local(told.next.at, told.next.zone)}.")
