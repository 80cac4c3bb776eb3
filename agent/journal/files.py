"""The files beside the store: per run a JSONL mirror that people can `tail` and `grep`, a report, exported objects."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from agent.api.endpoint import Effect
from agent.errors import JournalError
from agent.journal import records as r


def run_folder(runs: Path, run: str) -> Path:
    """Folder of a run, made when first needed."""
    folder = runs / run
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def append_lines(runs: Path, run: str, lines: Sequence[str]) -> None:
    """Add lines to a run's mirror. The store is the truth: a mirror that cannot be written is made anew later."""
    text = "".join(f"{line}\n" for line in lines)
    with suppress(OSError):
        try:
            _append(runs / run / "journal.jsonl", text)
        except FileNotFoundError:
            _append(run_folder(runs, run) / "journal.jsonl", text)


def _append(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def rewrite_mirror(runs: Path, run: str, lines: Sequence[str]) -> None:
    """Make a run's mirror anew."""
    replace_text(run_folder(runs, run) / "journal.jsonl", "".join(f"{line}\n" for line in lines))


def mirror_agrees(runs: Path, run: str, lines: Sequence[str]) -> bool:
    """Whether the mirror shows just these lines."""
    return _mirrored(runs, run) == list(lines)


def mirror_goes_on(runs: Path, run: str, lines: Sequence[str]) -> bool:
    """Whether the mirror shows these lines and more: it is written last, so the journal has lost its end."""
    shown = _mirrored(runs, run)
    return len(shown) > len(lines) and shown[: len(lines)] == list(lines)


def _mirrored(runs: Path, run: str) -> list[str]:
    """The whole lines of a mirror; none where there is none, or it is no text."""
    try:
        text = (runs / run / "journal.jsonl").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return text.split("\n")[:-1]


def export_object(runs: Path, run: str, name: str, body: str) -> Path:
    """Keep an object's full text before it is destroyed or overwritten; returns the file."""
    target = run_folder(runs, run) / "before" / f"{name}.json"
    if target.exists():
        return target
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(json.loads(body), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise JournalError(
            f"{target} cannot be written: {error}.", hint="Nothing was sent. Free some disk space, then resume the run."
        ) from error
    return target


def keep_before(runs: Path, run: str, record: r.AnyRecord, load: Callable[[str], str]) -> None:
    """Keep the object that an intent is about to destroy or overwrite, as it was read. Raises JournalError."""
    if not isinstance(record, r.Intent) or not record.before:
        return
    if Effect(record.effect) is Effect.DESTRUCTIVE or record.operation == "UpdatePost":
        export_object(runs, run, f"{record.operation}-{record.key}", load(record.before))


def write_night(runs: Path, began: datetime, text: str, *, begun: bool) -> Path:
    """Write the report of a night, named after the minute it began in; returns the file. Raises JournalError.

    A night that could begin nothing may be tried again all day long: it has one file a day.
    """
    stem = f"{began.astimezone():%Y-%m-%dT%H%M}" if begun else f"{began.astimezone():%Y-%m-%d}-not-begun"
    target = runs / "nights" / f"{stem}.md"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for number in range(2, 100):
            if not (begun and target.exists()):
                break
            target = target.with_stem(f"{stem}-{number}")
        return replace_text(target, text)
    except OSError as error:
        raise JournalError(
            f"The report of the night cannot be written: {error}.",
            hint="Nothing is lost: `psa runs list` has its runs.",
        ) from error


def write_report(runs: Path, run: str, text: str, pictures: Mapping[str, str] | None = None) -> Path:
    """Write a run's report, and its pictures (name to SVG) beside it; returns the report. Raises JournalError."""
    try:
        folder = run_folder(runs, run)
        for name, picture in (pictures or {}).items():
            replace_text(folder / name, picture)
        return replace_text(folder / "report.md", text)
    except OSError as error:
        raise JournalError(
            f"The report of {run} cannot be written: {error}.",
            hint=f"Nothing is lost: `psa runs report {run}` draws it from the journal.",
        ) from error


def replace_text(target: Path, text: str) -> Path:
    """Put a whole text in a file's place: who reads it meanwhile sees the old or the new one."""
    fresh = target.with_name(f"{target.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(target)
    return target
