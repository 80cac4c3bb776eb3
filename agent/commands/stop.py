"""`psa stop` and `psa resume-all`."""

from pathlib import Path

import click

from agent.commands.light import tell
from agent.journal.store import open_store
from agent.settings import find_home
from agent.text import one_line


@click.command("stop")
def stop_command() -> None:
    """Stop every run of this home before its next effect, in whatever process it runs."""
    home = find_home(Path.cwd())
    store = open_store(home)
    store.set_stopped(True)
    store.close()
    tell(f"Stopped: nothing is sent from {home} any more. `psa resume-all` gives it back.")


@click.command("resume-all")
def resume_all_command() -> None:
    """Let runs go on after `psa stop`."""
    store = open_store(find_home(Path.cwd()))
    store.set_stopped(False)
    halted = [row for row in store.ledger.runs(1000) if not row.outcome]
    store.close()
    tell("Runs may send again.")
    for row in reversed(halted):
        tell(f"  {row.run} stands where it was halted: `psa runs resume {row.run}`  {one_line(row.goal, 70)}")
