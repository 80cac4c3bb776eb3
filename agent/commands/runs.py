"""`psa runs`: what happened."""

from pathlib import Path
from typing import TextIO

import click

from agent.assembly import House
from agent.clock import SystemClock, local, zone_named
from agent.commands.common import as_option, choices, live, outcome_exit, person, reviewer, role_option, with_house
from agent.commands.lazy import Group
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.commands.run import advance, finish
from agent.commands.telling import tell_report
from agent.errors import Corrupt, Declined, Exit, JournalError, SettingsError, WrongUsage
from agent.gate.approvals import refuse_jump_back
from agent.journal import records as r
from agent.journal.files import keep_before, mirror_agrees, mirror_goes_on, replace_text, rewrite_mirror
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.journal.store import SqliteStore, open_store
from agent.journal.transfer import export_lines, read_export
from agent.progress import history_line
from agent.report import keep_report, markdown, report_of
from agent.reports.words import counted
from agent.review.showing import card_text
from agent.settings import data_folder, find_home, system_user
from agent.templates import Templates
from agent.text import one_line
from agent.yaml_files import nearest


@click.group("runs", cls=Group)
def runs_command() -> None:
    """What happened: every run of this home, told from its journal."""


@runs_command.command("list")
@click.option("--limit", default=20, show_default=True)
@json_option
def list_command(limit: int, as_json: bool) -> None:
    """The newest runs first."""
    store = open_store(find_home(Path.cwd()))
    rows = store.ledger.runs(limit)
    store.close()
    if as_json:
        print_json([row.__dict__ for row in rows])
    elif not rows:
        tell("No runs yet. Start with: psa run 'Draft \"Hello.\" for LinkedIn'")
    for row in [] if as_json else rows:
        face = f"[{row.job} {row.date}] " if row.job else "[chat] " if row.channel == "chat" else ""
        what = one_line(f"{face}{row.goal}", 90)
        tell(f"{row.run:<6} {row.outcome or 'moving':<12} {local(row.opened)}  {what}")


def load(store: SqliteStore, run_id: str) -> Run:
    """A run by its id. Raises WrongUsage with the nearest id where there is none."""
    run = Run.load(store, run_id, SystemClock())
    if run.state.opened is None:
        known = [row.run for row in store.ledger.runs(1000)]
        raise WrongUsage(f'There is no run "{run_id}".{nearest(run_id, known)}', hint="`psa runs list` shows them.")
    return run


@runs_command.command("show")
@click.argument("run_id", metavar="RUN")
@click.option("--records", is_flag=True, help="Every record as JSON lines.")
@click.option("--record", type=int, metavar="N", help="One record: what r7#34 in a report names is record 34 of r7.")
@json_option
def show_command(run_id: str, records: bool, record: int | None, as_json: bool) -> None:
    """A run step by step."""
    store = open_store(find_home(Path.cwd()))
    run = load(store, run_id)
    if record is not None and not 1 <= record <= run.state.seq:
        raise WrongUsage(f"Run {run_id} has records 1 to {run.state.seq}.", hint=f"`psa runs show {run_id}`.")
    if records or record is not None:
        for line in store.mirror(run_id)[slice(record - 1, record) if record is not None else slice(None)]:
            tell(line)
    elif as_json:
        print_json(report_of(run.state).model_dump(mode="json"))
    else:
        zone = report_of(run.state).zone
        tell(f"Times are in {zone}.")
        state, day = RunState(run_id, store.load), ""
        for entry in store.read(run_id):
            state.apply(entry.seq, entry.at, entry.record)
            line = history_line(state, entry.record)
            if line:
                at = entry.at.astimezone(zone_named(zone))
                if day != (day := f"{at:%a} {at.day} {at:%b %Y}"):
                    tell(day)
                tell(f"{at:%H:%M:%S}  {line}")
        tell(f"outcome   {report_of(run.state).outcome}")
    store.close()


@runs_command.command("report")
@click.argument("run_id", metavar="RUN")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the Markdown of the file instead.")
@json_option
def report_command(run_id: str, as_markdown: bool, as_json: bool) -> None:
    """A run's report, drawn anew from its journal; the file report.md and its charts are brought up to date."""
    home = find_home(Path.cwd())
    store = open_store(home)
    run = load(store, run_id)
    told, templates = report_of(run.state), Templates(data_folder("prompts"))
    try:
        keep_report(home / "runs", run.state, templates)
    except JournalError as error:
        tell(f"psa: {error.message}", err=True)
    if as_json:
        print_json(told.model_dump(mode="json"))
    elif as_markdown:
        tell(markdown(run.state, templates))
    else:
        tell_report(told)
    store.close()


@runs_command.command("verify")
@click.argument("run_ids", metavar="[RUN]...", nargs=-1)
@json_option
def verify_command(run_ids: tuple[str, ...], as_json: bool) -> int:
    """Check the hash chain of runs (all of them by default), and mend their JSONL mirrors."""
    home = find_home(Path.cwd())
    store = open_store(home)
    results = []
    for run_id in run_ids or [row.run for row in reversed(store.ledger.runs(100_000))]:
        results.append(_verify(store, home, run_id))
    damage = store.damage()
    if damage:
        results.append({"run": "file", "records": 0, "error": f"runs/journal.db is damaged: {damage}"})
    store.close()
    bad = [result for result in results if result["error"]]
    if as_json:
        print_json(results)
    for result in [] if as_json else results:
        tell(f"{result['run']:<6} " + (str(result["error"]) or f"{result['records']} records fit"))
    return Corrupt.exit_code if bad else 0


def _verify(store: SqliteStore, home: Path, run_id: str) -> dict[str, object]:
    try:
        count = store.verify(run_id)
        if count == 0:
            return {"run": run_id, "records": 0, "error": "there is no such run"}
        Run.load(store, run_id, SystemClock())
        lines = store.mirror(run_id)
    except Corrupt as error:
        return {"run": run_id, "records": 0, "error": error.message}
    if mirror_goes_on(home / "runs", run_id, lines):
        lost = f"Run {run_id} ends at record {count}, but its journal.jsonl goes on: runs/journal.db lost the end."
        return {"run": run_id, "records": count, "error": f"{lost} Restore it from a backup."}
    mended = not mirror_agrees(home / "runs", run_id, lines)
    if mended:
        rewrite_mirror(home / "runs", run_id, lines)
    return {"run": run_id, "records": count, "error": "", "mirror_mended": mended}


@runs_command.command("resume")
@click.argument("run_id", metavar="RUN")
@click.option("--answer", metavar="TEXT", help="Answer the run's open question first.")
@click.option("--trust-clock", is_flag=True, help="The clock is right now, though the run has later records.")
@now_option
@clock_option
@json_option
def resume_command(
    run_id: str, answer: str | None, trust_clock: bool, now: str | None, clock: str, as_json: bool
) -> int:
    """Go on with a run that was stopped, deferred, killed or gave up."""

    async def go(house: House) -> int:
        load(house.store, run_id)
        run = Run.load(house.store, run_id, house.clock)
        if run.state.opened is not None and run.state.opened.service != house.service:
            raise SettingsError(
                f"Run {run_id} belongs to {run.state.opened.service}; in use is {house.service}.",
                hint="Set POSTSYNCER_BASE_URL and the token as they were.",
            )
        if not run.state.goals:
            raise Declined(
                f"Run {run_id} was cut off before it had a goal.", hint="Say the goal again: `psa run GOAL`."
            )
        run.listeners.append(live(run))
        state = run.state
        if not trust_clock:
            refuse_jump_back(run)
        if answer is not None:
            if not state.open_questions:
                raise WrongUsage(f"Run {run_id} has no open question.", hint=f"`psa runs show {run_id}` tells more.")
            run.add(r.Replied(number=state.open_questions[0].number, text=answer, who=system_user()))
        if trust_clock or state.closed is None or state.stopped or state.gave_up or state.deferred:
            run.add(r.Resumed(who=system_user(), trusts_clock=trust_clock))
        run.flush()
        moved = run.state.seq
        await advance(house, run)
        finish(house, run, as_json)
        if run.state.seq == moved and not run.state.open_cards:
            tell(f"psa: run {run_id} was at its end: there was nothing to go on with.", err=True)
        return outcome_exit(run)

    return with_house(choices(now, clock), go)


@runs_command.command("undo")
@click.argument("run_id", metavar="RUN")
@as_option
@role_option
@now_option
@clock_option
@json_option
def undo_command(run_id: str, as_name: str | None, role: str | None, now: str | None, clock: str, as_json: bool) -> int:
    """Propose what takes back what a run did, the newest first: as cards, and with the reason where nothing does."""

    async def go(house: House) -> int:
        load(house.store, run_id)
        run, told = await reviewer(house, person(house, as_name, role)).undo(run_id)
        if as_json:
            print_json({"run": run.id, "effects": [one.__dict__ for one in told]})
        for one in [] if as_json else told:
            mark = f"card {one.card}" if one.card else one.state
            tell(f"{mark:<9} {one.title}" + (f"\n          {one.says}" if one.says else ""))
        if not told:
            tell(f"Run {run_id} changed nothing in PostSyncer.", err=as_json)
        for view in [] if as_json else run.state.open_cards:
            tell(f"\n{card_text(view)}")
            tell(f"\nNothing is taken back yet: psa review approve {view.card.number}", err=True)
        return Exit.OK

    return with_house(choices(now, clock), go)


@runs_command.command("export")
@click.argument("run_ids", metavar="[RUN]...", nargs=-1)
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file, not to stdout.")
def export_command(run_ids: tuple[str, ...], target: Path | None) -> None:
    """Runs (all of them by default) with everything they name as one portable file, for a backup or another machine."""
    store = open_store(find_home(Path.cwd()))
    for run_id in run_ids:
        load(store, run_id)
    wanted = run_ids or tuple(row.run for row in reversed(store.ledger.runs(1_000_000)))
    lines = export_lines(store, wanted)
    if target is None:
        for line in lines:
            click.echo(line)
    else:
        try:
            replace_text(target, "".join(f"{line}\n" for line in lines))
        except OSError as error:
            raise WrongUsage(
                f"{target} cannot be written: {error.strerror}.", hint="Name another file with --to."
            ) from error
        tell(f"{counted(len(wanted), 'run')} in {target}", err=True)
    store.close()


@runs_command.command("import")
@click.argument("source", metavar="FILE", type=click.File(encoding="utf-8"))
@json_option
def import_command(source: TextIO, as_json: bool) -> None:
    """Take in the runs of an export (- is stdin): each hash is checked first, and it is all of them or none."""
    home = find_home(Path.cwd())
    try:
        found = read_export(source)
    except UnicodeDecodeError as error:
        raise Corrupt("The file is no text in UTF-8.", hint="`psa runs export` writes one.") from error
    store = open_store(home)
    added = store.adopt(found.runs, found.blobs)
    for run_id in added:
        rewrite_mirror(home / "runs", run_id, store.mirror(run_id))
        for entry in store.read(run_id):
            keep_before(home / "runs", run_id, entry.record, store.load)
    store.close()
    if as_json:
        print_json({"runs": added})
    for run_id, count in [] if as_json else added.items():
        tell(f"{run_id:<6} {counted(count, 'record')} taken in" if count else f"{run_id:<6} was here already")
