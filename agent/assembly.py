"""Settings to client, store, gate, model and loop: the one place that wires.

openai, starlette and the sandbox are imported inside the functions that build with them, so that `psa review list` and
`psa --help` start without them.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from agent.api.client import Client, SandboxHttpClock, in_process
from agent.api.limits import FOR_PEOPLE, SqliteBudget, fingerprint
from agent.clock import Clock, FrozenClock, SystemClock, TellingClock
from agent.errors import SettingsError
from agent.gate.door import Gate
from agent.gate.judge import Surroundings
from agent.gate.resolving import system_resolver
from agent.journal import records as r
from agent.journal.findings import Mode
from agent.journal.run import Run
from agent.journal.store import SqliteStore, open_store
from agent.planner.discovery import NetworkNotes
from agent.planner.loop import Planner
from agent.planner.money import Money
from agent.policy.pack import Pack, Packs, load_pack
from agent.settings import Settings, data_folder, state_folder
from agent.templates import Templates
from agent.yaml_files import load_yaml

SANDBOX_ORIGIN = "http://sandbox.local/api/v1"
SANDBOX_TOKEN = "1|sandbox"  # noqa: S105 - the shipped world's own token, good for nothing else
OFFLINE = "offline planner"


@dataclass(frozen=True)
class Choices:
    """What a command line adds to the settings: its times are only for a sandbox."""

    now: datetime | None = None
    clock: str = "system"
    #: Told of waits that last; nobody is told by default.
    tell: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Seams:
    """What may be put between the embedded sandbox, the journal and the rest: for tests of faults and kills."""

    #: Wraps the transport to the embedded sandbox.
    transport: Callable[[Any], Any] = lambda transport: transport
    #: Opens the journal of a home.
    store: Callable[[Path], SqliteStore] = open_store


@dataclass
class House:
    """A home with everything in it that a command may need."""

    settings: Settings
    home: Path
    store: SqliteStore
    clock: Clock
    client: Client
    gate: Gate
    packs: Packs
    templates: Templates
    notes: NetworkNotes
    service: str
    sandbox: bool
    model_name: str
    sandbox_state: Any = None

    @property
    def runs(self) -> Path:
        """Where journals and reports lie."""
        return self.home / "runs"

    def banner(self) -> str:
        """Which service, model, policy and home are in use."""
        service = "sandbox (embedded)" if self.sandbox_state is not None else self.service
        return f"psa: {service} · {self.model_name} · policy {self.packs.of('attended').hash[:8]} · home {self.home}"

    def limits(self) -> r.Limits:
        """Budgets of a goal, from settings."""
        return r.Limits(turns=self.settings.psa_max_turns, money=self.settings.psa_max_money)

    def open_run(self, mode: Mode, who: str, workspaces: tuple[str, ...] = (), **more: Any) -> Run:
        """A new run, with further fields of `records.Opened`. Raises Conflict for a second run of a job's date."""
        opened = r.Opened(
            mode=mode,
            service=self.service,
            sandbox=self.sandbox,
            model=self.model_name,
            policy=self.packs.of(mode, more.get("overlay", "")).hash,
            prompts=self.templates.digest(),
            workspaces=workspaces,
            who=who,
            standing=tuple(one.told() for one in self.packs.of(mode, more.get("overlay", "")).standing),
            **{"limits": self.limits(), "features": self.settings.psa_features, **more},
        )
        return Run.open(self.store, self.clock, opened)

    def planner(self, model: Any, on_text: Any = None) -> Planner:
        """The loop over this house's gate."""
        money = Money(
            prompt=self.settings.psa_price_in or 0.0,
            completion=self.settings.psa_price_out or 0.0,
            day=self.settings.psa_max_money_day,
            month=self.settings.psa_max_money_month,
        )
        return Planner(self.gate, model, self.templates, self.notes, self.clock, on_text=on_text, money=money)


@asynccontextmanager
async def open_house(
    settings: Settings, home: Path, choices: Choices | None = None, seams: Seams | None = None
) -> AsyncIterator[House]:
    """Everything wired for one command; closed at the end."""
    choices, seams = choices or Choices(), seams or Seams()
    store = seams.store(home)
    client: Client | None = None
    try:
        packs = load_packs(home)
        wired = (
            _sandbox(home, choices, settings.psa_world, seams) if settings.sandboxed else _service(settings, choices)
        )
        client, clock, budget, sandbox_state, sandbox = wired
        surroundings = replace(
            surroundings_of(settings, home),
            resolve=None if sandbox else system_resolver,
            clock_matters=choices.now is None and choices.clock == "system",
        )
        prompts = data_folder("prompts")
        yield House(
            settings=settings,
            home=home,
            store=store,
            clock=clock,
            client=client,
            gate=Gate(client, store.ledger, packs, clock, budget, surroundings),
            packs=packs,
            templates=_templates(prompts),
            notes=load_yaml(prompts / "networks.yaml", NetworkNotes),
            service=client.origin,
            sandbox=sandbox,
            model_name=settings.psa_model or OFFLINE,
            sandbox_state=sandbox_state,
        )
    finally:
        if client is not None:
            await client.close()
        store.close()


def surroundings_of(settings: Settings, home: Path) -> Surroundings:
    """What the gate needs of settings."""
    return Surroundings(
        runs=home / "runs",
        folders_allowed=tuple(str((home / folder).resolve()) for folder in settings.psa_media_folders),
        features=frozenset(settings.psa_features),
        language=settings.psa_language,
        secrets=settings.secrets,
    )


def service_of(settings: Settings) -> str:
    """The service's address as journals name it, without opening anything."""
    return SANDBOX_ORIGIN if settings.sandboxed else settings.postsyncer_base_url.rstrip("/")


Wired = tuple[Client, Clock, SqliteBudget, Any, bool]


def _service(settings: Settings, choices: Choices) -> Wired:
    """A client for PostSyncer itself, or for a sandbox served on this machine."""
    if settings.postsyncer_api_token is None:
        raise SettingsError(
            "POSTSYNCER_BASE_URL is set, but no token.", hint="Set POSTSYNCER_API_TOKEN, in .env or the environment."
        )
    token = settings.postsyncer_api_token.get_secret_value()
    base = settings.postsyncer_base_url
    sandbox_clock = SandboxHttpClock.find(base)
    if (choices.now or choices.clock == "sandbox") and sandbox_clock is None:
        raise SettingsError(
            "--now and --clock sandbox are only for a sandbox: the real service has a real clock.",
            hint="Leave them out, or point POSTSYNCER_BASE_URL at `psa sandbox`.",
        )
    clock: Clock = SystemClock()
    if choices.now is not None:
        clock = FrozenClock(choices.now)
    elif choices.clock == "sandbox" and sandbox_clock is not None:
        clock = sandbox_clock
    clock = TellingClock(clock, choices.tell) if choices.tell else clock
    budget = SqliteBudget(state_folder() / "budget.db", fingerprint(base, token))
    client = Client(base_url=base, upload_url=settings.uploads, token=token, budget=budget, clock=clock)
    return client, clock, budget, None, sandbox_clock is not None


def _sandbox(home: Path, choices: Choices, world: str, seams: Seams) -> Wired:
    """A client for the embedded sandbox, whose state lies in the home."""
    from agent.sandbox.app import build_app
    from agent.sandbox.clock import SandboxClock
    from agent.sandbox.state import State
    from agent.sandbox.world import load_world

    path = home / "runs" / "sandbox.db"
    now = choices.now or SystemClock().now()
    world = str(home / world) if (home / world).is_file() else world
    state = State.open(path) if State.is_there(path) else State.create(path, load_world(world), now)
    if choices.now is not None:
        state.freeze(choices.now)
    clock: Clock = SandboxClock(state)
    clock = TellingClock(clock, choices.tell) if choices.tell else clock
    limit = state.rules().rate_limit
    budget = SqliteBudget(
        home / "runs" / "sandbox-budget.db", "sandbox", limit=limit, for_people=min(FOR_PEOPLE, limit // 6)
    )
    client = Client(
        base_url=SANDBOX_ORIGIN,
        upload_url=SANDBOX_ORIGIN,
        token=SANDBOX_TOKEN,
        budget=budget,
        clock=clock,
        transport=seams.transport(in_process(build_app(state))),
    )
    return client, clock, budget, state, True


@cache
def _templates(folder: Path) -> Templates:
    """The templates of a folder; what is compiled once serves every house of this process."""
    return Templates(folder)


def load_packs(home: Path) -> Packs:
    """The policy in force per mode: the shipped pack, the home's overlays where there are any, then a job's own."""
    return packs_with(home / "policy.yaml", home / "policy.unattended.yaml")


def packs_with(own: Path | None, unattended: Path | None = None) -> Packs:
    """The shipped packs, with these overlays laid over them where there are such files; the second one at night."""
    folder = data_folder("policies")

    def files(mode: Mode, overlay: str) -> list[Path]:
        home = (own, unattended if mode == "unattended" else None)
        return [*(one for one in home if one is not None), *([Path(overlay)] if overlay else [])]

    def load(mode: Mode, overlay: str) -> Pack:
        mine = own if own is not None and own.is_file() else None
        over = [one for one in files(mode, overlay) if one not in {own, unattended} or one.is_file()]
        if not over:
            return _shipped_pack(folder, mode)
        return load_pack([*_shipped_layers(folder, mode), *over], folder / "networks.yaml", home=mine)

    return Packs(load, files)


def build_notifier(settings: Settings) -> Any:
    """Tells the places that settings name; None where they name none. Raises SettingsError."""
    if not settings.psa_notify:
        return None
    try:
        from agent.notify import Notifier
    except ImportError as error:
        raise SettingsError(
            "PSA_NOTIFY is set, but what sends messages is not installed.",
            hint="pip install 'postsyncer-agent[notify]'",
        ) from error
    return Notifier([address.get_secret_value() for address in settings.psa_notify])


def _shipped_layers(folder: Path, mode: Mode) -> list[Path]:
    return [folder / "default.yaml", *([folder / "unattended.yaml"] if mode == "unattended" else [])]


@cache
def _shipped_pack(folder: Path, mode: Mode) -> Pack:
    """The shipped pack of a mode; what is read once serves every house of this process that adds nothing to it."""
    return load_pack(_shipped_layers(folder, mode), folder / "networks.yaml")


def build_model(settings: Settings, clock: Clock) -> Any:
    """The language model that settings name, or the offline planner."""
    from agent.planner.model import ChatModel

    if settings.psa_model:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
        return ChatModel(name=settings.psa_model, api_key=key, base_url=settings.openai_base_url, clock=clock)
    from agent.planner.offline import build_planner_app

    return ChatModel(
        name=OFFLINE, api_key="offline", base_url="http://offline.local/v1", clock=clock, app=build_planner_app()
    )
