"""The figures of docs/BENCHMARKS.md: our loop beside the plain SDK loop in one interleaved session, and the rest.

    make bench            all of it, about two minutes
    python benchmarks/bench.py loop | rest

Milliseconds are medians over repeats on this machine; quote them with the machine.
"""

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import policy
from openai import AsyncOpenAI

from agent.api.limits import MemoryBudget
from agent.api.posts import GetPost, ListPosts
from agent.assembly import House, open_house
from agent.clock import FrozenClock
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.store import SqliteStore
from agent.planner.model import ChatModel
from agent.policy.counting import NetworkLimits, excess, measure
from agent.policy.entities import NETWORKS
from agent.policy.splitting import parts_of
from agent.sandbox.state import State
from agent.sandbox.world import load_world
from agent.settings import Settings, data_folder
from agent.yaml_files import load_yaml

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REPLY = {
    "id": "c",
    "object": "chat.completion",
    "created": 0,
    "model": "bench",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "get_post", "arguments": '{"post":%d}'}}
                ],
            },
        }
    ],
    "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
}


class Scripted(BaseHTTPRequestHandler):
    """A model over local HTTP without latency of its own: the same read every turn, then words."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    turns = 20
    count = 0

    def log_message(self, *_args: Any) -> None:
        return

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        cls = type(self)
        cls.count += 1
        reply = json.loads(json.dumps(REPLY))
        message = reply["choices"][0]["message"]
        if cls.count > cls.turns:
            message.pop("tool_calls")
            message["content"] = "Done."
        else:
            message["tool_calls"][0]["id"] = f"call_{cls.count}"
            message["tool_calls"][0]["function"]["arguments"] = json.dumps(
                {"post": cls.posts[cls.count % len(cls.posts)]}
            )
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    posts: ClassVar[list[int]] = [1]


@contextmanager
def model_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()


async def ours(house: House, url: str, turns: int) -> tuple[float, int]:
    """Milliseconds per turn of a whole run, and bytes journaled per turn."""
    Scripted.turns, Scripted.count = turns, 0
    model = ChatModel(name="bench", api_key="bench", base_url=url, clock=house.clock)
    run = house.open_run("attended", "bench")
    run.state.opened = run.state.opened.model_copy(  # type: ignore[union-attr]  # a bench may go on for long
        update={"limits": r.Limits(turns=10_000, tokens=10**9, requests=10**6, seconds=10**6)}
    )
    run.add(r.Goal(number=1, text="Look at the posts one after the other.", by="bench"))
    run.flush()
    planner = house.planner(model)
    start = time.perf_counter()
    await planner.advance(run)
    took = time.perf_counter() - start
    assert len(run.state.turns) == turns + 1, f"{len(run.state.turns)} turns, {run.state.gave_up}"
    size = sum(len(line) for line in house.store.mirror(run.id))
    await model.close()
    return took * 1000 / turns, size // turns


async def plain(house: House, url: str, turns: int, tools: list[Any]) -> float:
    """The same job as a plain SDK loop: no policy, no journal, in memory."""
    Scripted.turns, Scripted.count = turns, 0
    client = AsyncOpenAI(api_key="bench", base_url=url, max_retries=0)
    messages: list[Any] = [{"role": "user", "content": "Look at the posts one after the other."}]
    start = time.perf_counter()
    while True:
        completion = await client.chat.completions.create(model="bench", messages=messages, tools=tools)
        message = completion.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            arguments = json.loads(call.function.arguments)  # type: ignore[union-attr]  # the script sends functions only
            reply = await house.client.exchange(GetPost(id=arguments["post"]))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": reply.raw})
    took = time.perf_counter() - start
    await client.close()
    return took * 1000 / turns


async def loops(repeats: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder, model_server() as url:
        settings = Settings(_env_file=None)  # type: ignore[call-arg]  # documented argument, not a field
        (Path(folder) / "runs").mkdir()
        shop = load_world("shop")
        world = shop.model_copy(update={"rate_limit": 10**6, "posts": shop.posts * 8})
        State.create(Path(folder) / "runs" / "sandbox.db", world, datetime.now(UTC)).close()
        async with open_house(settings, Path(folder)) as house:
            budget = MemoryBudget(limit=10**9, for_people=0)
            house.gate.budget = budget
            house.client._budget = budget
            page = await house.client.send(ListPosts(per_page=100))
            Scripted.posts = [post.id for post in page.data]
            run = house.open_run("attended", "bench")
            run.add(r.Goal(number=1, text="warm up", by="bench"))
            await ours(house, url, 5)
            tools = json.loads(next(iter(prompted_tools(house))))
            print(f"tools section: {len(json.dumps(tools))} bytes, {len(tools)} tools")
            for turns in (5, 20, 100, 400):
                mine, base, sizes = [], [], []
                for _ in range(repeats if turns < 400 else 1):
                    took, size = await ours(house, url, turns)
                    mine.append(took)
                    sizes.append(size)
                    if turns <= 100:
                        base.append(await plain(house, url, turns, tools))
                beside = f"plain SDK loop {statistics.median(base):5.1f} ms" if base else ""
                print(
                    f"T={turns:<4} ours {statistics.median(mine):5.1f} ms/turn, {sizes[-1]} bytes journaled  {beside}"
                )


def prompted_tools(house: House) -> Iterator[str]:
    for row in house.store.ledger.runs(5):
        for entry in house.store.read(row.run):
            if isinstance(entry.record, r.Prompted):
                yield house.store.load(entry.record.tools)


def resuming(records: int = 10_000) -> None:
    """Resume of a long run: decode, fold, verify."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "runs" / "journal.db")
        opened = r.Opened(
            mode="attended", service="s", sandbox=True, model="m", policy="p", prompts="q", who="b", limits=r.Limits()
        )
        run = Run.open(store, FrozenClock(NOW), opened)
        body = json.dumps({"id": 7, "content": [{"text": "x" * 300}], "status": "DRAFT", "platforms": []})
        turn = 0
        batch: list[Any] = []
        while run.state.seq + 4 < records:
            turn += 1
            call = r.ToolCall(id=f"c{turn}", name="get_post", arguments='{"post":7}')
            batch = [
                r.Reserved(turn=turn, tokens=100, money=0.0),
                r.Turn(turn=turn, reply='{"role":"assistant"}', calls=(call,)),
                r.Read(key=f"{run.id}.{turn}.0.0", operation="GetPost", arguments='{"id":7}', body=body),
                r.Answered(turn=turn, call=0, text=body),
            ]
            run.add(*batch)
            if turn % 100 == 0:
                run.flush()
        run.flush()
        start = time.perf_counter()
        again = Run.load(store, run.id, FrozenClock(NOW))
        print(f"resume of {again.state.seq} records, verified: {time.perf_counter() - start:.2f} s")


def startup() -> None:
    for args in (["--help"], ["review", "list"]):
        times = []
        for _ in range(7):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-m", "agent", *args], capture_output=True, check=True)
            times.append(time.perf_counter() - start)
        print(f"psa {' '.join(args):<12} {statistics.median(times):.2f} s")


def counting() -> None:
    """Measuring an ordinary post for each network, and cutting a long one into a thread."""
    limits = load_yaml(data_folder("policies") / "networks.yaml", NetworkLimits)
    post = ("We launch the beta 🎉 — read https://example.com/blog?utm=1, ask @ann… #beta e.g. " * 4)[:280]
    for network in NETWORKS:
        print(f"measuring 280 characters for {network:<10} {_median(partial(measure, post, network)):6.1f} µs")
    long = post * 4
    took = _median(
        lambda: parts_of(long, lambda part: excess(part, "twitter", limits.twitter) is None, networks=["twitter"]), 50
    )
    print(f"cutting {len(long)} characters into a thread for X: {took / 1000:.1f} ms")


def _median(work: Callable[[], object], repeats: int = 1000) -> float:
    """Microseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def memory() -> None:
    """Peak memory of one `psa run`, the sandbox included."""
    with tempfile.TemporaryDirectory() as folder:
        goal = 'Draft "The kiln is warm again." for LinkedIn and X'
        subprocess.run([sys.executable, "-m", "agent", "run", goal], cwd=folder, capture_output=True, check=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"psa run, peak memory: {peak:.0f} MB")


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "all"
    if what in {"all", "loop"}:
        asyncio.run(loops())
    if what in {"all", "rest"}:
        counting()
        policy.main()
        resuming()
        startup()
        memory()


if __name__ == "__main__":
    main()
