"""Any order of what people, processes, clocks and the service may do: the contract of effects holds."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.torture.machine import HAPPENED, HomeMachine


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
    return f"{examples} homes of up to {length} steps, 0 doubled, 0 lost, 0 unapproved: {told}"


def test_any_order_of_events(numbers: Callable[[str], None]) -> None:
    numbers(play(15, 14, derandomize=True))
    assert all(HAPPENED[what] > 0 for what in ("effects", "guarded", "approved"))


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(2))
def test_any_order_of_events_at_length(part: int, numbers: Callable[[str], None]) -> None:
    numbers(play(600, 40, derandomize=False))
    for what in (
        "effects",
        "guarded",
        "approved",
        "outcome unknown",
        "crashes",
        "edited",
        "rejected",
        "edit behind",
        "again",
    ):
        assert HAPPENED[what] > 0, what
