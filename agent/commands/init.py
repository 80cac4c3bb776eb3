"""`psa init`: commented starting points in the home."""

from pathlib import Path

import click

from agent.commands.light import tell
from agent.settings import data_folder, find_home


@click.command("init")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def init_command(force: bool) -> None:
    """Write .env.example, jobs.yaml, policy.yaml and an uploads/ folder, with comments, into the home.

    The home is PSA_HOME, else the nearest folder upwards that psa has worked in, else this folder.
    """
    home = find_home(Path.cwd())
    home.mkdir(parents=True, exist_ok=True)
    tell(f"home     {home}")
    for source in sorted((data_folder("policies") / "start").iterdir()):
        target = home / source.name.removesuffix(".txt")
        if target.exists() and not force:
            tell(f"kept     {target.name} (it is there already)")
            continue
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        tell(f"written  {target.name}")
    (home / "uploads").mkdir(exist_ok=True)
    tell("Copy .env.example to .env and fill in what you have. Then: psa doctor")
