"""The client over real sockets: the bytes that leave, deadlines, drops, and whether a lost request may have left."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent.api.client import MAX_BYTES, READ_TRIES, Client
from agent.api.endpoint import Endpoint
from agent.api.posts import ContentItem, CreatePost, GetPost, GetPostByPlatformPostId, GetPostByUrl
from agent.clock import FrozenClock
from agent.errors import ApiError, BadAnswer, NoAnswer, NotSent, TooLarge
from tests.api.helpers import START, TOKEN, client_of, post
from tests.api.loopback import Behaviour, Loopback, Visit, answering, closed_port, http, loopback

pytestmark = pytest.mark.anyio

READ = GetPost(id=749)
WRITE = CreatePost(workspace_id=12, content=(ContentItem(text="Grüße \U0001f600"),), schedule_type="draft")
DEADLINE = 0.3

POST = b'{"id":749,"content":[],"status":"DRAFT","platforms":[]}'
OK = http(201, POST)


@asynccontextmanager
async def between(behave: Behaviour, **settings: Any) -> AsyncIterator[tuple[Client, Loopback]]:
    """A client and the server it talks to."""
    async with loopback(behave) as server:
        client = client_of(url=server.url, **settings)
        try:
            yield client, server
        finally:
            await client.close()


async def test_what_was_digested_is_what_leaves() -> None:
    async with between(answering(OK)) as (client, server):
        await client.send(WRITE)
    head, _, body = server.heard.partition(b"\r\n\r\n")
    assert body == WRITE.request().body
    assert head.startswith(b"POST /api/v1/posts HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}".encode() in head
    assert b"Content-Type: application/json" in head
    assert b"Cookie" not in head


LOOKUPS = [
    GetPostByUrl(post_url="https://x.com/acme/status/1?a=b&c=%2F#top", include_comments=True),
    GetPostByUrl(post_url="https://example.com/../..//a;b,c'\"<>|\\^`{}[]@!$&*()+=~ü\u202e"),
    GetPostByPlatformPostId(platform_post_id="urn:li:share:7 \x00\x7f%41%zz"),
    GetPostByPlatformPostId(platform_post_id="../media"),
    GetPostByPlatformPostId(platform_post_id=".x."),
]


@pytest.mark.parametrize("call", LOOKUPS)
async def test_the_path_that_leaves_is_the_path_of_the_request(call: Endpoint[Any]) -> None:
    async with between(answering(OK)) as (client, server):
        await client.send(call)
    assert server.heard.split(b" ")[1].decode("ascii") == "/api/v1" + call.request().target


async def test_connections_are_used_again_and_a_stale_one_is_no_error() -> None:
    async def twice(visit: Visit) -> None:
        for _ in range(2):
            await visit.request()
            await visit.say(OK)

    async with between(twice) as (client, server):
        for _ in range(2):
            await client.send(WRITE)
        assert len(server.visits) == 1
        await server.visits[0].writer.wait_closed()
        await client.send(WRITE)
        assert (len(server.visits), server.requests) == (2, 3)


async def test_no_proxy_of_the_environment_gets_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    async with between(answering(OK)) as (client, server):
        await client.send(WRITE)
    assert server.requests == 1


async def test_a_redirect_is_not_followed() -> None:
    async with loopback(answering(OK)) as other:
        moved = http(307, b"", f"Location: {other.url}/posts")
        async with between(answering(moved)) as (client, server):
            with pytest.raises(BadAnswer, match="redirect"):
                await client.send(WRITE)
        assert server.requests == 1
        assert other.visits == []


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    told = 0

    async def flood(visit: Visit) -> None:
        nonlocal told
        await visit.request()
        await visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for told in range(2**16, 2**27, 2**16):  # noqa: B007 - counted for the test
            await visit.say(b" " * 2**16)

    async with between(flood) as (client, server):
        with pytest.raises(TooLarge, match="16 MB"):
            await client.send(WRITE)
    assert server.requests == 1
    assert told < 2 * MAX_BYTES


# -- nothing left --------------------------------------------------------------------------------------------------


async def test_a_refused_connection_proves_that_nothing_left() -> None:
    client = client_of(url=f"http://127.0.0.1:{closed_port()}/api/v1")
    for call in (READ, WRITE):
        with pytest.raises(NotSent, match="could not be reached") as caught:
            await client.send(call)
        assert "psa doctor" in caught.value.hint
    await client.close()
    assert client.sent == 0


async def reset_at_once(visit: Visit) -> None:
    await visit.reader.read(1)
    visit.reset()


@pytest.mark.parametrize("behave", [reset_at_once, Visit.silence])
async def test_what_breaks_before_the_request_left_proves_that_nothing_left(behave: Behaviour) -> None:
    async with loopback(behave) as server:
        client = client_of(url=server.url.replace("http:", "https:"), deadline=DEADLINE)
        with pytest.raises(NotSent):  # the TLS handshake never ends well
            await client.send(WRITE, send_before=START + timedelta(seconds=0.4))
        await client.close()
    assert len(server.visits) == 1
    assert b"HTTP" not in server.heard
    assert client.sent == 0


async def test_after_its_time_not_even_a_connection_is_made() -> None:
    async with between(answering(OK)) as (client, server):
        with pytest.raises(NotSent):
            await client.send(WRITE, send_before=START)
        with pytest.raises(NotSent):
            await client.exchange(WRITE, send_before=START, slot=START.timestamp())
        assert server.visits == []


class RunningClock(FrozenClock):
    """Each look at the clock takes a second."""

    def now(self) -> datetime:
        self.set(super().now() + timedelta(seconds=1))
        return super().now()


@pytest.mark.parametrize("seconds", range(1, 9))
async def test_a_request_leaves_in_time_or_not_at_all(seconds: int) -> None:
    """The time may run out at any step, also between connecting and writing."""
    clock, left_at = RunningClock(START), []

    async def behave(visit: Visit) -> None:
        if await visit.request():
            left_at.append(clock.now())
            await visit.say(OK)

    until = START + timedelta(seconds=seconds)
    async with between(behave, clock=clock) as (client, server):
        try:
            await client.send(WRITE, send_before=until)
        except NotSent:
            assert server.heard == b""
            assert client.sent == 0
        else:
            assert left_at
            assert left_at[0] <= until + timedelta(seconds=1), "one look by the server itself"


# -- it may have left ----------------------------------------------------------------------------------------------


async def reset_after_request(visit: Visit) -> None:
    await visit.request()
    visit.reset()


async def hang_up_after_request(visit: Visit) -> None:
    await visit.request()


async def cut_the_answer(visit: Visit) -> None:
    await visit.request()
    await visit.say(OK[:-10])


async def cut_the_head(visit: Visit) -> None:
    await visit.request()
    await visit.say(OK[:20])


async def speak_no_http(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"220 mail.example.com ESMTP\r\n")


@pytest.mark.parametrize(
    "behave", [reset_after_request, hang_up_after_request, cut_the_answer, cut_the_head, speak_no_http]
)
async def test_what_breaks_after_the_request_left_is_unknown_and_writes_are_not_repeated(behave: Behaviour) -> None:
    async with between(behave) as (client, server):
        with pytest.raises(NoAnswer, match="may have been carried out") as caught:
            await client.send(WRITE)
        assert caught.value.hint
        assert server.requests == client.sent == 1
        with pytest.raises(NoAnswer):
            await client.send(READ)
        assert server.requests == client.sent == 1 + READ_TRIES


async def drip_the_answer(visit: Visit) -> None:
    await visit.request()
    for byte in OK:
        await visit.say(bytes([byte]))
        await asyncio.sleep(0.05)


async def drip_the_body(visit: Visit) -> None:
    await visit.request()
    await visit.say(OK[: -len(POST)])
    for byte in POST:
        await visit.say(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("behave", [drip_the_answer, drip_the_body, Visit.silence])
async def test_the_deadline_ends_a_call_however_the_server_dawdles(behave: Behaviour) -> None:
    async with between(behave, deadline=DEADLINE) as (client, server):
        start = time.monotonic()
        with pytest.raises(NoAnswer):
            await client.send(WRITE)
        assert DEADLINE * 0.9 < time.monotonic() - start < 2.0, "the drips take longer"
        assert server.requests == 1


async def test_a_cancelled_call_hangs_up_and_the_client_goes_on() -> None:
    async def first_silent(visit: Visit) -> None:
        await visit.request()
        arrived.set()
        if len(server.visits) == 1:
            await visit.silence()
        else:
            await visit.say(http(200, str(post()).replace("'", '"').replace("None", "null").encode()))

    arrived = asyncio.Event()
    async with between(first_silent) as (client, server):
        task = asyncio.create_task(client.send(WRITE))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(2):
            await server.visits[0].gone.wait()
        assert (await client.send(READ)).id == 749
        assert server.requests == 2


async def test_calls_side_by_side_do_not_mix_their_answers() -> None:
    async def echo(visit: Visit) -> None:
        while raw := await visit.request():
            number = int(raw.split(b" ")[1].rpartition(b"/")[2])
            await asyncio.sleep(0.002 * (number % 3))
            await visit.say(http(200, POST.replace(b"749", str(number).encode())))

    async with between(echo) as (client, _):
        found = await asyncio.gather(*(client.send(GetPost(id=number)) for number in range(1, 21)))
    assert [one.id for one in found] == list(range(1, 21))


async def test_every_error_of_the_wire_is_one_of_ours() -> None:
    for behave in (reset_after_request, cut_the_head, speak_no_http):
        async with between(behave) as (client, _):
            with pytest.raises(ApiError) as caught:
                await client.send(WRITE)
            assert caught.value.operation == "CreatePost"
            assert TOKEN not in str(caught.value)
