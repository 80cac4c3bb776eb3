"""What a run is told from: its report, and the records of its journal one by one."""

import json
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agent.journal.mirror import BLOB
from agent.journal.store import SqliteStore
from agent.report import markdown, report_of
from agent.reports.story import story_of
from agent.text import shorten
from agent.web.pages.runs import run_values, shelf_of
from agent.web.routing import number_in, page
from agent.web.site import asks_for_part, draw, site_of

#: Records on one page.
PAGE = 50
#: Characters of a record that are shown; the download holds all.
MOST_SHOWN = 100_000
_MOST_BLOB = 20_000
#: Lines of a download that are read at a time.
_LINES = 200


async def _report(request: Request) -> Response:
    site = site_of(request)
    run = shelf_of(site).look(request.path_params["run"])
    told = report_of(run.state)
    return draw(request, "runs/report.html", **run_values(site, run.state), blocks=story_of(told), zone=told.zone)


async def _report_file(request: Request) -> Response:
    site = site_of(request)
    run = shelf_of(site).look(request.path_params["run"])
    text = markdown(run.state, site.house.templates)
    return Response(text, media_type="text/markdown; charset=utf-8", headers=_saved(f"{run.id}-report.md"))


async def _records(request: Request) -> Response:
    site = site_of(request)
    run = shelf_of(site).look(request.path_params["run"])
    after = number_in(request.query_params["after"]) if request.query_params.get("after") else 0
    rows = site.house.store.outline(run.id, after, PAGE)
    more = rows[-1][0] if rows and rows[-1][0] < run.state.seq else 0
    values = run_values(site, run.state)
    return draw(request, "runs/records.html", rows=rows, before=max(0, after - PAGE), after=after, more=more, **values)


async def _record(request: Request) -> Response:
    """One record, over several lines, with the long texts that it names."""
    site = site_of(request)
    run = shelf_of(site).look(request.path_params["run"])
    seq = number_in(request.path_params["seq"])
    if not 1 <= seq <= run.state.seq:
        raise HTTPException(404)
    (line,) = islice(site.house.store.lines(run.id, seq - 1), 1)
    text = shorten(json.dumps(_whole(json.loads(line), site.house.store), indent=2, ensure_ascii=False), MOST_SHOWN)
    if asks_for_part(request):
        return draw(request, "runs/record_text.html", text=text)
    return draw(request, "runs/record.html", **run_values(site, run.state), text=text, seq=seq)


def _whole(value: Any, store: SqliteStore) -> Any:
    """A record with the texts that are kept by hash, and JSON inside of texts as what it says."""
    if isinstance(value, dict):
        return {name: _whole(one, store) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one, store) for one in value]
    if not isinstance(value, str):
        return value
    text = shorten(store.load(value), _MOST_BLOB) if value.startswith(BLOB) else value
    if text[:1] in {"{", "["}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


async def _journal_file(request: Request) -> Response:
    """The run's journal as JSON lines, as `psa runs show --records` prints it."""
    site = site_of(request)
    run = shelf_of(site).look(request.path_params["run"])

    async def chunks() -> AsyncIterator[str]:
        seq = 0
        while some := list(islice(_lines(site.house.store, run.id, seq), _LINES)):
            seq += len(some)
            yield "".join(some)

    headers = _saved(f"{run.id}-journal.jsonl")
    return StreamingResponse(chunks(), media_type="application/x-ndjson; charset=utf-8", headers=headers)


def _lines(store: SqliteStore, run: str, after: int) -> Iterator[str]:
    for line in store.lines(run, after):
        yield f"{line}\n"


def _saved(name: str) -> dict[str, str]:
    """Headers of what a browser saves instead of showing it."""
    return {"content-disposition": f'attachment; filename="{name}"'}


ROUTES = (
    page("/runs/{run}/report", _report),
    page("/runs/{run}/report.md", _report_file),
    page("/runs/{run}/records", _records),
    page("/runs/{run}/records/{seq}", _record),
    page("/runs/{run}/journal.jsonl", _journal_file),
)
