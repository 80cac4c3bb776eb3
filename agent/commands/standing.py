"""`psa policy standing`: what may go out without a card, what did, taking that back and giving it back."""

import click

from agent.assembly import House
from agent.commands.common import as_option, choices, person, role_option, with_house
from agent.commands.lazy import Group
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.reports.standing import standing_line, standing_told
from agent.review.standing import allow, revoke


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


@standing_command.command("revoke")
@click.argument("name")
@click.option("--reason", default="", help="Why; it stands in the journal.")
@as_option
@role_option
@now_option
@clock_option
def revoke_command(name: str, reason: str, as_name: str | None, role: str | None, now: str | None, clock: str) -> None:
    """Take a permission back at once, whatever the policy file says, until an owner allows it again."""

    async def go(house: House) -> None:
        revoke(house, person(house, as_name, role), name, reason)
        tell(f"The standing permission {name!r} is revoked: what it would let out waits on a card.")

    with_house(choices(now, clock), go)


@standing_command.command("allow")
@click.argument("name")
@as_option
@role_option
@now_option
@clock_option
def allow_command(name: str, as_name: str | None, role: str | None, now: str | None, clock: str) -> None:
    """Give a permission back that an incident or a person revoked, once you have looked at what went wrong."""

    async def go(house: House) -> None:
        why = allow(house, person(house, as_name, role), name)
        tell(f"The standing permission {name!r} is in force again. What went wrong: {why}")

    with_house(choices(now, clock), go)
