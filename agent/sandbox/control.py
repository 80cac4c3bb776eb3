"""The box's own controls under /_sandbox: its world, logs, clock and faults. For this machine only."""

import json
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.errors import SettingsError
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from agent.sandbox.state import State
from agent.sandbox.world import load_world

M = TypeVar("M")
Handler = Callable[[State, bytes], Any]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClockChange(_Body):
    """One of the three: stop at an instant, move on, or run."""

    freeze: AwareDatetime | None = None
    advance: Annotated[float, Field(ge=0)] | None = None
    thaw: bool = False


class Reset(_Body):
    """Start over: with a world by name or path, at an instant."""

    world: str | None = None
    now: AwareDatetime | None = None


def control_routes(state: State) -> list[Route]:
    """The routes below /_sandbox."""
    reads: dict[str, Handler] = {"world": _world, "effects": _effects, "requests": _requests, "clock": _clock}
    writes: dict[str, Handler] = {"clock": _set_clock, "faults": _set_faults, "reset": _reset, "edit": _edit}
    return [
        *(Route(f"/{name}", _endpoint(state, handler), methods=["GET"]) for name, handler in reads.items()),
        *(Route(f"/{name}", _endpoint(state, handler), methods=["POST"]) for name, handler in writes.items()),
    ]


def _endpoint(state: State, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        if request.client is None or not _is_loopback(request.client.host):
            return JSONResponse({"message": "Only for this machine."}, 403)
        # A web page can post forms to this machine, but not JSON.
        if request.method == "POST" and not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"message": "Send JSON."}, 415)
        try:
            return JSONResponse(handler(state, await request.body()))
        except ValidationError as error:
            problems = json.loads(error.json(include_url=False, include_input=False))
            return JSONResponse({"message": "The body is not right.", "errors": problems}, 422)
        except SettingsError as error:
            return JSONResponse({"message": str(error)}, 422)

    return run


def _world(state: State, _: bytes) -> Any:
    return state.export()


def _effects(state: State, _: bytes) -> Any:
    return state.effects()


def _requests(state: State, _: bytes) -> Any:
    return state.requests()


def _clock(state: State, _: bytes) -> Any:
    return {"now": state.world_now().isoformat(), "frozen": state.is_frozen()}


def _set_clock(state: State, body: bytes) -> Any:
    change = ClockChange.model_validate_json(body)
    if change.freeze is not None:
        state.freeze(change.freeze)
    if change.advance is not None:
        state.advance(change.advance)
    if change.thaw:
        state.thaw()
    return _clock(state, b"")


def _set_faults(state: State, body: bytes) -> Any:
    faults = _FAULTS.validate_json(body)
    state.set_faults(faults)
    return {"faults": len(faults)}


def _reset(state: State, body: bytes) -> Any:
    reset = Reset.model_validate_json(body or b"{}")
    state.reset(load_world(reset.world) if reset.world else None, reset.now)
    return _clock(state, b"")


def _edit(state: State, body: bytes) -> Any:
    edit = Edit.model_validate_json(body)
    state.edit(edit)
    return {"post": edit.post}


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_FAULTS = TypeAdapter(list[Fault])
