"""Asking for something from a page: a person's own call, judged like any other, or a goal for the agent."""

from agent.errors import Declined, Halted
from agent.gate.decisions import Person, approve
from agent.gate.door import Result
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.planner.goal_text import goal_text, refuse_secrets
from agent.policy.engine import NOT_PERMITTED
from agent.policy.verdict import Finding, Verdict
from agent.review.own import OwnCalls
from agent.tools.desk import Completes
from agent.web.site import Site

#: Seconds that a page waits for what it asked for to be done; it goes on behind it.
PATIENCE_S = 2.0
#: Findings that say no more than that a person decides, and what they were told when they asked.
TOLD = (NOT_PERMITTED, "confirm.outbound")
#: Where runs that pages begin come from.
CHANNEL = "web"


async def begin(site: Site, person: Person, text: str, *, overlay: str = "") -> OwnCalls:
    """A run of somebody's own calls. Raises Halted where the home is stopped, ApiError."""
    house = site.house
    if house.store.stopped:
        raise Halted
    return await OwnCalls.begin(house.gate, house.open_run, person, text, overlay=overlay, channel=CHANNEL)


async def look_around(site: Site, person: Person, text: str) -> None:
    """Read which workspaces and accounts there are, in a run of its own: two requests. Raises ApiError."""
    house = site.house
    own = await OwnCalls.begin(house.gate, house.open_run, person, text, channel=CHANNEL)
    own.run.add(r.Closed(outcome="done"))
    own.run.flush()


async def propose(
    site: Site, person: Person, text: str, wanted: Completes, *, overlay: str = "", decide: bool = False
) -> tuple[Run, Result]:
    """One call: sent where it is free, else it waits as a card.

    With `decide` somebody means just these bytes: the card is approved at once where nothing was found that they have
    not seen, and they may. Raises Declined where the policy denies it or it cannot be done, Halted, ApiError.
    """
    own = await begin(site, person, text, overlay=overlay)
    with own.ending():
        results = await own.propose(await own.complete(wanted))
    if decide and results[0].card is not None and not unseen(own.run.state, results[0].card):
        _approve(site, own.run, results[0].card, person)
    await site.work.carry_on(own.run, wait=PATIENCE_S)
    return own.run, results[0]


def _approve(site: Site, run: Run, card: int, person: Person) -> None:
    try:
        approve(site.house.gate, run, card, person, confirm=run.state.cards[card].card.confirm)
    except Declined:
        return  # it waits for somebody who may


def unseen(state: RunState, card: int) -> tuple[Finding, ...]:
    """What was found about a card that nobody has looked at; that such calls wait for a person is no finding."""
    found = [one for part in state.cards[card].parts for one in part.findings]
    return tuple(one for one in found if one.verdict >= Verdict.HOLD and one.rule not in TOLD)


async def ask_agent(site: Site, person: Person, goal: str) -> Run:
    """A goal for the agent, which goes on behind the pages. Raises Declined, Halted."""
    house = site.house
    if house.store.stopped:
        raise Halted
    text = goal_text(goal)
    refuse_secrets(text, house.settings.secrets)
    run = house.open_run("attended", person.name, channel=CHANNEL)
    run.add(r.Goal(number=1, text=text, by=person.name))
    run.flush()
    await site.work.carry_on(run, wait=PATIENCE_S)
    return run
