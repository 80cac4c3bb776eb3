"""`psa policy standing`: what may go out without a card, what did, and giving back what an incident revoked."""

import click

from agent.assembly import House
from agent.commands.common import as_option, choices, person, role_option, with_house
from agent.commands.lazy import Group
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.errors import Declined
from agent.gate.decisions import ROLES
from agent.journal import records as r
from agent.reports.standing import standing_line, standing_told
from agent.yaml_files import nearest


@click.group("standing", cls=Group, invoke_without_command=True)
@json_option
@now_option
@clock_option
@click.pass_context
def standing_command(context: click.Context, as_json: bool, now: str | None, clock: str) -> None:
    """Standing permissions: what may go out without a card, and what each did in 30 days."""
    if context.invoked_subcommand is None:
        with_house(choices(now, clock), lambda house: _list(house, as_json), banner=not as_json)


async def _list(house: House, as_json: bool) -> None:
    pack = house.packs.of("attended")
    told = standing_told(pack.standing, house.store.ledger, house.service, house.clock.now())
    if as_json:
        print_json([one.model_dump(mode="json") for one in told])
        return
    if not told:
        tell("No standing permissions: whatever goes out waits for a person. docs/STANDING.md tells how one is given.")
    for one in told:
        tell(f"{one.state:<9} {standing_line(one)}")
        for use in one.uses:
            tell(f"          {use.sent_on}  post {use.post or '?'}  {use.state}  ({use.run})")


@standing_command.command("allow")
@click.argument("name")
@as_option
@role_option
@now_option
@clock_option
def allow_command(name: str, as_name: str | None, role: str | None, now: str | None, clock: str) -> None:
    """Give a permission back that an incident revoked, once you have looked at what went wrong."""

    async def go(house: House) -> None:
        who = person(house, as_name, role)
        if ROLES[who.role] < ROLES["owner"]:
            raise Declined("Only an owner gives a standing permission back.", hint="Ask an owner.")
        incidents = house.store.ledger.incidents(house.service)
        if name not in incidents:
            known = [one.name for one in house.packs.of("attended").standing]
            raise Declined(
                f"No standing permission {name!r} is revoked.{nearest(name, known)}",
                hint="`psa policy standing` lists them all with their state.",
            )
        run = house.open_run("person", who.name, channel="policy")
        run.add(
            r.Goal(number=1, text=f"Allow the standing permission {name} again", by=who.name),
            r.StandingAllowed(name=name, who=who.name),
            r.Closed(outcome="done"),
        )
        run.flush()
        tell(f"The standing permission {name!r} is in force again. What went wrong: {incidents[name][2]}")

    with_house(choices(now, clock), go)
