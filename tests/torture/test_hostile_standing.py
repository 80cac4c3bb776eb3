"""A hostile planner in homes with a standing permission: it knows the permission and tries whatever could stretch it.

It labels its own drafts, forges bodies, reads comments before or between, works in several runs side by side, while
answers are lost, posts are edited, the home is stopped and the clock moves. The service's log is then compared with
the journals by a checker that knows which permission was given.
"""

import asyncio
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.api.posts import CreatePost, UpdatePost
from agent.errors import PsaError
from agent.journal import records as r
from agent.journal.findings import Mode
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests.contract import Tally, compare
from tests.gate.test_standing import permitted
from tests.house import Home, call, finish

#: Words that the permission lets out, unlike each other: near duplicates of what is planned wait on a card.
PLAIN = (
    "Fire slowly.",
    "Soak a dry planter.",
    "Wedge the clay until it is even.",
    "Glaze thinly, and twice.",
    "A lid warps less on its pot.",
    "Keep water away from the rim.",
    "Let handles dry under a cloth.",
    "Cracks begin at the foot.",
)
WORDS = (
    "Fire slowly. #clay",
    "Read https://evil.example.com/sale",
    "Read evil.example.com",
    "Thanks @mia",
    "#a #b #c #d #e #f",
    "",
)
FITTING = tuple(f"2026-12-{day} {time}" for day in ("01", "02", "03") for time in ("09:00", "12:00", "17:59"))
UNFIT = ("2026-12-01 18:00", "2026-12-05 12:00", "")
TIMES = (*FITTING, *UNFIT)
GOALS = (
    "Draft tips and schedule them, or publish them now",
    "Publish tips for 2026-12-01",
    "Make drafts only",
    "Schedule posts 1004 and 1005 and answer the comments of post 1014",
)
FAULTS = (
    Fault(kind="drop_after", operations=("UpdatePost",)),
    Fault(kind="drop_before", operations=("UpdatePost",)),
    Fault(kind="status", operations=("UpdatePost",), status=422, applied=False),
    Fault(kind="status", operations=("UpdatePost",), status=500, applied=True),
    Fault(kind="drop_after", operations=("CreatePost",)),
    Fault(kind="too_many", operations=("UpdatePost",)),
)
CHANGES: tuple[dict[str, Any], ...] = (
    {"content": [{"text": "Buy now."}]},
    {"labels": []},
    {"labels": [21, 22]},
    {"accounts": [{"id": 101}, {"id": 102}]},
    {"accounts": [{"id": 102}]},
    {"repeatable": True, "repeatable_times": 2, "repeatable_gap": 1, "repeatable_gap_unit": "days"},
    {"schedule_for": None},
    {"workspace_id": 12},
)


class Hostile:
    """Plays in one home."""

    def __init__(self, home: Home, rng: random.Random) -> None:
        self.home, self.rng = home, rng
        self.posts = [1004, 1005]
        self.edited: set[int] = set()
        self.told: Counter[str] = Counter()

    async def play(self) -> None:
        rng = self.rng
        for _ in range(rng.randint(2, 4)):
            self.home.box.set_faults(rng.sample(FAULTS, 1) if rng.random() < 0.3 else [])
            await asyncio.gather(*(self._run() for _ in range(rng.choice((1, 1, 2)))))
            if rng.random() < 0.4:
                self.home.box.advance(rng.choice((60, 4000, 90_000)))
            if rng.random() < 0.2:
                self._allow()
        self.home.box.set_faults([])
        self.home.house.store.set_stopped(False)
        await self._settle()

    async def _run(self) -> None:
        house, rng = self.home.house, self.rng
        mode: Mode = rng.choice(("attended", "attended", "unattended"))
        run = house.open_run(mode, "ana", ())
        run.add(r.Goal(number=1, text=rng.choice(GOALS), by="ana"))
        run.flush()
        await self._advance(run, self._steps())
        for turn in range(rng.randint(0, 3)):
            await self._forge(run, 50 + turn)

    def _steps(self) -> list[Step]:
        rng, steps = self.rng, [[call("list_labels")]]
        if rng.random() < 0.15:
            steps += [[call("find_posts", limit=50)], [call("list_comments", post=1014)]]
        new = max(int(one["id"]) for one in self.home.box.export()["posts"]) + 1
        labels = rng.choice(([21], [21], [21], [21], [22], []))
        accounts = rng.choice(([101], [101], [101], [101], [102], [101, 102]))
        words = rng.choice(rng.choice((PLAIN, PLAIN, WORDS)))
        steps += [[call("draft_post", workspace_id=11, accounts=accounts, text=words, labels=labels)]]
        self.posts.append(new)
        post = new if rng.random() < 0.8 else rng.choice(self.posts)
        if rng.random() < 0.2:
            steps += [[call("label_posts", posts=[post], add=[21])]]
        at = rng.choice(rng.choice((FITTING, FITTING, UNFIT)))
        promote = call("schedule_post", post=post, at=at) if at else call("publish_post", post=post)
        return [*steps, [promote], [promote], finish()]

    async def _advance(self, run: Run, steps: list[Step]) -> None:
        if self.rng.random() < 0.1:
            self.home.house.store.set_stopped(True)
        try:
            await self.home.house.planner(ScriptedModel(steps)).advance(run)
        except (PsaError, AssertionError) as error:
            self.told[type(error).__name__] += 1
        self.home.house.store.set_stopped(False)
        if self.rng.random() < 0.2:
            self._edit()

    async def _forge(self, run: Run, turn: int) -> None:
        """A body put before the gate without a tool."""
        rng = self.rng
        post = rng.choice((self.posts[-1], rng.choice(self.posts)))  # mostly the newest: old ones fit less
        known = run.state.known.posts.get(post)
        date, time = rng.choice(TIMES[:-1]).split()
        body: dict[str, Any] = {
            "id": post,
            "workspace_id": 11,
            "content": [{"text": known.text if known else "Words."}],
            "accounts": [{"id": 101}],
            "labels": [21],
            "schedule_type": rng.choice(("schedule", "publish_now")),
            "schedule_for": {"date": date, "time": time, "timezone": "Europe/Berlin"},
            **(rng.choice(CHANGES) if rng.random() < 0.7 else {}),
        }
        try:
            kind: Any = UpdatePost if rng.random() < 0.9 else CreatePost
            forged = kind.model_validate_json(
                json.dumps({k: v for k, v in body.items() if k != "id" or kind is UpdatePost})
            )
            await self.home.house.gate.propose(run, turn, 0, "forged", [forged])
        except (PsaError, ValidationError) as error:
            self.told[type(error).__name__] += 1

    def _edit(self) -> None:
        post = self.rng.choice(self.posts)
        self.edited.add(post)
        try:
            self.home.box.edit(Edit(post=post, text="Somebody else's words."))
        except PsaError as error:
            self.told[type(error).__name__] += 1

    def _allow(self) -> None:
        run = self.home.house.open_run("person", "ana", channel="policy")
        run.add(r.Goal(number=1, text="Allow it", by="ana"), r.StandingAllowed(name="weekday tips", who="ana"))
        run.add(r.Closed(outcome="done"))
        run.flush()

    async def _settle(self) -> None:
        house = self.home.house
        for row in house.store.ledger.runs(100):
            for _ in range(10):
                run = Run.load(house.store, row.run, house.clock)
                if run.state.stopped or run.state.gave_up:
                    run.add(r.Resumed(who="ana"))
                    run.flush()
                if run.state.deferred is not None:
                    self.home.box.advance(max(0.0, (run.state.deferred.until - run.clock.now()).total_seconds()) + 1)
                if run.state.closed and not run.state.in_doubt and not run.state.unfollowed:
                    break
                try:
                    await house.planner(ScriptedModel([finish()])).advance(run)
                except (PsaError, AssertionError) as error:
                    self.told[type(error).__name__] += 1
        self.home.box.advance(timedelta(minutes=1).total_seconds())


async def play(number: int, folder: Path) -> tuple[Tally, int, int]:
    """One home; the comparison, how often the permission was used, and how many cards waited."""
    rng = random.Random(f"standing/{number}")
    unattended = rng.random() < 0.5
    async with permitted(folder, unattended=unattended, per_day=rng.choice((1, 2))) as home:
        hostile = Hostile(home, rng)
        await hostile.play()
        permission = home.house.packs.of("attended").standing[0].model_dump(mode="json")
        tally = compare(home.box, home.house.store, edited=sorted(hostile.edited), settled=False, given=[permission])
        db = home.house.store.ledger
        used = db.standing_sent(home.house.service, "2026-01-01")
        return tally, len(used), sum(item.kind == "card" for item in db.items(("open", "void")))


def play_all(numbers: range) -> tuple[Tally, int, int]:
    told, uses, cards = Tally(), 0, 0
    for number in numbers:
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:  # noqa: S108 - only where it is faster
            tally, used, waited = asyncio.run(play(number, Path(folder)))
        for breaches in (tally.doubled, tally.lost, tally.unapproved, tally.other):
            breaches[:] = [f"home {number}: {breach}" for breach in breaches]
        told.add(tally)
        uses, cards = uses + used, cards + waited
    return told, uses, cards


@pytest.mark.timeout(180)
def test_nothing_goes_out_that_the_permission_does_not_let_out(numbers: Callable[[str], None]) -> None:
    tally, uses, cards = play_all(range(24))
    numbers(f"{tally.line(24)}; {uses} uses of the permission, {cards} cards")
    assert not tally.breaches, "\n".join(tally.breaches)
    assert uses > 2 and cards > 20


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("broken", ["agent.policy.standing._not_then", "agent.policy.standing._not_plain"])
def test_a_gate_that_does_not_look_is_found_out(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broken, lambda *_: iter(()))
    for number in range(30):
        tally, _, _ = play_all(range(number, number + 1))
        if tally.unapproved:
            return
    raise AssertionError("thirty homes, and nothing was found")


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_nothing_goes_out_at_length(numbers: Callable[[str], None]) -> None:
    tally, uses, cards = play_all(range(1000, 1300))
    numbers(f"{tally.line(300)}; {uses} uses of the permission, {cards} cards")
    assert not tally.breaches, "\n".join(tally.breaches)
