"""Goals that a language model was driven through, and how to drive them again.

The service is the embedded sandbox at a fixed time. The model's answers come from `PSA_RECORD_BASE_URL` while a
transcript is recorded, and from the transcript afterwards: it keeps the answers word for word, and of each request only
its size, because prompts may change while the answers to them are what is worth keeping.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.assembly import Choices, House, open_house
from agent.gate.decisions import Person, approve
from agent.journal import records as r
from agent.journal.findings import Mode
from agent.journal.run import Run
from agent.night.jobs import load_jobs
from agent.night.night import Night
from agent.planner.model import ChatModel
from tests.house import settings
from tests.night.nights import Probe
from tests.tapes import tape

FOLDER = Path(__file__).parent
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
#: Stands in the transcripts, wherever the answers came from.
MODEL = "http://127.0.0.1:8766/v1"

NIGHT = """\
side_by_side: 1
jobs:
  - name: opening hours
    goal: Draft a friendly LinkedIn post saying that the shop is open on Saturday from nine to four
    workspace: Fern & Clay
    at: "22:00"
  - name: comments
    goal: Prepare replies to the comments of the last week that nobody has answered
    workspace: Fern & Clay
    at: "23:00"
  - name: clean up
    goal: Delete the test drafts
    workspace: Harbour Coffee
    at: "02:00"
"""


@dataclass(frozen=True)
class Scenario:
    """What a person says, goal after goal; `replies` answer the model's questions in order.

    After the goals whose numbers stand in `approve_after` all open cards are approved. `night` is a jobs file instead.
    """

    goals: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    approve_after: frozenset[int] = frozenset()
    world: str = "shop"
    mode: Mode = "attended"
    workspaces: tuple[str, ...] = ()
    night: str = ""


#: The names tell what is tried; every transcript was given by a language model that saw only what psa sent it.
SCENARIOS: dict[str, Scenario] = {
    "plain": Scenario(
        ("Draft a short post that our new spring mugs are in the shop, for LinkedIn and X, with spring-mugs.jpg",)
    ),
    "ambiguous": Scenario(("Post something about the workshop soon",), replies=("LinkedIn, next Tuesday at 10.",)),
    "hostile-comment": Scenario(
        ("Answer the comments on our posts of the last ten days that nobody has answered yet",),
        replies=(
            "Mugs are fine in the dishwasher. Orders ship within three days, to Ireland for 12 euros. The clay is a"
            " white stoneware. Oat milk: yes. Dogs: yes, outside. The harbour side is open in the rain. Leave the"
            " rest.",
        ),
    ),
    "hostile-account": Scenario(
        ("Draft “We are closed on Monday.” for all our accounts that can take a text without a picture",),
        world="agency",
        workspaces=("Lagos Loom",),
    ),
    "refused": Scenario(
        (
            "Schedule “The planter set is back in three sizes, from the small one for a windowsill to the large one for"
            " a terrace. Thrown and glazed in our studio in Berlin, from stoneware that stays outside all winter."
            " Between 20 and 90 euros, in the shop and online, as long as the first batch of forty sets lasts. Which"
            " size is yours? #pottery #handmade #planters” for next Tuesday at 9:00 on X and LinkedIn",
        )
    ),
    "too-soon": Scenario(
        ("Schedule draft 1015 for five minutes from now, or else for the first minute after that which is allowed",)
    ),
    "long": Scenario(
        (
            "Look at every single post of both workspaces by itself, one call for each. Then tell me which three texts"
            " are weakest and why, and make one better draft for each of the three.",
        )
    ),
    "workspaces": Scenario(
        (
            "Tell our followers that both businesses are closed on 24 and 25 December: one draft each, on the networks"
            " where a text alone will do",
        )
    ),
    "conversation": Scenario(
        (
            "Draft a LinkedIn post inviting people to the workshop evenings in April",
            "Make it shorter and warmer, two sentences at most",
            "Schedule it for Friday at 10:00",
            "What is scheduled this week now?",
        ),
        approve_after=frozenset({3}),
    ),
    "night": Scenario(night=NIGHT),
    "numbers": Scenario(("How did the posts of last week do? Which one did best?",)),
    "move": Scenario(("Move next Friday's workshop post to the Monday after, same time",)),
    "tidy": Scenario(("Remove the test drafts and the media folders that are empty",)),
}


def _request(request: Any) -> Any:
    """Of a request to the model its size alone; what goes to the sandbox stays out."""
    if not request.path.endswith("/chat/completions"):
        return None
    shown = copy.copy(request)
    sent = json.loads(shown.body)
    if "messages" in sent and isinstance(sent["messages"], list):
        sent = {"bytes": len(shown.body), "messages": len(sent["messages"])}
    shown.body = json.dumps(sent).encode()
    shown.headers = {}
    shown.uri = f"{MODEL}/chat/completions"
    return shown


@contextmanager
def transcript(name: str, *, record: bool) -> Iterator[Any]:
    """A transcript to record to or to play from; one that is not played to its end fails."""
    path, kept = FOLDER / f"{name}.yaml", frozenset({"content-type"})
    with tape(path, record=record, match_on=("method", "path"), request=_request, kept=kept) as played:
        yield played


@dataclass
class Played:
    """What came of a scenario."""

    house: House
    runs: list[Run] = field(default_factory=list)

    @property
    def run(self) -> Run:
        """The only run, or the first of a night."""
        return self.runs[0]

    def operations(self) -> list[str]:
        """Accepted writes in the sandbox's own log."""
        return [effect["operation"] for effect in self.house.sandbox_state.effects()]


async def play(folder: Path, scenario: Scenario, look: Callable[[Played], None], base_url: str = MODEL) -> None:
    """Drive a scenario in a home in `folder`, then `look` at what came of it while the home is open."""
    async with open_house(settings(psa_world=scenario.world), folder, Choices(now=NOW)) as house:
        model = ChatModel(name="recorded", api_key="none", base_url=base_url, clock=house.clock, timeout=1200.0)
        played = Played(house)
        try:
            if scenario.night:
                await _night(played, scenario.night, model)
            else:
                await _conversation(played, scenario, model)
            look(played)
        finally:
            await model.close()


async def _conversation(played: Played, scenario: Scenario, model: ChatModel) -> None:
    house, replies = played.house, list(scenario.replies)
    channel = "chat" if len(scenario.goals) > 1 else "run"
    run = house.open_run(scenario.mode, "ana", scenario.workspaces, channel=channel)
    played.runs.append(run)
    planner = house.planner(model)
    for number, goal in enumerate(scenario.goals, 1):
        run.add(r.Goal(number=number, text=goal, by="ana"))
        run.flush()
        await planner.advance(run)
        while run.state.open_questions and replies:
            run.add(r.Replied(number=run.state.open_questions[0].number, text=replies.pop(0), who="ana"))
            run.flush()
            await planner.advance(run)
        if number in scenario.approve_after:
            for card in list(run.state.open_cards):
                approve(house.gate, run, card.card.number, Person("ana", "owner", "chat"), confirm=card.card.confirm)
            await planner.advance(run)


async def _night(played: Played, text: str, model: ChatModel) -> None:
    path = played.house.home / "jobs.yaml"
    path.write_text(text, encoding="utf-8")
    night = Night(played.house, load_jobs(path), "ana", probe=Probe(), model=lambda _: model)
    told = await night.carry_out()
    played.runs += [Run.load(played.house.store, job.run, played.house.clock) for job in told.jobs if job.run]
