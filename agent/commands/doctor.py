"""`psa doctor`: what is configured, and what works."""

import click

from agent.assembly import Choices, House, build_model
from agent.checks import Check, check_home, check_model, check_service
from agent.commands.common import with_house
from agent.commands.light import json_option, print_json, tell
from agent.errors import Exit
from agent.text import one_line


@click.command("doctor")
@json_option
def doctor_command(as_json: bool) -> int:
    """Check settings, the token's abilities by harmless reads, limits left, the disk, the journal, and the model.

    It also lists workspaces, accounts and labels with their ids, as policy.yaml and jobs.yaml name them.
    """

    async def go(house: House) -> int:
        found = [check async for check in check_service(house, person=True, listed=True)]
        found += check_home(house)
        model = build_model(house.settings, house.clock)
        try:
            found += await check_model(model)
        finally:
            await model.close()
        if as_json:
            print_json([check.as_row() for check in found])
        for check in [] if as_json else found:
            tell(check_line(check))
        return Exit.OK if all(check.state != "wrong" for check in found) else Exit.FAILED

    return with_house(Choices(), go)


def check_line(check: Check) -> str:
    """A finding for the terminal, with what helps below it."""
    do = f"\n       {one_line(check.do, 400)}" if check.do else ""
    return f"{check.state:<6} {one_line(check.what, 400)}{do}"
