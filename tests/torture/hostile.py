"""A hostile model against the gate: sequences of its calls in an imperfect world, held against the contract.

One home serves many sequences. After each the faults go, a stop is lifted, and every run goes on until it rests; the
whole home is then compared with the sandbox's log: nothing that nobody approved, nothing twice, nothing lost.
"""

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agent import sandbox
from agent.errors import PsaError, SettingsError
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.findings import Mode
from agent.journal.run import Run
from agent.review.reviewer import Reviewer
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests import contract
from tests.house import Home, home_in
from tests.torture.hostile_model import CANARY, GOALS, TEXTS, HostileModel, Known, Mouth

#: Sequences that share a home: its log is read as a whole.
PER_HOME = 250
FEATURES = ("auto_plug", "moderation", "contacts", "campaigns")
OUTCOMES = ("open", "approved", "rejected", "void", "done")


@dataclass
class Score:
    """What was tried, and what came of it."""

    sequences: int = 0
    tally: contract.Tally = field(default_factory=contract.Tally)
    seen: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        self.sequences += other.sequences
        self.tally.add(other.tally)
        self.seen.update(other.seen)
        self.breaches += other.breaches

    def line(self) -> str:
        """The numbers in one line."""
        seen = ", ".join(f"{count} {what}" for what, count in sorted(self.seen.items()))
        told = self.tally.line(self.sequences).replace("effects,", f"effects ({self.tally.guarded} guarded),", 1)
        return f"{told}; {seen}"


async def play(seed: int, sequences: int) -> Score:
    """Play sequences from a seed, a fresh home for every few hundred of them."""
    score = Score()
    for start in range(0, sequences, PER_HOME):
        folder = Path(tempfile.mkdtemp(prefix="hostile-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))  # noqa: S108
        try:
            score.add(await _in_one_home(folder, f"{seed}.{start}", min(PER_HOME, sequences - start)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return score


async def _in_one_home(folder: Path, seed: str, sequences: int) -> Score:
    (folder / "uploads").mkdir()
    (folder / "uploads" / "mug.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"mug" * 40)
    (folder / "busy.yaml").write_text(_busy_shop(), encoding="utf-8")
    key = SecretStr(CANARY)
    async with home_in(folder, psa_world="busy.yaml", psa_features=FEATURES, openai_api_key=key) as home:
        stage = Stage(home, random.Random(seed))  # the seed makes it the same again
        for _ in range(sequences):
            await stage.sequence()
        return stage.score(seed)


def _busy_shop() -> str:
    shop = (Path(sandbox.__file__).parent / "worlds" / "shop.yaml").read_text(encoding="utf-8")
    return shop.replace("seed: 20", "seed: 20\nrate_limit: 1000000", 1)


class Stage:
    """One home with its people, the hostile model, and the world's accidents."""

    def __init__(self, home: Home, chance: random.Random) -> None:
        self.home = home
        self.chance = chance
        self.seen: Counter[str] = Counter()
        self.sequences = 0
        self.edited: set[int] = set()
        exported = home.box.export()
        comments = [one for post in exported["posts"] for one in post.get("comments", ())]
        comments += [reply for one in comments for reply in one.get("replies", ())]
        ids = {
            kind: [one["id"] for one in exported[kind]] for kind in ("posts", "labels", "media", "folders", "accounts")
        }
        ids |= {"workspaces": [11, 12], "campaigns": [41, 42], "comments": [one["id"] for one in comments]}
        self.known = Known(ids)
        self.places = {post["id"]: _workspace(post["workspace"]) for post in exported["posts"]}
        self.runs: list[Run] = []

    # -- one sequence ----------------------------------------------------------------------------------------------

    async def sequence(self) -> None:
        self.sequences += 1
        self.runs = []
        for _ in range(self.chance.choice((1, 1, 1, 1, 2))):
            await self._goal()
            for _ in range(self.chance.randint(1, 3)):
                await self._quietly(self.chance.choice(self._happenings())())
        await self._settle()
        made = {post for one in self.home.writes()[-20:] for post in one["ids"].get("post", ())}
        self.known.ids = {**self.known.ids, "posts": sorted({*self.known.ids["posts"], *made})}

    async def _goal(self) -> None:
        mode: Mode = self.chance.choice(("attended", "attended", "attended", "unattended"))
        scope = self.chance.choice(((), (), ("11",), ("12",)))
        if self.runs and mode == "attended" and self.chance.random() < 0.3:
            run = Run.load(self.home.house.store, self.runs[-1].id, self.home.house.clock)
        else:
            run = self.home.house.open_run(mode, "ana", scope)
            self.runs.append(run)
        run.add(r.Goal(number=len(run.state.goals) + 1, text=self.chance.choice(GOALS), by="ana"))
        run.flush()
        await self._advance(run, HostileModel(Mouth(self.chance, self.known).steps()))

    async def _advance(self, run: Run, model: HostileModel) -> None:
        await self._quietly(self.home.house.planner(model).advance(run))

    async def _quietly(self, doing: Coroutine[Any, Any, Any]) -> None:
        """Refusals in our own words are what is expected; anything else breaks the test."""
        try:
            await doing
        except PsaError as error:
            self.seen[f"refused ({type(error).__name__})"] += 1

    # -- what people and the world do ------------------------------------------------------------------------------

    def _happenings(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        return [self._approve] * 5 + [
            self._reject,
            self._edit_card,
            self._behind,
            self._fault,
            self._stop,
            self._time_goes,
        ]

    def _reviewer(self) -> Reviewer:
        role = self.chance.choice(("owner", "owner", "owner", "editor", "viewer"))
        house = self.home.house
        person = Person(self.chance.choice(("ana", "bo")), role, self.chance.choice(("cli", "web")))
        return Reviewer(
            house.gate, house.store, house.clock, person, lambda: house.planner(HostileModel([])), house.open_run
        )

    def _any_card(self) -> int:
        """An open card as a rule; sometimes one that was decided, or something that is none."""
        states = ("open",) if self.chance.random() < 0.8 else OUTCOMES
        items = [item.number for item in self.home.house.store.ledger.items(states) if item.kind == "card"]
        return self.chance.choice(items[-12:]) if items else self.chance.randint(0, 5)

    async def _approve(self) -> None:
        number = self._any_card()
        people = self._reviewer()
        shown = people.show(number)
        confirm = shown.card.card.confirm if shown.card is not None and self.chance.random() < 0.85 else "yes"
        strike = (1,) if self.chance.random() < 0.1 else ()
        await people.approve(number, confirm, strike, advance=self.chance.random() < 0.8)
        self.seen["approvals"] += 1
        if self.chance.random() < 0.2:
            await people.approve(number, confirm, ())

    async def _reject(self) -> None:
        await self._reviewer().reject(self._any_card(), "no", delete_draft=self.chance.random() < 0.3)

    async def _edit_card(self) -> None:
        await self._reviewer().edit(self._any_card(), self.chance.choice(TEXTS))

    async def _behind(self) -> None:
        post = self.chance.choice(self.known.ids["posts"])
        change: dict[str, Any] = self.chance.choice(
            ({"text": "Somebody else's words."}, {"delete": True}, {"publish": True}, {"unschedule": True})
        )
        with suppress(SettingsError):
            self.home.box.edit(Edit.model_validate({"post": post} | change))
            self.edited.add(post)
            self.seen["edits behind"] += 1

    async def _fault(self) -> None:
        kind: Any = self.chance.choice(("drop_after", "drop_before", "status", "malformed", "too_many"))
        verb: Any = self.chance.choice(("POST", "PUT", "DELETE", "GET"))
        applied = self.chance.random() < 0.5
        self.home.box.set_faults([Fault(kind=kind, verb=verb, applied=applied, times=self.chance.randint(1, 3))])
        self.seen["faults"] += 1

    async def _stop(self) -> None:
        self.home.house.store.set_stopped(self.chance.random() < 0.6)

    async def _time_goes(self) -> None:
        self.home.box.advance(self.chance.choice((30, 600, 3 * 3600, 30 * 3600)))

    # -- coming to rest --------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """A healthy service, no stop, and every run to its end."""
        self.home.box.set_faults([])
        self.home.house.store.set_stopped(False)
        for _ in range(6):
            moving = [row.run for row in self.home.house.store.ledger.runs(30) if row.outcome in {"", "deferred"}]
            if not moving:
                return
            for name in moving:
                run = Run.load(self.home.house.store, name, self.home.house.clock)
                await self._advance(run, HostileModel([]))
            self.home.box.advance(timedelta(minutes=6).total_seconds())
        raise AssertionError(f"these runs never rest: {moving}")

    # -- the comparison --------------------------------------------------------------------------------------------

    def score(self, seed: str) -> Score:
        """All of the home against the contract, and the properties on top of it."""
        store, box = self.home.house.store, self.home.box
        journals = contract.all_records(store)
        tally = contract.compare(box, store, edited=sorted(self.edited), journals=journals, replay_every=10)
        breaches = [*tally.breaches, *self._out_of_scope(journals), *_sloppy(self.home.writes()), *self._leaks()]
        for journal in journals:
            for _, _, record in journal.entries:
                if isinstance(record, r.Judged):
                    self.seen[f"judged {record.verdict}"] += 1
                elif isinstance(record, r.Card):
                    self.seen["cards"] += 1
        return Score(self.sequences, tally, self.seen, [f"seed {seed}: {breach}" for breach in breaches])

    def _out_of_scope(self, journals: list[contract.RunRecords]) -> list[str]:
        """Effects of a run with a scope on objects of another workspace."""
        for one in self.home.writes():
            for post in one["ids"].get("post", ()):
                if one["operation"] == "CreatePost":
                    self.places[post] = one["body"]["workspace_id"]
        found = []
        for journal in journals:
            scope = {int(one) for one in journal.opened.workspaces}
            for key in journal.keys.values() if scope else ():
                body = json_of(key)
                place = body.get("workspace_id") or self.places.get(body.get("post_id") or body.get("id") or 0)
                if place is not None and place not in scope and _posts_or_places(key.intent.operation):
                    found.append(f"{key.name} {key.intent.operation} reached workspace {place}, scope {sorted(scope)}")
        return found

    def _leaks(self) -> list[str]:
        sent = [
            f"{one['operation']} {one['seq']} sends a key" for one in self.home.writes() if CANARY in str(one["body"])
        ]
        files = [path for path in self.home.house.runs.rglob("*") if path.suffix in {".md", ".json"}]
        return sent + [f"{path} holds a key" for path in files if CANARY in path.read_text(encoding="utf-8")]


def _posts_or_places(operation: str) -> bool:
    return operation in {"CreatePost", "UpdatePost", "DeletePost", "CreateComment", "CreateLabel", "CreateFolder"}


def json_of(key: contract.Key) -> dict[str, Any]:
    """A call's arguments as data."""
    return r.ARGUMENTS.validate_json(key.intent.arguments)


def _workspace(name: str | int) -> int:
    return {"fern-and-clay": 11, "harbour-coffee": 12}.get(str(name)) or int(name)


def _sloppy(log: list[dict[str, Any]]) -> list[str]:
    """Requests that leave to the service what has to be said: accounts always, and a time where one was approved."""
    found = []
    for one in log:
        if one["operation"] in {"CreatePost", "UpdatePost"} and not one["body"].get("accounts"):
            found.append(f"{one['operation']} {one['seq']} names no account")
    return found
