"""Settings: what is connected, what works, who may do what. Values that are secret are told as set or not set."""

import asyncio
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from agent import __version__
from agent.assembly import House, build_model
from agent.checks import Check, check_home, check_model, check_service
from agent.journal.store import open_store
from agent.settings import Settings
from agent.web.connected import connected, network
from agent.web.routing import action, go_to, page
from agent.web.site import Site, draw, site_of

#: The name under which checks run behind the pages, one pass at a time.
CHECKING = "checks"


@dataclass(frozen=True)
class Checks:
    """What the checks found when they last ran."""

    at: datetime
    found: tuple[Check, ...]


async def _show(request: Request) -> Response:
    site = site_of(request)
    house = site.house
    return draw(
        request,
        "settings/page.html",
        known=connected(house.store, house.service),
        network=network,
        checks=site.rooms.get(CHECKING),
        checking=site.work.going(CHECKING),
        trouble=site.work.trouble(CHECKING),
        left=house.gate.budget.left(house.clock.now().timestamp()),
        model=house.model_name,
        policy=house.packs.of("attended").hash[:12],
        home=str(house.home),
        service=house.service,
        keys=keys(house.settings),
        users=[(name, user.role) for name, user in sorted(site.people.now().users.items())],
        local=site.local,
        version=__version__,
    )


def keys(settings: Settings) -> list[tuple[str, str, str]]:
    """Settings by the name of their variable, what each is for, and its value; of secrets only whether they are set."""
    said = "set" if settings.postsyncer_api_token else "not set: the embedded sandbox is in use"
    if not settings.postsyncer_api_token and not settings.sandboxed:
        said = "not set"
    per_run, day, month = settings.psa_max_money, settings.psa_max_money_day, settings.psa_max_money_month
    return [
        ("POSTSYNCER_API_TOKEN", "Your PostSyncer", said),
        ("OPENAI_API_KEY", "The language model", "set" if settings.openai_api_key else "not set"),
        ("PSA_MODEL", "Its name", settings.psa_model or "not set: the offline planner is in use"),
        (
            "PSA_NOTIFY",
            "Where the team is told",
            f"{len(settings.psa_notify)} set" if settings.psa_notify else "not set",
        ),
        ("PSA_FEATURES", "Opt-in parts", ", ".join(settings.psa_features) or "none"),
        ("PSA_MEDIA_FOLDERS", "Folders that files come from", ", ".join(settings.psa_media_folders) or "none"),
        ("PSA_MAX_TURNS", "Turns of one goal", str(settings.psa_max_turns)),
        ("PSA_MAX_MONEY", "Dollars of one goal, of a day, of a month", f"{per_run:g}, {day:g}, {month:g}"),
        ("PSA_LANGUAGE", "The language goals are in", settings.psa_language),
    ]


async def _check(request: Request, _form: FormData) -> Response:
    site = site_of(request)

    async def run() -> None:
        site.rooms[CHECKING] = await _found(site)

    site.work.begin(CHECKING, run())
    await site.work.wait(CHECKING, 2.0)
    return go_to(request, "/settings#checks", "")


async def _found(site: Site) -> Checks:
    """All checks of `psa doctor`. The file is checked beside the pages: that takes long where it is large."""
    house = site.house
    found = [check async for check in check_service(house, person=True)]
    found += check_home(house, damage=await asyncio.to_thread(_damage, house))
    model = build_model(house.settings, house.clock)
    try:
        found += await check_model(model)
    finally:
        await model.close()
    return Checks(house.clock.now(), tuple(found))


def _damage(house: House) -> str:
    with closing(open_store(house.home)) as store:
        return store.damage()


ROUTES = (
    page("/settings", _show),
    action("/settings/check", _check),
)
