"""`psa scan`: read all posts, so that what goes out is judged by them."""

import click

from agent.assembly import House
from agent.commands.common import choices, with_house
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.errors import Exit
from agent.night.scan import read_all
from agent.reports.words import counted
from agent.settings import system_user


@click.command("scan")
@now_option
@clock_option
@json_option
def scan_command(now: str | None, clock: str, as_json: bool) -> int:
    """Read all posts of PostSyncer now: posts per day, minutes between posts and duplicates are judged by them.

    It costs one request per hundred posts and is also done with every `psa night`. A scan that was cut short is gone on
    with for six hours.
    """

    async def go(house: House) -> int:
        told = await read_all(house, system_user(), lambda line: tell(f"  {line}", err=True), person=True)
        if as_json:
            print_json({"posts": told.posts, "whole": told.whole, "began": told.began})
        else:
            missed = "" if told.whole else " Some may have been missed: PostSyncer counts more; try again."
            tell(f"All posts are read: {counted(told.posts, 'post')}.{missed}")
        return Exit.OK

    return with_house(choices(now, clock), go)
