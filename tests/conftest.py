"""What all tests share."""

import gc
from collections.abc import Callable

import hypothesis
import pytest

#: How long an example takes is said by what else the machine does; tests that are about time measure it themselves.
hypothesis.settings.register_profile("ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ours")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits goes first, while others work, then the longest: no process is left alone with one at the end.

    Whatever drives a browser is slow.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
    items.sort(key=lambda item: (item.get_closest_marker("waits") is None, "tests/torture/" not in item.nodeid))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The numbers that long tests count, at the end of the run, from whichever process counted them."""
    reports = [report for state in ("passed", "failed") for report in terminalreporter.stats.get(state, ())]
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == "numbers":
                terminalreporter.write_line(str(value))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def numbers(record_property: Callable[[str, object], None], request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say what was counted: it is printed when the whole run ends, `<test>: <line>`."""

    def say(line: str) -> None:
        record_property("numbers", f"{request.node.name}: {line}")

    return say
