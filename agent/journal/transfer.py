"""Runs as one portable file and back: JSON lines, the records as the mirror shows them, with the texts they name.

The first line says what the file is and how many records each run has; then every kept text (`blob`), then every
record with its hash. Reading it back checks each hash before anything is written, so a file that was cut, reordered or
edited is refused as a whole.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agent.errors import Corrupt
from agent.journal import records as r
from agent.journal.mirror import BLOB
from agent.journal.store import GENESIS, Row, SqliteStore, chain

FORMAT = 1
_BLOBS = re.compile(rf"{BLOB}([0-9a-f]{{64}})")
#: A mirrored line: the line that the hash covers, without its last brace, and the hash.
_LINE = re.compile(
    r'(\{"run":("[^"]*"),"seq":(\d+),"at":("[^"]*"),"record":(.*))\,"hash":"([0-9a-f]{64})"\}', re.DOTALL
)


def export_lines(store: SqliteStore, runs: Sequence[str]) -> Iterator[str]:
    """The file's lines. Raises Corrupt for a run whose chain does not fit, before any line."""
    lengths = {run: store.verify(run) for run in runs}
    yield json.dumps({"psa_export": FORMAT, "runs": lengths})
    mirrored = {run: store.mirror(run) for run in runs}
    for digest in sorted({found for lines in mirrored.values() for line in lines for found in _BLOBS.findall(line)}):
        yield json.dumps({"blob": digest, "body": store.load(BLOB + digest)}, ensure_ascii=False)
    for lines in mirrored.values():
        yield from lines


@dataclass
class Exported:
    """What a file holds, every hash of it checked."""

    runs: dict[str, list[Row]] = field(default_factory=dict)
    blobs: dict[str, str] = field(default_factory=dict)


def read_export(lines: Iterable[str]) -> Exported:
    """A file's runs. Raises Corrupt that names the line which does not fit."""
    found, promised = Exported(), None
    for number, line in enumerate((line.rstrip("\n") for line in lines), 1):
        if promised is None:
            promised = _first(line)
        elif line.startswith('{"blob"'):
            _take_blob(found, number, line)
        elif line:
            _take_record(found, number, line)
    missing = [run for run, length in (promised or {}).items() if len(found.runs.get(run, ())) != length]
    if promised is None or missing:
        raise Corrupt(f"The file lacks records: {', '.join(missing) or 'it is empty'}.", hint="Export it again.")
    for run, rows in found.runs.items():
        for row in rows:
            lost = [digest for digest in _BLOBS.findall(row.body) if digest not in found.blobs]
            if lost:
                raise Corrupt(
                    f"Run {run}, record {row.seq}: its text {lost[0][:12]}… is missing.", hint="Export it again."
                )
    return found


def _first(line: str) -> dict[str, int]:
    try:
        head = json.loads(line)
        version, runs = head["psa_export"], dict(head["runs"])
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt("This is no export of psa.", hint="`psa runs export` writes one.") from error
    if version != FORMAT:
        raise Corrupt(f"The file has format {version}; this version knows {FORMAT}.", hint="Upgrade postsyncer-agent.")
    return runs


def _take_blob(found: Exported, number: int, line: str) -> None:
    try:
        kept = json.loads(line)
        digest, body = kept["blob"], str(kept["body"])
    except (ValueError, KeyError) as error:
        raise _unfit(number) from error
    if hashlib.sha256(body.encode()).hexdigest() != digest:
        raise _unfit(number)
    found.blobs[digest] = body


def _take_record(found: Exported, number: int, line: str) -> None:
    match = _LINE.fullmatch(line)
    if match is None:
        raise _unfit(number)
    covered, run, seq, at, body, digest = match.groups()
    rows = found.runs.setdefault(json.loads(run), [])
    previous = rows[-1].hash if rows else GENESIS
    if int(seq) != len(rows) + 1 or chain(previous, f"{covered}}}") != digest:
        raise _unfit(number)
    try:
        record = r.READER.validate_json(body)
    except ValueError as error:
        raise Corrupt(
            f"Line {number} holds a record that this version cannot read.", hint="Upgrade postsyncer-agent."
        ) from error
    rows.append(Row(json.loads(run), int(seq), json.loads(at), record, body, digest))


def _unfit(number: int) -> Corrupt:
    return Corrupt(f"Line {number} of the file does not fit the chain: it was cut or changed.", hint="Export it again.")
