"""What an answer means: status, envelope and headers become a typed answer or one of our errors. Pure."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from agent.api.endpoint import Endpoint, Route
from agent.api.limits import Headers, RateBudget
from agent.api.types import Message, Page, read_page
from agent.errors import ApiError, BadAnswer, Forbidden, Invalid, NotFound, RateLimited, ServerError, Unauthorized

R = TypeVar("R")

#: A 429 is believed from a second to two days: less would be sent in vain, more is no limit that we know of.
SOONEST_S, LATEST_S = 1.0, timedelta(days=2).total_seconds()


@dataclass(frozen=True)
class Response:
    """One HTTP answer, without the library that fetched it; `reset` is the window's end by our own clock."""

    status: int
    text: str
    limits: Headers
    retry_after: float | None
    reset: float | None
    #: How far the service's clock is ahead of ours, by its Date header.
    clock_off: timedelta = timedelta()

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> "Response":
        """From status, headers (case-insensitive) and body."""
        skew = _skew(headers.get("date"), now)
        reset = _number(headers.get("x-ratelimit-reset"))
        local_reset = reset - skew if reset is not None else None
        remaining, limit = _number(headers.get("x-ratelimit-remaining")), _number(headers.get("x-ratelimit-limit"))
        return cls(
            status=status,
            text=_whole(body.decode("utf-8", errors="replace")),
            limits=Headers(
                limit=int(limit) if limit is not None else None,
                remaining=int(remaining) if remaining is not None else None,
                reset=local_reset,
            ),
            retry_after=_number(headers.get("retry-after")),
            reset=local_reset,
            clock_off=timedelta(seconds=skew),
        )


def read_reply(call: Endpoint[R], response: Response, now: datetime, budget: RateBudget) -> R:
    """The typed answer. Raises ApiError; a 429 closes the budget until the window ends."""
    route, name = call.route, call.route.name
    if response.status == 429:
        raise _rate_limited(name, response, now, budget)
    if 300 <= response.status < 400:
        raise BadAnswer(
            name,
            f"{name}: the service answered with a redirect, which is never followed with the token.",
            hint="Check POSTSYNCER_BASE_URL.",
            status=response.status,
        )
    if response.status >= 400:
        raise _refusal(route, response)
    text = "{}" if not response.text.strip() and route.answer is Message else response.text
    try:
        return read_text(route, text)  # type: ignore[no-any-return]  # the route's answer is R by construction
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadAnswer(
            name,
            f"{name}: the answer is not JSON.",
            hint="A proxy or a login page may stand between; check POSTSYNCER_BASE_URL.",
            status=response.status,
            body=response.text[:2000],
        ) from error
    except (ValidationError, ValueError) as error:
        raise BadAnswer(
            name,
            f"{name}: the answer lacks what we need: {_first_problem(error)}.",
            hint="The service may have changed; `psa doctor` shows what it answers.",
            status=response.status,
            body=response.text[:2000],
        ) from error


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}
#: Texts that are no longer than this are kept read.
_SHORT = 16 * 1024


def read_text(route: Route, text: str) -> Any:
    """The typed answer from its raw text. Raises ValueError, ValidationError.

    What was received is journaled, and journals are read again and again: the last short texts are read once, since
    answers are frozen.
    """
    return _read_short(route, text) if len(text) <= _SHORT else read_answer(route, json.loads(text))


@lru_cache(maxsize=256)
def _read_short(route: Route, text: str) -> Any:
    return read_answer(route, json.loads(text))


def read_answer(route: Route, payload: object) -> Any:
    """The typed answer from parsed JSON, whatever envelope it came in. Raises ValueError, ValidationError."""
    adapter = _ADAPTERS.get(route.name)
    if adapter is None:
        adapter = _ADAPTERS[route.name] = TypeAdapter(route.answer)
    if isinstance(route.answer, type) and issubclass(route.answer, Page):
        return adapter.validate_python(read_page(payload))
    if route.unwrap and isinstance(payload, Mapping) and isinstance(payload.get(route.unwrap), Mapping):
        payload = payload[route.unwrap]
    elif isinstance(payload, Mapping) and isinstance(payload.get("data"), Mapping):
        bare = "message" if route.answer is Message else "id"
        payload = payload if bare in payload else payload["data"]
    return adapter.validate_python(payload)


def _rate_limited(name: str, response: Response, now: datetime, budget: RateBudget) -> RateLimited:
    """When to come back: the later of Retry-After and the reset time; with neither, a full window."""
    moments = [now.timestamp() + response.retry_after] if response.retry_after is not None else []
    if response.reset is not None:
        moments.append(response.reset)
    if (daily := _moment(response.text, "reset_time")) is not None:
        moments.append(daily)
    until = max(moments) if moments else now.timestamp() + 60.0
    until = min(max(until, now.timestamp() + SOONEST_S), now.timestamp() + LATEST_S)
    retry_at = datetime.fromtimestamp(until + 0.05, UTC)
    budget.exhausted(min(until, now.timestamp() + 60.0))
    return RateLimited(
        name,
        f"PostSyncer's rate limit is used up until {retry_at:%H:%M:%S} UTC.",
        retry_at=retry_at,
        hint="Another program may be using the same account; the agent goes on by itself.",
        body=response.text[:2000],
    )


def _refusal(route: Route, response: Response) -> ApiError:
    name, status, text = route.name, response.status, response.text[:2000]
    said = _message(response.text)
    if status >= 500:
        return ServerError(
            name,
            f"{name}: PostSyncer answered with an error of its own ({status}).",
            hint="Try again later.",
            status=status,
            body=text,
        )
    if status == 401:
        return Unauthorized(
            name,
            "PostSyncer does not accept the token (wrong, revoked or expired).",
            hint="Make a new one in PostSyncer's settings and put it into POSTSYNCER_API_TOKEN.",
            status=401,
            body=text,
        )
    if status == 403:
        ability = _ability(said) or route.ability
        return Forbidden(
            name,
            f"The token may not do {name}: it lacks the ability `{ability}`, or the object is not yours.",
            ability=ability,
            hint=f"Give the token the ability `{ability}` in PostSyncer's settings.",
            body=text,
        )
    if status in {404, 410}:
        return NotFound(
            name,
            f"{name}: PostSyncer has no such object, or the token cannot see it.",
            hint="It may have been deleted meanwhile; list again.",
            status=status,
            body=text,
        )
    fields = _field_errors(response.text)
    what = ", ".join(f"{key}: {values[0]}" for key, values in list(fields.items())[:5]) or said[:200] or str(status)
    return Invalid(name, f"{name} was refused: {what}", status=status, fields=fields, body=text)


def _object(text: str) -> Mapping[str, Any]:
    """The JSON object of an error's body; empty where it is none."""
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, Mapping) else {}


def _message(text: str) -> str:
    payload = _object(text)
    found = payload.get("message") or payload.get("error")
    return found if isinstance(found, str) else ""


def _moment(text: str, key: str) -> float | None:
    """A Unix time that a 429 names, at the top or under `details`, as seconds or as a date (UTC without a zone)."""
    payload = _object(text)
    details = payload.get("details", payload)
    value = details.get(key) if isinstance(details, Mapping) else None
    if isinstance(value, int | float):
        return _number(str(value))
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() if moment else None


def _field_errors(text: str) -> dict[str, tuple[str, ...]]:
    errors = _object(text).get("errors")
    if not isinstance(errors, Mapping):
        return {}
    return {
        str(key): tuple(str(value) for value in values)
        for key, values in errors.items()
        if isinstance(values, list) and values
    }


def _ability(said: str) -> str:
    """The permission a 403 names, such as `posts:publish`; empty where none is named."""
    for word in said.replace("'", " ").replace('"', " ").split():
        bare = word.strip(".,;()`")
        if ":" in bare and bare.replace(":", "").replace("_", "").isalpha() and not bare.endswith(":"):
            return bare
    return ""


def _number(value: str | None) -> float | None:
    """A finite number, or None."""
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _skew(date: str | None, now: datetime) -> float:
    try:
        seconds = (parsedate_to_datetime(date) - now).total_seconds() if date else 0.0
    except (ValueError, TypeError):
        return 0.0
    return seconds if abs(seconds) > 2.0 else 0.0


#: A pair of surrogates, half a pair, or any other escape of a JSON text.
_ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)


def _whole(text: str) -> str:
    """The text with half surrogate pairs replaced: nothing that writes UTF-8 could carry them further."""
    return _ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], text) if "\\ud" in text.lower() else text


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        item = error.errors()[0]
        return f"{'.'.join(str(step) for step in item['loc'])}: {item['msg'].lower()}"
    return str(error)
