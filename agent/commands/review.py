"""`psa review`: the queue. Listing it starts without the libraries that deciding needs."""

from pathlib import Path

import click

from agent.commands.lazy import LazyGroup
from agent.commands.light import json_option, print_json, tell
from agent.journal.store import open_store
from agent.review.queue import item_line
from agent.settings import find_home

_DECIDING = "agent.commands.deciding"
_SETTLING = "agent.commands.settling"
COMMANDS: dict[str, tuple[str, str]] = {
    "list": (__name__, "What waits, most urgent first."),
    "show": (_DECIDING, "An item in full: the exact texts, why it waits, what can be undone."),
    "approve": (_DECIDING, "Approve cards (3, or 3-7, or 3,5) and carry them out."),
    "edit": (_DECIDING, "Put another text on a card and approve it."),
    "reject": (_DECIDING, "Reject cards, or take drafts out of the queue."),
    "answer": (_SETTLING, "Answer a question; the run goes on."),
    "again": (_SETTLING, "Ask once more for what a task or a void card was about: a new card."),
    "done": (_SETTLING, "Close a task that you have settled."),
    "schedule": (_SETTLING, "Schedule a draft of the queue."),
    "publish": (_SETTLING, "Publish a draft of the queue now."),
}


#: What to type next, below the list.
_WAYS = "psa review show N · approve N · edit N · reject N 'why' · answer N 'text' · schedule N --at '…' · publish N"


@click.group("review", cls=LazyGroup, lazy=COMMANDS)
def review_command() -> None:
    """Look at what waits, and decide: cards, tasks, questions, and the drafts that runs left.

    Deciding also sends: `approve` carries the card out and prints what became of it.
    """


@click.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what is decided, void or done.")
@json_option
def list_command(everything: bool, as_json: bool) -> None:
    """What waits, most urgent first."""
    store = open_store(find_home(Path.cwd()))
    states = ("open", "approved", "rejected", "void", "done") if everything else ("open", "approved")
    items = store.ledger.items(states)
    store.close()
    if as_json:
        print_json([item.__dict__ for item in items])
    elif not items:
        tell("Nothing waits.")
    else:
        tell("\n".join(item_line(item) for item in items))
        tell(f"\n{_WAYS}", err=True)
