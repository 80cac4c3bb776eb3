"""Deciding cards in the terminal by typed commands, right after a run."""

import click

from agent.assembly import House
from agent.commands.common import person, reviewer
from agent.commands.light import tell
from agent.errors import PsaError
from agent.journal.run import Run
from agent.review.showing import became, shown_text

HELP = "approve N [confirmation] · reject N [why] · show N · later"


async def decide_now(house: House, run: Run) -> None:
    """Decide a run's cards in the terminal. Only a typed command decides; Enter alone does nothing."""
    tell(f"\nDecide now? {HELP}")
    people = reviewer(house, person(house, None, None))
    while run.state.open_cards:
        words = click.prompt("psa", default="", show_default=False, prompt_suffix="> ").split(maxsplit=2)
        if not words:
            tell(HELP)
            continue
        if words[0] in {"later", "quit", "exit", "q"}:
            return
        try:
            if words[0] in {"approve", "reject", "show"} and len(words) > 1 and words[1].isdigit():
                number, rest = int(words[1]), words[2] if len(words) > 2 else ""
                if words[0] == "show":
                    tell(shown_text(people.show(number)))
                else:
                    decided = (
                        await people.approve(number, rest, ())
                        if words[0] == "approve"
                        else await people.reject(number, rest, delete_draft=False)
                    )
                    view = decided.state.cards.get(number)
                    tell(f"card {number}: {became(decided.state, view)}" if view else f"{number}: out of the queue")
            else:
                tell(HELP)
        except PsaError as error:
            tell(f"{error.message} {error.hint}".strip())
        run.catch_up()
