"""`psa serve`: the pages, on this machine."""

from pathlib import Path

import click

from agent.assembly import House
from agent.commands.common import choices, person, with_house
from agent.commands.light import clock_option, now_option, tell
from agent.settings import find_home
from agent.web.serving import Address, check_address, listen, open_site, serve


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8790, show_default=True, help="0 takes any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Another than this machine needs TLS and users.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A name it is reached by (repeatable).")
@click.option("--tls-cert", type=click.Path(path_type=Path), metavar="PEM", help="The certificate.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="PEM", help="Its key.")
@now_option
@clock_option
def serve_command(
    port: int,
    host: str,
    names: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    now: str | None,
    clock: str,
) -> None:
    """Review in a browser: cards, drafts, the calendar, runs and the chat, until Ctrl-C.

    Prints a link that logs you in once. Others log in with a name and password: psa users set NAME.

    \b
    psa serve
    psa serve --host 0.0.0.0 --name agent.example.com --tls-cert cert.pem --tls-key key.pem
    """
    address = Address(host, port, names, tls_cert, tls_key)
    check_address(address, find_home(Path.cwd()))

    async def go(house: House) -> None:
        with listen(address) as listening:
            async with open_site(house, person(house, None, None, "web"), lambda line: tell(line, err=True)) as site:
                await serve(site, address, listening, lambda: tell(f"log in: {site.offer()}"))

    with_house(choices(now, clock), go)
