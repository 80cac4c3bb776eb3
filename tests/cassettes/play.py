"""A goal against PostSyncer and a model over real HTTP, recorded to or played from a cassette."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.api.client import Client
from agent.api.limits import MemoryBudget
from agent.assembly import House, load_packs
from agent.clock import FrozenClock
from agent.gate.door import Gate
from agent.gate.judge import Surroundings
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.store import SqliteStore
from agent.planner.discovery import NetworkNotes
from agent.planner.model import ChatModel
from agent.settings import Settings, data_folder
from agent.templates import Templates
from agent.yaml_files import load_yaml
from tests.tapes import tape

FOLDER = Path(__file__).parent
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
#: A whole picture of 16 by 16, so that its shape is told as for any file that people upload.
PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x01\x00\x00\x00\x007\x88\xc2\xcc"
    b"\x00\x00\x00\x0cIDATx\x9cc` \r\x00\x00\x000\x00\x01\x16\x89\x9a\xd1\x00\x00\x00\x00IEND\xaeB`\x82"
)
#: Addresses that stand in the cassettes; where nobody set real ones, a sandbox and the offline planner answer there.
SERVICE = "http://127.0.0.1:8765/api/v1"
MODEL = "http://127.0.0.1:8766/v1"

#: Cassettes recorded from `psa sandbox` and the offline planner over HTTP. The names say so.
GOALS = {
    "sandbox-offline-draft": 'Draft "The kiln is warm again." for LinkedIn and X',
    "sandbox-offline-schedule": 'Schedule "The kiln is warm again." for next Tuesday 9:00 on LinkedIn',
    "sandbox-offline-delete": 'Delete the drafts called "test"',
    "sandbox-offline-upload": 'Upload kiln.png and draft "Warm again." with it for LinkedIn',
}
KEPT_HEADERS = frozenset(
    {"content-type", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"}
)


def _request(request: Any) -> Any:
    """Only headers that carry no secret are kept."""
    request.headers = {key: value for key, value in request.headers.items() if key.lower() == "content-type"}
    return request


@contextmanager
def cassette(name: str, *, record: bool) -> Iterator[Any]:
    """A cassette matched on method, path, query and body; a test that leaves interactions unused fails."""
    match_on = ("method", "path", "query", "body")
    with tape(FOLDER / f"{name}.yaml", record=record, match_on=match_on, request=_request, kept=KEPT_HEADERS) as played:
        yield played


async def play(folder: Path, goal: str, *, token: str = "1|sandbox", model_key: str = "offline") -> Run:
    """One goal in a home in `folder`, over HTTP."""
    uploads = folder / "uploads"
    uploads.mkdir(parents=True, exist_ok=True)
    (uploads / "kiln.png").write_bytes(PICTURE)
    clock, budget = FrozenClock(NOW), MemoryBudget()
    client = Client(base_url=SERVICE, upload_url=SERVICE, token=token, budget=budget, clock=clock)
    store = SqliteStore(folder / "runs" / "journal.db")
    packs = load_packs(folder)
    gate = Gate(client, store.ledger, packs, clock, budget, Surroundings(folder / "runs", (str(uploads.resolve()),)))
    prompts = data_folder("prompts")
    house = House(
        settings=Settings.model_construct(),
        home=folder,
        store=store,
        clock=clock,
        client=client,
        gate=gate,
        packs=packs,
        templates=Templates(prompts),
        notes=load_yaml(prompts / "networks.yaml", NetworkNotes),
        service=client.origin,
        sandbox=True,
        model_name="offline planner",
    )
    model = ChatModel(name="offline planner", api_key=model_key, base_url=MODEL, clock=clock)
    run = house.open_run("attended", "ana")
    run.add(r.Goal(number=1, text=goal, by="ana"))
    run.flush()
    try:
        await house.planner(model).advance(run)
    finally:
        await model.close()
        await client.close()
    return run


def bodies(name: str) -> str:
    """A cassette's text, for scans."""
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def as_json(run: Run) -> str:
    """What two plays of one cassette must agree on: every record but its times."""
    return json.dumps([entry.record.model_dump(mode="json") for entry in run.store.read(run.id)], sort_keys=True)
