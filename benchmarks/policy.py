"""What a decision costs: all rules on one post, then each rule alone. Part of `make bench`; also run by itself.

A rule alone works out again what rules of one decision share, so the parts add up to more than the whole.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.api.endpoint import Endpoint
from agent.assembly import packs_with
from agent.policy.effects import effect
from agent.policy.engine import decide
from agent.policy.facts import Facts
from agent.policy.given import load_world
from agent.policy.pack import Pack, Rule
from agent.policy.rules.case import Case
from agent.policy.suite import test_files
from agent.policy.testing import Test, call_of, load_tests

TESTS = Path(__file__).parent.parent / "policies" / "tests"
WORDS = "The kiln is warm again: new spring mugs are here, see https://example.com/mugs #ceramics #handmade"
#: What a whole decision may take, in milliseconds.
MOST_MS = 1.0


def milliseconds(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The median of so many repeats, and what the fastest tenth takes: on a busy machine only that says much."""
    times = []
    for _ in range(repeats):
        start = time.thread_time()  # what other processes take of the machine is not counted
        work()
        times.append(time.thread_time() - start)
    return statistics.median(times) * 1000, statistics.quantiles(times, n=10)[0] * 1000


def promotion(world: Facts) -> Endpoint[Any]:
    """The post: a promotion to two networks."""
    said = {"text": WORDS, "on": ["linkedin", "twitter"], "at": "2026-12-01 09:00"}
    return call_of(Test.model_validate({"rule": "-", "name": "bench", "schedule": said, "expect": "hold"}), world)


def case_for(rule: Rule, post: Case, tests: list[tuple[Path, Test]], world: Facts, pack: Pack) -> Callable[[], Case]:
    """Makes the case a rule is measured on: the post, or where it never looks at one the call of its first test."""
    call, facts, kind = post.call, world, post.effect
    if kind not in rule.effects:
        test = next(test for _, test in tests if test.rule == rule.id)
        facts = test.given.over(world)
        call = call_of(test, facts)
        kind = effect(call, facts)
    return lambda: Case(call, facts, kind, pack.networks, own=pack.own_limits)


def main(repeats: int = 2000) -> None:
    world, pack = load_world(TESTS / "world.yaml"), packs_with(None).of("attended")
    tests = load_tests(test_files(TESTS))
    call = promotion(world)
    whole, fast = milliseconds(lambda: decide(call, world, pack), repeats)
    verdict = decide(call, world, pack).verdict.word
    told = f"{whole:.2f} ms, the fastest tenth {fast:.2f} ms ({verdict}; at most {MOST_MS:.0f} ms)"
    print(f"one decision, {len(pack.rules)} rules on one post: {told}")
    post = Case(call, world, effect(call, world), pack.networks)

    def alone(rule: Rule) -> tuple[float, float]:
        make = case_for(rule, post, tests, world, pack)
        return milliseconds(lambda: list(rule.code.check(make(), rule.params)), repeats // 4)

    for (took, fastest), rule_id in sorted(((alone(rule), rule.id) for rule in pack.by_id), reverse=True):
        print(f"  {took * 1000:7.1f} µs  {fastest * 1000:7.1f} µs  {rule_id}")


if __name__ == "__main__":
    main()
