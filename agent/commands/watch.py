"""`psa watch`: is it really out?"""

import click

from agent.assembly import House
from agent.clock import local
from agent.commands.common import choices, with_house
from agent.commands.light import clock_option, json_option, now_option, print_json, tell
from agent.errors import Exit
from agent.review.watch import Found, Watch

#: States that a person should know of.
TROUBLE = frozenset({"partly", "failed", "late", "gone"})
_MARKS = {"published": "ok", "waiting": "…", "unread": "?", "moved": "moved", "withdrawn": "draft"}


@click.command("watch")
@now_option
@clock_option
@json_option
def watch_command(now: str | None, clock: str, as_json: bool) -> int:
    """Read back every post that should be out by now, and tell what became of it on each network.

    Published, partly failed (where and why), failed, late, moved, taken back or gone: each is told once, and becomes a
    task in `psa review` where somebody has to do something. It is also done with every `psa night`. The exit code is 8
    where a post is not out as it should be.
    """

    async def go(house: House) -> int:
        watch = Watch(house.gate, house.store)
        waiting = len(watch.due())
        if waiting > 1:
            tell(f"  reading {waiting} posts back", err=True)
        found = await watch.look()
        following = house.store.ledger.next_awaited(house.service)
        if as_json:
            print_json({"posts": [one.__dict__ for one in found], "next": following})
        else:
            for one in found:
                tell(line_of(one))
            if not found:
                tell("No post was due since the last look.")
            if following is not None and following > house.clock.now():
                tell(f"Next: a post is due {local(following)}.", err=True)
        return Exit.SERVICE if any(one.state in TROUBLE for one in found) else Exit.OK

    return with_house(choices(now, clock), go)


def line_of(found: Found) -> str:
    """A post on one line: a mark, what became of it, and where to go on."""
    mark = _MARKS.get(found.state, found.state.upper())
    task = f"  (task {found.task}: psa review show {found.task})" if found.task else ""
    return f"{mark:<7} {found.says}{task}"
