"""`psa init`: commented starting points in the current folder."""

from pathlib import Path

import click

from agent.commands.light import tell
from agent.settings import data_folder


@click.command("init")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def init_command(force: bool) -> None:
    """Write .env.example, jobs.yaml, policy.yaml and an uploads/ folder into this folder, with comments."""
    here = Path.cwd()
    for source in sorted((data_folder("policies") / "start").iterdir()):
        target = here / source.name.removesuffix(".txt")
        if target.exists() and not force:
            tell(f"kept     {target.name} (it is there already)")
            continue
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        tell(f"written  {target.name}")
    (here / "uploads").mkdir(exist_ok=True)
    tell("Copy .env.example to .env and fill in what you have. Then: psa doctor")
