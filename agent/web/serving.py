"""Serving the pages over an open house until it is interrupted."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from agent.assembly import House, build_notifier
from agent.chat.late_model import LateModel
from agent.clock import boot_seconds
from agent.errors import SettingsError
from agent.gate.decisions import Person
from agent.planner.loop import Planner
from agent.templates import Pages
from agent.web.app import build_app, static
from agent.web.events import Events
from agent.web.guard import cookie_name
from agent.web.menu import MENU
from agent.web.notices import GATHERS_S, Notices
from agent.web.sessions import Sessions
from agent.web.site import HERE, Site
from agent.web.throttle import Throttle
from agent.web.users import People, load_users
from agent.web.wire import Wire
from agent.web.work import Work

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Address:
    """Where to listen. `names` are further names it answers under; `certificate` and `key` are files for TLS."""

    host: str = "127.0.0.1"
    port: int = 8790
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None

    @property
    def tls(self) -> bool:
        """Whether it speaks TLS."""
        return self.certificate is not None


def check_address(address: Address, home: Path) -> None:
    """Refuse to be reached from elsewhere without TLS and a password. Raises SettingsError."""
    if (address.certificate is None) != (address.key is None):
        raise SettingsError("TLS needs both files.", hint="Pass --tls-cert and --tls-key.")
    for file in (address.certificate, address.key):
        if file is not None and not file.is_file():
            raise SettingsError(f"There is no file {file}.", hint="Pass the certificate and its key as PEM files.")
    if address.certificate is not None and address.key is not None:
        _check_certificate(address.certificate, address.key)
    if address.host in LOOPBACK:
        return
    if not address.tls:
        raise SettingsError(
            f"On {address.host} others could read along.",
            hint="Pass --tls-cert and --tls-key, or leave --host out and use an SSH tunnel.",
        )
    if not load_users(home).users:
        raise SettingsError(
            f"On {address.host} a password is needed.", hint="Make the first one: psa users set NAME --role owner"
        )


def _check_certificate(certificate: Path, key: Path) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{certificate} and {key} cannot be used for TLS: {error}.",
            hint="Pass a certificate (with its chain) and the key that it was made for, as PEM files.",
        ) from error


@asynccontextmanager
async def open_site(
    house: House,
    local: Person,
    tell: Callable[[str], None],
    gathers: float = GATHERS_S,
    seconds: Callable[[], float] = boot_seconds,
) -> AsyncIterator[Site]:
    """A site over an open house; what it has begun ends with it. New cards are told after `gathers` seconds.

    `seconds` is the clock of sessions.
    """
    notifier = build_notifier(house.settings)
    model = LateModel(house)

    def planner() -> Planner:
        return house.planner(model.get())

    site = Site(
        house=house,
        people=People(house.home),
        sessions=Sessions(seconds),
        throttle=Throttle(seconds),
        pages=Pages(HERE / "templates", static=static, menu=MENU),
        events=Events(house.store),
        work=Work(planner, house.templates, house.runs),
        planner=planner,
        model=model.get,
        local=local,
        tell=tell,
    )
    notices = Notices(house, site.events, notifier, gathers) if notifier is not None else None
    if notices is not None:
        notices.start()
    try:
        async with site.ends:
            yield site
    finally:
        if notices is not None:
            await notices.close()
        await site.work.close()
        await site.events.close()
        await model.close()


def listen(address: Address) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises SettingsError where it cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # Named as TCP, so that asyncio sends at once: else the end of each answer waits for an acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
    except (socket.gaierror, UnicodeError, TypeError) as error:
        listening.close()
        raise SettingsError(
            f"There is no address {address.host}.", hint="Pass --host with one of this machine."
        ) from error
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"Port {address.port} on {address.host} cannot be used: {error.strerror}.",
            hint=f"Name another: psa serve --port {address.port % 60000 + 1}",
        ) from error
    return listening


async def serve(site: Site, address: Address, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until cancelled. `ready` is called once it listens."""
    port = int(listening.getsockname()[1])
    names = [address.host, *(("127.0.0.1", "localhost", "[::1]") if address.host in LOOPBACK else ()), *address.names]
    site.tls, site.cookie = address.tls, cookie_name(port, tls=address.tls)
    site.address = f"{'https' if address.tls else 'http'}://{_named(address)}:{port}"
    server = _Server(_config(site, address, _hosts(names, port, tls=address.tls)), ready)
    serving = asyncio.ensure_future(server.serve([listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = server.force_exit = True
        await serving
        raise


def _named(address: Address) -> str:
    name = address.names[0] if address.names else address.host
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _hosts(names: list[str], port: int, *, tls: bool) -> frozenset[str]:
    """Host headers that are answered: with the port, and without where it is the scheme's own."""
    bare = {f"[{name}]" if ":" in name and not name.startswith("[") else name.lower() for name in names}
    own = bare if port == (443 if tls else 80) else set()
    return frozenset(own | {f"{name}:{port}" for name in bare})


def _config(site: Site, address: Address, hosts: frozenset[str]) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(site, hosts),
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        http=Wire,
        ws="none",
        proxy_headers=False,
        server_header=False,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves signals to the command."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM cancel the command's task."""
        yield
