"""`psa sandbox`: PostSyncer in a box, served on this machine."""

from datetime import UTC, datetime
from pathlib import Path

import click

from agent.clock import SystemClock
from agent.commands.light import tell
from agent.errors import WrongUsage
from agent.settings import find_home


@click.command("sandbox")
@click.option(
    "--world", default="shop", show_default=True, metavar="NAME|FILE", help="A shipped world, or a YAML file."
)
@click.option("--now", metavar="ISO", help="Freeze its clock here.")
@click.option("--faults", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A YAML file of faults.")
@click.option("--port", default=8765, show_default=True)
@click.option("--file", "file", type=click.Path(path_type=Path), help="Keep its state here instead of in memory.")
def sandbox_command(world: str, now: str | None, faults: Path | None, port: int, file: Path | None) -> None:
    """Serve a sandbox on 127.0.0.1 until Ctrl-C.

    \b
    psa sandbox --now 2026-11-24T09:00Z
    POSTSYNCER_BASE_URL=http://127.0.0.1:8765/api/v1 POSTSYNCER_API_TOKEN='1|sandbox' psa run '…'
    """
    from agent.sandbox.faults import load_faults
    from agent.sandbox.serve import serve
    from agent.sandbox.state import State
    from agent.sandbox.world import load_world

    moment = SystemClock().now()
    if now is not None:
        try:
            moment = datetime.fromisoformat(now)
        except ValueError as error:
            raise WrongUsage(f"--now {now!r} is no ISO time.", hint="Write it like 2026-11-24T09:00Z.") from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    path = find_home(Path.cwd()) / file if file else None
    existing = path is not None and path.exists()
    state = State.open(path) if path is not None and existing else State.create(path, load_world(world), moment)
    if now is not None:
        state.freeze(moment)
    if faults is not None:
        state.set_faults(load_faults(faults))

    def ready(bound: int) -> None:
        tell(f"sandbox on http://127.0.0.1:{bound}/api/v1 with token 1|sandbox (Ctrl-C ends it)", err=True)
        tell(f"export POSTSYNCER_BASE_URL=http://127.0.0.1:{bound}/api/v1 POSTSYNCER_API_TOKEN='1|sandbox'")

    serve(state, port, ready=ready)
