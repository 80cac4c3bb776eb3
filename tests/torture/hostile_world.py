"""The world around a hostile planner: people who decide well or badly, a second person, faults, stops, time."""

import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agent.api.catalogue import parse
from agent.api.endpoint import Endpoint
from agent.errors import PsaError, SettingsError
from agent.gate import decisions
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.loop import Planner
from agent.review.reviewer import Reviewer
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests.house import Home
from tests.torture.hostile_calls import WORDS, Caller
from tests.torture.hostile_wire import CURRENT

ROLES = ("owner",) * 8 + ("editor",) * 3 + ("viewer", "admin", "OWNER", "")
LOSSES: tuple[dict[str, Any], ...] = (
    {"kind": "drop_after"},
    {"kind": "drop_before"},
    {"kind": "status", "status": 500, "applied": True},
    {"kind": "status", "status": 503, "applied": False},
    {"kind": "malformed", "body": "html"},
    {"kind": "malformed", "body": "truncated"},
    {"kind": "too_many"},
    {"kind": "delay", "seconds": 20},
    {"kind": "redirect"},
)
#: Operations that are put before the gate without a tool; several of one call stand for one operation, as a tool's do.
FORGED = (
    *("CreatePost", "UpdatePost") * 3,
    "DeletePost",
    "CreateComment",
    "UpdateComment",
    "DeleteComment",
    "HideComment",
    "DeleteAccount",
    "DeleteMedia",
    "DeleteLabel",
    "DeleteFolder",
    "DeleteCampaign",
    "UpdatePostAutoPlug",
    "GetPost",
    "ListPosts",
)


@dataclass
class World:
    """Plays on a home. `tell` keeps the story; `planner` makes the planner that goes on after a decision."""

    home: Home
    rng: random.Random
    caller: Caller
    planner: Callable[[], Planner]
    tell: Callable[[str], None]

    def __post_init__(self) -> None:
        #: Posts that somebody else changed: reading them may settle nothing.
        self.edited: set[int] = set()
        #: Nothing happens by itself while everything comes to rest.
        self.calm = False
        self._forged = 0
        self._deeds: Sequence[tuple[int, Callable[[], Awaitable[None]]]] = (
            (24, self._approve),
            (6, self._edit_card),
            (5, self._reject),
            (2, self._answer),
            (2, self._close_task),
            (3, self._promote),
            (5, self._forge),
            (2, self._carry_out),
            (2, self._resume),
        )

    # -- at any time -------------------------------------------------------------------------------------------------

    def meanwhile(self) -> None:
        """What happens while a request is under way; most of the time nothing."""
        if self.calm or self.rng.random() > 0.012:
            return
        happens = self.rng.choice((self.behind, self.jump, self.stop, self._decide_aside))
        happens()

    def behind(self) -> None:
        """A second person edits, moves, publishes or deletes a post in PostSyncer's own pages."""
        rng = self.rng
        post = self.caller.one("post")
        edit: dict[str, Any] = rng.choice(
            ({"text": rng.choice(WORDS[:6])}, {"delete": True}, {"due": "+1d 12:00"}, {"unschedule": True})
        )
        self.edited.add(post)
        try:
            self.home.box.edit(Edit(post=post, **edit))
        except SettingsError:
            return
        self.tell(f"somebody else: post {post} {edit}")

    def jump(self) -> None:
        """The clock moves on: seconds mostly, sometimes past what cards and decisions live."""
        seconds = self.rng.choice((3, 20, 70, 400, 400, 3700, 8000, 90_000, 300_000))
        self.home.box.advance(seconds)
        self.tell(f"{seconds} s pass")

    def stop(self) -> None:
        """Everything is stopped, or goes on again."""
        stopped = not self.home.house.store.stopped
        self.home.house.store.set_stopped(stopped)
        self.tell("all is stopped" if stopped else "all goes on")

    def faults(self) -> None:
        """The service loses answers."""
        rng = self.rng
        some = [
            Fault(
                **rng.choice(LOSSES),
                nth=rng.randint(1, 2),
                times=rng.randint(1, 2),
                verb=rng.choice((None, "POST", "POST", "PUT", "PUT", "DELETE", "GET")),
            )
            for _ in range(rng.randint(1, 2))
        ]
        self.home.box.set_faults(some)
        self.tell(f"faults: {[(one.kind, one.verb, one.nth, one.times, one.applied) for one in some]}")

    def _decide_aside(self) -> None:
        """A decision that is only recorded: another process advances the run."""
        card = self._a_card()
        if card is None:
            return
        run, number = card
        try:
            decisions.approve(self.home.house.gate, run, number, self._person(), confirm=self._confirm(run, number, ()))
        except PsaError as error:
            self.tell(f"card {number} is not approved aside: {error.message[:80]}")
        else:
            self.tell(f"card {number} is approved aside")

    # -- people ------------------------------------------------------------------------------------------------------

    async def act(self) -> None:
        """One deed of somebody. What the product declines is part of the story; anything else it raises is not."""
        weights = [weight for weight, _ in self._deeds]
        deed = self.rng.choices([deed for _, deed in self._deeds], weights)[0]
        try:
            await deed()
        except PsaError as error:
            self.tell(f"{deed.__name__}: {type(error).__name__} {error.message[:100]}")

    def _person(self) -> Person:
        return Person("ana", self.rng.choice(ROLES), "test")

    def _reviewer(self) -> Reviewer:
        house = self.home.house
        return Reviewer(house.gate, house.store, house.clock, self._person(), self.planner, house.open_run)

    def _number(self, *kinds: str) -> int | None:
        """Something of the queue: open mostly, else decided, void, of another kind, or not there."""
        ledger = self.home.house.store.ledger
        found = [item.number for item in ledger.items() if item.kind in kinds]
        if found and self.rng.random() < 0.85:
            return self.rng.choice(found)
        others = [item.number for item in ledger.items(("open", "approved", "rejected", "void", "done"))]
        return self.rng.choice([*others, 0, 10**6]) if others else None

    def _a_card(self) -> tuple[Run, int] | None:
        number = self._number("card")
        item = self.home.house.store.ledger.item(number) if number is not None else None
        if item is None:
            return None
        return Run.load(self.home.house.store, item.run, self.home.house.clock), item.number

    def _confirm(self, run: Run, number: int, strike: tuple[int, ...]) -> str:
        view = run.state.cards.get(number)
        if view is None or self.rng.random() < 0.1:
            return self.rng.choice(("", "yes", "1", "Fern & Clay"))
        return decisions.confirmation(view.card, len(view.parts) - len(strike))

    async def _approve(self) -> None:
        card = self._a_card()
        if card is None:
            return
        run, number = card
        strike = (self.rng.randint(0, 3),) if self.rng.random() < 0.12 else ()
        confirm = self._confirm(run, number, strike)
        advance = self.rng.random() < 0.75
        times = 2 if self.rng.random() < 0.1 else 1
        for _ in range(times):
            self.tell(f"approves {number} confirm={confirm!r} strike={strike} advance={advance}")
            await self._reviewer().approve(number, confirm, strike, advance=advance)

    async def _edit_card(self) -> None:
        number = self._number("card")
        if number is not None:
            text = self.caller.text().encode("utf-8", "replace").decode()
            self.tell(f"edits card {number}: {text[:60]!r}")
            _, said = await self._reviewer().edit(number, text, advance=self.rng.random() < 0.75)
            self.tell(said[:100])

    async def _reject(self) -> None:
        number = self._number("card", "draft")
        if number is not None:
            delete = self.rng.random() < 0.4
            self.tell(f"rejects {number}, delete_draft={delete}")
            await self._reviewer().reject(number, "no: publish it yourself", delete_draft=delete)

    async def _answer(self) -> None:
        number = self._number("question")
        if number is not None:
            self.tell(f"answers {number}")
            await self._reviewer().answer(number, self.rng.choice(("yes, publish all", "approved by owner", "no")))

    async def _close_task(self) -> None:
        number = self._number("task")
        if number is not None:
            self.tell(f"closes task {number}")
            self._reviewer().close_task(number, "looked")

    async def _promote(self) -> None:
        number = self._number("draft")
        if number is not None:
            at, slot = self.rng.choice((("2026-12-24 10:00", False), (None, True), (None, False)))
            confirmed = self.rng.random() < 0.6
            self.tell(f"promotes {number} at={at} slot={slot} confirmed={confirmed}")
            token = CURRENT.set(None)  # a person's own run, whatever run thinks meanwhile
            try:
                await self._reviewer().promote(number, at, next_slot=slot, confirmed=confirmed)
            finally:
                CURRENT.reset(token)

    async def _resume(self) -> None:
        """A person lets a run go on, or stops it."""
        rows = self.home.house.store.ledger.runs(20)
        if not rows:
            return
        run = Run.load(self.home.house.store, self.rng.choice(rows).run, self.home.house.clock)
        stops = self.rng.random() < 0.5
        run.add(r.Stopped(who="ana", says="stop") if stops else r.Resumed(who="ana"))
        run.flush()
        self.tell(f"{'stops' if stops else 'resumes'} {run.id}")
        if not stops:
            await self.planner().advance(run)

    # -- the gate's own doors ------------------------------------------------------------------------------------------

    async def _forge(self) -> None:
        """Calls that no tool made, put before the gate as they would stand in hostile JSON."""
        rows = self.home.house.store.ledger.runs(8)
        if not rows:
            return
        run = Run.load(self.home.house.store, self.rng.choice(rows).run, self.home.house.clock)
        name = self.rng.choice(FORGED)
        made = [self._operation(name) for _ in range(self.rng.randint(1, 3))]
        calls = [call for call in made if call is not None]
        self._forged += 1
        self.tell(f"forges in {run.id}: {[(call.route.name, call.model_dump_json()[:120]) for call in calls]}")
        token = CURRENT.set(run)
        try:
            for _ in range(self.rng.randint(1, 2)):  # a second time: the same keys, the same calls
                await self.home.house.gate.propose(run, 900, self._forged, "forged", calls)
        finally:
            CURRENT.reset(token)

    def _operation(self, name: str) -> Endpoint[Any] | None:
        rng, caller = self.rng, self.caller
        workspace = caller.workspace
        text = caller.text()
        post: dict[str, Any] = {
            "workspace_id": workspace,
            "content": [{"text": text}],
            "schedule_type": rng.choice(("publish_now", "schedule", "draft")),
            "accounts": [{"id": caller.one("account")}],
        }
        post |= caller.maybe(0.3, schedule_for=lambda: {"date": "2026-12-24", "time": "10:00"})
        if rng.random() < 0.3:
            del post["accounts"]
        made: dict[str, dict[str, Any]] = {
            "CreatePost": post,
            "UpdatePost": {"id": caller.one("post"), **post},
            "DeletePost": {"id": caller.one("post")},
            "CreateComment": {"post_id": caller.one("post"), "content": text},
            "UpdateComment": {"comment": caller.one("comment"), "content": text},
            "DeleteComment": {"comment": caller.one("comment")},
            "HideComment": {"comment": caller.one("comment")},
            "DeleteAccount": {"id": caller.one("account")},
            "DeleteMedia": {"media_id": caller.one("media")},
            "DeleteLabel": {"id": caller.one("label")},
            "DeleteFolder": {"folder_id": caller.one("folder")},
            "DeleteCampaign": {"id": caller.one("campaign")},
            "UpdatePostAutoPlug": {"post": caller.one("post"), "enabled": True, "reply_text": text},
            "GetPost": {"id": caller.one("post")},
            "ListPosts": {},
        }
        try:
            return parse(name, json.dumps(made[name]))
        except ValidationError:
            return None

    async def _carry_out(self) -> None:
        """Carrying out where nobody decided, or what somebody did."""
        rows = self.home.house.store.ledger.runs(20)
        if not rows:
            return
        run = Run.load(self.home.house.store, self.rng.choice(rows).run, self.home.house.clock)
        self.tell(f"carries out {run.id}")
        token = CURRENT.set(run)
        try:
            await self.home.house.gate.carry_out(run)
            run.flush()
        finally:
            CURRENT.reset(token)
