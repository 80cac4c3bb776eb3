"""Any order of what people, processes, clocks and the service may do: the contract of effects holds."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.torture.machine import HomeMachine, tally_so_far
from tests.torture.machine_process import HAPPENED


def play(examples: int, length: int, *, derandomize: bool) -> str:
    """Let hypothesis drive homes; the numbers of what happened."""
    HAPPENED.clear()
    profile = settings(
        max_examples=examples,
        stateful_step_count=length,
        derandomize=derandomize,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(HomeMachine, settings=profile)
    told = ", ".join(f"{count} {what}" for what, count in sorted(HAPPENED.items()))
    return f"{tally_so_far().line(HAPPENED['homes'], HAPPENED['kills'])}; up to {length} steps each: {told}"


def test_any_order_of_events(numbers: Callable[[str], None]) -> None:
    numbers(play(12, 12, derandomize=True))
    assert HAPPENED["effects"] > 0 and HAPPENED["guarded"] > 0


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_any_order_of_events_at_length(numbers: Callable[[str], None]) -> None:
    numbers(play(250, 40, derandomize=False))
    wanted = ("effects", "guarded", "outcome unknown", "kills", "conflicts", "voids", "expiries", "repeated attempts")
    assert all(HAPPENED[what] > 0 for what in wanted), HAPPENED
