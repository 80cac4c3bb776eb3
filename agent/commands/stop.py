"""`psa stop` and `psa resume-all`."""

from pathlib import Path

import click

from agent.commands.light import tell
from agent.journal.store import open_store
from agent.settings import find_home


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
    store.close()
    tell("Runs may send again. `psa runs resume RUN` goes on with a run that was halted.")
