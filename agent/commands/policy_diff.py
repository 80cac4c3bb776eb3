"""`psa policy diff`: what another policy says otherwise, in figures and about the calls of the past."""

import re
import sys
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from agent.assembly import load_packs, packs_with, service_of, surroundings_of
from agent.clock import SystemClock, local
from agent.commands.light import json_option, print_json, tell
from agent.errors import WrongUsage
from agent.gate.past import OF_TODAY, Past, not_rebuilt
from agent.gate.replay import Difference, Replayed, replay
from agent.journal.store import open_store
from agent.policy.about import change_row
from agent.policy.comparing import differences
from agent.policy.layers import Change
from agent.policy.pack import Packs
from agent.settings import Settings, load_settings
from agent.text import one_line


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--replay", "days", metavar="90d", default="", help="Judge the calls of so many days again with both.")
@json_option
def diff_command(old: str, new: str, days: str, as_json: bool) -> None:
    """What NEW says otherwise than OLD: overlay files, `shipped` (no overlay) or `current` (this home's policy.yaml).

    With --replay the calls of the journal are judged again with both, as the runs knew things then: which posts would
    have been held, let through, rewritten or denied otherwise. Nothing is sent, and nobody is asked.
    """
    settings, home = load_settings(Path.cwd())
    back = _days(days) if days else None
    packs = _packs(old, home), _packs(new, home)
    changes = differences(packs[0].of("attended"), packs[1].of("attended"))
    found = _replayed(settings, home, packs, back) if back is not None else None
    if as_json:
        print_json({"changes": [change_row(change) for change in changes], "replay": _replay_row(found)})
        return
    for line in [_changed(change) for change in changes] or ["No parameter differs."]:
        tell(line)
    for line in _told(found, days) if found is not None else []:
        tell(line)


def _packs(name: str, home: Path) -> Packs:
    if name == "shipped":
        return packs_with(None)
    if name == "current":
        return load_packs(home)
    if not Path(name).is_file():
        raise WrongUsage(
            f"{name} cannot be read: there is no such file.", hint="Name an overlay, `shipped` or `current`."
        )
    return packs_with(Path(name))


def _days(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([dw]?)", text)
    if match is None:
        raise WrongUsage(f"--replay {text!r} is no length of time.", hint="Write 90d, or 12w.")
    return timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))


def _replayed(settings: Settings, home: Path, packs: tuple[Packs, Packs], back: timedelta) -> Replayed:
    if not (home / "runs" / "journal.db").is_file():
        return Replayed()
    now = SystemClock().now()
    shown = sys.stderr.isatty()

    def progress(judged: int, runs: int, of: int) -> None:
        click.echo(f"\r  {judged} calls judged again, {runs} of {of} runs", err=True, nl=runs == of)

    with closing(open_store(home)) as store:
        past = Past(store, packs[0], surroundings_of(settings, home), service_of(settings), now)
        return replay(past, *packs, now - back, progress if shown else None)


def _changed(change: Change) -> str:
    scope = f" for {change.scope[0]} {change.scope[1]}" if change.scope else ""
    return f"{change.where}{scope}: {change.name} {_value(change.old)} → {_value(change.new)}"


def _value(value: Any) -> str:
    return "none" if value is None else one_line(str(value), 200)


def _told(found: Replayed, days: str) -> list[str]:
    lines = ["", f"{found.judged} calls of {found.runs} runs in {days}, judged again with both:"]
    counted = Counter(f"{one.after}, before {one.before}{_promoted(one)}" for one in found.differences)
    lines += [f"  {count} would be {words}" for words, count in counted.most_common()] or ["  no answer differs"]
    for one in found.differences:
        lines.append(f"{one.run:<6} {local(one.at)}  {one.before} → {one.after}{_promoted(one)}  {one.title}")
        lines.append(f"       {', '.join(one.rules)}: {one.says}")
    if found.left_out:
        lines += ["", "Not judged:", *(f"  {line}" for line in found.left_out)]
    lines += ["", _unknown()]
    return lines


def _promoted(one: Difference) -> str:
    return " on promotion" if one.on_promotion else ""


def _unknown() -> str:
    return (
        f"No journal gives these again; rules saw them as unknown: {', '.join(not_rebuilt())}."
        f" As today: {', '.join(OF_TODAY)}."
    )


def _replay_row(found: Replayed | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "judged": found.judged,
        "runs": found.runs,
        "differences": [one.as_row() for one in found.differences],
        "left_out": found.left_out,
        "not_rebuilt": list(not_rebuilt()),
        "as_today": list(OF_TODAY),
    }
