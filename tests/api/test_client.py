"""What the client does with errors: what is tried again and what never, how it waits, what it tells and hides."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from agent.api.client import READ_TRIES, WRITE_TRIES, Client, next_wait
from agent.api.comments import HideComment, ListComments, SyncComments
from agent.api.endpoint import Effect, Endpoint
from agent.api.labels import GetLabel
from agent.api.limits import MemoryBudget
from agent.api.posts import ContentItem, CreatePost, GetPost
from agent.clock import FrozenClock
from agent.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    Invalid,
    NoAnswer,
    NotFound,
    NotSent,
    RateLimited,
    ServerError,
    SettingsError,
    TooLarge,
    Unauthorized,
)
from tests.api.helpers import SECRET, START, TOKEN, Service, answer, client_of, post, text

pytestmark = pytest.mark.anyio

READ = GetPost(id=749)
SYNC = SyncComments(post_id=749)
WRITE = CreatePost(workspace_id=12, content=(ContentItem(text="Hello"),), schedule_type="draft")

UNREACHABLE = httpx.ConnectError("connection refused")
BROKEN = httpx.ReadError("reset by peer")
OK = answer(200, post())
ERROR = text(500, "")


@asynccontextmanager
async def talking(service: Service, **settings: Any) -> AsyncIterator[Client]:
    client = client_of(service, **settings)
    try:
        yield client
    finally:
        await client.close()


TRIES: dict[str, tuple[Endpoint[Any], httpx.Response | Exception, int, type[ApiError]]] = {
    "read, 500": (READ, ERROR, READ_TRIES, ServerError),
    "read, broken": (READ, BROKEN, READ_TRIES, NoAnswer),
    "read, no JSON": (READ, text(200, "<html>"), READ_TRIES, BadAnswer),
    "read, unreachable": (READ, UNREACHABLE, WRITE_TRIES, NotSent),
    "read, 404": (READ, text(404, ""), 1, NotFound),
    "read, 401": (READ, text(401, ""), 1, Unauthorized),
    "sync, 500": (SYNC, ERROR, 2, ServerError),
    "sync, broken": (SYNC, BROKEN, 2, NoAnswer),
    "write, 500": (WRITE, ERROR, 1, ServerError),
    "write, broken": (WRITE, BROKEN, 1, NoAnswer),
    "write, timed out": (WRITE, httpx.ReadTimeout("slow"), 1, NoAnswer),
    "write, no JSON": (WRITE, text(200, "<html>"), 1, BadAnswer),
    "write, redirect": (WRITE, text(302, ""), 1, BadAnswer),
    "write, 422": (WRITE, text(422, ""), 1, Invalid),
    "write, 403": (WRITE, text(403, ""), 1, Forbidden),
    "write, unreachable": (WRITE, UNREACHABLE, WRITE_TRIES, NotSent),
    "write, no connection in time": (WRITE, httpx.ConnectTimeout("slow"), WRITE_TRIES, NotSent),
    "write, 429": (WRITE, answer(429, {}, {"retry-after": "3"}), WRITE_TRIES, RateLimited),
    "write, 429 for too long": (WRITE, answer(429, {}, {"retry-after": "500"}), 1, RateLimited),
}


@pytest.mark.parametrize("name", TRIES)
async def test_only_what_cannot_have_been_applied_is_sent_again(name: str) -> None:
    call, step, tries, kind = TRIES[name]
    service = Service(step)
    async with talking(service) as client:
        with pytest.raises(ApiError) as caught:
            await client.send(call)
    assert type(caught.value) is kind
    assert len(service.requests) == tries
    assert caught.value.message
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(client)


PASSING = [(READ, [ERROR, BROKEN, ERROR]), (SYNC, [ERROR]), (WRITE, [UNREACHABLE])]


@pytest.mark.parametrize(("call", "failures"), PASSING)
async def test_a_call_that_passes_in_the_end_gives_its_answer(
    call: Endpoint[Any], failures: list[httpx.Response | Exception]
) -> None:
    service = Service(*failures, OK)
    async with talking(service) as client:
        reply = await client.exchange(call)
    assert reply.status == 200
    assert reply.raw == OK.text
    assert len(service.requests) == len(failures) + 1


async def test_a_429_is_waited_for_and_then_sent_again() -> None:
    service, clock = Service(answer(429, {}, {"retry-after": "17"}), OK), FrozenClock(START)
    async with talking(service, clock=clock) as client:
        await client.send(WRITE)
    assert timedelta(seconds=17) <= clock.now() - START < timedelta(seconds=18)
    assert len(service.requests) == 2


async def test_waiting_grows_and_stops_before_the_time_is_over() -> None:
    service, clock = Service(ERROR), FrozenClock(START)
    async with talking(service, clock=clock) as client:
        with pytest.raises(ServerError):
            await client.send(READ, send_before=START + timedelta(seconds=1.2))
    assert len(service.requests) == 2, "the third try would be due after 1.5 s"
    assert clock.now() - START == timedelta(seconds=0.5)


def test_the_retry_rule_knows_every_error() -> None:
    other = [Unauthorized, NotFound, TooLarge]
    for effect in Effect:
        for kind in other:
            assert next_wait(effect, kind("GetPost", "no"), 1, START) is None
        again = next_wait(effect, NoAnswer("GetPost", "lost"), 1, START)
        assert (again is not None) == (not effect.writes)
        assert next_wait(effect, NotSent("GetPost", "refused"), 1, START) is not None
        past = RateLimited("GetPost", "wait", retry_at=START - timedelta(seconds=9))
        assert next_wait(effect, past, 1, START) == 0.0


async def test_hiding_tries_the_second_verb_once() -> None:
    service = Service(text(405, ""), answer(200, {"message": "Hidden"}))
    async with talking(service) as client:
        assert (await client.send(HideComment(comment=5))).message == "Hidden"
    assert service.verbs == ["PATCH", "POST"]


@pytest.mark.parametrize("then", [text(405, ""), text(500, "")])
async def test_hiding_ends_with_the_second_verb(then: httpx.Response) -> None:
    service = Service(text(405, ""), then)
    async with talking(service) as client:
        with pytest.raises(ApiError) as caught:
            await client.send(HideComment(comment=5))
    assert service.verbs == ["PATCH", "POST"]
    assert caught.value.status == then.status_code


async def test_every_request_takes_a_slot_of_the_budget() -> None:
    budget = MemoryBudget()
    async with talking(Service(text(405, ""), answer(200, {"message": "Hidden"})), budget=budget) as client:
        await client.send(HideComment(comment=5))
        assert budget.left(START.timestamp()) == 58
        slot = await client.ready()
        assert budget.left(START.timestamp()) == 57
        await client.exchange(HideComment(comment=5), slot=slot)
        assert budget.left(START.timestamp()) == 57
    assert client.sent == 3


async def test_a_call_without_room_in_its_time_is_not_sent_and_not_tried_again() -> None:
    service, budget, clock = Service(OK), MemoryBudget(limit=2, for_people=1), FrozenClock(START)
    budget.reserve(START.timestamp(), person=False)
    async with talking(service, budget=budget, clock=clock) as client:
        with pytest.raises(NotSent, match="rate budget"):
            await client.send(WRITE, send_before=START + timedelta(seconds=30))
        assert (service.requests, client.sent, clock.now()) == ([], 0, START)
        await client.send(WRITE, send_before=START + timedelta(seconds=30), person=True)
        assert clock.now() == START, "people's share is still open"


async def test_what_the_service_says_of_its_limit_is_heeded() -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(START.timestamp()) + 25)}
    service, clock = Service(answer(200, post(), headers), OK), FrozenClock(START)
    async with talking(service, clock=clock, budget=MemoryBudget()) as client:
        await client.send(READ)
        await client.send(READ)
    assert clock.now() - START == timedelta(seconds=25)
    assert len(service.requests) == 2


class SteppingClock(FrozenClock):
    """A clock whose sleepers wake in order of their time, as they would on a real one."""

    async def sleep(self, seconds: float, why: str = "") -> None:
        until = self.now() + timedelta(seconds=max(0.0, seconds))
        while self.now() < until:
            await asyncio.sleep(0)
            self.set(self.now() + timedelta(seconds=0.5))


async def test_one_429_holds_back_everybody_who_was_waiting_for_a_slot() -> None:
    """Another client spends the budget: ours meets one 429, and the queue behind it none."""
    clock, budget = SteppingClock(START), MemoryBudget(limit=4, for_people=1)
    for earlier in (50, 40, 30):  # so the next slots of agents are 10, 20 and 30 seconds from now
        budget.reserve(START.timestamp() - earlier, person=False)
    refusals: list[float] = []

    def service(_: httpx.Request) -> httpx.Response:
        late = (clock.now() - START).total_seconds()
        if late < 55:
            refusals.append(late)
            return answer(429, {}, {"retry-after": str(55 - int(late))})
        return answer(200, {"id": 1, "name": "Launch"})

    client = client_of(service, clock=clock, budget=budget)
    answers = await asyncio.gather(*(client.send(GetLabel(id=1)) for _ in range(3)))
    await client.close()
    assert len(answers) == 3
    assert len(refusals) == 1


@pytest.mark.parametrize("token", ["", "11|secret\n", "11|sec ret", "11|secret\u2019", "11|s\x00cret"])
def test_a_token_that_cannot_be_sent_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(SettingsError, match="POSTSYNCER_API_TOKEN") as caught:
        client_of(Service(OK), token=token)
    assert "cret" not in "".join(traceback.format_exception(caught.value))


async def test_a_service_that_repeats_our_token_does_not_get_it_into_an_error() -> None:
    echo = f'{{"message": "Authorization: Bearer {TOKEN}", "errors": {{"a": ["{TOKEN}"]}}}}'
    for status in (200, 401, 403, 404, 422, 500):
        async with talking(Service(text(status, echo))) as client:
            with pytest.raises(ApiError) as caught:
                await client.send(WRITE)
        error = caught.value
        told = "".join(traceback.format_exception(error)) + repr(error) + error.body + str(vars(error))
        assert SECRET not in told


async def test_the_token_goes_to_the_service_and_nowhere_else() -> None:
    service = Service(answer(307, {}, {"location": "https://evil.test/steal"}))
    async with talking(service) as client:
        with pytest.raises(BadAnswer):
            await client.send(WRITE)
    assert [request.url.host for request in service.requests] == ["postsyncer.test"]
    assert service.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_a_listing_is_a_read() -> None:
    service = Service(ERROR, answer(200, {"data": []}))
    async with talking(service) as client:
        assert (await client.send(ListComments(post_id=1))).data == ()


@pytest.mark.parametrize("url", ["postsyncer.com/api/v1", "http://[::1/api", "ftp://postsyncer.com"])
async def test_an_address_that_is_none_says_which_setting(url: str) -> None:
    client = client_of(url=url)
    with pytest.raises(NotSent) as caught:
        await client.send(WRITE)
    await client.close()
    assert "POSTSYNCER_BASE_URL" in caught.value.hint
